"""Interval arithmetic: bounds of an expression's value.

Bounds are safe, not tight: the value, unless NaN, is never outside. Unknown values are between
minus infinity and infinity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import Final

from vedc.expr.nodes import Expr, walk
from vedc.expr.scalar_ops import FUNCTIONS

Interval = tuple[float, float]
ANYTHING: Final[Interval] = (-math.inf, math.inf)

#: Opcodes that are monotone in every argument.
_RISING: Final = frozenset({"add", "min", "max", "exp2", "log2", "sqrt", "floor"})
_KNOWN: Final[dict[str, Interval]] = {
    "sin": (-1.0, 1.0),
    "cos": (-1.0, 1.0),
    "lt": (0.0, 1.0),
    "le": (0.0, 1.0),
    "hash": (0.0, 1.0),
    "cover": (0.0, 1.0),
    "atan2": (-math.pi, math.pi),
}


def intervals(roots: list[Expr], leaf: Callable[[Expr], Interval]) -> Mapping[Expr, Interval]:
    """Intervals of all nodes below the roots; ``leaf`` returns those of loads and parameters."""
    found: dict[Expr, Interval] = {}
    for e in walk(roots):
        if e.op == "const":
            found[e] = (e.value, e.value)
        elif not e.args:
            found[e] = _KNOWN.get(e.op) or leaf(e)
        else:
            found[e] = _interval(e, [found[a] for a in e.args])
    return found


def _interval(e: Expr, args: list[Interval]) -> Interval:
    if e.op in _KNOWN:
        return _KNOWN[e.op]
    function = FUNCTIONS.get(e.op)
    if function is None:
        return ANYTHING
    if e.op in _RISING:
        return _ordered(function(*(a[0] for a in args)), function(*(a[1] for a in args)))
    if e.op == "select":
        return min(args[1][0], args[2][0]), max(args[1][1], args[2][1])
    if e.op == "sub":
        return _ordered(args[0][0] - args[1][1], args[0][1] - args[1][0])
    if e.op == "neg":
        return -args[0][1], -args[0][0]
    if e.op == "abs":
        low, high = args[0]
        nearest = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
        return nearest, max(abs(low), abs(high))
    if e.op == "div" and args[1][0] <= 0.0 <= args[1][1]:
        return ANYTHING
    # The extremes of products, quotients and powers are at the corners.
    if e.op in ("mul", "div", "pow", "fma"):
        if e.op == "pow":
            args = [(max(args[0][0], 0.0), max(args[0][1], 0.0)), args[1]]
        corners = [function(*corner) for corner in product(*args)]
        if e.op == "pow":
            corners += [1.0] if args[0][0] <= 1.0 <= args[0][1] else []
        return _ordered(min(corners), max(corners)) if not _undefined(corners) else ANYTHING
    return ANYTHING


def _ordered(low: float, high: float) -> Interval:
    return ANYTHING if _undefined([low, high]) else (low, high)


def _undefined(numbers: list[float]) -> bool:
    return any(n != n for n in numbers)
