"""The functions and operators of formulas, and their implementation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from vedc.expr.math import Math, Pixel, Scalar, Vec3, ease, premultiply
from vedc.ops.shared.lattice_noise import gradient
from vedc.ops.shared.pixels import chosen, mixed
from vedc.ops.shared.plane_geometry import length

FormulaValue = Scalar | Pixel


@dataclass(frozen=True, slots=True)
class FormulaFunction:
    """``kinds``: what each argument is; ``same`` is a number or a colour, and the same for all
    of them. ``counts``: how many arguments there may be."""

    body: Callable[..., FormulaValue]
    kinds: tuple[Literal["number", "color", "same"], ...]
    counts: tuple[int, ...]
    result: Literal["number", "color", "same"] = "number"


_NUMBER: Final[Literal["number"]] = "number"


def _numbers(body: Callable[..., Scalar], *counts: int) -> FormulaFunction:
    return FormulaFunction(body, (_NUMBER,) * max(counts), counts)


def _each(
    body: Callable[[Math, Scalar, Scalar], Scalar],
) -> Callable[[Math, Any, Any], FormulaValue]:
    """A function of two numbers, for numbers and for each part of two colours."""

    def wide(m: Math, x: Any, y: Any) -> FormulaValue:
        if not isinstance(x, Pixel):
            return body(m, x, y)
        return Pixel(
            Vec3(*(body(m, i, j) for i, j in zip(x.rgb.channels, y.rgb.channels, strict=True))),
            body(m, x.a, y.a),
        )

    return wide


def _mix(m: Math, x: Any, y: Any, t: Scalar) -> FormulaValue:
    return mixed(x, y, t) if isinstance(x, Pixel) else m.mix(x, y, t)


def _if(m: Math, condition: Scalar, x: Any, y: Any) -> FormulaValue:
    if isinstance(x, Pixel):
        return chosen(m, condition, x, y)
    return m.select(condition, x, y)


def _smoothstep(m: Math, low: Scalar, high: Scalar, x: Scalar) -> Scalar:
    """As GLSL's, and a step where both edges are the same."""
    span = high - low
    safe = m.select(m.abs(span) < 1e-9, 1e-9, span)
    return ease(m.clamp((x - low) / safe))


def _rgb(m: Math, r: Scalar, g: Scalar, b: Scalar, a: Scalar | None = None) -> Pixel:
    return premultiply(Vec3(r, g, b), m.number(1.0) if a is None else a)


def _tan(m: Math, x: Scalar) -> Scalar:
    return m.sin(x) / m.cos(x)


#: Name -> function.
FUNCTIONS: Final[dict[str, FormulaFunction]] = {
    "abs": _numbers(lambda m, x: m.abs(x), 1),
    "floor": _numbers(lambda m, x: m.floor(x), 1),
    "ceil": _numbers(lambda m, x: -m.floor(-x), 1),
    "round": _numbers(lambda m, x: m.floor(x + 0.5), 1),
    "fract": _numbers(lambda m, x: m.fract(x), 1),
    "sqrt": _numbers(lambda m, x: m.sqrt(m.max(x, 0.0)), 1),
    "sin": _numbers(lambda m, x: m.sin(x), 1),
    "cos": _numbers(lambda m, x: m.cos(x), 1),
    "tan": _numbers(_tan, 1),
    "atan2": _numbers(lambda m, y, x: m.atan2(y, x), 2),
    "exp": _numbers(lambda m, x: m.exp2(x * math.log2(math.e)), 1),
    "exp2": _numbers(lambda m, x: m.exp2(x), 1),
    "log": _numbers(lambda m, x: m.log2(x) * math.log(2.0), 1),
    "log2": _numbers(lambda m, x: m.log2(x), 1),
    "pow": _numbers(lambda m, x, y: m.pow(x, y), 2),
    "length": _numbers(length, 2),
    "min": FormulaFunction(_each(lambda m, x, y: m.min(x, y)), ("same", "same"), (2,), "same"),
    "max": FormulaFunction(_each(lambda m, x, y: m.max(x, y)), ("same", "same"), (2,), "same"),
    "clamp": _numbers(lambda m, x, low=0.0, high=1.0: m.clamp(x, low, high), 1, 3),
    "step": _numbers(lambda m, edge, x: m.step(edge, x), 2),
    "smoothstep": _numbers(_smoothstep, 3),
    "hash": _numbers(lambda m, x, y, z=0.0: m.hash(x, y, z), 2, 3),
    "noise": _numbers(lambda m, x, y, z=0.0: gradient(m, x, y, z), 2, 3),
    "mix": FormulaFunction(_mix, ("same", "same", "number"), (3,), "same"),
    "if": FormulaFunction(_if, ("number", "same", "same"), (3,), "same"),
    "select": FormulaFunction(_if, ("number", "same", "same"), (3,), "same"),
    "luma": FormulaFunction(lambda m, c: m.luma(c.rgb), ("color",), (1,)),
    "rgb": FormulaFunction(_rgb, (_NUMBER,) * 4, (3, 4), "color"),
}


def _times(m: Math, x: Any, y: Any) -> FormulaValue:
    if isinstance(x, Pixel) and isinstance(y, Pixel):
        return _each(lambda m, i, j: i * j)(m, x, y)
    return y * x if isinstance(y, Pixel) else x * y  # type: ignore[no-any-return]


def _over(m: Math, x: Any, y: Scalar) -> FormulaValue:
    return x * (1.0 / y) if isinstance(x, Pixel) else x / y


def _both(m: Math, x: Scalar, y: Scalar) -> Scalar:
    return m.select(x, m.select(y, 1.0, 0.0), 0.0)


def _either(m: Math, x: Scalar, y: Scalar) -> Scalar:
    return m.select(x, 1.0, m.select(y, 1.0, 0.0))


def _equal(m: Math, x: Scalar, y: Scalar) -> Scalar:
    return m.step(x, y) * m.step(y, x)


#: Operator -> implementation.
OPERATORS: Final[dict[str, Callable[..., FormulaValue]]] = {
    "?": _if,
    "||": _either,
    "&&": _both,
    "!": lambda m, x: m.select(x, 0.0, 1.0),
    "<": lambda m, x, y: 1.0 - m.step(y, x),
    "<=": lambda m, x, y: m.step(x, y),
    ">": lambda m, x, y: 1.0 - m.step(x, y),
    ">=": lambda m, x, y: m.step(y, x),
    "==": _equal,
    "!=": lambda m, x, y: 1.0 - _equal(m, x, y),
    "+": _each(lambda m, x, y: x + y),
    "-": _each(lambda m, x, y: x - y),
    "*": _times,
    "/": _over,
    "%": lambda m, x, y: m.modulo(x, y),
    "neg": lambda m, x: -x,
    "**": lambda m, x, y: m.pow(x, y),
}
