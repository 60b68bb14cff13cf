"""Keyframes in source time, converted to the time of a clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, NamedTuple

from vedc.edit.easing import easing
from vedc.edit.time_map import Part, shortly_before
from vedc.edit.timecode import exact_time
from vedc.lang.resolve.grades.question import GradedItem

_PIECES: Final = 6
"""Linear pieces of an eased move that a part of the clip shows only partly, or backwards."""


class Moving(NamedTuple):
    """A keyframe of a number."""

    time: Fraction
    """Seconds of the source."""
    value: float
    easing: str
    """To the next one."""


def in_clip_time(
    points: Sequence[Moving], item: GradedItem, write: Callable[[float], Any]
) -> dict[str, Any] | Any:
    """A source's keyframes, in order of time, converted to a clip's; a value if it does not change.

    Each frame of the clip has the value of the source's frame that it shows. ``write`` converts a
    value to its form in a spec.
    """
    made: list[tuple[Fraction, float, str]] = []
    parts = list(item.time_map.parts(item.head, item.head + item.length))
    for number, part in enumerate(parts):
        fresh = list(_of_part(part, points, last=number == len(parts) - 1))
        if made and fresh and made[-1][0] >= fresh[0][0]:
            made.pop()
        made += fresh
    kept = [
        point
        for number, point in enumerate(made)
        if not (0 < number < len(made) - 1)
        or not made[number - 1][1] == point[1] == made[number + 1][1]
    ]
    if all(value == kept[0][1] for _, value, _ in kept):
        return write(kept[0][1])
    while kept[-1][1] == kept[-2][1]:  # it holds anyway before the first and after the last
        kept.pop()
    while kept[0][1] == kept[1][1]:
        kept.pop(0)
    keyframes = []
    for number, (time, value, name) in enumerate(kept):
        entry: dict[str, Any] = {
            "time": exact_time(time - item.head, item.fps), "value": write(value)
        }  # fmt: skip
        if name != "linear" and number + 1 < len(kept) and kept[number + 1][1] != value:
            entry["easing"] = name
        keyframes.append(entry)
    return {"keyframes": keyframes}


def _of_part(
    part: Part, points: Sequence[Moving], *, last: bool
) -> list[tuple[Fraction, float, str]]:
    """The keyframes of a part of the clip with constant speed."""
    assert part.end is not None
    if not part.slope or part.end == part.begin:
        return [(part.begin, _at(points, part.source), "linear")]
    end = part.source + part.slope * (part.end - part.begin)
    low, high = min(part.source, end), max(part.source, end)
    edges = sorted({low, high, *(p.time for p in points if low < p.time < high)})
    if part.slope < 0:
        edges.reverse()
    found: list[tuple[Fraction, float, str]] = []

    def film(source: Fraction) -> Fraction:
        assert part.end is not None
        time = part.begin + (source - part.source) / part.slope
        jumps = not last and time == part.end
        return shortly_before(time, found[-1][0] if found else part.begin) if jumps else time

    for one, two in pairwise(edges):
        holder = next((p for p in reversed(points) if p.time <= min(one, two)), None)
        after = next((p for p in points if p.time >= max(one, two)), None)
        whole = (
            holder is not None and after is not None
            and {holder.time, after.time} == {one, two} and part.slope > 0
        )  # fmt: skip
        name = holder.easing if holder is not None else "linear"
        if whole or name == "linear" or holder is None or after is None:
            found.append((film(one), _at(points, one), name if whole else "linear"))
            continue
        for k in range(_PIECES):
            at = one + (two - one) * k / _PIECES
            found.append((film(at), _at(points, at), "linear"))
    found.append((film(edges[-1]), _at(points, edges[-1]), "linear"))
    return found


def _at(points: Sequence[Moving], time: Fraction) -> float:
    """The value at a time of the source."""
    if time <= points[0].time:
        return points[0].value
    for one, two in pairwise(points):
        if time < two.time:
            share = easing(one.easing)(float((time - one.time) / (two.time - one.time)))
            return one.value + (two.value - one.value) * share
    return points[-1].value
