"""Arithmetic on premultiplied pixels, which mix correctly whatever they cover."""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Number, Pixel, Vec3

#: Alpha below which nothing is visible.
FAINT: Final = 2.0**-20


def straight(m: Math, pixel: Pixel) -> Vec3:
    """The colour without its coverage: always finite, and black where the pixel is clear."""
    return pixel.rgb * (1.0 / m.max(pixel.a, FAINT))


def mixed(a: Pixel, b: Pixel, t: Number) -> Pixel:
    """a at t = 0, b at t = 1."""
    return a * (1.0 - t) + b * t


def over(top: Pixel, under: Pixel) -> Pixel:
    """Porter and Duff's "over"."""
    return top + under * (1.0 - top.a)


def chosen(m: Math, condition: Number, then: Pixel, other: Pixel) -> Pixel:
    """``then`` where the condition holds, else ``other``."""
    return Pixel(m.select3(condition, then.rgb, other.rgb), m.select(condition, then.a, other.a))
