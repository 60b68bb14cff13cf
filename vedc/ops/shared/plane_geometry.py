"""Points, angles and lengths in the plane, for maps, shapes, transitions and generators.

Coordinates are pixels of the canvas, y points down, and angles are degrees clockwise.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

from vedc.expr.math import Math, Position, Scalar

Point: TypeAlias = tuple[Scalar, Scalar]

#: A coordinate certainly outside the picture.
FAR: Final = -1e6
RADIANS: Final = math.pi / 180.0
TURN: Final = 2.0 * math.pi


def to_pixels(at: Position, fraction: Point) -> Point:
    """Fractions of the canvas as pixels."""
    return fraction[0] * at.width, fraction[1] * at.height


def offset_from(at: Position, x: Scalar, y: Scalar) -> Point:
    """The pixel's offset from a point."""
    return at.x - x, at.y - y


def offset_from_center(at: Position) -> Point:
    """The pixel's offset from the centre of the canvas."""
    return at.x - at.width * 0.5, at.y - at.height * 0.5


def length(m: Math, x: Scalar, y: Scalar) -> Scalar:
    """The length of a vector."""
    return m.sqrt(x * x + y * y)


def safe_length(m: Math, x: Scalar, y: Scalar) -> Scalar:
    """The length of a vector, slightly above 0 at the origin: safe to divide by and to
    differentiate."""
    return m.sqrt(x * x + y * y + 1e-9)


def half_side(m: Math, at: Position) -> Scalar:
    """Half of the canvas's shorter side."""
    return m.min(at.width, at.height) * 0.5


def half_diagonal(m: Math, at: Position) -> Scalar:
    """The distance from the centre of the canvas to its corners."""
    return length(m, at.width, at.height) * 0.5


def farthest_corner(m: Math, at: Position, x: Scalar, y: Scalar) -> Scalar:
    """The distance from a point to the farthest corner of the canvas."""
    return length(m, m.max(x, at.width - x), m.max(y, at.height - y))


def rotated(m: Math, x: Scalar, y: Scalar, degrees: Scalar) -> Point:
    """A vector rotated clockwise."""
    c, s = m.cos(degrees * RADIANS), m.sin(degrees * RADIANS)
    return x * c - y * s, x * s + y * c


def rotated_back(m: Math, x: Scalar, y: Scalar, degrees: Scalar) -> Point:
    """A vector rotated counter-clockwise: a point in the rotated object's own coordinates."""
    c, s = m.cos(degrees * RADIANS), m.sin(degrees * RADIANS)
    return x * c + y * s, y * c - x * s


def cos_sin(degrees: float) -> tuple[float, float]:
    """Cosine and sine of an angle, exact for quarter turns."""
    if degrees % 90 == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(degrees // 90) % 4]
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def nonzero(m: Math, x: Scalar) -> Scalar:
    """x, kept far enough from 0 to divide by."""
    return m.select(m.abs(x) < 1e-6, 1e-6, x)


def clamp_to_picture(m: Math, x: Scalar, size: Scalar) -> Scalar:
    """A coordinate clamped to the picture's pixel centres, whatever its edge mode."""
    return m.clamp(x, 0.5, size - 0.5)
