"""Light that a lens adds: flares around lamps, and light that leaks into the camera.

Both add linear light, so they look alike over dark and bright pictures, and in HDR reach beyond
white. Lengths are in heights of the picture: the look is the same at every size.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from vedc.expr.math import Clock, Math, Position, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.shared import color_conversion, lattice_noise
from vedc.ops.shared.declare import linear_grade, point_param
from vedc.ops.shared.plane_geometry import RADIANS, TURN, Point, safe_length


class _Ghost(NamedTuple):
    """A reflection between two lenses: an image of the iris."""

    place: float
    """On the axis through the lamp and the centre: 0 at the lamp, 1 at the centre."""
    radius: float
    tint: tuple[float, float, float]
    light: float
    soft: float
    """The width of the edge in radii."""


#: From the lamp outwards. Coatings reflect what they do not pass: green, violet and amber.
_GHOSTS: Final = (
    _Ghost(0.42, 0.016, (1.0, 0.75, 0.45), 0.30, 0.5),
    _Ghost(0.68, 0.040, (0.35, 0.75, 1.0), 0.10, 0.2),
    _Ghost(1.22, 0.026, (0.55, 1.0, 0.60), 0.16, 0.3),
    _Ghost(1.48, 0.062, (1.0, 0.55, 0.30), 0.09, 0.12),
    _Ghost(1.66, 0.020, (0.55, 0.65, 1.0), 0.26, 0.4),
    _Ghost(1.95, 0.110, (0.50, 0.90, 0.75), 0.05, 0.10),
    _Ghost(2.45, 0.190, (0.80, 0.45, 1.0), 0.035, 0.16),
)
#: How much farther out red is in a ghost's edge, and nearer blue: in radii.
_FRINGE: Final = 0.06
#: Radii of the core, of its veil, and of the ring.
_CORE, _VEIL, _RING = 0.012, 0.16, 0.34
#: Half the width of a ray of the star and of the streak.
_RAY, _STREAK = 0.0035, 0.0030
_COLD: Final = (0.35, 0.6, 1.0)


def _to_light(m: Math, color: Vec3) -> Vec3:
    return color_conversion.linearize(m, color, "bt709")


def _hump(m: Math, x: Scalar) -> Scalar:
    """exp(-x**2)."""
    return m.exp2(x * x * (-1.0 / math.log(2.0)))


def _ray(m: Math, across: Scalar, along: Scalar, width: Scalar, length: Scalar) -> Scalar:
    """A line of light through the origin that is thinner and darker towards its ends."""
    fall = 1.0 / (1.0 + (along * along) / (length * length))
    return _hump(m, across / (width * m.max(fall, 0.25))) * fall * fall


@linear_grade(
    use="Make a lamp or the sun shine into the lens: star, streak, reflections of the iris.",
    identity=facts.neutral(intensity=0.0),
    ramps=True,
)
def flare(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    position: Point = point_param("The lamp.", (0.3, 0.3)),
    intensity: Scalar = param(
        1.0, low=0, high=20, doc="Brightness; at 1 the core is far beyond white.", shown=1.5
    ),
    size: Scalar = param(1.0, low=0.05, high=10, doc="Scale of the star, the ring and the ghosts."),
    color: Vec3 = param((1.0, 0.93, 0.82), kind="color", doc="The lamp's colour."),
    ghosts: Scalar = param(1.0, low=0, high=5, doc="Brightness of the reflections."),
    star: Scalar = param(1.0, low=0, high=5, doc="Brightness of the star around the lamp."),
    streak: Scalar = param(
        0.5, low=0, high=5, doc="Brightness of the anamorphic streak across.", shown=0.8
    ),
    ring: Scalar = param(0.5, low=0, high=5, doc="Brightness of the ring around the lamp."),
    blades: int = param(
        6, kind="integer", low=0, high=16, doc="Corners of the iris; below 3 it is round."
    ),
    rotation: Scalar = param(
        12.0, low=-360, high=360, unit="degrees", doc="Of the iris, clockwise."
    ),
) -> Vec3:
    """Add a lens flare, in linear light.

    An iris of an even number of blades gives a star of as many rays, an odd one of twice as many.
    The ghosts are images of the iris on the line from the lamp through the centre of the picture,
    with the fringes of its glasses. `position` may be keyframed and may lie outside the picture.
    Where the picture is clear nothing is added.
    """
    high = at.height
    x, y = at.x / high - position[0] * at.width / high, at.y / high - position[1]
    away = safe_length(m, x, y)
    lamp = _to_light(m, color)
    fine = 0.7 / high
    near = away / (_CORE * size)
    core = 4.0 / (1.0 + near * near * near)
    veil = 0.09 / (1.0 + (away / (_VEIL * size)) * (away / (_VEIL * size)) * 6.0)
    white = core
    tinted = veil * _hump(m, away / (size * 1.2))
    tinted = tinted + _star(m, x, y, size, blades, rotation, fine) * star * 0.9
    light = lamp * tinted + (lamp * 0.5 + 0.5) * white
    cold = Vec3(
        *(lamp_channel * tint for lamp_channel, tint in zip(lamp.channels, _COLD, strict=True))
    )
    line = _ray(m, y, x, m.max(size * _STREAK, fine), size * 0.42)
    light = light + cold * (line * streak * 0.8)
    light = light + _halo(m, away, size, lamp) * ring
    for ghost in _GHOSTS:
        light = light + _reflection(m, at, position, ghost, size, blades, rotation) * ghosts
    return rgb + light * intensity


def _star(
    m: Math, x: Scalar, y: Scalar, size: Scalar, blades: int, rotation: Scalar, fine: Scalar
) -> Scalar:
    """Diffraction at the iris: a ray at a right angle to each edge, both ways."""
    if blades < 3:
        return m.number(0.0)
    lines = blades // 2 if blades % 2 == 0 else blades
    total = m.number(0.0)
    for k in range(lines):
        turn = rotation * RADIANS + math.pi * k / lines
        cos, sin = m.cos(turn), m.sin(turn)
        # No two rays of a real star are of one length.
        length = 0.055 + 0.05 * (math.sin(7.3 * k + 1.1) ** 2)
        across, along = y * cos - x * sin, x * cos + y * sin
        total = total + _ray(m, across, along, m.max(size * _RAY, fine), size * length)
    return total


def _halo(m: Math, away: Scalar, size: Scalar, lamp: Vec3) -> Vec3:
    """A faint rainbow: the ring of each colour has its own radius."""
    radii = (1.0, 0.955, 0.905)

    def band(radius: float) -> Scalar:
        off = (away - size * (_RING * radius)) / (size * 0.022)
        return _hump(m, off) * 0.045

    return Vec3(*(c * band(r) for c, r in zip(lamp.channels, radii, strict=True)))


def _reflection(
    m: Math,
    at: Position,
    position: Point,
    ghost: _Ghost,
    size: Scalar,
    blades: int,
    rotation: Scalar,
) -> Vec3:
    wide = at.width / at.height
    x = at.x / at.height - wide * (position[0] + (0.5 - position[0]) * ghost.place)
    y = at.y / at.height - (position[1] + (0.5 - position[1]) * ghost.place)
    reach = safe_length(m, x, y)
    if blades >= 3:
        turn = rotation * RADIANS
        cos, sin = m.cos(turn), m.sin(turn)
        u, v = x * cos + y * sin, y * cos - x * sin
        angles = [TURN * (k + 0.5) / blades for k in range(blades)]
        sides = [u * math.cos(a) + v * math.sin(a) for a in angles]
        polygon = sides[0]
        for side in sides[1:]:
            polygon = m.max(polygon, side)
        reach = polygon * 0.8 + reach * 0.2  # corners of an iris are a little round
    inside = reach / (size * ghost.radius)

    def seen(wider: float) -> Scalar:
        edge = m.smoothstep(1.0 + wider, 1.0 + wider - ghost.soft, inside)
        rim = m.clamp(inside - wider) * m.clamp(inside - wider)
        return edge * (0.55 + 0.45 * rim) * ghost.light

    fringes = (_FRINGE, 0.0, -_FRINGE)
    return Vec3(*(m.number(t) * seen(w) for t, w in zip(ghost.tint, fringes, strict=True)))


@linear_grade(
    use="Warm light that leaks in at an edge, as in an old camera: memories, summers.",
    identity=facts.neutral(amount=0.0),
    ramps=True,
)
def leak(
    m: Math,
    rgb: Vec3,
    at: Position,
    clock: Clock,
    *,
    amount: Scalar = param(0.6, low=0, high=10, doc="Brightness at the edge; white is 1."),
    angle: Scalar = param(
        0.0, low=-360, high=360, unit="degrees", doc="Where it enters; 0 is the right, clockwise."
    ),
    width: Scalar = param(0.45, low=0.02, high=3, doc="How far it reaches, in heights."),
    color: Vec3 = param((1.0, 0.42, 0.12), kind="color", doc="Its colour, away from the edge."),
    speed: Scalar = param(0.25, low=0, high=10, unit="Hz", doc="How often it changes."),
    seed: int = param(0, kind="integer", low=0, high=1000, doc="Each value gives other light."),
) -> Vec3:
    """Add light that falls in from one side and breathes, in linear light.

    Its reach varies along the edge and with time, by smooth noise; towards the edge the colour
    burns out to yellow and white. Where the picture is clear nothing is added.
    """
    high = at.height
    cos, sin = m.cos(angle * RADIANS), m.sin(angle * RADIANS)
    x, y = (at.x - at.width * 0.5) / high, at.y / high - 0.5
    wide = at.width / high
    edge = m.abs(cos) * wide * 0.5 + m.abs(sin) * 0.5
    along, deep = y * cos - x * sin, edge - (x * cos + y * sin)
    now = clock.seconds * speed
    start = float(seed) * 17.0
    broad = lattice_noise.value(m, along * 1.6 + start, m.number(start + 0.5), now)
    ripple = lattice_noise.value(m, along * 4.5 + start, deep * 1.5 + 3.0, now * 1.7 + 9.0)
    pulse = lattice_noise.value(m, m.number(start + 0.3), m.number(5.5), now * 2.0)
    reach = width * (0.25 + 1.1 * broad + 0.35 * ripple)
    level = _hump(m, m.max(deep, 0.0) / reach) * (0.55 + 0.6 * pulse)
    warm = _to_light(m, color)
    hot = level * level
    light = warm * level + Vec3(hot * 0.35, hot * 0.28, hot * hot * 0.16)
    return rgb + light * amount
