"""Looks at a leaf along its axes, as under a map that only scales and moves the picture.

If the leaf's column depends only on the canvas column, and its row only on the canvas row, the sums
over rows can be shared by all columns. So a call first records for each canvas column the start and
the weights of its run of taps; each block row first sums rows of the leaf, a vector at a time, into
lines; and a pixel is a weighted sum of a run of a line.

Looks that are needed all along the row have their runs summed at once, those for luma and chroma
together; where a look's weight varies, runs are summed as far as it is not 0. The mean over a block
is taken from one line, of the sums of all its rows, if its factors vary with rows or columns alone
(``block_terms``).

If the map does not minify, the runs of adjacent pixels lie so close together that AVX2 can pick the
samples of a tap from one vector, AVX-512 from up to three. Otherwise runs are loaded one by one.

Everything depends only on a canvas row and column, so bands agree to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from typing import NamedTuple

from vedc.codegen.block_terms import Axis, Term, terms_of
from vedc.codegen.llvm.context import COLUMN, GROUP, ROW, FunctionContext
from vedc.codegen.llvm.line_code import Key, LineCode, unweighed
from vedc.codegen.llvm.taps import NEAR
from vedc.codegen.llvm.texel import struct_of
from vedc.expr.nodes import FETCHING, Expr, walk
from vedc.expr.taps import TAPS, Look
from vedc.support.lazy_dataclass import dataclass

#: A value at a column and row of the block, in the builder that runs least often.
Value = Callable[[Expr, int, int], str]

#: The most looks of one function with lines: these are on a thread's stack.
_MOST = 16


class Sums(NamedTuple):
    """What a line adds up."""

    rows: tuple[int, ...]
    """Rows of the block ..."""
    factors: tuple[Expr, ...]
    """... and the factors of each."""
    columns: int
    """Columns of the block whose sums of runs it holds, 1 for their sum over all; 0 if it holds no
    runs: these are summed where a look's own weight differs from 0."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Values that the entry block prepares for a look."""

    table: str
    """For each canvas column the start and the weights of its run, by vectors of adjacent columns;
    with AVX2 also the start of a vector's first run, and the number of samples that its runs
    span."""
    first: str
    """The leftmost column read of the leaf, as i64 ..."""
    count: str
    """... and the number of columns."""
    number: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a block row."""

    planes: tuple[int, ...]
    address: str
    there: str
    """Whether it was computed: not if all its rows' factors are 0."""


class Lines:
    """The looks of one function that are computed line by line."""

    def __init__(self, c: FunctionContext) -> None:
        self.c = c
        self.code = LineCode(c.program, c.module, c.columns)
        self._planes: dict[tuple[Key, Sums], set[int]] = {}
        self._made: dict[Key, _Made] = {}
        self._lines: dict[tuple[Key, Sums], _Line] = {}
        self._ready: dict[Key, dict[tuple[Sums, int, int], str]] = {}
        self._found: dict[tuple[Key, Sums], dict[int, list[str]]] = {}
        self._separable: dict[Key, bool] = {}
        self._terms: dict[Expr, tuple[Term, ...]] = {}
        self._own: dict[Expr, Term] = {}

    def expect(self, full: Iterable[Expr], narrow: Iterable[Expr]) -> None:
        """Record the looks of a variant of the body, before code for any is emitted.

        ``full`` are computed for each pixel, ``narrow`` averaged over the block.
        """
        full, means = list(full), list[Term]()
        known = set(walk(full))
        for part in narrow:
            found = self.mean_terms(part, known)
            means += found
            full += [] if found else [part]
        for e in walk(full):
            if self.separable(e):
                for row in range(self.c.rows):
                    self._expect(e, self._of_pixels(self._pixel_term(e), row))
        for term in means:
            self._expect(term.look, self._of_block(term))

    def _expect(self, e: Expr, sums: Sums) -> None:
        key, plane = _key(e)
        self._planes.setdefault((key, sums), set()).add(plane)

    def begin(self) -> None:
        """Start the code of another branch of the body."""
        self._found.clear()

    def separable(self, e: Expr) -> bool:
        """Whether a node is such a look with room for its lines."""
        if e.op not in TAPS or not isinstance(e.attr, tuple):
            return False
        key, _ = _key(e)
        if key not in self._separable:
            look = Look(*e.args)
            across = look.u, look.left, look.columns
            down = look.v, look.top, look.rows
            plain = not any(n.op in FETCHING or n.op in ("load", "memo") for n in walk(across))
            self._separable[key] = (
                sum(self._separable.values()) < _MOST
                and plain
                and bool(self.c.varies(look.u) & GROUP)
                and not any(self.c.varies(part) & ROW for part in across)
                and not any(self.c.varies(part) & (GROUP | COLUMN) for part in down)
            )
        return self._separable[key]

    def mean_terms(self, e: Expr, known: Set[Expr]) -> tuple[Term, ...]:
        """The terms of a mean over the block that is cheaper to compute from lines; ``known`` is
        computed for each pixel anyway."""
        if self.c.rows * self.c.columns == 1:
            return ()
        if e not in self._terms:
            self._terms[e] = terms_of(e, self.separable, self._axis)
        found = self._terms[e]
        return () if any(term.look in known for term in found) else found

    def _axis(self, e: Expr) -> Axis:
        varies = self.c.varies(e)
        if not varies & (GROUP | COLUMN):
            return "rows"
        return "both" if varies & ROW else "columns"

    def _pixel_term(self, e: Expr) -> Term:
        """A look, with its weight as factors where it is a product."""
        if e not in self._own:
            whole = Term(e, (), (Look(*e.args).weight,))
            self._own[e] = next(iter(terms_of(e, self.separable, self._axis)), whole)
        return self._own[e]

    def _of_pixels(self, term: Term, row: int) -> Sums:
        return Sums((row,), term.by_row, self.c.columns if self._everywhere(term) else 0)

    def _of_block(self, term: Term) -> Sums:
        columns = self.c.columns if term.by_column else 1
        rows = tuple(range(self.c.rows))
        return Sums(rows, term.by_row, columns if self._everywhere(term) else 0)

    def _everywhere(self, term: Term) -> bool:
        """Whether a look's own weight is the same all along a row."""
        return self._axis(Look(*term.look.args).weight) == "rows"

    def look(self, e: Expr, column: int, row: int, value: Value) -> str:
        """The value of a look at a pixel of the block."""
        term = self._pixel_term(e)
        return self._value(term, self._of_pixels(term, row), column, value)

    def mean(self, terms: Sequence[Term], value: Value) -> str:
        """The sum of terms over the pixels of the block."""
        b, total = self.c.body, ""
        for term in terms:
            for column in range(self.c.columns if term.by_column else 1):
                part = self._value(term, self._of_block(term), column, value)
                if not total:
                    total = b.neg(part) if term.negative else part
                else:
                    total = b.sub(total, part) if term.negative else b.add(total, part)
        return total

    def _value(self, term: Term, sums: Sums, column: int, value: Value) -> str:
        """The sum of a term over some rows of a column of the block."""
        b, row = self.c.body, sums.rows[0]
        key, plane = _key(term.look)
        if (key, sums) not in self._found:
            scales = [
                [value(factor, at, row) for factor in term.by_column]
                for at in range(0 if sums.columns else self.c.columns)
            ]
            self._found[key, sums] = self._read(key, sums, scales, value)
        result = self._found[key, sums][plane][column]
        for factor in term.by_column:
            result = b.mul(result, value(factor, column, row))
        return result

    def _read(
        self, key: Key, sums: Sums, scales: list[list[str]], value: Value
    ) -> dict[int, list[str]]:
        """The sums of all pixels of a group, by plane and column of the block. ``scales`` are the
        factors by column: without ready sums, runs are read where they differ from 0."""
        b = self.c.body
        made = self._made.get(key) or self._prepared(key)
        if sums.columns:
            return self._loaded(key, made, sums, value)
        line = self._lines.get((key, sums))
        if line is None:
            line = self._lines[key, sums] = self._line(key, made, sums, value)
        there = line.there
        somewhere = "0"
        for factors in scales:
            product = factors[0]
            for factor in factors[1:]:
                product = b.mul(product, factor)
            lanes = b.emit(f"bitcast {b.b} {b.compare('une', product, b.const(0.0))} to i{b.lanes}")
            somewhere = b.emit(f"or i{b.lanes} {somewhere}, {lanes}")
        some = b.emit(f"icmp ne i{b.lanes} {somewhere}, 0")
        there = some if there == "true" else b.emit(f"and i1 {some}, {there}")
        kind = struct_of(b, len(line.planes))
        across = self.code.vector(key[0], len(line.planes))
        vectors = []
        for vector in range(self.c.columns):
            at = b.emit(f"add i64 {self.c.x}, {vector * b.lanes}")
            at = b.emit(f"mul i64 {at}, {self.code.slot(key[0])}")
            at = b.emit(f"getelementptr i8, ptr {made.table}, i64 {at}")
            vectors.append(
                b.emit(
                    f"call {kind} @{across}(i1 {there}, ptr {at}, ptr {line.address}, "
                    f"i64 {made.first}, i64 {made.count})"
                )
            )
        return {
            plane: b.apart([b.emit(f"extractvalue {kind} {part}, {k}") for part in vectors])
            for k, plane in enumerate(line.planes)
        }

    def _loaded(self, key: Key, made: _Made, sums: Sums, value: Value) -> dict[int, list[str]]:
        """The same where the head of the row has summed the runs."""
        b, found = self.c.body, dict[int, list[str]]()
        if key not in self._ready:
            self._ready[key] = self._made_ready(key, made, value)
        for plane in sorted(self._planes[key, sums]):
            for column in range(sums.columns):
                place = self._ready[key][sums, plane, column]
                place = b.emit(f"getelementptr float, ptr {place}, i64 %group")
                vector = b.emit(f"load {b.f}, ptr {place}, align 4")
                found.setdefault(plane, []).append(vector)
        return found

    def _made_ready(self, key: Key, made: _Made, value: Value) -> dict[tuple[Sums, int, int], str]:
        """Sums runs of all lines with a table in common, at once: these share its weights. Returns
        where they are, by plane and column."""
        c, entry, head = self.c, self.c.entry, self.c.head
        wanted = [s for k, s in self._planes if k == key and s.columns]
        planes = {s: sorted(self._planes[key, s]) for s in wanted}
        line = self._line_room(made, sum(map(len, planes.values())))
        there, skip = "", 0
        for each in wanted:
            start = head.emit(f"mul i64 {made.count}, {4 * skip}")
            start = head.emit(f"getelementptr i8, ptr {line}, i64 {start}")
            one = self._line(key, made, each, value, start).there
            there = head.emit(f"or i1 {there}, {one}") if there else one
            skip += len(planes[each])
        size = entry.emit(f"mul i64 {entry.emit(f'add i64 {c.blocks}, {c.module.lanes}')}, 4")
        columns = tuple(each.columns for each in wanted for _ in planes[each])
        room = entry.emit(f"mul i64 {size}, {sum(columns)}")
        room = entry.emit(f"alloca i8, i64 {room}, align 64")
        head.do(
            f"call void @{self.code.whole(key[0], columns)}(i1 {there}, ptr {made.table}, "
            f"ptr {line}, i64 {made.first}, i64 {made.count}, ptr {room}, i64 {size}, "
            f"i64 {c.width})"
        )
        places: dict[tuple[Sums, int, int], str] = {}
        for each in wanted:
            for plane in planes[each]:
                for column in range(each.columns):
                    at = entry.emit(f"mul i64 {size}, {len(places)}")
                    place = entry.emit(f"getelementptr i8, ptr {room}, i64 {at}")
                    places[each, plane, column] = place
        return places

    def _line_room(self, made: _Made, planes: int) -> str:
        """Memory for lines."""
        entry = self.c.entry
        size = entry.emit(f"mul i64 {made.count}, {4 * planes}")
        # Vectors that runs are picked from may extend beyond the last one.
        size = entry.emit(f"add i64 {size}, {4 * NEAR * self.c.module.lanes}")
        return entry.emit(f"alloca i8, i64 {size}, align 64")

    # -- the entry block: columns ---------------------------------------------------------

    def _prepared(self, key: Key) -> _Made:
        c, entry, op = self.c, self.c.entry, key[0]
        number = len(self._made)
        lanes = entry.lanes
        room = entry.emit(f"add i64 {c.blocks}, {lanes}")
        room = entry.emit(f"mul i64 {room}, {c.columns * self.code.slot(op)}")
        table = entry.emit(f"alloca i8, i64 {room}, align 64")
        span = entry.emit(f"call {{ i32, i32 }} @{self.code.table(key)}(ptr %args, ptr {table})")
        first, end = (
            entry.emit(f"sext i32 {entry.emit(f'extractvalue {{ i32, i32 }} {span}, {k}')} to i64")
            for k in (0, 1)
        )
        count = entry.emit(f"sub i64 {end}, {first}")
        made = self._made[key] = _Made(table, first, count, number)
        return made

    # -- the head of a row: a line --------------------------------------------------------

    def _line(
        self, key: Key, made: _Made, sums: Sums, value: Value, line: str | None = None
    ) -> _Line:
        """The line of some rows of the block, by default in memory of its own."""
        head, look = self.c.head, unweighed(key)
        rows, factors, _ = sums
        planes = tuple(sorted(self._planes[key, sums]))
        line = self._line_room(made, len(planes)) if line is None else line
        given, there = [], "" if factors else "true"
        for row in rows:
            weight = head.const(1.0)
            for k, factor in enumerate(factors):
                scale = value(factor, 0, row)
                weight = head.mul(weight, scale) if k else scale
            if factors:
                one = head.emit(f"extractelement {head.f} {weight}, i64 0")
                some = head.emit(f"fcmp une float {one}, 0.0")
                there = head.emit(f"or i1 {there}, {some}") if there else some
            given += [*(value(part, 0, row) for part in (look.v, look.top, look.rows)), weight]
        operands = ", ".join(f"{head.f} {part}" for part in given)
        name = self.code.rows(key, len(rows), planes)
        head.do(
            f"call void @{name}(ptr %args, i1 {there}, {operands}, ptr {line}, "
            f"i64 {made.first}, i64 {made.count})"
        )
        return _Line(planes, line, there)


def _key(e: Expr) -> tuple[Key, int]:
    """What looks that share a table have in common, and the plane of one."""
    assert isinstance(e.attr, tuple)
    leaf, plane = e.attr
    return (e.op, leaf, e.args[:-1]), plane
