"""Lattice noise: random numbers at integer coordinates, interpolated smoothly.

On a smaller output a pixel shows the mean of those of the design's pixels in it.
"""

from __future__ import annotations

from typing import Any, Final

from vedc.expr.math import Math, Number, Scalar
from vedc.ops.core.lengths import SAMPLES
from vedc.ops.core.registry import param
from vedc.ops.shared.plane_geometry import TURN

#: More make no difference that is seen, and a kernel of noise as many times slower, squared.
MOST: Final = 4


def quintic(t: Scalar) -> Scalar:
    """6t^5 - 15t^4 + 10t^3 of t in 0..1 (Perlin, "Improving Noise", 2002), with zero slope
    and curvature at both ends."""
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)


def value(m: Math, x: Scalar, y: Scalar, z: Scalar) -> Scalar:
    """Value noise in three dimensions, 0..1."""
    left, top, now = m.floor(x), m.floor(y), m.floor(z)
    u, v, w = (quintic(t) for t in (x - left, y - top, z - now))

    def plane(k: float) -> Scalar:
        a, b, c, d = (m.hash(left + i, top + j, now + k) for j in (0.0, 1.0) for i in (0.0, 1.0))
        return m.mix(m.mix(a, b, u), m.mix(c, d, u), v)

    return m.mix(plane(0.0), plane(1.0), w)


def gradient(m: Math, x: Scalar, y: Scalar, seed: Number) -> Scalar:
    """Perlin's gradient noise (1985) with his later quintic and gradients in all directions;
    0..1, and 0.5 at integer points."""
    left, top = m.floor(x), m.floor(y)
    u, v = x - left, y - top

    def slope(right: float, down: float) -> Scalar:
        angle = m.hash(left + right, top + down, seed) * TURN
        return m.cos(angle) * (u - right) + m.sin(angle) * (v - down)

    across, down = quintic(u), quintic(v)
    upper = m.mix(slope(0.0, 0.0), slope(1.0, 0.0), across)
    lower = m.mix(slope(0.0, 1.0), slope(1.0, 1.0), across)
    return m.clamp(0.5 + m.mix(upper, lower, down) * 0.5**0.5)


def samples_param() -> Any:
    """How many pixels of the design, each way, are in a pixel: more where an output is smaller."""
    return param(
        1,
        kind="integer",
        low=1,
        high=MOST,
        unit=SAMPLES,
        doc="Pixels of the design in a pixel, each way; a smaller output has more by itself.",
    )


def sub_pixels(samples: int) -> list[tuple[float, float]]:
    """Where these are, relative to the middle of the pixel, in pixels."""
    along = [(n + 0.5) / samples - 0.5 for n in range(samples)]
    return [(x, y) for y in along for x in along]
