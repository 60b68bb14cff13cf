"""Smooth curves through points, and the tables that kernels read them from.

A curve is a monotone cubic: between two points it never leaves the range of their values, so
it has no overshoot. The pieces are cubic Hermite polynomials (Fritsch and Carlson, "Monotone
Piecewise Cubic Interpolation", SIAM J. Numer. Anal. 17, 1980) and the slopes at the points
are Fritsch and Butland's weighted harmonic means (SIAM J. Sci. Stat. Comput. 5, 1984), as in
SLATEC's PCHIM. Before the first point and after the last one the curve is level.

A periodic curve continues at x = 0 where it ends at x = 1. Points at both ends are then one
point, and must have one value.
"""

from __future__ import annotations

import itertools
import math
from array import array
from bisect import bisect_right
from collections.abc import Sequence

from vedc.errors import InternalError
from vedc.ops.shared.cube import Cube
from vedc.support.lazy_dataclass import dataclass

SIZE = 1025
"""Entries of a table. With 1024 steps the entries are exact in float32, so a straight curve returns
its input to the last bit. :func:`loss` bounds the error of other curves."""


def table(points: Sequence[float], periodic: bool = False, size: int = SIZE) -> Cube:
    """The curve through points (x0, y0, x1, y1, ...) as a 1D table over 0..1.

    All three channels are alike. Raises InternalError if :func:`problem` finds one.
    """
    spline = through(points, periodic)
    last = size - 1
    values = [spline.at(i / last) for i in range(size)]
    data = array("f", [v for value in values for v in (value, value, value)])
    return Cube(1, size, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), data, "curve")


def problem(points: Sequence[float], periodic: bool = False) -> str | None:
    """Why the points are not a curve, as a message for the user; None if they are."""
    xs, ys = points[::2], points[1::2]
    if len(points) % 2 or len(xs) < 2:
        return "a curve needs at least two points [x, y]"
    if not all(map(math.isfinite, points)):
        return "a curve's points must be finite numbers"
    if any(b <= a for a, b in itertools.pairwise(xs)):
        return "the points of a curve must have increasing x"
    if periodic and not (xs[0] >= 0.0 and xs[-1] <= 1.0):
        return "the points of a periodic curve must be at x = 0 to 1"
    if periodic and xs[0] == 0.0 and xs[-1] == 1.0 and ys[0] != ys[-1]:
        return "x = 0 and x = 1 are the same point of a periodic curve: give both one value"
    return None


def loss(points: Sequence[float], periodic: bool = False, size: int = SIZE) -> float:
    """An upper bound of the distance between the curve and straight lines in its table.

    For a step h between entries: h*h/8 times the largest second derivative, which bounds a
    function with a continuous slope; plus h/4 times the corner where the curve becomes level.
    Excludes float32 rounding, 2**-24 of the value.
    """
    spline, step = through(points, periodic), 1.0 / (size - 1)
    bend = max(spline.bend(i) for i in range(len(spline.xs) - 1))
    ends = ((spline.xs[0], spline.slopes[0]), (spline.xs[-1], spline.slopes[-1]))
    corner = max((abs(slope) for x, slope in ends if 0.0 < x < 1.0), default=0.0)
    return step * step / 8.0 * bend + step / 4.0 * corner


@dataclass(frozen=True, slots=True)
class Spline:
    """Points by increasing x, and the curve's slope at each."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    slopes: tuple[float, ...]

    def at(self, x: float) -> float:
        if x <= self.xs[0]:
            return self.ys[0]
        if x >= self.xs[-1]:
            return self.ys[-1]
        i = bisect_right(self.xs, x) - 1
        width = self.xs[i + 1] - self.xs[i]
        t = (x - self.xs[i]) / width
        s = 1.0 - t
        # Hermite's basis, arranged so that a level piece is level to the last bit.
        from_left = (1.0 + 2.0 * t) * s * s
        bumps = self.slopes[i] * s - self.slopes[i + 1] * t
        return self.ys[i + 1] + from_left * (self.ys[i] - self.ys[i + 1]) + width * t * s * bumps

    def bend(self, i: int) -> float:
        """The largest second derivative of a piece: being linear, it is at an end."""
        width = self.xs[i + 1] - self.xs[i]
        chord = (self.ys[i + 1] - self.ys[i]) / width
        a, b = self.slopes[i], self.slopes[i + 1]
        return (
            max(abs(6.0 * chord - 4.0 * a - 2.0 * b), abs(2.0 * a + 4.0 * b - 6.0 * chord)) / width
        )


def through(points: Sequence[float], periodic: bool = False) -> Spline:
    """The curve through flat points. Raises InternalError if :func:`problem` finds one."""
    wrong = problem(points, periodic)
    if wrong:
        raise InternalError(wrong)
    xs, ys = tuple(map(float, points[::2])), tuple(map(float, points[1::2]))
    if not periodic:
        return Spline(xs, ys, _slopes(xs, ys))
    if xs[0] == 0.0 and xs[-1] == 1.0:
        xs, ys = xs[:-1], ys[:-1]
    # Three turns: the middle one has neighbours on both sides, wherever its points lie.
    turns = (-1.0, 0.0, 1.0)
    wide = tuple(x + turn for turn in turns for x in xs)
    return Spline(wide, ys * 3, _slopes(wide, ys * 3))


def _slopes(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, ...]:
    widths = [b - a for a, b in itertools.pairwise(xs)]
    chords = [(b - a) / w for a, b, w in zip(ys[:-1], ys[1:], widths, strict=True)]
    if len(chords) == 1:
        return chords[0], chords[0]
    inner = [
        _harmonic(*chords[i : i + 2], *widths[i : i + 2]) for i in range(len(chords) - 1)
    ]  # fmt: skip
    first = _end(chords[0], chords[1], widths[0], widths[1])
    last = _end(chords[-1], chords[-2], widths[-1], widths[-2])
    return (first, *inner, last)


def _harmonic(before: float, after: float, width_before: float, width_after: float) -> float:
    """The slope at a point between two chords; 0 at a peak, a trough and beside a level."""
    if before * after <= 0.0:
        return 0.0
    w1, w2 = 2.0 * width_after + width_before, width_after + 2.0 * width_before
    return (w1 + w2) / (w1 / before + w2 / after)


def _end(near: float, far: float, width_near: float, width_far: float) -> float:
    """The slope at an end: the parabola's through three points, kept monotone."""
    slope = ((2.0 * width_near + width_far) * near - width_near * far) / (width_near + width_far)
    if slope * near <= 0.0:
        return 0.0
    if near * far <= 0.0 and abs(slope) > 3.0 * abs(near):
        return 3.0 * near
    return slope
