"""Irises and clocks: a shape around a point uncovers the incoming picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import angle_param, center_param, transition
from vedc.ops.shared.pixels import chosen, mixed
from vedc.ops.shared.plane_geometry import (
    RADIANS,
    TURN,
    farthest_corner,
    half_diagonal,
    length,
    offset_from_center,
    to_pixels,
)
from vedc.ops.transition.common import MODES, ROTATION, SOFTNESS, filled, repeated_front, soft_front

#: Inner radius of a star's or flower's valleys, relative to its points.
_VALLEY: Final = 0.45


@dataclass(frozen=True)
class _Shape:
    """``gauge(m, x, y, aspect, points)``: the size at which the shape, grown about the origin,
    reaches a point; it doubles where the distance doubles. ``steep(aspect, points)``: the most
    that the gauge rises over a pixel. ``convex``: whether the gauge is largest at a corner of
    the canvas, or where the canvas's rim crosses the vertical through the centre.
    """

    gauge: Callable[[Math, Scalar, Scalar, Scalar, int], Scalar]
    steep: Callable[[Math, Scalar, int], Scalar]
    convex: bool = True


def _circle(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    return length(m, x, y)


def _oval(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    return length(m, x, y * aspect)


def _rectangle(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    return m.max(m.abs(x), m.abs(y) * aspect)


def _square(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    return m.max(m.abs(x), m.abs(y))


def _diamond(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    return m.abs(x) + m.abs(y) * aspect


def _cross(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    far, near = m.max(m.abs(x), m.abs(y)), m.min(m.abs(x), m.abs(y))
    return m.max(far, near * 3.0)


def _heart(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    """The curve x^2 + (y - 0.75|x|)^2 = r^2 with y upwards."""
    return length(m, x, y + 0.75 * m.abs(x))


def _sector(m: Math, x: Scalar, y: Scalar, points: int) -> tuple[Scalar, Scalar]:
    """A point folded into the sector around the upward axis: along it, and off it."""
    turn = m.atan2(x, -y) / TURN * points
    off = (turn - m.floor(turn + 0.5)) * (TURN / points)
    r = length(m, x, y)
    return r * m.cos(off), r * m.sin(m.abs(off))


def _polygon(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    """A regular polygon, point upwards: the sector is rotated to centre on a side."""
    half = math.pi / points
    x, y = x * math.cos(half) - y * math.sin(half), x * math.sin(half) + y * math.cos(half)
    return _sector(m, x, y, points)[0] / math.cos(half)


def _star(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    """Straight lines from each point (1, 0) to the valleys at ``_VALLEY`` beside it."""
    up, off = _sector(m, x, y, points)
    c, s = _VALLEY * math.cos(math.pi / points), _VALLEY * math.sin(math.pi / points)
    return up + off * ((1.0 - c) / s)


def _flower(m: Math, x: Scalar, y: Scalar, aspect: Scalar, points: int) -> Scalar:
    """The polar curve r = 1 + d cos(n angle), scaled to a largest radius of 1."""
    petal = (1.0 - _VALLEY) / (1.0 + _VALLEY)
    wave = m.cos(m.atan2(x, -y) * points)
    return length(m, x, y) * (1.0 + petal) / (1.0 + petal * wave)


def _one(m: Math, aspect: Scalar, points: int) -> Scalar:
    return m.number(1.0)


def _stretched(m: Math, aspect: Scalar, points: int) -> Scalar:
    return m.max(aspect, 1.0)


def _star_steep(m: Math, aspect: Scalar, points: int) -> Scalar:
    c, s = _VALLEY * math.cos(math.pi / points), _VALLEY * math.sin(math.pi / points)
    return m.number(math.hypot(1.0, (1.0 - c) / s))


def _flower_steep(m: Math, aspect: Scalar, points: int) -> Scalar:
    return m.number(math.hypot(1.0, points * 0.7) / _VALLEY)


SHAPES: Final[dict[str, _Shape]] = {
    "circle": _Shape(_circle, _one),
    "oval": _Shape(_oval, _stretched),
    "rectangle": _Shape(_rectangle, _stretched),
    "square": _Shape(_square, _one),
    "diamond": _Shape(_diamond, lambda m, aspect, points: length(m, aspect, m.number(1.0))),
    "polygon": _Shape(_polygon, lambda m, aspect, n: m.number(1.0 / math.cos(math.pi / n))),
    "star": _Shape(_star, _star_steep, convex=False),
    "flower": _Shape(_flower, _flower_steep, convex=False),
    "heart": _Shape(_heart, lambda m, aspect, points: m.number(1.6)),
    "cross": _Shape(_cross, lambda m, aspect, points: m.number(3.0)),
}


@transition(family="iris", use="Single one thing out: open or close on it with a shape.")
def iris(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    shape: str = param("circle", choices=tuple(SHAPES), doc="Shape of the opening."),
    mode: str = param("open", choices=MODES, doc="Grow with the incoming picture, or shrink."),
    center: tuple[Scalar, Scalar] = center_param("As fractions of width and height."),
    points: int = param(
        5, kind="integer", low=3, high=16, doc="Points of polygon, star or flower."
    ),
    angle: Scalar = angle_param("Rotates the shape clockwise.", limit=360),
    spin: Scalar = angle_param("Further rotation over the transition.", limit=720),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the incoming picture in a shape that grows from a point.

    Circle, square, polygon, star, flower, heart and cross keep their proportions on any canvas;
    oval, rectangle and diamond take the canvas's. With `mode` close the outgoing picture shrinks in
    the shape. A circle with `softness` 1 is FFmpeg's xfade `circleopen` and `circleclose`, apart
    from its speed.
    """
    kind = SHAPES[shape]
    cx, cy = to_pixels(at, center)
    turned = (angle + spin * progress) * RADIANS
    cos, sin = m.cos(turned), m.sin(turned)
    aspect = at.width / at.height

    def size(x: Scalar, y: Scalar) -> Scalar:
        x, y = x - cx, y - cy
        return kind.gauge(m, x * cos + y * sin, y * cos - x * sin, aspect, points)

    if kind.convex:
        left, top = at.width * 0.0, at.height * 0.0
        reach = size(cx, top)
        for x, y in (
            (cx, at.height), (left, top), (at.width, top), (left, at.height), (at.width, at.height),
            (left, cy), (at.width, cy),
        ):  # fmt: skip
            reach = m.max(reach, size(x, y))
    else:
        reach = farthest_corner(m, at, cx, cy) / _VALLEY
    field = m.min(size(at.x, at.y) / reach, 1.0)
    if mode == "close":
        field = 1.0 - field
    width = m.max(softness, 1.5 * kind.steep(m, aspect, points) / reach)
    return mixed(a, b, soft_front(m, progress, field, width))


@transition(family="iris", use="Fall asleep and wake elsewhere.")
def blink(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    shape: str = param("circle", choices=("circle", "rectangle"), doc="Shape of the opening."),
    color: Vec3 = param(0.0, kind="color", doc="The colour outside the opening."),
    exponent: Scalar = param(1.0, low=0.1, high=5, doc="Above 1 it lingers while small."),
) -> Pixel:
    """Close a shape on the outgoing picture, then open it on the incoming one.

    FFmpeg's xfade `rectcrop`, and with `exponent` 3 its `circlecrop`. The colour covers what the
    pictures cover.
    """
    x, y = offset_from_center(at)
    ahead = 2.0 * progress - 1.0
    if shape == "circle":
        reach, size = half_diagonal(m, at), length(m, x, y)
    else:
        reach = at.width * 0.5
        size = m.max(m.abs(x), m.abs(y) * at.width / at.height)
    steep = m.max(1.0, at.width / at.height) if shape == "rectangle" else m.number(1.0)
    # An edge width beyond the farthest point: the edge is off the canvas at both ends.
    opening = m.pow(m.abs(ahead), exponent) * (reach + steep)
    shown = m.clamp((opening - size) / steep)
    around = filled(color, a, b, progress)
    return mixed(around, chosen(m, ahead < 0.0, a, b), shown)


@transition(use="Show that time passes: a clock hand sweeps round.")
def clock(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    center: tuple[Scalar, Scalar] = center_param("As fractions of width and height."),
    start: Scalar = angle_param("Where the hand starts, clockwise from the top.", limit=360),
    span: Scalar = param(360.0, low=1, high=360, unit="degrees", doc="The angle the hand covers."),
    direction: str = ROTATION,
    blades: int = param(1, kind="integer", low=1, high=32, doc="Evenly spaced hands."),
    fan: bool = param(False, doc="Whether each hand is a pair that opens like a fan."),
    mirror: str = param(
        "none",
        choices=("none", "horizontal", "vertical", "both"),
        doc="Mirror the left half, the upper half, or both.",
    ),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the incoming picture behind one or more rotating hands.

    SMPTE wipes 201 to 264: `blades` make a pinwheel, `fan` a fan, a `center` on a side with a
    `span` of 180 a sweep, `mirror` saloon doors and windscreen wipers.
    """
    u = m.min(at.x, at.width - at.x) if mirror in ("horizontal", "both") else at.x
    v = m.min(at.y, at.height - at.y) if mirror in ("vertical", "both") else at.y
    x, y = u - center[0] * at.width, v - center[1] * at.height
    sign = 1.0 if direction == "clockwise" else -1.0
    turn = (m.atan2(x, -y) / TURN - start / 360.0) * sign
    r = m.max(length(m, x, y), 0.5)
    share = span / 360.0 / blades
    pixel = 1.0 / (r * TURN)
    if fan:
        turn = turn * blades
        off = m.abs(turn - m.floor(turn + 0.5)) * 2.0
        scale = share * blades
        width = m.max(softness, 2.0 * blades * pixel / scale)
        return mixed(a, b, soft_front(m, progress, m.min(off / scale, 1.0), width))
    phase = turn / share
    edge = pixel / share
    shown = repeated_front(m, progress, phase, m.max(softness, edge), m.min(edge, 1.0))
    return mixed(a, b, shown)
