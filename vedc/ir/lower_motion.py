"""How an item that moves goes on the canvas: by ``affine``, in one sampling of what is drawn of it.

Positions are not rounded to whole pixels, so that slow motion is smooth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from vedc.edit.model import Keyframes, Motion, ParamValue, Placement, Point2
from vedc.ir.image import Param
from vedc.ir.lower_turn import rotation_of

#: Clear pixels around the bitmap of a title: what is sampled at its edge.
AROUND_TEXT = 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of an item before it is put in its place."""

    box: tuple[float, float, float, float]
    """The item in the picture: x, y, width and height in its pixels."""
    size: Point2
    """Of the box in canvas pixels at scale 1."""


def motion(
    drawn: Drawn,
    frame: Placement,
    canvas: tuple[int, int],
    rebased: Callable[[ParamValue], Param],
) -> dict[str, Param]:
    """The parameters of ``affine``. ``rebased`` gives a value as the span sees it."""
    x, y, width, height = drawn.box
    return {
        "width": canvas[0],
        "height": canvas[1],
        "anchor": rebased(_mapped(frame.anchor, (width, height), (x, y))),
        "pivot": rebased(_mapped(frame.position, canvas)),
        "offset": rebased(frame.offset),
        "scale": (drawn.size[0] / width, drawn.size[1] / height),
        "zoom": rebased(frame.scale),
        "rotation": rebased(rotation_of(frame)),
    }


def _mapped(value: Motion, times: Point2, plus: Point2 = (0.0, 0.0)) -> Motion:
    """Pairs multiplied and added to along each axis, which commutes with easing."""
    if not isinstance(value, Keyframes):
        return value[0] * times[0] + plus[0], value[1] * times[1] + plus[1]
    points = []
    for point in value.points:
        assert isinstance(point.value, tuple)
        moved = _mapped(point.value, times, plus)
        assert isinstance(moved, tuple)
        points.append(replace(point, value=moved))
    return replace(value, points=tuple(points))
