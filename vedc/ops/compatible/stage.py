"""How another program's formula sees a transition, and how it is declared.

A formula is a function of a :class:`Stage` and of parameters. At progress 0 and 1 the pictures are
shown as they are, whatever the formula gives there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from vedc.expr.math import Math, Number, Pixel, Position, Scalar, Vec3
from vedc.expr.picture import Picture
from vedc.ops.core.registry import Op, op
from vedc.ops.shared.pixels import chosen, mixed
from vedc.ops.transition.common import filled

PI: Final = math.pi
BLACK: Final = (0.0, 0.0, 0.0)
#: How far apart numbers may be and count as equal, where a comparison decides between two pictures:
#: else the last bit of a rounding would decide it, differently on each machine.
TIE: Final = 1e-5
Formula = Callable[..., Pixel]


@dataclass(frozen=True)
class Stage:
    """One pixel of a transition. ``a`` and ``b`` are the two pictures there."""

    m: Math
    first: Pixel | Picture
    second: Pixel | Picture
    progress: Scalar
    at: Position

    @property
    def a(self) -> Pixel:
        return self.first.here if isinstance(self.first, Picture) else self.first

    @property
    def b(self) -> Pixel:
        return self.second.here if isinstance(self.second, Picture) else self.second

    def solid(self, color: Vec3 | tuple[float, float, float]) -> Pixel:
        """A colour, covering what the pictures cover."""
        rgb = color if isinstance(color, Vec3) else self.m.color(color)
        return filled(rgb, self.a, self.b, self.progress)

    def where(self, condition: Number, then: Pixel, other: Pixel) -> Pixel:
        return chosen(self.m, condition, then, other)

    def either(self, condition: Scalar, other: Scalar) -> Scalar:
        """Whether one of two conditions holds."""
        return self.m.max(condition, other)


class Shader(Stage):
    """As a shader of gl-transitions sees it: x and y from 0 to 1, y upwards. Beyond their edges
    pictures repeat their outermost pixels."""

    @property
    def x(self) -> Scalar:
        return self.at.u

    @property
    def y(self) -> Scalar:
        return 1.0 - self.at.v

    @property
    def ratio(self) -> Scalar:
        return self.at.width / self.at.height

    def from_at(self, x: Scalar, y: Scalar) -> Pixel:
        """The first picture's colour at a point."""
        return self._at(self.first, x, y)

    def to_at(self, x: Scalar, y: Scalar) -> Pixel:
        """The second picture's colour at a point."""
        return self._at(self.second, x, y)

    def both_at(self, x: Scalar, y: Scalar, share: Number) -> Pixel:
        """The mix of the pictures at a point."""
        return mixed(self.from_at(x, y), self.to_at(x, y), share)

    def _at(self, picture: Pixel | Picture, x: Scalar, y: Scalar) -> Pixel:
        assert isinstance(picture, Picture), "declare it with samples=True"
        m = self.m  # a formula may divide by 0 where its result is not used
        u, v = (m.clamp(p, -1e4, 1e4) for p in (x, y))
        return picture.at(u * self.at.width, (1.0 - v) * self.at.height)

    def length(self, x: Scalar, y: Scalar) -> Scalar:
        return self.m.sqrt(x * x + y * y)

    def between(self, low: Number, x: Scalar, high: Number) -> Scalar:
        """1 where low <= x <= high."""
        return self.m.step(low, x) * self.m.step(x, high)

    def inside(self, x: Scalar, y: Scalar) -> Scalar:
        """1 within the canvas, its edges not included."""
        return (x > 0.0) * (x < 1.0) * (y > 0.0) * (y < 1.0)

    def sign(self, x: Scalar) -> Scalar:
        return self.m.select(x > 0.0, 1.0, self.m.select(x < 0.0, -1.0, 0.0))

    def bump(self) -> Scalar:
        """0 at both ends, 1 halfway, straight between."""
        return 1.0 - self.m.abs(self.progress * 2.0 - 1.0)


class Raster(Stage):
    """As FFmpeg's xfade sees it: x and y are columns and rows, counted from 0, and pictures are
    read without interpolation."""

    @property
    def x(self) -> Scalar:
        return self.at.x - 0.5

    @property
    def y(self) -> Scalar:
        return self.at.y - 0.5

    @property
    def left(self) -> Scalar:
        """xfade's progress: from 1 to 0."""
        return 1.0 - self.progress

    def whole(self, x: Scalar) -> Scalar:
        """x rounded down, safe from rounding errors just below an integer."""
        return self.m.floor(x + 1e-4)

    def first_at(self, column: Scalar, row: Scalar) -> Pixel:
        """The first picture's pixel in a column and row."""
        assert isinstance(self.first, Picture)
        return self.first.texel(column + 0.5, row + 0.5)

    def second_at(self, column: Scalar, row: Scalar) -> Pixel:
        """The second picture's pixel in a column and row."""
        assert isinstance(self.second, Picture)
        return self.second.texel(column + 0.5, row + 0.5)


def _drawn_by(stage: type[Stage]) -> Callable[[Formula], Callable[..., Pixel]]:
    def adapt(formula: Formula) -> Callable[..., Pixel]:
        @wraps(formula)
        def body(
            m: Math,
            first: Pixel | Picture,
            second: Pixel | Picture,
            *,
            progress: Scalar,
            at: Position,
            **params: Any,
        ) -> Pixel:
            s = stage(m, first, second, progress, at)
            seen = s.where(m.step(1.0, progress), s.b, formula(s, **params))
            return s.where(m.step(progress, 0.0), s.a, seen)

        return body

    return adapt


def gl(name: str, **facts: Any) -> Callable[[Formula], Op]:
    """Declare a formula of a :class:`Shader` as the transition of that name of gl-transitions."""
    return op(
        "transition", space="display", name=f"gl:{name}", adapt=_drawn_by(Shader),
        use="Keep the look of an edit made with gl-transitions.", **facts,
    )  # fmt: skip


def xfade(name: str, **facts: Any) -> Callable[[Formula], Op]:
    """Declare a formula of a :class:`Raster` as the transition of that name of xfade."""
    return op(
        "transition", space="display", name=f"xfade:{name}", adapt=_drawn_by(Raster),
        use="Keep the look of an edit made with FFmpeg.", **facts,
    )  # fmt: skip
