"""The transitions of gl-transitions in which whole pictures move, turn or change their size.

The formulas are those of github.com/gl-transitions/gl-transitions.
"""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Pixel, Scalar, Vec3
from vedc.ops.compatible.stage import BLACK, PI, Shader, gl
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import point_param
from vedc.ops.shared.pixels import mixed

_WAY: Final = "Where the pictures go: their signs count, right and up."


def _within(s: Shader, x: Scalar, y: Scalar) -> Scalar:
    """1 within the canvas, its edges included."""
    return s.between(0.0, x, 1.0) * s.between(0.0, y, 1.0)


def _pushed(s: Shader, direction: tuple[Scalar, Scalar], by: Scalar) -> Pixel:
    x, y = s.x + by * s.sign(direction[0]), s.y + by * s.sign(direction[1])
    u, v = s.m.fract(x), s.m.fract(y)
    return s.where(_within(s, x, y), s.from_at(u, v), s.to_at(u, v))


@gl("Directional", samples=True, family="slide")
def _directional(
    s: Shader, *, direction: tuple[Scalar, Scalar] = point_param(_WAY, (0.0, 1.0))
) -> Pixel:
    """Let the second picture push the first one out."""
    return _pushed(s, direction, s.progress)


@gl("directional-easing", samples=True, family="slide")
def _directional_easing(
    s: Shader, *, direction: tuple[Scalar, Scalar] = point_param(_WAY, (0.0, 1.0))
) -> Pixel:
    """Let the second picture push the first one out, ever more slowly."""
    return _pushed(s, direction, s.m.sqrt((2.0 - s.progress) * s.progress))


@gl("DirectionalScaled", samples=True)
def _directional_scaled(
    s: Shader,
    *,
    direction: tuple[Scalar, Scalar] = point_param(_WAY, (0.0, 1.0)),
    scale: Scalar = param(0.7, low=0.01, high=100, doc="The size of the pictures half-way."),
) -> Pixel:
    """Let the second picture push the first one out, both smaller on the way."""
    m = s.m
    eased = m.sin(s.progress * (PI / 2.0))
    eased = eased * eased * eased
    x, y = s.x + eased * s.sign(direction[0]), s.y + eased * s.sign(direction[1])
    size = 1.0 - (1.0 - 1.0 / scale) * m.sin(s.progress * PI)
    u, v = (m.fract(x) - 0.5) * size + 0.5, (m.fract(y) - 0.5) * size + 0.5
    shown = s.where(_within(s, x, y), s.from_at(u, v), s.to_at(u, v))
    return s.where(_within(s, u, v), shown, s.solid(BLACK))


@gl("x_axis_translation", samples=True, family="slide")
def _x_axis_translation(s: Shader) -> Pixel:
    """Push the first picture out to the right; behind it the pictures dissolve."""
    t = s.progress
    return s.where(s.m.step(t, s.x), s.from_at(s.x - t, s.y), mixed(s.a, s.b, t))


def _split(name: str, across: bool, slides_in: bool, slides_out: bool) -> None:
    @gl(f"splitSlide{name}", samples=True, family="slide")
    def split(
        s: Shader, *, reverse: bool = param(False, doc="Whether the halves change their ways.")
    ) -> Pixel:
        """Let the two halves of a picture slide in, or out, in opposite directions."""
        m, t = s.m, s.progress
        place, other = (s.x, s.y) if across else (s.y, s.x)
        side = m.select(other > 0.5, 1.0, -1.0)
        if reverse:
            side = side * -1.0

        def at(shift: Scalar) -> tuple[Scalar, Scalar]:
            return (shift, s.y) if across else (s.x, shift)

        if not slides_out:
            moved = at(place - (t - 1.0) * side)
            return s.where(s.inside(*moved), s.to_at(*moved), s.a)
        gone = at(place + t * side)
        behind = s.to_at(*at(place + (t - 1.0) * side)) if slides_in else s.b
        return s.where(s.inside(*gone), s.from_at(*gone), behind)


for _axis, _across in (("Horizontal", True), ("Vertical", False)):
    _split(f"In{_axis}", _across, slides_in=True, slides_out=False)
    _split(f"Out{_axis}", _across, slides_in=False, slides_out=True)
    _split(f"InOut{_axis}", _across, slides_in=True, slides_out=True)


@gl("Slides", samples=True)
def _slides(
    s: Shader,
    *,
    type: int = param(
        0,
        kind="integer",
        low=0,
        high=8,
        doc="0 to 3: the middle of the upper, right, lower and left side; 4 to 7: the upper right, "
        "lower right, lower left and upper left corner; 8: the middle.",
    ),
    In: bool = param(False, doc="Whether the second picture grows instead."),
) -> Pixel:
    """Shrink the first picture towards a point, or grow the second one from it."""
    m = s.m
    size = s.progress if In else 1.0 - s.progress
    near, middle, far = size * 0.0, 0.5 - size * 0.5, 1.0 - size
    left = {0: middle, 2: middle, 8: middle, 1: far, 4: far, 5: far}.get(type, near)
    top = {1: middle, 3: middle, 8: middle, 2: far, 5: far, 6: far}.get(type, near)
    down = 1.0 - s.y
    inside = s.between(left, s.x, left + size) * s.between(top, down, top + size)
    safe = m.max(size, 1e-6)
    u, v = (s.x - left) / safe, 1.0 - (down - top) / safe
    if In:
        return s.where(inside, s.to_at(u, v), s.a)
    return s.where(inside, s.from_at(u, v), s.b)


def _pushed_out(name: str, across: bool) -> None:
    @gl(name, samples=True)
    def push(s: Shader) -> Pixel:
        """Slide the second picture over the first, which darkens and backs off."""
        m, t = s.m, s.progress
        size = 1.0 + t * 0.4
        x, y = (s.x - 0.5) * size + 0.5, (s.y - 0.5) * size + 0.5
        u, v = (s.x - (1.0 - t), s.y) if across else (s.x, s.y + (1.0 - t))
        first = s.from_at(x, y)
        dim = Pixel(first.rgb * (1.0 - t), m.mix(first.a, s.b.a, t))
        back = s.where(s.inside(x, y), dim, s.solid(BLACK))
        return s.where(s.inside(u, v), s.to_at(u, v), back)


_pushed_out("LeftRight", across=True)
_pushed_out("TopBottom", across=False)


@gl("Fold", samples=True)
def _fold(s: Shader) -> Pixel:
    """Squeeze the first picture to the right while the second one widens from the left."""
    m, t = s.m, s.progress
    first = s.from_at((s.x - t) / m.max(1.0 - t, 1e-6), s.y)
    second = s.to_at(s.x / m.max(t, 1e-6), s.y)
    return mixed(first, second, m.step(s.x, t))


@gl("squeeze", samples=True)
def _squeeze(
    s: Shader,
    *,
    colorSeparation: Scalar = param(
        0.04, low=-1, high=1, doc="How far the colours separate, in heights of the picture."
    ),
) -> Pixel:
    """Squeeze the first picture to a line in the middle; its colours separate."""
    m, t = s.m, s.progress
    y = 0.5 + (s.y - 0.5) / m.max(1.0 - t, 1e-6)
    off = t * colorSeparation
    low, here, high = (s.from_at(s.x, y + by) for by in (off * -1.0, off * 0.0, off))
    parted = Pixel(Vec3(low.rgb.r, here.rgb.g, high.rgb.b), here.a)
    return s.where(m.step(0.0, y) * m.step(y, 1.0), parted, s.b)


@gl("Bounce", samples=True)
def _bounce(
    s: Shader,
    *,
    shadow_colour: Vec3 = param(0.0, kind="color", doc="The colour of the shadow."),
    shadow_height: Scalar = param(
        0.075, low=0.001, high=1, doc="How high the shadow is, in heights of the picture."
    ),
    bounces: Scalar = param(3.0, low=0, high=100, doc="How often it bounces."),
) -> Pixel:
    """Drop the first picture, which bounces, out of view; the shadow below it is 60% opaque."""
    m, t, alpha = s.m, s.progress, 0.6
    floor = m.abs(m.cos(t * PI * bounces)) * (1.0 - m.sin(t * (PI / 2.0)))
    above = s.y - floor
    shade = above / shadow_height * alpha + (1.0 - alpha)
    shade = 1.0 - m.mix(shade, 1.0, m.smoothstep(0.95, 1.0, t))
    behind = mixed(s.b, s.solid(shadow_colour), m.step(above, shadow_height) * shade)
    shown = s.where(m.step(above, 0.0), s.from_at(s.x, s.y + (1.0 - floor)), behind)
    return Pixel(shown.rgb, m.clamp(shown.a))


@gl("Rolls", samples=True)
def _rolls(
    s: Shader,
    *,
    type: int = param(
        0,
        kind="integer",
        low=0,
        high=3,
        doc="The corner about which it turns: lower right, lower left, upper left, upper right.",
    ),
    RotDown: bool = param(False, doc="Whether it turns downwards."),
) -> Pixel:
    """Turn the first picture out of view about a corner."""
    m = s.m
    sign = (1.0 if RotDown else -1.0) * (1.0 if type < 2 else -1.0)
    angle = s.progress * (sign * PI / 2.0)
    c, n = m.cos(angle), m.sin(angle)
    flip_x, flip_y = type in (0, 3), type in (2, 3)
    x = (1.0 - s.x if flip_x else s.x) * s.ratio
    y = 1.0 - s.y if flip_y else s.y
    u, v = (x * c - y * n) / s.ratio, x * n + y * c
    inside = _within(s, u, v)
    return s.where(inside, s.from_at(1.0 - u if flip_x else u, 1.0 - v if flip_y else v), s.b)


@gl("RotateScaleVanish", samples=True)
def _rotate_scale_vanish(
    s: Shader,
    *,
    FadeInSecond: bool = param(True, doc="Whether black is around the picture that turns."),
    ReverseEffect: bool = param(False, doc="Whether the second picture turns and grows instead."),
    ReverseRotation: bool = param(False, doc="Whether it turns clockwise."),
) -> Pixel:
    """Turn and shrink the first picture until it is gone."""
    m = s.m
    t = 1.0 - s.progress if ReverseEffect else s.progress
    angle = t * (2.0 * PI if ReverseRotation else -2.0 * PI)
    c, n = m.cos(angle), m.sin(angle)
    size = m.max(1.0 - t, 0.00001)
    x, y = (s.x - 0.5) * s.ratio, s.y - 0.5
    u, v = (x * c - y * n) / size / s.ratio + 0.5, (x * n + y * c) / size + 0.5
    turning, still = (s.to_at(u, v), s.a) if ReverseEffect else (s.from_at(u, v), s.b)
    around = s.solid(BLACK) if FadeInSecond else still
    return mixed(s.where(_within(s, u, v), turning, around), still, t)


@gl("rotate_scale_fade", samples=True)
def _rotate_scale_fade(
    s: Shader,
    *,
    center: tuple[Scalar, Scalar] = point_param("As fractions, from the lower left."),
    rotations: Scalar = param(1.0, low=-100, high=100, doc="How often they turn."),
    scale: Scalar = param(8.0, low=0.01, high=100, doc="Their size half-way."),
    backColor: Vec3 = param((0.15, 0.15, 0.15), kind="color", doc="The colour around them."),
) -> Pixel:
    """Turn and enlarge the pictures while they dissolve."""
    m = s.m
    angle = s.progress * rotations * (2.0 * PI)
    c, n = m.cos(angle), m.sin(angle)
    size = m.mix(scale, 1.0, m.abs(s.progress - 0.5) * 2.0)
    x, y = s.x - center[0], s.y - center[1]
    u, v = center[0] + (x * c - y * n) / size, center[1] + (x * n + y * c) / size
    return s.where(_within(s, u, v), s.both_at(u, v, s.progress), s.solid(backColor))


@gl("rotateTransition", samples=True)
def _rotate(s: Shader) -> Pixel:
    """Turn the pictures once while they dissolve; they repeat beyond their edges."""
    m = s.m
    angle = s.progress * (2.0 * 3.1415926)
    c, n = m.cos(angle), m.sin(angle)
    x, y = s.x - 0.5, s.y - 0.5
    u, v = m.fract(x * c - y * n + 0.5), m.fract(x * n + y * c + 0.5)
    return s.both_at(u, v, s.progress)


@gl("SimpleFlip", samples=True)
def _simple_flip(s: Shader) -> Pixel:
    """Turn the picture over like a card, without perspective."""
    m = s.m
    half = m.abs(s.progress - 0.5)
    u = (s.x - 0.5) / m.max(half, 1e-6) * 0.5 + 0.5
    shown = s.where(m.step(0.5, s.progress), s.to_at(u, s.y), s.from_at(u, s.y))
    return s.where(m.step(m.abs(s.x - 0.5), half), shown, s.solid(BLACK))


def _tile_axis(s: Shader, at: Scalar, shrunk: Scalar, second: bool) -> tuple[Scalar, Scalar]:
    """Where a turning tile is sampled along an axis, and whether it is there."""
    m = s.m
    low, high = (1.0 - shrunk, shrunk) if second else (shrunk, 1.0 - shrunk)
    width = m.select(m.abs(0.5 - shrunk) < 1e-6, 1e-6, 0.5 - shrunk)
    moved = m.select(at < 0.5, (at - shrunk) * 0.5 / width, (at - 0.5) * 0.5 / width + 0.5)
    return (1.0 - moved if second else moved), s.between(low, at, high)


@gl("TilesWave", samples=True)
def _tiles_wave(
    s: Shader,
    *,
    tileCount: tuple[Scalar, Scalar] = param(
        (8.0, 8.0), kind="pair", low=1, high=100, doc="Tiles across and down."
    ),
    flipX: bool = param(True, doc="Whether tiles turn about their vertical axis."),
    flipY: bool = param(False, doc="Whether tiles turn about their horizontal axis."),
) -> Pixel:
    """Turn the picture over tile by tile."""
    m = s.m
    x, y = s.x * tileCount[0], s.y * tileCount[1]
    column, row = m.floor(x), m.floor(y)
    count = tileCount[0] * tileCount[1]
    late = (row + column * tileCount[1]) / count
    turn = m.clamp((s.progress - late) * count, 0.0, 0.5)
    shrunk = 1.0 - m.abs(m.cos(turn * 3.1415926))

    def side(second: bool) -> Pixel:
        u, v, there = x - column, y - row, m.number(1.0)
        if flipX:
            u, there = _tile_axis(s, u, shrunk, second)
        if flipY:
            v, inside = _tile_axis(s, v, shrunk, second)
            there = there * inside
        u, v = (column + u) / tileCount[0], (row + v) / tileCount[1]
        shown = s.to_at(u, v) if second else s.from_at(u, v)
        return s.where(there, shown, s.b if second else s.a)

    return s.where(m.step(shrunk, 0.5), side(False), side(True))
