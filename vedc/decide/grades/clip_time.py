"""Steps with values that move in source time, converted to the time of a clip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from vedc.decide.grades.shot import Step
from vedc.edit.easing import value_at
from vedc.edit.time_map import Part, shortly_before
from vedc.edit.timecode import exact_time
from vedc.edit.values import Keyframe, Keyframes
from vedc.lang.resolve.grades.question import GradedItem


def in_clip_time(step: Step, item: GradedItem) -> dict[str, Any]:
    """A step, with its keyframes converted from seconds of the source to the clip's time.

    Whatever the clip's time map, each of its frames has the value of the source frame that it
    shows. A value that does not change becomes a constant.
    """
    return {key: _value(value, item) for key, value in step.items()}


def _value(value: Any, item: GradedItem) -> Any:
    if not isinstance(value, Mapping) or "keyframes" not in value:
        return value
    moving = Keyframes(tuple(map(_keyframe, value["keyframes"])))
    points: list[tuple[Fraction, Any]] = []
    for part in item.time_map.parts(item.head, item.head + item.length):
        points += _points(part, moving)
    kept = [
        point
        for number, point in enumerate(points)
        if not (0 < number < len(points) - 1)
        or not points[number - 1][1] == point[1] == points[number + 1][1]
    ]
    if all(point[1] == kept[0][1] for point in kept):
        return kept[0][1]
    made = [{"time": exact_time(time - item.head, item.fps), "value": v} for time, v in kept]
    return {"keyframes": made}


def _points(part: Part, moving: Keyframes) -> Iterator[tuple[Fraction, Any]]:
    """The values at the ends of a part of the clip, and at the source's keyframes."""
    assert part.end is not None
    times = {part.begin}
    if part.slope:
        times |= {part.begin + (p.frame - part.source) / part.slope for p in moving.points}
        times.add(part.end)
    last = part.begin
    for time in sorted(time for time in times if part.begin <= time <= part.end):
        found = value_at(moving, part.source + part.slope * (time - part.begin))
        yield time if time < part.end else shortly_before(time, last), _rounded(found)
        last = time


def _rounded(value: float | tuple[float, ...]) -> Any:
    if isinstance(value, Sequence):
        return [round(v, 6) for v in value]
    return round(value, 6)


def _keyframe(point: Mapping[str, Any]) -> Keyframe:
    value = point["value"]
    numbers = tuple(map(float, value)) if isinstance(value, (list, tuple)) else float(value)
    time = Fraction(str(point["time"]).removesuffix("s"))
    return Keyframe(time, numbers, point.get("easing", "linear"))
