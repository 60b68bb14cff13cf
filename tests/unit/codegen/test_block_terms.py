"""Which means over a block are sums of looks with factors of rows and of columns."""

from __future__ import annotations

import pytest

from vedc.codegen.block_terms import Axis, Term, terms_of
from vedc.expr.nodes import Expr, const, node, param, walk

X, Y = node("x"), node("y")
ROW, COLUMN = Y * 0.5, X * 0.25


def look(weight: Expr | None = None, plane: int = 0) -> Expr:
    place = (const(float(n)) for n in (0, 0, 8, 8))
    return node("bilinear", X, Y, *place, const(1.0) if weight is None else weight, attr=(0, plane))


def axis(e: Expr) -> Axis:
    below = set(walk([e]))
    if X not in below:
        return "rows"
    return "both" if Y in below else "columns"


def terms(e: Expr) -> tuple[Term, ...]:
    return terms_of(e, lambda look: look.attr != (0, 3), axis)


def test_products_are_taken_apart() -> None:
    weighted = look(ROW * COLUMN)
    assert terms(weighted) == (Term(weighted, (ROW,), (COLUMN,)),)
    both = terms(param(0) * (look() * (COLUMN * ROW)))
    assert both == (Term(look(), (ROW, param(0)), (COLUMN,)),)


def test_sums_keep_their_signs() -> None:
    a, b = look(plane=0), look(plane=1)
    made = terms(node("neg", node("sub", a, b) * COLUMN))
    assert made == (Term(a, (), (COLUMN,), True), Term(b, (), (COLUMN,)))
    assert terms(node("fma", a, ROW, b)) == (Term(a, (ROW,), ()), Term(b, (), ()))


@pytest.mark.parametrize(
    "e",
    [
        look() * node("sin", X + Y),
        look(node("max", X, Y)),
        look() + X,
        node("fma", look(), ROW, X),
        look() * look(plane=1),
        node("max", look(), const(0.0)),
        look(plane=3),
        X * Y,
        node("add", *[node("add", look(plane=k), look(plane=k + 4)) for k in (0, 8)]) + look(),
    ],
    ids=lambda e: repr(e)[:30],
)
def test_what_is_no_such_sum(e: Expr) -> None:
    assert terms(e) == ()
