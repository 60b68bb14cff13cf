"""Generators: test pictures for displays, codecs and synchronisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from vedc.color import Vec3f
from vedc.expr.math import Clock, Math, Pixel, Position, Scalar, Vec3, opaque
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import generator
from vedc.ops.shared.plane_geometry import TURN, half_side, length, offset_from_center

#: White, yellow, cyan, green, magenta, red, blue: which of R, G and B are on.
BARS: Final[tuple[Vec3f, ...]] = (
    (1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1),
)  # fmt: skip


def _from_709(luma: int, cb: int, cr: int) -> Vec3f:
    """R'G'B' of 8-bit BT.709 codes: SMPTE RP 219 gives -I and +Q in no other way."""
    y, b, r = (luma - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    kr, kb = 0.2126, 0.0722
    red, blue = y + 2 * (1 - kr) * r, y + 2 * (1 - kb) * b
    return red, (y - kr * red - kb * blue) / (1 - kr - kb), blue


MINUS_I: Final = _from_709(57, 156, 97)
PLUS_Q: Final = _from_709(44, 171, 147)


@generator(use="Line up a display or a transmission before the programme.")
def color_bars(
    m: Math,
    at: Position,
    *,
    pattern: str = param(
        "smpte_hd",
        choices=("smpte_hd", "ebu_75", "ebu_100"),
        doc="SMPTE RP 219; EBU 100/0/75/0 or 100/0/100/0.",
    ),
) -> Pixel:
    """Television colour bars in display-encoded R'G'B'.

    `smpte_hd`: SMPTE RP 219-1, with -I and +Q in place, a ramp from 0 to 100 %, and a PLUGE of -2,
    +2 and +4 %. `ebu_75`, `ebu_100`: ITU-R BT.1729 and EBU Tech 3325: white at 100 %, six colours
    at 75 or 100 %, black.
    """
    if pattern == "smpte_hd":
        return opaque(m, _smpte(m, at))
    level = 0.75 if pattern == "ebu_75" else 1.0
    rest: list[Vec3f] = [(r * level, g * level, b * level) for r, g, b in BARS[1:]]
    colors = [BARS[0], *rest, (0.0, 0.0, 0.0)]
    return opaque(m, _columns(m, at.u, [n / 8 for n in range(1, 8)], [m.color(c) for c in colors]))


#: A fraction of the picture: far less than a pixel, and more than float32's error.
MARGIN: Final = 2.0**-20


def _columns(m: Math, at: Scalar, limits: Sequence[float], colors: Sequence[Vec3]) -> Vec3:
    """The first colour up to the first limit, and so on."""
    found = colors[-1]
    for limit, color in zip(reversed(limits), reversed(colors[:-1]), strict=True):
        # A limit exactly at a pixel's centre falls on the same side on every device.
        found = m.select3(at < limit - MARGIN, color, found)
    return found


def _smpte(m: Math, at: Position) -> Vec3:
    side, bar = 1 / 8, 3 / 28  # of the width: the borders, and one of seven bars between

    def grey(level: float) -> Vec3:
        return m.color((level, level, level))

    def bars(*widths: float) -> list[float]:
        """Limits of columns so many bars wide, between the borders."""
        ends = [side]
        for width in widths:
            ends.append(ends[-1] + width * bar)
        return ends

    full = [m.color(c) for c in BARS]
    three_quarters = [m.color((0.75 * r, 0.75 * g, 0.75 * b)) for r, g, b in BARS]
    yellow, cyan, red, blue = full[1], full[2], full[5], full[6]
    ramp = m.clamp((at.u - (side + bar)) / (6 * bar))
    rows = [
        _columns(m, at.u, bars(*[1] * 7), [grey(0.4), *three_quarters, grey(0.4)]),
        _columns(m, at.u, bars(1, 6), [cyan, m.color(MINUS_I), grey(0.75), blue]),
        _columns(m, at.u, bars(1, 6), [yellow, m.color(PLUS_Q), Vec3(ramp, ramp, ramp), red]),
        _columns(
            m, at.u, bars(3 / 2, 2, 5 / 6, 1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 3, 1),
            [grey(v) for v in (0.15, 0, 1, 0, -0.02, 0, 0.02, 0, 0.04, 0, 0.15)],
        ),
    ]  # fmt: skip
    return _columns(m, at.v, [7 / 12, 8 / 12, 9 / 12], rows)


@generator(use="See what scaling, sharpening and coding do to fine detail.", ramps=True)
def zone_plate(
    m: Math,
    at: Position,
    clock: Clock,
    *,
    frequency: Scalar = param(
        1.0, low=0, high=4, doc="At the left and right edge; 1 is the finest that pixels can show."
    ),
    speed: Scalar = param(0.0, low=-100, high=100, unit="rings a second", doc="Speed inwards."),
) -> Pixel:
    """Rings that get steadily finer from the centre outwards.

    `0.5 + 0.5 * cos(pi * frequency * r^2 / width)`: at a distance of `r` pixels one ring is
    `width / (frequency * r)` pixels wide, two at the edge.
    """
    x, y = offset_from_center(at)
    turns = (x * x + y * y) * frequency / (at.width * 2.0) + speed * clock.seconds
    value = m.cos(m.fract(turns) * TURN) * 0.5 + 0.5
    return opaque(m, Vec3(value, value, value))


@generator(use="See banding, clipping and the response of a display.", ramps=True)
def ramp(
    m: Math,
    at: Position,
    *,
    channels: str = param(
        "grey",
        choices=("grey", "red", "green", "blue", "all"),
        doc="Which channels rise; `all` stacks grey, red, green and blue.",
        shown="all",
    ),
    steps: int = param(
        0, kind="integer", low=0, high=1024, doc="Number of levels; 0 is a smooth ramp."
    ),
    low: Scalar = param(0.0, low=-1, high=2, doc="Value on the left."),
    high: Scalar = param(1.0, low=-1, high=2, doc="Value on the right."),
) -> Pixel:
    """Light that rises evenly from left to right, in display-encoded values.

    The first pixel is exactly `low` and the last exactly `high`; with `steps`, the same holds for
    the first and last of as many equally wide columns.
    """
    if steps > 1:
        t = m.clamp(m.floor(at.u * float(steps)), 0.0, float(steps - 1)) * (1.0 / (steps - 1))
    else:
        t = (at.x - 0.5) / m.max(at.width - 1.0, 1.0)
    value, none = m.mix(low, high, t), m.number(0.0)
    found = {
        "grey": Vec3(value, value, value),
        "red": Vec3(value, none, none),
        "green": Vec3(none, value, none),
        "blue": Vec3(none, none, value),
    }
    if channels != "all":
        return opaque(m, found[channels])
    return opaque(m, _columns(m, at.v, [0.25, 0.5, 0.75], list(found.values())))


#: Strokes of a digit as (x0, y0, x1, y1), from -1 to 1 across and -2 to 2 down, and the digits
#: that have them.
STROKES: Final = (
    ((-1, -2, 1, -2), (0, 2, 3, 5, 6, 7, 8, 9)),
    ((-1, -2, -1, 0), (0, 4, 5, 6, 8, 9)),
    ((1, -2, 1, 0), (0, 1, 2, 3, 4, 7, 8, 9)),
    ((-1, 0, 1, 0), (2, 3, 4, 5, 6, 8, 9)),
    ((-1, 0, -1, 2), (0, 2, 6, 8)),
    ((1, 0, 1, 2), (0, 1, 3, 4, 5, 6, 7, 8, 9)),
    ((-1, 2, 1, 2), (0, 2, 3, 5, 6, 8, 9)),
)


@generator(use="Count down to the first picture, like a film leader.")
def countdown(
    m: Math,
    at: Position,
    clock: Clock,
    *,
    start: int = param(
        5, kind="integer", low=0, high=9, doc="The first number; the count stops at 0."
    ),
    period: Scalar = param(1.0, low=0.05, high=60, unit="s", doc="Duration of one number."),
    color: Vec3 = param(0.08, kind="color", doc="Colour of digit, lines and circles."),
    background: Vec3 = param(0.75, kind="color", doc="Colour ahead of the hand."),
    shade: Vec3 = param(0.5, kind="color", doc="Colour behind the hand."),
) -> Pixel:
    """A digit in two circles on a cross, with a hand that turns once per number."""
    size = half_side(m, at)
    px, py = offset_from_center(at)
    x, y = px / size, py / size
    away = length(m, x, y)
    turns = clock.seconds / period
    passed = m.floor(turns)
    number = m.max(float(start) - passed, 0.0)
    hand = m.select(passed < start, turns - passed, 0.0)

    def inside(distance: Scalar) -> Scalar:
        """Coverage, smooth over a pixel, by the distance from an outline in half heights."""
        return m.clamp(0.5 - distance * size)

    # Right of the upward line, and behind the hand: both for the first half of a turn, either for
    # the second.
    angle = hand * TURN
    right, behind = inside(-x), inside(x * m.cos(angle) + y * m.sin(angle))
    swept = m.select(hand < 0.5, m.min(right, behind), m.max(right, behind))
    ground = m.mix3(background, shade, swept)

    line = 0.006
    ink = inside(m.min(m.abs(x), m.abs(y)) - line)
    for reach in (0.8, 0.9):
        ink = m.max(ink, inside(m.abs(away - reach) - 2.0 * line))
    drawn = m.mix3(ground, color, ink)
    digit = inside(_digit(m, x, y, number) - 0.055)
    plain = inside(_digit(m, x, y, number) - 0.075)  # a rim sets the digit off the cross
    return opaque(m, m.mix3(m.mix3(drawn, ground, plain), color, digit))


def _digit(m: Math, x: Scalar, y: Scalar, number: Scalar) -> Scalar:
    """Distance from the strokes of a digit, in half heights."""
    scale = 0.22
    nearest = m.number(math.inf)
    for (x0, y0, x1, y1), digits in STROKES:
        used = m.number(0.0)
        for digit in digits:
            used = m.max(used, m.select(m.abs(number - float(digit)) < 0.5, 1.0, 0.0))
        dx, dy = (x1 - x0) * scale, (y1 - y0) * scale
        rx, ry = x - x0 * scale, y - y0 * scale
        along = m.clamp((rx * dx + ry * dy) * (1.0 / (dx * dx + dy * dy)))
        ox, oy = rx - along * dx, ry - along * dy
        distance = length(m, ox, oy)
        nearest = m.min(nearest, m.select(used > 0.5, distance, 1e3))
    return nearest
