"""One program as one LLVM module: loops, samples in, expressions, samples out.

A block is the output's chroma block: 2x2 pixels for 4:2:0, 2x1 for 4:2:2, else 1x1. One
turn of the inner loop computes a group: ``lanes`` neighbouring blocks, so that lane k of
every value belongs to block k. Even and odd columns are the low and high halves of words,
which are free to split and to join.

Values are computed at the rate at which they vary: per call, per block row, per group, per
column or row of the block, or per pixel. A chroma root is averaged as far down as it is
affine: averaging R, G, B once costs less than Cb and Cr four times.

The last group of a row may reach beyond the picture. Its samples are then copied into a
scratch area first, the last column standing in for those beyond, and out of one afterwards;
the code between is the same. Rows beyond an odd height read and write the last row again.

A placed leaf has variants of the loop body: where it lies outside the group, the body is
that of the program with the leaf's samples replaced by 0 and simplified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vedc.codegen.evaluate import MEMO_FIELD, MEMO_MASK, Numbers
from vedc.codegen.vector import Builder, Module
from vedc.codegen.host import Host
from vedc.color import PixelFormat
from vedc.expr.nodes import Expr, const, load, walk
from vedc.expr.program import MEMO_HIGH, MEMO_LOW, MEMO_STEPS, Program
from vedc.expr.rules import Simplifier

ENTRY_POINT = "vedc_kernel"

#: Placed leaves up to this number get a loop body for each set that touches a group.
_MOST_SUBSETS = 2

# What a value varies with.
_ROW, _COLUMN, _GROUP = 1, 2, 4


def build(program: Program, host: Host) -> str:
    """The module's text; its one external function is ``ENTRY_POINT(ptr arguments)``."""
    module = Module(host)
    functions = [_Loop(program, module).function()]
    used = {e.attr[0] for e in walk(program.roots) if e.op == "memo" and isinstance(e.attr, tuple)}
    functions += [_fill_function(program, module, group) for group in sorted(used)]
    functions += [_FETCH.format(bytes=n, bits=8 * n) for n in (1, 2, 4)] + [_PUT]
    wide = 32 * host.lanes
    attributes = (
        f'"target-cpu"="{host.cpu}" "target-features"="{host.features}" '
        f'"prefer-vector-width"="{wide}" "min-legal-vector-width"="{wide}"'
    )
    return "\n".join(
        [
            f'target triple = "{host.triple}"',
            *functions,
            *sorted(module.declared.values()),
            f"attributes #0 = {{ nounwind {attributes} }}",
            f"attributes #1 = {{ nounwind noinline cold {attributes} }}",
            '!0 = !{!"branch_weights", i32 4000, i32 1}',
            '!1 = !{!"branch_weights", i32 1, i32 4000}',
            "",
        ]
    )


@dataclass(frozen=True, slots=True)
class _Stream:
    """A run of samples of a leaf's plane, contiguous in memory, that a group reads.

    Sample k of the run belongs to image column ``start + offset + step * k`` and lies at
    index ``column >> shift`` of the plane's row, ``start`` being the group's first column.
    """

    leaf: int
    plane: int
    row: int
    offset: int
    count: int
    step: int
    shift: int
    bytes: int


class _Loop:
    """The kernel function."""

    def __init__(self, program: Program, module: Module) -> None:
        self.program = program
        self.module = module
        self.lanes = module.lanes
        out = program.out
        self.sub_x, self.sub_y = (out.sub_x, out.sub_y) if out.layout == "yuv" else (0, 0)
        self.columns, self.rows = 1 << self.sub_x, 1 << self.sub_y
        self.group = self.lanes * self.columns
        self.entry = Builder(module, [])
        self.head = Builder(module, [])  # once a block row
        self.body = Builder(module, [])  # once a group
        self.numbers = Numbers(program, module, self.entry)
        self.placed = [i for i, leaf in enumerate(program.leaves) if not leaf.covers]
        self.fixed: dict[tuple[Expr, int], str] = {}  # values of the entry and row blocks
        self.varies: dict[Expr, int] = {}
        self.scratch = 0

    # -- shape of the function ----------------------------------------------------------

    def function(self) -> str:
        arguments = self.numbers.arguments
        entry, head, body = self.entry, self.head, self.body
        self.width, self.height, first, last = (self.numbers.argument(k) for k in range(4))
        blocks = entry.emit(f"add i64 {self.width}, {self.columns - 1}")
        blocks = entry.emit(f"lshr i64 {blocks}, {self.sub_x}")
        width32 = entry.emit(f"trunc i64 {self.width} to i32")
        self.last_column = entry.splat("i32", entry.emit(f"sub i32 {width32}, 1"))
        variants = self._variants()
        used = {self._memory_plane(e) for roots in variants.values() for e in self._loads(roots)}
        covering = sorted((leaf, plane) for leaf, plane in used if self.program.leaves[leaf].covers)
        placed = {leaf: [p for k, p in sorted(used) if k == leaf] for leaf in self.placed}

        # Once a block row: which pixel rows, and where their samples lie.
        last_row = entry.emit(f"sub i64 {self.height}, 1")
        top = head.emit(f"shl i64 %block, {self.sub_y}")
        self.row_numbers = []
        for row in range(self.rows):
            number = head.emit(f"add i64 {top}, {row}")
            if row:
                number = self._smaller64(head, number, last_row)
            self.row_numbers.append(number)
        row_pointers = {
            s: self._row_pointer(
                head, arguments.leaf_plane(leaf, plane), self.row_numbers[s.row], y
            )
            for leaf, plane in covering
            for s, y in self._streams(leaf, plane)
        }
        places = {leaf: self._place(leaf, planes) for leaf, planes in placed.items()}
        out_rows = self._output_rows()

        # Once a group.
        x = body.emit(f"shl i64 %group, {self.sub_x}")
        self.x = x
        reach = body.emit(f"add i64 {x}, {self.group}")
        tail = body.emit(f"icmp ugt i64 {reach}, {self.width}")
        sources = self._covering_sources(row_pointers, tail)
        targets = self._targets(out_rows, tail)
        x32 = body.emit(f"trunc i64 {x} to i32")
        self.x_lanes = body.splat("i32", x32)
        masks = [places[leaf].touches(body, x, reach) for leaf in self.placed]
        chosen = "0"
        for bit, mask in enumerate(masks):
            wide = body.emit(f"zext i1 {mask} to i32")
            wide = body.emit(f"shl i32 {wide}, {bit}")
            chosen = body.emit(f"or i32 {chosen}, {wide}")
        names = {subset: self.module.label("variant") for subset in variants}
        everything = (1 << len(self.placed)) - 1
        if len(variants) > 1:
            cases = " ".join(f"i32 {s}, label %{n}" for s, n in names.items() if s != everything)
            body.do(f"switch i32 {chosen}, label %{names[everything]} [ {cases} ]")
        else:
            body.do(f"br label %{names[everything]}")
        for subset, roots in variants.items():
            body.label(names[subset])
            active = [leaf for bit, leaf in enumerate(self.placed) if subset >> bit & 1]
            pointers = dict(sources)
            for leaf in active:
                pointers |= places[leaf].sources(body, tail)
            _Body(self, roots, pointers, places, targets).emit()
            body.do("br label %stored")
        body.label("stored")
        body.do(f"br i1 {tail}, label %put, label %next, !prof !1")
        body.label("put")
        self._put_tail(out_rows, targets, blocks)
        body.do("br label %next")

        name = "ptr nocapture readonly %args"
        scratch = [f"  %scratch = alloca [{max(self.scratch, 1)} x i8], align 64"]
        return "\n".join(
            [
                f"define void @{ENTRY_POINT}({name}) #0 {{",
                "entry:",
                *scratch,
                *entry.lines,
                "  br label %row",
                "row:",
                f"  %block = phi i64 [ {first}, %entry ], [ %block.next, %row.next ]",
                f"  %more = icmp ult i64 %block, {last}",
                "  br i1 %more, label %row.head, label %done",
                "row.head:",
                *head.lines,
                "  br label %group.head",
                "group.head:",
                "  %group = phi i64 [ 0, %row.head ], [ %group.next, %next ]",
                *body.lines,
                "next:",
                f"  %group.next = add i64 %group, {self.lanes}",
                f"  %again = icmp ult i64 %group.next, {blocks}",
                "  br i1 %again, label %group.head, label %row.next",
                "row.next:",
                "  %block.next = add i64 %block, 1",
                "  br label %row",
                "done:",
                "  ret void",
                "}",
            ]
        )

    def _variants(self) -> dict[int, list[Expr]]:
        """Roots by the set of placed leaves that touch a group, as bits."""
        everything = (1 << len(self.placed)) - 1
        if len(self.placed) <= _MOST_SUBSETS:
            subsets: Iterable[int] = range(everything + 1)
        else:
            subsets = [0, *(1 << bit for bit in range(len(self.placed))), everything]
        variants = {}
        for subset in subsets:
            gone = {leaf for bit, leaf in enumerate(self.placed) if not subset >> bit & 1}
            variants[subset] = without(self.program, gone) if gone else list(self.program.roots)
        return variants

    def _loads(self, roots: Iterable[Expr]) -> Iterator[Expr]:
        """The loads below the roots, those that index memo tables among them."""
        for e in walk(roots):
            if e.op == "load":
                yield e
            elif e.op == "memo":
                assert isinstance(e.attr, tuple)
                leaf = self.program.memos[e.attr[0]].leaf
                for plane in range(3):
                    yield load(leaf, plane)

    def _memory_plane(self, e: Expr) -> tuple[int, int]:
        """The leaf and plane that hold a load's samples: packed pixels lie in plane 0."""
        assert isinstance(e.attr, tuple)
        leaf, plane = e.attr
        return leaf, 0 if self.program.leaves[leaf].format.layout == "rgba" else plane

    # -- addresses ----------------------------------------------------------------------

    def _smaller64(self, b: Builder, a: str, c: str) -> str:
        return b.emit(f"select i1 {b.emit(f'icmp slt i64 {a}, {c}')}, i64 {a}, i64 {c}")

    def _row_pointer(self, b: Builder, field: int, row: str, shift: int = 0) -> str:
        base = self.numbers.argument(field, "ptr")
        stride = self.numbers.argument(field + 1)
        if shift:
            row = b.emit(f"ashr i64 {row}, {shift}")
        return b.emit(f"getelementptr i8, ptr {base}, i64 {b.emit(f'mul i64 {row}, {stride}')}")

    def _scratch(self, size: int) -> str:
        """A piece of the scratch area, a multiple of 64 bytes long."""
        at = self.scratch
        self.scratch += -(-size // 64) * 64
        return self.entry.emit(f"getelementptr i8, ptr %scratch, i64 {at}")

    def sampling(self, leaf: int, plane: int) -> tuple[int, int]:
        """log2 of the subsampling of a leaf's plane."""
        fmt = self.program.leaves[leaf].format
        chroma = fmt.layout == "yuv" and plane in (1, 2)
        return (fmt.sub_x, fmt.sub_y) if chroma else (0, 0)

    def _streams(self, leaf: int, plane: int) -> list[tuple[_Stream, int]]:
        """The plane's streams in a group, each with the shift that takes a row to its own."""
        described = self.program.leaves[leaf]
        shift_x, shift_y = self.sampling(leaf, plane)
        size = sample_bytes(described.format)
        # Of a covering leaf whose chroma rows are the blocks' own, all rows see the same.
        rows = 1 if described.covers and shift_y == self.sub_y else self.rows
        # A placed leaf may start on an odd column: two runs, one sample apart at most.
        offsets = (0, 1) if shift_x and not described.covers else (0,)
        step = 1 + shift_x
        count = self.group // step
        return [
            (_Stream(leaf, plane, row, offset, count, step, shift_x, size), shift_y)
            for row in range(rows)
            for offset in offsets
        ]

    def _covering_sources(self, rows: dict[_Stream, str], tail: str) -> dict[_Stream, str]:
        """Where a group's samples of the covering leaves lie: in place, or in scratch."""
        b = self.body
        direct = {s: self._within(b, pointer, s, self.x) for s, pointer in rows.items()}
        if not rows:
            return {}
        fetch, join = self.module.label("fetch"), self.module.label("fetched")
        b.do(f"br i1 {tail}, label %{fetch}, label %{join}, !prof !1")
        b.label(fetch)
        last = b.emit(f"sub i64 {self.width}, 1")
        copies = {s: self._fetch(b, s, rows[s], self.x, last, self.width) for s in rows}
        b.do(f"br label %{join}")
        b.label(join)
        return {
            s: b.emit(f"phi ptr [ {direct[s]}, %group.head ], [ {copies[s]}, %{fetch} ]")
            for s in rows
        }

    def _within(self, b: Builder, row: str, s: _Stream, start: str) -> str:
        """The address of a stream's first sample in a row."""
        column = b.emit(f"add i64 {start}, {s.offset}") if s.offset else start
        if s.shift:
            column = b.emit(f"ashr i64 {column}, {s.shift}")
        return b.emit(f"getelementptr i{8 * s.bytes}, ptr {row}, i64 {column}")

    def _fetch(self, b: Builder, s: _Stream, row: str, start: str, last: str, width: str) -> str:
        """Copy a stream to scratch: columns beyond ``last`` take its place, others are 0."""
        area = self._scratch(s.count * s.bytes)
        column = b.emit(f"add i64 {start}, {s.offset}") if s.offset else start
        b.do(
            f"call void @fetch{s.bytes}(ptr {area}, ptr {row}, i64 {column}, i64 {s.step}, "
            f"i64 {s.shift}, i64 {s.count}, i64 {last}, i64 {width})"
        )
        return area

    def _place(self, leaf: int, planes: list[int]) -> _Place:
        return _Place(self, leaf, [pair for p in planes for pair in self._streams(leaf, p)])

    # -- output -------------------------------------------------------------------------

    def _output_rows(self) -> dict[tuple[int, int], str]:
        """Row addresses of the output's planes, by plane and row of the block."""
        out = self.program.out
        return {
            (plane, row): self._row_pointer(
                self.head,
                self.numbers.arguments.out + 2 * plane,
                "%block" if self.subsampled(plane) else self.row_numbers[row],
            )
            for plane in range(out.planes)
            for row in range(1 if self.subsampled(plane) else self.rows)
        }

    def subsampled(self, plane: int) -> bool:
        """Whether a plane of the output has one sample a block, of several pixels."""
        return plane in (1, 2) and self.columns * self.rows > 1

    def _targets(self, rows: dict[tuple[int, int], str], tail: str) -> dict[tuple[int, int], str]:
        """Where the group's samples go: in place, or to scratch."""
        b = self.body
        size = sample_bytes(self.program.out)
        targets = {}
        for (plane, row), pointer in rows.items():
            narrow = self.subsampled(plane)
            at = "%group" if narrow else self.x
            place = b.emit(f"getelementptr i{8 * size}, ptr {pointer}, i64 {at}")
            area = self._scratch((self.lanes if narrow else self.group) * size)
            targets[plane, row] = b.emit(f"select i1 {tail}, ptr {area}, ptr {place}")
        return targets

    def _put_tail(
        self,
        rows: dict[tuple[int, int], str],
        targets: dict[tuple[int, int], str],
        blocks: str,
    ) -> None:
        b = self.body
        size = sample_bytes(self.program.out)
        for (plane, row), pointer in rows.items():
            narrow = self.subsampled(plane)
            start, end = ("%group", blocks) if narrow else (self.x, self.width)
            place = b.emit(f"getelementptr i{8 * size}, ptr {pointer}, i64 {start}")
            count = b.emit(f"sub i64 {end}, {start}")
            count = b.emit(f"mul i64 {count}, {size}")
            b.do(f"call void @put(ptr {place}, ptr {targets[plane, row]}, i64 {count})")

    # -- rates --------------------------------------------------------------------------

    def variation(self, e: Expr) -> int:
        """With what ``e`` varies, as bits."""
        found = self.varies.get(e)
        if found is None:
            match e.op:
                case "x":
                    found = _GROUP | _COLUMN
                case "y":
                    found = _ROW
                case "cover":
                    found = _GROUP | _COLUMN | _ROW
                case "load":
                    assert isinstance(e.attr, tuple)
                    found = self._load_variation(*e.attr)
                case "memo":
                    found = 0
                    for index in self._loads([e]):
                        found |= self.variation(index)
                case _:
                    found = 0
                    for a in e.args:
                        found |= self.variation(a)
            self.varies[e] = found
        return found

    def _load_variation(self, leaf: int, plane: int) -> int:
        shift_x, shift_y = self.sampling(leaf, plane)
        placed = not self.program.leaves[leaf].covers
        found = _GROUP
        if self.columns > 1 and (placed or not shift_x):
            found |= _COLUMN
        if self.rows > 1 and (placed or not shift_y):
            found |= _ROW
        return found


class _Place:
    """A placed leaf: what is known of it in a block row, and where its samples lie."""

    def __init__(self, loop: _Loop, leaf: int, streams: list[tuple[_Stream, int]]) -> None:
        self.loop = loop
        numbers, entry, head = loop.numbers, loop.entry, loop.head
        at = numbers.arguments.leaf_place(leaf)
        self.x, y, self.width, height = (numbers.argument(at + k) for k in range(4))
        self.width32 = entry.emit(f"trunc i64 {self.width} to i32")
        self.x32 = entry.splat("i32", entry.emit(f"trunc i64 {self.x} to i32"))
        last = entry.emit(f"sub i64 {height}, 1")
        right = entry.emit(f"add i64 {self.x}, {self.width}")
        self.inside: list[str] = []  # by row of the block: does it cross the image?
        rows = []
        for number in loop.row_numbers:
            row = head.emit(f"sub i64 {number}, {y}")
            self.inside.append(head.emit(f"icmp ult i64 {row}, {height}"))
            row = loop._smaller64(head, row, last)
            rows.append(head.emit(f"call i64 @llvm.smax.i64(i64 {row}, i64 0)"))
        loop.module.declared["llvm.smax.i64"] = "declare i64 @llvm.smax.i64(i64, i64)"
        some, self.every = self.inside[0], self.inside[0]
        for flag in self.inside[1:]:
            some = head.emit(f"or i1 {some}, {flag}")
            self.every = head.emit(f"and i1 {self.every}, {flag}")
        self.right = head.emit(f"select i1 {some}, i64 {right}, i64 {-(1 << 40)}")
        # In a row outside the image ``load`` and ``cover`` see an image of no width.
        self.widths = [
            head.emit(f"select i1 {flag}, i64 {self.width}, i64 0") for flag in self.inside
        ]
        self.width_lanes = [
            head.splat("i32", head.emit(f"trunc i64 {w} to i32")) for w in self.widths
        ]
        arguments = numbers.arguments
        self.rows = {
            s: loop._row_pointer(head, arguments.leaf_plane(leaf, s.plane), rows[s.row], shift)
            for s, shift in streams
        }

    def touches(self, b: Builder, x: str, reach: str) -> str:
        """Whether the group of columns from x to below ``reach`` meets the image."""
        left = b.emit(f"icmp slt i64 {self.x}, {reach}")
        return b.emit(f"and i1 {left}, {b.emit(f'icmp slt i64 {x}, {self.right}')}")

    def sources(self, b: Builder, tail: str) -> dict[_Stream, str]:
        """Where the group's samples lie: in place where all are inside, else in scratch."""
        loop = self.loop
        if not self.rows:
            return {}
        here = loop.module.label("placed")
        b.do(f"br label %{here}")
        b.label(here)
        start = b.emit(f"sub i64 {loop.x}, {self.x}")
        end = b.emit(f"add i64 {start}, {loop.group}")
        whole = b.emit(f"icmp sge i64 {start}, 0")
        whole = b.emit(f"and i1 {whole}, {b.emit(f'icmp sle i64 {end}, {self.width}')}")
        whole = b.emit(f"and i1 {whole}, {self.every}")
        whole = b.emit(f"and i1 {whole}, {b.emit(f'xor i1 {tail}, true')}")
        direct = {s: loop._within(b, row, s, start) for s, row in self.rows.items()}
        fetch, join = loop.module.label("fetch"), loop.module.label("fetched")
        b.do(f"br i1 {whole}, label %{join}, label %{fetch}, !prof !0")
        b.label(fetch)
        last = b.emit(f"sub i64 {loop.width}, 1")
        last = b.emit(f"sub i64 {last}, {self.x}")
        copies = {
            s: loop._fetch(b, s, row, start, last, self.widths[s.row])
            for s, row in self.rows.items()
        }
        b.do(f"br label %{join}")
        b.label(join)
        return {
            s: b.emit(f"phi ptr [ {direct[s]}, %{here} ], [ {copies[s]}, %{fetch} ]")
            for s in self.rows
        }


class _Body:
    """The inner loop's body for one set of roots."""

    def __init__(
        self,
        loop: _Loop,
        roots: list[Expr],
        pointers: dict[_Stream, str],
        places: dict[int, _Place],
        targets: dict[tuple[int, int], str],
    ) -> None:
        self.loop, self.b, self.module = loop, loop.body, loop.module
        self.program = loop.program
        self.roots = roots
        self.pointers = pointers
        self.places = places
        self.targets = targets
        self.values: dict[tuple[object, ...], str] = {}

    def emit(self) -> None:
        loop, b = self.loop, self.b
        narrow = [r for p, r in enumerate(self.roots) if loop.subsampled(p)]
        full = [r for p, r in enumerate(self.roots) if not loop.subsampled(p)]
        parts = _averaged(loop, narrow, full)
        order = list(walk([*full, *parts]))
        sums: dict[Expr, str] = {}
        for row in range(loop.rows):
            columns: list[list[str]] = []
            for column in range(loop.columns):
                for e in order:
                    self.value(e, column, row)
                for part in parts:
                    value = self.value(part, column, row)
                    sums[part] = b.add(sums[part], value) if part in sums else value
                columns.append([self._code(self.value(e, column, row)) for e in full])
            self._store_full(columns, row)
        for part, total in sums.items():
            self.values["mean", part] = b.mul(total, b.const(1.0 / (loop.columns * loop.rows)))
        done = [self._code(self._mean(r)) for r in narrow]
        kind = f"i{8 * sample_bytes(self.program.out)}"
        for plane, code in zip((1, 2), done, strict=False):
            short = b.emit(f"trunc {b.i} {code} to <{b.lanes} x {kind}>")
            b.do(f"store <{b.lanes} x {kind}> {short}, ptr {self.targets[plane, 0]}, align 1")

    # -- values -------------------------------------------------------------------------

    def value(self, e: Expr, column: int, row: int) -> str:
        """The value of ``e`` at a pixel of the block; its arguments are computed already."""
        varies = self.loop.variation(e)
        column = column if varies & _COLUMN else -1
        row = row if varies & _ROW else -1
        key = (e, column, row)
        if varies & _GROUP:
            found = self.values.get(key)
            if found is None:
                found = self.values[key] = self._compute(self.b, e, column, row)
            return found
        fixed = self.loop.fixed
        found = fixed.get((e, row))
        if found is None:
            builder = self.loop.head if varies else self.loop.entry
            found = fixed[e, row] = self._compute(builder, e, column, row)
        return found

    def _compute(self, b: Builder, e: Expr, column: int, row: int) -> str:
        match e.op:
            case "load":
                assert isinstance(e.attr, tuple)
                return b.to_float(self._samples(*e.attr, column, row))
            case "x":
                return b.add(b.to_float(self._columns(column)), b.const(0.5))
            case "y":
                number = b.emit(f"sitofp i64 {self.loop.row_numbers[max(row, 0)]} to float")
                return b.add(b.splat("float", number), b.const(0.5))
            case "cover":
                assert isinstance(e.attr, int)
                return self._cover(e.attr, column, row)
            case "memo":
                assert isinstance(e.attr, tuple)
                return self._memo(e.attr[0], e.attr[1], column, row)
        args = [self.value(a, column, row) for a in e.args]
        if e.op == "div" and not self.loop.variation(e.args[1]):
            return b.mul(args[0], self.loop.numbers.inverse(args[1]))
        return self.loop.numbers.compute(b, e, args)

    def _columns(self, column: int) -> str:
        """Canvas columns of the lanes, those beyond the canvas brought to its last."""
        key = ("columns", max(column, 0))
        if key not in self.values:
            b = self.b
            lanes = b.iadd(self.loop.x_lanes, b.iota(max(column, 0), self.loop.columns))
            i = b.i
            self.values[key] = b.call(
                i, f"llvm.smin.v{b.lanes}i32", f"{i} {lanes}", f"{i} {self.loop.last_column}"
            )
        return self.values[key]

    def _cover(self, leaf: int, column: int, row: int) -> str:
        b = self.b
        if self.program.leaves[leaf].covers:
            return b.const(1.0)
        place = self.places[leaf]
        at = b.emit(f"sub {b.i} {self._columns(column)}, {place.x32}")
        mask = b.emit(f"icmp ult {b.i} {at}, {place.width_lanes[max(row, 0)]}")
        return b.choose(mask, b.const(1.0), b.const(0.0))

    # -- samples ------------------------------------------------------------------------

    def _samples(self, leaf: int, plane: int, column: int, row: int) -> str:
        """Code values of a leaf's plane at a pixel of the block, as integers."""
        loop = self.loop
        varies = loop._load_variation(leaf, plane)
        column = max(column, 0) if varies & _COLUMN else 0
        row = max(row, 0) if varies & _ROW else 0
        key = ("samples", leaf, plane, column, row)
        found = self.values.get(key)
        if found is None:
            fmt = self.program.leaves[leaf].format
            if fmt.layout == "rgba":
                pixels = self._run(leaf, 0, column, row)
                found = self.b.lshr(pixels, 8 * plane)
                if plane < 3:
                    found = self.b.iand(found, self.b.iconst(255))
            else:
                found = self._run(leaf, plane, column, row)
            self.values[key] = found
        return found

    def _run(self, leaf: int, plane: int, column: int, row: int) -> str:
        """The lanes' samples of a plane in memory, zero extended."""
        key = ("run", leaf, plane, column, row)
        found = self.values.get(key)
        if found is None:
            streams = sorted(
                (s for s in self.pointers if (s.leaf, s.plane, s.row) == (leaf, plane, row)),
                key=lambda s: s.offset,
            )
            found = self.values[key] = self._read(streams, column)
        return found

    def _read(self, streams: list[_Stream], column: int) -> str:
        b, loop = self.b, self.loop
        n = b.lanes
        stream = streams[0]
        bits = 8 * stream.bytes
        if stream.shift == 0 and loop.columns == 2:
            return self._half(stream, column)
        if stream.shift and loop.columns == 2:  # a sample a block, or two runs of them
            return self._extended(streams[column if len(streams) > 1 else 0], n, bits)
        if stream.shift == 0:
            return self._extended(stream, n, bits)
        # One sample for two neighbouring lanes.
        first = self._loaded(streams[0], n // 2, bits)
        second = self._loaded(streams[-1], n // 2, bits) if len(streams) > 1 else first
        picks = ", ".join(f"i32 {k // 2 + (n // 2) * (k % 2)}" for k in range(n))
        kind = f"<{n // 2} x i{bits}>"
        mixed = b.emit(f"shufflevector {kind} {first}, {kind} {second}, <{n} x i32> <{picks}>")
        return b.emit(f"zext <{n} x i{bits}> {mixed} to {b.i}")

    def _loaded(self, stream: _Stream, count: int, bits: int) -> str:
        key = ("loaded", stream)
        if key not in self.values:
            pointer = self.pointers[stream]
            self.values[key] = self.b.emit(f"load <{count} x i{bits}>, ptr {pointer}, align 1")
        return self.values[key]

    def _extended(self, stream: _Stream, count: int, bits: int) -> str:
        loaded = self._loaded(stream, count, bits)
        if bits == 32:
            return loaded
        return self.b.emit(f"zext <{count} x i{bits}> {loaded} to {self.b.i}")

    def _half(self, stream: _Stream, column: int) -> str:
        """Even or odd samples of a run of twice as many as there are lanes."""
        b, n = self.b, self.b.lanes
        if stream.bytes == 4:
            loaded = self._loaded(stream, 2 * n, 32)
            pair = f"<{2 * n} x i32>"
            return b.emit(
                f"shufflevector {pair} {loaded}, {pair} poison, <{n} x i32> {b.iota(column, 2)}"
            )
        bits = 8 * stream.bytes
        key = ("pairs", stream)
        if key not in self.values:
            self.values[key] = self._extended(stream, n, 2 * bits)
        pairs = self.values[key]
        return b.lshr(pairs, bits) if column else b.iand(pairs, b.iconst((1 << bits) - 1))

    # -- memo ---------------------------------------------------------------------------

    def _memo(self, group: int, channel: int, column: int, row: int) -> str:
        key = ("memo", group, column, row)
        if (*key, 0) not in self.values:
            for k, value in enumerate(self._memo_values(group, column, row)):
                self.values[(*key, k)] = value
        return self.values[(*key, channel)]

    def _memo_values(self, group: int, column: int, row: int) -> list[str]:
        """The three values at a pixel: from the table if all lanes are there, else anew."""
        b, loop = self.b, self.loop
        numbers = loop.numbers
        leaf = self.program.memos[group].leaf
        index = memo_index(b, (self._samples(leaf, p, column, row) for p in range(3)))
        table = numbers.argument(numbers.arguments.memos + group, "ptr")
        entries = b.gather("i32", table, index)
        bits = b.emit(
            f"bitcast {b.b} {b.emit(f'icmp slt {b.i} {entries}, zeroinitializer')} to i{b.lanes}"
        )
        full = b.emit(f"icmp eq i{b.lanes} {bits}, -1")
        hit, miss, join = (self.module.label(s) for s in ("hit", "miss", "known"))
        b.do(f"br i1 {full}, label %{hit}, label %{miss}, !prof !0")
        b.label(hit)
        found = [numbers.memo_value(b, entries, k) for k in range(3)]
        b.do(f"br label %{join}")
        b.label(miss)
        three = f"{{ {b.f}, {b.f}, {b.f} }}"
        made = b.emit(f"call {three} @fill{group}(ptr %args, {b.i} {index})")
        parts = [b.emit(f"extractvalue {three} {made}, {k}") for k in range(3)]
        b.do(f"br label %{join}")
        b.label(join)
        return [
            b.emit(f"phi {b.f} [ {f}, %{hit} ], [ {p}, %{miss} ]")
            for f, p in zip(found, parts, strict=True)
        ]

    # -- averages and output ------------------------------------------------------------

    def _mean(self, e: Expr) -> str:
        """The mean of ``e`` over the block."""
        key = ("mean", e)
        if key not in self.values:
            loop, b = self.loop, self.b
            if not loop.variation(e) & (_COLUMN | _ROW):
                for below in walk([e]):
                    self.value(below, 0, 0)
                return self.value(e, 0, 0)
            args = [self._mean(a) for a in e.args]
            self.values[key] = loop.numbers.compute(b, e, args)
        return self.values[key]

    def _code(self, value: str) -> str:
        """Clamp to 0..peak and round half up; NaN gives 0."""
        b = self.b
        value = b.smaller(b.larger(value, b.const(0.0)), b.const(float(self.program.out.peak)))
        return b.to_int(b.add(value, b.const(0.5)))

    def _store_full(self, columns: list[list[str]], row: int) -> None:
        """Store one row of every plane that has a sample a pixel."""
        b, loop, out = self.b, self.loop, self.program.out
        n = b.lanes
        if out.layout == "rgba":
            pixel = columns[0][0]
            for channel in range(1, 4):
                pixel = b.ior(pixel, b.shl(columns[0][channel], 8 * channel))
            b.do(f"store {b.i} {pixel}, ptr {self.targets[0, row]}, align 1")
            return
        bits = 8 * out.bytes
        planes = [p for p in range(out.planes) if not loop.subsampled(p)]
        for k, plane in enumerate(planes):
            if loop.columns == 2 and not self._one_column(plane):
                code = b.ior(columns[0][k], b.shl(columns[1][k], bits))
                bits_now = 2 * bits
            else:
                code, bits_now = columns[0][k], bits
            if bits_now < 32:
                code = b.emit(f"trunc {b.i} {code} to <{n} x i{bits_now}>")
            b.do(f"store <{n} x i{bits_now}> {code}, ptr {self.targets[plane, row]}, align 1")

    def _one_column(self, plane: int) -> bool:
        return self.loop.subsampled(plane)


def _averaged(loop: _Loop, narrow: list[Expr], full: list[Expr]) -> list[Expr]:
    """What to average over the block, so that the means of ``narrow`` follow from it.

    The mean of an affine function is the function of the mean; so the parts are the first
    nodes below the roots that are not sums or multiples of others.
    """
    parts: dict[Expr, None] = {}
    inner: set[Expr] = set()

    def steady(e: Expr) -> bool:
        return not loop.variation(e) & (_COLUMN | _ROW)

    def affine(e: Expr) -> bool:
        match e.op:
            case "add" | "sub" | "neg":
                return True
            case "mul" | "fma":
                return steady(e.args[0]) or steady(e.args[1])
        return False

    pending = [r for r in narrow if not steady(r)]
    while pending:
        e = pending.pop()
        if e in inner or e in parts:
            continue
        if affine(e):
            inner.add(e)
            pending += [a for a in e.args if not steady(a)]
        else:
            parts[e] = None
    if len(parts) > len(inner - set(walk(full))) + len(narrow):
        return [r for r in narrow if not steady(r)]
    return list(parts)


#: Where the code values of planes 0, 1 and 2 stand in a memo table's index. Luma lowest:
#: neighbouring pixels of like chroma then share a cache line, which against luma highest
#: measured 10% less time in steady state, half the first frame's, and a fifth of the pages.
MEMO_SHIFTS = (0, 16, 8)


def memo_index(b: Builder, planes: Iterable[str]) -> str:
    """The entry of three 8-bit code values."""
    shifted = [b.shl(p, shift) for p, shift in zip(planes, MEMO_SHIFTS, strict=True)]
    # Chroma joined first: it is the same for all pixels of a block.
    return b.ior(b.ior(shifted[1], shifted[2]), shifted[0])


def without(program: Program, leaves: set[int]) -> list[Expr]:
    """The program's roots where the given placed leaves are not: their samples are 0."""

    simplifier = Simplifier()
    done: dict[Expr, Expr] = {}

    def outside(e: Expr) -> Expr:
        match e.op, e.attr:
            case "load", (leaf, _) if leaf in leaves:
                return const(0.0)
            case "cover", leaf if leaf in leaves:
                return const(0.0)
            case "memo", (int(group), int(channel)) if program.memos[group].leaf in leaves:
                return replaced(program.memos[group].exprs[channel])
        return simplifier.make(e.op, *(done[a] for a in e.args), like=e)

    def replaced(root: Expr) -> Expr:
        for e in walk([root]):
            if e not in done:
                done[e] = outside(e)
        return done[root]

    return [replaced(root) for root in program.roots]


def sample_bytes(fmt: PixelFormat) -> int:
    """Bytes from one sample of a plane to the next: a packed pixel counts as one."""
    return 4 if fmt.layout == "rgba" else fmt.bytes


def _fill_function(program: Program, module: Module, group: int) -> str:
    """``fill``: a memo's values for a vector of indices, computed and stored.

    Values in range come back as the table will give them, so a hit and a miss agree.
    """
    b = Builder(module, [])
    numbers = Numbers(program, module, b)
    memo = program.memos[group]
    planes = [b.iand(b.lshr("%index", shift), b.iconst(255)) for shift in MEMO_SHIFTS]
    values: dict[Expr, str] = {}
    for e in walk(memo.exprs):
        if e.op == "load":
            assert isinstance(e.attr, tuple)
            values[e] = b.to_float(planes[e.attr[1]])
        else:
            values[e] = numbers.compute(b, e, [values[a] for a in e.args])
    direct = [values[e] for e in memo.exprs]
    low, high, scale = MEMO_LOW, MEMO_HIGH, MEMO_STEPS / (MEMO_HIGH - MEMO_LOW)
    fits = ""
    entry = b.iconst(-(1 << 31))
    for channel, value in enumerate(direct):
        above, below = b.compare("oge", value, b.const(low)), b.compare("ole", value, b.const(high))
        both = b.emit(f"and {b.b} {above}, {below}")
        fits = b.emit(f"and {b.b} {fits}, {both}") if fits else both
        clamped = b.smaller(b.larger(value, b.const(low)), b.const(high))
        steps = b.fma(b.sub(clamped, b.const(low)), b.const(scale), b.const(0.5))
        entry = b.ior(entry, b.shl(b.to_int(steps), MEMO_FIELD * channel))
    table = numbers.argument(numbers.arguments.memos + group, "ptr")
    where = b.emit(f"getelementptr i32, ptr {table}, {b.i} %index")
    n = b.lanes
    scatter = f"llvm.masked.scatter.v{n}i32.v{n}p0"
    module.declared[scatter] = f"declare void @{scatter}({b.i}, <{n} x ptr>, i32, {b.b})"
    b.do(f"call void @{scatter}({b.i} {entry}, <{n} x ptr> {where}, i32 4, {b.b} {fits})")
    three = f"{{ {b.f}, {b.f}, {b.f} }}"
    result = "poison"
    for channel, value in enumerate(direct):
        chosen = b.choose(fits, numbers.memo_value(b, entry, channel), value)
        result = b.emit(f"insertvalue {three} {result}, {b.f} {chosen}, {channel}")
    b.do(f"ret {three} {result}")
    head = f"define internal {three} @fill{group}(ptr readonly %args, {b.i} %index) #1 {{"
    return "\n".join([head, *b.lines, "}"])


#: Copies ``count`` samples to scratch; see ``_Stream`` and ``_Loop._fetch``.
_FETCH = """\
define internal void @fetch{bytes}(ptr %to, ptr %row, i64 %first, i64 %step, i64 %shift, \
i64 %count, i64 %last, i64 %width) #1 {{
entry:
  br label %next
next:
  %k = phi i64 [ 0, %entry ], [ %k.next, %store ]
  %skip = mul i64 %k, %step
  %reached = add i64 %first, %skip
  %beyond = icmp sgt i64 %reached, %last
  %column = select i1 %beyond, i64 %last, i64 %reached
  %inside = icmp ult i64 %column, %width
  br i1 %inside, label %load, label %store
load:
  %index = ashr i64 %column, %shift
  %from = getelementptr i{bits}, ptr %row, i64 %index
  %sample = load i{bits}, ptr %from, align 1
  br label %store
store:
  %value = phi i{bits} [ 0, %next ], [ %sample, %load ]
  %place = getelementptr i{bits}, ptr %to, i64 %k
  store i{bits} %value, ptr %place, align 1
  %k.next = add i64 %k, 1
  %more = icmp ult i64 %k.next, %count
  br i1 %more, label %next, label %done
done:
  ret void
}}"""

#: Copies ``count`` bytes from scratch to the output.
_PUT = """\
define internal void @put(ptr %to, ptr %from, i64 %count) #1 {
entry:
  br label %next
next:
  %k = phi i64 [ 0, %entry ], [ %k.next, %next ]
  %source = getelementptr i8, ptr %from, i64 %k
  %value = load i8, ptr %source, align 1
  %place = getelementptr i8, ptr %to, i64 %k
  store i8 %value, ptr %place, align 1
  %k.next = add i64 %k, 1
  %more = icmp ult i64 %k.next, %count
  br i1 %more, label %next, label %done
done:
  ret void
}"""
