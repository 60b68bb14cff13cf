"""The segment store: rendered segments and sound, by key.

::

    cache/
      CACHEDIR.TAG, .gitignore        keep it out of backups and commits
      lock                            held while entries are removed or pinned
      entries/ab/<key>.json           key, digest, size, kind, meta; its mtime is the last use
      entries/ab/<key>.<digest>       the payload
      drafts/                         files being written, each locked by its process
      pins/                           keys that a running render needs; it locks its file

An entry exists once its JSON does, which is renamed into place last: a process that dies leaves
at most a draft, which the next render removes, or a payload without JSON, which ``gc`` removes
after a day. Nothing is synced to disk: after a power failure, digests reveal damaged entries. The
JSON names its key and has a digest of itself: renamed or changed, it counts as absent. A cache may
come from anyone, so only regular files with such names are read or removed, and the folders must
not be links.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from vedc.errors import InternalError, Problem, RenderError
from vedc.support.drafts import new_draft, remove_abandoned
from vedc.support.lazy_dataclass import dataclass
from vedc.support.read_json import read_json
from vedc.support.regular_files import open_regular, read_regular

GIB: Final = 1 << 30
DEFAULT_LIMIT: Final = 10 * GIB

_VERSION: Final = 2
_KEY: Final = re.compile(r"[0-9A-Za-z_-]{4,128}")
#: Names of entries and their payloads; of drafts; of pins.
_ENTRY: Final = re.compile(r"[0-9A-Za-z_-]{4,128}\.(json|[0-9a-f]{64})")
_DRAFT: Final = re.compile(r"[0-9A-Za-z_-]{4,128}\.[0-9a-f]{12}")
_PIN: Final = re.compile(r"[0-9a-f]{16}(\.lock)?")
#: Most bytes of an entry's JSON.
_NOTE: Final = 1 << 22
_DAY: Final = 24 * 3600.0
_BLOCK: Final = 1 << 20

#: Collection goes this far below the limit, so that not every publication triggers it.
_LOW_WATER: Final = 0.9
#: The store is measured again after this fraction of the limit was published, because other
#: processes publish, too.
_MEASURE_AFTER: Final = 1 / 16

_CACHEDIR_TAG: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Rendered segments of vedc; safe to delete. See https://bford.info/cachedir/\n"
)


@dataclass(frozen=True, slots=True)
class StoreEntry:
    key: str
    path: Path
    """The payload."""
    kind: str
    size: int
    """Bytes."""
    digest: str
    """SHA-256 of the payload, in hexadecimal."""
    meta: Mapping[str, Any]
    """The producer's notes: ``frames``, ..."""
    used: float
    """Time of the last use, in seconds since the epoch."""


class Store:
    """Payloads by key, in a folder that several processes may use at once.

    A render first pins its keys: none of these entries is evicted while it runs, even if the
    store outgrows ``limit`` (bytes). Creating a ``Store`` and reading from it do not touch the
    disk. Methods that write raise RenderError (``cannot-use-cache``) if they cannot.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        self.folder = folder
        self.limit = DEFAULT_LIMIT if limit is None else limit
        self.damaged = 0
        """Entries that ``get`` found damaged and removed."""
        self._entries, self._drafts = folder / "entries", folder / "drafts"
        self._pins = folder / "pins"
        self._verified: dict[Path, tuple[int, int, int]] = {}
        self._room: int | None = None
        """Bytes that may be published before the store is measured again."""

    # -- reading ---------------------------------------------------------------------------

    def path_of(self, key: str) -> Path:
        """The file of an entry. Raises RenderError if it is gone."""
        entry = self.get(key)
        if entry is None:
            raise RenderError.one(
                "cache-changed",
                f"entry {key[:12]} left the cache at {self.folder} during the render",
                hint="render again, and do not empty the cache during a render",
            )
        return entry.path

    def has(self, key: str) -> bool:
        """Whether an entry exists and has its size. Does not read its bytes."""
        entry = self._load(self._index(key))
        try:
            return entry is not None and entry.path.stat().st_size == entry.size
        except OSError:
            return False

    def get(self, key: str) -> StoreEntry | None:
        """The intact entry of a key, marked as used now; else ``None``.

        The digest is checked once per process, and again when the file changes. A damaged entry
        is removed and counted in ``damaged``.
        """
        index = self._index(key)
        entry = self._load(index)
        if entry is None:
            return None
        if not self._intact(entry):
            self.damaged += 1
            self._discard(entry)
            return None
        with suppress(OSError):  # a read-only store is still useful
            os.utime(index)
        return entry

    def missing(self, keys: Iterable[str]) -> set[str]:
        """The keys without an intact entry."""
        return {key for key in keys if self.get(key) is None}

    def ls(self) -> list[StoreEntry]:
        """All entries, the least recently used first."""
        found = (self._load(index) for index in self._entries.glob("*/*.json"))
        return sorted((e for e in found if e is not None), key=lambda e: (e.used, e.key))

    def verify(self) -> list[str]:
        """Read every payload again; remove the damaged ones and return their keys."""
        bad = []
        for entry in self.ls():
            self._verified.pop(entry.path, None)
            if not self._intact(entry):
                self._discard(entry)
                bad.append(entry.key)
        return sorted(bad)

    # -- writing ---------------------------------------------------------------------------

    @contextmanager
    def put(
        self, key: str, kind: str = "video", meta: Mapping[str, Any] | None = None
    ) -> Iterator[Path]:
        """A path for the block to write to; if it succeeds, the file becomes the entry.

        If the block raises, the file is removed. An existing entry with the key is replaced.
        ``meta`` must be JSON data; the block may still add to it.
        """
        index = self._index(key)
        self._prepare()
        with self._draft(key) as draft:
            yield draft
            size = self._publish(index, draft, kind, dict(meta or {}))
        self._keep_limit(size)

    @contextmanager
    def pin(self, keys: Iterable[str]) -> Iterator[None]:
        """Protect entries with these keys, existing or future, while the block runs.

        A pin ends with its process, even a killed one: the system releases the lock. Leftovers of
        killed processes are removed first.
        """
        self._prepare()
        name = self._pins / secrets.token_hex(8)
        lock = FileLock(_lock_of(name), thread_local=False)
        try:
            with self._exclusive(), self._writing():
                self._pinned()
                remove_abandoned(_named(self._drafts, _DRAFT))
                lock.acquire()
                name.write_text("\n".join(keys), encoding="utf-8")
            yield
        finally:
            with suppress(OSError):
                name.unlink(missing_ok=True)
            lock.release()
            with suppress(OSError):
                _lock_of(name).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove unfinished files of killed processes."""
        remove_abandoned(_named(self._drafts, _DRAFT))

    def witness(self) -> str:
        """The name of a file that no other store has, while something is pinned here."""
        return next((path.name for path in _named(self._pins, _PIN) if not path.suffix), "")

    def forget_witness(self) -> None:
        """The witness is no longer needed."""

    def look_again(self, keys: Iterable[str]) -> None:
        """Make the client of a network folder query its server for entries cached as absent."""
        for folder in {self._index(key).parent for key in keys}:
            with suppress(OSError):
                os.listdir(folder)

    def is_that_of(self, witness: str) -> bool:
        """Whether another process, perhaps on another machine, uses this store."""
        return bool(_PIN.fullmatch(witness)) and (self._pins / witness).is_file()

    def gc(self, limit: int | None = None) -> list[StoreEntry]:
        """Remove leftovers, then entries, least recently used first, down to ``limit`` bytes.

        ``limit`` defaults to the store's own; 0 removes everything that no running render needs.
        Returns the removed entries.
        """
        if not self.folder.exists():
            return []
        self._prepare()
        return self._collect(self.limit if limit is None else limit)

    # -- overridden by stores shared between machines ----------------------------------------

    def fetch(self, keys: Iterable[str], note: Callable[[str], None] | None = None) -> None:
        """Fetch those of these entries that others have; ``note`` receives messages about it."""

    def expect(self, key: str) -> None:
        """Another process reports that it has stored and shared an entry."""

    def share(self, keys: Iterable[str]) -> None:
        """Share those of these entries that exist here."""

    def when_shared(self, key: str, then: Callable[[], None]) -> None:
        """Call ``then``, perhaps on another thread, once others can have an entry just put."""
        then()

    def settle(self) -> list[Problem]:
        """Wait until others can have everything; returns warnings about it."""
        return []

    # -- inside ----------------------------------------------------------------------------

    def _index(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise InternalError(f"not a key of the store: {key!r}")
        return self._entries / key[:2] / f"{key}.json"

    def _load(self, index: Path) -> StoreEntry | None:
        """The entry of an index file, if it exists and can be read."""
        try:
            record = read_json(read_regular(index, _NOTE))
            sealed = record.pop("sum") == _sum(record)
            if not sealed or (record["version"], record["key"]) != (_VERSION, index.stem):
                return None
            digest, size = str(record["digest"]), int(record["size"])
            path = index.with_name(f"{index.stem}.{digest}")
            used = index.stat().st_mtime
            kind, meta = str(record["kind"]), record["meta"]
            return StoreEntry(index.stem, path, kind, size, digest, meta, used)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # absent, damaged, renamed, or written by another version

    def _intact(self, entry: StoreEntry) -> bool:
        try:
            stamp = _stamp(entry.path)
            if self._verified.get(entry.path) == stamp:
                return True
            if stamp[0] != entry.size or _sha256(entry.path) != entry.digest:
                return False
        except OSError:
            return False
        self._verified[entry.path] = stamp
        return True

    @contextmanager
    def _draft(self, key: str) -> Iterator[Path]:
        with ExitStack() as stack:
            with self._writing():
                name = new_draft(lambda: self._drafts / f"{key}.{secrets.token_hex(6)}")
                draft = stack.enter_context(name)
            try:
                yield draft
            finally:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)

    def _publish(self, index: Path, draft: Path, kind: str, meta: dict[str, Any]) -> int:
        if not draft.is_file() or not draft.stat().st_size:
            raise InternalError(f"nothing was written for key {index.stem}")
        with self._writing():
            digest, size = _sha256(draft), draft.stat().st_size
            record = {
                "version": _VERSION, "key": index.stem, "digest": digest, "size": size,
                "kind": kind, "meta": meta,
            }  # fmt: skip
            text = json.dumps({**record, "sum": _sum(record)}, sort_keys=True)
            # A payload with other bytes stays for now: another process may be reading it.
            path = index.with_name(f"{index.stem}.{digest}")
            path.parent.mkdir(exist_ok=True)
            for taken in (path, index):
                if taken.is_dir() and not taken.is_symlink():  # foreign, and in the way
                    shutil.rmtree(taken)
            os.replace(draft, path)
            self._verified[path] = _stamp(path)
            with self._draft(index.stem) as note:
                note.write_text(text, encoding="utf-8")
                os.replace(note, index)
        return size

    def _discard(self, entry: StoreEntry) -> None:
        """Remove an entry, unless another process has replaced it in the meantime."""
        self._verified.pop(entry.path, None)
        index = self._index(entry.key)
        with suppress(OSError, RenderError), self._exclusive():
            now = self._load(index)
            if now is None or (now.digest == entry.digest and not self._intact(now)):
                index.unlink(missing_ok=True)
                entry.path.unlink(missing_ok=True)

    def _keep_limit(self, published: int) -> None:
        if self._room is not None:
            self._room -= published
        if self._room is None or self._room < 0:
            size = sum(entry.size for entry in self.ls())
            if size > self.limit:
                size -= sum(e.size for e in self._collect(int(self.limit * _LOW_WATER)))
            self._room = int(self.limit * _MEASURE_AFTER)
            if size <= self.limit:  # otherwise all is pinned, and measuring sooner is useless
                self._room = min(self._room, self.limit - size)

    def _collect(self, limit: int) -> list[StoreEntry]:
        removed = []
        with self._exclusive(), self._writing():
            self._sweep(time.time() - _DAY)
            pinned = self._pinned()
            entries = self.ls()
            size = sum(entry.size for entry in entries)
            for entry in entries:
                if size <= limit:
                    break
                if entry.key in pinned:
                    continue
                self._index(entry.key).unlink(missing_ok=True)
                entry.path.unlink(missing_ok=True)
                self._verified.pop(entry.path, None)
                size -= entry.size
                removed.append(entry)
        return removed

    def _sweep(self, before: float) -> None:
        """Remove files that belong to no entry and are older than ``before``."""
        entries = self.ls()
        named = {e.path for e in entries} | {self._index(e.key) for e in entries}
        remove_abandoned(_named(self._drafts, _DRAFT))
        inside = (p for f in self._entries.iterdir() if len(f.name) == 2 for p in _named(f, _ENTRY))
        for path in inside:
            with suppress(OSError):  # gone already: another process published it
                if path not in named and path.stat().st_mtime < before:
                    path.unlink()

    def _pinned(self) -> set[str]:
        """Keys pinned by live processes. Removes the pins of dead ones."""
        keys: set[str] = set()
        for name in {path.with_suffix("") for path in _named(self._pins, _PIN)}:
            try:
                with FileLock(_lock_of(name), timeout=0):
                    name.unlink(missing_ok=True)
                _lock_of(name).unlink(missing_ok=True)
            except Timeout:
                with suppress(FileNotFoundError):  # its render has just ended
                    keys.update(read_regular(name).decode("utf-8", "replace").split())
        return keys

    def _prepare(self) -> None:
        with self._writing():
            for folder in (self._entries, self._drafts, self._pins):
                folder.mkdir(parents=True, exist_ok=True)
                if folder.is_symlink():
                    raise OSError(errno.ELOOP, "a link", str(folder))
            for name, text in (("CACHEDIR.TAG", _CACHEDIR_TAG), (".gitignore", "*\n")):
                if not (self.folder / name).exists():
                    (self.folder / name).write_text(text, encoding="utf-8")

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """A lock held for milliseconds, while no other process pins or removes."""
        lock = FileLock(self.folder / "lock")
        with self._writing():
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            reason = os.strerror(error.errno).lower() if error.errno else str(error)
            raise RenderError.one(
                "cannot-use-cache",
                f"cannot write to the cache {self.folder}: {reason}",
                hint="free some space on the disk (vedc cache gc)"
                if full
                else "delete it (its content can be made again), or choose another with --cache",
            ) from error


def _lock_of(pin: Path) -> Path:
    return pin.with_suffix(".lock")


def _named(folder: Path, pattern: re.Pattern[str]) -> Iterator[Path]:
    """The files in a folder that may be the store's."""
    if folder.is_dir() and not folder.is_symlink():
        yield from (path for path in folder.iterdir() if pattern.fullmatch(path.name))


def _sum(record: Mapping[str, Any]) -> str:
    """The digest of an entry's JSON, without that digest itself."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _stamp(path: Path) -> tuple[int, int, int]:
    known = path.stat()
    return known.st_size, known.st_mtime_ns, known.st_ino


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open_regular(path) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
