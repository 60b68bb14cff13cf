"""The math namespace that op bodies are written against.

An op is a Python function of a namespace ``m`` and of values::

    def exposure(m, rgb, *, stops):
        return rgb * m.exp2(stops)

The namespace decides what the values are. With :class:`Tracer` they are ``Expr`` and the body
returns the expression it computes; with ``NumpyMath`` of ``codegen.reference`` they are float64
arrays. Both support the same operators, so a body is typed against ``Expr`` and runs on either.

Only :meth:`Math.apply` differs between namespaces; every function beyond an opcode is
written here, once, in terms of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol, TypeAlias

from vedc.color import MATRICES, Mat3, Vec3f
from vedc.expr.nodes import Attr, Expr, expr, node
from vedc.support.lazy_dataclass import dataclass

Scalar: TypeAlias = Expr
"""A number per pixel, or one for all pixels."""
Number: TypeAlias = Expr | float


@dataclass(frozen=True, slots=True)
class Vec3:
    """Red, green and blue. Operators work per channel; a number applies to all three."""

    r: Scalar
    g: Scalar
    b: Scalar

    __array_ufunc__ = None  # NumPy scalars on the left then defer to this class

    @property
    def channels(self) -> tuple[Scalar, Scalar, Scalar]:
        return self.r, self.g, self.b

    def map(self, function: Callable[[Scalar], Scalar]) -> Vec3:
        return Vec3(function(self.r), function(self.g), function(self.b))

    def zip(self, other: Vec3 | Number, function: Callable[[Scalar, Number], Scalar]) -> Vec3:
        r, g, b = other.channels if isinstance(other, Vec3) else (other, other, other)
        return Vec3(function(self.r, r), function(self.g, g), function(self.b, b))

    def __add__(self, other: Vec3 | Number) -> Vec3:
        return self.zip(other, lambda a, b: a + b)

    def __radd__(self, other: Number) -> Vec3:
        return self.zip(other, lambda a, b: b + a)

    def __sub__(self, other: Vec3 | Number) -> Vec3:
        return self.zip(other, lambda a, b: a - b)

    def __rsub__(self, other: Number) -> Vec3:
        return self.zip(other, lambda a, b: b - a)

    def __mul__(self, other: Vec3 | Number) -> Vec3:
        return self.zip(other, lambda a, b: a * b)

    def __rmul__(self, other: Number) -> Vec3:
        return self.zip(other, lambda a, b: b * a)

    def __truediv__(self, other: Vec3 | Number) -> Vec3:
        return self.zip(other, lambda a, b: a / b)

    def __rtruediv__(self, other: Number) -> Vec3:
        return self.zip(other, lambda a, b: b / a)

    def __neg__(self) -> Vec3:
        return self.map(lambda a: -a)


@dataclass(frozen=True, slots=True)
class Pixel:
    """A colour with coverage. ``rgb`` is premultiplied by ``a`` (0 clear .. 1 opaque)."""

    rgb: Vec3
    a: Scalar

    __array_ufunc__ = None

    def __add__(self, other: Pixel) -> Pixel:
        return Pixel(self.rgb + other.rgb, self.a + other.a)

    def __mul__(self, factor: Number) -> Pixel:
        return Pixel(self.rgb * factor, self.a * factor)

    __rmul__ = __mul__


@dataclass(frozen=True, slots=True)
class Position:
    """The pixel's centre on the canvas, and the canvas's size, in pixels."""

    x: Scalar
    y: Scalar
    width: Scalar
    height: Scalar

    @property
    def u(self) -> Scalar:
        """0 at the left edge, 1 at the right."""
        return self.x / self.width

    @property
    def v(self) -> Scalar:
        """0 at the top edge, 1 at the bottom."""
        return self.y / self.height


@dataclass(frozen=True, slots=True)
class Clock:
    """When the frame is shown, from the start of the clip that the op applies to."""

    frame: Scalar
    """Frames of the canvas, an integer; 0 is the first."""
    seconds: Scalar


@dataclass(frozen=True, slots=True)
class Lut:
    """A lookup table as a body sees it: its index in the program, shape and input range."""

    index: int
    dims: int
    """1 (a curve for each channel) or 3 (a cube)."""
    size: int
    domain_min: Vec3f = (0.0, 0.0, 0.0)
    domain_max: Vec3f = (1.0, 1.0, 1.0)
    straight: bool = False
    """Whether the curve is the identity, which needs no lookup."""


class Lookup(Protocol):
    """A colour file other than a plain table, as a body sees it: see ``vedc.expr.chain``."""

    def look_up(self, m: Math, rgb: Vec3) -> Vec3: ...


class Math(ABC):
    """Functions of numbers. ``weights`` are the canvas's luma weights Kr, Kg, Kb."""

    def __init__(self, matrix: str = "bt709") -> None:
        """``matrix`` names a row of ``vedc.color.MATRICES``; ``rgb`` means BT.709's."""
        kr, kb = MATRICES["bt709" if matrix == "rgb" else matrix]
        self.weights: Vec3f = (kr, 1.0 - kr - kb, kb)

    @abstractmethod
    def apply(self, op: str, *args: Number, attr: Attr = None) -> Scalar:
        """One opcode (see ``nodes.ARITY``)."""

    @abstractmethod
    def number(self, value: float) -> Scalar:
        """A constant as a value of this namespace."""

    def load(self, leaf: int, plane: int) -> Scalar:
        """A sample of an input image as a number; see ``nodes.ARITY``."""
        return self.apply("load", attr=(leaf, plane))

    def color(self, value: Vec3f) -> Vec3:
        r, g, b = value
        return Vec3(self.number(r), self.number(g), self.number(b))

    def exp2(self, x: Number) -> Scalar:
        return self.apply("exp2", x)

    def log2(self, x: Number) -> Scalar:
        """Of x > 0."""
        return self.apply("log2", x)

    def pow(self, x: Number, y: Number) -> Scalar:
        """x to the power of y, for x >= 0; a negative x counts as 0."""
        return self.apply("pow", x, y)

    def sqrt(self, x: Number) -> Scalar:
        """Of x >= 0."""
        return self.apply("sqrt", x)

    def sin(self, x: Number) -> Scalar:
        return self.apply("sin", x)

    def cos(self, x: Number) -> Scalar:
        return self.apply("cos", x)

    def atan2(self, y: Number, x: Number) -> Scalar:
        """The angle of the point (x, y), -pi..pi; 0 at the origin."""
        return self.apply("atan2", y, x)

    def hash(self, x: Number, y: Number, z: Number = 0.0) -> Scalar:
        """Noise in [0, 1): a number for each triple of integers."""
        return self.apply("hash", x, y, z)

    def texel(self, leaf: int, plane: int, x: Number, y: Number) -> Scalar:
        """A sample of a float leaf at one of its own columns and rows; 0 outside it."""
        return self.apply("texel", x, y, attr=(leaf, plane))

    def abs(self, x: Number) -> Scalar:
        return self.apply("abs", x)

    def floor(self, x: Number) -> Scalar:
        return self.apply("floor", x)

    def min(self, x: Number, y: Number) -> Scalar:
        return self.apply("min", x, y)

    def max(self, x: Number, y: Number) -> Scalar:
        return self.apply("max", x, y)

    def select(self, condition: Number, then: Number, other: Number) -> Scalar:
        """``then`` where the condition holds, else ``other``; both are computed."""
        return self.apply("select", condition, then, other)

    def clamp(self, x: Number, low: Number = 0.0, high: Number = 1.0) -> Scalar:
        """x clamped to low..high; NaN becomes low."""
        return self.min(self.max(x, low), high)

    def saturate(self, rgb: Vec3) -> Vec3:
        """Each channel clamped to 0..1."""
        return rgb.map(self.clamp)

    def mix(self, a: Scalar, b: Number, t: Number) -> Scalar:
        """a at t = 0, b at t = 1, linear between and beyond."""
        return a + (b - a) * t

    def mix3(self, a: Vec3, b: Vec3, t: Number) -> Vec3:
        return a + (b - a) * t

    def step(self, edge: Number, x: Number) -> Scalar:
        """0 below the edge, 1 from it on."""
        return self.apply("le", edge, x)

    def fract(self, x: Scalar) -> Scalar:
        """The fractional part, x - floor(x)."""
        return x - self.floor(x)

    def modulo(self, x: Scalar, y: Number) -> Scalar:
        """x reduced to 0..y by multiples of y > 0."""
        return x - self.floor(x / y) * y

    def select3(self, condition: Number, then: Vec3, other: Vec3) -> Vec3:
        return then.zip(other, lambda a, b: self.select(condition, a, b))

    def smoothstep(self, low: Number, high: Number, x: Scalar) -> Scalar:
        """0 below low, 1 above high, the cubic 3t^2 - 2t^3 between. ``low < high``."""
        return ease(self.clamp((x - low) / (high - low)))

    def mirrored(self, x: Scalar, curve: Callable[[Scalar], Scalar]) -> Scalar:
        """The curve of abs(x), with the sign of x."""
        size = curve(self.abs(x))
        return self.select(x < 0.0, -size, size)

    def dot(self, rgb: Vec3, weights: Vec3f) -> Scalar:
        return rgb.r * weights[0] + rgb.g * weights[1] + rgb.b * weights[2]

    def luma(self, rgb: Vec3) -> Scalar:
        """The canvas's luma (of R'G'B') or luminance (of linear light)."""
        return self.dot(rgb, self.weights)

    def matrix(self, rows: Mat3, rgb: Vec3) -> Vec3:
        """The 3x3 matrix, given by rows, times the column ``rgb``."""
        return Vec3(self.dot(rgb, rows[0]), self.dot(rgb, rows[1]), self.dot(rgb, rows[2]))

    def lookup(self, lut: Lut | Lookup, rgb: Vec3) -> Vec3:
        """The table's value: linear for a curve, tetrahedral for a cube; clamped to its domain."""
        if not isinstance(lut, Lut):
            return lut.look_up(self, rgb)
        if lut.straight:
            low, high = lut.domain_min, lut.domain_max
            return Vec3(*(self.clamp(x, low[c], high[c]) for c, x in enumerate(rgb.channels)))
        span = [high - low for low, high in zip(lut.domain_min, lut.domain_max, strict=True)]
        unit = [
            (x - low) / width
            for x, low, width in zip(rgb.channels, lut.domain_min, span, strict=True)
        ]
        if lut.dims == 1:
            return Vec3(*(self.apply("lut1d", unit[c], attr=(lut.index, c)) for c in range(3)))
        return Vec3(*(self.apply("lut3d", *unit, attr=(lut.index, c)) for c in range(3)))


class Tracer(Math):
    """Runs bodies on ``Expr``; they return the expression they compute, unsimplified."""

    def apply(self, op: str, *args: Number, attr: Attr = None) -> Scalar:
        return node(op, *map(expr, args), attr=attr)

    def number(self, value: float) -> Scalar:
        return expr(value)


def ease(t: Scalar) -> Scalar:
    """The cubic 3t^2 - 2t^3 of t in 0..1: level at both ends."""
    return t * t * (3.0 - 2.0 * t)


def opaque(m: Math, rgb: Vec3) -> Pixel:
    return Pixel(rgb, m.number(1.0))


def premultiply(rgb: Vec3, a: Scalar) -> Pixel:
    return Pixel(rgb * a, a)


def unpremultiply(m: Math, pixel: Pixel) -> Vec3:
    """The colour without its coverage; black where the pixel is clear.

    Where ``a`` is the constant 1 the rules remove all of this.
    """
    inverse = m.select(pixel.a > 0.0, 1.0 / pixel.a, 0.0)
    return pixel.rgb * inverse
