"""Geometry: bends, waves, whirls and other warps in the plane."""

from __future__ import annotations

from vedc.expr.math import Clock, Math, Pixel, Position, Scalar
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import angle_param, geometry, point_param
from vedc.ops.shared.plane_geometry import (
    RADIANS,
    TURN,
    Point,
    clamp_to_picture,
    half_side,
    offset_from,
    rotated,
    rotated_back,
    safe_length,
    to_pixels,
)


@geometry(use="Roll a picture up into a disc, or unroll a disc into a strip.", edge="repeat")
def polar(
    m: Math,
    at: Position,
    *,
    direction: str = param(
        "to_polar",
        choices=("to_polar", "from_polar"),
        doc="Bend the top edge into the centre of a disc, or the reverse.",
    ),
    center: Point = point_param("Centre of the disc."),
    radius: Scalar = param(
        1.0, low=0.001, high=10, doc="Where the bottom edge ends up; 1 touches the nearer edges."
    ),
    angle: Scalar = angle_param("Where left and right meet; 0 is up."),
) -> Point:
    """Convert between polar and rectangular coordinates.

    Columns become angles, clockwise from `angle`; rows become distances from the centre. Beyond the
    disc its rim continues.
    """
    cx, cy = to_pixels(at, center)
    reach = radius * half_side(m, at)
    if direction == "from_polar":
        away = at.y / at.height * reach
        x, y = rotated(m, m.number(0.0), -away, at.x / at.width * 360.0 + angle)
        return cx + x, cy + y
    x, y = rotated_back(m, *offset_from(at, cx, cy), angle)
    # Measured from behind the point, so that atan2 jumps where left and right meet.
    around = 0.5 - m.atan2(x, y) * (1.0 / TURN)
    row = safe_length(m, x, y) / reach * at.height
    return around * at.width, clamp_to_picture(m, row, at.height)


@geometry(use="Turn a picture into a symmetrical star, still or slowly turning.", edge="mirror")
def kaleidoscope(
    m: Math,
    at: Position,
    *,
    segments: Scalar = param(6.0, low=1, high=100, doc="Mirrored pairs around the centre."),
    angle: Scalar = angle_param("Rotation of the mirrors."),
    source: Scalar = angle_param("Which part of the picture is shown."),
    zoom: Scalar = param(1.0, low=0.01, high=100, doc="2 shows the picture twice as large."),
    center: Point = point_param("The centre, in fractions of the canvas."),
) -> Point:
    """Fold the angle around a point back and forth into one wedge."""
    cx, cy = to_pixels(at, center)
    x, y = rotated_back(m, *offset_from(at, cx, cy), angle)
    wedge = TURN / segments
    folded = m.abs(m.modulo(m.atan2(y, x), wedge) - wedge * 0.5)
    away = safe_length(m, x, y) / zoom
    seen = folded + (source + angle) * RADIANS
    return cx + away * m.cos(seen), cy + away * m.sin(seen)


@geometry(
    use="Let a drop fall into the picture: rings of waves around a point.",
    identity=facts.neutral(amplitude=0.0),
    edge="mirror",
)
def ripple(
    m: Math,
    at: Position,
    clock: Clock,
    *,
    amplitude: Scalar = param(10.0, low=0, high=1000, unit="px", doc="Out and in.", shown=30.0),
    wavelength: Scalar = param(
        80.0, low=2, high=10000, unit="px", doc="Crest to crest.", shown=70.0
    ),
    speed: Scalar = param(1.0, low=-100, high=100, unit="waves a second", doc="Outwards."),
    radius: Scalar = param(
        1.0,
        low=0.001,
        high=10,
        doc="Where the waves have died away; 1 touches the nearer edges.",
        shown=1.8,
    ),
    center: Point = point_param("The centre, in fractions of the canvas."),
) -> Point:
    """Shift points towards and away from a centre by a sine of their distance.

    The height falls from `amplitude` to 0 at `radius`, as `(1 - r)^2`; over the first half wave it
    rises from 0, since a point shifted in all directions at once would tear.
    """
    cx, cy = to_pixels(at, center)
    x, y = offset_from(at, cx, cy)
    away = safe_length(m, x, y)
    fade = m.clamp(1.0 - away / (radius * half_side(m, at)))
    phase = (away / wavelength - speed * clock.seconds) * TURN
    rise = m.clamp(away * 2.0 / wavelength)
    by = amplitude * rise * fade * fade * m.sin(phase) / away
    return at.x + x * by, at.y + y * by


@geometry(
    use="Make a picture sway as if under water or in hot air.",
    identity=facts.neutral(amplitude=0.0),
    edge="mirror",
)
def wave(
    m: Math,
    at: Position,
    clock: Clock,
    *,
    amplitude: Scalar = param(20.0, low=0, high=10000, unit="px", doc="To either side."),
    wavelength: Scalar = param(200.0, low=2, high=100000, unit="px", doc="Crest to crest."),
    speed: Scalar = param(0.5, low=-100, high=100, unit="waves a second", doc="Speed of travel."),
    angle: Scalar = angle_param("Direction of travel; 0 is right, 90 down.", 90.0),
) -> Point:
    """Shift lines along themselves by a sine that travels across them."""
    dx, dy = m.cos(angle * RADIANS), m.sin(angle * RADIANS)
    along = at.x * dx + at.y * dy
    by = amplitude * m.sin((along / wavelength - speed * clock.seconds) * TURN)
    return at.x - dy * by, at.y + dx * by


@geometry(use="Whirl a picture around a point.", identity=facts.neutral(angle=0.0), edge="mirror")
def swirl(
    m: Math,
    at: Position,
    *,
    angle: Scalar = angle_param("Rotation at the centre.", 90.0, shown=160.0),
    radius: Scalar = param(
        1.0, low=0.001, high=10, doc="How far it reaches; 1 touches the nearer edges."
    ),
    center: Point = point_param("The centre, in fractions of the canvas."),
) -> Point:
    """Rotate the picture clockwise by `angle * (1 - r)^2`, most at the centre."""
    cx, cy = to_pixels(at, center)
    x, y = offset_from(at, cx, cy)
    t = m.clamp(1.0 - safe_length(m, x, y) / (radius * half_side(m, at)))
    x, y = rotated_back(m, x, y, angle * t * t)
    return cx + x, cy + y


@geometry(
    use="Inflate part of a picture, or pinch it.", identity=facts.neutral(amount=0.0), edge="mirror"
)
def bulge(
    m: Math,
    at: Position,
    *,
    amount: Scalar = param(
        0.5, low=-1, high=0.95, doc="Above 0 inflates, below 0 pinches.", shown=0.8
    ),
    radius: Scalar = param(
        1.0, low=0.001, high=10, doc="How far it reaches; 1 touches the nearer edges."
    ),
    center: Point = point_param("The centre, in fractions of the canvas.", shown=(0.36, 0.3)),
) -> Point:
    """Scale the distance from a point by `1 - amount * (1 - r^2)^2` within a radius."""
    cx, cy = to_pixels(at, center)
    x, y = offset_from(at, cx, cy)
    reach = radius * half_side(m, at)
    t = m.clamp(1.0 - (x * x + y * y) / (reach * reach))
    by = 1.0 - amount * t * t
    return cx + x * by, cy + y * by


@geometry(
    use="Let the colours of one picture displace another: glass, smoke, glitches.",
    identity=facts.neutral(amount=(0.0, 0.0)),
    edge="mirror",
)
def displace(
    m: Math,
    at: Position,
    *,
    map: Pixel = param(kind="picture", doc="Red shifts sideways, green up and down."),
    amount: Point = param(
        (30.0, 30.0),
        kind="pair",
        low=-10000,
        high=10000,
        unit="px",
        doc="Displacement for a full 1.",
        shown=(60.0, 60.0),
    ),
) -> Point:
    """Show the point displaced by `(map - 0.5) * 2 * amount`.

    Middle grey and clear areas of the map shift nothing; white shows what is to the right and
    below.
    """
    red, green = (2.0 * c - map.a for c in (map.rgb.r, map.rgb.g))
    return at.x + red * amount[0], at.y + green * amount[1]
