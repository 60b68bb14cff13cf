"""Zooms and blurs: the camera rushes from one picture to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3, ease
from vedc.expr.picture import Picture
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import angle_param, center_param, transition
from vedc.ops.shared.pixels import chosen, mixed, over
from vedc.ops.shared.plane_geometry import (
    RADIANS,
    farthest_corner,
    length,
    offset_from,
    offset_from_center,
    rotated_back,
    to_pixels,
)
from vedc.ops.transition.common import STEPS, background, bump, framed, inside

#: Samples of a blur.
_TAPS: Final = 16


def _chance(m: Math, at: Position) -> Scalar:
    """A pixel's random offset of its samples, -0.5..0.5 of the distance between two."""
    return (m.hash(m.floor(at.x), m.floor(at.y)) - 0.5) / _TAPS


def _average(picks: Callable[[float], Pixel]) -> Pixel:
    """The mean of samples spread evenly over -0.5..0.5."""
    total = picks(0.5 / _TAPS - 0.5)
    for i in range(1, _TAPS):
        total = total + picks((i + 0.5) / _TAPS - 0.5)
    return total * (1.0 / _TAPS)


@transition(family="zoom", samples=True, use="Dive into the picture and come out in the next.")
def zoom_in(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    center: tuple[Scalar, Scalar] = center_param("Where the camera goes."),
    quickness: Scalar = param(0.5, low=0.1, high=1, doc="When the zoom ends, from 0 to 1."),
    overlap: Scalar = param(
        0.0, low=0, high=1, doc="How much earlier than that the dissolve begins."
    ),
) -> Pixel:
    """Enlarge the outgoing picture without limit, then dissolve.

    FFmpeg's xfade `zoomin`; gl-transitions' `SimpleZoom` with `quickness` 0.8 and `overlap` 0.2.
    """
    scale = 1.0 - m.smoothstep(0.0, quickness, progress)
    cx, cy = to_pixels(at, center)
    first = a.at((at.x - cx) * scale + cx, (at.y - cy) * scale + cy)
    begin = m.clamp(quickness - overlap, 0.0, 0.98)
    return mixed(first, b.here, m.smoothstep(begin, 1.0, progress))


@transition(
    family="zoom", samples=True, use="Rush through the picture into the next with zoom blur."
)
def cross_zoom(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    strength: Scalar = param(0.4, low=0, high=1, doc="Length of the blur; 1 reaches the centre."),
    center: tuple[Scalar, Scalar] = center_param("Where the camera goes."),
) -> Pixel:
    """Blur both pictures radially while they dissolve.

    Modelled on gl-transitions' `CrossZoom`.

    Takes sixteen samples of each picture, offset randomly per pixel to hide repeats.
    """
    cx, cy = to_pixels(at, center)
    wide = bump(progress) * strength
    chance = _chance(m, at)
    share = m.smoothstep(0.3, 0.7, progress)

    def pick(picture: Picture) -> Callable[[float], Pixel]:
        def at_(position: float) -> Pixel:
            scale = 1.0 - (position + 0.5 + chance) * wide
            return picture.at((at.x - cx) * scale + cx, (at.y - cy) * scale + cy, filter="nearest")

        return at_

    return mixed(_average(pick(a)), _average(pick(b)), share)


@transition(
    family="blur",
    samples=True,
    use="Hide a cut that does not match: blur out and in again.",
)
def blur_dissolve(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    length: Scalar = param(0.25, low=0, high=1, doc="Blur length halfway, in canvas widths."),
    angle: Scalar = angle_param("Direction of the blur, clockwise.", limit=360),
) -> Pixel:
    """Blur both pictures along a direction while they dissolve.

    FFmpeg's xfade `hblur`, gl-transitions' `LinearBlur`. Takes sixteen samples of each picture,
    offset randomly per pixel.
    """
    turned = angle * RADIANS
    wide = bump(progress) * length * at.width
    dx, dy = m.cos(turned) * wide, m.sin(turned) * wide
    chance = _chance(m, at)

    def pick(picture: Picture) -> Callable[[float], Pixel]:
        def at_(position: float) -> Pixel:
            off = position + chance
            return picture.at(at.x + dx * off, at.y + dy * off, filter="nearest")

        return at_

    return mixed(_average(pick(a)), _average(pick(b)), progress)


@transition(family="whip", samples=True, use="Be elsewhere at once: the camera whips round.")
def whip_pan(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(STEPS), doc="Where the pictures rush."),
    distance: int = param(3, kind="integer", low=1, high=15, doc="Canvases that rush past."),
    blur: Scalar = param(0.6, low=0, high=2, doc="Exposure: length of a streak, in canvases."),
) -> Pixel:
    """Pan fast over a row of alternately mirrored pictures, with motion blur.

    The motion starts and ends gently whatever the easing. Takes sixteen samples, offset randomly
    per pixel.
    """
    dx, dy = STEPS[direction]
    way = ease(progress) * distance
    wide = bump(progress) * bump(progress) * blur
    chance = _chance(m, at)
    position = at.u if dx else at.v
    if dx + dy > 0:
        position = 1.0 - position
    middle = (distance + 1) * 0.5

    def pick(off: float) -> Pixel:
        # A row of pictures: the outgoing at 0..1, the incoming at distance..distance + 1, mirror
        # images of the nearer one in between.
        spot = m.clamp(position + way + (off + chance) * wide, 0.0, distance + 1.0)
        first = m.step(spot, middle)
        own = m.select(first, spot, distance + 1.0 - spot)
        tile = m.floor(own)
        own = own - tile
        odd = m.modulo(tile, 2.0)
        own = m.select(odd > 0.5, 1.0 - own, own)
        second = 1.0 - own
        if dx + dy > 0:
            own, second = 1.0 - own, 1.0 - second
        ax, ay = (own * at.width, at.y) if dx else (at.x, own * at.height)
        bx, by = (second * at.width, at.y) if dx else (at.x, second * at.height)
        return chosen(m, first, a.at(ax, ay, filter="nearest"), b.at(bx, by, filter="nearest"))

    return _average(pick)


@transition(samples=True, use="Headlines and comedy: one picture spins away, the next spins in.")
def rotate_scale(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    turns: Scalar = param(1.0, low=-10, high=10, doc="Full turns on the way."),
    scale: Scalar = param(0.4, low=0.02, high=8, doc="Size of the picture halfway."),
    center: tuple[Scalar, Scalar] = center_param("The point that stays fixed."),
    color: Vec3 = param(0.0, kind="color", doc="Background colour."),
) -> Pixel:
    """Rotate and scale the pictures while they dissolve.

    Modelled on gl-transitions' `RotateScaleFade`.
    """
    size = m.mix(m.number(1.0), scale, bump(progress))
    cx, cy = to_pixels(at, center)
    dx, dy = offset_from(at, cx, cy)

    def seen(picture: Picture, degrees: Scalar) -> Pixel:
        x, y = rotated_back(m, dx, dy, degrees)
        return framed(m, picture, x / size + cx, y / size + cy, size, size)

    # Pictures are upright only after full turns, so the incoming one turns back to rest.
    first = seen(a, progress * turns * 360.0)
    second = seen(b, (progress - 1.0) * turns * 360.0)
    shown = mixed(first, second, m.smoothstep(0.3, 0.7, progress))
    return over(shown, background(m, color, a, b, progress))


@transition(
    family="zoom",
    samples=True,
    use="Fly through: this picture passes the camera as the next arrives.",
)
def fly_through(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    zoom: Scalar = param(2.5, low=1, high=16, doc="How large the outgoing picture gets."),
    twist: Scalar = angle_param("Rotation on the way.", limit=360),
) -> Pixel:
    """Enlarge the outgoing picture as it fades over the incoming one, which grows to full size.

    With a `twist`, gl-transitions' `DreamyZoom`.
    """
    x, y = offset_from_center(at)

    def seen(picture: Picture, scale: Scalar, degrees: Scalar) -> Pixel:
        u, v = rotated_back(m, x, y, degrees)
        u, v = u / scale + at.width * 0.5, v / scale + at.height * 0.5
        return picture.at(u, v, edge="mirror")

    first = seen(a, m.mix(m.number(1.0), zoom, ease(progress)), progress * twist)
    second = seen(b, m.mix(1.0 / zoom, m.number(1.0), ease(progress)), (progress - 1.0) * twist)
    return mixed(first, second, m.smoothstep(0.2, 0.8, progress))


@transition(
    family="zoom", samples=True, use="Zoom in rings, inner ones first, like a lens that locks."
)
def zoom_in_circles(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    count: Scalar = param(6.0, low=1, high=40, doc="Rings from the centre to a corner."),
    zoom: Scalar = param(0.4, low=0, high=0.9, doc="How far each ring enlarges halfway."),
) -> Pixel:
    """Dissolve ring by ring, each ring enlarged while it changes.

    Modelled on gl-transitions' `ZoomInCircles`.
    """
    x, y = offset_from_center(at)
    cx, cy = at.width * 0.5, at.height * 0.5
    far = farthest_corner(m, at, cx, cy)
    phase = length(m, x, y) / far * count
    pixel = count / far

    def at_ring(ring: Scalar) -> Pixel:
        late = m.min(ring / count, 1.0)
        local = m.clamp(progress * 2.0 - late)
        scale = 1.0 - bump(local) * zoom
        u, v = x * scale + cx, y * scale + cy
        return mixed(a.at(u, v), b.at(u, v), ease(local))

    ring = m.floor(phase)
    edge = m.clamp((phase - ring) / pixel)
    return mixed(at_ring(m.max(ring - 1.0, 0.0)), at_ring(ring), edge)


@transition(samples=True, use="Step back to a wall of screens, then into another of them.")
def mosaic_wall(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    across: int = param(2, kind="integer", low=-8, high=8, doc="Screens to the right."),
    down: int = param(-1, kind="integer", low=-8, high=8, doc="Screens down."),
    back: Scalar = param(3.0, low=0, high=16, doc="How far back; 1 shows two by two screens."),
) -> Pixel:
    """Move over a wall showing the outgoing picture to the one screen that shows the incoming one.

    Modelled on gl-transitions' `Mosaic`.
    """
    scale = 1.0 + bump(progress) * back
    moved = ease(progress)
    u = (at.u - 0.5) * scale + 0.5 + moved * across
    v = (at.v - 0.5) * scale + 0.5 + moved * down
    x, y = m.fract(u) * at.width, m.fract(v) * at.height
    there = inside(m, u, across, across + 1.0, at.width / scale)
    there = there * inside(m, v, down, down + 1.0, at.height / scale)
    if across == 0 and down == 0:
        there = there * moved
    return mixed(a.at(x, y, edge="repeat"), b.at(x, y), there)
