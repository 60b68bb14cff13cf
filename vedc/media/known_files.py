"""Cached facts about files, by their stamp: checking a spec again loads no decoder."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path

from vedc.edit.media_info import USUAL, MediaInfo, Streams, sequence_locator
from vedc.looks.library import READER
from vedc.looks.library import engine as look_engine
from vedc.media.digest import Stamp, StampCache, file_digest
from vedc.media.record import from_json, to_json
from vedc.ops.looks.look_file import KINDS
from vedc.ops.looks.look_info import LookInfo
from vedc.plan.keys import digest

_VERSION = 7
"""Increase when a probe's result or form changes, to invalidate cached probes."""


class ProbeCache:
    """``probe`` of a file or, with a ``rate``, ``probe_sequence``, with a cache in ``folder``.

    A known file with an unchanged stamp costs a stat and a small read and loads no decoder.
    Failures are not cached.
    """

    def __init__(self, folder: Path, *, remember: bool = False) -> None:
        """``remember``: as for :class:`~vedc.media.digest.StampCache`."""
        self._folder, self._remember = folder, remember
        self._records: dict[str, StampCache] = {}

    def __call__(
        self, path: Path, streams: Streams = USUAL, rate: Fraction | None = None
    ) -> MediaInfo:
        """As ``probe``, with the same errors."""
        kind = "probe" if streams == USUAL else f"probe-{streams.video}-{streams.audio}"
        records = self._records.get(kind)
        if records is None:
            records = StampCache(self._folder, kind, _VERSION, remember=self._remember)
            self._records[kind] = records
        locator = path if rate is None else Path(sequence_locator(str(path), rate))
        with contextlib.suppress(OSError, ValueError):  # probing raises the proper error
            stamp = Stamp.of(locator)
            fields = records.get(stamp)
            known = None if fields is None else from_json(fields, stamp)
            if known is not None:
                return known
        info = self._probe(path, streams) if rate is None else self._probe_sequence(path, rate)
        records.put(Stamp.probed(info), to_json(info))
        return info

    # Probing takes long to load, and most files are known.

    @staticmethod
    def _probe(path: Path, streams: Streams) -> MediaInfo:
        from vedc.media.probe import probe

        return probe(path, streams)

    @staticmethod
    def _probe_sequence(pattern: Path, rate: Fraction) -> MediaInfo:
        from vedc.media.probe import probe_sequence

        return probe_sequence(pattern, rate)


class LookCache:
    """Looks at colour files; a valid file is not read again while it is unchanged."""

    def __init__(self, folder: Path) -> None:
        self._records = StampCache(folder, "look", READER)

    def __call__(self, path: Path) -> LookInfo:
        """Raises UserError for an invalid file."""
        from vedc.looks import guarded

        stamp = Stamp.of(path)
        fields = self._records.get(stamp)
        if fields is not None:
            with contextlib.suppress(ValueError):
                return guarded.from_json(fields)
        found = guarded.probe(path)
        self._records.put(stamp, guarded.to_json(found))
        return found


def content_name(cache: Path, path: str) -> str:
    """The digest of a file's content, cached in the folder ``cache`` by size and time of change;
    for a colour file, with the versions of its readers. Raises OSError."""
    found = file_digest(Path(path), cache)
    kind = Path(path).suffix.lower()
    if kind in KINDS and kind != ".cube":
        return digest((found, kind, look_engine()))
    return found
