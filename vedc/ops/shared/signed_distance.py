"""Signed distances to shapes: negative inside, in the unit of the coordinates.

Rectangle and polygon after Quilez, "2D distance functions"; the ellipse by Chou's iteration on
the evolute ("Simple method for distance to ellipse", 0xfaded, 2017).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from vedc.expr.math import Math, Number, Scalar
from vedc.ops.shared.plane_geometry import length


def box(m: Math, x: Scalar, y: Scalar, across: Scalar, down: Scalar, round: Scalar) -> Scalar:
    """To a rectangle around the origin of half sizes ``across`` and ``down``, whose corners are
    rounded with a radius of ``round``, at most the smaller half size."""
    radius = m.min(round, m.min(across, down))
    dx, dy = m.abs(x) - across + radius, m.abs(y) - down + radius
    beyond = length(m, m.max(dx, 0.0), m.max(dy, 0.0))
    return beyond + m.min(m.max(dx, dy), 0.0) - radius


def ellipse(m: Math, x: Scalar, y: Scalar, a: Scalar, b: Scalar) -> Scalar:
    """To an ellipse around the origin of radii ``a`` and ``b``, in pixels.

    Three steps of the iteration, exact for circles.
    """
    a, b = m.max(a, 0.5), m.max(b, 0.5)
    px, py = m.abs(x), m.abs(y)
    tx = ty = m.number(math.sqrt(0.5))
    focus = a * a - b * b
    for _ in range(3):
        # The ellipse near the point looks like a circle around its centre of curvature.
        ex, ey = focus * tx * tx * tx / a, -focus * ty * ty * ty / b
        radius = length(m, a * tx - ex, b * ty - ey)
        qx, qy = px - ex, py - ey
        scale = radius / m.max(length(m, qx, qy), 1e-6)
        tx, ty = m.clamp((qx * scale + ex) / a), m.clamp((qy * scale + ey) / b)
        unit = 1.0 / m.max(length(m, tx, ty), 1e-6)
        tx, ty = tx * unit, ty * unit
    distance = length(m, px - a * tx, py - b * ty)
    outside = (px / a) * (px / a) + (py / b) * (py / b) - 1.0
    return m.select(outside < 0.0, -distance, distance)


def polygon(m: Math, x: Scalar, y: Scalar, points: Sequence[tuple[Number, Number]]) -> Scalar:
    """To a closed polygon; inside is where a ray crosses it an odd number of times."""
    nearest: Scalar | None = None
    sign: Scalar = m.number(1.0)
    for i, (ax, ay) in enumerate(points):
        bx, by = points[i - 1]
        ex, ey, wx, wy = bx - ax, by - ay, x - ax, y - ay
        t = m.clamp((wx * ex + wy * ey) / m.max(ex * ex + ey * ey, 1e-6))
        dx, dy = wx - ex * t, wy - ey * t
        square = dx * dx + dy * dy
        nearest = square if nearest is None else m.min(nearest, square)
        # A ray to one side crosses this edge if all three hold, or none.
        agree = m.step(ay, y) + (y < by) + m.apply("lt", ey * wx, ex * wy)
        sign = sign * m.select(m.step(1.25, m.abs(agree - 1.5)), -1.0, 1.0)
    if nearest is None:
        return m.number(1e6)
    return m.sqrt(nearest) * sign
