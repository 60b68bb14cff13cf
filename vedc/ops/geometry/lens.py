"""Geometry: what lenses do to a picture, and how to undo it."""

from __future__ import annotations

import math

from vedc.expr.math import Math, Position, Scalar
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import geometry, point_param
from vedc.ops.shared.plane_geometry import (
    RADIANS,
    Point,
    half_diagonal,
    offset_from,
    safe_length,
    to_pixels,
)


@geometry(
    use="Straighten lines bent by a wide-angle lens, or bend them.",
    identity=facts.neutral(k1=0.0, k2=0.0),
    opaque=False,
)
def lens(
    m: Math,
    at: Position,
    *,
    k1: Scalar = param(
        0.0, low=-1, high=1, doc="Main coefficient; below 0 for a barrel.", shown=0.6
    ),
    k2: Scalar = param(0.0, low=-1, high=1, doc="Correction for the corners."),
    direction: str = param(
        "correct", choices=("correct", "distort"), doc="Undo such a lens, or apply it."
    ),
    center: Point = point_param("The optical axis."),
) -> Point:
    """Radial distortion after Brown (1966): `r' = r * (1 + k1 * r^2 + k2 * r^4)`.

    `r` is the distance from the axis, in half diagonals, in the corrected picture and `r'` in the
    distorted one. The direction `distort` solves the equation by Newton's method, for which `r'`
    must rise all the way to the corners.
    """
    cx, cy = to_pixels(at, center)
    x, y = offset_from(at, cx, cy)
    size = half_diagonal(m, at)
    if direction == "correct":
        square = (x * x + y * y) / (size * size)
        by = 1.0 + square * (k1 + square * k2)
        return cx + x * by, cy + y * by
    bent = safe_length(m, x, y) / size
    r = bent
    for _ in range(6):
        square = r * r
        off = r * (1.0 + square * (k1 + square * k2)) - bent
        slope = 1.0 + square * (3.0 * k1 + square * (5.0 * k2))
        r = m.clamp(r - off / m.max(slope, 0.05), 0.0, 2.0)
    by = r / bent
    return cx + x * by, cy + y * by


@geometry(use="Imitate a fisheye lens, or flatten a fisheye picture.", opaque=False)
def fisheye(
    m: Math,
    at: Position,
    *,
    fov: Scalar = param(
        120.0,
        low=1,
        high=170,
        unit="degrees",
        doc="Field of view from corner to corner.",
        shown=150.0,
    ),
    direction: str = param(
        "apply", choices=("apply", "remove"), doc="Bend a plain picture, or flatten a bent one."
    ),
    center: Point = point_param("The optical axis."),
) -> Point:
    """Convert between a rectilinear projection, `r = tan(angle)`, and a fisheye's, `r = angle`.

    Both have the same field of view along the diagonal, so the corners stay in place.
    """
    cx, cy = to_pixels(at, center)
    x, y = offset_from(at, cx, cy)
    size = half_diagonal(m, at)
    widest = fov * (0.5 * RADIANS)
    away = safe_length(m, x, y)
    r = away / size
    corner = m.sin(widest) / m.cos(widest)
    if direction == "apply":
        angle = m.min(r * widest, math.pi / 2 - 1e-3)
        by = m.sin(angle) / (m.cos(angle) * corner)
    else:
        by = m.atan2(r * corner, m.number(1.0)) / widest
    by = by / r
    return cx + x * by, cy + y * by
