"""Pictures that a body may sample anywhere, not only at its own pixel.

A :class:`Picture` wraps a float layer in the math namespace: every filter is arithmetic on
``texel``, written once for all backends. Colours are premultiplied, so clear and opaque
neighbours mix without fringes. Coordinates are canvas pixels: the centre of the first pixel
is (0.5, 0.5).

A :class:`Pyramid` is a picture with smaller copies of itself, for where many of its pixels fall on
one pixel of the canvas.
"""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

from vedc.expr.math import Math, Number, Pixel, Scalar, Vec3
from vedc.expr.taps import TAPS, Look, cubic, linear
from vedc.support.lazy_dataclass import dataclass

Edge = Literal["clear", "clamp", "mirror", "repeat"]
"""What is beyond a picture's edge: nothing, its outermost pixels, its mirror image, itself."""
Filter = Literal["nearest", "linear", "cubic"]
"""Between pixels: none, bilinear, Catmull-Rom's bicubic."""

#: Lower bound of divisors.
TINY: Final = 1e-6
#: Limit of coordinates, in pixels: maps may reach infinity.
FARTHEST: Final = 1e7


class Footprint(NamedTuple):
    """How far the point (u, v) that a pixel shows moves with a step on the canvas."""

    dudx: Scalar
    dvdx: Scalar
    dudy: Scalar
    dvdy: Scalar


@dataclass(frozen=True)
class Picture:
    """A picture of ``width`` x ``height`` pixels in a layer, leaf ``leaf`` of the program.

    ``here`` is its colour at the current pixel.
    """

    m: Math
    leaf: int
    width: float
    height: float
    here: Pixel
    alpha: bool = True
    """Whether the layer has an alpha plane; else it is opaque inside its bounds."""
    left: float = 0.0
    """Where the picture begins in the layer; positions count from its own corner."""
    top: float = 0.0
    narrow: bool = False
    """Whether the layer has fewer columns than ``bicubic`` reads."""

    def texel(self, column: Number, row: Number, edge: Edge = "clamp") -> Pixel:
        """The pixel that contains the point (column, row)."""
        m = self.m
        x, y = inside(m, column, self.width, edge), inside(m, row, self.height, edge)
        u, v = x + self.left, y + self.top
        r, g, b = (m.texel(self.leaf, channel, u, v) for channel in range(3))
        if self.alpha:
            a = m.texel(self.leaf, 3, u, v)
        elif edge == "clear":
            a = self._covered(x, self.width) * self._covered(y, self.height)
        else:
            a = m.number(1.0)
        return Pixel(Vec3(r, g, b), a)

    def at(self, x: Number, y: Number, *, edge: Edge = "clamp", filter: Filter = "linear") -> Pixel:
        """The colour at any point, interpolated by ``filter``."""
        if filter == "nearest":
            return self.texel(x, y, edge)
        m = self.m
        left, top = m.floor(x - 0.5), m.floor(y - 0.5)
        across, down = x - 0.5 - left, y - 0.5 - top
        weigh = linear if filter == "linear" else cubic
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

    def moved(self, x: Scalar, y: Scalar, step: Footprint, *, edge: Edge = "clear") -> Pixel:
        """The colour that a geometry op shows where it does not minify.

        Uses Catmull-Rom's bicubic, which is exact at pixel centres. A clear edge is a straight
        line, smooth over one canvas pixel however the picture is rotated or enlarged.
        """
        m = self.m
        x, y = _held(m, x), _held(m, y)
        seen = _seen(m, self, x, y, step, edge)
        window = self.left, self.top, self.width, self.height
        if edge in ("mirror", "repeat") or self.narrow or not all(w % 1.0 == 0.0 for w in window):
            found = self.at(x, y, edge="clamp" if edge == "clear" else edge, filter="cubic") * seen
        else:
            left, top, width, height = map(m.number, window)
            look = Look(x, y, left, top, width, height, seen)
            found = _looked(m, "bicubic", self.leaf, look, self.alpha)
        return _finished(m, found, self.alpha, seen)

    def _covered(self, at: Scalar, size: float) -> Scalar:
        return self.m.step(0.0, at) * self.m.apply("lt", at, size)


@dataclass(frozen=True)
class Atlas:
    """The layout of a pyramid's levels in one layer.

    Level 0, the picture, is at the upper left; the smaller levels are in a row below it. A pixel
    of level k covers the 2**k by 2**k pixels of the picture that begin at 2**k times its column
    and row; at odd sizes the last one overhangs the edge. Level k begins at column
    ``2 * slot * (1 - 2**(1 - k))``.
    """

    width: int
    height: int
    levels: int
    """Smaller levels, at least 1."""

    @property
    def slot(self) -> int:
        """Columns reserved for level 1; each further level has half as many."""
        return -(-self.width >> self.levels) << (self.levels - 1)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the layer."""
        row = sum(self.slot >> k for k in range(self.levels))
        return self.height + -(-self.height // 2), max(self.width, row)

    def place(self, level: int) -> tuple[int, int, int, int]:
        """First row, first column, rows and columns of a level."""
        rows, columns = -(-self.height >> level), -(-self.width >> level)
        if level == 0:
            return 0, 0, rows, columns
        return self.height, 2 * self.slot - (4 * self.slot >> level), rows, columns


#: Minified by no more than this, a picture is seen at its own level alone (see ``Pyramid.at``).
FLAT: Final = math.sqrt(2.0)
#: A picture shown at less than 1/256 of its size is a handful of pixels.
MOST_LEVELS: Final = 8


def atlas(height: int, width: int, levels: int | None = None) -> Atlas:
    """The layout for a picture, by default with as many levels as are useful."""
    most = max(1, min(MOST_LEVELS, math.ceil(math.log2(max(width, height, 2)))))
    return Atlas(width, height, most if levels is None else max(1, min(levels, most)))


@dataclass(frozen=True)
class Pyramid:
    """The layer that ``kernels/pyramid.py`` makes of a picture, leaf ``leaf`` of the program."""

    m: Math
    leaf: int
    atlas: Atlas
    alpha: bool = True
    bounds: tuple[float, ...] | None = None
    """Left, top, width and height of the part to which a non-clear edge mode applies; None for the
    whole picture."""

    @property
    def width(self) -> float:
        return float(self.atlas.width)

    @property
    def height(self) -> float:
        return float(self.atlas.height)

    def at(
        self,
        x: Scalar,
        y: Scalar,
        *,
        footprint: Footprint,
        edge: Edge = "clear",
        probes: int = 1,
        sharp: bool = True,
        flat: bool = False,
    ) -> Pixel:
        """The colour of the picture around (x, y), averaged over the pixel's footprint.

        Bicubic, and exact at pixel centres, where the map does not minify; over the first half
        octave this blends into bilinear samples of the two levels around the footprint's size.
        The finer one may be half an octave coarser than the footprint: of everything tried this
        came closest to a Lanczos filter without more aliasing than a tent.

        ``probes``
            Positions sampled along the footprint's long side. With one, the level follows the
            long side, and a picture squeezed one way is blurred the other way too; with n that
            blur begins at an n-fold squeeze. 1 suits maps that stretch alike in all directions.
        ``sharp``
            False omits the bicubic: right where the map minifies by 1.5 or more everywhere.
        ``flat``
            True omits the smaller levels: right where the map nowhere minifies by more than
            ``FLAT``. The leaf may then be the picture alone.
        """
        m = self.m
        x, y = _held(m, x), _held(m, y)
        long_u, long_v, long, short = _axes(m, Footprint(*(_held(m, part) for part in footprint)))
        scale = m.max(m.max(short, long * (1.0 / probes)), 1.0)
        detail = m.clamp(m.log2(scale) - 0.5, 0.0, float(self.atlas.levels))
        finer = m.floor(detail)
        # The probes together span the long side when each is as wide as the scale.
        reach = m.max(long - scale, 0.0) / m.max(long, 1.0)
        seen = _seen(m, self, x, y, footprint, edge)
        far, exact = seen, None
        if sharp:
            blend = m.clamp(2.0 * m.log2(m.max(long, 1.0)))
            far, near = seen * blend, seen * (1.0 - blend)
            exact = self._look(x, y, m.number(0.0), edge, near, sharp=True)
        far = far * (1.0 / probes)
        coarser = m.min(finer + 1.0, float(self.atlas.levels))
        if flat:
            detail = finer = m.number(0.0)
        looks = []
        for n in range(probes):
            u, v = x, y
            if probes > 1:
                along = reach * (n / (probes - 1) - 0.5)
                u, v = x + long_u * along, y + long_v * along
            part = detail - finer
            looks.append(self._look(u, v, finer, edge, far * (1.0 - part)))
            if not flat:
                looks.append(self._look(u, v, coarser, edge, far * part))
        return _finished(m, _sum(looks if exact is None else [exact, *looks]), self.alpha, seen)

    def _look(
        self,
        x: Scalar,
        y: Scalar,
        level: Scalar,
        edge: Edge,
        weight: Scalar,
        sharp: bool = False,
    ) -> Pixel:
        """Bilinear or bicubic taps on one level, weighed."""
        m, down = self.m, self.m.exp2(-level)
        whole = self.bounds in (None, (0.0, 0.0, self.width, self.height))
        if edge == "clear" or (edge == "clamp" and whole):
            count = self._count(self.width, down), self._count(self.height, down)
            window = self._first_column(down), self._first_row(down), *count
            op = "bicubic" if sharp else "bilinear"
            if self.atlas.size[1] >= TAPS[op]:
                return _looked(
                    m, op, self.leaf, Look(x * down, y * down, *window, weight), self.alpha
                )
        u, v = x * down - 0.5, y * down - 0.5
        left, top = m.floor(u), m.floor(v)
        weigh = cubic if sharp else linear
        columns = [(self._column(left + (i + 0.5), down, edge), w) for i, w in weigh(u - left)]
        rows = [(self._row(top + (j + 0.5), down, edge), w) for j, w in weigh(v - top)]
        found = _sum([_sum([self._texel(c, r) * w for c, w in columns]) * h for r, h in rows])
        return found * weight

    def _first_column(self, down: Scalar) -> Scalar:
        """Where a level begins in the layer."""
        return self.m.max(2.0 * self.atlas.slot - 4.0 * self.atlas.slot * down, 0.0)

    def _first_row(self, down: Scalar) -> Scalar:
        return self.m.select(down < 0.75, self.height, 0.0)

    def _count(self, size: float, down: Scalar) -> Scalar:
        """A level's columns or rows: rounded up; less than 1/256 is rounding error."""
        return -self.m.floor(0.002 - down * size)

    def _column(self, at: Scalar, down: Scalar, edge: Edge) -> Scalar:
        """A level's column in the layer."""
        return self._first_column(down) + self._within(at, self.width, down, edge, 0)

    def _row(self, at: Scalar, down: Scalar, edge: Edge) -> Scalar:
        return self._first_row(down) + self._within(at, self.height, down, edge, 1)

    def _within(self, at: Scalar, size: float, down: Scalar, edge: Edge, axis: int) -> Scalar:
        """A level's coordinate, wrapped or clamped to the level by the edge mode."""
        m = self.m
        first, length = 0.0, size
        if self.bounds is not None:
            first, length = self.bounds[axis], self.bounds[axis + 2]
        part = (first, length) != (0.0, size)
        if edge in ("mirror", "repeat") or (edge == "clamp" and part):
            at = (inside(m, at / down - first, length, edge) + first) * down
        return m.clamp(at, 0.25, self._count(size, down) - 0.25)

    def _texel(self, column: Scalar, row: Scalar) -> Pixel:
        m = self.m
        r, g, b = (m.texel(self.leaf, channel, column, row) for channel in range(3))
        return Pixel(
            Vec3(r, g, b), m.texel(self.leaf, 3, column, row) if self.alpha else m.number(1.0)
        )


def inside(m: Math, at: Number, size: float, edge: Edge) -> Scalar:
    """A coordinate brought into 0..size by the edge mode; unchanged for ``clear``."""
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


def _held(m: Math, value: Scalar) -> Scalar:
    """Clamped to finite coordinates, so that distant points get weight 0 instead of NaN."""
    return m.clamp(value, -FARTHEST, FARTHEST)


def _axes(m: Math, step: Footprint) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    """The ellipse that a pixel maps to: its long axis (u, v), and the lengths of both axes.

    The singular values of the map's 2x2 Jacobian, and the eigenvector of the larger one of its
    product with its transpose.
    """
    a, b, c, d = step
    uu, uv, vv = a * a + c * c, a * b + c * d, b * b + d * d
    mean, half = (uu + vv) * 0.5, (uu - vv) * 0.5
    root = m.sqrt(half * half + uv * uv)
    long = m.sqrt(mean + root)
    short = m.abs(a * d - b * c) / m.max(long, TINY)
    # Of two ways to write the eigenvector, the one whose terms do not cancel.
    wide = half >= 0.0
    u, v = m.select(wide, root + half, uv), m.select(wide, uv, root - half)
    unit = long / m.max(m.sqrt(u * u + v * v), TINY)
    return u * unit, v * unit, long, short


def _seen(
    m: Math, of: Picture | Pyramid, x: Scalar, y: Scalar, step: Footprint, edge: Edge
) -> Scalar:
    """The part of a canvas pixel that shows the picture: less than 1 at a clear edge and beyond.

    Samples are weighed with it, so that none are read where it is 0.
    """
    if edge != "clear":
        return m.number(1.0)
    return within(m, x, y, m.number(of.width), m.number(of.height), step)


def _looked(m: Math, op: str, leaf: int, look: Look, alpha: bool) -> Pixel:
    """A weighed look at all planes of a leaf."""
    planes = [m.apply(op, *look, attr=(leaf, plane)) for plane in range(4 if alpha else 3)]
    return Pixel(Vec3(*planes[:3]), planes[3] if alpha else look.weight)


def _finished(m: Math, found: Pixel, alpha: bool, seen: Scalar) -> Pixel:
    """The sampled pixel, weighed by ``seen``, with its coverage between 0 and that."""
    return Pixel(found.rgb, m.clamp(found.a, 0.0, seen) if alpha else seen)


def within(m: Math, x: Scalar, y: Scalar, width: Scalar, height: Scalar, step: Footprint) -> Scalar:
    """The part of a canvas pixel, which shows the surroundings of (x, y), within a rectangle at 0,
    0."""
    across = m.sqrt(step.dudx * step.dudx + step.dudy * step.dudy)
    down = m.sqrt(step.dvdx * step.dvdx + step.dvdy * step.dvdy)
    return _covered(m, x, width, across) * _covered(m, y, height, down)


def _covered(m: Math, at: Scalar, size: float | Scalar, step: Scalar) -> Scalar:
    """The part of a canvas pixel, ``step`` wide there, that is between 0 and ``size``."""
    from_edge = m.min(at, size - at)
    # A pixel just inside the edge is covered by half plus its distance in canvas pixels; one
    # that shows more than the whole picture is covered by only ``size`` of it.
    width = m.max(step, TINY)
    return m.min(m.clamp(from_edge / width + 0.5), size / width)


def _sum(pixels: list[Pixel]) -> Pixel:
    total = pixels[0]
    for pixel in pixels[1:]:
        total = total + pixel
    return total
