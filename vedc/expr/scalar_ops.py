"""Arithmetic opcodes on Python floats: for constant folding and uniforms.

Nothing here raises: results follow IEEE 754, with infinities and NaN as in C, and the contract of
``vedc.expr.nodes``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Final

#: The smallest normal float32, which log2 and pow substitute for anything not above 0.
TINY: Final = 2.0**-126


def div(x: float, y: float) -> float:
    if y:
        return x / y
    if not x or math.isnan(x) or math.isnan(y):
        return math.nan
    return math.copysign(math.inf, x) * math.copysign(1.0, y)


def minimum(x: float, y: float) -> float:
    return x if x <= y or y != y else y


def maximum(x: float, y: float) -> float:
    return x if x >= y or y != y else y


def fma(x: float, y: float, z: float) -> float:
    return x * y + z


def sqrt(x: float) -> float:
    return math.sqrt(x) if x >= 0.0 else math.nan


def floor(x: float) -> float:
    return float(math.floor(x)) if math.isfinite(x) else x


def exp2(x: float) -> float:
    try:
        return math.exp2(x)
    except OverflowError:
        return math.inf


def log2(x: float) -> float:
    return math.log2(x) if x > TINY else -126.0


def power(x: float, y: float) -> float:
    if not x > 0.0:
        if y > 0.0:
            return 0.0
        x = TINY
    try:
        return math.pow(x, y)
    except OverflowError:
        return math.inf


def sine(x: float) -> float:
    return math.sin(x) if math.isfinite(x) else math.nan


def cosine(x: float) -> float:
    return math.cos(x) if math.isfinite(x) else math.nan


def arctangent(y: float, x: float) -> float:
    if x == 0.0 and y == 0.0:
        return 0.0
    return math.atan2(y, x)


#: Beyond this float32 no longer holds every integer.
HASH_LIMIT: Final = 2.0**24
#: Odd factors that spread the three coordinates, and the two rounds of Ellis's ``lowbias32``.
HASH_FACTORS: Final = (0x8DA6B343, 0xD8163841, 0xCB1AB31F)
HASH_ROUNDS: Final = ((16, 0x7FEB352D), (15, 0x846CA68B))


def hashed(x: float, y: float, z: float) -> float:
    """Noise: xor the coordinates times ``HASH_FACTORS`` as uint32, mix, keep the top 24 bits."""
    h = 0
    for value, factor in zip((x, y, z), HASH_FACTORS, strict=True):
        inside = 0.0 if value != value else min(max(value, -HASH_LIMIT), HASH_LIMIT)
        h ^= math.floor(inside) * factor & 0xFFFF_FFFF
    for shift, factor in HASH_ROUNDS:
        h = (h ^ h >> shift) * factor & 0xFFFF_FFFF
    return ((h ^ h >> 16) >> 8) * 2.0**-24


def less(x: float, y: float) -> float:
    return 1.0 if x < y else 0.0


def less_equal(x: float, y: float) -> float:
    return 1.0 if x <= y else 0.0


def select(condition: float, then: float, other: float) -> float:
    return then if condition else other


FUNCTIONS: Final[dict[str, Callable[..., float]]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": div,
    "min": minimum,
    "max": maximum,
    "fma": fma,
    "neg": operator.neg,
    "abs": operator.abs,
    "sqrt": sqrt,
    "floor": floor,
    "exp2": exp2,
    "log2": log2,
    "pow": power,
    "sin": sine,
    "cos": cosine,
    "atan2": arctangent,
    "hash": hashed,
    "lt": less,
    "le": less_equal,
    "select": select,
}
