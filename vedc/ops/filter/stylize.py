"""Stylized pictures: outlines, relief, lens and signal faults, film grain, print."""

from __future__ import annotations

import math
from typing import Final

from vedc.expr.math import Clock, Math, Pixel, Position, Scalar, Vec3, premultiply
from vedc.expr.picture import Picture
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import grade, stencil
from vedc.ops.shared.lattice_noise import samples_param, sub_pixels
from vedc.ops.shared.plane_geometry import RADIANS, TURN, half_diagonal, length, offset_from_center

#: Each seed shifts the noise by this many columns, more than a canvas has.
_SEED: Final = 16384.0


def _neighbours(picture: Picture, at: Position, samples: int) -> list[list[Pixel]]:
    """The 3 x 3 pixels of the design around the position, in rows from the top."""
    if samples == 1:
        return [[picture.texel(at.x + dx, at.y + dy) for dx in (-1, 0, 1)] for dy in (-1, 0, 1)]
    steps = (-1.0 / samples, 0.0, 1.0 / samples)
    return [[picture.at(at.x + dx, at.y + dy) for dx in steps] for dy in steps]


@stencil(use="Show outlines only: a drawn, technical or comic look.")
def edge(
    m: Math,
    picture: Picture,
    at: Position,
    *,
    style: str = param(
        "light",
        choices=("light", "color", "ink"),
        doc="White or coloured lines on black, or black lines on the picture.",
    ),
    amount: Scalar = param(1.0, low=0, high=10, doc="Strength of the lines."),
    samples: int = samples_param(),
) -> Pixel:
    """Draw the edges found by the Sobel operator.

    The magnitude of the gradient by the 3 x 3 kernels of 1 2 1 and -1 0 1, times `amount`: of each
    channel for `color`, otherwise of luma.
    """
    near = _neighbours(picture, at, samples)

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


@stencil(use="Make a picture look pressed into metal or paper.")
def emboss(
    m: Math,
    picture: Picture,
    at: Position,
    *,
    angle: Scalar = param(
        225.0, low=-360, high=360, unit="degrees", doc="Of the light, clockwise from the right."
    ),
    height: Scalar = param(
        1.0, low=0, high=50, unit="px", doc="Distance between the pixels compared.", shown=2.0
    ),
    amount: Scalar = param(1.0, low=-10, high=10, doc="Strength of the relief.", shown=2.0),
    colored: bool = param(False, doc="Apply the relief to the picture instead of to grey."),
) -> Pixel:
    """Light a relief whose height is the picture's luma.

    `0.5 + amount * (behind - before)`: the luma `height` pixels away from the light minus the luma
    `height` pixels towards it, so that slopes facing the light are bright.
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


@stencil(
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
        doc="Distance of red and blue from green in the corners.",
        shown=16.0,
    ),
) -> Pixel:
    """Lateral chromatic aberration: magnify red and shrink blue about the centre.

    Each moves by `amount` pixels in the corners, in proportion to the distance elsewhere; green
    stays in place.
    """
    x, y = offset_from_center(at)
    way = amount / half_diagonal(m, at)
    red = picture.at(at.x - x * way, at.y - y * way)
    blue = picture.at(at.x + x * way, at.y + y * way)
    return _mixed(m, red, picture.here, blue)


@stencil(
    use="Pull the channels apart: an anaglyph, a misprint, a damaged tape.",
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
        doc="Shift to the right and down.",
        shown=(-12.0, 0.0),
    ),
    green: tuple[Scalar, Scalar] = param(
        0.0, kind="pair", low=-1000, high=1000, unit="px", doc="The same for green."
    ),
    blue: tuple[Scalar, Scalar] = param(
        (4.0, 0.0),
        kind="pair",
        low=-1000,
        high=1000,
        unit="px",
        doc="The same for blue.",
        shown=(12.0, 0.0),
    ),
) -> Pixel:
    """Shift each channel on its own, with bilinear interpolation."""
    seen = [picture.at(at.x - dx, at.y - dy) for dx, dy in (red, green, blue)]
    return _mixed(m, *seen)


def _mixed(m: Math, red: Pixel, green: Pixel, blue: Pixel) -> Pixel:
    """One channel of each; the largest coverage, so that no colour exceeds it."""
    rgb = Vec3(red.rgb.r, green.rgb.g, blue.rgb.b)
    return Pixel(rgb, m.max(red.a, m.max(green.a, blue.a)))


@stencil(
    use="A broken signal: torn stripes and displaced colours that jump about.",
    identity=facts.neutral(amount=0.0, split=0.0),
)
def glitch(
    m: Math,
    picture: Picture,
    at: Position,
    clock: Clock,
    *,
    amount: Scalar = param(
        0.08, low=0, high=1, doc="Largest shift, as a fraction of the width.", shown=0.12
    ),
    share: Scalar = param(0.3, low=0, high=1, doc="Fraction of the stripes that are shifted."),
    stripes: int = param(24, kind="integer", low=1, high=1000, doc="Number of stripes."),
    split: Scalar = param(6.0, low=0, high=200, unit="px", doc="Largest shift of red and blue."),
    rate: Scalar = param(12.0, low=0, high=100, unit="Hz", doc="How often the pattern changes."),
    seed: int = param(0, kind="integer", low=0, high=1000, doc="Each value gives other stripes."),
) -> Pixel:
    """Shift random stripes sideways, and red against blue, several times a second.

    What leaves on one side reenters on the other.
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


@grade(
    use="Show a picture as on a cathode-ray tube.",
    identity=facts.neutral(amount=0.0),
)
def scan_lines(
    m: Math,
    rgb: Vec3,
    at: Position,
    clock: Clock,
    *,
    amount: Scalar = param(0.35, low=0, high=1, doc="1 makes the darkest lines black.", shown=0.6),
    spacing: Scalar = param(
        4.0, low=0.5, high=200, unit="px", doc="Distance between lines.", shown=10.0
    ),
    speed: Scalar = param(
        0.0, low=-1000, high=1000, unit="px/s", doc="How fast the lines roll down."
    ),
    samples: int = samples_param(),
) -> Vec3:
    """Darken the picture along horizontal lines with a cosine profile."""
    first = 0.5 / samples  # the middle of the design's first row

    def dark(y: float) -> Scalar:
        phase = m.fract((at.y + (y - first) - clock.seconds * speed) / spacing)
        return 0.5 - 0.5 * m.cos(phase * TURN)

    rows = [dark(y) for _, y in sub_pixels(samples)[::samples]]
    return rgb * (1.0 - amount * _mean(rows))


@grade(
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
    size: Scalar = param(1.5, low=0.1, high=20, unit="px", doc="Size of a grain.", shown=2.5),
    shadows: Scalar = param(0.4, low=0, high=2, doc="Strength at black; 1 as in the midtones."),
    highlights: Scalar = param(0.3, low=0, high=2, doc="Strength at white; 1 as in the midtones."),
    colored: bool = param(False, doc="Independent grain in each channel."),
    seed: int = param(0, kind="integer", low=0, high=1000, doc="Each value gives other grain."),
    samples: int = samples_param(),
) -> Vec3:
    """Add grain that changes with every frame and is strongest in the midtones.

    Triangular noise on a grid of `size` pixels, interpolated bilinearly and rescaled to a uniform
    deviation. A smaller output has the same grain, with several values to a pixel.
    """

    def weights(t: Scalar) -> tuple[Scalar, Scalar, Scalar]:
        return 1.0 - t, t, m.sqrt((1.0 - t) * (1.0 - t) + t * t)

    first = 0.5 / samples  # where the grid begins: the middle of the design's first pixel

    def noise(layer: float) -> Scalar:
        return _mean([sample(layer, x, y) for x, y in sub_pixels(samples)])

    def sample(layer: float, x: float, y: float) -> Scalar:
        u, v = (at.x + (x - first)) / size, (at.y + (y - first)) / size
        left, top = m.floor(u), m.floor(v)
        (w0, w1, wide), (h0, h1, high) = weights(u - left), weights(v - top)
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


def _mean(values: list[Scalar]) -> Scalar:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total * (1.0 / len(values)) if values[1:] else total


def _triangle(m: Math, x: Scalar, y: Scalar, z: Scalar) -> Scalar:
    """Noise of mean 0 and deviation 1: the sum of the upper and lower halves of a hash."""
    spread = m.hash(x, y, z) * 4096.0
    upper = m.floor(spread)
    return (upper * (1.0 / 4096.0) + (spread - upper) - 1.0) * math.sqrt(6.0)


#: The share of a cell where the screen of :func:`halftone` is below s, as an odd polynomial of
#: 2 s - 1, fitted to the exact distribution to 1.8%.
_SHARE: Final = (0.777234, -0.575171, 0.297937)


@grade(use="Print the picture in dots: a newspaper, a comic, a poster.")
def halftone(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    size: Scalar = param(
        8.0, low=0.5, high=200, unit="px", doc="Distance between dots.", shown=10.0
    ),
    angle: Scalar = param(45.0, low=-360, high=360, unit="degrees", doc="Of the rows of dots."),
    colored: bool = param(False, doc="Cyan, magenta and yellow dots, each at its own angle."),
    samples: int = samples_param(),
) -> Vec3:
    """Turn tones into dots of ink whose area represents darkness.

    The screen is the sum of two perpendicular cosines: dark dots on white, a chequerboard at
    middle grey, white dots on black. It is equalised, so the mean tone is preserved.
    """

    def dots(tone: Scalar, turn: float) -> Scalar:
        turned = (angle + turn) * RADIANS
        cos, sin = m.cos(turned) / size, m.sin(turned) / size
        middle = _middle(m, tone, rim)
        return _mean([ink(middle, at.x + x, at.y + y, cos, sin) for x, y in sub_pixels(samples)])

    def ink(middle: Scalar, x: Scalar, y: Scalar, cos: Scalar, sin: Scalar) -> Scalar:
        u, v = x * cos + y * sin, y * cos - x * sin
        z = (m.cos(m.fract(u) * TURN) + m.cos(m.fract(v) * TURN)) * 0.5
        square = z * z
        screen = 0.5 + z * (_SHARE[0] + square * (_SHARE[1] + square * _SHARE[2]))
        return m.clamp((middle - screen) / (2.0 * rim) + 0.5)

    # A dot's rim is about a pixel wide: this much of the screen on either side of its middle.
    rim = 1.0 / m.max(size * (0.8 * samples), 2.0)
    if colored:
        turns = (-30.0, 30.0, -45.0)
        r, g, b = (dots(tone, turn) for tone, turn in zip(rgb.channels, turns, strict=True))
        return Vec3(r, g, b)
    dot = dots(m.luma(rgb), 0.0)
    return Vec3(dot, dot, dot)


def _middle(m: Math, tone: Scalar, rim: Scalar) -> Scalar:
    """The middle of the rims on a screen of uniformly distributed values, 0..1.

    That is the tone itself except near black and white, where the screen ends within the rims:
    there what remains of them averages to the tone, and black and white have no rims at all.
    """
    t = m.clamp(tone)
    low = 2.0 * m.sqrt(rim * t) - rim
    high = 1.0 + rim - 2.0 * m.sqrt(rim * (1.0 - t))
    return m.select(t < rim, low, m.select(t > 1.0 - rim, high, t))
