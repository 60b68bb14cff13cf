"""The functions that ``lines`` calls: the table of a look, sums of rows, sums of runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.codegen.llvm.opcodes import Opcodes
from vedc.codegen.llvm.taps import element, near, near_vectors, weighed
from vedc.codegen.llvm.texel import struct_of
from vedc.codegen.llvm.vector import Builder, Module
from vedc.expr.nodes import Expr, const, node, walk
from vedc.expr.program import Program
from vedc.expr.taps import TAPS, Look

Key = tuple[str, int, tuple[Expr, ...]]
"""Opcode, leaf, and arguments without the weight."""

#: The parameters of a function that sums rows, for each position.
_FIELDS: Final = ("v", "top", "rows", "weight")


class LineCode:
    """Texts of functions for a program whose groups are ``columns`` vectors wide."""

    def __init__(self, program: Program, module: Module, columns: int) -> None:
        self.program, self.module, self.columns = program, module, columns
        self.functions: list[str] = []
        self._names: dict[object, str] = {}

    def table(self, key: Key) -> str:
        """The name of a function that records for each canvas column the start and the weights of
        its run in a table, and returns their span."""
        return self._named("columns", key, lambda name: self._table(name, key))

    def rows(self, key: Key, count: int, planes: tuple[int, ...]) -> str:
        """The same for one that adds up the rows of the leaf around ``count`` positions."""
        how = (key, count, planes)
        return self._named("rows", how, lambda name: self._rows(name, *how))

    def vector(self, op: str, planes: int) -> str:
        """The same for one that sums a vector of runs of a line."""
        return self._named("across", (op, planes), lambda name: self._vector(name, op, planes))

    def whole(self, op: str, columns: tuple[int, ...]) -> str:
        """The same for one that sums all runs of lines: of each line into as many as the block has
        columns, or into one with the sums over these."""
        return self._named("across", (op, columns), lambda name: self._whole(name, op, columns))

    def _named(self, stem: str, key: object, text: Callable[[str], str]) -> str:
        if key not in self._names:
            self._names[key] = f"{stem}{len(self._names)}"
            self.functions.append(text(self._names[key]))
        return self._names[key]

    def slot(self, op: str) -> int:
        """Bytes per column in a look's table."""
        return 4 * (TAPS[op] + 1 + self.module.host.picks)

    def _table(self, name: str, key: Key) -> str:
        op, leaf, _ = key
        module, taps = self.module, TAPS[op]
        look = unweighed(key)
        entry, b = Builder(module, []), Builder(module, [])
        opcodes = Opcodes(self.program, module, entry)
        made = opcodes.sampler.taps_function(b, op, leaf, ())
        width = opcodes.argument(0)
        last = entry.emit(f"trunc i64 {entry.emit(f'sub i64 {width}, 1')} to i32")
        last = entry.splat("i32", last)
        low, high = b.iconst(1 << 30), b.iconst(0)
        group = self.columns * self.module.lanes
        at = b.splat("i32", b.emit("trunc i64 %at to i32"))
        lowest, highest = "%lowest", "%highest"
        for column in range(self.columns):
            lanes = b.ismaller(b.iadd(at, b.iota(column * b.lanes)), last)
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
            slot = b.emit(f"mul i64 {slot}, {self.slot(op)}")
            noted = [(b.i, start), *((b.f, w) for w in weights)]
            if module.host.picks:
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
                f"define internal {{ i32, i32 }} @{name}(ptr readonly %args, ptr %table) #2 {{",
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

    def _rows(self, name: str, key: Key, count: int, planes: tuple[int, ...]) -> str:
        op, leaf, _ = key
        module = self.module
        entry, b = Builder(module, []), Builder(module, [])
        opcodes = Opcodes(self.program, module, entry)
        sampler = opcodes.sampler
        function = sampler.taps_function(b, op, leaf, planes)
        stride = sampler.stride(leaf, planes[0])
        b.do("br i1 %there, label %some, label %nothing")
        b.label("some")
        sources: list[list[str]] = [[] for _ in planes]
        high: list[str] = []
        for n in range(count):
            begin, between = function.between(f"%v{n}")
            weights = sampler.weights(b, op, between)
            high += [b.mul(weight, f"%weight{n}") for weight in weights]
            places = function.rows(begin, b.iconst(0), stride, f"%top{n}", f"%rows{n}")
            for place in places:
                first = b.emit(f"extractelement {b.i} {place}, i64 0")
                offset = b.emit(f"add i64 {b.emit(f'sext i32 {first} to i64')}, %first")
                for rows, base in zip(sources, function.bases, strict=True):
                    rows.append(b.emit(f"getelementptr float, ptr {base}, i64 {offset}"))
        targets = []
        for k in range(len(planes)):
            skip = b.emit(f"mul i64 %count, {k}")
            targets.append(b.emit(f"getelementptr float, ptr %line, i64 {skip}"))
        low = [b.emit(f"extractelement {b.f} {weight}, i64 0") for weight in high]
        b.do("br label %wide")
        vector, scalar = Builder(module, []), Builder(module, [])
        for target, rows in zip(targets, sources, strict=True):
            self._added(vector, "%at", vector.f, rows, high, target)
            self._added(scalar, "%one", "float", rows, low, target)
        module.declared["llvm.memset"] = "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)"
        fields = [f"{b.f} %{part}{n}" for n in range(count) for part in _FIELDS]
        return "\n".join(
            [
                f"define internal void @{name}(ptr readonly %args, i1 %there, "
                f"{', '.join(fields)}, ptr %line, i64 %first, i64 %count) #2 {{",
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
                "nothing:",
                f"  %bytes = mul i64 %count, {4 * len(planes)}",
                "  call void @llvm.memset.p0.i64(ptr %line, i8 0, i64 %bytes, i1 false)",
                "  br label %done",
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

    def _vector(self, name: str, op: str, planes: int) -> str:
        b = Builder(self.module, [])
        kind, result = struct_of(b, planes), "poison"
        b.do("br i1 %there, label %full, label %empty")
        b.label("empty")
        b.do(f"ret {kind} zeroinitializer")
        b.label("full")
        for k, value in enumerate(self._runs(b, op, planes, "%slot", "full")):
            result = b.emit(f"insertvalue {kind} {result}, {b.f} {value}, {k}")
        b.do(f"ret {kind} {result}")
        head = (
            f"define internal {kind} @{name}(i1 %there, ptr %slot, ptr %line, i64 %first, "
            "i64 %count) #2 {"
        )
        return "\n".join([head, *b.lines, "}"])

    def _whole(self, name: str, op: str, columns: tuple[int, ...]) -> str:
        b = Builder(self.module, [])
        found: list[list[str]] = [[] for _ in columns]
        for vector in range(self.columns):
            here = b.module.label("vector")
            start = b.emit(f"add i64 %at, {vector * b.lanes}")
            b.do(f"br label %{here}")
            b.label(here)
            start = b.emit(f"mul i64 {start}, {self.slot(op)}")
            slot = b.emit(f"getelementptr i8, ptr %table, i64 {start}")
            runs = self._runs(b, op, len(columns), slot, here)
            for sums, value in zip(found, runs, strict=True):
                sums.append(value)
        vectors: list[str] = []
        for count, sums in zip(columns, found, strict=True):
            parts = b.apart(sums)
            for k in range(count, len(parts)):
                parts[0] = b.add(parts[0], parts[k])
            vectors += parts[:count]
        places = []
        for k in range(len(vectors)):
            skip = b.emit(f"mul i64 %size, {k}")
            places.append(b.emit(f"getelementptr i8, ptr %to, i64 {skip}"))
        for place, vector_ in zip(places, vectors, strict=True):
            b.do(f"store {b.f} {vector_}, ptr {place}, align 4")
        return "\n".join(
            [
                f"define internal void @{name}(i1 %there, ptr %table, ptr %line, "
                "i64 %first, i64 %count, ptr %result, i64 %size, i64 %width) #2 {",
                "entry:",
                "  br i1 %there, label %loop, label %empty",
                "empty:",
                f"  %room = mul i64 %size, {len(vectors)}",
                "  call void @llvm.memset.p0.i64(ptr %result, i8 0, i64 %room, i1 false)",
                "  ret void",
                "loop:",
                "  %at = phi i64 [ 0, %entry ], [ %at.next, %next ]",
                "  %to = phi ptr [ %result, %entry ], [ %to.next, %next ]",
                *b.lines,
                "  br label %next",
                "next:",
                f"  %at.next = add i64 %at, {self.columns * b.lanes}",
                f"  %to.next = getelementptr i8, ptr %to, i64 {4 * b.lanes}",
                "  %again = icmp ult i64 %at.next, %width",
                "  br i1 %again, label %loop, label %done",
                "done:",
                "  ret void",
                "}",
            ]
        )

    def _runs(self, b: Builder, op: str, planes: int, slot: str, block: str) -> list[str]:
        """The weighted sums of a vector of runs of ``%line``, by plane; ``slot`` is its place in
        the table, ``block`` the label that the code continues."""
        module, taps = b.module, TAPS[op]
        wide = []
        for k in range(taps):
            place = b.emit(f"getelementptr i8, ptr {slot}, i64 {4 * b.lanes * (k + 1)}")
            wide.append(b.emit(f"load {b.f}, ptr {place}, align 4"))
        skips = [b.emit(f"mul i64 %count, {k}") for k in range(planes)]
        lines = [b.emit(f"getelementptr float, ptr %line, i64 {skip}") for skip in skips]
        joined, ends = module.label("joined"), list[tuple[str, list[str]]]()
        counts = near_vectors(module.host)
        if counts:
            place = b.emit(f"getelementptr i8, ptr {slot}, i64 {4 * b.lanes * (taps + 1)}")
            base, span = (element(b, "i32", place, k) for k in (0, 1))
            starts = b.emit(f"load {b.i}, ptr {slot}, align 4")
            index = b.emit(f"sub {b.i} {starts}, {b.splat('i32', base)}")
            begin = b.emit(f"sub i64 {b.emit(f'sext i32 {base} to i64')}, %first")
            places = [b.emit(f"getelementptr float, ptr {line}, i64 {begin}") for line in lines]
        for vectors in counts:
            here, block = module.label("near"), module.label("further")
            # A single vector is loaded anew for each tap.
            reach = vectors * b.lanes if vectors > 1 else b.lanes + taps - 1
            fits = b.emit(f"icmp sle i32 {span}, {reach}")
            b.do(f"br i1 {fits}, label %{here}, label %{block}")
            b.label(here)
            ends.append((here, [near(b, place, index, wide, vectors) for place in places]))
            b.do(f"br label %{joined}")
            b.label(block)
        runs: list[list[str]] = [[] for _ in range(planes)]
        for lane in range(b.lanes):
            start = b.emit(f"sext i32 {element(b, 'i32', slot, lane)} to i64")
            start = b.emit(f"sub i64 {start}, %first")
            for run, line in zip(runs, lines, strict=True):
                place = b.emit(f"getelementptr float, ptr {line}, i64 {start}")
                run.append(b.emit(f"load <{taps} x float>, ptr {place}, align 4"))
        ends.append((block, [weighed(b, run, wide) for run in runs]))
        b.do(f"br label %{joined}")
        b.label(joined)
        return [
            b.emit(
                f"phi {b.f} " + ", ".join(f"[ {values[k]}, %{label} ]" for label, values in ends)
            )
            for k in range(planes)
        ]


def unweighed(key: Key) -> Look:
    """The look of a key, whose weight does not matter."""
    u, v, left, top, columns, rows = key[2]
    return Look(u, v, left, top, columns, rows, const(0.0))


def _reach(b: Builder, start: str, taps: int) -> str:
    """The start of the first in a vector of runs, and the number of samples that they span."""
    first, last = (
        b.call("i32", f"llvm.vector.reduce.{name}.v{b.lanes}i32", f"{b.i} {start}")
        for name in ("smin", "smax")
    )
    span = b.emit(f"add i32 {b.emit(f'sub i32 {last}, {first}')}, {taps}")
    both = b.emit(f"insertelement {b.i} zeroinitializer, i32 {first}, i64 0")
    return b.emit(f"insertelement {b.i} {both}, i32 {span}, i64 1")
