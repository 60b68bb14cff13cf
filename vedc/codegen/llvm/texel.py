"""``texel``: reading a sampled leaf's planes at any position.

Rows and columns are integers, and an index counts samples rather than bytes, so that 2**31 of
them are addressable. Lanes outside the plane touch no memory.

If the lanes read adjacent columns of one row, as under a map that only moves the picture, two loads
and a shuffle replace a gather that takes ten times as long. This is tested at run time, once for
all planes read at a position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from vedc.codegen.arguments import ArgumentLayout
from vedc.codegen.llvm.taps import BETWEEN, TapsFunction, weights
from vedc.codegen.llvm.vector import Builder
from vedc.expr.nodes import Expr, walk
from vedc.expr.taps import TAPS
from vedc.support.lazy_dataclass import dataclass

#: In a function that reads more positions than this, reading one is a separate function.
MOST_INLINE: Final = 128

#: A field of the argument block, as a value of the entry block: its number and type.
Field = Callable[[int, str], str]
#: The value of an expression for the values of its arguments.
Compute = Callable[[Builder, Expr, list[str]], str]


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """Positions of lanes along one axis: integers, and whether they are inside."""

    number: str
    inside: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Positions of lanes in one plane, and which of them are inside."""

    index: str
    mask: str


def struct_of(b: Builder, count: int) -> str:
    """The type of a function's several results."""
    return "{ " + ", ".join([b.f] * count) + " }"


class Sampler:
    """Code for the texels of one function; values that taps share are computed once.

    ``argument`` reads the arguments, ``entry`` builds the function's first block, ``compute`` does
    arithmetic. Taps share values within one builder and only until the next ``begin``, after which
    code may belong to another branch.
    """

    def __init__(
        self, arguments: ArgumentLayout, argument: Field, entry: Builder, compute: Compute
    ) -> None:
        self.arguments, self.argument, self.entry = arguments, argument, entry
        self.compute = compute
        self._uniform: dict[tuple[int, bool], str] = {}
        self._axes: dict[tuple[Builder, int, str], _Axis] = {}
        self._masks: dict[tuple[_Axis, _Axis], str] = {}
        self._starts: dict[tuple[int, _Axis], str] = {}
        self._places: dict[tuple[int, _Axis, _Axis], _Place] = {}
        self._runs: dict[tuple[_Axis, int], tuple[str, str]] = {}
        self._rows: dict[tuple[int, _Axis], str] = {}
        self._found: dict[tuple[int, int, str, str], str] = {}
        self._planes: dict[tuple[int, tuple[Expr, ...]], list[int]] = {}
        self._looks: dict[tuple[str, int, tuple[Expr, ...]], list[int]] = {}
        self._looked: dict[tuple[object, ...], str] = {}
        self._branching: Builder | None = None
        self._step = 1
        self._apart = False
        self.called: dict[tuple[int, tuple[int, ...], int], str] = {}
        """Functions that read a position: leaf, planes and step -> name."""
        self.looks: dict[tuple[str, int, tuple[int, ...]], str] = {}
        """Functions that look around a position: opcode, leaf and planes -> name."""

    def begin(self, exprs: Iterable[Expr], branching: Builder, step: int) -> None:
        """Start code for different expressions.

        ``branching`` is the builder that may contain branches; its lanes are ``step`` canvas
        columns apart.
        """
        caches: tuple[dict[Any, Any], ...] = (
            self._axes, self._masks, self._starts, self._places,
            self._runs, self._rows, self._found, self._planes, self._looks, self._looked,
        )  # fmt: skip
        for shared in caches:
            shared.clear()
        self._branching, self._step = branching, step
        for e in exprs:
            if e.op == "texel" and isinstance(e.attr, tuple):
                leaf, plane = e.attr
                self._planes.setdefault((leaf, e.args), []).append(plane)
            elif e.op in TAPS and isinstance(e.attr, tuple):
                leaf, plane = e.attr
                self._looks.setdefault((e.op, leaf, e.args), []).append(plane)
        self._apart = len(self._planes) > MOST_INLINE

    def look(self, b: Builder, e: Expr, args: list[str]) -> str:
        """The result of ``bilinear`` or ``bicubic``, by a function that looks at all planes."""
        assert isinstance(e.attr, tuple)
        leaf, plane = e.attr
        key = (b, e.op, leaf, *args)
        planes = tuple(sorted(set(self._looks.get((e.op, leaf, e.args), [plane]))))
        if key not in self._looked:
            name = self.looks.setdefault((e.op, leaf, planes), f"taps{len(self.looks)}")
            operands = ", ".join(f"{b.f} {value}" for value in args)
            self._looked[key] = b.emit(
                f"call {struct_of(b, len(planes))} @{name}(ptr %args, {operands})"
            )
        kind = struct_of(b, len(planes))
        return b.emit(f"extractvalue {kind} {self._looked[key]}, {planes.index(plane)}")

    def look_function(self, b: Builder, op: str, leaf: int, planes: Sequence[int]) -> str:
        """The body of such a function, in ``b``; the entry block is this sampler's."""
        kind = struct_of(b, len(planes))
        made = self.taps_function(b, op, leaf, planes)
        empty, full = b.module.label("empty"), b.module.label("full")
        b.do(f"br i1 {made.nothing()}, label %{empty}, label %{full}")
        b.label(empty)
        b.do(f"ret {kind} zeroinitializer")
        b.label(full)
        (column, across), (row, down) = made.between("%u"), made.between("%v")
        wide, high = self.weights(b, op, across), self.weights(b, op, down)
        start, wide = made.columns(column, wide, "%left", "%columns")
        high = [b.mul(weight, "%weight") for weight in high]
        places = made.rows(row, start, self.stride(leaf, planes[0]), "%top", "%rows")
        result = "poison"
        for k, value in enumerate(made.sums(places, high, wide)):
            result = b.emit(f"insertvalue {kind} {result}, {b.f} {value}, {k}")
        b.do(f"ret {kind} {result}")
        return kind

    def taps_function(self, b: Builder, op: str, leaf: int, planes: Sequence[int]) -> TapsFunction:
        """The common part of such functions, for planes of a leaf."""
        bases = [self.argument(self.arguments.leaf_plane(leaf, plane), "ptr") for plane in planes]
        place = self.arguments.leaf_place(leaf)
        size = [self._lanes(place + axis, samples=False) for axis in (2, 3)]
        return TapsFunction(self.entry, b, op, bases, *size)

    def stride(self, leaf: int, plane: int) -> str:
        """Samples from a row of a plane to the next, in every lane."""
        return self._lanes(self.arguments.leaf_plane(leaf, plane) + 1, samples=True)

    def weights(self, b: Builder, op: str, between: str) -> list[str]:
        """The weights of a run for positions between its middle taps."""
        wanted, found = weights(op), {BETWEEN: between}
        for e in walk(wanted):
            if e not in found:
                found[e] = self.compute(b, e, [found[a] for a in e.args])
        return [found[e] for e in wanted]

    def texel(self, b: Builder, e: Expr, x: str, y: str) -> str:
        """The sample that holds the point (x, y) of the leaf's own pixels; 0 outside."""
        assert isinstance(e.attr, tuple)
        leaf, plane = e.attr
        key = (leaf, plane, x, y)
        if b is not self._branching:
            return self._gathered(b, leaf, plane, self._place(b, leaf, plane, x, y))
        if key not in self._found:
            planes = self._planes.get((leaf, e.args), [plane])
            read = self._call if self._apart else self.read
            for at, value in zip(planes, read(b, leaf, planes, x, y), strict=True):
                self._found[leaf, at, x, y] = value
        return self._found[key]

    def _call(self, b: Builder, leaf: int, planes: list[int], x: str, y: str) -> list[str]:
        """The same by calling a function, which compiles many times faster."""
        key = (leaf, tuple(planes), self._step)
        name = self.called.setdefault(key, f"look{len(self.called)}")
        kind = struct_of(b, len(planes))
        found = b.emit(f"call {kind} @{name}(ptr %args, {b.f} {x}, {b.f} {y})")
        return [b.emit(f"extractvalue {kind} {found}, {k}") for k in range(len(planes))]

    def read(self, b: Builder, leaf: int, planes: list[int], x: str, y: str) -> list[str]:
        """All planes read at a position: as a run of columns, or one lane at a time."""
        places = [self._place(b, leaf, plane, x, y) for plane in planes]
        column, row = self._axes_of(b, leaf, x, y)
        next_to, first = self._run(b, column, self._step)
        level, top = self._run(b, row, 0)
        starts = [self._row(b, leaf, plane, row, top) for plane in planes]
        run = b.emit(f"and i1 {next_to}, {level}")
        near, far, join = (b.module.label(stem) for stem in ("near", "far", "looked"))
        b.do(f"br i1 {run}, label %{near}, label %{far}")
        b.label(near)
        loaded = [self._loaded(b, start, first) for start in starts]
        b.do(f"br label %{join}")
        b.label(far)
        gathered = [
            self._gathered(b, leaf, plane, at) for plane, at in zip(planes, places, strict=True)
        ]
        b.do(f"br label %{join}")
        b.label(join)
        return [
            b.emit(f"phi {b.f} [ {a}, %{near} ], [ {z}, %{far} ]")
            for a, z in zip(loaded, gathered, strict=True)
        ]

    def _gathered(self, b: Builder, leaf: int, plane: int, at: _Place) -> str:
        field = self.arguments.leaf_plane(leaf, plane)
        base = self.argument(field, "ptr")
        if b.module.host.avx512:
            return b.gather("float", base, at.index, at.mask)
        # Without fast gathers LLVM turns a masked one into a branch per lane, which takes many
        # times as long to compile; so lanes outside read the first sample instead.
        index = b.emit(f"select {b.b} {at.mask}, {b.i} {at.index}, {b.i} zeroinitializer")
        return b.choose(at.mask, b.gather("float", base, index), b.const(0.0))

    def _row(self, b: Builder, leaf: int, plane: int, row: _Axis, number: str) -> str:
        """The address of the row that the first lane reads, in a plane."""
        field = self.arguments.leaf_plane(leaf, plane)
        key = (field, row)
        if key not in self._rows:
            base, stride = self.argument(field, "ptr"), self.argument(field + 1, "i64")
            wide = b.emit(f"sext i32 {number} to i64")
            offset = b.emit(f"mul i64 {wide}, {stride}")
            self._rows[key] = b.emit(f"getelementptr i8, ptr {base}, i64 {offset}")
        return self._rows[key]

    def _loaded(self, b: Builder, row: str, first: str) -> str:
        """The samples of a run: every ``step``-th of the row, starting with the first lane's."""
        start = b.emit(f"getelementptr float, ptr {row}, i32 {first}")
        low = b.emit(f"load {b.f}, ptr {start}, align 4")
        if self._step == 1:
            return low
        assert self._step == 2
        # The second load ends with the last lane's sample: none beyond it is touched.
        skip = b.lanes - 1
        end = b.emit(f"getelementptr float, ptr {start}, i32 {skip}")
        high = b.emit(f"load {b.f}, ptr {end}, align 4")
        picks = ", ".join(
            f"i32 {2 * k if 2 * k < b.lanes else 2 * k - skip + b.lanes}" for k in range(b.lanes)
        )
        return b.emit(f"shufflevector {b.f} {low}, {b.f} {high}, {b.i} <{picks}>")

    def _run(self, b: Builder, axis: _Axis, step: int) -> tuple[str, str]:
        """Whether all lanes are inside and ``step`` apart, and the position of the first."""
        key = (axis, step)
        if key not in self._runs:
            first = b.emit(f"extractelement {b.i} {axis.number}, i64 0")
            wanted = b.splat("i32", first)
            if step:
                wanted = b.iadd(wanted, b.iota(0, step))
            equal = b.emit(f"icmp eq {b.i} {axis.number}, {wanted}")
            both = b.emit(f"and {b.b} {equal}, {axis.inside}")
            bits = b.emit(f"bitcast {b.b} {both} to i{b.lanes}")
            self._runs[key] = b.emit(f"icmp eq i{b.lanes} {bits}, -1"), first
        return self._runs[key]

    def _place(self, b: Builder, leaf: int, plane: int, x: str, y: str) -> _Place:
        column, row = both = self._axes_of(b, leaf, x, y)
        field = self.arguments.leaf_plane(leaf, plane)
        key = (field, *both)
        if key not in self._places:
            if both not in self._masks:
                self._masks[both] = b.emit(f"and {b.b} {column.inside}, {row.inside}")
            start = (field, row)
            if start not in self._starts:
                self._starts[start] = b.imul(row.number, self._lanes(field + 1, samples=True))
            index = b.iadd(self._starts[start], column.number)
            self._places[key] = _Place(index, self._masks[both])
        return self._places[key]

    def _axes_of(self, b: Builder, leaf: int, x: str, y: str) -> tuple[_Axis, _Axis]:
        place = self.arguments.leaf_place(leaf)
        return self._axis(b, place + 2, x), self._axis(b, place + 3, y)

    def _axis(self, b: Builder, size: int, at: str) -> _Axis:
        """The lanes' positions along the axis whose length is field ``size``."""
        key = (b, size, at)
        if key not in self._axes:
            above = b.compare("oge", at, b.const(0.0))  # false for NaN
            length = b.to_float(self._lanes(size, samples=False))
            below = b.compare("olt", at, length)
            inside = b.emit(f"and {b.b} {above}, {below}")
            self._axes[key] = _Axis(b.to_int(at), inside)
        return self._axes[key]

    def _lanes(self, field: int, *, samples: bool) -> str:
        """A field in every lane; with ``samples``, a stride in bytes as a number of samples."""
        key = (field, samples)
        if key not in self._uniform:
            number = self.argument(field, "i64")
            if samples:
                number = self.entry.emit(f"ashr i64 {number}, 2")
            small = self.entry.emit(f"trunc i64 {number} to i32")
            self._uniform[key] = self.entry.splat("i32", small)
        return self._uniform[key]
