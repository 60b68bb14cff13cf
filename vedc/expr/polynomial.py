"""Sums whose coefficients are polynomials in uniforms, for ``affine``.

Terms that cancel up to rounding are dropped, and a coefficient within ``SNAP`` of an integer may
be replaced by it.
"""

from __future__ import annotations

import math
from typing import Final

from vedc.expr.nodes import Expr
from vedc.support.lazy_dataclass import dataclass

SNAP: Final = 1e-12

Monomial = tuple[Expr, ...]
"""A product of uniforms, sorted by when they were first met; empty for 1."""
Poly = dict[Monomial, float]
Form = dict[Expr | None, Poly]
"""Atom -> coefficient; None -> the constant."""


@dataclass(frozen=True, slots=True)
class Row:
    """``rest``, plus ``factor`` times an earlier output where there is a ``base``."""

    base: Expr | None
    factor: float
    rest: Form

    @property
    def length(self) -> int:
        """Terms, not counting the constant."""
        return len(self.rest.keys() - {None}) + (self.base is not None)

    @property
    def price(self) -> int:
        """Operations: one for each term, but the first is free if nothing scales it."""
        if None in self.rest:
            return self.length
        unscaled = self.factor == 1.0 or any(unit(poly) for poly in self.rest.values())
        return self.length - unscaled


def add(a: Poly, b: Poly, sign: float = 1.0) -> Poly:
    if not a:
        return {monomial: sign * number for monomial, number in b.items() if number}
    total = dict(a)
    for monomial, number in b.items():
        before, after = total.get(monomial, 0.0), sign * number
        both = before + after
        if abs(both) <= SNAP * max(abs(before), abs(after)):
            total.pop(monomial, None)  # they cancel, but for rounding
        else:
            total[monomial] = both
    return total


def unit(poly: Poly | None) -> bool:
    return poly is not None and poly.keys() == {()} and abs(poly[()]) == 1.0


def zero(poly: Poly) -> bool:
    """Whether every coefficient is within ``SNAP`` of 0."""
    return not any(map(_nearest, poly.values()))


def snapped(poly: Poly) -> Poly:
    near = {m: _nearest(c) for m, c in poly.items()}
    return {m: c for m, c in near.items() if c}


def _nearest(number: float) -> float:
    """The integer within ``SNAP``, else the number itself, finite or not."""
    whole = float(round(number)) if math.isfinite(number) else number
    return whole if abs(number - whole) < SNAP else number
