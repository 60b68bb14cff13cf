"""Pictures that a body may look at anywhere, not only at its own pixel.

A :class:`Picture` wraps a float layer in the math namespace: every filter is arithmetic on
``texel``, written once for all backends. Colours are premultiplied, so clear and opaque
neighbours mix without fringes. Coordinates are canvas pixels: the centre of the first pixel
is (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vedc.expr.math import Math, Number, Pixel, Scalar, Vec3

Edge = Literal["clear", "clamp", "mirror", "repeat"]
"""What lies beyond a picture's edge: nothing, its outermost pixels, its mirror image, itself."""
Filter = Literal["nearest", "linear", "cubic"]
"""Between pixels: none, bilinear, Catmull-Rom's bicubic."""


@dataclass(frozen=True)
class Picture:
    """A layer of ``width`` x ``height`` pixels, leaf ``leaf`` of the program.

    ``here`` is its colour at the place that is being computed.
    """

    m: Math
    leaf: int
    width: float
    height: float
    here: Pixel
    alpha: bool = True
    """Whether the layer has an alpha plane; else it is opaque inside its bounds."""

    def texel(self, column: Number, row: Number, edge: Edge = "clamp") -> Pixel:
        """The pixel that holds the point (column, row)."""
        m = self.m
        x, y = self._inside(column, self.width, edge), self._inside(row, self.height, edge)
        r, g, b = (m.texel(self.leaf, channel, x, y) for channel in range(3))
        if self.alpha:
            a = m.texel(self.leaf, 3, x, y)
        elif edge == "clear":
            a = self._covered(x, self.width) * self._covered(y, self.height)
        else:
            a = m.number(1.0)
        return Pixel(Vec3(r, g, b), a)

    def at(self, x: Number, y: Number, *, edge: Edge = "clamp", filter: Filter = "linear") -> Pixel:
        """The colour at any point, between pixels by ``filter``."""
        if filter == "nearest":
            return self.texel(x, y, edge)
        m = self.m
        left, top = m.floor(x - 0.5), m.floor(y - 0.5)
        across, down = x - 0.5 - left, y - 0.5 - top
        weigh = _linear if filter == "linear" else _cubic
        rows = []
        for j, v in weigh(down):
            taps = [
                self.texel(left + (i + 0.5), top + (j + 0.5), edge) * h for i, h in weigh(across)
            ]
            rows.append(_sum(taps) * v)
        found = _sum(rows)
        if not self.alpha and edge != "clear":
            return Pixel(found.rgb, m.number(1.0))  # the weights add up to 1, not quite in bits
        return found

    def _inside(self, at: Number, size: float, edge: Edge) -> Scalar:
        """A coordinate brought into 0..size as the edge says."""
        m = self.m
        if edge == "clamp":
            return m.clamp(at, 0.5, size - 0.5)
        if edge == "clear":
            return at + m.number(0.0)
        if edge == "repeat":
            wrapped = m.modulo(at + m.number(0.0), size)
        else:
            turn = m.modulo(at + m.number(0.0), 2.0 * size)
            wrapped = m.min(turn, 2.0 * size - turn)
        return m.clamp(wrapped, 0.25, size - 0.25)

    def _covered(self, at: Scalar, size: float) -> Scalar:
        return self.m.step(0.0, at) * self.m.apply("lt", at, size)


def _sum(pixels: list[Pixel]) -> Pixel:
    total = pixels[0]
    for pixel in pixels[1:]:
        total = total + pixel
    return total


def _linear(t: Scalar) -> list[tuple[int, Scalar]]:
    return [(0, 1.0 - t), (1, t)]


def _cubic(t: Scalar) -> list[tuple[int, Scalar]]:
    """Catmull and Rom's cubic (1974): Keys's kernel with a = -1/2."""
    return [
        (-1, ((-0.5 * t + 1.0) * t - 0.5) * t),
        (0, (1.5 * t - 2.5) * t * t + 1.0),
        (1, ((-1.5 * t + 2.0) * t + 0.5) * t),
        (2, (0.5 * t - 0.5) * t * t),
    ]
