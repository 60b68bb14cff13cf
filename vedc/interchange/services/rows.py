"""Items with a start and a length, as tracks without overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vedc.interchange.common.draft import Noted, noted, seconds


@dataclass
class Timed:
    """An item with its times in seconds; None is unknown."""

    keys: dict[str, Any]
    start: Fraction | None
    """None: after the item before it."""
    length: Fraction | None
    """None: as long as its file."""
    to_end: bool = False
    """Whether it lasts until the end of the film."""
    remark: str = ""


def rows(items: Sequence[Timed], prefix: str) -> list[dict[str, Any]]:
    """Tracks of the items, as few as they fit on without overlapping, in their order."""
    found: list[tuple[Fraction | None, list[Noted]]] = []
    for item in items:
        place = next((k for k, (end, _) in enumerate(found) if _fits(item, end)), None)
        if place is None:
            place = len(found)
            found.append((Fraction(0), []))
        end, clips = found[place]
        start = item.start if item.start is not None else end
        clips.append(_item(item, end))
        found[place] = (_end(item, start), clips)
    tracks = []
    for k, (_, clips) in enumerate(found):
        tracks.append({"id": prefix if not k else f"{prefix}-{k + 1}", "clips": clips})
    return tracks


def _end(item: Timed, start: Fraction | None) -> Fraction | None:
    if start is None or item.length is None or item.to_end:
        return None
    return start + item.length


def _fits(item: Timed, end: Fraction | None) -> bool:
    if item.start is None:
        return True
    return end is not None and item.start >= end


def _item(item: Timed, end: Fraction | None) -> Noted:
    keys: dict[str, Any] = {}
    for key, value in item.keys.items():
        keys[key] = value
        if key in ("clip", "image", "text", "color", "generator", "composition"):
            if item.start is not None and item.start != end:
                keys["start"] = seconds(item.start)
            if item.to_end:
                keys["duration"] = "100%"
            elif item.length is not None:
                keys["duration"] = seconds(item.length)
    return noted(keys, item.remark)
