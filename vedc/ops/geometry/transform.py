"""Geometry: pictures moved, turned, scaled, cut and repeated.

A body says, for a point of the canvas, which point of the picture is shown there; so several
in a row are one map, and the picture is sampled once. Angles are degrees clockwise.
"""

from __future__ import annotations

from vedc.expr.math import Clock, Math, Pixel, Position, Scalar
from vedc.ops.core import facts
from vedc.ops.core.registry import Values, param
from vedc.ops.shared.declare import angle_param, geometry, key, point_param
from vedc.ops.shared.lattice_noise import quintic
from vedc.ops.shared.plane_geometry import (
    RADIANS,
    Point,
    nonzero,
    offset_from,
    rotated_back,
    to_pixels,
)


@geometry(
    use="Place a picture: move, scale and rotate it, also as picture in picture.",
    identity=facts.neutral(position=(0.0, 0.0), scale=(1.0, 1.0), rotation=0.0),
    opaque=False,
)
def transform(
    m: Math,
    at: Position,
    *,
    position: Point = param(
        (0.0, 0.0),
        kind="pair",
        low=-1e5,
        high=1e5,
        unit="px",
        doc="Right and down.",
        shown=(40.0, 0.0),
    ),
    scale: Point = param(
        (1.0, 1.0),
        kind="pair",
        low=-1000,
        high=1000,
        doc="1 is unchanged; below 0 also mirrors.",
        shown=(0.6, 0.6),
    ),
    rotation: Scalar = angle_param("Clockwise.", shown=-15.0),
    anchor: Point = point_param("The point that scaling and rotation leave in place."),
) -> Point:
    """Scale a picture about its anchor, rotate it, then move it.

    Positions between pixels are exact, so slow moves do not judder. The inverse of
    `T(anchor + position) * R(rotation) * S(scale) * T(-anchor)`.
    """
    ax, ay = to_pixels(at, anchor)
    x, y = rotated_back(m, *offset_from(at, ax + position[0], ay + position[1]), rotation)
    return ax + x / nonzero(m, scale[0]), ay + y / nonzero(m, scale[1])


@key(
    use="Cut strips off the edges of a picture.",
    identity=facts.neutral(left=0.0, top=0.0, right=0.0, bottom=0.0),
)
def crop(
    m: Math,
    pixel: Pixel,
    at: Position,
    *,
    left: Scalar = param(0.0, low=0, high=1, doc="Fraction of the width.", shown=0.08),
    top: Scalar = param(0.0, low=0, high=1, doc="Fraction of the height.", shown=0.08),
    right: Scalar = param(0.0, low=0, high=1, doc="Fraction of the width.", shown=0.35),
    bottom: Scalar = param(0.0, low=0, high=1, doc="Fraction of the height.", shown=0.1),
) -> Pixel:
    """Make everything outside a rectangle clear; the rest stays in place.

    A pixel that the rectangle covers in part keeps exactly that part of its coverage.
    """
    across = _overlap(m, at.x, left * at.width, at.width - right * at.width)
    down = _overlap(m, at.y, top * at.height, at.height - bottom * at.height)
    return pixel * (across * down)


def _overlap(m: Math, at: Scalar, low: Scalar, high: Scalar) -> Scalar:
    """How much of the pixel around ``at`` lies between two limits, 0..1."""
    return m.max(m.min(at + 0.5, high) - m.max(at - 0.5, low), 0.0)


@geometry(
    use="Show a picture mirrored or upside down.",
    identity=facts.neutral(horizontal=False, vertical=False),
    inverse=dict,
)
def flip(
    m: Math,
    at: Position,
    *,
    horizontal: bool = param(True, doc="Swap left and right."),
    vertical: bool = param(False, doc="Swap top and bottom."),
) -> Point:
    """Swap left and right, top and bottom, or both. Exact: no pixels are mixed."""
    return (
        at.width - at.x if horizontal else at.x,
        at.height - at.y if vertical else at.y,
    )


@geometry(
    use="Push in on a detail or pull back, as documentaries do on photographs.",
    identity=facts.neutral(amount=1.0),
    opaque=False,
)
def zoom(
    m: Math,
    at: Position,
    *,
    amount: Scalar = param(
        1.0, low=0.001, high=1000, doc="2 shows everything twice as large.", shown=2.0
    ),
    center: Point = point_param("The point that stays in place.", shown=(0.35, 0.25)),
) -> Point:
    """Enlarge a picture about a point."""
    cx, cy = to_pixels(at, center)
    return cx + (at.x - cx) / amount, cy + (at.y - cy) / amount


@geometry(
    use="Slant a picture, for titles and split screens.",
    identity=facts.neutral(horizontal=0.0, vertical=0.0),
    opaque=False,
)
def skew(
    m: Math,
    at: Position,
    *,
    horizontal: Scalar = angle_param("The top leans right.", limit=85, shown=20.0),
    vertical: Scalar = angle_param("The right side sinks.", limit=85),
    center: Point = point_param("The point that stays in place."),
) -> Point:
    """Shift rows along themselves, then columns, in proportion to their distance from the centre.

    The inverse of `x' = x - tan(horizontal) * y`, then `y' = y + tan(vertical) * x'`.
    """
    cx, cy = to_pixels(at, center)
    x, y = offset_from(at, cx, cy)
    a, b = horizontal * RADIANS, vertical * RADIANS
    y = y - x * m.sin(b) / m.cos(b)
    return cx + x + y * m.sin(a) / m.cos(a), cy + y


@geometry(
    use="Let a picture run through the frame endlessly.",
    identity=facts.neutral(speed=(0.0, 0.0), offset=(0.0, 0.0)),
    opaque=False,
    edge="repeat",
)
def scroll(
    m: Math,
    at: Position,
    clock: Clock,
    *,
    speed: Point = param(
        (100.0, 0.0), kind="pair", low=-1e5, high=1e5, unit="px/s", doc="Right and down."
    ),
    offset: Point = param(
        (0.0, 0.0), kind="pair", low=-1e6, high=1e6, unit="px", doc="Starting position."
    ),
) -> Point:
    """Move a picture at a steady speed; what leaves on one side re-enters on the other."""
    return (
        at.x - (offset[0] + speed[0] * clock.seconds),
        at.y - (offset[1] + speed[1] * clock.seconds),
    )


@geometry(
    use="Fill the frame with small copies of a picture.",
    identity=facts.neutral(columns=1.0, rows=1.0, offset=(0.0, 0.0)),
    opaque=False,
    edge="repeat",
)
def tile(
    m: Math,
    at: Position,
    *,
    columns: Scalar = param(3.0, low=0.01, high=1000, doc="Copies across the frame."),
    rows: Scalar = param(3.0, low=0.01, high=1000, doc="Copies down the frame."),
    offset: Point = param(
        (0.0, 0.0), kind="pair", low=-1e4, high=1e4, doc="Position of the first copy, in copies."
    ),
) -> Point:
    """Repeat a picture; with the edge `mirror` every second copy is flipped."""
    return at.x * columns - offset[0] * at.width, at.y * rows - offset[1] * at.height


@geometry(
    use="Double one half of a picture, for symmetrical patterns and water.",
    opaque=False,
    edge="mirror",
)
def mirror(
    m: Math,
    at: Position,
    *,
    angle: Scalar = angle_param("0 keeps the left, 90 the top."),
    center: Point = point_param("A point on the mirror line."),
) -> Point:
    """Reflect one side of a line onto the other.

    Where `d`, the distance from the line towards the hidden side, is above 0, the point shown is
    `p - 2 * d * n`, with `n` the line's normal.
    """
    nx, ny = m.cos(angle * RADIANS), m.sin(angle * RADIANS)
    x, y = offset_from(at, *to_pixels(at, center))
    behind = m.max(x * nx + y * ny, 0.0) * 2.0
    return at.x - behind * nx, at.y - behind * ny


def _still(values: Values) -> bool:
    return values["amount"] == (0.0, 0.0) and values["rotation"] == 0.0 and values["zoom"] == 1.0


@geometry(
    use="Give a steady shot the unrest of a hand-held camera or an explosion.",
    identity=_still,
    opaque=False,
    edge="mirror",
)
def shake(
    m: Math,
    at: Position,
    clock: Clock,
    *,
    amount: Point = param(
        (20.0, 20.0),
        kind="pair",
        low=0,
        high=10000,
        unit="px",
        doc="Farthest displacement.",
        shown=(60.0, 40.0),
    ),
    rotation: Scalar = param(
        0.5, low=0, high=180, unit="degrees", doc="Largest rotation.", shown=8.0
    ),
    frequency: Scalar = param(3.0, low=0, high=100, unit="Hz", doc="Changes of direction."),
    zoom: Scalar = param(1.0, low=0.1, high=10, doc="A little above 1 hides the edges."),
    seed: int = param(
        0, kind="integer", low=0, high=65535, doc="Each value gives a different motion."
    ),
) -> Point:
    """Move and rotate a picture smoothly at random.

    Two octaves of value noise, 2/3 and 1/3 of the amount: random numbers interpolated by the
    quintic `6t^5 - 15t^4 + 10t^3` (Perlin 2002), which starts and stops without a jerk.
    """
    time = clock.seconds * frequency
    dx, dy, angle = (_drift(m, time, seed, track) for track in range(3))
    cx, cy = at.width * 0.5, at.height * 0.5
    x, y = offset_from(at, cx + dx * amount[0], cy + dy * amount[1])
    x, y = rotated_back(m, x, y, angle * rotation)
    return cx + x / zoom, cy + y / zoom


def _drift(m: Math, time: Scalar, seed: int, track: int) -> Scalar:
    """Smooth noise in -1..1."""
    total = m.number(0.0)
    for octave, weight in ((0, 2.0 / 3.0), (1, 1.0 / 3.0)):
        # Octaves and tracks start at different points, or all would pause together.
        now = time * (octave + 1.0) + (0.37 * track + 0.21 * octave)
        step = m.floor(now)
        t = now - step
        row = float(2 * track + octave)
        before, after = (m.hash(step + k, row, float(seed)) for k in (0.0, 1.0))
        total = total + (m.mix(before, after, quintic(t)) * 2.0 - 1.0) * weight
    return total
