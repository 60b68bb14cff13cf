"""Wipes: a straight or bent edge uncovers the incoming picture. Neither picture moves."""

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


@transition(family="wipe", use="Lead the eye to one side with a wipe as soft as a dissolve.")
def smooth_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(DIRECTIONS), doc="Where the edge moves."),
    angle: Scalar = ANGLE,
    softness: Scalar = param(1.0, low=0, high=1, doc="Edge width, as a fraction of its travel."),
) -> Pixel:
    """Reveal the incoming picture behind a straight edge with a smooth profile.

    The profile is the cubic `3t**2 - 2t**3`. With `softness` 1 this is FFmpeg's xfade `smoothleft`
    and its siblings.
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
    corner: str = param("top-left", choices=CORNERS, doc="Where the edge moves."),
    softness: Scalar = param(1.0, low=0, high=1, doc="Edge width, as a fraction of its travel."),
) -> Pixel:
    """Reveal the incoming picture behind a hyperbola that closes in on a corner.

    Along the edge the product of the distances from the two sides at `corner` is constant: FFmpeg's
    xfade `diagtl` and its siblings with `softness` 1. For a straight diagonal edge, use `wipe` with
    an angle of 45 degrees.
    """
    far_x, far_y = ANCHORS[corner]
    u = 1.0 - at.u if far_x else at.u
    v = 1.0 - at.v if far_y else at.v
    pixel = length(m, 1.0 / at.width, 1.0 / at.height)
    return mixed(a, b, soft_front(m, progress, 1.0 - u * v, m.max(softness, pixel)))


@transition(use="Open or close a scene like a pair of sliding doors.")
def barn_doors(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    axis: str = param(
        "vertical",
        choices=("vertical", "horizontal"),
        doc="Direction of the line between the doors.",
    ),
    mode: str = param("open", choices=MODES, doc="From the middle out, or from the sides in."),
    angle: Scalar = angle_param("Rotates the line clockwise.", limit=360),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the incoming picture behind two parallel edges that open from the middle or meet
    there.

    With `softness` 1 these are FFmpeg's xfade `vertopen`, `vertclose`, `horzopen` and `horzclose`.
    """
    position, _, way = along(m, at, angle + (0.0 if axis == "vertical" else 90.0))
    field = m.abs(2.0 * position - 1.0)
    if mode == "close":
        field = 1.0 - field
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, 2.0 / way)))


@transition(use="Build a page or a split screen: the next shot grows from a corner.")
def box_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    anchor: str = param("top-left", choices=tuple(ANCHORS), doc="Where the box starts or ends."),
    mode: str = param("open", choices=MODES, doc="Grow with the incoming picture, or shrink."),
    quarters: bool = param(False, doc="Use four boxes, mirrored about the canvas's centre lines."),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the incoming picture in a box with the canvas's proportions.

    With `mode` close the outgoing picture shrinks in a box towards `anchor`.
    """
    shown = None
    for position, size, start in zip(
        (at.u, at.v), (at.width, at.height), ANCHORS[anchor], strict=True
    ):
        spot = m.abs(2.0 * position - 1.0) if quarters else position
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


@transition(use="Change scene by turning a blind: offices, interviews, the fifties.")
def blinds(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("down", choices=tuple(DIRECTIONS), doc="Where the edges move."),
    angle: Scalar = ANGLE,
    count: Scalar = param(10.0, low=1, high=200, doc="Slats over the canvas."),
    softness: Scalar = param(0.0, low=0, high=1, doc="Edge width, in slats; at least one pixel."),
) -> Pixel:
    """Reveal the incoming picture in parallel strips, all at once."""
    position, _, way = along(m, at, DIRECTIONS[direction] + angle)
    pixel = count / way
    return mixed(a, b, repeated_front(m, progress, position * count, m.max(softness, pixel), pixel))


@transition(use="Sweep to the next shot in strips: trailers, sports, lists.")
def slices(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("left", choices=tuple(DIRECTIONS), doc="Where the sweep moves."),
    count: Scalar = param(10.0, low=1, high=200, doc="Strips over the canvas."),
    spread: Scalar = param(0.5, low=0.01, high=4, doc="Fraction of the canvas that opens at once."),
) -> Pixel:
    """Reveal the incoming picture in strips that open in a sweep over the canvas.

    FFmpeg's xfade `hlslice` and its siblings: ten strips, `spread` 0.5; gl-transitions'
    `windowslice` with `spread` 1.
    """
    position, _, way = along(m, at, DIRECTIONS[direction])
    opened = m.smoothstep(0.0, spread, progress * (1.0 + spread) - position)
    pixel = count / way
    return mixed(a, b, repeated_front(m, opened, position * -count, pixel, pixel, front))


@transition(use="Blow the picture away: sand, speed, a storm.")
def wind(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("right", choices=tuple(DIRECTIONS), doc="Where the wind blows."),
    size: Scalar = param(0.2, low=0.01, high=1, doc="Longest streak, as a fraction of the travel."),
    lines: Scalar = param(300.0, low=2, high=4096, doc="Streaks over the canvas."),
    seed: Scalar = SEED,
) -> Pixel:
    """Reveal the incoming picture behind an edge that reaches every line at its own time.

    Modelled on FFmpeg's xfade `hlwind` and its siblings.
    """
    position, across, _ = along(m, at, DIRECTIONS[direction])
    late = m.hash(stable_floor(m, (across + 0.5) * lines), 0.0, seed)
    field = (position + size * late) / (1.0 + size)
    return mixed(a, b, soft_front(m, progress, field, size))


@transition(use="Point the way: the edge is an arrow, or has teeth.")
def zigzag(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    direction: str = param("down", choices=tuple(DIRECTIONS), doc="Where the points move."),
    teeth: Scalar = param(1.0, low=1, high=64, doc="Points along the edge; 1 is a V."),
    depth: Scalar = param(0.5, low=0, high=4, doc="Tooth depth, as a fraction of the travel."),
    barn: bool = param(False, doc="Whether the edge opens both ways from the middle."),
    softness: Scalar = SOFTNESS,
) -> Pixel:
    """Reveal the incoming picture behind a zigzag edge.

    One tooth is SMPTE's vee wipe (61 to 64); with `barn` it is a barn vee (65 to 68).
    """
    position, across, way = along(m, at, DIRECTIONS[direction])
    tooth = m.abs(2.0 * m.fract((across + 0.5) * teeth) - 1.0)
    field = (position + depth * tooth) / (1.0 + depth)
    side = at.width + at.height - way
    pixel = length(m, 1.0 / way, 2.0 * depth * teeth / side) / (1.0 + depth)
    if barn:
        field, pixel = m.abs(2.0 * field - 1.0), pixel * 2.0
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, pixel)))


@transition(use="Close on the middle with two points that meet.")
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
    """Reveal the incoming picture in two wedges that enter from opposite sides.

    SMPTE wipes 43 and 44; gl-transitions' `BowTieVertical` and `BowTieHorizontal`.
    """
    u, v = m.abs(2.0 * at.u - 1.0), m.abs(2.0 * at.v - 1.0)
    wide, high = 2.0 / at.width, 2.0 / at.height
    if axis == "vertical":
        u, v, wide, high = v, u, high, wide
    field = (1.0 - u + depth * v) / (1.0 + depth)
    pixel = length(m, wide, high * depth) / (1.0 + depth)
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, pixel)))
