"""How much a map minifies its picture: whether a pyramid is needed, and with how many levels.

The map's derivatives give the distance in the picture for a step of one canvas pixel. If they are
uniform, they are evaluated here for every frame in which a keyframed number changes; otherwise the
kernel decides pixel by pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from vedc.edit.easing import value_at
from vedc.edit.values import Keyframes
from vedc.expr.derive import conformal, minifies
from vedc.expr.picture import Footprint
from vedc.expr.uniforms import evaluator
from vedc.plan.executable import Count, KernelParam
from vedc.support.lazy_dataclass import dataclass

#: Frames of an animation that are evaluated; longer ones are sampled.
MOST_FRAMES: Final = 512


@dataclass(frozen=True, slots=True)
class Minification:
    """Picture pixels per canvas pixel, along the longer axis of its footprint."""

    least: float
    most: float
    probes: int
    """Samples taken along that axis (see ``Pyramid.at``)."""

    @property
    def levels(self) -> int | None:
        """The number of smaller copies ever sampled; None for all."""
        return None if math.isinf(self.most) else max(1, math.ceil(math.log2(self.most) + 0.5))


_UNKNOWN: Final = Minification(0.0, math.inf, 2)


def minification(step: Footprint, values: Sequence[KernelParam]) -> Minification:
    """The minification over all frames; ``values`` are the values of the map's parameters."""
    if not minifies(step):
        return Minification(1.0, 1.0, 1)
    if not all(part.uniform for part in step):
        return Minification(0.0, math.inf, 1) if conformal(step) else _UNKNOWN
    at = evaluator(tuple(step))
    if any(isinstance(value.param, Count) for value in values):
        return _UNKNOWN
    found = [_axes(*at(numbers)) for numbers in _over_time(values)]
    if not all(math.isfinite(long) for long, _ in found):
        return _UNKNOWN
    even = conformal(step) or all(long <= 1.1 * short for long, short in found)
    longest = [long for long, _ in found]
    return Minification(min(longest), max(longest), 1 if even else 2)


def _over_time(values: Sequence[KernelParam]) -> Iterator[list[float]]:
    """The values in each frame in which one may change; always the same list.

    Evaluates only those that move, and the channels of one parameter together.
    """
    numbers = [0.0 if value.moves else value.at(0) for value in values]
    moving: dict[int, tuple[Keyframes, list[tuple[int, int | None]]]] = {}
    for index, value in enumerate(values):
        if isinstance(value.param, Keyframes):
            places = moving.setdefault(id(value.param), (value.param, []))[1]
            places.append((index, value.channel))
    for frame in _frames(values):
        for param, places in moving.values():
            found = value_at(param, frame)
            for index, channel in places:
                numbers[index] = found[channel or 0] if isinstance(found, tuple) else found
        yield numbers


def _frames(values: Sequence[KernelParam]) -> list[int]:
    """The frames in which a value may change."""
    points = [p.frame for v in values if isinstance(v.param, Keyframes) for p in v.param.points]
    if not points:
        return [0]
    first = max(0, math.floor(min(points)))
    last = max(first, math.ceil(max(points)))
    each = max(Fraction(1), Fraction(last - first, MOST_FRAMES))
    steps = math.ceil((last - first) / each)
    return [*(first + math.floor(n * each) for n in range(steps + 1)), last]


def _axes(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """The singular values of the 2x2 matrix of derivatives, the longer first."""
    squares = a * a + b * b + c * c + d * d
    area = abs(a * d - b * c)
    root = math.sqrt(max(squares * squares - 4.0 * area * area, 0.0))
    long = math.sqrt((squares + root) / 2.0)
    return long, area / long if long else 0.0
