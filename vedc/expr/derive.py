"""Symbolic derivatives of expressions with respect to the pixel position.

A geometry op shows, at a pixel, the colour of another point of the canvas. How far that point
moves from one pixel to the next says how much of the picture to average there; so the map is
differentiated with respect to the opcodes ``x`` and ``y``.

What jumps (``floor``, ``lt``, ``le``, ``hash``) or is read from memory (``lut1d``, ``lut3d``,
``texel``, ``load``, ``cover``, ``memo``) counts as constant, with derivative 0: exact between
jumps, undefined at them. A displacement read from a picture therefore goes unnoticed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

from vedc.expr.nodes import Expr, const, node, walk
from vedc.expr.picture import Footprint
from vedc.expr.rules import simplify

Variable = Literal["x", "y"]

#: A constant stretch up to this counts as none: float64 rounding of a rotation's 1.
NO_STRETCH: Final = 1.0 + 1e-6

_ZERO: Final = const(0.0)
_ONE: Final = const(1.0)


def derivative(roots: Sequence[Expr], variable: Variable) -> list[Expr]:
    """The derivative of each root, simplified: change for one pixel of ``variable``."""
    found: dict[Expr, Expr] = {}
    for e in walk(roots):
        found[e] = _ONE if e.op == variable else _of(e, [found[a] for a in e.args])
    return simplify([found[r] for r in roots])


@lru_cache(maxsize=256)
def footprint(x: Expr, y: Expr) -> Footprint:
    """How the map (x, y) changes with a step to the right and a step down."""
    dudx, dvdx = derivative([x, y], "x")
    dudy, dvdy = derivative([x, y], "y")
    return Footprint(dudx, dvdx, dudy, dvdy)


def minifies(step: Footprint) -> bool:
    """Whether the map may show a picture smaller than it is, anywhere, in any direction.

    False only if certain: for constants that stretch nothing by more than 1, and for a rotation
    by any angle, animated or not, scaled by such a constant.
    """
    parts = step.dudx, step.dvdx, step.dudy, step.dvdy
    if all(p.op == "const" for p in parts):
        a, b, c, d = (p.value for p in parts)
        squares = a * a + b * b + c * c + d * d
        root = math.sqrt(max(squares * squares - 4.0 * (a * d - b * c) ** 2, 0.0))
        return not math.sqrt((squares + root) / 2.0) <= NO_STRETCH
    return not (_turns(parts) and _size(step.dudx) <= NO_STRETCH)


def conformal(step: Footprint) -> bool:
    """Whether the map provably stretches alike in all directions: it rotates, scales, mirrors."""
    a, b, c, d = step
    return (_same(d, a) and _same(b, _minus(c))) or (_same(d, _minus(a)) and _same(b, c))


def _minus(e: Expr) -> Expr:
    return simplify([-e])[0]


def _same(a: Expr, b: Expr) -> bool:
    """Equal expressions, or constants equal up to rounding."""
    if a.op == b.op == "const":
        return math.isclose(a.value, b.value, rel_tol=1e-9, abs_tol=1e-9)
    return a is b


def _turns(parts: tuple[Expr, ...]) -> bool:
    """Whether (dudx, dvdx, dudy, dvdy) is a rotation matrix up to a factor and signs."""
    cores = [_core(p) for p in parts]
    if any(core is None for core in cores) or len({_size(p) for p in parts}) > 1:
        return False
    a, b, c, d = (core for core in cores if core is not None)
    signs = math.prod(_factor(p) > 0 or -1 for p in parts)
    return a == d and b == c and {a[0], b[0]} == {"sin", "cos"} and a[1] is b[1] and signs < 0


def _core(e: Expr) -> tuple[str, Expr] | None:
    """(sin or cos, angle) of a constant times a sine or cosine."""
    if e.op == "neg":
        return _core(e.args[0])
    if e.op == "mul" and e.args[1].op == "const":
        return _core(e.args[0])
    return (e.op, e.args[0]) if e.op in ("sin", "cos") else None


def _factor(e: Expr) -> float:
    """The constant factor that :func:`_core` drops."""
    if e.op == "neg":
        return -_factor(e.args[0])
    if e.op == "mul":
        return _factor(e.args[0]) * e.args[1].value
    return 1.0


def _size(e: Expr) -> float:
    return abs(_factor(e))


def _of(e: Expr, d: list[Expr]) -> Expr:
    """The derivative of a node, given its arguments' derivatives."""
    if all(part is _ZERO for part in d):
        return _ZERO
    match e.op:
        case "add":
            return d[0] + d[1]
        case "sub":
            return d[0] - d[1]
        case "mul":
            return d[0] * e.args[1] + e.args[0] * d[1]
        case "fma":
            return d[0] * e.args[1] + e.args[0] * d[1] + d[2]
        case "div":
            return (d[0] - e * d[1]) / e.args[1]
        case "neg":
            return -d[0]
        case "abs":
            return node("select", node("lt", e.args[0], _ZERO), -d[0], d[0])
        case "min":
            return node("select", node("le", *e.args), *d)
        case "max":
            return node("select", node("le", e.args[1], e.args[0]), *d)
        case "select":
            return node("select", e.args[0], d[1], d[2])
        case "sqrt":
            return d[0] * 0.5 / e
        case "exp2":
            return d[0] * e * math.log(2.0)
        case "log2":
            return d[0] / (e.args[0] * math.log(2.0))
        case "pow":
            return _power(e, d[0], d[1])
        case "sin":
            return d[0] * node("cos", e.args[0])
        case "cos":
            return -d[0] * node("sin", e.args[0])
        case "atan2":
            y, x = e.args
            return (d[0] * x - y * d[1]) / (x * x + y * y)
        case _:
            return _ZERO  # jumps, or is read from memory


def _power(e: Expr, base: Expr, exponent: Expr) -> Expr:
    x, y = e.args
    change = base * y * node("pow", x, y - 1.0)
    if exponent is _ZERO:
        return change
    return change + exponent * e * node("log2", x) * math.log(2.0)
