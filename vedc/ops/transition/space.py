"""Pictures as cards in perspective, and a curling page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from vedc.expr.math import Math, Number, Pixel, Position, Scalar, Vec3, ease
from vedc.expr.picture import Picture
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import SEED, angle_param, transition
from vedc.ops.shared.pixels import chosen, mixed, over
from vedc.ops.shared.plane_geometry import RADIANS, offset_from_center
from vedc.ops.transition.common import STEPS, background, bump, filled, inside, stable_floor

_QUARTER: Final = math.pi / 2.0


@dataclass(frozen=True)
class _Stage:
    """A camera in front of cards that stand upright, or lie across where ``lying``.

    The camera is ``eye`` canvas widths (heights, where lying) in front of the canvas's plane,
    in which a card has its own size. Lengths are in pixels; cards turn about an axis that is
    vertical, or horizontal where lying.
    """

    m: Math
    at: Position
    lying: bool
    eye: Number

    @property
    def size(self) -> Scalar:
        """Of the canvas across the axis."""
        return self.at.height if self.lying else self.at.width

    def card(
        self,
        picture: Picture,
        x: Scalar,
        z: Scalar,
        cos: Scalar,
        sin: Scalar,
        low: Number = 0.0,
        high: Number = 1.0,
    ) -> Pixel:
        """A picture whose middle is at (x, z), z away from the camera; its own right points to
        (cos, sin). Only the part from ``low`` to ``high`` across the axis exists."""
        m, at = self.m, self.at
        across, up = offset_from_center(at)
        if self.lying:
            across, up = up, across
        distance = self.eye * self.size
        bottom = cos * distance - across * sin
        safe = m.select(m.abs(bottom) < 1e-6 * distance, 1e-6 * distance, bottom)
        position = (across * (distance + z) - x * distance) / safe
        depth = distance + z + position * sin
        seen = m.step(0.02 * distance, depth)
        near = m.max(depth, 0.02 * distance)
        # Screen pixels per card pixel: across the axis, and along it.
        scale_across = m.abs(distance * (cos * near - (x + position * cos) * sin) / (near * near))
        scale_along = distance / near
        own_up = up / scale_along
        side = at.width if self.lying else at.height
        u, v = position + self.size * 0.5, own_up + side * 0.5
        visible = (
            inside(m, u, low * self.size, high * self.size, scale_across)
            * inside(m, v, 0.0, side, scale_along)
            * m.clamp(scale_across * 8.0)
            * seen
        )
        return (picture.at(v, u) if self.lying else picture.at(u, v)) * visible


@transition(samples=True, use="Turn to another topic: the next side of a cube.")
def cube(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("right", choices=tuple(STEPS), doc="Where the front turns."),
    back: Scalar = param(0.3, low=0, high=3, doc="How far the cube backs off halfway."),
    eye: Scalar = param(1.5, low=1, high=10, doc="Camera distance, in canvases."),
    color: Vec3 = param(0.0, kind="color", doc="Background colour."),
) -> Pixel:
    """Show the pictures on two sides of a rotating cube.

    Modelled on gl-transitions' `cube`.
    """
    dx, dy = STEPS[direction]
    stage = _Stage(m, at, bool(dy), eye)
    half = stage.size * 0.5
    sign = float(dx + dy)
    turned = progress * _QUARTER
    cos, sin = m.cos(turned), m.sin(turned)
    away = bump(progress) * back * stage.size + half
    first = stage.card(a, half * sin * sign, away - half * cos, cos, sin * sign)
    second = stage.card(b, half * cos * -sign, away - half * sin, sin, cos * -sign)
    shown = over(first * _outside(m, stage, cos, away), second * _outside(m, stage, sin, away))
    return over(shown, background(m, color, a, b, progress))


def _outside(m: Math, stage: _Stage, facing: Scalar, away: Scalar) -> Scalar:
    """1 where a cube's side shows its outside; ``facing`` is how far it looks at the camera
    (a cosine), ``away`` where the cube's middle is."""
    distance = stage.eye * stage.size
    return m.step(0.0, facing * (distance + away) - stage.size * 0.5)


@transition(samples=True, use="Show the other side: the picture turns over.")
def card_flip(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(STEPS), doc="Where the near edge moves."),
    back: Scalar = param(0.4, low=0, high=3, doc="How far the card backs off halfway."),
    eye: Scalar = param(1.5, low=0.6, high=10, doc="Camera distance, in canvases."),
    color: Vec3 = param(0.0, kind="color", doc="Background colour."),
) -> Pixel:
    """Flip a card by half a turn: the outgoing picture in front, the incoming one on its back."""
    dx, dy = STEPS[direction]
    stage = _Stage(m, at, bool(dy), eye)
    sign = float(dx + dy)
    turned = progress * math.pi
    cos, sin = m.cos(turned), m.sin(turned) * sign
    z = bump(progress) * back * stage.size
    nothing = m.number(0.0)
    front = stage.card(a, nothing, z, cos, sin)
    rear = stage.card(b, nothing, z, -cos, -sin)
    card = chosen(m, cos >= 0.0, front, rear)
    return over(card, background(m, color, a, b, progress))


@transition(samples=True, use="Enter the next scene as if through a door.")
def doorway(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    depth: Scalar = param(1.5, low=0, high=10, doc="How far back the incoming picture starts."),
    angle: Scalar = param(100.0, low=10, high=170, unit="degrees", doc="How wide the doors open."),
    eye: Scalar = param(1.2, low=0.6, high=10, doc="Camera distance, in canvases."),
    color: Vec3 = param(0.0, kind="color", doc="Background colour, around the incoming picture."),
) -> Pixel:
    """Open the outgoing picture like double doors while the incoming one approaches.

    Modelled on gl-transitions' `doorway`. The doors swing away from the camera about the sides of
    the canvas.
    """
    stage = _Stage(m, at, False, eye)
    turned = progress * angle * RADIANS
    cos, sin = m.cos(turned), m.sin(turned)
    half = at.width * 0.5
    # Each door turns about its hinge, a side of the canvas, with its picture's centre at the rim.
    left = stage.card(a, half * cos - half, half * sin, cos, sin, 0.0, 0.5)
    right = stage.card(a, half - half * cos, half * sin, cos, -sin, 0.5, 1.0)
    far = ease(1.0 - progress) * depth * at.width
    nothing = m.number(0.0)
    next_ = stage.card(b, nothing, far, m.number(1.0), nothing)
    behind = over(next_, background(m, color, a, b, progress))
    whole = mixed(over(left + right, behind), behind, m.smoothstep(0.7, 1.0, progress))
    return chosen(m, m.step(progress, 0.0), a.here, whole)


@transition(samples=True, use="Change a score, a timetable, a gallery: tiles flip in turn.")
def grid_flip(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    columns: Scalar = param(6.0, low=1, high=64, doc="Tiles across."),
    rows: Scalar = param(4.0, low=1, high=64, doc="Tiles down."),
    spread: Scalar = param(1.0, low=0, high=4, doc="How much later the last tiles turn."),
    random: Scalar = param(0.5, low=0, high=1, doc="How random the order is."),
    color: Vec3 = param(0.0, kind="color", doc="Background colour."),
    seed: Scalar = SEED,
) -> Pixel:
    """Flip each tile of a grid about its own centre.

    Modelled on gl-transitions' `GridFlip`.

    Tiles flip from left to right, with some randomness.
    """
    wide, high = at.width / columns, at.height / rows
    column, row = stable_floor(m, at.x / wide), stable_floor(m, at.y / high)
    late = m.mix(column / m.max(columns - 1.0, 1.0), m.hash(column, row, seed), random)
    local = m.clamp(progress * (1.0 + spread) - m.min(late, 1.0) * spread)
    cos = m.cos(local * math.pi)
    size = m.max(m.abs(cos), 1e-3)
    middle = (column + 0.5) * wide
    x = (at.x - middle) / size + middle
    visible = inside(m, x, column * wide, (column + 1.0) * wide, size)
    visible = m.max(visible, m.step(m.min(local, 1.0 - local), 0.0))
    tile = chosen(m, cos >= 0.0, a.at(x, at.y), b.at(x, at.y))
    return mixed(filled(color, a.here, b.here, progress), tile, visible)


@transition(samples=True, use="Begin the next chapter: the page turns.")
def page_curl(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    angle: Scalar = angle_param("Where the curl moves, clockwise from right.", 200.0, limit=360),
    radius: Scalar = param(0.12, low=0.02, high=1, doc="Radius of the curl, in canvas heights."),
    paper: Scalar = param(0.8, low=0, high=1, doc="How white the back of the page is."),
    shadow: Scalar = param(0.5, low=0, high=1, doc="How dark the curl's shadow is."),
) -> Pixel:
    """Roll the outgoing picture up on a cylinder that crosses the canvas.

    Modelled on gl-transitions' `InvertedPageCurl`: distances along the paper, measured from the
    line where it leaves the table, are preserved.
    """
    turned = angle * RADIANS
    dx, dy = -m.cos(turned), -m.sin(turned)  # against the motion: where the page is rolled up
    r = radius * at.height
    reach = (m.abs(dx) * at.width + m.abs(dy) * at.height) * 0.5
    shade = shadow * m.clamp(bump(progress) * 8.0)
    x, y = offset_from_center(at)
    line = reach - progress * (2.0 * reach + r + 1.0)
    s = x * dx + y * dy - line  # pixels beyond the line

    def page(q: Scalar) -> tuple[Pixel, Scalar]:
        """The page's colour at a distance q beyond the line, and whether it reaches that far."""
        px, py = at.x + (q - s) * dx, at.y + (q - s) * dy
        there = inside(m, px, 0.0, at.width) * inside(m, py, 0.0, at.height)
        return a.at(px, py), there

    ratio = m.clamp(s / r, 0.0, 1.0)
    bend = m.atan2(ratio, m.sqrt(m.max(1.0 - ratio * ratio, 0.0)))
    on_roll = m.clamp(r - s + 0.5)
    low, low_visible = page(m.select(s < 0.0, s, bend * r))
    back, back_visible = page(m.select(s < 0.0, math.pi * r - s, (math.pi - bend) * r))
    low_visible = m.select(s <= 0.0, 1.0, low_visible)
    low_shade = 1.0 - shade * 0.6 * ratio
    white = _whitened(back, paper)
    lit = 1.0 - shade * (0.15 + 0.55 * ratio * ratio)
    # The incoming picture is in the roll's shadow.
    off = m.clamp(1.0 - (s - r) / (r * 1.5 + 1.0))
    ground = Pixel(b.here.rgb * (1.0 - shade * 0.7 * off * off), b.here.a)
    # The flat page is shaded where the rolled part hangs over it.
    edge = _shade_ahead(m, at, dx, dy, math.pi * r - s, r, s)
    sheet = Pixel(low.rgb * (low_shade * (1.0 - shade * edge)), low.a)
    seen = mixed(ground, sheet, low_visible * on_roll)
    return mixed(seen, Pixel(white.rgb * lit, white.a), back_visible * on_roll)


def _whitened(pixel: Pixel, amount: Number) -> Pixel:
    """A premultiplied colour mixed with white."""
    return Pixel(pixel.rgb * (1.0 - amount) + pixel.a * amount, pixel.a)


def _shade_ahead(
    m: Math, at: Position, dx: Scalar, dy: Scalar, q: Scalar, r: Scalar, s: Scalar
) -> Scalar:
    """How near the flat page is to the rim of the part that hangs over it, 0..1."""
    px, py = at.x + (q - s) * dx, at.y + (q - s) * dy
    out = m.max(m.max(-px, px - at.width), m.max(-py, py - at.height))
    near = m.clamp(1.0 - m.max(out, 0.0) / r)
    return 0.6 * near * near
