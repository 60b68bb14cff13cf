"""Elementary functions over vectors: powers, logarithms, angles, noise.

All but ``hashed``, which is exact, are the polynomials of ``codegen.coefficients``.
Denormal numbers count as 0 where the CPU supports it (``module``).
"""

from __future__ import annotations

import math

from vedc.codegen.coefficients import ATAN, EXP2, LOG2, SIN
from vedc.codegen.llvm.vector import Builder, float32
from vedc.expr.scalar_ops import HASH_FACTORS, HASH_LIMIT, HASH_ROUNDS, TINY

_CURRENT_ROUNDING = "i32 4"
_SIGN = -(1 << 31)


def polynomial(b: Builder, x: str, coefficients: tuple[float, ...]) -> str:
    """c0 + c1 x + c2 x^2 + ... by Horner's rule."""
    total = b.const(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total = b.fma(total, x, b.const(c))
    return total


def floor_rest(b: Builder, x: str) -> str:
    """x - floor(x)."""
    if b.module.host.avx512:
        return _avx512(b, "reduce", x, "i32 9")
    return b.sub(x, b.unary("floor", x))


def exp2(b: Builder, x: str) -> str:
    """2**x: 2**floor(x) times the polynomial in the fraction."""
    if b.module.host.avx512:
        fraction = floor_rest(b, x)
        power = b.fma(polynomial(b, fraction, EXP2), fraction, b.const(1.0))
        return _avx512(b, "scalef", power, f"{b.f} {x}")
    # Below -126 the result is 0 and above 128 infinity, as for scalef; NaN stays NaN.
    inside = b.larger(b.smaller(x, b.const(127.99999)), b.const(-126.0))
    whole = b.unary("floor", inside)
    fraction = b.sub(inside, whole)
    power = b.fma(polynomial(b, fraction, EXP2), fraction, b.const(1.0))
    exponent = b.shl(b.to_int(whole), 23)
    raised = b.bits_to_float(b.iadd(b.float_to_bits(power), exponent))
    raised = b.choose(b.compare("olt", x, b.const(-126.0)), b.const(0.0), raised)
    high = b.compare("uge", x, b.const(128.0))
    return b.choose(high, b.mul(x, b.const(math.inf)), raised)


def log2(b: Builder, x: str) -> str:
    """log2(max(x, TINY)): the exponent plus the polynomial in the mantissa minus 1."""
    x = b.larger(x, b.const(TINY))
    if b.module.host.avx512:
        exponent = _avx512(b, "getexp", x)
        mantissa = _avx512(b, "getmant", x, "i32 0")  # interval [1, 2), sign of x
    else:
        bits = b.float_to_bits(x)
        exponent = b.to_float(b.iadd(b.lshr(bits, 23), b.iconst(-127)))
        bits = b.ior(b.iand(bits, b.iconst(0x007FFFFF)), b.iconst(0x3F800000))
        mantissa = b.bits_to_float(bits)
    t = b.sub(mantissa, b.const(1.0))
    value = b.fma(polynomial(b, t, LOG2), t, exponent)
    if b.module.host.avx512:
        return value  # getexp of infinity is infinity
    infinite = b.compare("oeq", x, b.const(math.inf))
    return b.choose(infinite, x, value)


def sin(b: Builder, x: str, *, quarter: bool = False) -> str:
    """sin(x), or cos(x) with ``quarter``: reduced by multiples of pi in two steps."""
    turns = b.mul(x, b.const(1 / math.pi))
    if quarter:  # cos(x) = sin(x + pi/2): the multiple is an integer and a half
        turns = b.add(turns, b.const(0.5))
    whole = b.unary("rint", turns)
    # Beyond the integer range the sign is arbitrary, as is the sine in float32.
    number = b.emit(f"freeze {b.i} {b.to_int(whole)}")
    parity = b.shl(number, 31)
    if quarter:
        whole = b.sub(whole, b.const(0.5))
    high = float32(math.pi)
    r = b.fma(whole, b.const(-high), x)
    r = b.fma(whole, b.const(high - math.pi), r)
    square = b.mul(r, r)
    tail = b.mul(polynomial(b, square, SIN), square)
    value = b.fma(tail, r, r)
    return b.bits_to_float(b.ixor(b.float_to_bits(value), parity))


def atan2(b: Builder, y: str, x: str) -> str:
    """The angle of the point (x, y), in C's quadrants; 0 at the origin, NaN for NaN.

    The polynomial gives the angle from the nearer axis; the rest is reflection.
    """
    across, up = b.unary("fabs", x), b.unary("fabs", y)
    steep = b.compare("ogt", up, across)
    low, high = b.choose(steep, across, up), b.choose(steep, up, across)
    # On a diagonal the quotient is 1, even for infinities; at the origin it is 0.
    quotient = b.div(low, high)
    quotient = b.choose(b.compare("oeq", up, across), b.const(1.0), quotient)
    quotient = b.choose(b.compare("oeq", high, b.const(0.0)), b.const(0.0), quotient)
    square = b.mul(quotient, quotient)
    tail = b.mul(polynomial(b, square, ATAN), square)
    angle = b.fma(tail, quotient, quotient)
    angle = b.choose(steep, b.sub(b.const(math.pi / 2), angle), angle)
    angle = b.choose(b.compare("olt", x, b.const(0.0)), b.sub(b.const(math.pi), angle), angle)
    sign = b.iand(b.float_to_bits(y), b.iconst(_SIGN))
    return b.bits_to_float(b.ior(b.float_to_bits(angle), sign))


def hashed(b: Builder, coordinates: list[str]) -> str:
    """Noise in [0, 1): ``scalar_ops.hashed``, in the same integers."""
    mixed = ""
    for value, factor in zip(coordinates, HASH_FACTORS, strict=True):
        inside = b.larger(b.smaller(value, b.const(HASH_LIMIT)), b.const(-HASH_LIMIT))
        inside = b.choose(b.compare("uno", value, value), b.const(0.0), inside)
        spread = b.imul(b.to_int(b.unary("floor", inside)), b.iconst(factor))
        mixed = b.ixor(mixed, spread) if mixed else spread
    for shift, factor in HASH_ROUNDS:
        mixed = b.imul(b.ixor(mixed, b.lshr(mixed, shift)), b.iconst(factor))
    top = b.lshr(b.ixor(mixed, b.lshr(mixed, 16)), 8)
    return b.mul(b.to_float(top), b.const(2.0**-24))


def _avx512(b: Builder, what: str, x: str, *more: str) -> str:
    """An AVX-512 instruction over all lanes; ``more`` are its other operands."""
    name = f"llvm.x86.avx512.mask.{what}.ps.512"
    # All lanes are enabled, so the pass-through operand is never used.
    return b.call(b.f, name, f"{b.f} {x}", *more, f"{b.f} poison", "i16 -1", _CURRENT_ROUNDING)
