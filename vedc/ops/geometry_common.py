"""What maps of the canvas share: angles, middles, lengths that are safe to divide by."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

from vedc.expr.math import Math, Position, Scalar

Point: TypeAlias = tuple[Scalar, Scalar]

#: Where there is certainly nothing of the picture.
FAR: Final = -1e6
RADIANS: Final = math.pi / 180.0
TURN: Final = 2.0 * math.pi


def place(at: Position, fraction: Point) -> Point:
    """Fractions of the canvas as pixels."""
    return fraction[0] * at.width, fraction[1] * at.height


def from_(at: Position, x: Scalar, y: Scalar) -> Point:
    """The way from a point to the pixel."""
    return at.x - x, at.y - y


def length(m: Math, x: Scalar, y: Scalar) -> Scalar:
    """Of a vector. A little more than 0 at the origin, so that it has a derivative there."""
    return m.sqrt(x * x + y * y + 1e-9)


def half(m: Math, at: Position) -> Scalar:
    """Half of the canvas's shorter side."""
    return m.min(at.width, at.height) * 0.5


def diagonal(m: Math, at: Position) -> Scalar:
    """Half of the canvas's diagonal."""
    return m.sqrt(at.width * at.width + at.height * at.height) * 0.5


def turned(m: Math, x: Scalar, y: Scalar, degrees: Scalar) -> Point:
    """A vector turned clockwise, as y points down."""
    c, s = m.cos(degrees * RADIANS), m.sin(degrees * RADIANS)
    return x * c - y * s, x * s + y * c


def unturned(m: Math, x: Scalar, y: Scalar, degrees: Scalar) -> Point:
    """A vector turned counter-clockwise."""
    c, s = m.cos(degrees * RADIANS), m.sin(degrees * RADIANS)
    return x * c + y * s, y * c - x * s


def nonzero(m: Math, x: Scalar) -> Scalar:
    """x, kept so far from 0 that one can divide by it."""
    return m.select(m.abs(x) < 1e-6, 1e-6, x)


def within(m: Math, y: Scalar, size: Scalar) -> Scalar:
    """A coordinate held on the picture's pixels, whatever its edge does."""
    return m.clamp(y, 0.5, size - 0.5)
