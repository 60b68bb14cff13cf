"""Warps: the pictures bend as they change."""

from __future__ import annotations

import math

from vedc.expr.math import Math, Pixel, Position, Scalar, ease
from vedc.expr.picture import Picture
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import SEED, angle_param, center_param, transition
from vedc.ops.shared.lattice_noise import gradient
from vedc.ops.shared.pixels import mixed
from vedc.ops.shared.plane_geometry import (
    RADIANS,
    TURN,
    farthest_corner,
    length,
    offset_from_center,
    rotated_back,
    to_pixels,
)
from vedc.ops.transition.common import (
    ANGLE,
    DIRECTIONS,
    along,
    bump,
    parted,
    soft_front,
    stable_floor,
)


@transition(samples=True, use="Move smoothly between shots of one mood.")
def cross_warp(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(DIRECTIONS), doc="Where the edge moves."),
    angle: Scalar = ANGLE,
    softness: Scalar = param(1.0, low=0.05, high=1, doc="Edge width, as a fraction of its travel."),
) -> Pixel:
    """Scale the pictures into each other along a soft edge that crosses the canvas.

    As the edge passes, the outgoing picture contracts to its centre and the incoming one expands to
    full size, modelled on gl-transitions' `crosswarp`, and `directionalwarp` with `softness` 0.5.
    """
    position, _, _ = along(m, at, DIRECTIONS[direction] + angle)
    share = soft_front(m, progress, position, softness)
    x, y = offset_from_center(at)
    cx, cy = at.width * 0.5, at.height * 0.5
    first = a.at(x * (1.0 - share) + cx, y * (1.0 - share) + cy)
    second = b.at(x * share + cx, y * share + cy)
    return mixed(first, second, share)


@transition(
    family="dissolve",
    samples=True,
    use="Go under water or into a thought: a stone drops in.",
)
def ripple_dissolve(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    center: tuple[Scalar, Scalar] = center_param("Where the stone drops."),
    waves: Scalar = param(12.0, low=0.5, high=100, doc="Waves from the centre to a corner."),
    amplitude: Scalar = param(0.03, low=0, high=0.3, doc="Wave height, in canvas heights."),
    speed: Scalar = param(5.0, low=0, high=50, doc="Waves that pass over the whole transition."),
    spread: Scalar = param(0.0, low=0, high=1, doc="1: waves run outwards; 0: all at once."),
) -> Pixel:
    """Distort the pictures in rings while they dissolve.

    Modelled on gl-transitions' `ripple`; with `spread` its `WaterDrop`.
    """
    cx, cy = to_pixels(at, center)
    x, y = at.x - cx, at.y - cy
    r = length(m, x, y)
    far = r / farthest_corner(m, at, cx, cy)
    reached = m.clamp((progress * 1.5 - far) * 8.0)
    strength = bump(progress) * m.mix(m.number(1.0), reached, spread)
    wave = m.sin((far * waves - progress * speed) * TURN)
    push = wave * amplitude * at.height * strength / m.max(r, 1.0)
    u, v = at.x + x * push, at.y + y * push
    return mixed(a.at(u, v, edge="mirror"), b.at(u, v, edge="mirror"), ease(progress))


@transition(
    family="dissolve",
    samples=True,
    use="Faint, dream or travel in time: the picture is stirred.",
)
def swirl_dissolve(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    center: tuple[Scalar, Scalar] = center_param("Centre of the swirl."),
    turns: Scalar = param(1.0, low=-8, high=8, doc="Turns of the centre, halfway."),
    radius: Scalar = param(1.0, low=0.05, high=4, doc="Radius; 1 reaches the farthest corner."),
) -> Pixel:
    """Twist the pictures about a point, most at its centre, while they dissolve.

    Modelled on gl-transitions' `swirl`: the twist grows until halfway, then unwinds.
    """
    cx, cy = to_pixels(at, center)
    x, y = at.x - cx, at.y - cy
    far = m.clamp(1.0 - length(m, x, y) / (farthest_corner(m, at, cx, cy) * radius))
    u, v = rotated_back(m, x, y, ease(m.clamp(bump(progress))) * turns * far * far * 360.0)
    u, v = u + cx, v + cy
    share = m.smoothstep(0.2, 0.8, progress)
    return mixed(a.at(u, v, edge="mirror"), b.at(u, v, edge="mirror"), share)


@transition(samples=True, use="Fall asleep: the picture begins to sway.")
def dreamy(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    amplitude: Scalar = param(0.08, low=0, high=1, doc="Wave height, in canvas heights."),
    waves: Scalar = param(2.0, low=0.1, high=32, doc="Waves over the canvas."),
    speed: Scalar = param(1.0, low=-10, high=10, doc="Waves that pass over the whole transition."),
    axis: str = param("vertical", choices=("vertical", "horizontal"), doc="Which way it sways."),
) -> Pixel:
    """Wave the pictures like a flag while they dissolve.

    Modelled on gl-transitions' `Dreamy`.

    The outgoing picture sways more and more, the incoming one less and less.
    """
    position = at.u if axis == "vertical" else at.v
    wave = m.sin((position * waves + progress * speed) * TURN) * amplitude * at.height

    def seen(picture: Picture, strength: Scalar) -> Pixel:
        off = wave * strength
        if axis == "vertical":
            return picture.at(at.x, at.y + off, edge="mirror")
        return picture.at(at.x + off, at.y, edge="mirror")

    return mixed(seen(a, progress), seen(b, 1.0 - progress), ease(progress))


@transition(samples=True, use="Turn one face, thing or pattern into another.")
def morph(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    strength: Scalar = param(0.1, low=0, high=1, doc="Displacement, in canvas heights."),
) -> Pixel:
    """Displace each picture by the mean of both pictures' colours.

    Modelled on gl-transitions' `morph`.

    Red and green displace across, green and blue down.
    """
    both = (a.here.rgb + b.here.rgb) * 0.5
    off_x = (m.clamp(both.r) + m.clamp(both.g)) * 0.5 - 0.5
    off_y = (m.clamp(both.g) + m.clamp(both.b)) * 0.5 - 0.5
    reach = 2.0 * strength * at.height
    first, second = progress * reach, (1.0 - progress) * reach
    return mixed(
        a.at(at.x + off_x * first, at.y + off_y * first, edge="mirror"),
        b.at(at.x - off_x * second, at.y - off_y * second, edge="mirror"),
        ease(progress),
    )


@transition(
    family="dissolve",
    samples=True,
    use="Play, dance or dream: mirrors multiply the picture.",
)
def kaleidoscope_dissolve(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    segments: Scalar = param(6.0, low=1, high=32, doc="Mirrored pairs around the centre."),
    spin: Scalar = angle_param("Rotation over the transition.", 90.0, limit=720),
) -> Pixel:
    """Fold the pictures into mirrored wedges halfway.

    Modelled on gl-transitions' `kaleidoscope`.
    """
    x, y = offset_from_center(at)
    r = length(m, x, y)
    turned = m.atan2(y, x) + progress * spin * RADIANS
    wedge = TURN / segments
    phase = turned / wedge
    folded = m.abs(phase - m.floor(phase + 0.5)) * wedge
    kx, ky = r * m.cos(folded) + at.width * 0.5, r * m.sin(folded) + at.height * 0.5
    share = m.smoothstep(0.4, 0.6, progress)
    amount = m.smoothstep(0.0, 0.25, progress) * (1.0 - m.smoothstep(0.75, 1.0, progress))
    straight = mixed(a.here, b.here, share)
    mirrored = mixed(a.at(kx, ky, edge="mirror"), b.at(kx, ky, edge="mirror"), share)
    return mixed(straight, mirrored, amount)


@transition(samples=True, use="See as an insect or a machine does, through many lenses.")
def fly_eye(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    size: Scalar = param(0.1, low=0.005, high=0.5, doc="Lens size, in canvas heights."),
    zoom: Scalar = param(0.5, low=-2, high=2, doc="How much of its surroundings a lens shows."),
    color: Scalar = param(0.3, low=0, high=1, doc="How far red and blue separate in a lens."),
) -> Pixel:
    """Dissolve through a grid of round lenses.

    Modelled on gl-transitions' `flyeye`.

    The lenses bend most halfway.
    """
    cell = size * at.height
    bend = bump(progress) * zoom * cell
    off_x, off_y = m.cos(at.x / cell * TURN) * bend, m.sin(at.y / cell * TURN) * bend

    def seen(picture: Picture) -> Pixel:
        return parted(picture, at.x, at.y, off_x, off_y, color)

    return mixed(seen(a), seen(b), m.smoothstep(0.2, 0.8, progress))


@transition(samples=True, use="Let a dream or a piece of music scatter the picture.")
def butterfly_wave(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    amplitude: Scalar = param(0.2, low=0, high=2, doc="Wave height, in canvas heights."),
    waves: Scalar = param(5.0, low=1, high=40, doc="Lobes around the centre."),
    color: Scalar = param(0.3, low=0, high=1, doc="How far red and blue separate."),
) -> Pixel:
    """Push the pictures along a curve of many lobes around the centre while they dissolve.

    Modelled on gl-transitions' `ButterflyWaveScrawler`, with Fay's butterfly curve (1989),
    `exp(cos t) - 2 cos(4t)`.
    """
    x, y = offset_from_center(at)
    turn = m.atan2(x, -y)
    lobes = m.exp2(m.cos(turn) * (1.0 / math.log(2.0))) - 2.0 * m.cos(turn * 4.0)
    fine = m.sin(lobes * waves * 0.5 + length(m, x, y) / at.height * waves)
    push = fine * amplitude * at.height
    cos, sin = m.cos(turn), m.sin(turn)

    def seen(picture: Picture, strength: Scalar) -> Pixel:
        off = push * strength
        return parted(picture, at.x, at.y, sin * off, -cos * off, color)

    return mixed(seen(a, progress), seen(b, 1.0 - progress), m.smoothstep(0.1, 0.9, progress))


@transition(samples=True, use="Let heat, smoke or wind carry the picture off.")
def smoke(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    strength: Scalar = param(0.4, low=0, high=2, doc="Drift, in canvas heights."),
    scale: Scalar = param(4.0, low=0.5, high=64, doc="Whirls down the canvas."),
    seed: Scalar = SEED,
) -> Pixel:
    """Displace the pictures by smooth noise while they dissolve.

    Modelled on gl-transitions' `displacement`, with noise as its map.
    """
    x, y = at.x / at.height * scale, at.y / at.height * scale
    reach = strength * at.height
    off_x = (gradient(m, x, y, seed) - 0.5) * reach
    off_y = (gradient(m, x, y, seed + 1.0) - 0.5) * reach
    left = 1.0 - progress
    return mixed(
        a.at(at.x + off_x * progress, at.y + off_y * progress, edge="mirror"),
        b.at(at.x - off_x * left, at.y - off_y * left, edge="mirror"),
        m.smoothstep(0.1, 0.9, progress),
    )


@transition(samples=True, use="Dissolve in rain, slime or paint: the picture drips down.")
def melt(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("down", choices=("down", "up"), doc="Where the picture runs."),
    columns: Scalar = param(80.0, low=2, high=1000, doc="Drips across the canvas."),
    uneven: Scalar = param(0.4, low=0, high=2, doc="How much later the last drip runs off."),
    luma: Scalar = param(0.0, low=0, high=1, doc="How far bright areas run ahead."),
    seed: Scalar = SEED,
) -> Pixel:
    """Let the outgoing picture run off in columns.

    Modelled on gl-transitions' `DoomScreenTransition`.

    With `luma`, bright parts of the incoming picture burst through early, as in `luminance_melt`.
    """
    column = at.u * columns
    late = gradient(m, column * 0.35, m.number(0.0) + 0.5, seed) * 0.7 + 0.3 * m.hash(
        stable_floor(m, column), 0.0, seed
    )
    bright = m.clamp(m.luma(b.here.rgb)) * luma
    local = progress * (1.0 + uneven + 0.02) - late * uneven * (1.0 - bright)
    fallen = m.max(local, 0.0)
    fallen = fallen * m.mix(fallen, m.number(1.0), 0.35)
    position = at.v if direction == "down" else 1.0 - at.v
    own = position - fallen
    visible = m.clamp(own * at.height + 0.5)
    y = own if direction == "down" else 1.0 - own
    return mixed(b.here, a.at(at.x, y * at.height), visible)
