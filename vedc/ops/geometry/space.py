"""Geometry: pictures as planes, cylinders and spheres in space."""

from __future__ import annotations

import math

from vedc.expr.math import Math, Position, Scalar
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import angle_param, geometry, point_param
from vedc.ops.shared.plane_geometry import (
    FAR,
    RADIANS,
    TURN,
    Point,
    clamp_to_picture,
    offset_from,
    safe_length,
    to_pixels,
)

Vector = tuple[Scalar, Scalar, Scalar]


@geometry(
    use="Fit a picture into a screen, a sign or a frame seen at an angle.",
    identity=facts.neutral(
        top_left=(0.0, 0.0), top_right=(1.0, 0.0), bottom_right=(1.0, 1.0), bottom_left=(0.0, 1.0)
    ),
    opaque=False,
)
def corner_pin(
    m: Math,
    at: Position,
    *,
    top_left: Point = point_param("Where the top left corner goes.", (0.0, 0.0), shown=(0.1, 0.15)),
    top_right: Point = point_param(
        "Where the top right corner goes.", (1.0, 0.0), shown=(0.85, 0.05)
    ),
    bottom_right: Point = point_param(
        "Where the bottom right corner goes.", (1.0, 1.0), shown=(0.95, 0.9)
    ),
    bottom_left: Point = point_param(
        "Where the bottom left corner goes.", (0.0, 1.0), shown=(0.05, 0.75)
    ),
) -> Point:
    """Move the picture's corners to four points of the canvas, given in fractions of it.

    The one projective map that does so: the square's map to a quadrilateral in closed form, with
    its matrix inverted (Heckbert 1989, "Fundamentals of Texture Mapping", 2.2.3).
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (
        to_pixels(at, corner) for corner in (top_left, top_right, bottom_right, bottom_left)
    )
    ex, ey = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    ax, ay, bx, by = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    det = ax * by - bx * ay
    g, h = (ex * by - bx * ey) / det, (ax * ey - ex * ay) / det
    # Rows of the matrix, for u and v in 0..1.
    a, b = x1 - x0 + g * x1, x3 - x0 + h * x3
    d, e = y1 - y0 + g * y1, y3 - y0 + h * y3
    u: Vector = e - y0 * h, x0 * h - b, b * y0 - x0 * e
    v: Vector = y0 * g - d, a - x0 * g, x0 * d - a * y0
    w: Vector = d * h - e * g, b * g - a * h, a * e - b * d
    scale = w[0] * x0 + w[1] * y0 + w[2]  # 1 for a picture that stays flat, else of one sign
    seen = _row(at, w) / scale
    behind = seen <= 1e-6
    by_ = m.select(behind, 0.0, 1.0 / seen)
    x = _row(at, u) * (at.width / scale) * by_
    y = _row(at, v) * (at.height / scale) * by_
    return m.select(behind, FAR, x), m.select(behind, FAR, y)


def _row(at: Position, row: Vector) -> Scalar:
    return at.x * row[0] + at.y * row[1] + row[2]


def _turn(m: Math, v: Vector, yaw: Scalar, pitch: Scalar, roll: Scalar) -> Vector:
    """A direction (right, down, ahead) turned: by roll clockwise around the line of sight, then
    by pitch upwards, then by yaw to the right."""
    x, y, z = v
    c, s = m.cos(roll * RADIANS), m.sin(roll * RADIANS)
    x, y = x * c - y * s, x * s + y * c
    c, s = m.cos(pitch * RADIANS), m.sin(pitch * RADIANS)
    y, z = y * c - z * s, y * s + z * c
    c, s = m.cos(yaw * RADIANS), m.sin(yaw * RADIANS)
    return x * c + z * s, y, z * c - x * s


@geometry(
    use="Tilt a picture in space, like a card or a page seen at an angle.",
    identity=facts.neutral(pitch=0.0, yaw=0.0, roll=0.0, zoom=1.0),
    opaque=False,
)
def tilt(
    m: Math,
    at: Position,
    *,
    pitch: Scalar = angle_param("The top moves away.", limit=89, shown=15.0),
    yaw: Scalar = angle_param("The right side moves away.", limit=89, shown=40.0),
    roll: Scalar = angle_param("Clockwise; applied first."),
    fov: Scalar = param(40.0, low=1, high=150, unit="degrees", doc="Vertical field of view."),
    zoom: Scalar = param(1.0, low=0.01, high=100, doc="2 shows everything twice as large."),
) -> Point:
    """Rotate the picture's plane about the centre of the canvas and view it in perspective.

    Intersects a ray from the eye through each pixel with the plane. Untilted, the picture fills the
    canvas.
    """
    cx, cy = at.width * 0.5, at.height * 0.5
    angle = fov * (0.5 * RADIANS)
    far = cy * m.cos(angle) / m.sin(angle)
    x, y = offset_from(at, cx, cy)
    ray = x / zoom, y / zoom, far
    one, none = m.number(1.0), m.number(0.0)
    right = _turn(m, (one, none, none), -yaw, pitch, roll)
    down = _turn(m, (none, one, none), -yaw, pitch, roll)
    ahead = _turn(m, (none, none, one), -yaw, pitch, roll)
    meets = _dot(ray, ahead) / (far * ahead[2])  # 1 on the plane's middle, falls towards the eye
    behind = meets <= 1e-4
    by = m.select(behind, 0.0, 1.0 / meets)
    # The plane's own coordinates of by * ray - (0, 0, far).
    u = _dot(ray, right) * by - far * right[2]
    v = _dot(ray, down) * by - far * down[2]
    return m.select(behind, FAR, cx + u), m.select(behind, FAR, cy + v)


def _dot(a: Vector, b: Vector) -> Scalar:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@geometry(use="Wrap a picture around a column, like a label on a bottle.", opaque=False)
def cylinder(
    m: Math,
    at: Position,
    *,
    bend: Scalar = param(
        120.0, low=1, high=180, unit="degrees", doc="Visible angle of the column.", shown=160.0
    ),
    turn: Scalar = angle_param("Rotation of the column."),
) -> Point:
    """Wrap the picture around an upright column seen from afar.

    The picture, as wide as on the canvas, covers `bend` degrees: `sin(angle) = x / radius`.
    """
    cx = at.width * 0.5
    angle = bend * RADIANS
    size = cx / m.sin(angle * 0.5)
    s = (at.x - cx) / size
    outside = m.abs(s) >= 1.0
    seen = m.atan2(s, m.sqrt(m.max(1.0 - s * s, 1e-9))) / angle - turn / bend
    return m.select(outside, FAR, cx + seen * at.width), at.y


@geometry(use="Look around in 360-degree footage, or make a little planet of it.", edge="repeat")
def reframe360(
    m: Math,
    at: Position,
    *,
    yaw: Scalar = angle_param("To the right."),
    pitch: Scalar = angle_param("Upwards.", shown=-90.0),
    roll: Scalar = angle_param("Clockwise."),
    fov: Scalar = param(
        90.0, low=1, high=350, unit="degrees", doc="Horizontal field of view.", shown=230.0
    ),
    projection: str = param(
        "flat",
        choices=("flat", "fisheye", "stereographic"),
        doc="Flat, as a camera below 180 degrees; or round, like a little planet.",
        shown="stereographic",
    ),
) -> Point:
    """Show part of an equirectangular picture, whose columns are longitudes and rows latitudes.

    Each pixel is a direction: at a distance `r` from the centre it is an angle a off the line of
    sight, with `r = tan(a)` (flat), `a` (fisheye) or `2 tan(a / 2)` (stereographic).
    """
    cx, cy = at.width * 0.5, at.height * 0.5
    x, y = offset_from(at, cx, cy)
    view = fov * RADIANS
    one = m.number(1.0)
    if projection == "flat":
        widest = m.min(view * 0.5, math.radians(89.5))
        k = m.sin(widest) / (m.cos(widest) * cx)
        ray: Vector = x * k, y * k, one
    else:
        away = safe_length(m, x, y)
        if projection == "fisheye":
            off = away * (view * 0.5 / cx)
        else:
            edge = view * 0.25
            off = 2.0 * m.atan2(away * (m.sin(edge) / (m.cos(edge) * cx)), one)
        s = m.sin(off) / away
        ray = x * s, y * s, m.cos(off)
    right, down, ahead = _turn(m, ray, yaw, pitch, roll)
    longitude = m.atan2(right, ahead)
    latitude = m.atan2(down, safe_length(m, right, ahead))
    return (
        (longitude / TURN + 0.5) * at.width,
        clamp_to_picture(m, (latitude / math.pi + 0.5) * at.height, at.height),
    )
