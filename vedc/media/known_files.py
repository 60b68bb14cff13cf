"""What is already known of files, by their stamp: checking a spec again loads no decoder."""

from __future__ import annotations

from pathlib import Path

from vedc.edit.media_info import USUAL, MediaInfo, Streams
from vedc.media.digest import Stamp, StampCache
from vedc.media.record import from_json, to_json

_VERSION = 6
"""Increase when a probe's result or form changes, to invalidate cached probes."""


class ProbeCache:
    """:func:`vedc.media.probe.probe` with a cache in ``folder``.

    A known file with an unchanged stamp costs a stat and a small read and loads no decoder.
    Failures are not cached.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, path: Path, streams: Streams = USUAL) -> MediaInfo:
        """As ``probe``, with the same errors."""
        kind = "probe" if streams == USUAL else f"probe-{streams.video}-{streams.audio}"
        records = StampCache(self._folder, kind, _VERSION)
        try:
            stamp = Stamp.of(path)
        except (OSError, ValueError):
            return self._probe(path, streams)  # raises the proper error
        fields = records.get(stamp)
        if fields is not None:
            info = from_json(fields, stamp)
            if info is not None:
                return info
        info = self._probe(path, streams)
        records.put(Stamp.probed(info), to_json(info))
        return info

    @staticmethod
    def _probe(path: Path, streams: Streams) -> MediaInfo:
        from vedc.media.probe import probe  # takes long to load, and most files are known

        return probe(path, streams)


class TableCache:
    """Checks lookup tables; one that read well once is not read again while it is unchanged."""

    def __init__(self, folder: Path) -> None:
        self._records = StampCache(folder, "table", 1)

    def __call__(self, path: Path) -> None:
        """Raises UserError where the table does not read well."""
        stamp = Stamp.of(path)
        if self._records.get(stamp) is None:
            from vedc.ops.shared import cube

            cube.check(path)
            self._records.put(stamp, {"sound": True})
