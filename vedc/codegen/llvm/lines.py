"""Looks at a leaf along its axes, as under a map that only scales and moves the picture.

If the leaf's column depends only on the canvas column, and its row only on the canvas row, the sums
over rows can be shared by all columns. So a call first records for each canvas column the start and
the weights of its run of taps; each canvas row first sums rows of the leaf, a vector at a time,
into a line; and a pixel is a weighted sum of a run of that line. If the map does not minify much,
the runs of a group lie within two or three vectors of the line, from which AVX-512 picks the
samples; otherwise each run is loaded separately.

Everything depends only on a canvas row and column, so bands agree to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vedc.codegen.llvm.context import COLUMN, GROUP, ROW, FunctionContext
from vedc.codegen.llvm.opcodes import Opcodes
from vedc.codegen.llvm.taps import NEAR, TapsFunction, element, near, weighed
from vedc.codegen.llvm.texel import struct_of
from vedc.codegen.llvm.vector import Builder
from vedc.expr.nodes import FETCHING, Expr, node, walk
from vedc.expr.taps import TAPS, Look
from vedc.support.lazy_dataclass import dataclass

#: A value at a row of the block, in the builder that runs least often.
Value = Callable[[Expr, int], str]

#: The most looks of one function with lines: these are on a thread's stack.
_MOST = 16

Key = tuple[str, int, tuple[Expr, ...]]
"""Opcode, leaf and arguments."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Values that the entry block prepares for a look."""

    planes: tuple[int, ...]
    table: str
    """For each canvas column the start and the weights of its run, by group; with AVX-512 also the
    start of the group's first run, and the number of samples that its runs span."""
    first: str
    """The leftmost column read of the leaf, as i64 ..."""
    count: str
    """... and the number of columns."""
    number: int


class Lines:
    """The looks of one function that are computed line by line."""

    def __init__(self, c: FunctionContext) -> None:
        self.c = c
        self.functions: list[str] = []
        self._planes: dict[Key, set[int]] = {}
        self._made: dict[Key, _Made] = {}
        self._lines: dict[tuple[Key, int], str] = {}
        self._across: dict[tuple[str, int], str] = {}
        self._found: dict[tuple[Key, int, int], str] = {}

    def expect(self, roots: Iterable[Expr]) -> None:
        """Record the looks of a variant of the body, before code for any is emitted."""
        for e in walk(roots):
            if e.op in TAPS and isinstance(e.attr, tuple):
                leaf, plane = e.attr
                self._planes.setdefault((e.op, leaf, e.args), set()).add(plane)

    def begin(self) -> None:
        """Start the code of another branch of the body."""
        self._found.clear()

    def separable(self, e: Expr) -> bool:
        """Whether a node is such a look with room for its lines."""
        if e.op not in TAPS or not isinstance(e.attr, tuple):
            return False
        if (e.op, e.attr[0], e.args) not in self._made and len(self._made) >= _MOST:
            return False
        look = Look(*e.args)
        across = look.u, look.left, look.columns
        down = look.v, look.top, look.rows
        plain = not any(n.op in FETCHING or n.op in ("load", "memo") for n in walk(across))
        return (
            plain
            and bool(self.c.varies(look.u) & GROUP)
            and not any(self.c.varies(part) & ROW for part in across)
            and not any(self.c.varies(part) & (GROUP | COLUMN) for part in down)
        )

    def look(self, e: Expr, column: int, row: int, value: Value, weight: str) -> str:
        """The value of a look at a pixel of the block; ``weight``: that argument's value there."""
        assert isinstance(e.attr, tuple)
        b, (leaf, plane) = self.c.body, e.attr
        key = (e.op, leaf, e.args)
        made = self._made.get(key) or self._prepared(key)
        kind = struct_of(b, len(made.planes))
        place = (key, column, row)
        if place not in self._found:
            line = self._lines.get((key, row)) or self._line(key, made, row, value)
            across = self._across_function(e.op, len(made.planes))
            slot = self._slot(e.op)
            at = b.emit(f"add i64 {self.c.x}, {column * b.lanes}")
            at = b.emit(f"mul i64 {at}, {slot}")
            at = b.emit(f"getelementptr i8, ptr {made.table}, i64 {at}")
            self._found[place] = b.emit(
                f"call {kind} @{across}(ptr {at}, ptr {line}, i64 {made.first}, "
                f"i64 {made.count}, {b.f} {weight})"
            )
        return b.emit(f"extractvalue {kind} {self._found[place]}, {made.planes.index(plane)}")

    def _slot(self, op: str) -> int:
        """Bytes per column in a look's table."""
        return 4 * (TAPS[op] + 1 + self.c.module.host.avx512)

    # -- the entry block: columns ---------------------------------------------------------

    def _prepared(self, key: Key) -> _Made:
        c, entry, op, planes = self.c, self.c.entry, key[0], self._planes[key]
        number = len(self._made)
        lanes = entry.lanes
        room = entry.emit(f"add i64 {c.blocks}, {lanes}")
        room = entry.emit(f"mul i64 {room}, {c.columns * self._slot(op)}")
        table = entry.emit(f"alloca i8, i64 {room}, align 64")
        span = entry.emit(f"call {{ i32, i32 }} @columns{number}(ptr %args, ptr {table})")
        first, end = (
            entry.emit(f"sext i32 {entry.emit(f'extractvalue {{ i32, i32 }} {span}, {k}')} to i64")
            for k in (0, 1)
        )
        count = entry.emit(f"sub i64 {end}, {first}")
        made = _Made(tuple(sorted(planes)), table, first, count, number)
        self._made[key] = made
        self.functions.append(self._columns_function(key, number))
        self.functions.append(self._rows_function(key, made))
        return made

    def _columns_function(self, key: Key, number: int) -> str:
        """Records for each canvas column the start and weights of its run; returns their span."""
        op, leaf, args = key
        module, taps, look = self.c.module, TAPS[op], Look(*args)
        entry, b = Builder(module, []), Builder(module, [])
        opcodes = Opcodes(self.c.program, module, entry)
        made = opcodes.sampler.taps_function(b, op, leaf, ())
        width = opcodes.argument(0)
        last = entry.emit(f"trunc i64 {entry.emit(f'sub i64 {width}, 1')} to i32")
        last = entry.splat("i32", last)
        low, high = b.iconst(1 << 30), b.iconst(0)
        group = self.c.group
        at = b.splat("i32", b.emit("trunc i64 %at to i32"))
        lowest, highest = "%lowest", "%highest"
        for column in range(self.c.columns):
            lanes = b.ismaller(b.iadd(at, b.iota(column, self.c.columns)), last)
            values = {node("x"): b.add(b.to_float(lanes), b.const(0.5))}
            wanted = (look.u, look.left, look.columns)
            for e in walk(wanted):
                if e not in values:
                    values[e] = opcodes.compute(b, e, [values[a] for a in e.args])
            begin, between = made.between(values[look.u])
            weights = opcodes.sampler.weights(b, op, between)
            start, weights = made.columns(begin, weights, values[look.left], values[look.columns])
            lowest = b.ismaller(lowest, start)
            highest = b.ilarger(highest, b.iadd(start, b.iconst(taps)))
            slot = b.emit(f"add i64 %at, {column * b.lanes}")
            slot = b.emit(f"mul i64 {slot}, {self._slot(op)}")
            noted = [(b.i, start), *((b.f, w) for w in weights)]
            if module.host.avx512:
                noted.append((b.i, _reach(b, start, taps)))
            for k, (kind, part) in enumerate(noted):
                skip = b.emit(f"add i64 {slot}, {4 * b.lanes * k}")
                place = b.emit(f"getelementptr i8, ptr %table, i64 {skip}")
                b.do(f"store {kind} {part}, ptr {place}, align 4")
        end = b.module.label("end")
        span = [
            b.call("i32", f"llvm.vector.reduce.{name}.v{b.lanes}i32", f"{b.i} {part}")
            for name, part in (("smin", lowest), ("smax", highest))
        ]
        return "\n".join(
            [
                f"define internal {{ i32, i32 }} @columns{number}(ptr readonly %args, ptr %table) "
                "#2 {",
                "entry:",
                *entry.lines,
                "  br label %loop",
                "loop:",
                f"  %at = phi i64 [ 0, %entry ], [ %at.next, %{end} ]",
                f"  %lowest = phi {b.i} [ {low}, %entry ], [ {lowest}, %{end} ]",
                f"  %highest = phi {b.i} [ {high}, %entry ], [ {highest}, %{end} ]",
                *b.lines[:-2],
                f"  br label %{end}",
                f"{end}:",
                f"  %at.next = add i64 %at, {group}",
                f"  %again = icmp ult i64 %at.next, {width}",
                "  br i1 %again, label %loop, label %done",
                "done:",
                *b.lines[-2:],
                f"  %both = insertvalue {{ i32, i32 }} poison, i32 {span[0]}, 0",
                f"  %span = insertvalue {{ i32, i32 }} %both, i32 {span[1]}, 1",
                "  ret { i32, i32 } %span",
                "}",
            ]
        )

    # -- the head of a row: a line --------------------------------------------------------

    def _line(self, key: Key, made: _Made, row: int, value: Value) -> str:
        """The address of the line for a row of the block."""
        c, head, look = self.c, self.c.head, Look(*key[2])
        size = c.entry.emit(f"mul i64 {made.count}, {4 * len(made.planes)}")
        # Vectors that runs are picked from may extend beyond the last one.
        size = c.entry.emit(f"add i64 {size}, {4 * NEAR * c.module.lanes}")
        line = c.entry.emit(f"alloca i8, i64 {size}, align 64")
        # A weight that varies along the row cannot decide whether the row is needed.
        steady = not c.varies(look.weight) & (GROUP | COLUMN)
        weight = value(look.weight, row) if steady else head.const(1.0)
        given = [value(part, row) for part in (look.v, look.top, look.rows)] + [weight]
        operands = ", ".join(f"{head.f} {part}" for part in given)
        head.do(
            f"call void @rows{made.number}(ptr %args, {operands}, ptr {line}, "
            f"i64 {made.first}, i64 {made.count})"
        )
        self._lines[key, row] = line
        return line

    def _rows_function(self, key: Key, made: _Made) -> str:
        """The function that sums rows of the leaf."""
        op, leaf, _ = key
        module = self.c.module
        entry, b = Builder(module, []), Builder(module, [])
        opcodes = Opcodes(self.c.program, module, entry)
        sampler = opcodes.sampler
        function = sampler.taps_function(b, op, leaf, made.planes)
        b.do(f"br i1 {function.nothing()}, label %done, label %some")
        b.label("some")
        begin, between = function.between("%v")
        high = sampler.weights(b, op, between)
        stride = sampler.stride(leaf, made.planes[0])
        places = function.rows(begin, b.iconst(0), stride, "%top", "%rows")
        offsets = []
        for place in places:
            first = b.emit(f"extractelement {b.i} {place}, i64 0")
            offsets.append(b.emit(f"add i64 {b.emit(f'sext i32 {first} to i64')}, %first"))
        sources = [
            [b.emit(f"getelementptr float, ptr {base}, i64 {offset}") for offset in offsets]
            for base in function.bases
        ]
        targets = []
        for k in range(len(made.planes)):
            skip = b.emit(f"mul i64 %count, {k}")
            targets.append(b.emit(f"getelementptr float, ptr %line, i64 {skip}"))
        low = [b.emit(f"extractelement {b.f} {weight}, i64 0") for weight in high]
        b.do("br label %wide")
        vector, scalar = Builder(module, []), Builder(module, [])
        for target, rows in zip(targets, sources, strict=True):
            self._added(vector, "%at", vector.f, rows, high, target)
            self._added(scalar, "%one", "float", rows, low, target)
        return "\n".join(
            [
                f"define internal void @rows{made.number}(ptr readonly %args, {b.f} %v, "
                f"{b.f} %top, {b.f} %rows, {b.f} %weight, ptr %line, i64 %first, i64 %count) #2 {{",
                "entry:",
                *entry.lines,
                *b.lines,
                "wide:",
                "  %at = phi i64 [ 0, %some ], [ %reached, %body ]",
                f"  %reached = add i64 %at, {b.lanes}",
                "  %fits = icmp ule i64 %reached, %count",
                "  br i1 %fits, label %body, label %narrow",
                "body:",
                *vector.lines,
                "  br label %wide",
                "narrow:",
                "  %one = phi i64 [ %at, %wide ], [ %one.next, %last ]",
                "  %more = icmp ult i64 %one, %count",
                "  br i1 %more, label %last, label %done",
                "last:",
                *scalar.lines,
                "  %one.next = add i64 %one, 1",
                "  br label %narrow",
                "done:",
                "  ret void",
                "}",
            ]
        )

    @staticmethod
    def _added(
        b: Builder, at: str, kind: str, rows: list[str], weights: list[str], target: str
    ) -> None:
        """Store the weighted sum of rows at one position."""
        total, name = "", "f32" if kind == "float" else f"v{b.lanes}f32"
        for row, weight in zip(rows, weights, strict=True):
            place = b.emit(f"getelementptr float, ptr {row}, i64 {at}")
            sample = b.emit(f"load {kind}, ptr {place}, align 4")
            if total:
                operands = (f"{kind} {part}" for part in (sample, weight, total))
                total = b.call(kind, f"llvm.fmuladd.{name}", *operands)
            else:
                total = b.emit(f"fmul contract {kind} {sample}, {weight}")
        place = b.emit(f"getelementptr float, ptr {target}, i64 {at}")
        b.do(f"store {kind} {total}, ptr {place}, align 4")

    # -- the body: pixels -----------------------------------------------------------------

    def _across_function(self, op: str, planes: int) -> str:
        """The name of the function that sums runs of a line."""
        key = (op, planes)
        if key in self._across:
            return self._across[key]
        name = self._across[key] = f"across{len(self._across)}"
        module, taps = self.c.module, TAPS[op]
        b = Builder(module, [])
        function = TapsFunction(b, b, op, (), "", "")
        kind, short = struct_of(b, planes), f"<{taps} x float>"
        b.do(f"br i1 {function.nothing()}, label %empty, label %full")
        b.label("empty")
        b.do(f"ret {kind} zeroinitializer")
        b.label("full")
        wide = []
        for k in range(taps):
            place = b.emit(f"getelementptr i8, ptr %slot, i64 {4 * b.lanes * (k + 1)}")
            weight = b.emit(f"load {b.f}, ptr {place}, align 4")
            wide.append(b.mul(weight, "%weight"))
        skips = [b.emit(f"mul i64 %count, {k}") for k in range(planes)]
        lines = [b.emit(f"getelementptr float, ptr %line, i64 {skip}") for skip in skips]
        if module.host.avx512:
            self._near(b, lines, wide, kind)
        runs: list[list[str]] = [[] for _ in range(planes)]
        for lane in range(b.lanes):
            start = b.emit(f"sext i32 {element(b, 'i32', '%slot', lane)} to i64")
            start = b.emit(f"sub i64 {start}, %first")
            for run, line in zip(runs, lines, strict=True):
                place = b.emit(f"getelementptr float, ptr {line}, i64 {start}")
                run.append(b.emit(f"load {short}, ptr {place}, align 4"))
        _give(b, kind, [weighed(b, run, wide) for run in runs])
        head = (
            f"define internal {kind} @{name}(ptr %slot, ptr %line, i64 %first, i64 %count, "
            f"{b.f} %weight) #2 {{"
        )
        self.functions.append("\n".join([head, *b.lines, "}"]))
        return name

    def _near(self, b: Builder, lines: list[str], wide: list[str], kind: str) -> None:
        """Branches for groups whose runs lie close together."""
        module, far = self.c.module, self.c.module.label("far")
        place = b.emit(f"getelementptr i8, ptr %slot, i64 {4 * b.lanes * (len(wide) + 1)}")
        base, span = (element(b, "i32", place, k) for k in (0, 1))
        starts = b.emit(f"load {b.i}, ptr %slot, align 4")
        index = b.emit(f"sub {b.i} {starts}, {b.splat('i32', base)}")
        begin = b.emit(f"sub i64 {b.emit(f'sext i32 {base} to i64')}, %first")
        places = [b.emit(f"getelementptr float, ptr {line}, i64 {begin}") for line in lines]
        for vectors in range(2, NEAR + 1):
            here = module.label("near")
            further = module.label("further") if vectors < NEAR else far
            fits = b.emit(f"icmp sle i32 {span}, {vectors * b.lanes}")
            b.do(f"br i1 {fits}, label %{here}, label %{further}")
            b.label(here)
            _give(b, kind, [near(b, place, index, wide, vectors) for place in places])
            b.label(further)


def _give(b: Builder, kind: str, sums: list[str]) -> None:
    """Return the planes' values."""
    result = "poison"
    for k, value in enumerate(sums):
        result = b.emit(f"insertvalue {kind} {result}, {b.f} {value}, {k}")
    b.do(f"ret {kind} {result}")


def _reach(b: Builder, start: str, taps: int) -> str:
    """The start of the first in a vector of runs, and the number of samples that they span."""
    first, last = (
        b.call("i32", f"llvm.vector.reduce.{name}.v{b.lanes}i32", f"{b.i} {start}")
        for name in ("smin", "smax")
    )
    span = b.emit(f"add i32 {b.emit(f'sub i32 {last}, {first}')}, {taps}")
    both = b.emit(f"insertelement {b.i} zeroinitializer, i32 {first}, i64 0")
    return b.emit(f"insertelement {b.i} {both}, i32 {span}, i64 1")
