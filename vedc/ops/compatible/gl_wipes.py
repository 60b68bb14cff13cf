"""The transitions of gl-transitions in which an edge, or several, cross the picture.

The formulas are those of github.com/gl-transitions/gl-transitions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.expr.math import Pixel, Scalar, Vec3
from vedc.ops.compatible.stage import PI, TIE, Shader, gl
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import point_param
from vedc.ops.shared.pixels import mixed

_WAY: Final = "Where the edge goes: right and up."


def _wipe(name: str, field: Callable[[Shader], Scalar]) -> None:
    @gl(name, family="wipe")
    def wipe(s: Shader) -> Pixel:
        """Replace the picture behind a hard edge that crosses it."""
        return mixed(s.a, s.b, s.m.step(field(s), s.progress))


_wipe("wipeLeft", lambda s: 1.0 - s.x)
_wipe("wipeRight", lambda s: s.x)
_wipe("wipeUp", lambda s: s.y)
_wipe("wipeDown", lambda s: 1.0 - s.y)


def along(
    s: Shader, direction: tuple[Scalar, Scalar], smoothness: Scalar, x: Scalar, y: Scalar
) -> Scalar:
    """1 ahead of a soft edge that moves in a direction, 0 behind it."""
    m = s.m
    total = m.max(m.abs(direction[0]) + m.abs(direction[1]), 1e-9)
    u, v = direction[0] / total, direction[1] / total
    middle = (u + v) * 0.5
    edge = middle - 0.5 + s.progress * (smoothness + 1.0)
    return m.smoothstep(-smoothness, 0.0, u * x + v * y - edge)


@gl("directionalwipe", family="wipe")
def _directionalwipe(
    s: Shader,
    *,
    direction: tuple[Scalar, Scalar] = point_param(_WAY, (1.0, -1.0)),
    smoothness: Scalar = param(0.5, low=0.001, high=10, doc="How soft the edge is."),
) -> Pixel:
    """Replace the picture behind a soft edge that crosses it."""
    return mixed(s.a, s.b, 1.0 - along(s, direction, smoothness, s.x, s.y))


@gl("windowslice")
def _windowslice(
    s: Shader,
    *,
    count: Scalar = param(10.0, low=1, high=1000, doc="Number of slices."),
    smoothness: Scalar = param(
        0.5, low=0.001, high=10, doc="How far the slices lag behind one another."
    ),
) -> Pixel:
    """Replace the picture in slices, one after another."""
    m = s.m
    left = m.smoothstep(-smoothness, 0.0, s.x - s.progress * (smoothness + 1.0))
    return mixed(s.a, s.b, m.step(left, m.fract(s.x * count)))


@gl("windowblinds", family="dissolve")
def _windowblinds(s: Shader) -> Pixel:
    """Dissolve; every second stripe is ahead of the others, and the stripes narrow."""
    m, t = s.m, s.progress
    stripe = m.modulo(m.floor(s.y * 100.0 * t + TIE * 10.0), 2.0)
    share = m.select(stripe < 0.5, t * 1.5, t)
    shown = mixed(s.a, s.b, m.mix(share, t, m.smoothstep(0.8, 1.0, t)))  # beyond b for a while
    return Pixel(shown.rgb, m.clamp(shown.a))


@gl("squareswire")
def _squareswire(
    s: Shader,
    *,
    squares: tuple[Scalar, Scalar] = param(
        (10.0, 10.0), kind="pair", low=1, high=1000, doc="Squares across and down."
    ),
    direction: tuple[Scalar, Scalar] = point_param(_WAY, (1.0, -0.5)),
    smoothness: Scalar = param(
        1.6, low=0.001, high=10, doc="How far the squares lag behind one another."
    ),
) -> Pixel:
    """Replace the picture in squares that grow, one after another."""
    m = s.m
    left = along(s, direction, smoothness, s.x, s.y) * 0.5
    x, y = m.fract(s.x * squares[0]), m.fract(s.y * squares[1])
    return mixed(s.a, s.b, s.between(left, x, 1.0 - left) * s.between(left, y, 1.0 - left))


@gl("chessboard")
def _chessboard(
    s: Shader, *, grid_num: Scalar = param(10.0, low=1, high=1000, doc="Squares in a row.")
) -> Pixel:
    """Wipe the dark squares of a chessboard, then the light ones."""
    m, t = s.m, s.progress
    x, y = s.x * grid_num, s.y * grid_num
    dark = m.modulo(m.floor(x) + m.floor(y), 2.0) > 0.5
    across = m.fract(x)
    early = m.select(dark, m.step(across, t * 2.0), 0.0)
    late = m.select(dark, 1.0, m.step(across, (t - 0.5) * 2.0))
    return mixed(s.a, s.b, m.select(m.step(t, 0.5), early, late))


@gl("Box")
def _box(
    s: Shader,
    *,
    rectIn: int = param(1, kind="integer", low=0, high=1, doc="1: it shrinks; 0: it grows."),
    location: int = param(
        0,
        kind="integer",
        low=0,
        high=4,
        doc="0: the middle; 1 to 4: upper left, lower left, upper right, lower right.",
    ),
) -> Pixel:
    """Shrink a box on the first picture, or grow one onto the second."""
    size = 1.0 - s.progress if rectIn else s.progress
    nothing = size * 0.0
    if location == 0:
        left = low = (1.0 - size) * 0.5
        right = high = 1.0 - left
    else:
        left, right = (nothing, size) if location in (1, 2) else (1.0 - size, nothing + 1.0)
        low, high = (1.0 - size, nothing + 1.0) if location in (1, 3) else (nothing, size)
    inside = s.between(left, s.x, right) * s.between(low, s.y, high)
    return mixed(s.a, s.b, 1.0 - inside if rectIn else inside)


def _doors(name: str, across: bool, opening: bool) -> None:
    @gl(name, family="wipe")
    def doors(s: Shader) -> Pixel:
        """Split the picture in the middle, or close in on it, behind soft edges."""
        m = s.m
        at = 1.0 - s.progress if opening else s.progress
        place = s.x if across else s.y
        field = 2.0 - m.abs(place - 0.5) / m.max(1.0 - at, 1e-6) - at * 2.0
        low, high = (0.0, 0.5) if opening else (0.5, 0.0)
        return mixed(s.a, s.b, m.smoothstep(low, high, field))


_doors("HorizontalOpen", across=False, opening=True)
_doors("HorizontalClose", across=False, opening=False)
_doors("VerticalOpen", across=True, opening=True)
_doors("VerticalClose", across=True, opening=False)


def _bow_tie(name: str, across: bool) -> None:
    @gl(name)
    def bow_tie(s: Shader) -> Pixel:
        """Replace the picture in two triangles that grow from opposite sides and meet."""
        m, t = s.m, s.progress
        along, side = (s.x, s.y) if across else (s.y, s.x)
        shown = s.a
        for far in (True, False):
            tip = 1.0 - t if far else t
            depth = along - tip if far else tip - along
            inside = (m.abs(side - 0.5) < depth) * s.between(0.0, depth, t)
            # Within 0.005 of a slope the edge is soft.
            off = (depth - m.abs(side - 0.5)) * 0.5**0.5
            soft = mixed(s.a, s.b, m.min(off / 0.005, 1.0))
            if far:
                seen = s.where(m.step(0.5, along), soft, s.a)
            else:
                seen = s.where(t < 0.1, s.a, s.where(along < 0.5, soft, s.b))
            shown = s.where(inside, seen, shown)
        return shown


_bow_tie("BowTieHorizontal", across=True)
_bow_tie("BowTieVertical", across=False)


@gl("BowTieWithParameter")
def _bow_tie_with_parameter(
    s: Shader,
    *,
    adjust: Scalar = param(0.5, low=0, high=1, doc="Where the triangles meet."),
    reverse: bool = param(False, doc="Whether it runs backwards."),
) -> Pixel:
    """Push two triangles in from above and below, then split the rest of the picture."""
    m = s.m
    t = 1.0 - s.progress if reverse else s.progress

    def within(x: Scalar, tip: Scalar, depth: Scalar, length: Scalar) -> Scalar:
        """Whether x is between the lines from ``tip``, at depth 0, to 0 and 1 at ``length``."""
        part = depth / length
        low, high = tip * (1.0 - part), tip + (1.0 - tip) * part
        return (x > low + TIE) * (x < high - TIE) * s.between(0.0, depth, length)

    below, above = t - s.y, s.y - (1.0 - t)
    depth = m.select(s.y < 0.5, below, above)
    pushed = within(s.x, adjust, depth, m.number(0.5))
    early = s.where(pushed, s.b, s.a)

    ahead = (t - 0.5) * 2.0
    right = m.mix(adjust, 1.0, ahead)
    left = m.mix(adjust, 0.0, ahead)
    half = m.number(0.5)
    reach = t + 0.5 - right
    on_right = within(s.y, half, s.x - right, m.max(reach, 1e-6))
    reach = left - (1.0 - t - 0.5)
    on_left = within(s.y, half, left - s.x, m.max(reach, 1e-6))
    late = s.where(m.select(s.x > adjust, on_right, on_left), s.a, s.b)
    return s.where(t < 0.5, early, late)


@gl("PolkaDotsCurtain")
def _polka_dots(
    s: Shader,
    *,
    dots: Scalar = param(20.0, low=1, high=1000, doc="Dots across."),
    center: tuple[Scalar, Scalar] = point_param("Where the first dots grow.", (0.0, 0.0)),
) -> Pixel:
    """Grow round dots until they meet, the nearer ones first."""
    m = s.m
    off = s.length(m.fract(s.x * dots) - 0.5, m.fract(s.y * dots) - 0.5)
    far = m.max(s.length(s.x - center[0], s.y - center[1]), 1e-6)
    return s.where(off < s.progress / far, s.b, s.a)


@gl("undulatingBurnOut")
def _undulating_burn_out(
    s: Shader,
    *,
    smoothness: Scalar = param(0.03, low=0.001, high=10, doc="How soft the rim is."),
    center: tuple[Scalar, Scalar] = point_param("Where the hole opens, from the lower left."),
    color: Vec3 = param(0.0, kind="color", doc="The colour of the rim."),
) -> Pixel:
    """Open a hole with a waving, charred rim."""
    m, t = s.m, s.progress
    x, y = s.x - center[0], s.y - center[1]
    away = s.length(x, y)
    turn = (m.atan2(y, x) * (180.0 / PI) + 180.0) * (PI * 30.0 / 360.0)
    wave = m.sin(turn)
    double = wave * wave * 2.0
    eased = m.select(wave < 0.5, double, wave * 4.0 - double - 1.0)
    eases = m.smoothstep(0.0, 1.0, t)
    size, speed = m.mix(m.number(0.02), 0.09, eases), m.mix(m.number(40.0), 30.0, eases)
    ahead = t + eased * size * m.sin(t * speed) - away
    soft = m.smoothstep(-smoothness, 0.0, ahead - away * smoothness)
    on_rim = s.between(-0.005, ahead, 0.01)
    rim = -1.0 - m.step(0.005, ahead)
    share = m.select(on_rim, rim, soft)
    charred = mixed(s.a, s.solid(color), 0.75)
    shown = mixed(s.a, s.b, m.max(share, -1.0))  # beyond a where the rim begins
    shown = Pixel(shown.rgb, m.clamp(shown.a))
    return s.where(m.step(share, -2.0), charred, shown)
