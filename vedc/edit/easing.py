"""Easing: how a value gets from one keyframe to the next.

The names and curves are those of CSS Easing Functions Level 1: cubic Béziers from (0, 0) to
(1, 1), whose x is time and whose y is progress, and the two steps.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from vedc.edit.model import Keyframes

Easing = Callable[[float], float]


def cubic_bezier(x1: float, y1: float, x2: float, y2: float) -> Easing:
    """The curve with these control points; ``x1`` and ``x2`` lie in 0..1."""

    def point(a: float, b: float, s: float) -> float:
        return ((1 + 3 * a - 3 * b) * s + 3 * b - 6 * a) * s * s + 3 * a * s

    def ease(t: float) -> float:
        # x(s) rises with s, so bisection is safe; 50 halvings exhaust a double near 1.
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            if point(x1, x2, middle) < t:
                low = middle
            else:
                high = middle
        return point(y1, y2, (low + high) / 2)

    return ease


EASINGS: Final[dict[str, Easing]] = {
    "linear": lambda t: t,
    "ease": cubic_bezier(0.25, 0.1, 0.25, 1.0),
    "ease-in": cubic_bezier(0.42, 0.0, 1.0, 1.0),
    "ease-out": cubic_bezier(0.0, 0.0, 0.58, 1.0),
    "ease-in-out": cubic_bezier(0.42, 0.0, 0.58, 1.0),
    "step-start": lambda t: 1.0 if t > 0 else 0.0,
    "step-end": lambda t: 1.0 if t >= 1 else 0.0,
}


def value_at(moving: Keyframes, frame: int | Fraction) -> float | tuple[float, ...]:
    """The value at ``frame``: held before the first point and after the last."""
    points = moving.points
    if frame <= points[0].frame:
        return points[0].value
    for before, after in itertools.pairwise(points):
        if frame < after.frame:
            span = after.frame - before.frame
            t = EASINGS[after.easing](float((frame - before.frame) / span))
            if isinstance(before.value, tuple) and isinstance(after.value, tuple):
                return tuple(
                    a + (b - a) * t for a, b in zip(before.value, after.value, strict=True)
                )
            assert not isinstance(before.value, tuple)
            assert not isinstance(after.value, tuple)
            return before.value + (after.value - before.value) * t
    return points[-1].value
