"""Shared by transitions: moving edges, framed pictures, common parameters.

An edge is always at least one pixel wide, and its whole width is off the canvas where progress
is 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.expr.math import (
    Math,
    Number,
    Pixel,
    Position,
    Scalar,
    Vec3,
    ease,
    premultiply,
)
from vedc.expr.picture import Picture
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import angle_param
from vedc.ops.shared.plane_geometry import RADIANS, offset_from_center

#: Directions of motion: degrees clockwise from the right.
DIRECTIONS: Final = {"right": 0.0, "down": 90.0, "left": 180.0, "up": 270.0}
#: The same as steps to the right and down.
STEPS: Final = {"right": (1, 0), "down": (0, 1), "left": (-1, 0), "up": (0, -1)}
#: Points of the canvas as fractions of its width and height.
ANCHORS: Final = {
    "top-left": (0.0, 0.0), "top": (0.5, 0.0), "top-right": (1.0, 0.0),
    "left": (0.0, 0.5), "center": (0.5, 0.5), "right": (1.0, 0.5),
    "bottom-left": (0.0, 1.0), "bottom": (0.5, 1.0), "bottom-right": (1.0, 1.0),
}  # fmt: skip
CORNERS: Final = ("top-left", "top-right", "bottom-left", "bottom-right")
MODES: Final = ("open", "close")

#: Parameters that several transitions share.
ROTATION: Final = param(
    "clockwise", choices=("clockwise", "counterclockwise"), doc="Which way it turns."
)
ANGLE: Final = angle_param("Turns the direction clockwise.", limit=360)
SOFTNESS: Final = param(
    0.0, low=0, high=1, doc="Width of each edge as a fraction of its travel; at least one pixel."
)


def filled(color: Vec3, a: Pixel, b: Pixel, progress: Scalar) -> Pixel:
    """The colour, covering what the pictures cover."""
    return premultiply(color, a.a * (1.0 - progress) + b.a * progress)


def background(m: Math, color: Vec3, a: Picture, b: Picture, progress: Scalar) -> Pixel:
    """The colour behind moving pictures: :func:`filled`, but absent at both ends."""
    return filled(color, a.here, b.here, progress) * m.clamp(bump(progress) * 1e4)


def front(m: Math, progress: Scalar, field: Scalar, width: Number) -> Scalar:
    """How much of b shows where an edge of that width passes ``field``, which is in 0..1."""
    return m.clamp((progress * (1.0 + width) - field) / width)


def soft_front(m: Math, progress: Scalar, field: Scalar, width: Number) -> Scalar:
    """:func:`front` with a smooth start and end of the edge."""
    return ease(front(m, progress, field, width))


def repeated_front(
    m: Math,
    progress: Scalar,
    phase: Scalar,
    width: Number,
    pixel: Number,
    one: Callable[[Math, Scalar, Scalar, Number], Scalar] = soft_front,
) -> Scalar:
    """``one`` front of the fraction of ``phase``, smoothed over a ``pixel`` (in units of
    ``phase``) where the fraction falls from 1 to 0."""
    nearest = m.floor(phase + 0.5)
    beyond = phase - nearest
    fraction = m.fract(phase)
    before = one(m, progress, m.select(beyond < 0.0, fraction, 1.0), width)
    after = one(m, progress, m.select(beyond < 0.0, 0.0, fraction), width)
    return m.mix(before, after, m.clamp(beyond / pixel + 0.5))


def along(m: Math, at: Position, degrees: Number) -> tuple[Scalar, Scalar, Scalar]:
    """The pixel's position along a direction, 0..1 over the canvas; across it, within -0.5..0.5;
    and the length of the whole way in pixels."""
    turned = degrees * RADIANS
    dx, dy = m.cos(turned), m.sin(turned)
    way = m.abs(dx) * at.width + m.abs(dy) * at.height
    side = m.abs(dy) * at.width + m.abs(dx) * at.height
    x, y = offset_from_center(at)
    return (x * dx + y * dy) / way + 0.5, (y * dx - x * dy) / side, way


def stable_floor(m: Math, x: Scalar) -> Scalar:
    """The floor of x, rounding up what is within a rounding error of the next integer: cells
    whose edges cross pixel centres are then the same in float32."""
    return m.floor(x + 1e-4)


def bump(progress: Scalar) -> Scalar:
    """0 at both ends, 1 halfway: 4t(1 - t)."""
    return 4.0 * progress * (1.0 - progress)


def inside(m: Math, at: Scalar, low: Number, high: Number, scale: Number = 1.0) -> Scalar:
    """1 between low and high, 0 outside, with a one-pixel ramp at each; ``scale`` is screen
    pixels per unit."""
    return m.clamp(m.min(at - low, high - at) * scale + 0.5)


def framed(
    m: Math,
    picture: Picture,
    x: Scalar,
    y: Scalar,
    scale_x: Number = 1.0,
    scale_y: Number = 1.0,
) -> Pixel:
    """The picture at (x, y), clear beyond its frame, which has a smooth edge on the screen.

    ``scale_x`` and ``scale_y`` are screen pixels per pixel of the picture.
    """
    cover = inside(m, x, 0.0, picture.width, scale_x) * inside(m, y, 0.0, picture.height, scale_y)
    return picture.at(x, y) * cover


def parted(
    picture: Picture, x: Scalar, y: Scalar, off_x: Scalar, off_y: Scalar, amount: Number
) -> Pixel:
    """The picture displaced, red by less and blue by more."""
    red, green, blue = (
        picture.at(x + off_x * by, y + off_y * by, edge="mirror")
        for by in (1.0 - amount, 1.0, 1.0 + amount)
    )
    return Pixel(Vec3(red.rgb.r, green.rgb.g, blue.rgb.b), green.a)
