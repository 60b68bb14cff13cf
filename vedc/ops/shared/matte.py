"""Mattes for keys and masks: from a distance to 0 outside and 1 inside."""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Number, Position, Scalar, Vec3, ease

#: The narrowest ramp from 0 to 1: a quarter of an 8-bit step. Narrower ones would flip with the
#: last bit of a distance.
HARD: Final = 1.0 / 1024.0

#: Scales chroma distances to the units of FFmpeg's ``chromakey``, which counts 8-bit codes: chroma
#: spans 224 of them and its unit 255.
_CHROMA_CODES: Final = 224.0 / 255.0


def ramp(m: Math, x: Scalar, start: Number, width: Number) -> Scalar:
    """0 up to ``start``, 1 from ``start + width``, a straight line between."""
    return m.clamp((x - start) / m.max(width, HARD))


def band(m: Math, x: Scalar, low: Number, high: Number, softness: Number) -> Scalar:
    """1 from ``low`` to ``high``, falling along straight lines to 0 ``softness`` beyond."""
    inside = m.min(x - low, high - x)
    return m.clamp(1.0 + inside / m.max(softness, HARD))


def edge(m: Math, at: Position, distance: Scalar, feather: Number) -> Scalar:
    """The matte of a shape.

    ``distance`` is signed, in pixels, negative inside; ``feather``, in canvas heights, is the
    width of the soft edge, half of it inside. The edge is at least one pixel wide, where a linear
    ramp is the exact coverage of a vertical edge; wider ones become a smoothstep.
    """
    width = m.max(feather * at.height, 1.0)
    t = m.clamp(0.5 - distance / width)
    return m.mix(t, ease(t), m.clamp(width - 1.0))


def rgb_distance(m: Math, a: Vec3, b: Vec3) -> Scalar:
    """The root of the mean of the squared differences: 0 alike, 1 black to white."""
    d = a - b
    return m.sqrt((d.r * d.r + d.g * d.g + d.b * d.b) * (1.0 / 3.0))


def chroma_distance(m: Math, a: Vec3, b: Vec3) -> Scalar:
    """The distance of two colours' Cb and Cr, whatever their brightness.

    ``sqrt((dCb^2 + dCr^2) / 2) * 224 / 255`` with the canvas's Cb and Cr of -0.5..0.5: FFmpeg's
    measure on 8-bit video.
    """
    kr, _, kb = m.weights
    d = a - b
    luma = m.luma(d)
    cb, cr = (d.b - luma) * (0.5 / (1.0 - kb)), (d.r - luma) * (0.5 / (1.0 - kr))
    return m.sqrt((cb * cb + cr * cr) * 0.5) * _CHROMA_CODES
