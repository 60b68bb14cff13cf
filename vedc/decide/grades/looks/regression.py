"""Weights of grades as a linear function of a shot's statistics, by ridge regression.

Each pair gives only the evidence of its colours about its grade ``w``: a precision ``P`` (96, 96)
and ``P w``. Grades of one look also scatter, since no hand and no rule is exact; with that scatter,
the pair's precision becomes ``M = P (I + s P)^-1``. The weights minimise

    sum of (w - B z)' M (w - B z)  +  |constant part - usual|^2 / s  +  ridge |rest|^2,

with ``z`` the statistics and a one, and ``usual`` the one grade that suits all pairs. Colours that
a pair does not show are thus learned from the others (Hoerl and Kennard, "Ridge Regression", 1970).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.space import Cells, GradeSpace

_SCATTER: Final = 0.15
"""Variance of a grade around its look, in the units of weights."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A graded shot."""

    name: str
    source: str
    """The group that is held out together when looks are judged: a film, a day, a place."""
    statistics: Floats
    """(14,): the raw shot's."""
    cells: Cells
    """Its colours before and after."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """An example's evidence about its grade, including the scatter of grades."""

    precision: Floats
    """(96, 96)."""
    pull: Floats
    """(96,): the precision times the grade."""

    @classmethod
    def of(cls, example: Example, space: GradeSpace) -> Evidence:
        size = space.size
        found = space.estimate(example.cells, (np.zeros(size), np.eye(size)))
        posterior = np.linalg.inv(found.covariance)
        own = posterior - np.eye(size)
        scattered = np.linalg.inv(np.eye(size) + _SCATTER * own)
        precision = own @ scattered
        return cls((precision + precision.T) / 2, scattered.T @ (posterior @ found.w))


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """Normal equations of some examples, without priors."""

    system: Floats
    """(columns, 96, columns, 96)."""
    pull: Floats
    """(columns, 96)."""

    @classmethod
    def of(cls, rows: Floats, evidence: Sequence[Evidence], shares: Floats) -> Normal:
        """``rows`` (n, columns): statistics, the first of which is one. ``shares`` (n,): how much
        each example counts."""
        columns, size = rows.shape[1], len(evidence[0].pull)
        system = np.zeros((columns, size, columns, size))
        pull = np.zeros((columns, size))
        for row, each, share in zip(rows, evidence, shares, strict=True):
            outer = share * np.outer(row, row)
            system += outer[:, np.newaxis, :, np.newaxis] * each.precision[:, np.newaxis, :]
            pull += share * np.outer(row, each.pull)
        return cls(system, pull)

    def __add__(self, other: Normal) -> Normal:
        return Normal(self.system + other.system, self.pull + other.pull)

    def __sub__(self, other: Normal) -> Normal:
        return Normal(self.system - other.system, self.pull - other.pull)

    def weights(self, usual: Floats, ridge: float) -> Floats:
        """Weights (columns, 96). Those of the first column are pulled towards ``usual`` (96,) as by
        one more example, the others towards 0 by ``ridge``."""
        columns, size = self.pull.shape
        system, pull = self.system.copy(), self.pull.copy()
        pull[0] += usual / _SCATTER
        flat = system.reshape(columns * size, -1)
        at = np.arange(columns * size)
        flat[at, at] += np.where(at < size, 1 / _SCATTER, ridge)
        found = np.linalg.solve(flat, pull.ravel()).reshape(columns, size)
        return np.asarray(found, np.float64)


def constant(examples: Sequence[Example], shares: Floats, space: GradeSpace) -> Floats:
    """The weights (96,) of the one grade that suits all examples: the grade of their pooled
    colours.

    ``shares`` (n,): how much each example counts.
    """
    before, after = (
        np.concatenate([getattr(each.cells, side) for each in examples])
        for side in ("before", "after")
    )
    counts = np.concatenate(
        [share * each.cells.counts for each, share in zip(examples, shares, strict=True)]
    )
    return space.estimate(Cells.of(before, after, counts)).w
