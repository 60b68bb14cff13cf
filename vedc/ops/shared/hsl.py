"""Hue, saturation and value of Smith's HSV (1978).

Hues are in turns: 0 red, 1/3 green, 2/3 blue, 1 red again. A grey has hue 0. Values beyond 0..1
are not clamped.
"""

from __future__ import annotations

from vedc.expr.math import Math, Scalar, Vec3


def brightest(m: Math, rgb: Vec3) -> Scalar:
    """The largest channel: HSV's value."""
    return m.max(m.max(rgb.r, rgb.g), rgb.b)


def darkest(m: Math, rgb: Vec3) -> Scalar:
    return m.min(m.min(rgb.r, rgb.g), rgb.b)


def chroma(m: Math, rgb: Vec3) -> Scalar:
    """The largest channel minus the smallest; 0 for a grey."""
    return brightest(m, rgb) - darkest(m, rgb)


def hue(m: Math, rgb: Vec3) -> Scalar:
    """The hue in turns: 0..1, 1 only by rounding."""
    top, spread = brightest(m, rgb), chroma(m, rgb)
    scale = m.select(spread > 0.0, 1.0 / spread, 0.0)
    from_red = (rgb.g - rgb.b) * scale
    from_green = (rgb.b - rgb.r) * scale + 2.0
    from_blue = (rgb.r - rgb.g) * scale + 4.0
    # Of equal largest channels exactly one counts: red before green before blue.
    sector = m.select(
        top <= rgb.r, from_red, m.select(top <= rgb.g, from_green, from_blue)
    ) * (1.0 / 6.0)  # fmt: skip
    return sector - m.floor(sector)


def saturation(m: Math, rgb: Vec3) -> Scalar:
    """HSV's saturation: chroma over the largest channel, 0..1."""
    top = brightest(m, rgb)
    return m.clamp(m.select(top > 0.0, chroma(m, rgb) / top, 0.0))
