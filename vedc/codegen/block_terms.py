"""Means over a block as sums of looks whose rows and columns are weighted separately."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

from vedc.expr.nodes import Expr, walk
from vedc.expr.taps import TAPS, Look
from vedc.support.lazy_dataclass import dataclass

Axis = Literal["rows", "columns", "both"]
"""With what a value varies within a block: at most its rows, at most its columns, or both."""

#: A longer sum is averaged pixel by pixel.
_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class Term:
    """A look times factors, each of which varies with rows only or with columns only."""

    look: Expr
    by_row: tuple[Expr, ...]
    by_column: tuple[Expr, ...]
    negative: bool = False

    def negated(self) -> Term:
        return Term(self.look, self.by_row, self.by_column, not self.negative)


def terms_of(
    root: Expr, separable: Callable[[Expr], bool], axis: Callable[[Expr], Axis]
) -> tuple[Term, ...]:
    """The terms whose sum ``root`` is; none if it is no such sum.

    ``separable`` returns whether a look is computed line by line. A look's own weight is among
    its factors.
    """
    found: dict[Expr, tuple[Term, ...]] = {}
    for e in walk([root]):
        if not any(a in found for a in e.args) and e.op not in TAPS:
            continue
        terms: Sequence[Term] = ()
        below = [found.get(a, ()) for a in e.args]
        if e.op in TAPS:
            if separable(e):
                terms = _scaled([Term(e, (), ())], Look(*e.args).weight, axis)
        elif e.op == "neg":
            terms = [term.negated() for term in below[0]]
        elif e.op in ("add", "sub") and all(below):
            second = below[1] if e.op == "add" else [term.negated() for term in below[1]]
            terms = [*below[0], *second]
        elif e.op in ("mul", "fma") and bool(below[0]) != bool(below[1]):
            looks, factor = (below[0], e.args[1]) if below[0] else (below[1], e.args[0])
            terms = _scaled(looks, factor, axis)
            if e.op == "fma":
                terms = [*terms, *below[2]] if terms and below[2] else ()
        if len(terms) <= _MOST:
            found[e] = tuple(terms)
    return found.get(root, ())


def _scaled(terms: Sequence[Term], factor: Expr, axis: Callable[[Expr], Axis]) -> Sequence[Term]:
    """The terms times a factor, which may be a product; none if that varies with both axes."""
    along = axis(factor)
    if factor.op == "const" and factor.value == 1.0:
        return terms
    if along == "rows":
        return [Term(t.look, (*t.by_row, factor), t.by_column, t.negative) for t in terms]
    if along == "columns":
        return [Term(t.look, t.by_row, (*t.by_column, factor), t.negative) for t in terms]
    if factor.op != "mul":
        return ()
    return _scaled(_scaled(terms, factor.args[0], axis), factor.args[1], axis)
