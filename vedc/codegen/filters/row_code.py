"""Code of filters that produce one row at a time: a line of summed rows, then sums along the line.

A row is made by summing rows of the source picture into a line, which stays in the fastest cache;
beyond the edges, the outermost samples are repeated. The sums along the line depend on the way:

    convolve    runs of weighted neighbours: as many samples as the picture has
    halve       1 4 6 4 1 around every second sample
    double      1 6 1 at the samples, 4 4 between them: two samples for each
    resample    a separate run with separate weights for every sample, and likewise for every row

``halve`` and ``double`` follow Burt and Adelson's pyramid (1983). Pictures hold 8 or 16 bits or
floats; rows are floats. All addresses are in a state of ``FIELDS``, so the code is the same for all
pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.codegen.filters.resample_code import runs, stored
from vedc.codegen.filters.row_state import (
    ADDRESSES,
    BYTES,
    FIELDS,
    ROW,
    ROWS,
    Kind,
    Way,
    constant,
    loop,
)
from vedc.codegen.llvm.host import Host

Tap = Callable[[str, int, bool], list[str]]
"""Emits the reads of one tap for a block of columns: (prefix of names, number of vectors, wide),
with samples in place of vectors if not wide."""

#: Vectors summed in parallel: enough to hide the latency of an addition.
_VECTORS: Final = 8


def text(way: Way, kind: Kind, target: Host) -> str:
    """A module with ``ROW(state, row)``, which returns the address of the finished row, and
    ``ROWS(state, first, last)``. For ``resample`` it also has ``STORE(state, last, to, stride,
    peak)``, which writes rows rounded, as samples of ``kind`` in 0..``peak``."""
    lanes = target.lanes
    vector = f"<{lanes} x float>"
    attributes = f'"target-cpu"="{target.cpu}" "target-features"="{target.features}"'
    ways = {"convolve": _run, "halve": _halve, "double": _double, "resample": runs}
    along = ways[way](lanes)
    return f"""\
target triple = "{target.triple}"
declare {vector} @llvm.fmuladd.v{lanes}f32({vector}, {vector}, {vector})
declare float @llvm.fmuladd.f32(float, float, float)
declare i64 @llvm.smax.i64(i64, i64)
declare i64 @llvm.smin.i64(i64, i64)

define ptr @{ROW}(ptr %state, i64 %row) #0 {{
entry:
{_fields()}
  %last = sub i64 %rows, 1
  %to = getelementptr float, ptr %line, i64 %left
  %final = sub i64 %columns, 1
  %end = getelementptr float, ptr %to, i64 %columns
  %slot = and i64 %row, %mask
  %skip = mul i64 %slot, %out_stride
  %result = getelementptr i8, ptr %out, i64 %skip
{_FIRST[way]}
  br label %place
place:
  %p = phi i64 [ 0, %entry ], [ %p.next, %place ]
  %p.y = add i64 %first, %p
  %p.least = call i64 @llvm.smax.i64(i64 %p.y, i64 0)
  %p.row = call i64 @llvm.smin.i64(i64 %p.least, i64 %last)
  %p.skip = mul i64 %p.row, %stride
  %p.from = getelementptr i8, ptr %in, i64 %p.skip
  %p.slot = getelementptr ptr, ptr %places, i64 %p
  store ptr %p.from, ptr %p.slot, align 8
  %p.next = add i64 %p, 1
  %p.more = icmp ult i64 %p.next, %taps
  br i1 %p.more, label %place, label %sum
sum:
{_down(kind, lanes)}
edges:
  %left.value = load float, ptr %to, align 4
  %rim = getelementptr float, ptr %to, i64 %final
  %right.value = load float, ptr %rim, align 4
  br label %before
before:
  %l = phi i64 [ 0, %edges ], [ %l.next, %before.more ]
  %l.more = icmp slt i64 %l, %left
  br i1 %l.more, label %before.more, label %after
before.more:
  %l.at = getelementptr float, ptr %line, i64 %l
  store float %left.value, ptr %l.at, align 4
  %l.next = add i64 %l, 1
  br label %before
after:
  %r = phi i64 [ 0, %before ], [ %r.next, %after.more ]
  %r.more = icmp slt i64 %r, %right
  br i1 %r.more, label %after.more, label %sideways
after.more:
  %r.at = getelementptr float, ptr %end, i64 %r
  store float %right.value, ptr %r.at, align 4
  %r.next = add i64 %r, 1
  br label %after
sideways:
  %seen = getelementptr float, ptr %line, i64 %start
{along}
done:
  ret ptr %result
}}

define void @{ROWS}(ptr %state, i64 %first, i64 %last) #0 {{
entry:
  br label %row
row:
  %y = phi i64 [ %first, %entry ], [ %y.next, %made ]
  %more = icmp slt i64 %y, %last
  br i1 %more, label %made, label %done
made:
  %at = call ptr @{ROW}(ptr %state, i64 %y)
  %y.next = add i64 %y, 1
  br label %row
done:
  ret void
}}
{stored(kind, lanes) if way == "resample" else ""}
attributes #0 = {{ nounwind {attributes} "prefer-vector-width"="{32 * lanes}" \
"min-legal-vector-width"="{32 * lanes}" }}
"""


#: The first source row, and the weights of the rows from there. Doubled rows alternate.
_FIRST: Final[dict[Way, str]] = {
    "convolve": "  %first = sub i64 %row, %shift\n  %weights = getelementptr i8, ptr %down, i64 0",
    "halve": """\
  %twice = shl i64 %row, 1
  %first = sub i64 %twice, %shift
  %weights = getelementptr i8, ptr %down, i64 0""",
    "double": """\
  %padded = add i64 %row, %shift
  %half = ashr i64 %padded, 1
  %odd = and i64 %padded, 1
  %ahead = add i64 %half, %odd
  %first = sub i64 %ahead, 1
  %which = mul i64 %odd, %taps
  %weights = getelementptr float, ptr %down, i64 %which""",
    "resample": """\
  %first.at = getelementptr i64, ptr %firsts, i64 %row
  %first = load i64, ptr %first.at, align 8
  %which = mul i64 %row, %taps
  %weights = getelementptr float, ptr %down, i64 %which""",
}


def _fields() -> str:
    lines = []
    for number, name in enumerate(FIELDS):
        kind = "ptr" if name in ADDRESSES else "i64"
        lines.append(f"  %{name}.at = getelementptr i64, ptr %state, i64 {number}")
        lines.append(f"  %{name} = load {kind}, ptr %{name}.at, align 8")
    return "\n".join(lines)


def _splat(name: str, value: str, lanes: int) -> list[str]:
    vector = f"<{lanes} x float>"
    return [
        f"  {name}.one = insertelement {vector} poison, float {value}, i64 0",
        f"  {name} = shufflevector {vector} {name}.one, {vector} poison, "
        f"<{lanes} x i32> zeroinitializer",
    ]


def _down(kind: Kind, lanes: int) -> str:
    """The line, starting at ``%to``: the sum of the rows in ``%places``."""

    def tap(stem: str, count: int, wide: bool) -> list[str]:
        """Add a row's samples, times its weight, to the sums."""
        lines = [
            f"  {stem}.slot = getelementptr ptr, ptr %places, i64 {stem}.k",
            f"  {stem}.row = load ptr, ptr {stem}.slot, align 8",
            f"  {stem}.skip = mul i64 {stem}.here, {BYTES[kind]}",
            f"  {stem}.from = getelementptr i8, ptr {stem}.row, i64 {stem}.skip",
        ]
        for v in range(count):
            at = f"{stem}.from{v}"
            lines.append(
                f"  {at} = getelementptr i8, ptr {stem}.from, i64 {v * lanes * BYTES[kind]}"
            )
            lines += _read(f"{stem}.seen{v}", at, kind, lanes if wide else 0)
        return lines

    return _sums("down", "%sum", "%columns", "%taps", "%weights", "%to", tap, "edges", lanes)


def _read(name: str, at: str, kind: Kind, lanes: int) -> list[str]:
    """Samples as floats: one, or ``lanes``."""

    def several(one: str) -> str:
        return f"<{lanes} x {one}>" if lanes else one

    if kind == "f32":
        return [f"  {name} = load {several('float')}, ptr {at}, align 4"]
    bits, size = f"i{8 * BYTES[kind]}", BYTES[kind]
    return [
        f"  {name}.code = load {several(bits)}, ptr {at}, align {size}",
        f"  {name}.whole = zext {several(bits)} {name}.code to {several('i32')}",
        f"  {name} = sitofp {several('i32')} {name}.whole to {several('float')}",
    ]


def _run(lanes: int) -> str:
    """Each sample of the row as the sum of a run of the line."""

    def tap(stem: str, count: int, wide: bool) -> list[str]:
        lines = [
            f"  {stem}.skip = add i64 {stem}.here, {stem}.k",
            f"  {stem}.from = getelementptr float, ptr %seen, i64 {stem}.skip",
        ]
        for v in range(count):
            at = f"{stem}.from{v}"
            lines.append(f"  {at} = getelementptr float, ptr {stem}.from, i64 {v * lanes}")
            lines += _read(f"{stem}.seen{v}", at, "f32", lanes if wide else 0)
        return lines

    return _sums("run", "%sideways", "%width", "%run", "%along", "%result", tap, "done", lanes)


def _sums(
    name: str,
    before: str,
    columns: str,
    count: str,
    weights: str,
    target: str,
    tap: Tap,
    done: str,
    lanes: int,
) -> str:
    """Weighted sums of ``count`` taps for all ``columns``: in blocks of vectors, the last of which
    ends with the row and overlaps the one before; one by one in a row shorter than a block."""
    wide_step = lanes * _VECTORS

    def block(stem: str, kind: str, vectors: int, step: int, zero: str) -> list[str]:
        label, wide = stem[1:], kind != "float"
        mark = f"v{lanes}" if wide else ""
        here = (
            f"call i64 @llvm.smin.i64(i64 {stem}.at, i64 %{name}.furthest)"
            if wide
            else f"add i64 {stem}.at, 0"
        )
        lines = [
            f"{label}.start:",
            f"  {stem}.here = {here}",
            f"  br label %{label}.tap",
            f"{label}.tap:",
            f"  {stem}.k = phi i64 [ 0, %{label}.start ], [ {stem}.k.next, %{label}.tap ]",
        ]
        lines += [
            f"  {stem}.sum{v} = phi {kind} [ {zero}, %{label}.start ], "
            f"[ {stem}.next{v}, %{label}.tap ]"
            for v in range(vectors)
        ]
        lines.append(f"  {stem}.w.at = getelementptr float, ptr {weights}, i64 {stem}.k")
        lines.append(f"  {stem}.w = load float, ptr {stem}.w.at, align 4")
        if wide:
            lines += _splat(f"{stem}.weight", f"{stem}.w", lanes)
        weight = f"{stem}.weight" if wide else f"{stem}.w"
        lines += tap(stem, vectors, wide)
        lines += [
            f"  {stem}.next{v} = call {kind} @llvm.fmuladd.{mark}f32({kind} {stem}.seen{v}, "
            f"{kind} {weight}, {kind} {stem}.sum{v})"
            for v in range(vectors)
        ]
        lines += [
            f"  {stem}.k.next = add i64 {stem}.k, 1",
            f"  {stem}.more = icmp ult i64 {stem}.k.next, {count}",
            f"  br i1 {stem}.more, label %{label}.tap, label %{label}.store",
            f"{label}.store:",
        ]
        for v in range(vectors):
            lines.append(f"  {stem}.t{v} = getelementptr float, ptr {target}, i64 {stem}.here")
            lines.append(f"  {stem}.to{v} = getelementptr float, ptr {stem}.t{v}, i64 {v * lanes}")
            lines.append(f"  store {kind} {stem}.next{v}, ptr {stem}.to{v}, align 4")
        lines.append(f"  {stem}.at.next = add i64 {stem}.at, {step}")
        return lines

    wide, one = f"%{name}.w", f"%{name}.s"
    return "\n".join(
        [
            f"  %{name}.furthest = sub i64 {columns}, {wide_step}",
            f"  %{name}.roomy = icmp sge i64 %{name}.furthest, 0",
            f"  %{name}.limit = select i1 %{name}.roomy, i64 {columns}, i64 0",
            f"  br label %{name}.wide",
            f"{name}.wide:",
            f"  {wide}.at = phi i64 [ 0, {before} ], [ {wide}.at.next, %{name}.w.store ]",
            f"  %{name}.fits = icmp slt i64 {wide}.at, %{name}.limit",
            f"  br i1 %{name}.fits, label %{name}.w.start, label %{name}.narrow",
            *block(wide, f"<{lanes} x float>", _VECTORS, wide_step, "zeroinitializer"),
            f"  br label %{name}.wide",
            f"{name}.narrow:",
            f"  {one}.at = phi i64 [ %{name}.limit, %{name}.wide ], "
            f"[ {one}.at.next, %{name}.s.store ]",
            f"  %{name}.more = icmp slt i64 {one}.at, {columns}",
            f"  br i1 %{name}.more, label %{name}.s.start, label %{done}",
            *block(one, "float", 1, 1, "0.0"),
            f"  br label %{name}.narrow",
        ]
    )


def _halve(lanes: int) -> str:
    pair, vector = f"<{2 * lanes} x float>", f"<{lanes} x float>"
    sides = [", ".join(f"i32 {2 * k + side}" for k in range(lanes)) for side in (0, 1)]
    body = ["  %twice.x = shl i64 %x, 1", "  %at = getelementptr float, ptr %seen, i64 %twice.x"]
    for k in range(3):
        body.append(f"  %p{k}.at = getelementptr float, ptr %at, i64 {2 * k}")
        body.append(f"  %p{k} = load {pair}, ptr %p{k}.at, align 4")
        for side, picks in zip("eo", sides, strict=True):
            if (side, k) != ("o", 2):
                body.append(
                    f"  %{side}{k} = shufflevector {pair} %p{k}, {pair} poison, "
                    f"<{lanes} x i32> <{picks}>"
                )
    fma = f"call {vector} @llvm.fmuladd.v{lanes}f32({vector}"
    body += [
        f"  %outer = fadd {vector} %e0, %e2",
        f"  %inner = fadd {vector} %o0, %o1",
        f"  %some = {fma} %inner, {vector} {constant(4.0, lanes)}, {vector} %outer)",
        f"  %all = {fma} %e1, {vector} {constant(6.0, lanes)}, {vector} %some)",
        "  %to.at = getelementptr float, ptr %result, i64 %x",
        f"  store {vector} %all, ptr %to.at, align 4",
    ]
    return loop(lanes, 1, body)


def _double(lanes: int) -> str:
    vector, pair = f"<{lanes} x float>", f"<{2 * lanes} x float>"
    body = ["  %half.x = lshr i64 %x, 1", "  %at = getelementptr float, ptr %seen, i64 %half.x"]
    for k in range(3):
        body.append(f"  %p{k}.at = getelementptr float, ptr %at, i64 {k}")
        body.append(f"  %p{k} = load {vector}, ptr %p{k}.at, align 4")
    turns = ", ".join(f"i32 {k // 2 + lanes * (k % 2)}" for k in range(2 * lanes))
    fma = f"call {vector} @llvm.fmuladd.v{lanes}f32({vector}"
    body += [
        f"  %outer = fadd {vector} %p0, %p2",
        f"  %even = {fma} %p1, {vector} {constant(6.0, lanes)}, {vector} %outer)",
        f"  %two = fadd {vector} %p1, %p2",
        f"  %odd.x = fmul {vector} %two, {constant(4.0, lanes)}",
        f"  %both = shufflevector {vector} %even, {vector} %odd.x, <{2 * lanes} x i32> <{turns}>",
        "  %to.at = getelementptr float, ptr %result, i64 %x",
        f"  store {pair} %both, ptr %to.at, align 4",
    ]
    return loop(lanes, 2, body)
