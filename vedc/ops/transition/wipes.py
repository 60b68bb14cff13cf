"""Wipes: a straight or bent edge uncovers the second picture. Neither picture moves."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Position, Scalar
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import SEED, angle_param, transition
from vedc.ops.shared.pixels import mixed
from vedc.ops.shared.plane_geometry import length
from vedc.ops.transition.common import (
    ANCHORS,
    ANGLE,
    CORNERS,
    DIRECTIONS,
    MODES,
    SOFTNESS,
    along,
    front,
    repeated_front,
    soft_front,
    stable_floor,
)


@transition(
    family="move", use="Lead the eye to one side: a wipe so soft that it reads as a dissolve."
)
def smooth_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(DIRECTIONS), doc="Where the edge moves to."),
    angle: Scalar = ANGLE,
    softness: Scalar = param(1.0, low=0, high=1, doc="Width of the edge, as a part of its way."),
) -> Pixel:
    """Reveal the second picture behind a straight edge with a smooth profile.

    The edge's profile is the cubic `3t**2 - 2t**3`. At `softness` 1 this is FFmpeg's xfade
    `smoothleft` and its kin.
    """
    field, _, way = along(m, at, DIRECTIONS[direction] + angle)
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, 1.0 / way)))


@transition(use="Lead the eye into a corner with a soft sweep.")
def diagonal(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    corner: str = param("top-left", choices=CORNERS, doc="Where the edge moves to."),
    softness: Scalar = param(1.0, low=0, high=1, doc="Width of the edge, as a part of its way."),
) -> Pixel:
    """Reveal the second picture behind a hyperbola that closes in on a corner.

    The edge lies where the product of the distances from the two sides at `corner` is the
    same: FFmpeg's xfade `diagtl` and its kin at `softness` 1. For a straight diagonal edge
    turn `wipe` by 45 degrees.
    """
    far_x, far_y = ANCHORS[corner]
    u = 1.0 - at.u if far_x else at.u
    v = 1.0 - at.v if far_y else at.v
    pixel = length(m, 1.0 / at.width, 1.0 / at.height)
    return mixed(a, b, soft_front(m, progress, 1.0 - u * v, m.max(softness, pixel)))


@transition(use="Open a scene, or close it, like a pair of sliding doors.")
def barn_doors(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    axis: str = param(
        "vertical", choices=("vertical", "horizontal"), doc="How the line between the doors runs."
    ),
    mode: str = param("open", choices=MODES, doc="From the middle out, or from the sides in."),
    angle: Scalar = angle_param("Turns the line clockwise.", limit=360),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the second picture behind two parallel edges that part, or meet, in the middle.

    With `softness` 1 these are FFmpeg's xfade `vertopen`, `vertclose`, `horzopen` and
    `horzclose`.
    """
    place, _, way = along(m, at, angle + (0.0 if axis == "vertical" else 90.0))
    field = m.abs(2.0 * place - 1.0)
    if mode == "close":
        field = 1.0 - field
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, 2.0 / way)))


@transition(use="Lay out a page or a split screen: the next shot grows out of a corner.")
def box_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    anchor: str = param("top-left", choices=tuple(ANCHORS), doc="Where the box starts or ends."),
    mode: str = param("open", choices=MODES, doc="Grow with the second picture, or shrink."),
    quarters: bool = param(False, doc="Four boxes, mirrored about the canvas's middle lines."),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the second picture in a box of the canvas's proportions.

    With `mode` close the first picture shrinks in a box towards `anchor`.
    """
    shown = None
    for place, size, start in zip(
        (at.u, at.v), (at.width, at.height), ANCHORS[anchor], strict=True
    ):
        spot = m.abs(2.0 * place - 1.0) if quarters else place
        span = max(start, 1.0 - start)
        away = m.max(start - spot, spot - start) / span
        pixel = (2.0 if quarters else 1.0) / (size * span)
        if mode == "close":
            away = 1.0 - away
        one = soft_front(m, progress, away, m.max(softness, pixel))
        if shown is None:
            shown = one
        elif mode == "open":
            shown = m.min(shown, one)
        else:
            shown = m.max(shown, one)
    assert shown is not None
    return mixed(a, b, shown)


@transition(use="Change scene as a blind is turned: offices, interviews, the fifties.")
def blinds(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("down", choices=tuple(DIRECTIONS), doc="Where the edges move to."),
    angle: Scalar = ANGLE,
    count: Scalar = param(10.0, low=1, high=200, doc="Slats over the canvas."),
    softness: Scalar = param(
        0.0, low=0, high=1, doc="Width of each edge, as a part of a slat; at least a pixel."
    ),
) -> Pixel:
    """Reveal the second picture in parallel strips, all at once."""
    place, _, way = along(m, at, DIRECTIONS[direction] + angle)
    pixel = count / way
    return mixed(a, b, repeated_front(m, progress, place * count, m.max(softness, pixel), pixel))


@transition(use="Sweep to the next shot in strips: trailers, sports, lists.")
def slices(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(DIRECTIONS), doc="Where the sweep moves to."),
    count: Scalar = param(10.0, low=1, high=200, doc="Strips over the canvas."),
    spread: Scalar = param(
        0.5, low=0.01, high=4, doc="How much of the canvas opens at once, as a part of it."
    ),
) -> Pixel:
    """Reveal the second picture in strips whose opening sweeps over the canvas.

    FFmpeg's xfade `hlslice` and its kin: ten strips, `spread` 0.5; gl-transitions'
    `windowslice` with a `spread` of 1.
    """
    place, _, way = along(m, at, DIRECTIONS[direction])
    opened = m.smoothstep(0.0, spread, progress * (1.0 + spread) - place)
    pixel = count / way
    return mixed(a, b, repeated_front(m, opened, place * -count, pixel, pixel, front))


@transition(use="Blow the picture away: sand, speed, a storm.")
def wind(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(DIRECTIONS), doc="Where the wind blows to."),
    size: Scalar = param(0.2, low=0.01, high=1, doc="Longest streak, as a part of the way."),
    lines: Scalar = param(300.0, low=2, high=4096, doc="Streaks over the canvas."),
    seed: Scalar = SEED,
) -> Pixel:
    """Reveal the second picture behind an edge that every line meets at its own time.

    The idea of FFmpeg's xfade `hlwind` and its kin.
    """
    place, across, _ = along(m, at, DIRECTIONS[direction])
    late = m.hash(stable_floor(m, (across + 0.5) * lines), 0.0, seed)
    field = (place + size * late) / (1.0 + size)
    return mixed(a, b, soft_front(m, progress, field, size))


@transition(use="Point the way: the edge is an arrow, or has teeth.")
def zigzag(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("down", choices=tuple(DIRECTIONS), doc="Where the points move to."),
    teeth: Scalar = param(1.0, low=1, high=64, doc="Points over the edge; 1 is a V."),
    depth: Scalar = param(0.5, low=0, high=4, doc="Height of the teeth, as a part of the way."),
    barn: bool = param(False, doc="The edge parts in both directions from a bent line."),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the second picture behind an edge bent into points.

    One tooth is SMPTE's vee wipe (61 to 64), with `barn` its barn vee (65 to 68).
    """
    place, across, way = along(m, at, DIRECTIONS[direction])
    tooth = m.abs(2.0 * m.fract((across + 0.5) * teeth) - 1.0)
    field = (place + depth * tooth) / (1.0 + depth)
    side = at.width + at.height - way
    pixel = length(m, 1.0 / way, 2.0 * depth * teeth / side) / (1.0 + depth)
    if barn:
        field, pixel = m.abs(2.0 * field - 1.0), pixel * 2.0
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, pixel)))


@transition(use="Close on the middle like a clapper: two points that meet.")
def bow_tie(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    axis: str = param(
        "vertical",
        choices=("vertical", "horizontal"),
        doc="From top and bottom, or from the sides.",
    ),
    depth: Scalar = param(1.0, low=0, high=8, doc="Length of the wedges, in half canvases."),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the second picture in two wedges that come from opposite sides.

    SMPTE wipes 43 and 44, gl-transitions' `BowTieVertical` and `BowTieHorizontal`.
    """
    u, v = m.abs(2.0 * at.u - 1.0), m.abs(2.0 * at.v - 1.0)
    wide, high = 2.0 / at.width, 2.0 / at.height
    if axis == "vertical":
        u, v, wide, high = v, u, high, wide
    field = (1.0 - u + depth * v) / (1.0 + depth)
    pixel = length(m, wide, high * depth) / (1.0 + depth)
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, pixel)))
