"""Placing a moving item on the canvas: by ``affine``, in one sampling of its picture.

Positions are not rounded to whole pixels, so that slow motion is smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from vedc.edit.contents import Placement
from vedc.edit.values import Keyframes, Motion, ParamValue, Point2
from vedc.ir.image import Param
from vedc.ir.lower.turn import rotation_of
from vedc.support.lazy_dataclass import dataclass

#: Clear pixels around the bitmap of a title, for sampling at its edge.
AROUND_TEXT = 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """The picture drawn for an item before placement."""

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
    """The parameters of ``affine``. ``rebased`` gives a value in the span's time."""
    x, y, width, height = drawn.box
    return {
        "width": canvas[0],
        "height": canvas[1],
        "anchor": rebased(mapped(frame.anchor, (width, height), (x, y))),
        "pivot": rebased(mapped(frame.position, canvas)),
        "offset": rebased(frame.offset),
        "scale": (drawn.size[0] / width, drawn.size[1] / height),
        "zoom": rebased(frame.scale),
        "rotation": rebased(rotation_of(frame)),
    }


def view_of_box(
    crop: Keyframes,
    frame: Placement,
    box: Point2,
    size: tuple[int, int],
    rebased: Callable[[ParamValue], Param],
) -> dict[str, Param]:
    """The parameters of ``affine`` that draw the cropped picture, filling a box, in a picture of
    ``size``."""
    pixel = float(frame.pixel) if frame.fit == "none" else 1.0
    return {
        "width": size[0],
        "height": size[1],
        "anchor": rebased(frame.anchor),
        "pivot": rebased(mapped(frame.anchor, size)),
        "scale": (size[0] / box[0] * pixel, size[1] / box[1] * pixel),
        "rotation": 0.0,
        "crop": rebased(crop),
        "fit": frame.fit,
        "box": box,
    }


def whole_pixels(rectangle: float | tuple[float, ...]) -> tuple[float, ...]:
    """A rectangle rounded to pixels, at least one."""
    assert isinstance(rectangle, tuple)
    x, y, width, height = rectangle
    left, top = math.floor(x), math.floor(y)
    right, bottom = math.ceil(x + width), math.ceil(y + height)
    return float(left), float(top), float(right - left), float(bottom - top)


def mapped(value: Motion, times: Point2, plus: Point2 = (0.0, 0.0)) -> Motion:
    """Pairs scaled and shifted along each axis, which commutes with easing."""
    if not isinstance(value, Keyframes):
        return value[0] * times[0] + plus[0], value[1] * times[1] + plus[1]
    points = []
    for point in value.points:
        assert isinstance(point.value, tuple)
        moved = mapped(point.value, times, plus)
        assert isinstance(moved, tuple)
        points.append(replace(point, value=moved))
    return replace(value, points=tuple(points))
