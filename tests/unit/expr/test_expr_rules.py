"""Every row of the rules, and whole rewrites, against evaluation in float64."""

from __future__ import annotations

import math
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.expr.affine import compose, operations
from vedc.expr.nodes import ARITY, Expr, const, load, node, param, walk
from vedc.expr.rules import ROWS, simplify
from vedc.expr.scalar_ops import FUNCTIONS

LINES = [line for line in ROWS.strip().splitlines() if line]


def value(roots: list[Expr], loads: dict[object, float], params: list[float]) -> list[float]:
    """Evaluate one pixel: ``loads`` gives each sample, ``params`` each uniform."""
    done: dict[Expr, float] = {}
    for e in walk(roots):
        if e.op == "const":
            done[e] = e.value
        elif e.op == "param":
            assert isinstance(e.attr, int)
            done[e] = params[e.attr]
        elif e.op == "load":
            done[e] = loads[e.attr]
        else:
            done[e] = FUNCTIONS[e.op](*(done[a] for a in e.args))
    return [done[r] for r in roots]


def formula(text: str, letters: dict[str, Expr]) -> Expr:
    """The expression that a side of a row stands for, as written."""
    functions = {op: lambda *a, op=op: node(op, *map(wrap, a)) for op in ARITY}
    functions["abs"] = lambda a: node("abs", wrap(a))
    # Numbers become nodes, so that Python does not compute with them.
    result = eval(
        re.sub(r"(?<![\w.])(\d+(\.\d+)?)", r"number(\1)", text.strip()),
        {**functions, **letters, "number": lambda v: const(float(v))},
    )
    return wrap(result)


def wrap(value: Expr | float) -> Expr:
    return value if isinstance(value, Expr) else const(value)


@pytest.mark.parametrize("row", LINES)
def test_row(row: str) -> None:
    left, _, rest = row.partition("->")
    right, _, where = rest.partition("where")
    names = sorted(set(re.findall(r"(?<!\w)[a-z](?!\w)", left)))
    rng = random.Random(row)
    tried = changed = 0
    while tried < 60:
        numbers = {
            n: rng.choice([-2.0, -1.0, -0.3, 0.0, 0.4, 1.0, 1.7]) + rng.choice([0.0, 0.13])
            for n in names
        }
        if where and not eval(where, {}, numbers):
            continue
        tried += 1
        letters = {
            n: const(numbers[n]) if n in "cde" else param(i) if n in "uvw" else load(0, i)
            for i, n in enumerate(names)
        }
        loads: dict[object, float] = {(0, i): numbers[n] for i, n in enumerate(names)}
        params = [numbers[n] for n in names]
        before, after = formula(left, letters), formula(right, letters)
        (simple,) = simplify([before])
        changed += simple is not before
        expected, stated, got = value([before, after, simple], loads, params)
        if math.isfinite(expected):
            assert stated == pytest.approx(expected, rel=1e-9, abs=1e-9)
            assert got == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert changed == tried, "the row never applies to its own left side"


X, Y = load(0, 0), load(0, 1)
P, Q = param(0), param(1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (const(2) * const(3) + const(1), const(7)),
        ((X * 2.0 + 3.0) * 4.0 + 5.0, node("fma", X, const(8), const(17))),
        (X / 255.0 * 255.0, X),
        (1.0 + X - 1.0, X),
        (X * Y + P, node("fma", X, Y, P)),
        (node("select", const(0.0) < const(1.0), X, Y), X),
        (node("pow", X, const(0.5)), node("sqrt", node("max", X, const(0)))),
        (node("pow", node("max", X, const(0)), P), node("pow", X, P)),
        (X * node("exp2", const(0.0)), X),
    ],
)
def test_simplifies_to(before: Expr, after: Expr) -> None:
    assert simplify([before]) == [after]


def test_uniform_factors_meet() -> None:
    """An affine chain of one variable is one multiply-add, whatever its uniforms are."""
    (simple,) = simplify([((X * P + Q) * 0.5 - P) * Q + 1.0])
    assert simple.op == "fma" and simple.args[0] is X
    assert all(a.uniform for a in simple.args[1:])


def test_common_parts_stay_common() -> None:
    shared = node("exp2", X * P)
    roots = simplify([shared + 1.0, shared * 2.0])
    assert sum(e.op == "exp2" for e in walk(roots)) == 1


def expressions() -> st.SearchStrategy[Expr]:
    leaves = st.one_of(
        st.sampled_from([X, Y, load(0, 2), P, Q]),
        st.sampled_from([-1.5, -1.0, 0.0, 0.25, 0.5, 1.0, 2.0, 3.0]).map(const),
    )

    def grown(children: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        unary = st.builds(node, st.sampled_from(["neg", "abs"]), children)
        binary = st.builds(
            node,
            st.sampled_from(["add", "sub", "mul", "min", "max", "lt", "le"]),
            children,
            children,
        )
        ternary = st.builds(node, st.sampled_from(["fma", "select"]), children, children, children)
        power = st.builds(
            lambda x, k: node("pow", x, const(k)), children, st.sampled_from([0.0, 0.5, 1.0, 2.0])
        )
        return st.one_of(unary, binary, binary, ternary, power)

    return st.recursive(leaves, grown, max_leaves=24)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(expressions(), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_any_expression_keeps_its_value(roots: list[Expr], rng: random.Random) -> None:
    loads: dict[object, float] = {(0, i): rng.choice([0.0, 1.0, 0.5, -0.75, 2.5]) for i in range(3)}
    params = [rng.choice([0.0, 1.0, -0.5, 1.25]) for _ in range(2)]
    simple = simplify(roots)
    composed = compose(simple)
    assert operations(composed) <= operations(simple)
    before = value(roots, loads, params)
    for after in (value(simple, loads, params), value(composed, loads, params)):
        for a, b in zip(before, after, strict=True):
            if abs(a) < 1e6:  # beyond, or infinite, a sum in another order may differ in kind
                assert b == pytest.approx(a, rel=1e-6, abs=1e-6)
