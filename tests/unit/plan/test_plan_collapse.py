"""Collapse: what becomes a table, how good it is, and what stays a formula."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from vedc.expr.array_ops import evaluate_on_arrays
from vedc.expr.intervals import ANYTHING, Interval, intervals
from vedc.expr.math import Tracer
from vedc.expr.nodes import Expr, const, load, node, param, walk
from vedc.expr.scalar_ops import FUNCTIONS
from vedc.plan.fusion.collapse import bound, collapse
from vedc.plan.tables import TabulatedFunctions

M = Tracer()
X = load(0, 0) / 255.0


def leaf(e: Expr) -> Interval:
    return (0.0, 255.0) if e.attr == (0, 0) else ANYTHING


def power(x: Expr, exponent: float | Expr) -> Expr:
    return M.pow(M.max(x, 0.0), exponent)


def collapsed(root: Expr, values: list[float | None] | None = None, allowed: float = bound(10)):
    """The rewritten root and the tables."""
    tables: list[TabulatedFunctions] = []

    def add(made: TabulatedFunctions) -> int:
        tables.append(made)
        return len(tables) - 1

    (found,) = collapse([root], leaf, values or [], add, allowed)
    return found, tables


def test_a_chain_of_powers_is_one_look_up() -> None:
    chain = power(power(power(X, 1.3) + 0.1, 0.8) * 0.9 + 0.05, 1.1)
    found, (table,) = collapsed(chain)
    assert found.op == "lut1d"
    assert not [e for e in walk([found]) if e.op == "pow"]
    codes = np.linspace(0, 255, 5001)
    (exact,) = evaluate_on_arrays([chain], {load(0, 0): codes})
    cube = table.cube()
    curve = np.array(cube.data).reshape(-1, 3)[:, 0]
    low, high = table.spans[0]
    grid = np.linspace(low, high, cube.size)
    assert np.abs(np.interp(codes, grid, curve) - exact).max() <= bound(10)


def test_the_error_is_that_of_the_channel_not_of_the_codes_it_becomes() -> None:
    """A row of samples begins with a multiple of the channel: a fine table is fine for it too."""
    chain = power(power(power(X + 0.1, 1.3) + 0.1, 0.8) * 0.9 + 0.05, 1.1)
    _, (plain,) = collapsed(chain)
    found, (table,) = collapsed(chain * 876.0 + 64.0)
    assert table.chains == plain.chains
    assert found.op in ("add", "fma")


def test_the_stated_error_matches_the_table() -> None:
    chain = power(power(X, 1.7) + 0.2, 0.6)
    table = TabulatedFunctions((chain,), (load(0, 0),), ((0.0, 255.0),), (), 16)
    fine = np.linspace(0, 255, 200_001)
    (exact,) = evaluate_on_arrays([chain], {load(0, 0): fine})
    curve = np.array(table.cube().data).reshape(-1, 3)[:, 0]
    measured = np.abs(np.interp(fine, np.linspace(0, 255, 16), curve) - exact).max()
    assert table.error() == pytest.approx(measured, rel=0.05)
    assert measured > bound(10)  # 16 are too few: the check can fail


@pytest.mark.parametrize(
    "chain",
    [
        pytest.param(power(X, 1.5) + 0.1, id="cheaper than a look-up"),
        pytest.param(power(power(power(X, 0.3), 0.9), 0.9) + X, id="infinite slope at 0"),
        pytest.param(
            M.select(X < 0.5, power(power(X, 1.2) + 0.1, 1.3), power(X, 0.7) + 1.0), id="a step"
        ),
        pytest.param(power(power(power(load(1, 0), 2.2) + 1.0, 2.0), 1.4), id="unbounded"),
    ],
)
def test_what_stays_a_formula(chain: Expr) -> None:
    found, tables = collapsed(chain)
    assert not tables
    assert found is chain


def test_two_numbers_are_no_chain() -> None:
    y = load(0, 1) / 255.0
    mixed = power(power(power(X + y, 1.3) + y, 0.8) + X, 1.1)
    _, tables = collapsed(mixed)
    assert not tables


def test_what_moves_is_not_tabulated_and_what_stands_still_is() -> None:
    still, moving = param(0), param(1)
    below = power(power(power(X, still) + 0.1, 0.8) * 0.9 + 0.05, 1.1)
    found, tables = collapsed(power(below, moving), [1.3, None])
    assert len(tables) == 1
    assert found.op == "pow"
    assert found.args[1] is moving
    assert tables[0].values == (1.3, 0.0)


def test_deeper_samples_ask_for_better_tables() -> None:
    chain = power(power(power(X, 1.05) + 0.001, 0.5) * 0.9 + 0.05, 1.1)
    assert collapsed(chain, allowed=bound(10))[1]
    assert not collapsed(chain, allowed=bound(16))[1]


def test_intervals_hold_every_value() -> None:
    rng = random.Random(3)
    leaves = [load(0, 0), load(0, 1), load(1, 0)]
    spans = {leaves[0]: (-2.0, 3.0), leaves[1]: (0.5, 4.0), leaves[2]: (-1.0, -0.25)}
    ops = {
        "add": 2, "sub": 2, "mul": 2, "div": 2, "min": 2, "max": 2, "fma": 3, "neg": 1, "abs": 1,
        "sqrt": 1, "floor": 1, "exp2": 1, "log2": 1, "pow": 2, "sin": 1, "cos": 1, "atan2": 2,
        "lt": 2, "le": 2, "select": 3, "hash": 3,
    }  # fmt: skip
    assert set(ops) == set(FUNCTIONS)
    for _ in range(400):
        pool: list[Expr] = [*leaves, const(rng.uniform(-3, 3)), const(rng.choice([0.0, 1.0]))]
        for _ in range(8):
            op = rng.choice(list(ops))
            pool.append(node(op, *(rng.choice(pool) for _ in range(ops[op]))))
        found = intervals(pool, lambda e: spans.get(e, ANYTHING))
        points = {e: np.array([rng.uniform(*span) for _ in range(50)]) for e, span in spans.items()}
        for e, values in zip(pool, evaluate_on_arrays(pool, points), strict=True):  # type: ignore[arg-type]
            low, high = found[e]
            known = values[np.isfinite(values)]
            slack = 1e-9 * max(1.0, *np.abs(known)) if known.size else 0.0
            assert (known >= low - slack).all(), (e, low, known.min())
            assert (known <= high + slack).all(), (e, high, known.max())


def test_bounds_are_quarters_of_a_code() -> None:
    assert bound(8) == bound(10) == 0.25 / 1024
    assert math.isclose(bound(12), 0.25 / 4096)
