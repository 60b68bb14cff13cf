"""Hoisting and evaluating values that are the same for every pixel."""

from __future__ import annotations

import math

import pytest

from vedc.expr.nodes import Expr, const, load, node, param, walk
from vedc.expr.scalar_ops import FUNCTIONS
from vedc.expr.uniforms import evaluator, hoist

X = load(0, 0)


def test_maximal_uniform_parts_become_parameters() -> None:
    gain = node("exp2", param(0))
    roots, uniforms = hoist([X * gain + param(1), gain, X * 2.0])
    assert uniforms == [gain, param(1)]
    assert roots == [X * param(0) + param(1), param(0), X * 2.0]


def test_a_kernel_sees_only_what_it_may() -> None:
    e = node("select", param(2) * 2.0 > X, node("pow", X, 1.0 / param(1)), node("neg", param(0)))
    roots, uniforms = hoist([e])
    assert len(uniforms) == 3
    for n in walk(roots):
        assert n.op in ("const", "param") or not n.uniform


def test_a_table_is_looked_up_in_the_kernel_even_for_a_uniform_colour() -> None:
    looked_up = node("lut1d", param(0) * 2.0, attr=(0, 0))
    roots, uniforms = hoist([looked_up + 1.0])
    assert uniforms == [param(0) * 2.0]
    assert roots == [node("lut1d", param(0), attr=(0, 0)) + 1.0]


def test_evaluate() -> None:
    gain = node("exp2", param(0))
    values = evaluator((gain, gain * param(1) - 1.0, const(4.0)))([1.5, 3.0])
    assert values == [2.0**1.5, 2.0**1.5 * 3.0 - 1.0, 4.0]
    assert evaluator((gain,)) is evaluator((gain,))


@pytest.mark.parametrize("op", sorted(FUNCTIONS))
def test_every_opcode_as_the_contract_says(op: str) -> None:
    arity = FUNCTIONS[op].__code__.co_argcount if hasattr(FUNCTIONS[op], "__code__") else None
    count = arity or {"neg": 1, "abs": 1}.get(op, 2)
    numbers = [0.0, -0.0, 1.0, -2.5, 0.3, 1e300, math.inf, -math.inf, math.nan]
    args = [param(i) for i in range(count)]
    run = evaluator((node(op, *args),))
    for a in numbers:
        for b in numbers:
            given = [a, b, 0.5][:count]
            (got,) = run(given)
            expected = FUNCTIONS[op](*given)
            assert got == expected or (math.isnan(got) and math.isnan(expected))


@pytest.mark.parametrize(
    ("op", "args", "result"),
    [
        ("min", (math.nan, 2.0), 2.0),
        ("min", (2.0, math.nan), 2.0),
        ("max", (math.nan, 2.0), 2.0),
        ("max", (2.0, math.nan), 2.0),
        ("pow", (0.0, 0.5), 0.0),
        ("pow", (-1.0, 2.0), 0.0),
        ("pow", (0.0, 0.0), 1.0),
        ("div", (1.0, 0.0), math.inf),
        ("div", (-1.0, 0.0), -math.inf),
        ("exp2", (5000.0,), math.inf),
        ("floor", (-0.5,), -1.0),
    ],
)
def test_the_numeric_contract(op: str, args: tuple[float, ...], result: float) -> None:
    assert evaluator((node(op, *map(const, args)),))([]) == [result]


def test_an_expr_cannot_be_branched_on() -> None:
    with pytest.raises(TypeError, match="select"):
        bool(X < 1.0)
    with pytest.raises(TypeError, match="select"):
        _ = X == 1.0
    assert isinstance(2.0 / X - 1, Expr)
