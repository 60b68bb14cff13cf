"""Symbolic derivatives against differences of the values they are derivatives of."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vedc.expr.array_ops import FUNCTIONS
from vedc.expr.derive import conformal, derivative, footprint, minifies
from vedc.expr.math import Tracer
from vedc.expr.nodes import ARITY, Expr, const, node, param, walk
from vedc.expr.picture import Footprint

X, Y = node("x"), node("y")
M = Tracer()
A, B = X * 0.3 + Y * 0.2 + 0.7, X * Y * 0.1 + 1.3

#: An expression for each opcode that has a slope.
SMOOTH: dict[str, Expr] = {
    "add": A + B,
    "sub": A - B * B,
    "mul": A * B,
    "div": A / B,
    "min": M.min(A, B * 0.6),
    "max": M.max(A, B * 0.6),
    "fma": node("fma", A, B, X),
    "neg": -(A * A),
    "abs": M.abs(A - B),
    "sqrt": M.sqrt(A),
    "exp2": M.exp2(A * 0.5),
    "log2": M.log2(B),
    "pow": M.pow(A, B),
    "sin": M.sin(A * B),
    "cos": M.cos(A * B),
    "atan2": M.atan2(A - 2.0, B - 3.0),
    "select": M.select(A < B, A * A, B),
    "x": X * 2.0,
    "y": Y * X,
}
#: Values that jump or are read from memory, and values that do not change.
FLAT = {
    "const", "param", "floor", "hash", "lt", "le", "load", "cover", "memo",
    "texel", "bilinear", "bicubic", "lut1d", "lut3d",
}  # fmt: skip


def values(e: Expr, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    found: dict[Expr, np.ndarray] = {}
    for n in walk([e]):
        leaf = {"x": x, "y": y}.get(n.op)
        if n.op == "const":
            leaf = np.asarray(n.value)
        found[n] = leaf if leaf is not None else FUNCTIONS[n.op](*(found[a] for a in n.args))
    return np.broadcast_to(found[e], x.shape)


def test_every_opcode_is_accounted_for() -> None:
    assert SMOOTH.keys() | FLAT == ARITY.keys()


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("variable", ["x", "y"])
def test_slopes(name: str, variable: str) -> None:
    x, y = np.random.default_rng(3).uniform(0.5, 3.0, (2, 400))
    step = 1e-6
    dx, dy = (step, 0.0) if variable == "x" else (0.0, step)
    e = SMOOTH[name]
    by_difference = (values(e, x + dx, y + dy) - values(e, x - dx, y - dy)) / (2 * step)
    (found,) = derivative([e], variable)  # type: ignore[arg-type]
    symbolic = values(found, x, y)
    # A step of the difference that straddles a kink of min, max, abs or select may be off.
    assert np.sum(~np.isclose(symbolic, by_difference, rtol=1e-6, atol=1e-6)) <= 1


@pytest.mark.parametrize(
    "e",
    [
        M.floor(A), M.hash(X, Y), A < B, A <= B, node("texel", A, B, attr=(0, 0)),
        node("bicubic", A, B, *[X] * 5, attr=(0, 0)),
        node("lut1d", A, attr=(0, 0)), node("load", attr=(0, 0)), param(3) * 2.0,
    ],
    ids=lambda e: e.op,
)  # fmt: skip
def test_what_jumps_or_is_read_counts_as_constant(e: Expr) -> None:
    assert derivative([e], "x") == [const(0.0)]


def test_a_remainder_has_the_slope_of_what_is_divided() -> None:
    assert derivative([M.modulo(X * 3.0, 7.0)], "x") == [const(3.0)]


def test_common_parts_stay_common() -> None:
    e = X
    for _ in range(40):
        e = e * e + 1.0
    assert len(list(walk(derivative([e], "x")))) < 250


def turned(scale: float, degrees: Expr | float) -> Footprint:
    angle = (degrees if isinstance(degrees, Expr) else const(degrees)) * (math.pi / 180)
    c, s = M.cos(angle), M.sin(angle)
    return footprint((X * c + Y * s) * scale, (Y * c - X * s) * scale)


@pytest.mark.parametrize(
    ("step", "does"),
    [
        (footprint(X, Y), False),
        (footprint(1920.0 - X, Y + 12.0), False),
        (footprint(X + param(0), Y - param(1)), False),
        (footprint(X * 0.5, Y * 0.99), False),
        (footprint(X * 1.01, Y), True),
        (footprint(X + Y * 0.2, Y), True),
        (footprint(X * param(0), Y), True),
        (turned(1.0, 33.0), False),
        (turned(1.0, param(0)), False),
        (turned(0.7, param(0)), False),
        (turned(1.2, param(0)), True),
        (footprint(X + M.sin(X), Y), True),
        (Footprint(*map(const, (math.nan, 0.0, 0.0, 1.0))), True),
    ],
    ids=[
        "still", "flip", "move", "enlarge", "shrink", "skew", "unknown scale",
        "turn", "any turn", "any turn enlarged", "any turn shrunk", "wave", "not a number",
    ],
)  # fmt: skip
def test_what_minifies(step: Footprint, does: bool) -> None:
    assert minifies(step) is does


def test_a_moving_skew_is_no_turn() -> None:
    c, s = M.cos(param(0)), M.sin(param(0))
    assert minifies(footprint(X * c + Y * s, X * s + Y * c))
    assert minifies(footprint(X * c + Y * M.sin(param(1)), Y * c - X * M.sin(param(1))))


def test_what_stretches_alike_in_all_directions() -> None:
    scale = param(1)
    c, s = M.cos(param(0)) * scale, M.sin(param(0)) * scale
    assert conformal(footprint(X * c + Y * s, Y * c - X * s))
    assert conformal(footprint(X * c + Y * s, X * s - Y * c))
    assert conformal(footprint(X * 3.0, Y * -3.0))
    assert not conformal(footprint(X * c + Y * s, Y * c + X * s))
    assert not conformal(footprint(X * 3.0, Y * 2.0))
