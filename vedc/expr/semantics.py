"""What each arithmetic opcode computes, on one Python float.

Used where an expression's value is known early: to fold constants, and to evaluate
uniforms once a frame. Nothing here raises: results follow IEEE 754, with infinities and
NaN where C would give them, and the contract of ``vedc.expr.nodes`` on top.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Final

#: The smallest normal float32: what log2 and pow take for anything that is not above 0.
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
    "lt": less,
    "le": less_equal,
    "select": select,
}
