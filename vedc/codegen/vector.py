"""Text of LLVM IR over vectors of float32: arithmetic, elementary functions, gathers.

A :class:`Builder` appends instructions to a list of lines and hands back operand names.
All values are ``<lanes x float>`` or ``<lanes x i32>``; constants are written in place, so
that the code generator can fold them into memory operands.

Elementary functions are polynomials. Their coefficients are minimax fits of our own, by
Remez exchange in float64 on a Chebyshev grid of 40,000 points, then rounded to float32:

=========  ============================  ===========  =======================================
function   form                          interval     largest error of the polynomial
=========  ============================  ===========  =======================================
exp2       1 + f (c1 + ... + c5 f^4)     f in [0, 1)  2**-23.5 of the value
log2       t (c1 + ... + c7 t^6)         t in [0, 1)  2**-21.6, absolute; exact at powers of 2
sin        r (1 + ... + c9 r^8)          |r| <= pi/2  2**-26.6 of the value
=========  ============================  ===========  =======================================

Denormal numbers count as 0 where the processor can be told so (``kernel``).

The lowest terms are pinned (1 for exp2, 0 for log2, r for sin), so ``pow(1, y)`` is 1 to
the bit and white stays white. ``pow(x, y)`` is ``exp2(y * log2(x))``: its relative error is
about ``2**-22 * |y|``, plus the float32 rounding of the exponent.
"""

from __future__ import annotations

import math
import struct
from itertools import count

from vedc.codegen.host import Host

#: Coefficients, lowest power first; see the module's docstring.
EXP2 = (
    0.6931513118045709,
    0.24016445015545024,
    0.05579991310235508,
    0.0090170303244659,
    0.001867130068892906,
)
LOG2 = (
    1.4426678292143216,
    -0.7205854689710501,
    0.4735534117047982,
    -0.3259019746610665,
    0.19429432347410308,
    -0.07955773153807096,
    0.015529917456101466,
)
SIN = (-0.16666659550427862, 0.008333066246085161, -0.00019809602902170226, 2.6057806385015184e-06)

TINY = 2.0**-126
"""The smallest normal float32: what log2 and pow take for a base of 0 or less."""

_CURRENT_ROUNDING = "i32 4"


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
    """What the functions of one module share: lane count, fresh names, declarations."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.lanes = host.lanes
        self.f = f"<{host.lanes} x float>"
        self.i = f"<{host.lanes} x i32>"
        self.b = f"<{host.lanes} x i1>"
        self.declared: dict[str, str] = {}
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

    def splat(self, kind: str, scalar: str, lanes: int | None = None) -> str:
        n = lanes or self.lanes
        one = self.emit(f"insertelement <{n} x {kind}> poison, {kind} {scalar}, i64 0")
        return self.emit(
            f"shufflevector <{n} x {kind}> {one}, <{n} x {kind}> poison, "
            f"<{n} x i32> zeroinitializer"
        )

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
        """a * b + c, rounded once where the machine can."""
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

    def polynomial(self, x: str, coefficients: tuple[float, ...]) -> str:
        """c0 + c1 x + c2 x^2 + ... by Horner's rule."""
        total = self.const(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            total = self.fma(total, x, self.const(c))
        return total

    def exp2(self, x: str) -> str:
        """2**x: 2**floor(x) times the polynomial in the fraction."""
        if self.module.host.avx512:
            fraction = self._avx512("reduce", x, "i32 9")  # x - floor(x)
            power = self.fma(self.polynomial(fraction, EXP2), fraction, self.const(1.0))
            return self._avx512("scalef", power, f"{self.f} {x}")
        # Below -126 the result is 0 and above 128 infinity, as scalef has it; NaN stays NaN.
        inside = self.larger(self.smaller(x, self.const(127.99999)), self.const(-126.0))
        whole = self.unary("floor", inside)
        fraction = self.sub(inside, whole)
        power = self.fma(self.polynomial(fraction, EXP2), fraction, self.const(1.0))
        exponent = self.shl(self.to_int(whole), 23)
        raised = self.bits_to_float(self.iadd(self.float_to_bits(power), exponent))
        raised = self.choose(self.compare("olt", x, self.const(-126.0)), self.const(0.0), raised)
        high = self.compare("uge", x, self.const(128.0))
        return self.choose(high, self.mul(x, self.const(math.inf)), raised)

    def log2(self, x: str) -> str:
        """log2(max(x, TINY)): the exponent plus the polynomial in the mantissa less 1."""
        x = self.larger(x, self.const(TINY))
        if self.module.host.avx512:
            exponent = self._avx512("getexp", x)
            mantissa = self._avx512("getmant", x, "i32 0")  # interval [1, 2), sign of x
        else:
            bits = self.float_to_bits(x)
            exponent = self.to_float(self.iadd(self.lshr(bits, 23), self.iconst(-127)))
            bits = self.ior(self.iand(bits, self.iconst(0x007FFFFF)), self.iconst(0x3F800000))
            mantissa = self.bits_to_float(bits)
        t = self.sub(mantissa, self.const(1.0))
        value = self.fma(self.polynomial(t, LOG2), t, exponent)
        if self.module.host.avx512:
            return value  # getexp of infinity is infinity
        infinite = self.compare("oeq", x, self.const(math.inf))
        return self.choose(infinite, x, value)

    def sin(self, x: str, *, quarter: bool = False) -> str:
        """sin(x), or cos(x) with ``quarter``: reduced by multiples of pi in two steps."""
        turns = self.mul(x, self.const(1 / math.pi))
        if quarter:  # cos(x) = sin(x + pi/2): the multiple is a whole number and a half
            turns = self.add(turns, self.const(0.5))
        whole = self.unary("rint", turns)
        # Beyond the integers' range the sign is anyone's guess, as is the sine in float32.
        number = self.emit(f"freeze {self.i} {self.to_int(whole)}")
        parity = self.shl(number, 31)
        if quarter:
            whole = self.sub(whole, self.const(0.5))
        high = float32(math.pi)
        r = self.fma(whole, self.const(-high), x)
        r = self.fma(whole, self.const(high - math.pi), r)
        square = self.mul(r, r)
        tail = self.mul(self.polynomial(square, SIN), square)
        value = self.fma(tail, r, r)
        return self.bits_to_float(self.ixor(self.float_to_bits(value), parity))

    def _avx512(self, what: str, x: str, *more: str) -> str:
        """An AVX-512 instruction over all lanes; ``more`` are its other operands."""
        f = self.f
        name = f"llvm.x86.avx512.mask.{what}.ps.512"
        # A mask of all lanes, so the values in place of masked lanes are not used.
        return self.call(f, name, f"{f} {x}", *more, f"{f} poison", "i16 -1", _CURRENT_ROUNDING)

    # -- integers -----------------------------------------------------------------------

    def iadd(self, a: str, b: str) -> str:
        return self.emit(f"add {self.i} {a}, {b}")

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

    def to_float(self, a: str) -> str:
        return self.emit(f"sitofp {self.i} {a} to {self.f}")

    def unsigned_to_float(self, a: str) -> str:
        return self.emit(f"uitofp {self.i} {a} to {self.f}")

    def to_int(self, a: str) -> str:
        """Towards zero; the caller sees to it that the value fits."""
        return self.emit(f"fptosi {self.f} {a} to {self.i}")

    def bits_to_float(self, a: str) -> str:
        return self.emit(f"bitcast {self.i} {a} to {self.f}")

    def float_to_bits(self, a: str) -> str:
        return self.emit(f"bitcast {self.f} {a} to {self.i}")

    # -- memory -------------------------------------------------------------------------

    def gather(self, kind: str, base: str, index: str) -> str:
        """``lanes`` elements of ``kind`` (i32 or float) at base[index]."""
        n = self.lanes
        short = {"i32": "i32", "float": "f32"}[kind]
        where = self.emit(f"getelementptr {kind}, ptr {base}, {self.i} {index}")
        return self.call(
            f"<{n} x {kind}>",
            f"llvm.masked.gather.v{n}{short}.v{n}p0",
            f"<{n} x ptr> {where}",
            "i32 4",
            f"{self.b} splat (i1 true)",
            f"<{n} x {kind}> poison",
        )

    def scatter(self, value: str, base: str, index: str, mask: str) -> None:
        """Store the integers of ``mask``'s lanes at base[index]."""
        n = self.lanes
        where = self.emit(f"getelementptr i32, ptr {base}, {self.i} {index}")
        name = f"llvm.masked.scatter.v{n}i32.v{n}p0"
        self.module.declared[name] = f"declare void @{name}({self.i}, <{n} x ptr>, i32, {self.b})"
        self.do(f"call void @{name}({self.i} {value}, <{n} x ptr> {where}, i32 4, {self.b} {mask})")

    def gather_words(self, base: str, index: str) -> tuple[str, str]:
        """Low and high words of ``lanes`` 64-bit elements at base[index].

        Two gathers of half the lanes bring both words of an element in one load each.
        """
        half = self.lanes // 2
        halves = []
        for start in (0, half):
            picks = ", ".join(f"i32 {start + k}" for k in range(half))
            part = self.emit(
                f"shufflevector {self.i} {index}, {self.i} poison, <{half} x i32> <{picks}>"
            )
            where = self.emit(f"getelementptr i64, ptr {base}, <{half} x i32> {part}")
            got = self.call(
                f"<{half} x i64>",
                f"llvm.masked.gather.v{half}i64.v{half}p0",
                f"<{half} x ptr> {where}",
                "i32 8",
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
    """An argument with its value reduced to one word, so that its type can be cut off."""
    for mark in (" splat", " <i32", " <i1"):
        at = arg.find(mark, 1)
        if at > 0:
            return arg[:at] + " c"
    return arg
