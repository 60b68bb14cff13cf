"""The inner loop's body: a group's samples in, expressions, samples out."""

from __future__ import annotations

from vedc.codegen.block_average import averaged
from vedc.codegen.llvm import memo
from vedc.codegen.llvm.context import COLUMN, GROUP, ROW, FunctionContext
from vedc.codegen.llvm.lines import Lines
from vedc.codegen.llvm.opcodes import latency_order
from vedc.codegen.llvm.placed_leaf import PlacedLeaf
from vedc.codegen.llvm.streams import Samples, Stream
from vedc.codegen.llvm.vector import Builder, literal
from vedc.errors import InternalError
from vedc.expr.nodes import Expr, node, walk
from vedc.expr.program import BAYER, FLOAT_LIMIT


def averaged_parts(c: FunctionContext, full: list[Expr], narrow: list[Expr]) -> list[Expr]:
    """The values to average over the block for the roots ``narrow`` of subsampled planes."""
    return averaged(narrow, full, lambda e: not c.varies(e) & (COLUMN | ROW))


#: Addresses of the group's output samples, by plane and row of the block.
Targets = dict[tuple[int, int], str]


class GroupBody:
    """Code for one set of roots.

    ``pointers`` are the addresses of the group's samples; ``places`` describe the placed leaves.
    """

    def __init__(
        self,
        c: FunctionContext,
        roots: list[Expr],
        pointers: dict[Stream, str],
        places: dict[int, PlacedLeaf],
        targets: Targets,
        rounding: Rounding,
        lines: Lines,
    ) -> None:
        self.c, self.b = c, c.body
        c.opcodes.sampler.begin(walk(roots), c.body, c.columns)
        self.rounding, self.lines = rounding, lines
        lines.begin()
        self.samples = Samples(c, pointers)
        self.places = places
        self.targets = targets
        channels = range(len(roots))
        self.full = {k: roots[k] for k in channels if not c.subsampled(k)}
        self.narrow = {k: roots[k] for k in channels if c.subsampled(k)}
        self._values: dict[tuple[Expr, int, int], str] = {}
        self._means: dict[Expr, str] = {}
        self._memos: dict[int, memo.Found] = {}
        self._remembered: dict[int, tuple[set[int], set[int]]] = {}
        self._columns: dict[int, str] = {}

    def emit(self) -> None:
        """Append the code, row by row of the block.

        Both columns advance together: a chain of functions is one long dependence, and a CPU
        only overlaps instructions within its window (see ``latency_order``).
        """
        c, b = self.c, self.b
        parts = averaged_parts(c, [*self.full.values()], [*self.narrow.values()])
        known = set(walk(self.full.values()))
        for part in parts:
            terms = self.lines.mean_terms(part, known)
            if terms:
                total = self.lines.mean(terms, self._settled)
                self._means[part] = b.mul(total, b.const(1.0 / (c.columns * c.rows)))
        parts = [part for part in parts if part not in self._means]
        remembered = self._remember(parts)
        parts = [part for part in parts if part not in remembered]
        order = latency_order([*self.full.values(), *parts])
        for part in remembered:
            group, channel = _memo_of(part)
            self._means[part] = self._memo(group).means[channel]
        sums: dict[Expr, str] = {}
        for row in range(c.rows):
            for e in order:
                for column in range(c.columns):
                    self.value(e, column, row)
            codes: list[dict[int, str]] = []
            for column in range(c.columns):
                for part in parts:
                    value = self.value(part, column, row)
                    sums[part] = b.add(sums[part], value) if part in sums else value
                half = self.rounding.at(c.columns, column, c.row_numbers[row])
                codes.append(
                    {k: self._code(self.value(e, column, row), half) for k, e in self.full.items()}
                )
            self._store(codes, row)
        for part, total in sums.items():
            self._means[part] = b.mul(total, b.const(1.0 / (c.columns * c.rows)))
        if self.narrow:
            half = self.rounding.at(1, 0, "%block")
            means = {k: self._code(self._mean(root), half) for k, root in self.narrow.items()}
            self._store([means], 0)

    # -- values -------------------------------------------------------------------------

    def value(self, e: Expr, column: int, row: int) -> str:
        """The value of ``e`` at a pixel of the block; its arguments must be computed already.

        Computed once for all pixels that share it, in the builder that runs least often.
        """
        varies = self.c.varies(e)
        column = column if varies & COLUMN else 0
        row = row if varies & ROW else 0
        if varies & GROUP:
            key = (e, column, row)
            found = self._values.get(key)
            if found is None:
                found = self._values[key] = self._compute(self.b, e, column, row)
            return found
        found = self.c.fixed.get((e, row))
        if found is None:
            builder = self.c.head if varies else self.c.entry
            found = self.c.fixed[e, row] = self._compute(builder, e, column, row)
        return found

    def _compute(self, b: Builder, e: Expr, column: int, row: int) -> str:
        match e.op, e.attr:
            case "load", (int(leaf), int(channel)):
                return self.samples.value(leaf, channel, column, row)
            case "x", _:
                return b.add(b.to_float(self._canvas_columns(column)), b.const(0.5))
            case "y", _:
                number = b.emit(f"sitofp i64 {self.c.row_numbers[row]} to float")
                return b.add(b.splat("float", number), b.const(0.5))
            case "cover", int(leaf):
                if self.c.program.leaves[leaf].covers:
                    return b.const(1.0)
                return self.places[leaf].cover(self._canvas_columns(column), row)
            case "memo", (int(group), int(channel)):
                pixel = self._pixels(group).index((column, row))
                return self._memo(group).values[pixel, channel]
            case _ if self.lines.separable(e):
                return self.lines.look(e, column, row, self._settled)
        args = [self.value(a, column, row) for a in e.args]
        if e.op == "div" and not self.c.varies(e.args[1]):
            return b.mul(args[0], self.c.opcodes.inverse(args[1]))
        return self.c.opcodes.compute(b, e, args)

    def _settled(self, e: Expr, column: int, row: int) -> str:
        """The same where the arguments may not have been computed."""
        for below in walk([e]):
            self.value(below, column, row)
        return self.value(e, column, row)

    def _canvas_columns(self, column: int) -> str:
        """Canvas columns of the lanes, clamped to the last column."""
        if column not in self._columns:
            b = self.b
            lanes = b.iadd(self.c.x_lanes, b.iota(column, self.c.columns))
            self._columns[column] = b.ismaller(lanes, self.c.last_column_lanes)
        return self._columns[column]

    # -- memos --------------------------------------------------------------------------

    def _remember(self, parts: list[Expr]) -> list[Expr]:
        """Record which values of each memo are needed; returns the averaged parts that are needed
        only as a mean.
        """
        roots = [*self.full.values(), *self.narrow.values()]
        used = set(walk([*self.full.values(), *(e for e in parts if e.op != "memo")]))
        means = [e for e in parts if e.op == "memo" and e not in used]
        for e in walk(roots):
            if e.op == "memo":
                group, channel = _memo_of(e)
                values, averages = self._remembered.setdefault(group, (set(), set()))
                (averages if e in means else values).add(channel)
        return means

    def _pixels(self, group: int) -> list[tuple[int, int]]:
        """Columns and rows of the block for which a memo has separate values."""
        varies = self.c.varies(node("memo", attr=(group, 0)))
        columns = range(self.c.columns if varies & COLUMN else 1)
        return [(x, y) for y in range(self.c.rows if varies & ROW else 1) for x in columns]

    def _memo(self, group: int) -> memo.Found:
        """A memo's values for the whole block, so that the latencies of its loads overlap."""
        if group not in self._memos:
            b, opcodes = self.b, self.c.opcodes
            leaf = self.c.program.memos[group].leaf
            indices = [
                memo.index_of(b, [self.samples.at(leaf, k, column, row) for k in range(3)])
                for column, row in self._pixels(group)
            ]
            table = opcodes.argument(opcodes.arguments.memos + group, "ptr")
            values, means = (sorted(channels) for channels in self._remembered[group])
            self._memos[group] = memo.look_up(b, group, table, indices, values, means)
        return self._memos[group]

    def _mean(self, e: Expr) -> str:
        """The mean of ``e`` over the block, computed from the means of the averaged parts."""
        found = self._means.get(e)
        if found is None:
            if not self.c.varies(e) & (COLUMN | ROW):
                for below in walk([e]):
                    self.value(below, 0, 0)
                found = self.value(e, 0, 0)
            else:
                found = self.c.opcodes.compute(self.b, e, [self._mean(a) for a in e.args])
            self._means[e] = found
        return found

    # -- output -------------------------------------------------------------------------

    def _code(self, value: str, half: str) -> str:
        """The sample for a root's value: clamped to 0..peak and rounded by ``half``, or the bits of
        a floating-point one; NaN gives 0.
        """
        b, out = self.b, self.c.program.out
        if out.floating:
            within = b.larger(b.smaller(value, b.const(FLOAT_LIMIT)), b.const(-FLOAT_LIMIT))
            number = b.choose(b.compare("uno", value, value), b.const(0.0), within)
            return b.float_to_bits(number)
        clamped = b.smaller(b.larger(value, b.const(0.0)), b.const(float(out.peak)))
        return b.shl(b.to_int(b.add(clamped, half)), out.shift)

    def _store(self, codes: list[dict[int, str]], row: int) -> None:
        """Store a row of the block; ``codes`` are given by column and channel."""
        b, out = self.b, self.c.program.out
        bits = 8 * out.bytes
        for plane in range(out.planes):
            members = out.members(plane)
            if members[0] not in codes[0]:
                continue
            value = self._packed([column[k] for column in codes for k in members], bits)
            width = bits * len(members) * len(codes)
            if width < 32:
                value = b.emit(f"trunc {b.i} {value} to <{b.lanes} x i{width}>")
            target = self.targets[plane, row]
            b.do(f"store <{b.lanes} x i{width}> {value}, ptr {target}, align 1")

    def _packed(self, codes: list[str], bits: int) -> str:
        """Codes packed into one word, the first lowest."""
        packed = codes[0]
        for place, code in enumerate(codes[1:], 1):
            packed = self.b.ior(packed, self.b.shl(code, bits * place))
        return packed


def _memo_of(e: Expr) -> tuple[int, int]:
    """Group and channel of a ``memo``."""
    match e.attr:
        case int(group), int(channel):
            return group, channel
    raise InternalError(f"{e!r} is no memo")


#: Columns and rows after which thresholds repeat.
PERIOD = len(BAYER)


class Rounding:
    """Code for the value added to code values before truncation to integers: 1/2, or the threshold
    of an ordered dither.

    The thresholds of a row of samples repeat, so a vector of them is constant for the row: one load
    from a table in the module.
    """

    def __init__(self, c: FunctionContext) -> None:
        self.c = c
        self.dither = c.program.dither and not c.program.out.floating
        self._rows: dict[tuple[int, int, str], str] = {}

    def at(self, step: int, offset: int, row: str) -> str:
        """For samples in columns ``step * (%group + k) + offset`` of a plane, with k the lane,
        and in row ``row``, a value of the head block.
        """
        c = self.c
        if not self.dither:
            return c.body.const(0.5)
        key = step, offset, row
        # If groups may begin at any column of the matrix, the load belongs to the inner loop.
        fixed = step * c.module.lanes % PERIOD == 0
        if key not in self._rows:
            start = self._start(step, offset, row)
            self._rows[key] = _loaded(c.head, start) if fixed else start
        if fixed:
            return self._rows[key]
        column = c.body.emit(f"and i64 %group, {PERIOD - 1}")
        return _loaded(
            c.body, c.body.emit(f"getelementptr float, ptr {self._rows[key]}, i64 {column}")
        )

    def _start(self, step: int, offset: int, row: str) -> str:
        """The address of the row's thresholds in the table for these columns."""
        c = self.c
        name, count = f"dither.{step}.{offset}", c.module.lanes + PERIOD
        rows = [[t[(k * step + offset) % PERIOD] + 0.5 for k in range(count)] for t in BAYER]
        numbers = ", ".join(f"float {literal(value)}" for r in rows for value in r)
        c.module.declared[name] = (
            f"@{name} = private constant [{PERIOD * count} x float] [{numbers}], align 64"
        )
        number = c.head.emit(f"and i64 {row}, {PERIOD - 1}")
        at = c.head.emit(f"mul i64 {number}, {count}")
        return c.head.emit(f"getelementptr float, ptr @{name}, i64 {at}")


def _loaded(b: Builder, where: str) -> str:
    return b.emit(f"load {b.f}, ptr {where}, align 4")
