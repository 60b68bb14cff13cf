"""The resampling part of filter code: runs of a line, and rows rounded to samples.

Four runs are summed in parallel in vectors of four, whatever the CPU supports, so that no bit
depends on it.
"""

from __future__ import annotations

from collections.abc import Callable

from vedc.codegen.filters.row_state import (
    BYTES,
    FIELDS,
    ROW,
    STORE,
    UNIT,
    Kind,
    constant,
    loop,
)


def runs(lanes: int) -> str:
    """Four samples at a time, whose runs are first summed as vectors."""
    kind, four = f"<{UNIT} x float>", range(UNIT)
    body = []
    for n in four:
        body += [
            f"  %x{n} = add i64 %x, {n}",
            f"  %s{n}.at = getelementptr i64, ptr %starts, i64 %x{n}",
            f"  %s{n} = load i64, ptr %s{n}.at, align 8",
            f"  %from{n} = getelementptr float, ptr %seen, i64 %s{n}",
            f"  %w{n}.skip = mul i64 %x{n}, %run",
            f"  %w{n} = getelementptr float, ptr %along, i64 %w{n}.skip",
        ]
    body += ["  br label %tap", "tap:", "  %k = phi i64 [ 0, %body ], [ %k.next, %tap ]"]
    body += [f"  %sum{n} = phi {kind} [ zeroinitializer, %body ], [ %next{n}, %tap ]" for n in four]
    for n in four:
        body += [
            f"  %v{n}.at = getelementptr float, ptr %from{n}, i64 %k",
            f"  %v{n} = load {kind}, ptr %v{n}.at, align 4",
            f"  %u{n}.at = getelementptr float, ptr %w{n}, i64 %k",
            f"  %u{n} = load {kind}, ptr %u{n}.at, align 4",
            f"  %t{n} = fmul {kind} %v{n}, %u{n}",
            f"  %next{n} = fadd {kind} %sum{n}, %t{n}",
        ]
    body += [
        f"  %k.next = add i64 %k, {UNIT}",
        "  %k.more = icmp ult i64 %k.next, %run",
        "  br i1 %k.more, label %tap, label %summed",
        "summed:",
    ]
    pairs = [("a", "%next0", "%next1"), ("b", "%next2", "%next3"), ("all", "%a", "%b")]
    for name, left, right in pairs:
        for side, picks in (("even", (0, 2, 4, 6)), ("odd", (1, 3, 5, 7))):
            chosen = ", ".join(f"i32 {pick}" for pick in picks)
            body.append(
                f"  %{name}.{side} = shufflevector {kind} {left}, {kind} {right}, "
                f"<{UNIT} x i32> <{chosen}>"
            )
        body.append(f"  %{name} = fadd {kind} %{name}.even, %{name}.odd")
    body += [
        "  %to.at = getelementptr float, ptr %result, i64 %x",
        f"  store {kind} %all, ptr %to.at, align 4",
    ]
    return loop(1, UNIT, body).replace("[ %x.next, %body ]", "[ %x.next, %summed ]")


def stored(kind: Kind, lanes: int) -> str:
    """``STORE``: rows rounded half up. The line has room for whole vectors; the target does
    not."""
    size, vector, whole = BYTES[kind], f"<{lanes} x float>", f"<{lanes} x i32>"
    if kind == "f32":
        return ""

    def rounded(stem: str, several: Callable[[str], str], mark: str) -> list[str]:
        one, zero = several("float"), "zeroinitializer" if mark != "f32" else "0.0"
        peak, half = ("%peaks", constant(0.5, lanes)) if mark != "f32" else ("%peak", "0.5")
        return [
            f"  {stem}.high = call {one} @llvm.minnum.{mark}({one} {stem}, {one} {peak})",
            f"  {stem}.in = call {one} @llvm.maxnum.{mark}({one} {stem}.high, {one} {zero})",
            f"  {stem}.up = fadd {one} {stem}.in, {half}",
            f"  {stem}.whole = fptosi {one} {stem}.up to {several('i32')}",
            f"  {stem}.code = trunc {several('i32')} {stem}.whole to {several(f'i{8 * size}')}",
        ]

    wide = rounded("%v", lambda one: f"<{lanes} x {one}>", f"v{lanes}f32")
    single = rounded("%s", lambda one: one, "f32")
    codes = f"<{lanes} x i{8 * size}>"
    return f"""
declare {vector} @llvm.minnum.v{lanes}f32({vector}, {vector})
declare {vector} @llvm.maxnum.v{lanes}f32({vector}, {vector})
declare float @llvm.minnum.f32(float, float)
declare float @llvm.maxnum.f32(float, float)

define void @{STORE}(ptr %state, i64 %last, ptr %to, i64 %stride, i64 %largest) #0 {{
entry:
  %peak = sitofp i64 %largest to float
  %peaks.one = insertelement {vector} poison, float %peak, i64 0
  %peaks = shufflevector {vector} %peaks.one, {vector} poison, {whole} zeroinitializer
  %width.at = getelementptr i64, ptr %state, i64 {FIELDS.index("width")}
  %width = load i64, ptr %width.at, align 8
  br label %row
row:
  %y = phi i64 [ 0, %entry ], [ %y.next, %stored ]
  %more = icmp slt i64 %y, %last
  br i1 %more, label %make, label %done
make:
  %from = call ptr @{ROW}(ptr %state, i64 %y)
  %skip = mul i64 %y, %stride
  %target = getelementptr i8, ptr %to, i64 %skip
  br label %wide
wide:
  %x = phi i64 [ 0, %make ], [ %x.end, %vector ]
  %x.end = add i64 %x, {lanes}
  %fits = icmp sle i64 %x.end, %width
  br i1 %fits, label %vector, label %narrow
vector:
  %v.at = getelementptr float, ptr %from, i64 %x
  %v = load {vector}, ptr %v.at, align 4
{chr(10).join(wide)}
  %v.skip = mul i64 %x, {size}
  %v.to = getelementptr i8, ptr %target, i64 %v.skip
  store {codes} %v.code, ptr %v.to, align 1
  br label %wide
narrow:
  %n = phi i64 [ %x, %wide ], [ %n.next, %single ]
  %left = icmp slt i64 %n, %width
  br i1 %left, label %single, label %stored
single:
  %s.at = getelementptr float, ptr %from, i64 %n
  %s = load float, ptr %s.at, align 4
{chr(10).join(single)}
  %s.skip = mul i64 %n, {size}
  %s.to = getelementptr i8, ptr %target, i64 %s.skip
  store i{8 * size} %s.code, ptr %s.to, align 1
  %n.next = add i64 %n, 1
  br label %narrow
stored:
  %y.next = add i64 %y, 1
  br label %row
done:
  ret void
}}
"""
