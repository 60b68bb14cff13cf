"""Looks: outlines, relief, film and television, by a few neighbours or none."""

from __future__ import annotations

import math
from typing import Final

from vedc.expr.math import Clock, Math, Pixel, Position, Scalar, Vec3, premultiply
from vedc.expr.picture import Picture
from vedc.ops.core import facts
from vedc.ops.core.registry import op, param
from vedc.ops.shared.plane_geometry import RADIANS, TURN, half_diagonal, length, offset_from_center

#: Seeds shift the noise by so many columns, more than a canvas has.
_SEED: Final = 16384.0


def _neighbours(picture: Picture, at: Position) -> list[list[Pixel]]:
    """The 3 x 3 pixels around the place, rows from the top."""
    return [[picture.texel(at.x + dx, at.y + dy) for dx in (-1, 0, 1)] for dy in (-1, 0, 1)]


@op("stencil", space="display", use="Show outlines only: a drawing, a technical or a comic look.")
def edge(
    m: Math,
    picture: Picture,
    at: Position,
    *,
    style: str = param(
        "light",
        choices=("light", "color", "ink"),
        doc="White lines on black, coloured lines on black, or black lines on the picture.",
    ),
    amount: Scalar = param(1.0, low=0, high=10, doc="Strength of the lines."),
) -> Pixel:
    """Draw the edges that Sobel's operator finds.

    The length of the gradient by the 3 x 3 kernels of 1 2 1 and -1 0 1, times `amount`: of each
    channel for `color`, else of luma.
    """
    near = _neighbours(picture, at)

    def gradient(grid: list[list[Scalar]]) -> Scalar:
        left, right = (grid[0][c] + 2.0 * grid[1][c] + grid[2][c] for c in (0, 2))
        above, below = (grid[r][0] + 2.0 * grid[r][1] + grid[r][2] for r in (0, 2))
        across, down = right - left, below - above
        return length(m, across, down) * amount

    here = picture.here
    if style == "color":
        lines = Vec3(*(gradient([[p.rgb.channels[c] for p in r] for r in near]) for c in range(3)))
        return premultiply(m.saturate(lines), here.a)
    found = m.clamp(gradient([[m.luma(p.rgb) for p in row] for row in near]))
    if style == "ink":
        return Pixel(here.rgb * (1.0 - found), here.a)
    return premultiply(Vec3(found, found, found), here.a)


@op("stencil", space="display", use="Make a picture look pressed into metal or paper.")
def emboss(
    m: Math,
    picture: Picture,
    at: Position,
    *,
    angle: Scalar = param(
        225.0, low=-360, high=360, unit="degrees", doc="Where the light is, clockwise from right."
    ),
    height: Scalar = param(
        1.0, low=0, high=50, unit="px", doc="Distance of what is compared.", shown=2.0
    ),
    amount: Scalar = param(1.0, low=-10, high=10, doc="Strength of the relief.", shown=2.0),
    colored: bool = param(False, doc="Lay the relief over the picture instead of over grey."),
) -> Pixel:
    """Light a relief whose height is the picture's luma.

    `0.5 + amount * (behind - before)`: luma at `height` pixels away from the light less luma at
    `height` pixels towards it, so that slopes that face the light are bright.
    """
    turned = angle * RADIANS
    dx, dy = m.cos(turned) * height, m.sin(turned) * height
    behind = m.luma(picture.at(at.x - dx, at.y - dy).rgb)
    before = m.luma(picture.at(at.x + dx, at.y + dy).rgb)
    relief = (behind - before) * amount
    here = picture.here
    if colored:
        return Pixel(here.rgb + relief * here.a, here.a)
    grey = m.clamp(relief + 0.5)
    return premultiply(Vec3(grey, grey, grey), here.a)


@op(
    "stencil",
    space="display",
    use="Make a clean picture look shot through a cheap lens.",
    identity=facts.neutral(amount=0.0),
)
def chromatic_aberration(
    m: Math,
    picture: Picture,
    at: Position,
    *,
    amount: Scalar = param(
        4.0,
        low=-100,
        high=100,
        unit="px",
        doc="How far red and blue are from green in a corner.",
        shown=16.0,
    ),
) -> Pixel:
    """Magnify red and reduce blue around the middle: lateral chromatic aberration.

    Each by `amount` pixels at the corners, and in proportion to the distance elsewhere; green
    stays.
    """
    x, y = offset_from_center(at)
    way = amount / half_diagonal(m, at)
    red = picture.at(at.x - x * way, at.y - y * way)
    blue = picture.at(at.x + x * way, at.y + y * way)
    return _mixed(m, red, picture.here, blue)


@op(
    "stencil",
    space="display",
    use="Pull the colours apart: an anaglyph, a misprint, a damaged tape.",
    identity=facts.neutral(red=(0.0, 0.0), green=(0.0, 0.0), blue=(0.0, 0.0)),
)
def rgb_shift(
    m: Math,
    picture: Picture,
    at: Position,
    *,
    red: tuple[Scalar, Scalar] = param(
        (-4.0, 0.0),
        kind="pair",
        low=-1000,
        high=1000,
        unit="px",
        doc="To the right, and down.",
        shown=(-12.0, 0.0),
    ),
    green: tuple[Scalar, Scalar] = param(
        0.0, kind="pair", low=-1000, high=1000, unit="px", doc="The same of green."
    ),
    blue: tuple[Scalar, Scalar] = param(
        (4.0, 0.0),
        kind="pair",
        low=-1000,
        high=1000,
        unit="px",
        doc="The same of blue.",
        shown=(12.0, 0.0),
    ),
) -> Pixel:
    """Move each channel by itself, bilinear between pixels."""
    seen = [picture.at(at.x - dx, at.y - dy) for dx, dy in (red, green, blue)]
    return _mixed(m, *seen)


def _mixed(m: Math, red: Pixel, green: Pixel, blue: Pixel) -> Pixel:
    """One channel of each; coverage is the largest, so that no colour exceeds it."""
    rgb = Vec3(red.rgb.r, green.rgb.g, blue.rgb.b)
    return Pixel(rgb, m.max(red.a, m.max(green.a, blue.a)))


@op(
    "stencil",
    space="display",
    use="Break the signal: torn stripes and displaced colours that jump about.",
    identity=facts.neutral(amount=0.0, split=0.0),
)
def glitch(
    m: Math,
    picture: Picture,
    at: Position,
    clock: Clock,
    *,
    amount: Scalar = param(
        0.08, low=0, high=1, doc="Largest shift, as a part of the width.", shown=0.12
    ),
    share: Scalar = param(0.3, low=0, high=1, doc="Part of the stripes that are torn out."),
    stripes: int = param(24, kind="integer", low=1, high=1000, doc="How many there are."),
    split: Scalar = param(6.0, low=0, high=200, unit="px", doc="Largest shift of red and blue."),
    rate: Scalar = param(12.0, low=0, high=100, unit="Hz", doc="How often all of it changes."),
    seed: int = param(0, kind="integer", low=0, high=1000, doc="Another number, other stripes."),
) -> Pixel:
    """Shift random stripes sideways, and red against blue, anew several times a second.

    What leaves on one side comes in on the other.
    """
    tick = m.floor(clock.seconds * rate)
    offset = m.hash(_SEED * seed, tick, 1.0)
    stripe = m.floor(at.v * stripes + offset) + _SEED * seed
    torn = m.hash(stripe, tick, 2.0) < share
    way = (m.hash(stripe, tick, 3.0) * 2.0 - 1.0) * amount * at.width
    x = at.x - m.floor(m.select(torn, way, 0.0) + 0.5)
    apart = m.floor((m.hash(_SEED * seed, tick, 4.0) * 2.0 - 1.0) * split + 0.5)
    seen = [picture.texel(x + shift, at.y, "repeat") for shift in (-apart, 0.0, apart)]
    return _mixed(m, *seen)


@op(
    "grade",
    space="display",
    use="Show a picture as on a television tube.",
    identity=facts.neutral(amount=0.0),
)
def scan_lines(
    m: Math,
    rgb: Vec3,
    at: Position,
    clock: Clock,
    *,
    amount: Scalar = param(0.35, low=0, high=1, doc="1 makes the darkest line black.", shown=0.6),
    spacing: Scalar = param(
        4.0, low=2, high=200, unit="px", doc="From one line to the next.", shown=10.0
    ),
    speed: Scalar = param(
        0.0, low=-1000, high=1000, unit="px/s", doc="How fast the lines roll down."
    ),
) -> Vec3:
    """Darken the picture along level lines, following a cosine."""
    phase = m.fract((at.y - 0.5 - clock.seconds * speed) / spacing)
    dark = 0.5 - 0.5 * m.cos(phase * TURN)
    return rgb * (1.0 - amount * dark)


@op(
    "grade",
    space="display",
    use="Add the texture of film; hide banding, or match computed pictures to filmed ones.",
    identity=facts.neutral(amount=0.0),
)
def film_grain(
    m: Math,
    rgb: Vec3,
    at: Position,
    clock: Clock,
    *,
    amount: Scalar = param(
        0.05, low=0, high=1, doc="Standard deviation in the midtones.", shown=0.1
    ),
    size: Scalar = param(1.5, low=1, high=20, unit="px", doc="Of a grain.", shown=2.5),
    shadows: Scalar = param(0.4, low=0, high=2, doc="Strength at black, against the midtones'."),
    highlights: Scalar = param(0.3, low=0, high=2, doc="Strength at white."),
    colored: bool = param(False, doc="A grain of its own for each channel."),
    seed: int = param(0, kind="integer", low=0, high=1000, doc="Another number, another grain."),
) -> Vec3:
    """Add grain that changes with every frame and is strongest in the midtones.

    Noise of triangular distribution on a grid of `size` pixels, bilinear in between and
    rescaled there to the same deviation.
    """
    u, v = (at.x - 0.5) / size, (at.y - 0.5) / size
    left, top = m.floor(u), m.floor(v)
    across, down = u - left, v - top

    def weights(t: Scalar) -> tuple[Scalar, Scalar, Scalar]:
        return 1.0 - t, t, m.sqrt((1.0 - t) * (1.0 - t) + t * t)

    (w0, w1, wide), (h0, h1, high) = weights(across), weights(down)

    def noise(layer: float) -> Scalar:
        rows = [
            _triangle(m, left + _SEED * seed, top + row, clock.frame * 4.0 + layer) * w0
            + _triangle(m, left + (_SEED * seed + 1.0), top + row, clock.frame * 4.0 + layer) * w1
            for row in (0.0, 1.0)
        ]
        return (rows[0] * h0 + rows[1] * h1) / (wide * high)

    luma = m.luma(rgb)
    low, bright = m.smoothstep(0.0, 0.5, luma), m.smoothstep(0.5, 1.0, luma)
    strength = amount * (shadows + (1.0 - shadows) * low + (highlights - 1.0) * bright)
    if colored:
        return rgb + Vec3(noise(0.0), noise(1.0), noise(2.0)) * strength
    return rgb + noise(0.0) * strength


def _triangle(m: Math, x: Scalar, y: Scalar, z: Scalar) -> Scalar:
    """Noise of mean 0 and deviation 1: the sum of the upper and the lower half of a hash."""
    spread = m.hash(x, y, z) * 4096.0
    upper = m.floor(spread)
    return (upper * (1.0 / 4096.0) + (spread - upper) - 1.0) * math.sqrt(6.0)


#: The share of a cell where the screen of :func:`halftone` is below s, as an odd polynomial of
#: 2 s - 1, fitted to the exact distribution to 1.8%.
_SHARE: Final = (0.777234, -0.575171, 0.297937)


@op("grade", space="display", use="Print the picture in dots: a newspaper, a comic, a poster.")
def halftone(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    size: Scalar = param(
        8.0, low=2, high=200, unit="px", doc="From one dot to the next.", shown=10.0
    ),
    angle: Scalar = param(45.0, low=-360, high=360, unit="degrees", doc="Of the rows of dots."),
    colored: bool = param(False, doc="Cyan, magenta and yellow dots, each at an angle of its own."),
) -> Vec3:
    """Turn tones into dots of ink whose area stands for darkness.

    The screen is the sum of two cosines at right angles: dark dots on white, a chequerboard
    at half light, white dots on black; equalised, so that the mean tone is kept.
    """

    def dots(tone: Scalar, turn: float) -> Scalar:
        turned = (angle + turn) * RADIANS
        cos, sin = m.cos(turned) / size, m.sin(turned) / size
        u, v = at.x * cos + at.y * sin, at.y * cos - at.x * sin
        z = (m.cos(m.fract(u) * TURN) + m.cos(m.fract(v) * TURN)) * 0.5
        square = z * z
        screen = 0.5 + z * (_SHARE[0] + square * (_SHARE[1] + square * _SHARE[2]))
        return m.clamp((_middle(m, tone, rim) - screen) / (2.0 * rim) + 0.5)

    # A dot's rim is about a pixel wide: so much of the screen lies on either side of its middle.
    rim = 1.0 / m.max(size * 0.8, 2.0)
    if colored:
        turns = (-30.0, 30.0, -45.0)
        r, g, b = (dots(tone, turn) for tone, turn in zip(rgb.channels, turns, strict=True))
        return Vec3(r, g, b)
    dot = dots(m.luma(rgb), 0.0)
    return Vec3(dot, dot, dot)


def _middle(m: Math, tone: Scalar, rim: Scalar) -> Scalar:
    """Where on a screen of evenly spread values, 0..1, the middle of the rims has to be.

    At the tone itself, but near black and white, where the screen ends within the rims: there
    what is left of them has the tone as its mean, and black and white have no rims at all.
    """
    t = m.clamp(tone)
    low = 2.0 * m.sqrt(rim * t) - rim
    high = 1.0 + rim - 2.0 * m.sqrt(rim * (1.0 - t))
    return m.select(t < rim, low, m.select(t > 1.0 - rim, high, t))
