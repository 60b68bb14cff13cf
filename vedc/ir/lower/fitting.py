"""The fit of a picture in its box, and the size at which it is read."""

from __future__ import annotations

import math
from dataclasses import replace

from vedc.edit.contents import Placement
from vedc.edit.placement import fit_factors, largest_scale
from vedc.edit.values import Keyframes, Point2
from vedc.ir.lower.ops import Rectangle
from vedc.ir.lower.stage import Size
from vedc.support.lazy_dataclass import dataclass

#: The least pixels read for each shown pixel, along each axis. With fewer, sampling between pixels
#: makes sharpness vary between frames of a slow move.
_DETAIL = 1.2


@dataclass(frozen=True, slots=True)
class Fitted:
    """An item in whole pixels: its box, and the picture in the middle of that.

    Without its own box, its box is the picture's.
    """

    outer: Size
    inner: Size

    @property
    def at(self) -> tuple[int, int]:
        """The picture's corner, from that of the box."""
        return (
            (self.outer.width - self.inner.width) // 2,
            (self.outer.height - self.inner.height) // 2,
        )


def enough(own: Size, shown: Point2) -> Size:
    """The size in which a picture is read that is never shown larger than ``shown``.

    It is the picture's own, halved as often as no detail is lost.

    A sampling that makes a picture much smaller looks at a smaller copy of it anyway. That of the
    decoder's scaler is better than that of a pyramid, and everything after it costs less.
    """
    across, down = own
    while across / 2 >= _DETAIL * shown[0] and down / 2 >= _DETAIL * shown[1]:
        across, down = -(-across // 2), -(-down // 2)
    return Size(across, down)


def shown_whole(own: Size, crop: Keyframes, box: Point2, frame: Placement) -> Point2:
    """The size of the whole picture when its crop fills a box, at its largest."""
    largest = [0.0, 0.0]
    for point in crop.points:
        assert isinstance(point.value, tuple)
        factors = fit_factors((point.value[2], point.value[3]), box, frame)
        largest = [max(pair) for pair in zip(largest, factors, strict=True)]
    across, down = largest_scale(frame)
    return own.width * largest[0] * across, own.height * largest[1] * down


def in_pixels_of(crop: Keyframes, read: Size, own: Size) -> Keyframes:
    """Rectangles of a picture in the pixels of a smaller copy of it."""
    by = (read.width / own.width, read.height / own.height) * 2

    def smaller(value: float | tuple[float, ...]) -> tuple[float, ...]:
        assert isinstance(value, tuple)
        return tuple(side * factor for side, factor in zip(value, by, strict=True))

    return replace(crop, points=tuple(replace(p, value=smaller(p.value)) for p in crop.points))


def box_in_pixels(fitted: Fitted, scale: Point2) -> Rectangle:
    """The box in pixels of a picture shown at a scale."""
    (x, y), (width, height) = fitted.at, fitted.outer
    return -x / scale[0], -y / scale[1], width / scale[0], height / scale[1]


def exact_box(made: Size, factors: Point2, own: Size, box: Point2) -> Rectangle:
    """The exact box, in pixels of a picture drawn as ``made``."""
    sides = [
        box[axis] / (factors[axis] * own[axis]) * made[axis] if factors[axis] else math.inf
        for axis in range(2)
    ]
    return (made[0] - sides[0]) / 2, (made[1] - sides[1]) / 2, sides[0], sides[1]
