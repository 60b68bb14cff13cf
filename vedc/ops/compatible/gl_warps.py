"""The transitions of gl-transitions in which pictures bend, ripple, blur or zoom.

The formulas are those of github.com/gl-transitions/gl-transitions.
"""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Pixel, Scalar, Vec3
from vedc.ops.compatible.gl_wipes import along
from vedc.ops.compatible.stage import PI, Shader, gl
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import point_param
from vedc.ops.shared.pixels import mixed


def _crossed(s: Shader, share: Scalar) -> Pixel:
    """Where the first picture is swallowed by its middle and the second one comes out of it."""
    x, y = s.x - 0.5, s.y - 0.5
    left = 1.0 - share
    first = s.from_at(x * left + 0.5, y * left + 0.5)
    return mixed(first, s.to_at(x * share + 0.5, y * share + 0.5), share)


@gl("crosswarp", samples=True)
def _crosswarp(s: Shader) -> Pixel:
    """Let the second picture swell over the first one from the left."""
    return _crossed(s, s.m.smoothstep(0.0, 1.0, s.progress * 2.0 + s.x - 1.0))


@gl("directionalwarp", samples=True)
def _directionalwarp(
    s: Shader,
    *,
    smoothness: Scalar = param(0.1, low=0.001, high=10, doc="How soft the edge is."),
    direction: tuple[Scalar, Scalar] = point_param("Where it goes: right and up.", (-1.0, 1.0)),
) -> Pixel:
    """Let the second picture swell over the first one behind a soft edge."""
    return _crossed(s, 1.0 - along(s, direction, smoothness, s.x, s.y))


@gl("Dreamy", samples=True)
def _dreamy(s: Shader) -> Pixel:
    """Dissolve while the pictures wave."""
    t = s.progress

    def wave(p: Scalar) -> Scalar:
        return p * s.m.cos((p + s.x) * 10.0) * 0.03

    first = s.from_at(s.x, s.y + wave(t))
    return mixed(first, s.to_at(s.x, s.y + wave(1.0 - t)), t)


@gl("DreamyZoom", family="zoom", samples=True)
def _dreamy_zoom(
    s: Shader,
    *,
    rotation: Scalar = param(6.0, low=-1000, high=1000, doc="In units of 2.25 degrees."),
    scale: Scalar = param(1.2, low=0.01, high=100, doc="How far it zooms."),
) -> Pixel:
    """Turn and zoom into the first picture, through white, and out of the second one."""
    m, t = s.m, s.progress
    early = t < 0.5
    phase = m.fract(t * 2.0)
    amount = m.select(early, phase, 1.0 - phase)
    turn = amount * rotation * (PI / 80.0)
    angle = m.select(early, turn, turn * -1.0)
    size = m.mix(m.number(1.0), scale, amount)
    x, y = (s.x - 0.5) / size * s.ratio, (s.y - 0.5) / size
    c, n = m.cos(angle), m.sin(angle)
    u, v = (x * c - y * n) / s.ratio + 0.5, x * n + y * c + 0.5
    shown = s.where(early, s.from_at(u, v), s.to_at(u, v))
    white = s.solid((1.0, 1.0, 1.0))
    return Pixel(shown.rgb + white.rgb * amount, shown.a)


@gl("flyeye", samples=True)
def _flyeye(
    s: Shader,
    *,
    size: Scalar = param(0.04, low=-1, high=1, doc="How far the facets displace the picture."),
    zoom: Scalar = param(50.0, low=-1000, high=1000, doc="How many facets there are."),
    colorSeparation: Scalar = param(0.3, low=-10, high=10, doc="How far the colours separate."),
) -> Pixel:
    """Dissolve as an insect sees it, in facets."""
    m = s.m
    return _parted(s, m.cos(s.x * zoom) * size, m.sin(s.y * zoom) * size, colorSeparation)


def _parted(s: Shader, off_x: Scalar, off_y: Scalar, separation: Scalar) -> Pixel:
    """A dissolve of displaced pictures; the first one's colours separate."""
    t, left = s.progress, 1.0 - s.progress
    red, green, blue = (
        s.from_at(s.x + t * off_x * by, s.y + t * off_y * by)
        for by in (1.0 - separation, separation * 0.0 + 1.0, 1.0 + separation)
    )
    first = Pixel(Vec3(red.rgb.r, green.rgb.g, blue.rgb.b), green.a)
    return mixed(first, s.to_at(s.x + left * off_x, s.y + left * off_y), t)


@gl("ButterflyWaveScrawler", samples=True)
def _butterfly(
    s: Shader,
    *,
    amplitude: Scalar = param(1.0, low=-100, high=100, doc="How far the waves swing."),
    waves: Scalar = param(30.0, low=-1000, high=1000, doc="How many waves there are."),
    colorSeparation: Scalar = param(0.3, low=-10, high=10, doc="How far the colours separate."),
) -> Pixel:
    """Dissolve in waves on a butterfly curve."""
    m = s.m
    cosine = m.clamp(s.x * m.sin(s.progress * amplitude) - 0.5, -1.0, 1.0)
    angle = m.atan2(m.sqrt(m.max(1.0 - cosine * cosine, 0.0)), cosine) * waves
    n = m.sin((angle * 2.0 - PI) / 24.0)
    curve = m.exp2(m.cos(angle) * 1.4426950408889634) - m.cos(angle * 4.0) * 2.0
    off = (curve + n * n * n * n * n) / 10.0
    return _parted(s, off, off, colorSeparation)


@gl("ripple", samples=True)
def _ripple(
    s: Shader,
    *,
    amplitude: Scalar = param(100.0, low=-10000, high=10000, doc="How close the ripples are."),
    speed: Scalar = param(50.0, low=-10000, high=10000, doc="How fast they run."),
) -> Pixel:
    """Dissolve while the first picture ripples."""
    m, t = s.m, s.progress
    x, y = s.x - 0.5, s.y - 0.5
    wave = m.sin(t * s.length(x, y) * amplitude - t * speed) + 0.5
    first = s.from_at(s.x + x * wave / 30.0 * t, s.y + y * wave / 30.0 * t)
    return mixed(first, s.b, m.smoothstep(0.2, 1.0, t))


@gl("WaterDrop", samples=True)
def _water_drop(
    s: Shader,
    *,
    amplitude: Scalar = param(30.0, low=-10000, high=10000, doc="How close the waves are."),
    speed: Scalar = param(30.0, low=-10000, high=10000, doc="How fast they run."),
) -> Pixel:
    """Dissolve while a ring of waves spreads over the first picture."""
    m, t = s.m, s.progress
    x, y = s.x - 0.5, s.y - 0.5
    away = s.length(x, y)
    wave = m.sin(away * amplitude - t * speed)
    first = s.where(away > t, s.a, s.from_at(s.x + x * wave, s.y + y * wave))
    return mixed(first, s.b, t)


@gl("CrazyParametricFun", samples=True)
def _crazy_parametric_fun(
    s: Shader,
    *,
    a: Scalar = param(4.0, low=-1000, high=1000, doc="The radius of the fixed circle."),
    b: Scalar = param(1.0, low=0.001, high=1000, doc="The radius of the rolling circle."),
    amplitude: Scalar = param(120.0, low=-10000, high=10000, doc="How fast the picture dances."),
    smoothness: Scalar = param(0.1, low=0.001, high=1000, doc="How little it dances."),
) -> Pixel:
    """Dissolve while the first picture dances on a rolling curve."""
    m, t = s.m, s.progress
    x, y = s.x - 0.5, s.y - 0.5
    reach = t * s.length(x, y) * amplitude
    turn = t * (a / b - 1.0)
    u = (a - b) * m.cos(t) + b * m.cos(turn)
    v = (a - b) * m.sin(t) - b * m.sin(turn)
    first = s.from_at(
        s.x + x * m.sin(reach * u) / smoothness, s.y + y * m.sin(reach * v) / smoothness
    )
    return mixed(first, s.b, m.smoothstep(0.2, 1.0, t))


@gl("Swirl", samples=True)
def _swirl(s: Shader) -> Pixel:
    """Dissolve in a whirl."""
    m = s.m
    x, y = s.x - 0.5, s.y - 0.5
    near = m.max(1.0 - s.length(x, y), 0.0)
    angle = near * near * s.bump() * (8.0 * 3.14159)
    c, n = m.cos(angle), m.sin(angle)
    return s.both_at(x * c - y * n + 0.5, x * n + y * c + 0.5, s.progress)


@gl("kaleidoscope", samples=True)
def _kaleidoscope(
    s: Shader,
    *,
    speed: Scalar = param(1.0, low=-100, high=100, doc="How far it turns, in radians."),
    angle: Scalar = param(1.0, low=-100, high=100, doc="In radians."),
    power: Scalar = param(1.5, low=0, high=100, doc="How late it turns."),
) -> Pixel:
    """Dissolve in a kaleidoscope."""
    m = s.m
    turn = m.pow(s.progress, power) * speed
    x, y = s.x - 0.5, s.y - 0.5
    for _ in range(7):
        c, n = m.cos(turn), m.sin(turn)
        x, y = n * x + c * y, n * y - c * x
        turn = turn + angle
        x, y = (m.abs(m.modulo(p, 2.0) - 1.0) for p in (x, y))
    plain = mixed(s.a, s.b, s.progress)
    return mixed(plain, s.both_at(x, y, s.progress), s.bump())


@gl("morph", samples=True)
def _morph(
    s: Shader, *, strength: Scalar = param(0.1, low=-10, high=10, doc="How far pixels move.")
) -> Pixel:
    """Dissolve while each pixel moves by the colours of both pictures."""
    a, b, t = s.a.rgb, s.b.rgb, s.progress
    x = (a.r + a.b + b.r + b.b - 2.0) * 0.5 * strength
    y = (a.g + a.b + b.g + b.b - 2.0) * 0.5 * strength
    left = 1.0 - t
    return mixed(s.from_at(s.x + x * t, s.y + y * t), s.to_at(s.x - x * left, s.y - y * left), t)


@gl("coord-from-in", samples=True)
def _coord_from_in(s: Shader) -> Pixel:
    """Dissolve while each picture's red and green say where the other is seen."""
    m, t = s.m, s.progress
    to, seen = s.b.rgb, s.a.rgb
    first = s.from_at(m.mix(s.x, to.r, t), m.mix(s.y, to.g, t))
    return mixed(first, s.to_at(m.mix(seen.r, s.x, t), m.mix(seen.g, s.y, t)), t)


@gl("parametric_glitch", family="glitch", samples=True)
def _parametric_glitch(
    s: Shader,
    *,
    ampx: Scalar = param(1.0, low=-100, high=100, doc="How finely it breaks up across."),
    ampy: Scalar = param(1.0, low=-100, high=100, doc="How finely it breaks up downwards."),
) -> Pixel:
    """Dissolve while the first picture breaks up by its brightness."""
    m, t, rgb = s.m, s.progress, s.a.rgb
    sphere = rgb.r * rgb.r + rgb.g * rgb.g + rgb.b * rgb.b - 1.0
    u = m.fract(s.x * ampx * m.cos(sphere - s.x / (t + 0.01)))
    v = m.fract(s.y * ampy * m.sin(sphere - s.y / (t + 0.01)))
    return mixed(s.from_at(s.x + t * (s.x - u), s.y + t * (s.y - v)), s.b, t)


@gl("displacement", samples=True)
def _displacement(
    s: Shader,
    *,
    displacementMap: Pixel = param(kind="picture", doc="Its red says how far pixels move."),
    strength: Scalar = param(
        0.5, low=-10, high=10, doc="The largest distance, in widths of the picture."
    ),
) -> Pixel:
    """Dissolve while the pictures move sideways by a third picture."""
    by, t = displacementMap.rgb.r * strength, s.progress
    return mixed(s.from_at(s.x + t * by, s.y), s.to_at(s.x - (1.0 - t) * by, s.y), t)


@gl("LinearBlur", family="blur", samples=True, ramps=True)
def _linear_blur(
    s: Shader,
    *,
    intensity: Scalar = param(
        0.1, low=-10, high=10, doc="How wide the blur is, in sizes of the picture."
    ),
) -> Pixel:
    """Dissolve through a blur."""
    by = s.bump() * 0.5 * intensity
    taps = [
        s.both_at(s.x + by * (i / 6 - 0.5), s.y + by * (j / 6 - 0.5), s.progress)
        for i in range(6)
        for j in range(6)
    ]
    return _mean(taps)


def _mean(taps: list[Pixel]) -> Pixel:
    total = taps[0]
    for tap in taps[1:]:
        total = total + tap
    return total * (1.0 / len(taps))


#: Where a lens out of focus looks, relative to its blur's size: a Poisson disc.
_DISC: Final = (
    (0.0, 0.0), (-0.326, -0.406), (-0.840, -0.074), (-0.696, 0.457), (-0.203, 0.621),
    (0.962, -0.195), (0.473, -0.480), (0.519, 0.767), (0.185, -0.893), (0.507, 0.064),
    (0.896, 0.412), (-0.322, -0.933), (-0.792, -0.598),
)  # fmt: skip


@gl("DefocusBlur", family="blur", samples=True, ramps=True)
def _defocus_blur(
    s: Shader,
    *,
    blurSize: Scalar = param(
        0.02, low=-1, high=1, doc="How wide the blur is, in sizes of the picture."
    ),
) -> Pixel:
    """Dissolve while the pictures are out of focus."""
    by = s.bump() * blurSize
    return _mean([s.both_at(s.x + by * x, s.y + by * y, s.progress) for x, y in _DISC])


@gl("EdgeTransition", samples=True)
def _edge_transition(
    s: Shader,
    *,
    edge_thickness: Scalar = param(
        0.001, low=0, high=1, doc="How wide the outlines are, in sizes of the picture."
    ),
    edge_brightness: Scalar = param(8.0, low=0, high=1000, doc="How bright the outlines are."),
) -> Pixel:
    """Dissolve by way of the pictures' outlines."""
    m, t = s.m, s.progress

    def outlines(second: bool) -> Pixel:
        at = s.to_at if second else s.from_at
        c = [
            at(s.x + edge_thickness * float(i), s.y + edge_thickness * float(j)).rgb
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
        ]

        def apart(i: int, j: int) -> Vec3:
            return (c[i] - c[j]).map(m.abs)

        across = apart(7, 1) * 2.0 + apart(2, 6) + apart(8, 0)
        down = apart(3, 5) * 2.0 + apart(6, 8) + apart(0, 2)
        total = across + down
        size = m.sqrt(total.r * total.r + total.g * total.g + total.b * total.b) * 0.125
        return Pixel(c[4] * m.clamp(size * edge_brightness), (s.b if second else s.a).a)

    start = mixed(s.a, outlines(False), m.clamp(t * 2.0))
    end = mixed(outlines(True), s.b, m.clamp((t - 0.5) * 2.0))
    return mixed(start, end, t)
