"""Scans of files, kept by stamp as probes are: an hour of footage is read once."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from vedc.edit.media_info import MediaInfo
from vedc.media.digest import Stamp, StampCache
from vedc.plan.footage import Entry, Footage, Group

#: Increase when a scan's result or form changes.
_VERSION: Final = 3


class FootageCache:
    """Scans of files, with a cache in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[tuple[Stamp, int], Footage] = {}

    def __call__(self, info: MediaInfo) -> Footage:
        stamp = Stamp.probed(info)
        number = info.video.stream if info.video is not None else 0
        if (stamp, number) not in self._found:
            records = StampCache(self._folder, f"footage-{number}", _VERSION)
            fields = records.get(stamp)
            known = None if fields is None else from_json(fields)
            if known is None:
                from vedc.media.footage.scan import scan

                known = scan(info)
                records.put(stamp, to_json(known))
            self._found[stamp, number] = known
        return self._found[stamp, number]


def to_json(footage: Footage) -> dict[str, Any]:
    fields = {name: getattr(footage, name) for name in Footage.__slots__}
    groups = [[g.first, g.packets, g.at, g.pts, g.entries, g.led] for g in footage.groups]
    return fields | {"groups": groups, "ticks": [*footage.ticks], "coded": [*footage.coded]}


def from_json(fields: dict[str, Any]) -> Footage | None:
    """The inverse; None for a record that this version would not write."""
    try:
        groups = tuple(
            Group(
                int(first),
                int(packets),
                int(at),
                int(pts),
                tuple(Entry(*map(int, entry)) for entry in entries),
                bool(led),
            )
            for first, packets, at, pts, entries, led in fields["groups"]
        )
        pairs = {name: _pair(*fields[name]) for name in ("ticks", "coded")}
        return Footage(**fields | pairs | {"groups": groups})
    except (KeyError, TypeError, ValueError):
        return None


def _pair(first: Any, second: Any) -> tuple[int, int]:
    return int(first), int(second)
