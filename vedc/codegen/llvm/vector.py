"""Text of LLVM IR over vectors of float32 and int32: arithmetic, gathers, scatters.

A :class:`Builder` appends instructions to a list of lines and returns operand names. All values
are ``<lanes x float>`` or ``<lanes x i32>``; constants are written inline, so that LLVM can fold
them into memory operands.
"""

from __future__ import annotations

import math
import struct
from itertools import count

from vedc.codegen.llvm.host import Host


def float32(value: float) -> float:
    """The nearest float32; beyond its range, infinity."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def literal(value: float) -> str:
    """A float32 as LLVM writes it: the hexadecimal digits of the equal double."""
    return "0x" + struct.pack(">d", float32(value)).hex().upper()


class Module:
    """State shared by the functions of one module: lane count, fresh names, declarations."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.lanes = host.lanes
        self.f = f"<{host.lanes} x float>"
        self.i = f"<{host.lanes} x i32>"
        self.b = f"<{host.lanes} x i1>"
        self.declared: dict[str, str] = {}
        """Declarations and constants, by name."""
        self._fresh = count()

    def name(self) -> str:
        return f"%v{next(self._fresh)}"

    def label(self, stem: str) -> str:
        return f"{stem}.{next(self._fresh)}"


class Builder:
    """Appends instructions to ``lines``."""

    def __init__(self, module: Module, lines: list[str]) -> None:
        self.module = module
        self.lines = lines
        self.lanes, self.f, self.i, self.b = module.lanes, module.f, module.i, module.b

    # -- plumbing -----------------------------------------------------------------------

    def emit(self, text: str) -> str:
        name = self.module.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        self.lines.append(f"  {text}")

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")

    def call(self, result: str, function: str, *args: str) -> str:
        """Call an intrinsic, declaring it on first use. ``args`` are ``"type value"``."""
        types = ", ".join(a[: a.rindex(" ")] for a in map(_strip_splat, args))
        self.module.declared[function] = f"declare {result} @{function}({types})"
        return self.emit(f"call {result} @{function}({', '.join(args)})")

    # -- constants ----------------------------------------------------------------------

    def const(self, value: float) -> str:
        return f"splat (float {literal(value)})"

    def iconst(self, value: int) -> str:
        return f"splat (i32 {value})"

    def iota(self, start: int = 0, step: int = 1) -> str:
        return "<" + ", ".join(f"i32 {start + step * k}" for k in range(self.lanes)) + ">"

    def splat(self, kind: str, scalar: str) -> str:
        n = self.lanes
        one = self.emit(f"insertelement <{n} x {kind}> poison, {kind} {scalar}, i64 0")
        return self.emit(
            f"shufflevector <{n} x {kind}> {one}, <{n} x {kind}> poison, "
            f"<{n} x i32> zeroinitializer"
        )

    def apart(self, vectors: list[str]) -> list[str]:
        """Adjacent vectors, 1, 2 or 4, as those of every ``len(vectors)``-th element."""
        if len(vectors) == 1:
            return vectors
        halves = []
        for start in (0, 1):
            picks = f"{self.i} {self.iota(start, 2)}"
            halves.append(
                self.apart(
                    [
                        self.emit(f"shufflevector {self.f} {x}, {self.f} {y}, {picks}")
                        for x, y in zip(vectors[::2], vectors[1::2], strict=True)
                    ]
                )
            )
        return [part for both in zip(*halves, strict=True) for part in both]

    # -- floats -------------------------------------------------------------------------

    def add(self, a: str, b: str) -> str:
        return self.emit(f"fadd contract {self.f} {a}, {b}")

    def sub(self, a: str, b: str) -> str:
        return self.emit(f"fsub contract {self.f} {a}, {b}")

    def mul(self, a: str, b: str) -> str:
        return self.emit(f"fmul contract {self.f} {a}, {b}")

    def div(self, a: str, b: str) -> str:
        return self.emit(f"fdiv {self.f} {a}, {b}")

    def neg(self, a: str) -> str:
        return self.emit(f"fneg {self.f} {a}")

    def fma(self, a: str, b: str, c: str) -> str:
        """a * b + c, rounded once where the CPU supports it."""
        f = self.f
        return self.call(f, f"llvm.fmuladd.v{self.lanes}f32", f"{f} {a}", f"{f} {b}", f"{f} {c}")

    def unary(self, intrinsic: str, a: str) -> str:
        return self.call(self.f, f"llvm.{intrinsic}.v{self.lanes}f32", f"{self.f} {a}")

    def compare(self, predicate: str, a: str, b: str) -> str:
        return self.emit(f"fcmp {predicate} {self.f} {a}, {b}")

    def choose(self, mask: str, a: str, b: str) -> str:
        return self.emit(f"select {self.b} {mask}, {self.f} {a}, {self.f} {b}")

    def smaller(self, a: str, b: str) -> str:
        """min(a, b) where b is never NaN: one instruction on x86, b where a is NaN."""
        return self.choose(self.compare("olt", a, b), a, b)

    def larger(self, a: str, b: str) -> str:
        """max(a, b) where b is never NaN; b where a is NaN."""
        return self.choose(self.compare("ogt", a, b), a, b)

    def unless_nan(self, a: str, chosen: str, b: str) -> str:
        """``chosen``, but ``a`` where b is NaN."""
        return self.choose(self.compare("uno", b, b), a, chosen)

    # -- integers -----------------------------------------------------------------------

    def iadd(self, a: str, b: str) -> str:
        return self.emit(f"add {self.i} {a}, {b}")

    def imul(self, a: str, b: str) -> str:
        """The low 32 bits of the product."""
        return self.emit(f"mul {self.i} {a}, {b}")

    def iand(self, a: str, b: str) -> str:
        return self.emit(f"and {self.i} {a}, {b}")

    def ior(self, a: str, b: str) -> str:
        return self.emit(f"or {self.i} {a}, {b}")

    def ixor(self, a: str, b: str) -> str:
        return self.emit(f"xor {self.i} {a}, {b}")

    def shl(self, a: str, bits: int) -> str:
        return self.emit(f"shl {self.i} {a}, {self.iconst(bits)}") if bits else a

    def lshr(self, a: str, bits: int) -> str:
        return self.emit(f"lshr {self.i} {a}, {self.iconst(bits)}") if bits else a

    def ichoose(self, mask: str, a: str, b: str) -> str:
        return self.emit(f"select {self.b} {mask}, {self.i} {a}, {self.i} {b}")

    def ismaller(self, a: str, b: str) -> str:
        """The smaller of signed integers."""
        i = self.i
        return self.call(i, f"llvm.smin.v{self.lanes}i32", f"{i} {a}", f"{i} {b}")

    def ilarger(self, a: str, b: str) -> str:
        """The larger of signed integers."""
        i = self.i
        return self.call(i, f"llvm.smax.v{self.lanes}i32", f"{i} {a}", f"{i} {b}")

    def to_float(self, a: str) -> str:
        return self.emit(f"sitofp {self.i} {a} to {self.f}")

    def unsigned_to_float(self, a: str) -> str:
        return self.emit(f"uitofp {self.i} {a} to {self.f}")

    def to_int(self, a: str) -> str:
        """Towards zero; the value must fit."""
        return self.emit(f"fptosi {self.f} {a} to {self.i}")

    def bits_to_float(self, a: str) -> str:
        return self.emit(f"bitcast {self.i} {a} to {self.f}")

    def float_to_bits(self, a: str) -> str:
        return self.emit(f"bitcast {self.f} {a} to {self.i}")

    # -- memory -------------------------------------------------------------------------

    def gather(self, kind: str, base: str, index: str, mask: str = "") -> str:
        """``lanes`` elements of ``kind`` (i32 or float) at base[index].

        Lanes outside ``mask`` touch no memory and give 0, whatever their index.
        """
        n = self.lanes
        short = {"i32": "i32", "float": "f32"}[kind]
        where = self.emit(f"getelementptr {kind}, ptr {base}, {self.i} {index}")
        return self.call(
            f"<{n} x {kind}>",
            f"llvm.masked.gather.v{n}{short}.v{n}p0",
            f"<{n} x ptr> {where}",
            "i32 4",
            f"{self.b} {mask or 'splat (i1 true)'}",
            f"<{n} x {kind}> {'zeroinitializer' if mask else 'poison'}",
        )

    def scatter(self, value: str, base: str, index: str, mask: str) -> None:
        """Store the integers of ``mask``'s lanes at base[index]."""
        n = self.lanes
        where = self.emit(f"getelementptr i32, ptr {base}, {self.i} {index}")
        name = f"llvm.masked.scatter.v{n}i32.v{n}p0"
        self.module.declared[name] = f"declare void @{name}({self.i}, <{n} x ptr>, i32, {self.b})"
        self.do(f"call void @{name}({self.i} {value}, <{n} x ptr> {where}, i32 4, {self.b} {mask})")

    def gather_words(self, base: str, index: str, step: int = 8) -> tuple[str, str]:
        """Low and high words of the 64 bits at ``base + step * index``.

        Two gathers of half the lanes fetch both words in one load each.
        """
        half = self.lanes // 2
        halves = []
        for start in (0, half):
            picks = ", ".join(f"i32 {start + k}" for k in range(half))
            part = self.emit(
                f"shufflevector {self.i} {index}, {self.i} poison, <{half} x i32> <{picks}>"
            )
            where = self.emit(f"getelementptr i{8 * step}, ptr {base}, <{half} x i32> {part}")
            got = self.call(
                f"<{half} x i64>",
                f"llvm.masked.gather.v{half}i64.v{half}p0",
                f"<{half} x ptr> {where}",
                f"i32 {step}",
                f"<{half} x i1> splat (i1 true)",
                f"<{half} x i64> poison",
            )
            halves.append(self.emit(f"bitcast <{half} x i64> {got} to {self.i}"))
        low, high = (
            self.emit(
                f"shufflevector {self.i} {halves[0]}, {self.i} {halves[1]}, "
                f"{self.i} {self.iota(start, 2)}"
            )
            for start in (0, 1)
        )
        return low, high


def _strip_splat(arg: str) -> str:
    """An argument with its value reduced to one word, so that the type can be split off."""
    for mark in (" splat", " zeroinitializer", " <i32", " <i1"):
        at = arg.find(mark, 1)
        if at > 0:
            return arg[:at] + " c"
    return arg
