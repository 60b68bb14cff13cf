"""How much of a resting title the edges of the canvas cut off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import cast

from vedc.edit.contents import Placement
from vedc.edit.placement import corner
from vedc.edit.text_box import TextBox
from vedc.edit.values import Keyframes, OpCall, ParamValue
from vedc.support.lazy_dataclass import dataclass

#: The share of a pixel whose cutting is invisible.
_VISIBLE = 0.5

Point = tuple[float, float]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Overhang:
    """Whole pixels beyond each edge of the canvas."""

    left: int
    top: int
    right: int
    bottom: int

    def __str__(self) -> str:
        """``84 px on the right and 3 px at the bottom``."""
        places = (
            (self.left, "on the left"),
            (self.right, "on the right"),
            (self.top, "at the top"),
            (self.bottom, "at the bottom"),
        )
        parts = [f"{pixels} px {side}" for pixels, side in places if pixels]
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)

    @property
    def total(self) -> int:
        return self.left + self.top + self.right + self.bottom


def overhang(
    box: TextBox,
    frame: Placement,
    effects: Sequence[OpCall],
    canvas: Size,
    length: int,
    drawn: float = 1.0,
) -> Overhang | None:
    """What is cut off a title wherever it rests; None if it is whole at some rest.

    A title that moves all the time, such as a ticker, never rests. Of several rests the one with
    the least cut counts: a title that waits outside the canvas and then flies in is whole once.
    ``effects`` are calls of the op ``transform``. ``length`` is in frames. ``drawn`` is the scale
    at which ``box`` is measured.
    """
    if box.ink is None:
        return None
    found = [
        _cut(box, frame, effects, canvas, time, drawn) for time in _rests(frame, effects, length)
    ]
    least = min(found, key=lambda cut: cut.total, default=None)
    return least if least is not None and least.total else None


def _rests(frame: Placement, effects: Sequence[OpCall], length: int) -> list[Fraction]:
    """The beginnings of the stretches, in frames, in which nothing moves the title."""
    values = [frame.of("affine").get("rotation"), *(v for call in effects for _, v in call.params)]
    values += [frame.position, frame.anchor, frame.offset, frame.scale]
    moving = [value for value in values if isinstance(value, Keyframes)]
    ends = {Fraction(0), Fraction(length)}
    times = sorted(ends | {point.frame for value in moving for point in value.points})
    return [
        start
        for start, end in pairwise(times)
        if start < length and all(_at(v, start) == _at(v, end) for v in moving)
    ]


def _at(value: ParamValue, time: Fraction) -> ParamValue:
    """A value at the time of one of its keyframes, or a constant one."""
    if not isinstance(value, Keyframes):
        return value
    before = [point.value for point in value.points if point.frame <= time]
    return before[-1] if before else value.points[0].value


def _cut(
    box: TextBox,
    frame: Placement,
    effects: Sequence[OpCall],
    canvas: Size,
    time: Fraction,
    drawn: float,
) -> Overhang:
    assert box.ink is not None
    position, offset, anchor, scale = (
        cast(Point, _at(value, time))
        for value in (frame.position, frame.offset, frame.anchor, frame.scale)
    )
    point = position[0] * canvas[0] + offset[0], position[1] * canvas[1] + offset[1]
    larger = scale[0] / drawn, scale[1] / drawn
    own = box.width, box.height
    if frame.moves or larger != (1.0, 1.0):
        x, y = (point[i] - anchor[i] * own[i] * larger[i] for i in range(2))
    else:
        x, y = (corner(position[i], offset[i], anchor[i], canvas[i], own[i]) for i in range(2))
    left, top, right, bottom = box.ink
    points: list[Point] = [
        (x + i * larger[0], y + j * larger[1]) for i in (left, right) for j in (top, bottom)
    ]
    for call in effects:
        values = {name: _at(value, time) for name, value in call.params}
        anchor = cast(Point, values["anchor"])
        about = anchor[0] * canvas[0], anchor[1] * canvas[1]
        points = _placed(
            points,
            about,
            cast(Point, values["scale"]),
            cast(float, values["rotation"]),
            cast(Point, values["position"]),
        )
    rotation = _at(frame.of("affine").get("rotation", 0.0), time)
    if rotation:
        points = _placed(points, point, (1.0, 1.0), cast(float, rotation), (0.0, 0.0))
    across, down = zip(*points, strict=True)
    return Overhang(
        _pixels(-min(across)),
        _pixels(-min(down)),
        _pixels(max(across) - canvas[0]),
        _pixels(max(down) - canvas[1]),
    )


def _placed(
    points: Sequence[Point], about: Point, scale: Point, rotation: float, move: Point
) -> list[Point]:
    """Points scaled and turned clockwise about one, then moved."""
    c, s = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    offsets = [((x - about[0]) * scale[0], (y - about[1]) * scale[1]) for x, y in points]
    return [
        (about[0] + x * c - y * s + move[0], about[1] + x * s + y * c + move[1]) for x, y in offsets
    ]


def _pixels(beyond: float) -> int:
    return math.ceil(beyond - 1e-6) if beyond >= _VISIBLE else 0
