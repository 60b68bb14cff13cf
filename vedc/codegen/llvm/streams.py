"""Samples of leaves: where a group finds them, and how they become lanes.

A stream is a run of elements that one group reads from one row of one plane, in place or, if the
run extends beyond the picture, from a copy in the scratch area. An element is a plane's content at
one position: a sample, a pixel of packed samples, a pair of chroma samples.
"""

from __future__ import annotations

from vedc.codegen.llvm.context import COLUMN, ROW, FunctionContext
from vedc.codegen.llvm.vector import Builder
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Stream:
    """A run of elements, contiguous in memory.

    Element k of the run belongs to image column ``start + offset + step * k`` and lies at
    index ``column >> shift`` of the plane's row; ``start`` is the group's first column in
    the image. ``row`` counts in the block.
    """

    leaf: int
    plane: int
    row: int
    offset: int
    count: int
    step: int
    shift: int
    bytes: int


def streams(c: FunctionContext, leaf: int, plane: int) -> list[Stream]:
    """The streams of a leaf's plane in memory."""
    described = c.program.leaves[leaf]
    shift_x, shift_y = c.sampling(leaf, plane)
    # All rows of a block see the same row of a covering leaf's equally subsampled chroma.
    rows = 1 if described.covers and shift_y == c.sub_y else c.rows
    # A placed leaf may start at an odd column: a pair of pixels then spans two chroma samples.
    offsets = (0, 1) if shift_x and not described.covers else (0,)
    step = 1 + shift_x
    size = described.format.element_bytes(plane)
    return [
        Stream(leaf, plane, row, offset, c.group // step, step, shift_x, size)
        for row in range(rows)
        for offset in offsets
    ]


def in_place(b: Builder, s: Stream, row: str, start: str) -> str:
    """The address of a stream's first element in a row of its plane."""
    column = _first_column(b, s, start)
    if s.shift:
        column = b.emit(f"ashr i64 {column}, {s.shift}")
    return b.emit(f"getelementptr i{8 * s.bytes}, ptr {row}, i64 {column}")


def copied(c: FunctionContext, s: Stream, row: str, start: str, last: str, width: str) -> str:
    """Copy a stream to the scratch area, element by element; returns its address.

    Columns beyond ``last`` (the canvas's) repeat its sample; those outside 0..width give 0.
    """
    b, area = c.body, c.area(s.count * s.bytes)
    b.do(
        f"call void @fetch{s.bytes}(ptr {area}, ptr {row}, i64 {_first_column(b, s, start)}, "
        f"i64 {s.step}, i64 {s.shift}, i64 {s.count}, i64 {last}, i64 {width})"
    )
    return area


def _first_column(b: Builder, s: Stream, start: str) -> str:
    return b.emit(f"add i64 {start}, {s.offset}") if s.offset else start


class Samples:
    """Code values at the pixels of a group, read from streams once each."""

    def __init__(self, c: FunctionContext, pointers: dict[Stream, str]) -> None:
        self.c, self.b = c, c.body
        self.pointers = pointers
        self._values: dict[tuple[object, ...], str] = {}

    def at(self, leaf: int, channel: int, column: int, row: int) -> str:
        """The samples of a ``load`` as integers (the bits of a floating-point leaf); ``column`` and
        ``row`` count in the block.
        """
        varies = self.c.load_varies(leaf, channel)
        column = column if varies & COLUMN else 0
        row = row if varies & ROW else 0
        key = ("sample", leaf, channel, column, row)
        found = self._values.get(key)
        if found is None:
            b, fmt = self.b, self.c.program.leaves[leaf].format
            plane, bits = fmt.plane_of(channel), 8 * fmt.bytes
            members = fmt.members(plane)
            place = members.index(channel)
            found = b.lshr(self._lanes(leaf, plane, column, row), bits * place + fmt.shift)
            if place + 1 < len(members):  # mask off the bits above it
                found = b.iand(found, b.iconst((1 << bits - fmt.shift) - 1))
            self._values[key] = found
        return found

    def value(self, leaf: int, channel: int, column: int, row: int) -> str:
        """The same, converted to floats."""
        samples = self.at(leaf, channel, column, row)
        if self.c.program.leaves[leaf].format.floating:
            return self.b.bits_to_float(samples)
        return self.b.to_float(samples)

    def _lanes(self, leaf: int, plane: int, column: int, row: int) -> str:
        """Elements of a plane in memory, one per lane."""
        key = ("lanes", leaf, plane, column, row)
        found = self._values.get(key)
        if found is None:
            runs = [s for s in self.pointers if (s.leaf, s.plane, s.row) == (leaf, plane, row)]
            runs.sort(key=lambda s: s.offset)
            if self.c.columns == 1:
                found = self._doubled(runs) if runs[0].shift else self._widened(runs[0])
            elif runs[0].shift:
                found = self._widened(runs[column if len(runs) > 1 else 0])
            else:
                found = self._half(runs[0], column)
            self._values[key] = found
        return found

    def _loaded(self, s: Stream, count: int, bits: int) -> str:
        key = ("loaded", s)
        if key not in self._values:
            pointer = self.pointers[s]
            self._values[key] = self.b.emit(f"load <{count} x i{bits}>, ptr {pointer}, align 1")
        return self._values[key]

    def _widened(self, s: Stream) -> str:
        """A run of one element per lane."""
        return self._extend(self._loaded(s, self.b.lanes, 8 * s.bytes), 8 * s.bytes)

    def _extend(self, value: str, bits: int) -> str:
        return (
            value
            if bits == 32
            else self.b.emit(f"zext <{self.b.lanes} x i{bits}> {value} to {self.b.i}")
        )

    def _half(self, s: Stream, column: int) -> str:
        """The even or odd elements of a run of two per lane."""
        b, n, bits = self.b, self.b.lanes, 8 * s.bytes
        if bits == 32:
            pair = f"<{2 * n} x i32>"
            return b.emit(
                f"shufflevector {pair} {self._loaded(s, 2 * n, 32)}, {pair} poison, "
                f"{b.i} {b.iota(column, 2)}"
            )
        key = ("pairs", s)
        if key not in self._values:
            self._values[key] = self._extend(self._loaded(s, n, 2 * bits), 2 * bits)
        pairs = self._values[key]
        return b.lshr(pairs, bits) if column else b.iand(pairs, b.iconst((1 << bits) - 1))

    def _doubled(self, runs: list[Stream]) -> str:
        """One element for two neighbouring lanes: the first of a pair from the first run."""
        b, half, bits = self.b, self.b.lanes // 2, 8 * runs[0].bytes
        first, second = (self._loaded(s, half, bits) for s in (runs[0], runs[-1]))
        picks = ", ".join(f"i32 {k // 2 + half * (k % 2)}" for k in range(b.lanes))
        kind = f"<{half} x i{bits}>"
        both = b.emit(f"shufflevector {kind} {first}, {kind} {second}, {b.i} <{picks}>")
        return self._extend(both, bits)


#: Copies ``count`` elements to scratch; see :func:`copied`.
FETCH = """\
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
