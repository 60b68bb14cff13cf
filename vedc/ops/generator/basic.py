"""Generators: colours, gradients and simple patterns. Colours are display-encoded."""

from __future__ import annotations

from vedc.expr.math import (
    Clock,
    Math,
    Pixel,
    Position,
    Scalar,
    Vec3,
    opaque,
    premultiply,
)
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import angle_param, generator, point_param
from vedc.ops.shared.plane_geometry import (
    RADIANS,
    TURN,
    Point,
    half_side,
    length,
    offset_from,
    rotated_back,
    to_pixels,
)

#: The most colours of a gradient.
STOPS = 4


@generator(use="Fill the canvas, or tint what is below.", opaque=False)
def solid_color(
    m: Math,
    *,
    color: Vec3 = param(0.0, kind="color", doc="The colour.", shown=(0.16, 0.45, 0.7)),
    opacity: Scalar = param(1.0, low=0, high=1, doc="0 is clear, 1 opaque."),
) -> Pixel:
    """A single colour."""
    return premultiply(color, opacity)


def blended(m: Math, at: Scalar, colors: int, all_colors: tuple[Vec3, ...]) -> Vec3:
    """Evenly spaced colour stops: the first up to 0, the last from 1 on, straight lines between."""
    steps = colors - 1
    found = all_colors[0]
    for n in range(steps):
        found = m.mix3(found, all_colors[n + 1], m.clamp(at * float(steps) - float(n)))
    return found


@generator(use="Lay a quiet background under titles.", ramps=True)
def linear_gradient(
    m: Math,
    at: Position,
    *,
    start: Point = point_param("Position of the first colour.", (0.0, 0.0)),
    end: Point = point_param("Position of the last colour.", (1.0, 1.0)),
    colors: int = param(
        2, kind="integer", low=2, high=STOPS, doc="Number of colours in use.", shown=4
    ),
    color_1: Vec3 = param((0.09, 0.11, 0.2), kind="color", doc="First colour."),
    color_2: Vec3 = param((0.35, 0.47, 0.75), kind="color", doc="Second colour."),
    color_3: Vec3 = param((0.95, 0.75, 0.55), kind="color", doc="Third colour, if used."),
    color_4: Vec3 = param((1.0, 0.95, 0.85), kind="color", doc="Fourth colour, if used."),
) -> Pixel:
    """A gradient along a line; beyond its ends the end colours continue.

    Stops are evenly spaced; display-encoded values are interpolated linearly.
    """
    (x0, y0), (x1, y1) = to_pixels(at, start), to_pixels(at, end)
    dx, dy = x1 - x0, y1 - y0
    along = ((at.x - x0) * dx + (at.y - y0) * dy) / m.max(dx * dx + dy * dy, 1e-6)
    return opaque(m, blended(m, along, colors, (color_1, color_2, color_3, color_4)))


@generator(use="Light a backdrop with a soft spot, or make a glow.", ramps=True)
def radial_gradient(
    m: Math,
    at: Position,
    *,
    center: Point = point_param("The centre, in fractions of the canvas."),
    radius: Scalar = param(
        1.0, low=0.001, high=10, doc="Where the last colour is; 1 touches the nearer edges."
    ),
    colors: int = param(
        2, kind="integer", low=2, high=STOPS, doc="Number of colours in use.", shown=4
    ),
    color_1: Vec3 = param((0.95, 0.75, 0.55), kind="color", doc="Colour at the centre."),
    color_2: Vec3 = param((0.09, 0.11, 0.2), kind="color", doc="Second colour."),
    color_3: Vec3 = param((0.35, 0.47, 0.75), kind="color", doc="Third colour, if used."),
    color_4: Vec3 = param(0.0, kind="color", doc="Fourth colour, if used."),
) -> Pixel:
    """A gradient by distance from a point; beyond the radius the last colour continues."""
    x, y = offset_from(at, *to_pixels(at, center))
    away = length(m, x, y) / (radius * half_side(m, at))
    return opaque(m, blended(m, away, colors, (color_1, color_2, color_3, color_4)))


@generator(use="Make a colour wheel, a radar sweep or a metallic sheen.", ramps=True)
def conic_gradient(
    m: Math,
    at: Position,
    *,
    center: Point = point_param("The centre, in fractions of the canvas."),
    angle: Scalar = angle_param("Direction of the first colour; 0 is up."),
    colors: int = param(
        2, kind="integer", low=2, high=STOPS, doc="Number of colours in use.", shown=3
    ),
    color_1: Vec3 = param((0.09, 0.11, 0.2), kind="color", doc="First colour."),
    color_2: Vec3 = param((0.95, 0.75, 0.55), kind="color", doc="Second colour, clockwise."),
    color_3: Vec3 = param((0.35, 0.47, 0.75), kind="color", doc="Third colour, if used."),
    color_4: Vec3 = param(0.0, kind="color", doc="Fourth colour, if used."),
) -> Pixel:
    """A gradient by the clockwise angle around a point."""
    x, y = rotated_back(m, *offset_from(at, *to_pixels(at, center)), angle)
    around = 0.5 - m.atan2(x, y) * (1.0 / TURN)
    return opaque(m, blended(m, around, colors, (color_1, color_2, color_3, color_4)))


def covered(m: Math, at: Scalar, period: Scalar, width: Scalar) -> Scalar:
    """The part of the pixel around ``at`` that is in bands of this width beginning at every
    multiple of the period. Exact, so edges are not jagged and motion is smooth."""

    def filled(x: Scalar) -> Scalar:
        turns = m.floor(x / period)
        return turns * width + m.min(x - turns * period, width)

    return filled(at + 0.5) - filled(at - 0.5)


@generator(use="See where a picture is clear: lay it over squares.")
def checker(
    m: Math,
    at: Position,
    *,
    size: Scalar = param(64.0, low=1, high=10000, unit="px", doc="Side of a square."),
    color_1: Vec3 = param(0.8, kind="color", doc="Colour of the top left square."),
    color_2: Vec3 = param(0.6, kind="color", doc="Colour of its neighbours."),
) -> Pixel:
    """A checkerboard of two colours."""
    a, b = covered(m, at.x, size * 2.0, size), covered(m, at.y, size * 2.0, size)
    alike = 1.0 - a - b + 2.0 * a * b
    return opaque(m, m.mix3(color_2, color_1, alike))


@generator(use="Move bands behind titles, warnings and countdowns.")
def stripes(
    m: Math,
    at: Position,
    clock: Clock,
    *,
    width: Scalar = param(60.0, low=1, high=10000, unit="px", doc="Width of a pair of stripes."),
    ratio: Scalar = param(0.5, low=0, high=1, doc="The first colour's share of a pair."),
    angle: Scalar = angle_param("0 is upright; clockwise.", 45.0),
    speed: Scalar = param(0.0, low=-1e5, high=1e5, unit="px/s", doc="Speed across the stripes."),
    color_1: Vec3 = param((0.95, 0.75, 0.1), kind="color", doc="Colour of the first stripe."),
    color_2: Vec3 = param(0.08, kind="color", doc="Colour of the second."),
) -> Pixel:
    """Parallel stripes in two colours with smooth edges."""
    across = at.x * m.cos(angle * RADIANS) + at.y * m.sin(angle * RADIANS)
    share = covered(m, across - speed * clock.seconds, width, width * ratio)
    return opaque(m, m.mix3(color_2, color_1, share))


@generator(use="Align things, or see how a warp bends.", opaque=False)
def grid(
    m: Math,
    at: Position,
    *,
    size: Point = param(
        (80.0, 80.0), kind="pair", low=1, high=10000, unit="px", doc="Distance between lines."
    ),
    thickness: Scalar = param(2.0, low=0, high=1000, unit="px", doc="Thickness of a line."),
    color: Vec3 = param(1.0, kind="color", doc="Colour of the lines."),
    background: Vec3 = param(0.0, kind="color", doc="Colour between the lines."),
    opacity: Scalar = param(1.0, low=0, high=1, doc="Background opacity; 0 leaves only lines."),
) -> Pixel:
    """Horizontal and vertical lines; one of each crosses the centre of the canvas."""
    shift = thickness * 0.5
    x, y = at.x - at.width * 0.5 + shift, at.y - at.height * 0.5 + shift
    a, b = covered(m, x, size[0], thickness), covered(m, y, size[1], thickness)
    line = m.clamp(a + b - a * b)
    around = premultiply(background, opacity)
    return premultiply(color, line) + around * (1.0 - line)
