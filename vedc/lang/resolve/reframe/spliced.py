"""The crops decided for the shots of a clip, as one crop of the clip.

Crops of different shots jump at a cut; through a gradual transition, which lies between the end
of one shot and the beginning of the next, one passes evenly into the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from vedc.edit.easing import value_at
from vedc.edit.time_map import TimeMap, shortly_before
from vedc.edit.timecode import exact_time
from vedc.edit.values import Keyframes
from vedc.lang.resolve.grades.spliced import GradedShot, Stretch, stretched

Rectangle = tuple[float, ...]
"""x, y, width and height, in fractions of the picture."""


_PIECES: Final = 8
"""Straight pieces of an eased move that a stretch cuts."""


@dataclass(frozen=True, slots=True)
class ShotCrop:
    """Seconds of the source, half open, and the crop for them: it moves by frames of the film."""

    begin: Fraction
    end: Fraction
    crop: Rectangle | Keyframes

    def at(self, time: Fraction, fps: Fraction) -> Rectangle:
        """The crop at a time of the clip."""
        if not isinstance(self.crop, Keyframes):
            return self.crop
        value = value_at(self.crop, time * fps)
        assert isinstance(value, tuple)
        return value


def crop_of_clip(
    shots: Sequence[ShotCrop], time_map: TimeMap, head: Fraction, length: Fraction, fps: Fraction
) -> dict[str, Any]:
    """The crop of a clip of these shots, which are in order of the source, as plain data.

    ``time_map`` counts from ``head`` seconds before the origin of the keyframes; ``length`` is from
    there to the clip's end.
    """
    ranges = [GradedShot(shot.begin, shot.end, ()) for shot in shots]
    points: list[tuple[Fraction, Rectangle, str]] = []
    for stretch in stretched(ranges, time_map, head, length):
        for point in _points(stretch, shots, fps):
            if points and points[-1][0] >= point[0]:
                points.pop()
            points.append(point)
    return _plain(points, fps)


def _points(
    stretch: Stretch, shots: Sequence[ShotCrop], fps: Fraction
) -> Iterator[tuple[Fraction, Rectangle, str]]:
    """The keyframes of a stretch, each with the easing to the next."""
    own = shots[stretch.first]
    if not stretch.still or stretch.at[0]:
        following = shots[min(stretch.first + 1, len(shots) - 1)]
        last = shortly_before(stretch.end, stretch.begin)
        for time, at in ((stretch.begin, stretch.at[0]), (last, stretch.at[1])):
            one, two = own.at(time, fps), following.at(time, fps)
            mixed = tuple(a + (b - a) * float(at) for a, b in zip(one, two, strict=True))
            yield time, mixed, "linear" if time == stretch.begin else "step-end"
        return
    if not isinstance(own.crop, Keyframes):
        yield stretch.begin, own.crop, "step-end"
        return
    times = [point.frame / fps for point in own.crop.points]
    easings = [point.easing for point in own.crop.points]
    edges = sorted({stretch.begin, *(t for t in times if stretch.begin < t < stretch.end)})
    edges.append(shortly_before(stretch.end, edges[-1]))
    for begin, end in pairwise(edges):
        holder = max((n for n, t in enumerate(times) if t <= begin), default=None)
        whole = holder is not None and times[holder] == begin and end in times
        if holder is None or holder == len(times) - 1:
            yield begin, own.at(begin, fps), "step-end"
        elif whole or easings[holder] == "linear":
            yield begin, own.at(begin, fps), easings[holder]
        else:  # a part of an eased move
            for k in range(_PIECES):
                time = begin + (end - begin) * k / _PIECES
                yield time, own.at(time, fps), "linear"
    yield last, own.at(last, fps), "step-end"


def _plain(points: Sequence[tuple[Fraction, Rectangle, str]], fps: Fraction) -> dict[str, Any]:
    """Keyframes in the form of a spec, without redundant ones."""
    kept: list[tuple[Fraction, Rectangle, str]] = []
    for point in points:
        rests = kept and kept[-1][2] == "step-end" and kept[-1][1] == point[1]
        if not (rests and point[2] == "step-end"):
            kept.append(point)
    if all(value == kept[0][1] for _, value, _ in kept):
        return rectangle(kept[0][1])
    made = []
    for number, (time, value, easing) in enumerate(kept):
        entry: dict[str, Any] = {"time": exact_time(time, fps), "value": rectangle(value)}
        if easing != "linear" and number + 1 < len(kept):
            entry["easing"] = easing
        made.append(entry)
    return {"keyframes": made}


def rectangle(value: Sequence[float]) -> dict[str, float]:
    """A rectangle as a crop has it; rounded so that it stays inside the picture."""
    x, y = (min(max(round(v, 5), 0.0), 1.0) for v in value[:2])
    width = min(round(value[2], 5), round(1 - x, 5))
    height = min(round(value[3], 5), round(1 - y, 5))
    return {"x": _short(x), "y": _short(y), "width": _short(width), "height": _short(height)}


def _short(value: float) -> float | int:
    return int(value) if value == int(value) else value
