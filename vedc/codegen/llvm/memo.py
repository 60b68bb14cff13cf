"""Memo tables: the index and content of an entry, and the code that fills it.

An entry is a 32-bit word: three 10-bit integers and a bit that marks it as filled. Threads may fill
a table concurrently: an entry is stored atomically and always has the same value.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Collection, Iterable, Sequence

from vedc.codegen.llvm.opcodes import Opcodes, latency_order
from vedc.codegen.llvm.vector import Builder, Module
from vedc.expr.nodes import Expr
from vedc.expr.program import MEMO_STEPS, Program
from vedc.support.lazy_dataclass import dataclass

#: Shifts of the code values of planes 0, 1 and 2 in a table's index. With luma lowest,
#: neighbouring pixels of similar chroma share a cache line. Compared with luma highest this took
#: 10% less time in steady state, half the time for the first frame, and a fifth of the pages.
_INDEX_SHIFTS = (0, 16, 8)

#: Shifts of the three numbers in an entry. Channels 1 and 2 have two spare bits above them, so
#: that four pixels can be added in one word: chroma is needed per block.
_SHIFTS = (22, 0, 12)
_FIELD = (1 << 10) - 1
_FILLED = 1 << 10
_PAIR = _FIELD << _SHIFTS[1] | _FIELD << _SHIFTS[2]
_SUM = (1 << 12) - 1
_MOST_PIXELS = 4

_TABLE_BYTES = 4 << 24


@dataclass(frozen=True, slots=True)
class Found:
    """A memo's numbers at the pixels of a block."""

    values: dict[tuple[int, int], str]
    """By pixel and channel."""
    means: dict[int, str]
    """Over the block, by channel."""


def index_of(b: Builder, planes: Iterable[str]) -> str:
    """The entries of three 8-bit code values."""
    luma, *chroma = (b.shl(p, shift) for p, shift in zip(planes, _INDEX_SHIFTS, strict=True))
    # Chroma first: it is the same for all pixels of a block.
    return b.ior(b.ior(*chroma), luma)


def look_up(
    b: Builder,
    group: int,
    table: str,
    indices: Sequence[str],
    values: Collection[int],
    means: Collection[int],
) -> Found:
    """The numbers of a block's pixels: from the table if it has all of them, otherwise computed.

    ``values`` are the channels needed for each pixel, ``means`` those needed only as a mean, which
    takes a single conversion to floats.
    """
    assert len(indices) <= _MOST_PIXELS
    entries = [b.gather("i32", table, index) for index in indices]
    filled = entries[0]
    for entry in entries[1:]:
        filled = b.iand(filled, entry)
    there = b.emit(f"icmp ne {b.i} {b.iand(filled, b.iconst(_FILLED))}, zeroinitializer")
    bits = b.emit(f"bitcast {b.b} {there} to i{b.lanes}")
    full = b.emit(f"icmp eq i{b.lanes} {bits}, -1")
    hit, miss, join = (b.module.label(stem) for stem in ("hit", "miss", "known"))
    b.do(f"br i1 {full}, label %{hit}, label %{miss}, !prof !0")

    b.label(hit)
    found = {(k, c): _value(b, e, c) for k, e in enumerate(entries) for c in values}
    found_means = _means(b, entries, means)
    b.do(f"br label %{join}")

    b.label(miss)
    three = _three(b)
    made: dict[tuple[int, int], str] = {}
    for k, index in enumerate(indices):
        filling = b.emit(f"call {three} @fill{group}(ptr %args, {b.i} {index})")
        for c in {*values, *means}:
            made[k, c] = b.emit(f"extractvalue {three} {filling}, {c}")
    made_means: dict[int, str] = {}
    for c in means:
        # Sums of integers are exact in float32, so these equal those of a hit.
        total = made[0, c]
        for k in range(1, len(indices)):
            total = b.add(total, made[k, c])
        made_means[c] = b.mul(total, b.const(1.0 / len(indices)))
    b.do(f"br label %{join}")

    b.label(join)

    def joined(there: str, anew: str) -> str:
        return b.emit(f"phi {b.f} [ {there}, %{hit} ], [ {anew}, %{miss} ]")

    return Found(
        {key: joined(value, made[key]) for key, value in found.items()},
        {c: joined(value, made_means[c]) for c, value in found_means.items()},
    )


def _value(b: Builder, entry: str, channel: int) -> str:
    """Channel ``channel`` of filled entries."""
    number = b.lshr(entry, _SHIFTS[channel])
    # The topmost field needs no mask.
    return b.to_float(number if channel == 0 else b.iand(number, b.iconst(_FIELD)))


def _means(b: Builder, entries: Sequence[str], channels: Collection[int]) -> dict[int, str]:
    """The mean of filled entries, by channel."""
    sums: dict[int, str] = {}
    if 0 in channels:
        sums[0] = _added(b, [b.lshr(e, _SHIFTS[0]) for e in entries])
    if 1 in channels or 2 in channels:
        pair = _added(b, [b.iand(e, b.iconst(_PAIR)) for e in entries])
        sums[1] = b.iand(pair, b.iconst(_SUM))
        sums[2] = b.lshr(pair, _SHIFTS[2])
    share = b.const(1.0 / len(entries))
    return {c: b.mul(b.to_float(sums[c]), share) for c in channels}


def _added(b: Builder, numbers: Sequence[str]) -> str:
    total = numbers[0]
    for number in numbers[1:]:
        total = b.iadd(total, number)
    return total


def fill_function(program: Program, module: Module, group: int) -> str:
    """``fill``: a memo's values for a vector of indices, computed and stored.

    Values in range are returned as the table will return them, so hits and misses agree. A separate
    function, so that it takes no registers from the hot path.
    """
    b = Builder(module, [])
    opcodes = Opcodes(program, module, b)
    exprs = program.memos[group].exprs
    planes = [b.iand(b.lshr("%index", shift), b.iconst(255)) for shift in _INDEX_SHIFTS]
    values: dict[Expr, str] = {}
    for e in latency_order(exprs):
        if e.op == "load":
            assert isinstance(e.attr, tuple)
            values[e] = b.to_float(planes[e.attr[1]])
        else:
            values[e] = opcodes.compute(b, e, [values[a] for a in e.args])
    direct = [values[e] for e in exprs]

    low, high = b.const(0.0), b.const(float(MEMO_STEPS))
    fits = "splat (i1 true)"
    entry = b.iconst(_FILLED)
    for channel, value in enumerate(direct):
        for bound in (b.compare("oge", value, low), b.compare("ole", value, high)):
            fits = b.emit(f"and {b.b} {fits}, {bound}")
        clamped = b.smaller(b.larger(value, low), high)
        field = b.to_int(b.add(clamped, b.const(0.5)))
        entry = b.ior(entry, b.shl(field, _SHIFTS[channel]))
    table = opcodes.argument(opcodes.arguments.memos + group, "ptr")
    b.scatter(entry, table, "%index", fits)

    three = _three(b)
    result = "poison"
    for channel, value in enumerate(direct):
        chosen = b.choose(fits, _value(b, entry, channel), value)
        result = b.emit(f"insertvalue {three} {result}, {b.f} {chosen}, {channel}")
    b.do(f"ret {three} {result}")
    head = f"define internal {three} @fill{group}(ptr readonly %args, {b.i} %index) #1 {{"
    return "\n".join([head, *b.lines, "}"])


def _three(b: Builder) -> str:
    return f"{{ {b.f}, {b.f}, {b.f} }}"


class MemoTable:
    """Memory for one :class:`vedc.expr.program.Memo`: 64 MiB, initially empty.

    The system maps pages as colours occur, so actual use stays far below that. Any number of
    threads may share a table if they compute the same expressions with the same parameters and
    lookup tables.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _TABLE_BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))

    def view(self) -> memoryview:
        """The entries as bytes, for inspection; release it before ``close``."""
        return memoryview(self._memory)

    def close(self) -> None:
        """Release the memory. No kernel may be using it."""
        self.address = 0
        self._memory.close()
