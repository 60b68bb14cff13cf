"""Arithmetic opcodes on float64 arrays: for the reference and for tables of expressions.

Follows the contract of ``vedc.expr.nodes``, as ``scalar_ops`` does for single floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from vedc.expr.nodes import Expr, walk
from vedc.expr.scalar_ops import HASH_FACTORS, HASH_LIMIT, HASH_ROUNDS, TINY

Floats = NDArray[np.float64]


def _power(x: Floats, y: Floats) -> Floats:
    positive = x > 0.0  # false for NaN, which counts as 0 like any other base not above 0
    power = np.power(np.where(positive, x, TINY), y)
    return cast(Floats, np.where(positive, power, np.where(y > 0.0, 0.0, power)))


def _hash(x: Floats, y: Floats, z: Floats) -> Floats:
    """``scalar_ops.hashed`` on arrays."""
    h = np.zeros(np.broadcast_shapes(*(np.shape(a) for a in (x, y, z))), np.uint32)
    for value, factor in zip((x, y, z), HASH_FACTORS, strict=True):
        inside = np.where(np.isnan(value), 0.0, np.clip(value, -HASH_LIMIT, HASH_LIMIT))
        h = h ^ np.floor(inside).astype(np.int64).astype(np.uint32) * np.uint32(factor)
    for shift, factor in HASH_ROUNDS:
        h = (h ^ h >> np.uint32(shift)) * np.uint32(factor)
    return ((h ^ h >> np.uint32(16)) >> np.uint32(8)).astype(np.float64) * 2.0**-24


def _arctangent(y: Floats, x: Floats) -> Floats:
    return np.where((x == 0.0) & (y == 0.0), 0.0, np.arctan2(y, x))


def _select(condition: Floats, then: Floats, other: Floats) -> Floats:
    return np.where(condition != 0.0, then, other)


#: Opcode -> its meaning on arrays: the contract of ``vedc.expr.nodes``.
FUNCTIONS: Final[dict[str, Callable[..., Floats]]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "min": np.fmin,
    "max": np.fmax,
    "fma": lambda x, y, z: x * y + z,
    "neg": np.negative,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "exp2": np.exp2,
    "log2": lambda x: np.log2(np.fmax(x, TINY)),
    "pow": _power,
    "sin": np.sin,
    "cos": np.cos,
    "atan2": _arctangent,
    "hash": _hash,
    "lt": lambda x, y: np.less(x, y).astype(np.float64),
    "le": lambda x, y: np.less_equal(x, y).astype(np.float64),
    "select": _select,
}


def evaluate_on_arrays(exprs: Sequence[Expr], given: Mapping[Expr, Floats | float]) -> list[Floats]:
    """The values of expressions; ``given`` has the values of all their leaves."""
    values: dict[Expr, Floats] = {e: np.asarray(v, np.float64) for e, v in given.items()}
    with np.errstate(all="ignore"):  # infinities and NaN are part of the contract
        for e in walk(exprs, stop=values.keys()):
            if e not in values:
                arguments = (values[a] for a in e.args)
                values[e] = np.asarray(e.value) if e.op == "const" else FUNCTIONS[e.op](*arguments)
    return [values[e] for e in exprs]
