"""A look learned from pairs: one grade for all shots, or one that depends on a shot's statistics.

Candidates are judged on held-out sources: leaving shots unchanged, the one grade that suits all
pairs best, and grades by ridge regression from a shot's statistics, with several ridges. The
regression is taken if it is better by more than chance, otherwise the constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.looks.regression import Evidence, Example, Normal, constant
from vedc.decide.grades.looks.statistics import STATISTICS
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.space import GradeSpace
from vedc.decide.grades.tables import Table, apply
from vedc.errors import UserError

RIDGES: Final = (10.0, 30.0, 100.0)
"""Candidate ridges of the statistics."""
SOURCES: Final = 4
"""The least number of sources for a look that depends on statistics."""
EXAMPLES: Final = 8
"""The least number of shots for such a look."""
_FOLDS: Final = 8
"""The most folds of the sources for cross-validation."""
_SURE: Final = 1.0
"""Standard errors by which the regression must beat the constant."""
_LEAST: Final = 0.1
"""The least share of the difference that a look must remove from held-out shots."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Mean CIEDE2000 from the graded pictures, for shots whose source was held out."""

    untouched: float
    constant: float
    statistics: float | None
    """None: there were too few examples."""
    checked: bool
    """Whether there were sources, or at least shots, to hold out."""

    def gain(self, left: float | None) -> float:
        """0..1: the share of the difference that is removed if ``left`` remains."""
        if left is None or self.untouched <= 0:
            return 0.0
        return max(0.0, 1 - left / self.untouched)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A grade in the space of grades, with an addition for each statistic of a shot."""

    space: str
    """The first 12 digits of the digest of the space of grades."""
    constant: Floats
    """(96,): the grade of a shot with the central statistics."""
    centre: Floats
    """(14,): means of the statistics over the examples."""
    spread: Floats
    """(14,): their standard deviations."""
    low: Floats
    """(14,): their least values."""
    high: Floats
    weights: Floats
    """(14, 96): the addition to the grade per deviation. All 0: the look is constant."""
    judged: Judged
    shots: int
    """The footage it was learned from."""
    sources: int

    @property
    def is_constant(self) -> bool:
        return not self.weights.any()

    @property
    def gain(self) -> float:
        """0..1: the share of the difference that it removes from held-out shots."""
        left = self.judged.constant if self.is_constant else self.judged.statistics
        return self.judged.gain(left)

    def deviations(self, statistics: Floats) -> Floats:
        """Statistics (14,) in deviations from the centre, clamped to the learned range."""
        held = np.clip(statistics, self.low, self.high)
        return np.asarray((held - self.centre) / self.spread, np.float64)

    def grade(self, deviations: Floats) -> Floats:
        """The weights (96,) of a shot's grade in the space."""
        return np.asarray(self.constant + deviations @ self.weights, np.float64)


def learn(examples: Sequence[Example], space: GradeSpace | None = None) -> Look:
    """The look of one or more examples.

    Raises UserError ``no-look`` if leaving shots unchanged is as good.
    """
    space = space or GradeSpace.load()
    values = np.stack([example.statistics for example in examples])
    centre = values.mean(0)
    spread = np.maximum(values.std(0), [statistic.least for statistic in STATISTICS])
    sources = {example.source for example in examples}
    task = _Task(examples, (values - centre) / spread, _shares(examples), space)
    ridges = RIDGES if len(sources) >= SOURCES and len(examples) >= EXAMPLES else ()
    judged, ridge = task.judged(_groups(examples), ridges)
    if judged.gain(judged.constant if ridge is None else judged.statistics) < _LEAST:
        raise _no_look(judged)
    everything = range(len(examples))
    usual = task.constant(everything)
    weights = np.zeros((len(STATISTICS), space.size))
    if ridge is not None:
        usual, *rest = task.normal(everything).weights(usual, ridge)
        weights = np.stack(rest)
    return Look(
        space.digest[:12], usual, centre, spread, values.min(0), values.max(0), weights,
        judged, len(examples), len(sources),
    )  # fmt: skip


def usual_grade(examples: Sequence[Example], space: GradeSpace) -> Floats:
    """The weights (96,) of the one grade that suits all examples."""
    return constant(examples, _shares(examples), space)


def judge_groups(
    examples: Sequence[Example], space: GradeSpace, *, constant: bool
) -> dict[str, list[float]]:
    """Mean CIEDE2000 that remains for each source when it is held out, in order of names. Keys are
    ``as it is``, ``one grade`` for all, and ``learned``, which is also one grade if
    ``constant``."""
    values = np.stack([example.statistics for example in examples])
    spread = np.maximum(values.std(0), [statistic.least for statistic in STATISTICS])
    task = _Task(examples, (values - values.mean(0)) / spread, _shares(examples), space)
    sources = sorted({example.source for example in examples})
    groups = [[i for i, e in enumerate(examples) if e.source == name] for name in sources]
    found: dict[str, list[float]] = {"learned": [], "as it is": [], "one grade": []}
    for group in groups:
        others = [i for other in groups if other is not group for i in other]
        usual = task.constant(others)
        found["as it is"].append(float(np.mean([away(examples[i]) for i in group])))
        found["one grade"].append(task.left(usual[np.newaxis], group))
        if constant:
            found["learned"].append(found["one grade"][-1])
        else:
            weights = task.normal(others).weights(usual, RIDGES[1])
            found["learned"].append(task.left(weights, group))
    return found


def _shares(examples: Sequence[Example]) -> Floats:
    """The weight of each example: many shots of one source say less than as many sources."""
    names = [example.source for example in examples]
    return np.array([names.count(name) ** -0.5 for name in names])


def _no_look(judged: Judged) -> UserError:
    return UserError.one(
        "no-look",
        f"the pairs have no look in common: shots that were left out are dE {judged.untouched:.2f} "
        f"from their graded pictures as they are, and {judged.constant:.2f} with the others' grade",
        hint="learn from pairs that were graded alike, one look at a time",
    )


class _Task:
    """Examples, and looks learned from some of them and judged on others."""

    def __init__(
        self, examples: Sequence[Example], deviations: Floats, shares: Floats, space: GradeSpace
    ) -> None:
        self.examples, self.space, self.shares = examples, space, shares
        self.rows = np.concatenate([np.ones((len(examples), 1)), deviations], 1)

    @cached_property
    def evidence(self) -> list[Evidence]:
        return [Evidence.of(example, self.space) for example in self.examples]

    def normal(self, chosen: Sequence[int]) -> Normal:
        """The equations of some examples, with statistics."""
        at = list(chosen)
        return Normal.of(self.rows[at], [self.evidence[i] for i in at], self.shares[at])

    def constant(self, chosen: Sequence[int]) -> Floats:
        at = list(chosen)
        return constant([self.examples[i] for i in at], self.shares[at], self.space)

    def judged(
        self, groups: Sequence[Sequence[int]], ridges: Sequence[float]
    ) -> tuple[Judged, float | None]:
        """How far candidates are from held-out examples, one group at a time; and the ridge to use,
        None for the constant."""
        parts = [self.normal(group) for group in groups] if ridges else []
        whole = reduce(Normal.__add__, parts) if parts else None
        far: dict[float | None, list[float]] = {ridge: [] for ridge in (None, *ridges)}
        untouched = []
        for number, group in enumerate(groups):
            others = [i for other in groups if other is not group for i in other] or list(group)
            usual = self.constant(others)
            untouched.append(float(np.mean([away(self.examples[i]) for i in group])))
            far[None].append(self.left(usual[np.newaxis], group))
            for ridge in ridges:
                assert whole is not None
                rest = whole - parts[number]
                far[ridge].append(self.left(rest.weights(usual, ridge), group))
        one = np.array(far.pop(None))
        best = min(far, key=lambda ridge: float(np.mean(far[ridge])), default=None)
        chosen = None
        if best is not None:
            nearer = one - far[best]
            doubt = float(nearer.std(ddof=1)) / len(nearer) ** 0.5
            chosen = best if float(nearer.mean()) > _SURE * doubt else None
        many = None if best is None else float(np.mean(far[best]))
        checked = len(groups) > 1
        return Judged(float(np.mean(untouched)), float(one.mean()), many, checked), chosen

    def left(self, found: Floats, group: Sequence[int]) -> float:
        """The mean difference of examples that remains with weights (columns, 96)."""
        rows = self.rows[:, : len(found)]
        return float(
            np.mean([away(self.examples[i], self.space.table(rows[i] @ found)) for i in group])
        )


def away(example: Example, table: Table | None = None) -> float:
    """Mean CIEDE2000 from an example's colours after its grade; through a table, if any."""
    cells = example.cells
    before = cells.before if table is None else apply(table, cells.before)
    return float(np.average(delta_e(before, cells.after), weights=cells.counts))


def _groups(examples: Sequence[Example]) -> list[list[int]]:
    """The examples held out together: those of a source, or of several if there are many; if there
    is only one source, each shot separately."""
    sources = sorted({example.source for example in examples})
    if len(sources) == 1:
        parts = min(len(examples), _FOLDS)
        return [list(range(part, len(examples), parts)) for part in range(parts)]
    parts = min(len(sources), _FOLDS)
    part_of = {source: number % parts for number, source in enumerate(sources)}
    return [
        [i for i, example in enumerate(examples) if part_of[example.source] == part]
        for part in range(parts)
    ]
