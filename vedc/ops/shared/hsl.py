"""Hue, saturation and value or lightness: Smith's HSV and HSL (1978), as formulas.

Hues are turns: 0 red, 1/3 green, 2/3 blue, 1 red again. A grey has hue 0. Values beyond 0..1
are taken as they come; the ways there and back are exact for R, G, B >= 0.
"""

from __future__ import annotations

from vedc.expr.math import Math, Scalar, Vec3


def brightest(m: Math, rgb: Vec3) -> Scalar:
    """The largest channel: HSV's value."""
    return m.max(m.max(rgb.r, rgb.g), rgb.b)


def darkest(m: Math, rgb: Vec3) -> Scalar:
    return m.min(m.min(rgb.r, rgb.g), rgb.b)


def chroma(m: Math, rgb: Vec3) -> Scalar:
    """The largest channel less the smallest; 0 for a grey."""
    return brightest(m, rgb) - darkest(m, rgb)


def hue(m: Math, rgb: Vec3) -> Scalar:
    """0..1, 1 excluded but for rounding."""
    top, spread = brightest(m, rgb), chroma(m, rgb)
    scale = m.select(spread > 0.0, 1.0 / spread, 0.0)
    from_red = (rgb.g - rgb.b) * scale
    from_green = (rgb.b - rgb.r) * scale + 2.0
    from_blue = (rgb.r - rgb.g) * scale + 4.0
    # Exactly one of three equal largest channels counts: red before green before blue.
    sector = m.select(
        top <= rgb.r, from_red, m.select(top <= rgb.g, from_green, from_blue)
    ) * (1.0 / 6.0)  # fmt: skip
    return sector - m.floor(sector)


def saturation(m: Math, rgb: Vec3) -> Scalar:
    """HSV's: the part of the largest channel that the smallest is short of it; 0..1."""
    top = brightest(m, rgb)
    return m.clamp(m.select(top > 0.0, chroma(m, rgb) / top, 0.0))


def pure(m: Math, hue: Scalar) -> Vec3:
    """The strongest colour of a hue: its largest channel is 1, its smallest 0."""
    turn = (hue - m.floor(hue)) * 6.0
    r = m.clamp(m.abs(turn - 3.0) - 1.0)
    g = m.clamp(2.0 - m.abs(turn - 2.0))
    b = m.clamp(2.0 - m.abs(turn - 4.0))
    return Vec3(r, g, b)


def to_hsv(m: Math, rgb: Vec3) -> Vec3:
    """Hue, saturation 0..1 and value, in the places of r, g and b."""
    return Vec3(hue(m, rgb), saturation(m, rgb), brightest(m, rgb))


def from_hsv(m: Math, hsv: Vec3) -> Vec3:
    h, s, v = hsv.channels
    return pure(m, h).map(lambda c: v * (1.0 - s + s * c))


def to_hsl(m: Math, rgb: Vec3) -> Vec3:
    """Hue, saturation 0..1 and lightness, in the places of r, g and b."""
    lightness = (brightest(m, rgb) + darkest(m, rgb)) * 0.5
    room = 1.0 - m.abs(2.0 * lightness - 1.0)
    saturated = m.clamp(m.select(room > 0.0, chroma(m, rgb) / room, 0.0))
    return Vec3(hue(m, rgb), saturated, lightness)


def from_hsl(m: Math, hsl: Vec3) -> Vec3:
    h, s, lightness = hsl.channels
    spread = (1.0 - m.abs(2.0 * lightness - 1.0)) * s
    return pure(m, h).map(lambda c: lightness + spread * (c - 0.5))
