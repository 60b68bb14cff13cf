"""The transitions of gl-transitions that zoom, show squares, or look into space.

The formulas are those of github.com/gl-transitions/gl-transitions.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from vedc.expr.math import Number, Pixel, Scalar, Vec3
from vedc.ops.compatible.stage import BLACK, TIE, Shader, gl
from vedc.ops.core.registry import param
from vedc.ops.shared.pixels import mixed


def _zoomed(s: Shader, size: Scalar) -> tuple[Scalar, Scalar]:
    return (s.x - 0.5) * size + 0.5, (s.y - 0.5) * size + 0.5


@gl("SimpleZoom", family="zoom", samples=True)
def _simple_zoom(
    s: Shader,
    *,
    zoom_quickness: Scalar = param(0.8, low=0.2, high=1, doc="The time by which it has zoomed in."),
) -> Pixel:
    """Zoom into the first picture, then dissolve."""
    m, t = s.m, s.progress
    first = s.from_at(*_zoomed(s, 1.0 - m.smoothstep(0.0, zoom_quickness, t)))
    return mixed(first, s.b, m.smoothstep(zoom_quickness - 0.2, 1.0, t))


@gl("SimpleZoomOut", family="zoom", samples=True)
def _simple_zoom_out(
    s: Shader,
    *,
    zoom_quickness: Scalar = param(0.8, low=0.2, high=1, doc="How much of the time it zooms."),
    fade: bool = param(True, doc="Whether it dissolves; else it cuts."),
) -> Pixel:
    """Zoom out of the second picture while it fades in."""
    m, t = s.m, s.progress
    eased = m.smoothstep(1.0 - zoom_quickness, 1.0, t)
    share = eased if fade else m.step(1.0 - zoom_quickness, t)
    return mixed(s.a, s.to_at(*_zoomed(s, eased)), share)


@gl("scale-in", family="zoom", samples=True)
def _scale_in(s: Shader) -> Pixel:
    """Dissolve while the second picture shrinks to its size."""
    return mixed(s.a, s.to_at(*_zoomed(s, s.progress)), s.progress)


@gl("zoomInOut", family="zoom", samples=True)
def _zoom_in_out(s: Shader) -> Pixel:
    """Zoom into the first picture, then out of the second one."""
    m, t = s.m, s.progress
    first = s.from_at(*_zoomed(s, 1.0 - m.smoothstep(0.0, 1.0, t * 2.0)))
    second = s.to_at(*_zoomed(s, 1.0 - m.smoothstep(0.0, 1.0, (1.0 - t) * 2.0)))
    return mixed(first, second, m.smoothstep(0.4, 0.6, t))


def _zoom_and_wipe(name: str, left: bool) -> None:
    @gl(name, family="zoom", samples=True)
    def zoom(
        s: Shader,
        *,
        zoom_quickness: Scalar = param(
            0.8, low=0.001, high=1, doc="The time by which it has zoomed in."
        ),
    ) -> Pixel:
        """Zoom into the first picture, then wipe to the second one."""
        m, t = s.m, s.progress
        amount = m.smoothstep(0.0, m.min(zoom_quickness, 0.5), t)
        near = s.from_at(*_zoomed(s, m.select(amount < 0.5, 1.0 - amount, amount)))
        wiped = mixed(s.a, s.b, m.step(1.0 - s.x if left else s.x, (t - 0.5) * 2.0))
        return s.where(t < 0.5, near, wiped)


_zoom_and_wipe("ZoomLeftWipe", left=True)
_zoom_and_wipe("ZoomRigthWipe", left=False)


@gl("ZoomInCircles", family="zoom", samples=True)
def _zoom_in_circles(s: Shader) -> Pixel:
    """Zoom into the first picture, more with each ring around its middle, then dissolve."""
    m, t = s.m, s.progress
    away = s.length((s.x - 0.5) * 2.0, (s.y - 0.5) * 2.0 / s.ratio)
    pace = t / 0.8
    late = pace > 1.0
    reach = m.select(late, 0.2 + (pace - 1.0) * 5.0, pace * 0.2)
    share = m.select(late, m.clamp((t - 0.8) / 0.07), 0.0)
    zoom, part = m.number(0.25), m.number(1.0)
    for ring, edge, amount, slow in (
        (1.2, 2.5, 0.2, 0.2), (0.8, 1.5, 0.15, 0.5), (0.5, 1.0, 0.0, 1.0)
    ):  # fmt: skip
        inside = away < ring + reach * edge
        zoom, part = m.select(inside, amount, zoom), m.select(inside, slow, part)
    x, y = _zoomed(s, 1.0 - zoom * pace)
    return s.both_at(x, y, share * part)


def _squares(s: Shader, square_x: Scalar, square_y: Scalar, share: Scalar) -> Pixel:
    m = s.m
    x = (m.floor(s.x / square_x + 1e-5) + 0.5) * square_x
    y = (m.floor(s.y / square_y + 1e-5) + 0.5) * square_y
    return s.both_at(x, y, share)


@gl("pixelize", family="glitch", samples=True)
def _pixelize(
    s: Shader,
    *,
    squaresMin: tuple[Scalar, Scalar] = param(
        (20.0, 20.0),
        kind="pair",
        low=1,
        high=1000,
        doc="Squares across and down where they are largest.",
    ),
    steps: int = param(50, kind="integer", low=0, high=10000, doc="0: it runs smoothly."),
) -> Pixel:
    """Dissolve through squares that grow and shrink."""
    m = s.m
    near = m.min(s.progress, 1.0 - s.progress)
    if steps:
        near = m.floor(near * -float(steps) + 1e-5) * (-1.0 / steps)
    size = m.max(near, 1e-4) * 2.0
    return _squares(s, size / squaresMin[0], size / squaresMin[1], s.progress)


@gl("mosaic_transition", samples=True)
def _mosaic_transition(
    s: Shader,
    *,
    mosaicNum: Scalar = param(10.0, low=1, high=1000, doc="Squares across where they are largest."),
) -> Pixel:
    """Dissolve through squares that grow and shrink; the second picture comes late."""
    near = s.m.max(s.m.min(s.progress, 1.0 - s.progress), 1e-4)
    size = near * 2.0 / mosaicNum
    return _squares(s, size, size, s.progress * s.progress)


@gl("AdvancedMosaic", samples=True)
def _advanced_mosaic(
    s: Shader,
    *,
    pixelSize: Scalar = param(
        50.0, low=1, high=1000, doc="The largest size, in half-percents of the picture."
    ),
) -> Pixel:
    """Dissolve through squares that grow from the middle and shrink."""
    m = s.m
    size = m.mix(m.number(1.0), pixelSize, s.bump()) * 0.005

    def near(place: Scalar) -> Scalar:
        return m.clamp(-m.floor((0.5 - place) / size + 0.5 + 1e-5) * size + 0.5)

    return s.both_at(near(s.x), near(s.y), s.progress)


@gl("hexagonalize", samples=True)
def _hexagonalize(
    s: Shader,
    *,
    steps: int = param(50, kind="integer", low=0, high=10000, doc="0: it runs smoothly."),
    horizontalHexagons: Scalar = param(
        20.0, low=1, high=1000, doc="Hexagons across where they are largest."
    ),
) -> Pixel:
    """Dissolve through hexagons that grow and shrink."""
    m, root = s.m, math.sqrt(3.0)
    near = m.min(s.progress, 1.0 - s.progress) * 2.0
    if steps:
        near = m.floor(near * -float(steps) + 1e-5) * (-1.0 / steps)
    size = m.max(near, 1e-4) * (root / 3.0) / horizontalHexagons
    x, y = (s.x - 0.5) / size, (s.y / s.ratio - 0.5) / size
    q, r = x * (root / 3.0) - y / 3.0, y * (2.0 / 3.0)
    third = -q - r
    column, row, other = (m.floor(p + (0.5 + TIE)) for p in (q, r, third))
    off_q, off_r, off_s = m.abs(column - q), m.abs(row - r), m.abs(other - third)
    by_q = (off_q > off_r + TIE) * (off_q > off_s + TIE)
    by_r = (off_r > off_s + TIE) * (1.0 - by_q)
    column, row = m.select(by_q, -row - other, column), m.select(by_r, -column - other, row)
    u = (column * root + row * (root / 2.0)) * size + 0.5
    v = (row * 1.5 * size + 0.5) * s.ratio
    return s.both_at(u, v, s.progress)


@gl("GlitchMemories", family="glitch", samples=True)
def _glitch_memories(s: Shader) -> Pixel:
    """Dissolve while the colours jump about."""
    m, t = s.m, s.progress
    off_x = (m.fract(m.floor(t * 1200.0 + 1e-3) / 64.0) - 0.5) * 0.3 * (1.0 - t)
    off_y = (m.fract(m.floor(t * 3500.0 + 1e-3) / 64.0) - 0.5) * 0.3 * (1.0 - t)
    red, green, blue = (s.both_at(s.x + off_x * by, s.y + off_y * by, t) for by in (0.2, 0.3, 0.5))
    return Pixel(Vec3(red.rgb.r, green.rgb.g, blue.rgb.b), green.a)


def _mirrored(
    s: Shader,
    floor: Pixel,
    at: Callable[[Scalar, Scalar], Pixel],
    u: Scalar,
    v: Scalar,
    strength: Scalar,
    below: Number = 0.02,
) -> Pixel:
    """The floor with the mirror image of a picture that is seen at (u, v)."""
    w = v * -1.2 - below
    share = s.inside(u, w) * strength * (1.0 - w)
    return Pixel(floor.rgb + at(u, w).rgb * share, floor.a)


def _skewed(s: Shader, x: Scalar, y: Scalar, persp: Scalar, right: bool) -> tuple[Scalar, Scalar]:
    """A side of the cube: the colour at (x, y) of its part of the canvas."""
    across = 1.0 - x if right else x
    down = (y - (1.0 - persp) * 0.5 * across) / (1.0 + (persp - 1.0) * across)
    return (1.0 - across if right else across), down


@gl("cube", samples=True)
def _cube(
    s: Shader,
    *,
    persp: Scalar = param(0.7, low=0, high=1, doc="How strong the perspective is; 1 has none."),
    unzoom: Scalar = param(0.3, low=0, high=10, doc="How far the cube moves back."),
    reflection: Scalar = param(0.4, low=0, high=1, doc="How strongly the floor reflects."),
    floating: Scalar = param(
        3.0, low=-100, high=100, doc="How high the cube floats, in percents of its height."
    ),
) -> Pixel:
    """Turn a cube to the right over a floor that reflects it."""
    m, t = s.m, s.progress
    back = s.bump() * unzoom
    x, y = s.x * (1.0 + back) - back * 0.5, s.y * (1.0 + back) - back * 0.5
    left = m.max(1.0 - t, 1e-6)
    first = _skewed(s, (x - t) / left, y, 1.0 - m.mix(t, 0.0, persp), right=False)
    second = _skewed(s, x / m.max(t, 1e-6), y, m.mix(t * t, 1.0, persp), right=True)
    floor = s.solid(BLACK)
    for place, at in ((first, s.from_at), (second, s.to_at)):
        floor = _mirrored(s, floor, at, *place, reflection, floating / 100.0)
    behind = s.where(s.inside(*second), s.to_at(*second), floor)
    return s.where(s.inside(*first), s.from_at(*first), behind)


@gl("doorway", samples=True)
def _doorway(
    s: Shader,
    *,
    reflection: Scalar = param(0.4, low=0, high=1, doc="How strongly the floor reflects."),
    perspective: Scalar = param(0.4, low=0, high=10, doc="How strong the perspective is."),
    depth: Scalar = param(3.0, low=1, high=100, doc="How far away the second picture begins."),
) -> Pixel:
    """Open the first picture like two doors; the second one comes near behind them."""
    m, t = s.m, s.progress
    slit = m.abs(s.x - 0.5) * 2.0 - t
    u = s.x + m.select(s.x > 0.5, -0.5, 0.5) * t
    d = 1.0 / (1.0 + perspective * t * (1.0 - slit))
    v = (s.y - d * 0.5) * d + d * 0.5
    size = m.mix(depth, 1.0, t)
    x, y = _zoomed(s, size)
    floor = _mirrored(s, s.solid(BLACK), s.to_at, x, y, reflection)
    behind = s.where(s.inside(x, y), s.to_at(x, y), floor)
    return s.where((slit > 0.0) * s.inside(u, v), s.from_at(u, v), behind)


@gl("swap", samples=True)
def _swap(
    s: Shader,
    *,
    reflection: Scalar = param(0.4, low=0, high=1, doc="How strongly the floor reflects."),
    perspective: Scalar = param(0.2, low=0, high=0.9, doc="How strong the perspective is."),
    depth: Scalar = param(3.0, low=1, high=100, doc="How far back the pictures go."),
) -> Pixel:
    """Move the first picture back to the left while the second one comes from the right."""
    m, t = s.m, s.progress
    left = 1.0 - t
    size = m.mix(m.number(1.0), depth, t)
    u = s.x * (size / (1.0 - perspective * t))
    v = (s.y - 0.5) * (size / (1.0 - size * perspective * t * s.x)) + 0.5
    size = m.mix(m.number(1.0), depth, left)
    x = (s.x - 1.0) * (size / (1.0 - perspective * left)) + 1.0
    y = (s.y - 0.5) * (size / (1.0 - size * perspective * left * (0.5 - s.x))) + 0.5
    floor = _mirrored(s, s.solid(BLACK), s.from_at, u, v, reflection)
    floor = _mirrored(s, floor, s.to_at, x, y, reflection)
    in_first, in_second = s.inside(u, v), s.inside(x, y)
    first, second = s.from_at(u, v), s.to_at(x, y)
    early = s.where(in_first, first, s.where(in_second, second, floor))
    late = s.where(in_second, second, s.where(in_first, first, floor))
    return s.where(t < 0.5, early, late)
