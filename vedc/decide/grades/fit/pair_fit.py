"""The grade that turns one picture, or film, into another: as a table, and as steps.

The pictures show the same things. Means over 4 x 4 pixels remove noise and the codec's errors in
chroma. Anything that does not follow the grade (titles, effects, things that moved) loses its
weight in the averages and again in the search for the likeliest grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades import perceived, tables
from vedc.decide.grades.project import Projection, project
from vedc.decide.grades.space import Cells, GradeSpace
from vedc.decide.grades.tables import Table

CELL: Final = 4
"""Side of a cell of the picture in pixels."""
_MOST: Final = 40_000
"""The most cells, spread over all pictures."""
_EDGE: Final = 0.5 / 255
"""Distance from 0 and 1 within which a display value counts as clipped."""
_LEAST: Final = 0.1
"""The least share of the difference that a grade must explain."""
_TAIL: Final = 3.0
"""A cell this many times farther from the grade than most shows something else."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The grade found in a pair. Differences are mean CIEDE2000 over the pictures' cells that
    follow a grade."""

    table: Table
    projection: Projection
    """Its steps, and how far they are from the table."""
    untouched: float
    """Between raw and graded."""
    table_left: float
    """Between the raw pictures through the table, and the graded ones."""
    steps_left: float
    """The same, through the steps."""
    followed: float
    """0..1: the share of the picture that follows the grade. The rest is titles, effects, or
    another picture."""

    @property
    def explained(self) -> float:
        """0..1: the share of the difference that the table explains."""
        return max(0.0, 1 - self.table_left / self.untouched) if self.untouched else 0.0

    @property
    def steps_explained(self) -> float:
        """0..1: the share of the difference that the steps explain."""
        return max(0.0, 1 - self.steps_left / self.untouched) if self.untouched else 0.0


def fit(
    raw: Sequence[Floats],
    graded: Sequence[Floats],
    space: GradeSpace | None = None,
    *,
    matrix: str = "bt709",
    transfer: str = "bt709",
) -> Fit:
    """The grade from ``raw`` to ``graded``: pictures (height, width, 3) of the same things in the
    same order, display values 0..1. Those of a pair have one size; pairs may differ in size.

    ``matrix`` and ``transfer`` are the canvas's. A pair without a difference gives no steps.
    """
    space = space or GradeSpace.load()
    before, after = (_averages(pictures) for pictures in (raw, graded))
    table = space.table(space.estimate(_cells(before, after)).w)
    change = perceived.delta_e(before, after)
    left = perceived.delta_e(tables.apply(table, before), after)
    follows = left <= _TAIL * max(float(np.median(left)), 1.0)
    untouched = float(change[follows].mean())
    if float(left[follows].mean()) > (1 - _LEAST) * untouched:  # already as close
        table, left = tables.identity(), change
    found = project(table, before[follows], matrix=matrix, transfer=transfer)
    shown = np.clip(tables.graded(found.steps, before, matrix, transfer), 0.0, 1.0)
    by_steps = perceived.delta_e(shown, after)
    return Fit(
        table,
        found,
        untouched,
        float(left[follows].mean()),
        float(by_steps[follows].mean()),
        float(follows.mean()),
    )


def pair_cells(raw: Sequence[Floats], graded: Sequence[Floats]) -> Cells:
    """The evidence of a pair, as :func:`fit` takes it, about its grade."""
    return _cells(_averages(raw), _averages(graded))


def _cells(before: Floats, after: Floats) -> Cells:
    return Cells.of(before, after, _unclipped(after))


def _averages(pictures: Sequence[Floats]) -> Floats:
    """Mean colours (n, 3) of cells of all pictures; if there are too many, an even selection."""
    means = np.concatenate([_averaged(np.asarray(p, np.float64)) for p in pictures])
    return means[:: -(-len(means) // _MOST)]


def _averaged(picture: Floats) -> Floats:
    """Means (n, 3) over cells of a picture; partial cells at the right and the bottom are
    dropped."""
    height, width = picture.shape[:2]
    rows, columns = max(height // CELL, 1), max(width // CELL, 1)
    down, across = min(CELL, height), min(CELL, width)
    whole = picture[: rows * down, : columns * across]
    means: Floats = whole.reshape(rows, down, columns, across, 3).mean((1, 3)).reshape(-1, 3)
    return means


def _unclipped(after: Floats) -> Floats:
    """Weights (n,): a clipped channel says less about the grade, but not nothing."""
    clipped = ((after <= _EDGE) | (after >= 1 - _EDGE)).sum(1)
    return np.asarray(1.0 - 0.25 * clipped, np.float64)
