"""Memo tables: how an entry is found, what it holds, and the code that fills it.

An entry is three fields of 10 bits, channel 0 lowest, and a top bit that says filled.
Threads may fill one table at once: an entry is stored whole and always the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from vedc.codegen.evaluate import Numbers, in_waves
from vedc.codegen.vector import Builder, Module
from vedc.expr.nodes import Expr
from vedc.expr.program import MEMO_HIGH, MEMO_LOW, MEMO_STEPS, Program

_FIELD = 10

#: Where the code values of planes 0, 1 and 2 stand in a table's index. Luma lowest:
#: neighbouring pixels of like chroma then share a cache line. Against luma highest that
#: took 10% less time in steady state, half the first frame's, and a fifth of the pages.
_SHIFTS = (0, 16, 8)


def index_of(b: Builder, planes: Iterable[str]) -> str:
    """The entries of three 8-bit code values."""
    luma, *chroma = (b.shl(p, shift) for p, shift in zip(planes, _SHIFTS, strict=True))
    # Chroma joined first: it is the same for all pixels of a block.
    return b.ior(b.ior(*chroma), luma)


def value_of(b: Builder, entry: str, channel: int) -> str:
    """Channel ``channel`` of filled entries."""
    # The field is left where it stands: its weight is the step's to divide by.
    shift = _FIELD * channel
    bits = b.iand(entry, b.iconst((1 << _FIELD) - 1 << shift))
    step = (MEMO_HIGH - MEMO_LOW) / MEMO_STEPS / (1 << shift)
    return b.fma(b.to_float(bits), b.const(step), b.const(MEMO_LOW))


def look_up(b: Builder, group: int, table: str, index: str) -> list[str]:
    """A memo's three values: from the table if all lanes are there, else computed anew."""
    entries = b.gather("i32", table, index)
    filled = b.emit(f"icmp slt {b.i} {entries}, zeroinitializer")
    bits = b.emit(f"bitcast {b.b} {filled} to i{b.lanes}")
    full = b.emit(f"icmp eq i{b.lanes} {bits}, -1")
    hit, miss, join = (b.module.label(stem) for stem in ("hit", "miss", "known"))
    b.do(f"br i1 {full}, label %{hit}, label %{miss}, !prof !0")
    b.label(hit)
    found = [value_of(b, entries, channel) for channel in range(3)]
    b.do(f"br label %{join}")
    b.label(miss)
    three = _three(b)
    made = b.emit(f"call {three} @fill{group}(ptr %args, {b.i} {index})")
    parts = [b.emit(f"extractvalue {three} {made}, {channel}") for channel in range(3)]
    b.do(f"br label %{join}")
    b.label(join)
    return [
        b.emit(f"phi {b.f} [ {f}, %{hit} ], [ {p}, %{miss} ]")
        for f, p in zip(found, parts, strict=True)
    ]


def fill_function(program: Program, module: Module, group: int) -> str:
    """``fill``: a memo's values for a vector of indices, computed and stored.

    Values in range come back as the table will give them, so a hit and a miss agree. A
    function of its own, so that the registers it takes are not taken from the hot path.
    """
    b = Builder(module, [])
    numbers = Numbers(program, module, b)
    exprs = program.memos[group].exprs
    planes = [b.iand(b.lshr("%index", shift), b.iconst(255)) for shift in _SHIFTS]
    values: dict[Expr, str] = {}
    for e in in_waves(exprs):
        if e.op == "load":
            assert isinstance(e.attr, tuple)
            values[e] = b.to_float(planes[e.attr[1]])
        else:
            values[e] = numbers.compute(b, e, [values[a] for a in e.args])
    direct = [values[e] for e in exprs]

    low, high = b.const(MEMO_LOW), b.const(MEMO_HIGH)
    scale = b.const(MEMO_STEPS / (MEMO_HIGH - MEMO_LOW))
    fits = "splat (i1 true)"
    entry = b.iconst(-(1 << 31))
    for channel, value in enumerate(direct):
        for bound in (b.compare("oge", value, low), b.compare("ole", value, high)):
            fits = b.emit(f"and {b.b} {fits}, {bound}")
        clamped = b.smaller(b.larger(value, low), high)
        field = b.to_int(b.fma(b.sub(clamped, low), scale, b.const(0.5)))
        entry = b.ior(entry, b.shl(field, _FIELD * channel))
    table = numbers.argument(numbers.arguments.memos + group, "ptr")
    b.scatter(entry, table, "%index", fits)

    three = _three(b)
    result = "poison"
    for channel, value in enumerate(direct):
        chosen = b.choose(fits, value_of(b, entry, channel), value)
        result = b.emit(f"insertvalue {three} {result}, {b.f} {chosen}, {channel}")
    b.do(f"ret {three} {result}")
    head = f"define internal {three} @fill{group}(ptr readonly %args, {b.i} %index) #1 {{"
    return "\n".join([head, *b.lines, "}"])


def _three(b: Builder) -> str:
    return f"{{ {b.f}, {b.f}, {b.f} }}"
