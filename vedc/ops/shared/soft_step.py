"""Steps that rounding cannot flip.

A hard step magnifies the last bit of its input, which differs between float32 and float64 and
with the order of additions. So a step here is a ramp just below its edge, ``WIDTH`` wide: an
eighth of an 8-bit code. A value on the edge is above it.
"""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Number, Scalar

WIDTH: Final = 2.0**-11


def step(m: Math, edge: Number, x: Scalar, softness: Number = 0.0) -> Scalar:
    """0 below ``edge - softness``, 1 from ``edge`` on."""
    return m.clamp((x - edge) / m.max(softness, WIDTH) + 1.0)


def between(m: Math, low: Number, high: Number, x: Scalar) -> Scalar:
    """1 where ``low <= x < high``, else 0."""
    return step(m, low, x) - step(m, high, x)


def stairs(m: Math, x: Scalar, count: Number) -> Scalar:
    """The step that x >= 0 is on: 0 below 1 / count, 1 below 2 / count, and so on."""
    climbed = x * count
    whole = m.floor(climbed)
    left = (1.0 - (climbed - whole)) / count
    return whole + m.clamp(1.0 - left * (1.0 / WIDTH))
