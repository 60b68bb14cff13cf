"""Basic transitions: from picture a to picture b as progress goes from 0 to 1."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import transition
from vedc.ops.shared.pixels import mixed
from vedc.ops.transition.common import ANGLE, DIRECTIONS, SOFTNESS, along, filled, front


@transition(family="dissolve", use="Blend one shot into the next, or show that time passes.")
def dissolve(m: Math, a: Pixel, b: Pixel, progress: Scalar) -> Pixel:
    """Mix the two pictures linearly."""
    return mixed(a, b, progress)


@transition(family="wipe", use="Replace one picture with the next behind a moving edge.")
def wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("right", choices=tuple(DIRECTIONS), doc="Where the edge moves."),
    angle: Scalar = ANGLE,
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the incoming picture behind a straight edge that crosses the canvas.

    Neither picture moves. The edge, including its softness, is off the canvas at both ends.
    """
    position, _, way = along(m, at, DIRECTIONS[direction] + angle)
    return mixed(a, b, front(m, progress, position, m.max(softness, 1.0 / way)))


@transition(family="fade", sound="dip", use="End a chapter: fade out to a colour, then in again.")
def dip(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    color: Vec3 = param(0.0, kind="color", doc="The colour shown halfway."),
) -> Pixel:
    """Fade the outgoing picture to `color`, then `color` to the incoming picture.

    The colour covers what the pictures cover; halfway its alpha is the mean of theirs.
    """
    first = m.clamp(1.0 - 2.0 * progress)
    second = m.clamp(2.0 * progress - 1.0)
    between = filled(color, a, b, progress)
    return a * first + b * second + between * (1.0 - first - second)
