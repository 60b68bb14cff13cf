"""File identity: stamps (path, size, times, inode), digests, and records cached by stamp.

A :class:`StampCache` has one small JSON file per media file. A record is valid only for the
stamp it was made for, so nothing needs invalidation. A record that is damaged or belongs to
another version or file counts as absent.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from _blake2 import blake2b  # all of hashlib would load OpenSSL
from fractions import Fraction
from pathlib import Path
from typing import Any

from vedc.edit.media_info import MediaInfo, sequence_locator, split_locator
from vedc.support.atomic_write import write_whole
from vedc.support.file_patterns import listed
from vedc.support.lazy_dataclass import dataclass
from vedc.support.read_json import read_json
from vedc.support.regular_files import read_regular

_DIGEST_VERSION = 1
_DIGEST_BYTES = 32
#: Records that a cache remembers.
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Stamp:
    """File attributes that change when a file is written. ``path`` is absolute, links not resolved.

    Tools can write a file and set its mtime back; its ctime follows the clock. A copy has another
    stamp. ``inode`` is 0 where the file system has none.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Of a file, or of a sequence by its locator. Raises OSError if it does not exist."""
        pattern, rate = split_locator(os.fspath(path))
        if rate is not None:
            return cls.of_sequence(Path(pattern), Fraction(rate))
        status = os.stat(path)
        times = status.st_mtime_ns, status.st_ctime_ns
        return cls(os.path.abspath(path), status.st_size, *times, status.st_ino)

    @classmethod
    def of_sequence(cls, pattern: Path, rate: Fraction) -> Stamp:
        """Of all pictures of a sequence: ``size`` and times are the sum and the latest of theirs,
        ``inode`` is a digest of all their stamps. Raises OSError if there are none."""
        stamps = sequence_stamps(pattern)
        if not stamps:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(pattern))
        facts = [[s.path, s.size, s.mtime_ns, s.ctime_ns, s.inode] for s in stamps]
        whole = blake2b(json.dumps(facts).encode(), digest_size=6).hexdigest()
        return cls(
            sequence_locator(str(pattern), rate),
            sum(stamp.size for stamp in stamps),
            max(stamp.mtime_ns for stamp in stamps),
            max(stamp.ctime_ns for stamp in stamps),
            int(whole, 16),
        )

    @classmethod
    def probed(cls, info: MediaInfo) -> Stamp:
        """The stamp that a file had when it was probed."""
        return cls(info.locator, info.size, info.mtime_ns, info.ctime_ns, info.inode)


def sequence_stamps(pattern: Path) -> list[Stamp]:
    """The stamps of a sequence's pictures, in order. Raises OSError, or ValueError for a pattern
    that cannot be used."""
    return [Stamp.of(Path(file)) for file in listed(pattern).files]


class StampCache:
    """Records of one ``kind`` in a folder, by file stamp.

    Safe for concurrent readers and writers. If the folder cannot be written, nothing is cached.
    """

    def __init__(self, folder: Path, kind: str, version: int, *, remember: bool = False) -> None:
        """``remember``: keep records in memory, since many films of one spec name the same
        files."""
        self._folder = folder
        self._kind = kind
        self._version = version
        self._remember = remember
        self._read: dict[Stamp, dict[str, Any]] = {}

    def _place(self, path: str) -> Path:
        key = blake2b(os.fsencode(path), digest_size=16).hexdigest()
        return self._folder / f"{self._kind}-{key}.json"

    def _head(self, stamp: Stamp) -> dict[str, object]:
        return {
            "kind": self._kind,
            "version": self._version,
            "path": stamp.path,
            "size": stamp.size,
            "mtime_ns": stamp.mtime_ns,
            "ctime_ns": stamp.ctime_ns,
            "inode": stamp.inode,
        }

    def get(self, stamp: Stamp) -> dict[str, Any] | None:
        """The fields cached for the file as it is now, or None."""
        if stamp in self._read:
            return self._read[stamp]
        fields = self._load(stamp)
        if fields is not None and self._remember:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[stamp] = fields
        return fields

    def _load(self, stamp: Stamp) -> dict[str, Any] | None:
        try:
            record = read_json(read_regular(self._place(stamp.path)))
        except (OSError, ValueError):
            return None
        if not isinstance(record, dict):
            return None
        if any(record.get(key) != value for key, value in self._head(stamp).items()):
            return None
        fields = record.get("fields")
        if not isinstance(fields, dict) or record.get("sum") != _sum(fields):
            return None
        return fields

    def put(self, stamp: Stamp, fields: dict[str, Any]) -> None:
        """Cache ``fields`` (of JSON types) for the file that ``stamp`` describes."""
        record = self._head(stamp) | {"fields": fields, "sum": _sum(fields)}
        text = json.dumps(record, separators=(",", ":"))
        # The cache only saves time: a full or read-only disk is no error here.
        with contextlib.suppress(OSError):
            write_whole(self._place(stamp.path), text.encode())


def _sum(fields: dict[str, Any]) -> str:
    """A digest of JSON fields, which detects damaged records."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=8).hexdigest()


def file_digest(path: Path, cache: Path | None) -> str:
    """BLAKE2b-256 of the file's bytes, as 64 hexadecimal digits.

    With ``cache`` (a folder) the digest is cached by stamp, and the file is read only when
    that changes. ``path`` may be the locator of a sequence: then its pictures, their order and its
    rate count. Raises OSError if the file cannot be read.
    """
    pattern, rate = split_locator(os.fspath(path))
    if rate is not None:
        return _sequence_digest(Path(pattern), rate, cache)
    stamp = Stamp.of(path)
    cached = StampCache(cache, "digest", _DIGEST_VERSION) if cache is not None else None
    if cached is not None:
        fields = cached.get(stamp)
        if fields is not None and isinstance(digest := fields.get("blake2b"), str):
            return digest
    digest = _digest(path)
    if cached is not None and Stamp.of(path) == stamp:
        cached.put(stamp, {"blake2b": digest})
    return digest


def _digest(path: Path) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(
            file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)
        ).hexdigest()


def _sequence_digest(pattern: Path, rate: str, cache: Path | None) -> str:
    """A digest of all pictures and their times; one record holds the digest of each picture, so
    that only changed ones are read again."""
    stamps = sequence_stamps(pattern)
    whole = Stamp(str(pattern), 0, 0, 0, 0)  # the record is of the pattern, not of its files
    cached = StampCache(cache, "sequence", _DIGEST_VERSION) if cache is not None else None
    held = cached.get(whole) if cached is not None else None
    known = held.get("files") if held is not None else None
    known = known if isinstance(known, dict) else {}
    found: dict[str, list[object]] = {}
    for stamp in stamps:
        facts = [stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode]
        entry = known.get(stamp.path)
        if not isinstance(entry, list) or entry[:4] != facts or not isinstance(entry[-1], str):
            entry = [*facts, _digest(Path(stamp.path))]
        found[stamp.path] = entry
    if cached is not None and found != known and sequence_stamps(pattern) == stamps:
        cached.put(whole, {"files": found})
    frames = listed(pattern).frames
    content = [rate, frames, [entry[-1] for entry in found.values()]]
    return blake2b(json.dumps(content).encode(), digest_size=_DIGEST_BYTES).hexdigest()
