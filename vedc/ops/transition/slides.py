"""Slides: whole pictures move over the canvas without distortion."""

from __future__ import annotations

import math
from typing import Final

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3, ease
from vedc.expr.picture import Picture
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import transition
from vedc.ops.shared.pixels import chosen, mixed, over
from vedc.ops.shared.plane_geometry import offset_from, offset_from_center, rotated_back
from vedc.ops.transition.common import (
    ANCHORS,
    CORNERS,
    ROTATION,
    STEPS,
    background,
    bump,
    framed,
    inside,
)

_AXES: Final = ("horizontal", "vertical")


@transition(
    family="slide",
    samples=True,
    use="Push the picture out with the next: the story moves on.",
)
def slide(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(STEPS), doc="Where the pictures move."),
) -> Pixel:
    """Move both pictures, edge to edge: an editor's "push".

    FFmpeg's xfade `slideleft` and its siblings.
    """
    dx, dy = STEPS[direction]
    x, y = dx * at.width, dy * at.height
    gone, left = progress, 1.0 - progress
    return framed(m, a, at.x - x * gone, at.y - y * gone) + framed(
        m, b, at.x + x * left, at.y + y * left
    )


@transition(
    family="slide",
    samples=True,
    use="Bring the next shot, a slide or a map in over this one.",
)
def cover(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(STEPS), doc="Where the incoming picture moves."),
    shadow: Scalar = param(0.0, low=0, high=1, doc="How dark its shadow is."),
) -> Pixel:
    """Slide the incoming picture over the outgoing one, which stays.

    FFmpeg's xfade `coverleft` and its siblings. Under the incoming picture nothing of the outgoing
    one shows, however clear the incoming one is.
    """
    dx, dy = STEPS[direction]
    left = 1.0 - progress
    return _one_moves(
        m, a, b, at, dx * at.width * left, dy * at.height * left, bump(progress) * shadow
    )


@transition(
    family="slide", samples=True, use="Uncover what lies behind: this picture is pulled away."
)
def reveal(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(STEPS), doc="Where the outgoing picture moves."),
    shadow: Scalar = param(0.0, low=0, high=1, doc="How dark its shadow is."),
) -> Pixel:
    """Slide the outgoing picture off the incoming one, which lies beneath.

    FFmpeg's xfade `revealleft` and its siblings.
    """
    dx, dy = STEPS[direction]
    return _one_moves(
        m, b, a, at, -dx * at.width * progress, -dy * at.height * progress, bump(progress) * shadow
    )


def _one_moves(
    m: Math, still: Picture, moving: Picture, at: Position, x: Scalar, y: Scalar, shade: Scalar
) -> Pixel:
    """A shifted picture over one that stays."""
    sx, sy = at.x + x, at.y + y
    visible = inside(m, sx, 0.0, at.width) * inside(m, sy, 0.0, at.height)
    # The shadow reaches a twentieth of the canvas beyond the moving picture.
    off_x = m.max(m.max(-sx, sx - at.width), 0.0) / at.width
    off_y = m.max(m.max(-sy, sy - at.height), 0.0) / at.height
    near = m.clamp(1.0 - 20.0 * m.max(off_x, off_y))
    dark = 1.0 - shade * near * near
    under = Pixel(still.here.rgb * dark, still.here.a)
    return mixed(under, moving.at(sx, sy), visible)


@transition(samples=True, use="Open like a curtain whose halves carry the picture along.")
def split_apart(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    axis: str = param("horizontal", choices=_AXES, doc="Which way the halves move."),
) -> Pixel:
    """Slide the halves of the outgoing picture apart over the incoming one, which stays."""
    position, size = (at.x, at.width) if axis == "horizontal" else (at.y, at.height)
    way = progress * size * 0.5
    shown = b.here
    for moved, visible in (
        (position + way, inside(m, position + way, -1.0, size * 0.5)),
        (position - way, inside(m, position - way, size * 0.5, size + 1.0)),
    ):
        x, y = (moved, at.y) if axis == "horizontal" else (at.x, moved)
        shown = mixed(shown, a.at(x, y), visible)
    return chosen(m, m.step(progress, 0.0), a.here, shown)


@transition(samples=True, use="Clear the screen with energy: strips fly off both ways.")
def slats(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    axis: str = param("horizontal", choices=_AXES, doc="Which way the strips move."),
    count: Scalar = param(8.0, low=2, high=100, doc="Strips over the canvas."),
) -> Pixel:
    """Slide alternate strips of the outgoing picture off in opposite directions."""
    if axis == "horizontal":
        position, size, across, side = at.x, at.width, at.y, at.height
    else:
        position, size, across, side = at.y, at.height, at.x, at.width
    # Signed distance in pixels to the nearest cut, positive in strips that move forwards.
    phase = across / side * count * 0.5
    fold = m.abs(m.fract(phase) - 0.5)
    forward = m.clamp((0.25 - fold) * 2.0 * side / count + 0.5)

    def strip(sign: float) -> Pixel:
        moved = position - progress * size * sign
        x, y = (moved, at.y) if axis == "horizontal" else (at.x, moved)
        return mixed(b.here, a.at(x, y), inside(m, moved, 0.0, size))

    return mixed(strip(-1.0), strip(1.0), forward)


@transition(samples=True, use="Put a picture away: it is pressed flat until it is gone.")
def squeeze(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    axis: str = param(
        "vertical", choices=(*_AXES, "both"), doc="Vertical: lower; horizontal: narrower."
    ),
    anchor: str = param("center", choices=tuple(ANCHORS), doc="Where the picture ends up."),
) -> Pixel:
    """Shrink the outgoing picture to a line or a point over the incoming one.

    FFmpeg's xfade `squeezeh` (vertical) and `squeezev` (horizontal). Where the outgoing picture no
    longer reaches, only the incoming one shows.
    """
    left = m.max(1.0 - progress, 1e-4)
    fx, fy = ANCHORS[anchor]
    sx = m.number(1.0) if axis == "vertical" else left
    sy = m.number(1.0) if axis == "horizontal" else left
    x = (at.x - fx * at.width) / sx + fx * at.width
    y = (at.y - fy * at.height) / sy + fy * at.height
    visible = inside(m, x, 0.0, at.width, sx) * inside(m, y, 0.0, at.height, sy)
    visible = visible * m.clamp((1.0 - progress) * 1000.0)
    return mixed(b.here, a.at(x, y), visible)


@transition(samples=True, use="Hand over without a gap: one unfolds as the other gives way.")
def stretch(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(STEPS), doc="Where the seam moves."),
) -> Pixel:
    """Squeeze the outgoing picture to one side while the incoming one unfolds from the other."""
    dx, dy = STEPS[direction]
    position, size = (at.u, at.width) if dx else (at.v, at.height)
    if dx + dy < 0:
        position = 1.0 - position  # now the seam moves from 0 to 1, the second picture behind it
    new, old = m.max(progress, 1e-4), m.max(1.0 - progress, 1e-4)
    first = 1.0 - (1.0 - position) / old
    second = position / new
    behind = m.clamp((progress - position) * size + 0.5)
    if dx + dy < 0:
        first, second = 1.0 - first, 1.0 - second
    ax, ay = (first * at.width, at.y) if dx else (at.x, first * at.height)
    bx, by = (second * at.width, at.y) if dx else (at.x, second * at.height)
    return mixed(a.at(ax, ay), b.at(bx, by), behind)


@transition(samples=True, use="Bring in the next picture with humour: it drops and bounces.")
def bounce(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    bounces: Scalar = param(3.0, low=0.5, high=10, doc="How often it touches the ground."),
    shadow: Scalar = param(0.6, low=0, high=1, doc="Darkness of the shadow below it."),
) -> Pixel:
    """Let the incoming picture fall from above and bounce.

    Modelled on gl-transitions' `Bounce`.

    Its lower edge follows the absolute value of a decaying cosine.
    """
    left = 1.0 - progress
    height = m.abs(m.cos(progress * math.pi * bounces)) * left * left
    height = height * m.clamp(left * 50.0)
    y = at.height * height
    return _one_moves(m, a, b, at, m.number(0.0), y, bump(progress) * shadow)


@transition(samples=True, use="Go into a detail or another place: a window grows to full size.")
def grow(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    anchor: str = param("center", choices=tuple(ANCHORS), doc="The point that stays fixed."),
    turns: Scalar = param(0.0, low=-10, high=10, doc="Full turns on the way."),
    fade: bool = param(False, doc="Whether the picture also fades in."),
) -> Pixel:
    """Scale the incoming picture up over the outgoing.

    Modelled on gl-transitions' `Slides` and `scale_in`.
    """
    scale = m.max(progress, 1e-4)
    fx, fy = ANCHORS[anchor]
    px, py = fx * at.width, fy * at.height
    x, y = rotated_back(m, *offset_from(at, px, py), (progress - 1.0) * turns * 360.0)
    x, y = x / scale + px, y / scale + py
    visible = inside(m, x, 0.0, at.width, scale) * inside(m, y, 0.0, at.height, scale)
    visible = visible * m.clamp(progress * 1000.0)
    if fade:
        visible = visible * ease(progress)
    return mixed(a.here, b.at(x, y), visible)


@transition(samples=True, use="Discard a picture lightly: it rolls off about a corner.")
def roll(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    corner: str = param("bottom-left", choices=CORNERS, doc="The corner that stays fixed."),
    direction: str = ROTATION,
) -> Pixel:
    """Swing the outgoing picture a quarter turn about a corner, off the canvas.

    Modelled on gl-transitions' `Rolls`.
    """
    fx, fy = ANCHORS[corner]
    sign = 1.0 if direction == "clockwise" else -1.0
    px, py = fx * at.width, fy * at.height
    x, y = rotated_back(m, *offset_from(at, px, py), progress * (90.0 * sign))
    x, y = x + px, y + py
    visible = inside(m, x, 0.0, at.width) * inside(m, y, 0.0, at.height)
    return mixed(b.here, a.at(x, y), visible * m.clamp((1.0 - progress) * 1000.0))


@transition(samples=True, use="Compare or exchange two things: the pictures swap places.")
def swap(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    axis: str = param("horizontal", choices=_AXES, doc="Which way they pass each other."),
    depth: Scalar = param(2.0, low=0.1, high=10, doc="How far back the rear picture moves."),
    wide: Scalar = param(0.55, low=0.5, high=2, doc="How far they move apart, in canvases."),
    color: Vec3 = param(0.0, kind="color", doc="Background colour."),
) -> Pixel:
    """Move the pictures around each other in half circles, one passing behind.

    Modelled on gl-transitions' `swap`. The picture behind fades as the one in front takes over.
    """
    turned = progress * math.pi
    sin, cos = m.sin(turned), m.cos(turned)

    def card(picture: Picture, side: float, back: Scalar) -> Pixel:
        near = 1.0 / (1.0 + back * depth)
        x, y = offset_from_center(at)
        shift = sin * (side * wide) * (at.width if axis == "horizontal" else at.height)
        x = x - shift if axis == "horizontal" else x
        y = y - shift if axis == "vertical" else y
        return framed(m, picture, x / near + at.width * 0.5, y / near + at.height * 0.5, near, near)

    first = card(a, -1.0, (1.0 - cos) * 0.5) * m.smoothstep(0.0, 0.4, 1.0 - progress)
    second = card(b, 1.0, (1.0 + cos) * 0.5) * m.smoothstep(0.0, 0.4, progress)
    ahead = m.smoothstep(0.48, 0.52, progress)
    cards = mixed(over(first, second), over(second, first), ahead)
    return over(cards, background(m, color, a, b, progress))
