"""One program as one LLVM module: the loops around the generated body.

A block is the output's chroma block: 2x2 pixels for 4:2:0, 2x1 for 4:2:2, otherwise 1x1. Each
iteration of the inner loop computes a group of ``lanes`` neighbouring blocks; lane k of every
value belongs to block k. Even and odd columns are the low and high halves of words, which cost
nothing to split and join.

Values are computed at the rate at which they vary: per call, block row, group, column or row of
the block, or pixel. Chroma roots are averaged as far down as they are affine: averaging R, G, B
once costs less than computing Cb and Cr four times.

The last group of a row may extend beyond the picture. Its samples are first copied to a scratch
area, repeating the last column, and its results copied out of one; the code in between is the
same. Rows beyond an odd height read and write the last row again.

A streamed leaf has no memory: at the head of a block row, a filter is called for each of its rows
that the block reads (``filters.rows``); these are in the fastest cache when the groups read them.

Placed leaves have variants of the body: for groups outside a leaf the program is simplified with
the leaf's samples replaced by 0, so the leaf costs nothing there.
"""

from __future__ import annotations

from collections.abc import Iterable

from vedc.codegen.llvm.context import FunctionContext
from vedc.codegen.llvm.group_body import GroupBody, Rounding, Targets, averaged_parts
from vedc.codegen.llvm.host import Host
from vedc.codegen.llvm.lines import Lines
from vedc.codegen.llvm.memo import fill_function
from vedc.codegen.llvm.placed_leaf import PlacedLeaf, without
from vedc.codegen.llvm.streams import FETCH, Stream, copied, in_place, streams
from vedc.codegen.llvm.vector import Module
from vedc.expr.nodes import Expr, walk
from vedc.expr.program import Program

ENTRY_POINT = "vedc_kernel"

#: Up to this number of placed leaves every subset that can meet a group gets its own body; beyond
#: that only the empty set, each leaf alone, and all of them.
_MOST_SETS = 2


def module_text(program: Program, host: Host) -> str:
    """The module's text; its one external function is ``ENTRY_POINT(ptr arguments)``."""
    module = Module(host)
    context = FunctionContext(program, module)
    lines = Lines(context)
    functions = [_loops(context, lines), *lines.code.functions, *context.opcodes.look_functions()]
    memos = {e.attr[0] for e in walk(program.roots) if e.op == "memo" and isinstance(e.attr, tuple)}
    functions += [fill_function(program, module, group) for group in sorted(memos)]
    functions += [FETCH.format(bytes=n, bits=8 * n) for n in (1, 2, 4)]
    wide = 32 * host.lanes
    attributes = (
        f'"target-cpu"="{host.cpu}" "target-features"="{host.features}" '
        f'"prefer-vector-width"="{wide}" "min-legal-vector-width"="{wide}"'
    )
    return "\n".join(
        [
            f'target triple = "{host.triple}"',
            *functions,
            _PUT,
            *sorted(module.declared.values()),
            f"attributes #0 = {{ nounwind {attributes} }}",
            f"attributes #1 = {{ nounwind noinline cold {attributes} }}",
            f"attributes #2 = {{ nounwind noinline {attributes} }}",
            '!0 = !{!"branch_weights", i32 4000, i32 1}  ; likely',
            '!1 = !{!"branch_weights", i32 1, i32 4000}  ; unlikely',
            "",
        ]
    )


def _loops(c: FunctionContext, lines: Lines) -> str:
    """The kernel function."""
    b = c.body
    variants = _variants(c)
    used = sorted({_in_memory(c, e) for roots in variants.values() for e in c.loads(roots)})
    covering = [pair for pair in used if c.program.leaves[pair[0]].covers]
    places = {
        leaf: PlacedLeaf(c, leaf, [s for k, p in used if k == leaf for s in streams(c, leaf, p)])
        for leaf in c.placed
    }
    rows = _output_rows(c)

    reach = b.emit(f"add i64 {c.x}, {c.group}")
    tail = b.emit(f"icmp ugt i64 {reach}, {c.width}")
    targets = _targets(c, rows, tail)
    sources = _covering_sources(c, covering, tail)
    names = {subset: c.module.label("variant") for subset in variants}
    _choose_variant(c, places, reach, names)
    rounding = Rounding(c)
    for roots in variants.values():
        narrow = [root for k, root in enumerate(roots) if c.subsampled(k)]
        full = [root for k, root in enumerate(roots) if not c.subsampled(k)]
        lines.expect(full, averaged_parts(c, full, narrow))
    for subset, roots in variants.items():
        b.label(names[subset])
        pointers = dict(sources)
        for bit, leaf in enumerate(c.placed):
            if subset >> bit & 1:
                pointers |= places[leaf].sources(tail)
        GroupBody(c, roots, pointers, places, targets, rounding, lines).emit()
        b.do("br label %computed")
    b.label("computed")
    b.do(f"br i1 {tail}, label %put, label %next, !prof !1")
    b.label("put")
    _put_tail(c, rows, targets)
    b.do("br label %next")
    x86 = c.module.host.x86
    if x86:
        for name in ("stmxcsr", "ldmxcsr"):
            c.module.declared[name] = f"declare void @llvm.x86.sse.{name}(ptr)"
    return "\n".join(
        [
            f"define void @{ENTRY_POINT}(ptr readonly %args) #0 {{",
            "entry:",
            f"  %scratch = alloca [{c.scratch} x i8], align 64",
            *(_FLUSH if x86 else ()),
            *c.entry.lines,
            "  br label %row",
            "row:",
            f"  %block = phi i64 [ {c.first}, %entry ], [ %block.next, %row.next ]",
            f"  %more = icmp ult i64 %block, {c.last}",
            "  br i1 %more, label %row.head, label %done",
            "row.head:",
            *c.head.lines,
            "  br label %group.head",
            "group.head:",
            "  %group = phi i64 [ 0, %row.head ], [ %group.next, %next ]",
            *b.lines,
            "next:",
            f"  %group.next = add i64 %group, {b.lanes}",
            f"  %again = icmp ult i64 %group.next, {c.blocks}",
            "  br i1 %again, label %group.head, label %row.next",
            "row.next:",
            "  %block.next = add i64 %block, 1",
            "  br label %row",
            "done:",
            *(_RESTORE if x86 else ()),
            "  ret void",
            "}",
        ]
    )


def _variants(c: FunctionContext) -> dict[int, list[Expr]]:
    """Roots by the set of placed leaves that meet a group: bit k for ``c.placed[k]``."""
    everything = (1 << len(c.placed)) - 1
    sets: Iterable[int] = range(everything + 1)
    if len(c.placed) > _MOST_SETS:
        sets = (0, *(1 << bit for bit in range(len(c.placed))), everything)
    variants = {}
    for subset in sets:
        gone = {leaf for bit, leaf in enumerate(c.placed) if not subset >> bit & 1}
        variants[subset] = without(c.program, gone) if gone else list(c.program.roots)
    return variants


def _choose_variant(
    c: FunctionContext, places: dict[int, PlacedLeaf], reach: str, names: dict[int, str]
) -> None:
    """Branch to the variant of the placed leaves that meet the group."""
    b = c.body
    everything = names[(1 << len(c.placed)) - 1]
    chosen = "0"
    for bit, leaf in enumerate(c.placed):
        touched = b.emit(f"zext i1 {places[leaf].touches(reach)} to i32")
        chosen = b.emit(f"or i32 {chosen}, {b.emit(f'shl i32 {touched}, {bit}')}")
    cases = " ".join(f"i32 {subset}, label %{n}" for subset, n in names.items() if n != everything)
    b.do(f"switch i32 {chosen}, label %{everything} [ {cases} ]")


def _in_memory(c: FunctionContext, e: Expr) -> tuple[int, int]:
    """The leaf and plane in memory that hold a load's samples."""
    assert isinstance(e.attr, tuple)
    leaf, channel = e.attr
    return leaf, c.program.leaves[leaf].format.plane_of(channel)


def _covering_sources(
    c: FunctionContext, planes: list[tuple[int, int]], tail: str
) -> dict[Stream, str]:
    """Addresses of a group's samples of the covering leaves: in place, or copied."""
    b = c.body
    rows = {}
    for leaf, plane in planes:
        field = c.opcodes.arguments.leaf_plane(leaf, plane)
        shift = c.sampling(leaf, plane)[1]
        for s in streams(c, leaf, plane):
            streamed = c.program.leaves[leaf].streamed
            row = c.streamed_row if streamed else c.row_pointer
            rows[s] = row(field, c.row_numbers[s.row], shift)
    if not rows:
        return {}
    direct = {s: in_place(b, s, row, c.x) for s, row in rows.items()}
    fetch, join = c.module.label("fetch"), c.module.label("fetched")
    b.do(f"br i1 {tail}, label %{fetch}, label %{join}, !prof !1")
    b.label(fetch)
    copies = {s: copied(c, s, row, c.x, c.last_column, c.width) for s, row in rows.items()}
    b.do(f"br label %{join}")
    b.label(join)
    return {
        s: b.emit(f"phi ptr [ {direct[s]}, %group.head ], [ {copies[s]}, %{fetch} ]") for s in rows
    }


def _output_rows(c: FunctionContext) -> Targets:
    """Addresses of the output's rows, by plane and row of the block."""
    rows = {}
    for plane in range(c.program.out.planes):
        field = c.opcodes.arguments.out_plane(plane)
        if c.subsampled(plane):
            rows[plane, 0] = c.row_pointer(field, "%block")
        else:
            for row, number in enumerate(c.row_numbers):
                rows[plane, row] = c.row_pointer(field, number)
    return rows


def _output_run(c: FunctionContext, plane: int) -> tuple[str, str, int]:
    """First element of the group in a row of the plane, the row's length, elements per group."""
    if c.subsampled(plane):
        return "%group", c.blocks, c.module.lanes
    return c.x, c.width, c.group


def _targets(c: FunctionContext, rows: Targets, tail: str) -> Targets:
    """Addresses for the group's results: in place, or in the scratch area."""
    b = c.body
    targets = {}
    for (plane, row), pointer in rows.items():
        size = c.program.out.element_bytes(plane)
        start, _, count = _output_run(c, plane)
        place = b.emit(f"getelementptr i{8 * size}, ptr {pointer}, i64 {start}")
        targets[plane, row] = b.emit(f"select i1 {tail}, ptr {c.area(count * size)}, ptr {place}")
    return targets


def _put_tail(c: FunctionContext, rows: Targets, targets: Targets) -> None:
    """Copy out the part of the scratch area that is inside the picture."""
    b = c.body
    for (plane, row), pointer in rows.items():
        size = c.program.out.element_bytes(plane)
        start, length, _ = _output_run(c, plane)
        place = b.emit(f"getelementptr i{8 * size}, ptr {pointer}, i64 {start}")
        count = b.emit(f"mul i64 {b.emit(f'sub i64 {length}, {start}')}, {size}")
        b.do(f"call void @put(ptr {place}, ptr {targets[plane, row]}, i64 {count})")


#: A denormal number costs an x86 CPU hundreds of cycles, and powers of dark colours produce many; 0
#: is just as good. The control register belongs to the thread, so it is restored.
_FLUSH = """\
  %control = alloca i32
  %flushing = alloca i32
  call void @llvm.x86.sse.stmxcsr(ptr %control)
  %before = load i32, ptr %control
  %bits = or i32 %before, 32832
  store i32 %bits, ptr %flushing
  call void @llvm.x86.sse.ldmxcsr(ptr %flushing)""".splitlines()
_RESTORE = ["  call void @llvm.x86.sse.ldmxcsr(ptr %control)"]

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
