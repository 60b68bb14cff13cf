"""``bilinear`` and ``bicubic``: functions that look at all planes of a leaf around a position.

The taps of a row are adjacent in memory, so one load of two or four samples reads them, without
gathers. Each lane sums its weighted rows as one short vector; four lanes are transposed, and their
columns weighted in parallel. At the edges of the window, rows are read again, and the run of
columns is moved inward with its weights, so that all lanes run the same code.

Nothing is read if the weights of all lanes are 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vedc.codegen.llvm.host import Host
from vedc.codegen.llvm.vector import Builder
from vedc.expr.nodes import Expr, node
from vedc.expr.rules import simplify
from vedc.expr.taps import TAPS, cubic, linear

#: The weights as functions of the position between two pixels, here ``x``.
BETWEEN = node("x")
#: Lanes transposed together.
_QUAD = 4


def weights(op: str) -> list[Expr]:
    return simplify([w for _, w in (linear if op == "bilinear" else cubic)(BETWEEN)])


class TapsFunction:
    """The body of a function of ``taps.Look``'s arguments, which are named ``%u`` and so on.

    ``bases`` are the planes' addresses, ``width`` and ``height`` the leaf's. ``entry`` builds the
    function's first block.
    """

    def __init__(
        self, entry: Builder, b: Builder, op: str, bases: Sequence[str], width: str, height: str
    ) -> None:
        self.entry, self.b, self.taps = entry, b, TAPS[op]
        self.bases, self.width, self.height = bases, width, height
        self.short = f"<{self.taps} x float>"

    def nothing(self) -> str:
        """Whether all weights are 0."""
        b = self.b
        there = b.emit(f"bitcast {b.b} {b.compare('une', '%weight', b.const(0.0))} to i{b.lanes}")
        return b.emit(f"icmp eq i{b.lanes} {there}, 0")

    def whole(self, value: str) -> str:
        """A number as an integer: for NaN an arbitrary one, which later clamps bring inside."""
        return self.b.emit(f"freeze {self.b.i} {self.b.to_int(value)}")

    def within(self, at: str, most: str) -> str:
        return self.b.ilarger(self.b.ismaller(at, most), self.b.iconst(0))

    def between(self, position: str) -> tuple[str, str]:
        """The first tap of a position, and the fraction between its middle taps."""
        b = self.b
        shifted = b.sub(position, b.const(0.5))
        below = b.unary("floor", shifted)
        first = b.iadd(self.whole(below), b.iconst(1 - self.taps // 2))
        return first, b.sub(shifted, below)

    def columns(
        self, first: str, across: list[str], left: str, columns: str
    ) -> tuple[str, list[str]]:
        """The start of the run of taps in the leaf, and the weights of its samples."""
        b, n = self.b, self.taps
        left, last = self.whole(left), b.iadd(self.whole(columns), b.iconst(-1))
        ends = b.iadd(first, b.iconst(n - 1))
        before = b.emit(f"icmp sge {b.i} {first}, {b.iconst(0)}")
        after = b.emit(f"icmp sle {b.i} {ends}, {last}")
        bits = b.emit(f"bitcast {b.b} {b.emit(f'and {b.b} {before}, {after}')} to i{b.lanes}")
        inside = b.emit(f"icmp eq i{b.lanes} {bits}, -1")
        begin = b.iadd(left, self.within(first, last))
        furthest = b.iadd(self.width, b.iconst(-n))
        start = self.within(begin, furthest)
        here, edge, join = (b.module.label(stem) for stem in ("here", "edge", "placed"))
        b.do(f"br label %{here}")
        b.label(here)
        b.do(f"br i1 {inside}, label %{join}, label %{edge}")
        b.label(edge)
        moved = [b.const(0.0)] * n
        for tap, weight in enumerate(across):
            column = self.within(b.iadd(first, b.iconst(tap)), last)
            place = b.emit(f"sub {b.i} {b.iadd(left, column)}, {start}")
            for k in range(n):
                same = b.emit(f"icmp eq {b.i} {place}, {b.iconst(k)}")
                moved[k] = b.add(moved[k], b.choose(same, weight, b.const(0.0)))
        b.do(f"br label %{join}")
        b.label(join)
        return start, [
            b.emit(f"phi {b.f} [ {a}, %{here} ], [ {z}, %{edge} ]")
            for a, z in zip(across, moved, strict=True)
        ]

    def rows(self, first: str, start: str, stride: str, top: str, rows: str) -> list[str]:
        """Index in the plane of the first sample of each row of taps."""
        b = self.b
        top, last = self.whole(top), b.iadd(self.whole(rows), b.iconst(-1))
        bottom = b.iadd(self.height, b.iconst(-1))
        places = []
        for tap in range(self.taps):
            row = b.iadd(top, self.within(b.iadd(first, b.iconst(tap)), last))
            places.append(b.iadd(b.imul(self.within(row, bottom), stride), start))
        return places

    def sums(self, places: list[str], down: list[str], across: list[str]) -> list[str]:
        """The planes' values."""
        where = [self.spilled(self.b.i, place) for place in places]
        high = [self.spilled(self.b.f, weight) for weight in down]
        lanes = [self._lane(where, high, lane) for lane in range(self.b.lanes)]
        return [weighed(self.b, list(plane), across) for plane in zip(*lanes, strict=True)]

    def spilled(self, kind: str, value: str) -> str:
        """A vector in memory, from which lanes are read one by one."""
        place = self.entry.emit(f"alloca {kind}, align 64")
        self.b.do(f"store {kind} {value}, ptr {place}, align 64")
        return place

    def _lane(self, where: list[str], high: list[str], lane: int) -> list[str]:
        """The sum of a lane's rows: a short vector for each plane."""
        b, totals = self.b, [""] * len(self.bases)
        for tap, (place, weight) in enumerate(zip(where, high, strict=True)):
            index = element(b, "i32", place, lane)
            factor = element(b, "float", weight, lane)
            factor = b.emit(f"insertelement {self.short} poison, float {factor}, i64 0")
            factor = b.emit(
                f"shufflevector {self.short} {factor}, {self.short} poison, "
                f"<{self.taps} x i32> zeroinitializer"
            )
            for plane, base in enumerate(self.bases):
                from_ = b.emit(f"getelementptr float, ptr {base}, i32 {index}")
                row = b.emit(f"load {self.short}, ptr {from_}, align 4")
                if tap == 0:
                    totals[plane] = b.emit(f"fmul contract {self.short} {row}, {factor}")
                else:
                    operands = (f"{self.short} {value}" for value in (row, factor, totals[plane]))
                    name = f"llvm.fmuladd.v{self.taps}f32"
                    totals[plane] = b.call(self.short, name, *operands)
        return totals


def element(b: Builder, kind: str, place: str, lane: int) -> str:
    """An element of a vector in memory."""
    at = b.emit(f"getelementptr {kind}, ptr {place}, i64 {lane}")
    return b.emit(f"load {kind}, ptr {at}, align 4")


def weighed(b: Builder, runs: list[str], wide: list[str]) -> str:
    """The weighted sum of each lane's run, a short vector.

    Lanes are transposed in fours, all fours at once: operations within 128-bit parts are cheapest.
    """
    fours = range(0, b.lanes, _QUAD)

    def picked(x: str, y: str, *picks: int) -> str:
        """Elements of the fours of two vectors; ``y``'s are numbered from 4."""
        places = (
            four + pick + (b.lanes - _QUAD if pick >= _QUAD else 0)
            for four in fours
            for pick in picks
        )
        mask = ", ".join(f"i32 {place}" for place in places)
        return b.emit(f"shufflevector {b.f} {x}, {b.f} {y}, {b.i} <{mask}>")

    if len(wide) == 2:
        pairs = [_joined(b, runs[k : k + 2], 2) for k in range(0, b.lanes, 2)]
        even, odd = _joined(b, pairs[::2], 4), _joined(b, pairs[1::2], 4)
        columns = [picked(even, odd, k, k + 2, k + 4, k + 6) for k in (0, 1)]
    else:
        one, two, three, four = (_joined(b, runs[k::_QUAD], 4) for k in range(_QUAD))
        halves = [
            [picked(x, y, first, first + 4, first + 1, first + 5) for first in (0, 2)]
            for x, y in ((one, two), (three, four))
        ]
        columns = [
            picked(x, y, *picks)
            for x, y in zip(*halves, strict=True)
            for picks in ((0, 1, 4, 5), (2, 3, 6, 7))
        ]
    total = b.mul(columns[0], wide[0])
    for column, weight in zip(columns[1:], wide[1:], strict=True):
        total = b.fma(column, weight, total)
    return total


def _joined(b: Builder, parts: list[str], size: int) -> str:
    """Vectors of ``size``, concatenated."""
    while len(parts) > 1:
        kind, picks = f"<{size} x float>", ", ".join(f"i32 {k}" for k in range(2 * size))
        parts = [
            b.emit(f"shufflevector {kind} {x}, {kind} {y}, <{2 * size} x i32> <{picks}>")
            for x, y in zip(parts[::2], parts[1::2], strict=True)
        ]
        size *= 2
    return parts[0]


#: The most vectors of a line loaded for runs that lie close together.
NEAR: Final = 3


def near_vectors(host: Host) -> Sequence[int]:
    """The numbers of vectors that :func:`near` takes on a machine, the cheapest first."""
    return (1, 2, NEAR) if host.avx512 else (1,) if host.picks else ()


def near(b: Builder, line: str, index: str, wide: list[str], vectors: int) -> str:
    """Equal to :func:`weighed`, to the bit, for runs that lie close together behind ``line``, each
    lane's at its ``index``.

    If no index exceeds a vector, all lanes' samples of a tap are in the vector that begins at that
    tap. Beyond it, AVX-512 picks elements of two vectors by number; a third provides those beyond
    them.
    """

    def loaded(at: int) -> str:
        place = b.emit(f"getelementptr float, ptr {line}, i64 {at}")
        return b.emit(f"load {b.f}, ptr {place}, align 4")

    def picked(vector: str, at: str) -> str:
        wide = b.module.host.avx512
        name = "llvm.x86.avx512.permvar.sf.512" if wide else "llvm.x86.avx2.permps"
        return b.call(b.f, name, f"{b.f} {vector}", f"{b.i} {at}")

    parts = [loaded(k * b.lanes) for k in range(vectors)] if vectors > 1 else []
    total = ""
    for tap, weight in enumerate(wide):
        if vectors == 1:
            column = picked(loaded(tap), index)
        else:
            at = b.iadd(index, b.iconst(tap)) if tap else index
            name = "llvm.x86.avx512.vpermi2var.ps.512"
            first, second = parts[:2]
            column = b.call(b.f, name, f"{b.f} {first}", f"{b.i} {at}", f"{b.f} {second}")
            if vectors == NEAR:
                beyond = b.emit(f"icmp sge {b.i} {at}, {b.iconst(2 * b.lanes)}")
                column = b.choose(beyond, picked(parts[2], at), column)
        total = b.fma(column, weight, total) if total else b.mul(column, weight)
    return total
