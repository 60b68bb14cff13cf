"""What is already known of files, by their stamp: checking a spec again loads no decoder."""

from __future__ import annotations

from pathlib import Path

from vedc.edit.media_info import MediaInfo
from vedc.media.digest import Stamp, StampCache
from vedc.media.record import from_json, to_json

_VERSION = 2
"""Increase when a probe's result or form changes, to invalidate cached probes."""


class ProbeCache:
    """:func:`vedc.media.probe.probe` with a cache in ``folder``.

    A known file with an unchanged stamp costs a stat and a small read and loads no decoder.
    Failures are not cached.
    """

    def __init__(self, folder: Path) -> None:
        self._records = StampCache(folder, "probe", _VERSION)

    def __call__(self, path: Path) -> MediaInfo:
        """As ``probe``, with the same errors."""
        try:
            stamp = Stamp.of(path)
        except (OSError, ValueError):
            return self._probe(path)  # raises the proper error
        fields = self._records.get(stamp)
        if fields is not None:
            info = from_json(fields, stamp)
            if info is not None:
                return info
        info = self._probe(path)
        self._records.put(Stamp.probed(info), to_json(info))
        return info

    @staticmethod
    def _probe(path: Path) -> MediaInfo:
        from vedc.media.probe import probe  # takes long to load, and most files are known

        return probe(path)


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
