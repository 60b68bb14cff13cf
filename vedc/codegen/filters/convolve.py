"""Convolution of planes with the same weights down the columns and along the rows.

Each row first adds up rows into a line, which stays in the fastest cache, and then sums runs of
the line; several vectors are summed side by side. Beyond the edges, the outermost pixels are
repeated.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from vedc.codegen.llvm.compile import linked, object_code
from vedc.codegen.llvm.host import Host, host

Floats = NDArray[np.float32]
_Entry = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5, *[ctypes.c_int64] * 4)
#: Vectors that are summed side by side: as many as hide how long a sum takes.
_VECTORS = 8


def convolved(layer: Floats, weights: NDArray[np.float64], target: Host | None = None) -> Floats:
    """``layer``: (planes, rows, columns); an odd number of ``weights``, at most as float32."""
    count, (_, rows, columns) = len(weights), layer.shape
    source = np.ascontiguousarray(layer, np.float32)
    out = np.empty_like(source)
    taps = weights.astype(np.float32)
    line = np.empty(columns + count - 1, np.float32)
    places = np.empty(count, np.uint64)
    code, entry = _function(target or host())
    for plane, made in zip(source, out, strict=True):
        arrays = plane, made, taps, line, places
        entry(*(array.ctypes.data for array in arrays), rows, columns, count, 4 * columns)
    del code  # what it owns was called until here
    return out


@cache
def _function(target: Host) -> tuple[llvm.ResourceTracker, Callable[..., None]]:
    """The code, which must live as long as its entry point is called."""
    code = linked("convolve", object_code(_text(target), target), "convolve")
    return code, _Entry(code["convolve"])


def _text(target: Host) -> str:
    lanes = target.lanes
    wide = lanes * _VECTORS
    vector = f"<{lanes} x float>"
    attributes = f'"target-cpu"="{target.cpu}" "target-features"="{target.features}"'
    down = _sum("down", lanes, "%to")
    along = _sum("along", lanes, "%result")
    return f"""\
target triple = "{target.triple}"
declare {vector} @llvm.fmuladd.v{lanes}f32({vector}, {vector}, {vector})
declare float @llvm.fmuladd.f32(float, float, float)
declare i64 @llvm.smax.i64(i64, i64)
declare i64 @llvm.smin.i64(i64, i64)

define void @convolve(ptr %in, ptr %out, ptr %weights, ptr %line, ptr %places, i64 %rows, \
i64 %columns, i64 %count, i64 %stride) #0 {{
entry:
  %reach = lshr i64 %count, 1
  %last = sub i64 %rows, 1
  %to = getelementptr float, ptr %line, i64 %reach
  %final = sub i64 %columns, 1
  %end = getelementptr float, ptr %to, i64 %columns
  %furthest = sub i64 %columns, {wide}
  %roomy = icmp sge i64 %furthest, 0
  %limit = select i1 %roomy, i64 %columns, i64 0
  br label %row
row:
  %y = phi i64 [ 0, %entry ], [ %y.next, %row.done ]
  %result.at = mul i64 %y, %stride
  %result = getelementptr i8, ptr %out, i64 %result.at
  br label %place
place:
  %p = phi i64 [ 0, %row ], [ %p.next, %place ]
  %p.y = add i64 %y, %p
  %p.shifted = sub i64 %p.y, %reach
  %p.least = call i64 @llvm.smax.i64(i64 %p.shifted, i64 0)
  %p.row = call i64 @llvm.smin.i64(i64 %p.least, i64 %last)
  %p.skip = mul i64 %p.row, %stride
  %p.from = getelementptr i8, ptr %in, i64 %p.skip
  %p.slot = getelementptr ptr, ptr %places, i64 %p
  store ptr %p.from, ptr %p.slot, align 8
  %p.next = add i64 %p, 1
  %p.more = icmp ult i64 %p.next, %count
  br i1 %p.more, label %place, label %down.wide
{down}
down.done:
  %left = load float, ptr %to, align 4
  %right.at = getelementptr float, ptr %to, i64 %final
  %right = load float, ptr %right.at, align 4
  br label %edge
edge:
  %e = phi i64 [ 0, %down.done ], [ %e.next, %edge.more ]
  %e.more = icmp ult i64 %e, %reach
  br i1 %e.more, label %edge.more, label %along.wide
edge.more:
  %e.left = getelementptr float, ptr %line, i64 %e
  store float %left, ptr %e.left, align 4
  %e.right = getelementptr float, ptr %end, i64 %e
  store float %right, ptr %e.right, align 4
  %e.next = add i64 %e, 1
  br label %edge
{along}
along.done:
  br label %row.done
row.done:
  %y.next = add i64 %y, 1
  %y.more = icmp ult i64 %y.next, %rows
  br i1 %y.more, label %row, label %done
done:
  ret void
}}
attributes #0 = {{ nounwind {attributes} "prefer-vector-width"="{32 * lanes}" \
"min-legal-vector-width"="{32 * lanes}" }}
"""


def _sum(name: str, lanes: int, target: str) -> str:
    """Blocks for a row of sums: ``down`` of the rows in ``%places``, or ``along`` a line."""
    before = {"down": "%place", "along": "%edge"}[name]
    vector, down = f"<{lanes} x float>", name == "down"
    n = f"%{name}"

    def tap(kind: str, count: int, at: str, stem: str) -> list[str]:
        """Loads for one tap, times its weight, onto the sums."""
        mark = "v" + str(lanes) if count > 1 else ""
        lines = [f"  {stem}.w.at = getelementptr float, ptr %weights, i64 {stem}.k"]
        lines.append(f"  {stem}.w = load float, ptr {stem}.w.at, align 4")
        weight = f"{stem}.w"
        if count > 1:
            lines.append(f"  {stem}.one = insertelement {kind} poison, float {weight}, i64 0")
            lines.append(
                f"  {stem}.all = shufflevector {kind} {stem}.one, {kind} poison, "
                f"<{lanes} x i32> zeroinitializer"
            )
            weight = f"{stem}.all"
        if down:
            lines.append(f"  {stem}.slot = getelementptr ptr, ptr %places, i64 {stem}.k")
            lines.append(f"  {stem}.row = load ptr, ptr {stem}.slot, align 8")
            lines.append(f"  {stem}.from = getelementptr float, ptr {stem}.row, i64 {at}")
        else:
            lines.append(f"  {stem}.skip = add i64 {at}, {stem}.k")
            lines.append(f"  {stem}.from = getelementptr float, ptr %line, i64 {stem}.skip")
        for v in range(count):
            lines.append(
                f"  {stem}.from{v} = getelementptr float, ptr {stem}.from, i64 {v * lanes}"
            )
            lines.append(f"  {stem}.seen{v} = load {kind}, ptr {stem}.from{v}, align 4")
            lines.append(
                f"  {stem}.next{v} = call {kind} @llvm.fmuladd.{mark}f32({kind} {stem}.seen{v}, "
                f"{kind} {weight}, {kind} {stem}.sum{v})"
            )
        return lines

    def block(kind: str, count: int, step: int, stem: str, zero: str) -> list[str]:
        """A loop over the taps at a column, and storing."""
        label, at = stem[1:], f"{stem}.at"
        lines = [f"{label}.start:"]
        if count > 1:  # the last block ends with the row, over a part of the one before
            at = f"{stem}.here"
            lines.append(f"  {at} = call i64 @llvm.smin.i64(i64 {stem}.at, i64 %furthest)")
        lines += [f"  br label %{label}.tap", f"{label}.tap:"]
        lines.append(f"  {stem}.k = phi i64 [ 0, %{label}.start ], [ {stem}.k.next, %{label}.tap ]")
        lines += [
            f"  {stem}.sum{v} = phi {kind} [ {zero}, %{label}.start ], [ {stem}.next{v}, "
            f"%{label}.tap ]"
            for v in range(count)
        ]
        lines += tap(kind, count, at, stem)
        lines.append(f"  {stem}.k.next = add i64 {stem}.k, 1")
        lines.append(f"  {stem}.more = icmp ult i64 {stem}.k.next, %count")
        lines.append(f"  br i1 {stem}.more, label %{label}.tap, label %{label}.store")
        lines.append(f"{label}.store:")
        for v in range(count):
            lines.append(f"  {stem}.t{v} = getelementptr float, ptr {target}, i64 {at}")
            lines.append(f"  {stem}.to{v} = getelementptr float, ptr {stem}.t{v}, i64 {v * lanes}")
            lines.append(f"  store {kind} {stem}.next{v}, ptr {stem}.to{v}, align 4")
        lines.append(f"  {stem}.at.next = add i64 {stem}.at, {step}")
        return lines

    wide, one = f"{n}.w", f"{n}.s"
    return "\n".join(
        [
            f"{name}.wide:",
            f"  {wide}.at = phi i64 [ 0, {before} ], [ {wide}.at.next, %{name}.w.store ]",
            f"  {n}.fits = icmp slt i64 {wide}.at, %limit",
            f"  br i1 {n}.fits, label %{name}.w.start, label %{name}.narrow",
            *block(vector, _VECTORS, lanes * _VECTORS, wide, "zeroinitializer"),
            f"  br label %{name}.wide",
            f"{name}.narrow:",
            f"  {one}.at = phi i64 [ %limit, %{name}.wide ], [ {one}.at.next, %{name}.s.store ]",
            f"  {n}.more = icmp slt i64 {one}.at, %columns",
            f"  br i1 {n}.more, label %{name}.s.start, label %{name}.done",
            *block("float", 1, 1, one, "0.0"),
            f"  br label %{name}.narrow",
        ]
    )
