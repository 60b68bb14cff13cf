"""Chains: a colour file's effect on a colour, as a sequence of formulas and tables.

A step is plain data: it can be stored, compared and printed. Its formula is written once, in the
math namespace, so that kernels, the reference and the optimiser have it from here. Vectors hold a
number for each of red, green and blue.

The formulas come from the Common LUT Format (Academy/ASC S-2014-006, version 3) and from
OpenColorIO; tests compare them with its CPU processor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from vedc.color import Mat3, Vec3f
from vedc.expr.aces import AcesStep
from vedc.expr.math import Lut, Math, Scalar, Vec3
from vedc.support.lazy_dataclass import dataclass

Negatives = Literal["zero", "mirror", "keep"]
"""What a power makes of numbers below 0: 0, the power of their size with their sign, themselves."""
Interpolation = Literal["auto", "tetrahedral", "trilinear", "nearest"]

#: The smallest number that logarithms are taken of: single precision's smallest normal one.
_LEAST: Final = 2.0**-126
_ONE: Final[Vec3f] = (1.0, 1.0, 1.0)
_ZERO: Final[Vec3f] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Matrix:
    """``rows * rgb + offset``."""

    rows: Mat3
    offset: Vec3f = _ZERO

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        return m.matrix(self.rows, rgb) + m.color(self.offset)

    def __str__(self) -> str:
        diagonal = all(self.rows[i][j] == 0.0 for i in range(3) for j in range(3) if i != j)
        shift = f" + {_numbers(self.offset)}" if any(self.offset) else ""
        if diagonal:
            return f"times {_numbers(tuple(self.rows[i][i] for i in range(3)))}{shift}"
        return f"matrix {'; '.join(_numbers(row) for row in self.rows)}{shift}"


@dataclass(frozen=True, slots=True)
class Clamp:
    """Each channel clamped to ``low..high``; infinite where a side is open."""

    low: Vec3f
    high: Vec3f

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        def channel(x: Scalar, low: float, high: float) -> Scalar:
            above = m.max(x, low) if math.isfinite(low) else x
            return m.min(above, high) if math.isfinite(high) else above

        return Vec3(*map(channel, rgb.channels, self.low, self.high))

    def __str__(self) -> str:
        return f"clamp to {_numbers(self.low)} .. {_numbers(self.high)}"


@dataclass(frozen=True, slots=True)
class Power:
    """``x ** exponent``."""

    exponent: Vec3f
    negatives: Negatives = "zero"

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        def channel(x: Scalar, exponent: float) -> Scalar:
            if exponent == 1.0 and self.negatives != "zero":
                return x
            if self.negatives == "mirror":
                return m.mirrored(x, lambda size: m.pow(size, exponent))
            raised = m.pow(m.max(x, 0.0), exponent)
            return m.select(x < 0.0, x, raised) if self.negatives == "keep" else raised

        return Vec3(*map(channel, rgb.channels, self.exponent))

    def __str__(self) -> str:
        return f"power {_numbers(self.exponent)}"


@dataclass(frozen=True, slots=True)
class PowerWithLine:
    """The curve of sRGB and L*: ``((x + offset) / (1 + offset)) ** gamma``, near black a line.

    The line touches the power. ``offset > 0`` and ``gamma > 1``, or the channel is a plain power.
    ``inverse`` gives x from the result; ``mirror`` turns the curve round 0 for negatives, which
    else continue the line.
    """

    gamma: Vec3f
    offset: Vec3f
    inverse: bool = False
    mirror: bool = False

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        def channel(x: Scalar, gamma: float, offset: float) -> Scalar:
            curve = self._curve(m, gamma, offset)
            return m.mirrored(x, curve) if self.mirror else curve(x)

        return Vec3(*map(channel, rgb.channels, self.gamma, self.offset))

    def _curve(self, m: Math, gamma: float, offset: float) -> Callable[[Scalar], Scalar]:
        if gamma <= 1.0 or offset <= 0.0:
            exponent = 1.0 / gamma if self.inverse else gamma
            return lambda x: m.pow(m.max(x, 0.0), exponent)
        knee = offset / (gamma - 1.0)
        at_knee = ((knee + offset) / (1.0 + offset)) ** gamma
        slope = at_knee / knee
        if self.inverse:
            return lambda y: m.select(
                y <= at_knee,
                y * (1.0 / slope),
                m.pow(m.max(y, 0.0), 1.0 / gamma) * (1.0 + offset) - offset,
            )
        return lambda x: m.select(
            x <= knee,
            x * slope,
            m.pow(m.max((x + offset) * (1.0 / (1.0 + offset)), 0.0), gamma),
        )

    def __str__(self) -> str:
        way = "inverse of " if self.inverse else ""
        return f"{way}power {_numbers(self.gamma)} with a line, offset {_numbers(self.offset)}"


@dataclass(frozen=True, slots=True)
class Log:
    """``scale * log2(gain * x + bias) + shift``; with ``cut``, below it the line of ``slope`` that
    meets the logarithm there. ``inverse`` gives x from the result."""

    scale: Vec3f
    shift: Vec3f = _ZERO
    gain: Vec3f = _ONE
    bias: Vec3f = _ZERO
    cut: Vec3f | None = None
    slope: Vec3f = _ONE
    inverse: bool = False

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        channels = (self._channel(m, x, i) for i, x in enumerate(rgb.channels))
        return Vec3(*channels)

    def _channel(self, m: Math, x: Scalar, i: int) -> Scalar:
        scale, shift, gain, bias = self.scale[i], self.shift[i], self.gain[i], self.bias[i]
        if self.inverse:
            above = (m.exp2((x - shift) * (1.0 / scale)) - bias) * (1.0 / gain)
        else:
            above = m.log2(m.max(x * gain + bias, _LEAST)) * scale + shift
        if self.cut is None:
            return above
        cut, slope = self.cut[i], self.slope[i]
        start = scale * math.log2(max(gain * cut + bias, _LEAST)) + shift
        if self.inverse:
            return m.select(x < start, (x - start) * (1.0 / slope) + cut, above)
        return m.select(x < cut, (x - cut) * slope + start, above)

    def __str__(self) -> str:
        line = "" if self.cut is None else f", a line below {_numbers(self.cut)}"
        return f"{'antilog' if self.inverse else 'log'}{line}"


@dataclass(frozen=True, slots=True)
class Curves:
    """A 1D table for each channel, by its ``number`` in the chain: linear between its points.

    ``half``: the table has an entry for each of the 65,536 numbers of half precision, by its bits.
    ``hue``: the middle channel keeps its relative position between the two others. ``beyond``: the
    slopes of each channel below and above the table, level by default.
    """

    number: int
    half: bool = False
    hue: bool = False
    beyond: tuple[Vec3f, Vec3f] = (_ZERO, _ZERO)

    def look_up(self, m: Math, lut: Lut, rgb: Vec3) -> Vec3:
        at = rgb.map(lambda x: half_place(m, x)) if self.half else rgb
        shaped = m.lookup(lut, at)
        if self.beyond != (_ZERO, _ZERO):
            under = rgb.zip(m.color(lut.domain_min), lambda x, low: m.min(x - low, 0.0))
            over = rgb.zip(m.color(lut.domain_max), lambda x, high: m.max(x - high, 0.0))
            for past, slopes in zip((under, over), self.beyond, strict=True):
                shaped = shaped + past.zip(m.color(slopes), lambda x, slope: x * slope)
        return _with_hue(m, rgb, shaped) if self.hue else shaped

    def __str__(self) -> str:
        return "curves of half precision" if self.half else "curves"


@dataclass(frozen=True, slots=True)
class Lattice:
    """A 3D table, by its ``number`` in the chain. ``interpolation`` is what the file asks for."""

    number: int
    interpolation: Interpolation = "auto"

    def look_up(self, m: Math, lut: Lut, rgb: Vec3, asked: Interpolation) -> Vec3:
        way = self.interpolation if asked == "auto" else asked
        if way == "nearest":
            return m.lookup(lut, nearest_point(m, lut, rgb))
        return trilinear(m, lut, rgb) if way == "trilinear" else m.lookup(lut, rgb)

    def __str__(self) -> str:
        return "3D table" if self.interpolation == "auto" else f"3D table, {self.interpolation}"


Step = Matrix | Clamp | Power | PowerWithLine | Log | Curves | Lattice | AcesStep


def shifted(step: Step, by: int) -> Step:
    """A step whose table has a number higher by so many."""
    return replace(step, number=step.number + by) if isinstance(step, (Curves, Lattice)) else step


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps with their tables, as a body has them."""

    steps: tuple[Step, ...]
    luts: tuple[Lut, ...] = ()

    def look_up(self, m: Math, rgb: Vec3, interpolation: Interpolation = "auto") -> Vec3:
        """The colour after all steps; ``interpolation`` in 3D tables."""
        for step in self.steps:
            if isinstance(step, Lattice):
                rgb = step.look_up(m, self.luts[step.number], rgb, interpolation)
            elif isinstance(step, Curves):
                rgb = step.look_up(m, self.luts[step.number], rgb)
            else:
                rgb = step.apply(m, rgb)
        return rgb


@dataclass(frozen=True, slots=True)
class Look:
    """The contents of a colour file in a body: a chain, or several by id."""

    chains: Mapping[str, Chain]

    def chain(self, id: str = "") -> Chain:
        """The chain of an id; the only one where none is named."""
        if not id and len(self.chains) == 1:
            return next(iter(self.chains.values()))
        return self.chains[id]

    def look_up(self, m: Math, rgb: Vec3) -> Vec3:
        return self.chain().look_up(m, rgb)


def correction(
    slope: Vec3f, offset: Vec3f, power: Vec3f, saturation: float, clamped: bool
) -> list[Step]:
    """The ASC's CDL 1.2 as steps; unless ``clamped``, numbers beyond 0..1 stay, as in
    OpenColorIO's style without clamping."""
    unit: list[Step] = [Clamp(_ZERO, _ONE)] if clamped else []
    r, g, b = slope
    steps: list[Step] = [Matrix(((r, 0.0, 0.0), (0.0, g, 0.0), (0.0, 0.0, b)), offset), *unit]
    steps.append(Power(power, "zero" if clamped else "keep"))
    if saturation != 1.0:
        weights = [(1.0 - saturation) * w for w in CDL_WEIGHTS]
        rows = [tuple(w + saturation * (i == j) for j, w in enumerate(weights)) for i in range(3)]
        steps.append(Matrix((rows[0], rows[1], rows[2])))  # type: ignore[arg-type]  # three each
    return [*steps, *unit]


#: The luma weights that the ASC CDL prescribes whatever the picture's primaries: BT.709's.
CDL_WEIGHTS: Final[Vec3f] = (0.2126, 0.7152, 0.0722)


def half_place(m: Math, x: Scalar) -> Scalar:
    """A number's position in a table of all half-precision numbers, 0..1; linear between two.

    Entry 0 is 0, 1024 is 2**-14, 15 * 1024 is 1, 31 * 1024 infinity; negatives are 32,768 further.
    """
    size = m.min(m.abs(x), _MOST_HALF)
    # A logarithm rounded to the wrong side of an integer moves the place by a millionth, as the
    # pieces meet there.
    exponent = m.floor(m.log2(m.max(size, 2.0**-14)))
    normal = (exponent + 14.0 + size * m.exp2(-exponent)) * 1024.0
    place = m.select(size < 2.0**-14, size * 2.0**24, normal)
    return m.select(x < 0.0, place + 32768.0, place) * (1.0 / 65535.0)


#: The largest number of half precision.
_MOST_HALF: Final = 65504.0


def _with_hue(m: Math, before: Vec3, after: Vec3) -> Vec3:
    """``after`` with its middle channel as far between the two others as it was before.

    Of equal channels, the first is the lowest and the last the highest.
    """
    top = m.max(m.max(before.r, before.g), before.b)
    bottom = m.min(m.min(before.r, before.g), before.b)
    low = _lowest(m, before.channels, after.channels)
    high = -_lowest(
        m, [-x for x in reversed(before.channels)], [-x for x in reversed(after.channels)]
    )
    spread = top - bottom
    share = m.select(spread > 0.0, 1.0 / m.max(spread, _LEAST), 0.0)

    def channel(x: Scalar) -> Scalar:
        middle = (x - bottom) * share * (high - low) + low
        return m.select(x < top, middle, high)

    red, green, blue = map(channel, before.channels)
    return Vec3(m.select(spread > 0.0, red, low), m.select(spread > 0.0, green, low), blue)


def _lowest(m: Math, before: Sequence[Scalar], after: Sequence[Scalar]) -> Scalar:
    """The channel of ``after`` that was the lowest before: the first of several.

    By comparisons alone: a difference within a sum may be rounded differently.
    """
    (r, g, b), (red, green, blue) = before, after
    second = m.select(g <= b, green, blue)
    return m.select(r <= g, m.select(r <= b, red, second), second)


def trilinear(m: Math, lut: Lut, rgb: Vec3) -> Vec3:
    """The value of a 3D table, linear along each axis.

    Along an edge of a cell the tetrahedral lookup is linear in red: four of them, at the corners of
    green and blue, are mixed.
    """
    low, high = m.color(lut.domain_min), m.color(lut.domain_max)
    last = lut.size - 1
    unit = ((rgb - low) / (high - low)).map(m.clamp)
    green, blue = unit.g * last, unit.b * last
    cells = [m.min(m.floor(x), last - 1.0) for x in (green, blue)]
    share_g, share_b = green - cells[0], blue - cells[1]

    def edge(up_g: float, up_b: float) -> Vec3:
        at = Vec3(unit.r, (cells[0] + up_g) / last, (cells[1] + up_b) / last)
        return m.lookup(lut, low + at * (high - low))

    near = m.mix3(edge(0.0, 0.0), edge(1.0, 0.0), share_g)
    return m.mix3(near, m.mix3(edge(0.0, 1.0), edge(1.0, 1.0), share_g), share_b)


#: A fraction of a step between points: values this close below a midpoint count as on it, so that
#: rounding does not choose between two points for 8-bit codes on a midpoint.
_NUDGE: Final = 2.0**-14


def nearest_point(m: Math, lut: Lut, rgb: Vec3) -> Vec3:
    """The grid point of a 3D table nearest to a colour, halves up."""
    low, high = m.color(lut.domain_min), m.color(lut.domain_max)
    steps = lut.size - 1
    unit = (rgb - low) / (high - low)
    return low + unit.map(lambda x: m.floor(x * steps + (0.5 + _NUDGE)) / steps) * (high - low)


def _numbers(values: Sequence[float]) -> str:
    """Numbers in short: one where all are alike."""
    if len(set(values)) == 1:
        return f"{values[0]:.6g}"
    return " ".join(f"{value:.6g}" for value in values)
