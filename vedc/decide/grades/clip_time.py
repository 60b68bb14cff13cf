"""Steps with values that move in source time, converted to the time of a clip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final, NamedTuple

from vedc.decide.grades.shot import Step
from vedc.edit.easing import value_at
from vedc.edit.time_map import Part, shortly_before
from vedc.edit.timecode import exact_time
from vedc.edit.values import Keyframe, Keyframes
from vedc.lang.resolve.grades.question import GradedItem

_MOST: Final = 9999
"""The most steps of an easing."""


class _Point(NamedTuple):
    """A keyframe in the clip's time, its handle included."""

    time: Fraction
    value: Any
    easing: str = "linear"


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
    rate = _held_rate(item, moving)
    points: list[_Point] = []
    for part in item.time_map.parts(item.head, item.head + item.length):
        if rate is None:
            points += _points(part, moving, Fraction(0))
        elif _on_frames(part, item.fps, rate):
            points += _points(part, moving, 1 / rate if part.slope < 0 else Fraction(0))
        else:
            points += _held_points(part, moving, rate)
    kept = [
        point
        for number, point in enumerate(points)
        if not (0 < number < len(points) - 1)
        or not points[number - 1].value == point.value == points[number + 1].value
    ]
    if all(point.value == kept[0].value for point in kept):
        return kept[0].value
    made = []
    for number, (time, found, easing) in enumerate(kept, 1):
        entry = {"time": exact_time(time - item.head, item.fps), "value": found}
        if easing != "linear" and number < len(kept):
            entry["easing"] = easing
        made.append(entry)
    return {"keyframes": made}


def _held_rate(item: GradedItem, moving: Keyframes) -> Fraction | None:
    """The rate of a file whose frames are seen one by one, and each held until the next; None where
    what lies between is drawn, or values move between frames."""
    media = item.media
    if media is None or media.video is None or media.video.scan != "progressive":
        return None
    if item.shown.frame.of("source").get("sampling", "nearest") != "nearest":
        return None
    rate = media.video.rate
    whole = all(point.easing == "linear" for point in moving.points) and all(
        (point.frame * rate).denominator == 1 for point in moving.points
    )
    return rate if whole else None


def _on_frames(part: Part, fps: Fraction, rate: Fraction) -> bool:
    """Whether all frames of the film in a part are seen as frames of the file begin."""
    first = Fraction(ceil(part.begin * fps), 1) / fps
    begin = (part.source + part.slope * (first - part.begin)) * rate
    return begin.denominator == 1 == (part.slope * rate / fps).denominator


def _points(part: Part, moving: Keyframes, lag: Fraction) -> Iterator[_Point]:
    """The values at the ends of a part of the clip, and at the source's keyframes.

    ``lag``: seconds of the source after its own time at which a value is seen.
    """
    assert part.end is not None
    times = {part.begin}
    if part.slope:
        times |= {part.begin + (p.frame + lag - part.source) / part.slope for p in moving.points}
        times.add(part.end)
    last = part.begin
    for time in sorted(time for time in times if part.begin <= time <= part.end):
        at = time if time < part.end else shortly_before(time, last)
        found = value_at(moving, part.source + part.slope * (at - part.begin) - lag)
        yield _Point(at, _rounded(found))
        last = time


def _held_points(part: Part, moving: Keyframes, rate: Fraction) -> Iterator[_Point]:
    """Values that change as the frames of the file do."""
    assert part.end is not None

    def shown(time: Fraction) -> Fraction:
        return (part.source + part.slope * (time - part.begin)) * rate

    back = part.slope < 0
    first = ceil(shown(part.begin)) - 1 if back else floor(shown(part.begin))
    last = floor(shown(part.end)) if back else ceil(shown(part.end)) - 1
    if not part.slope or first == last:
        yield _Point(part.begin, _rounded(value_at(moving, first / rate)), "step-end")
        return
    step = -1 if back else 1
    marks = {int(point.frame * rate) for point in moving.points}
    # The first may be seen for a part of its time.
    marks = {first, first + step, last} | {n for n in marks if (n - first) * step >= 0}
    marks = {n for n in marks if (last - n) * step >= 0}
    run = sorted(marks, reverse=back)
    for number, frame in enumerate(run):
        begin = part.begin + ((frame + back) / rate - part.source) / part.slope
        count = abs(run[number + 1] - frame) if number + 1 < len(run) else 1
        easing = "step-end" if count == 1 else f"steps({count})"
        value = _rounded(value_at(moving, frame / rate))
        yield _Point(max(begin, part.begin), value, easing if count <= _MOST else "linear")


def _rounded(value: float | tuple[float, ...]) -> Any:
    if isinstance(value, Sequence):
        return [round(v, 6) for v in value]
    return round(value, 6)


def _keyframe(point: Mapping[str, Any]) -> Keyframe:
    value = point["value"]
    numbers = tuple(map(float, value)) if isinstance(value, (list, tuple)) else float(value)
    time = Fraction(str(point["time"]).removesuffix("s"))
    return Keyframe(time, numbers, point.get("easing", "linear"))
