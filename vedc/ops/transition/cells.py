"""Transitions through broken pictures: squares, hexagons, glitches, outlines, cards."""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3, ease
from vedc.expr.picture import Picture
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import SEED, transition
from vedc.ops.shared.pixels import mixed, over
from vedc.ops.shared.plane_geometry import length, offset_from_center
from vedc.ops.shared.signed_distance import box
from vedc.ops.transition.common import (
    STEPS,
    background,
    bump,
    filled,
    front,
    inside,
    parted,
    stable_floor,
)

_ROOT3: Final = 3.0**0.5


def _stepped(m: Math, progress: Scalar, steps: int) -> Scalar:
    """The distance to the nearer end, rounded up to whole steps (up to rounding error)."""
    near = m.min(progress, 1.0 - progress) * float(steps)
    return -m.floor(1e-4 - near) / float(steps)


@transition(
    family="glitch", samples=True, use="Break a picture into squares that reassemble as the next."
)
def pixelize(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    size: Scalar = param(0.05, low=0, high=1, doc="Square size halfway, in shorter canvas sides."),
    steps: int = param(50, kind="integer", low=1, high=1000, doc="Number of sizes on the way."),
) -> Pixel:
    """Dissolve through squares that grow until halfway and then shrink.

    FFmpeg's xfade `pixelize` and gl-transitions' `pixelize`.
    """
    stepped = _stepped(m, progress, steps)
    square = m.max(stepped * 2.0 * size * m.min(at.width, at.height), 1.0)
    x = (stable_floor(m, (at.x - 0.5) / square) + 0.5) * square
    y = (stable_floor(m, (at.y - 0.5) / square) + 0.5) * square
    return mixed(a.at(x, y, filter="nearest"), b.at(x, y, filter="nearest"), progress)


@transition(
    samples=True,
    use="Change scene in a technical or playful film.",
)
def hexagonalize(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    size: Scalar = param(0.08, low=0, high=1, doc="Cell size halfway, in canvas heights."),
    steps: int = param(50, kind="integer", low=1, high=1000, doc="Number of sizes on the way."),
) -> Pixel:
    """Dissolve through hexagons that grow until halfway.

    Modelled on gl-transitions' `hexagonalize`.
    """
    cell = _stepped(m, progress, steps) * 2.0 * size * at.height
    wide = m.max(cell, 1.0)
    high = wide * _ROOT3
    x, y = offset_from_center(at)

    def middle(off: float) -> tuple[Scalar, Scalar, Scalar]:
        """The nearest point of one of the two square lattices that make up the honeycomb."""
        cx = (stable_floor(m, x / wide - off + 0.5) + off) * wide
        cy = (stable_floor(m, y / high - off + 0.5) + off) * high
        return cx, cy, length(m, x - cx, y - cy)

    first, second = middle(0.0), middle(0.5)
    grown = m.clamp(cell - 1.0)  # below a pixel's size a cell is its pixel

    def cells(px: Scalar, py: Scalar) -> Pixel:
        u = at.x + (px + at.width * 0.5 - at.x) * grown
        v = at.y + (py + at.height * 0.5 - at.y) * grown
        return mixed(a.at(u, v), b.at(u, v), progress)

    return mixed(cells(*first[:2]), cells(*second[:2]), m.clamp(first[2] - second[2] + 0.5))


@transition(family="glitch", samples=True, use="Jar the viewer: the signal breaks up for a moment.")
def glitch_cut(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    rows: Scalar = param(24.0, low=1, high=200, doc="Blocks down the canvas."),
    columns: Scalar = param(3.0, low=1, high=200, doc="Blocks across the canvas."),
    amount: Scalar = param(0.15, low=0, high=1, doc="How far blocks jump, in canvas widths."),
    color: Scalar = param(0.3, low=0, high=1, doc="How far red and blue separate."),
    rate: Scalar = param(12.0, low=1, high=100, doc="Jumps over the whole transition."),
    seed: Scalar = SEED,
) -> Pixel:
    """Shift blocks sideways at random, most strongly halfway, until the incoming picture is whole.

    Modelled on gl-transitions' `GlitchMemories` and `GlitchDisplace`.
    """
    when = stable_floor(m, progress * rate)
    row, column = stable_floor(m, at.v * rows), stable_floor(m, at.u * columns)
    strength = bump(progress)
    hit = m.step(1.0 - 0.7 * strength, m.hash(row, column + when * 64.0, seed))
    jump = (m.hash(row, when, seed + 1.0) - 0.5) * 2.0 * amount * strength * hit
    split = (m.hash(when, 3.0, seed + 2.0) - 0.3) * 0.12 * strength
    off = (jump + split * color) * at.width
    share = front(m, progress, m.hash(row, column, seed + 3.0) * 0.6 + 0.2, 0.05)

    def seen(picture: Picture) -> Pixel:
        return parted(picture, at.x, at.y, off, m.number(0.0), color)

    return mixed(seen(a), seen(b), share)


@transition(samples=True, use="Switch programmes, as on an old television.")
def tube_off(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    thickness: Scalar = param(0.006, low=0.001, high=0.1, doc="Line thickness, in canvas heights."),
    glow: Scalar = param(1.5, low=0, high=8, doc="How bright the picture gets as it collapses."),
    color: Vec3 = param(0.0, kind="color", doc="The colour of the dark tube."),
) -> Pixel:
    """Collapse the outgoing picture to a line and then a dot; expand the incoming one in reverse.

    Imitates a cathode-ray tube being switched off and on.
    """
    near = m.abs(2.0 * progress - 1.0)  # 1 at both ends, 0 halfway
    high = m.max(m.smoothstep(0.35, 1.0, near), thickness)
    wide = m.max(m.smoothstep(0.0, 0.45, near), thickness)
    x, y = offset_from_center(at)
    u, v = x / wide + at.width * 0.5, y / high + at.height * 0.5
    visible = inside(m, u, 0.0, at.width, wide) * inside(m, v, 0.0, at.height, high)
    second = m.step(0.5, progress)
    seen = mixed(a.at(u, v), b.at(u, v), second)
    burst = (1.0 - high) * (1.0 - high) * glow
    top = m.max(seen.a, 0.0)
    lit = seen.rgb.map(lambda c: m.max(c, m.min(c * (1.0 + burst) + top * burst * 0.5, top)))
    around = filled(color, a.here, b.here, progress)
    return mixed(around, Pixel(lit, seen.a), visible)


@transition(
    family="dissolve",
    samples=True,
    use="Go from a picture through its outlines to the next.",
)
def edge_dissolve(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    strength: Scalar = param(4.0, low=0, high=32, doc="Brightness of the lines."),
    thickness: Scalar = param(1.5, low=0.5, high=8, unit="px", doc="Thickness of the lines."),
) -> Pixel:
    """Fade to a line drawing, dissolve between the drawings, fade to the incoming picture.

    Modelled on gl-transitions' `EdgeTransition`. Edges are the gradient magnitude of each channel
    by central differences.
    """
    drawn = m.clamp(m.min(progress, 1.0 - progress) * 3.0)

    def outline(picture: Picture) -> Pixel:
        left = picture.at(at.x - thickness, at.y).rgb
        right = picture.at(at.x + thickness, at.y).rgb
        above = picture.at(at.x, at.y - thickness).rgb
        below = picture.at(at.x, at.y + thickness).rgb
        across, down = right - left, below - above
        size = (across * across + down * down).map(m.sqrt)
        here = picture.here
        lines = size.map(lambda c: m.min(c * strength, 1.0) * here.a)
        return mixed(here, Pixel(lines, here.a), ease(drawn))

    return mixed(outline(a), outline(b), m.smoothstep(0.35, 0.65, progress))


@transition(samples=True, use="Leaf through photographs.")
def viewer(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(STEPS), doc="Where the pictures move."),
    zoom: Scalar = param(0.8, low=0.1, high=1, doc="Size of the pictures while they move."),
    corner: Scalar = param(0.08, low=0, high=0.5, doc="Corner radius, in canvas heights."),
    gap: Scalar = param(0.1, low=0, high=1, doc="Gap between the pictures, in canvases."),
    color: Vec3 = param(0.0, kind="color", doc="Background colour."),
) -> Pixel:
    """Shrink the pictures to rounded cards, slide by one card, and grow to the canvas again.

    Modelled on gl-transitions' `StereoViewer` without its coloured ghosts.
    """
    dx, dy = STEPS[direction]
    back = m.smoothstep(0.0, 0.3, progress) * (1.0 - m.smoothstep(0.7, 1.0, progress))
    scale = m.mix(m.number(1.0), zoom, back)
    moved = m.smoothstep(0.2, 0.8, progress)
    radius = corner * at.height * back
    x, y = offset_from_center(at)
    pitch_x, pitch_y = at.width * (1.0 + gap), at.height * (1.0 + gap)

    def card(picture: Picture, position: Scalar) -> Pixel:
        u = x / scale - dx * position * pitch_x
        v = y / scale - dy * position * pitch_y
        off = box(m, u, v, at.width * 0.5, at.height * 0.5, radius)
        visible = m.clamp(0.5 - off * scale)
        return picture.at(u + at.width * 0.5, v + at.height * 0.5) * visible

    cards = card(a, moved) + card(b, moved - 1.0)
    return over(cards, background(m, color, a, b, progress))
