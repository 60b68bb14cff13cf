"""The performance of a learned part on held-out films, compared with rivals that need no learning.

Films are held out one at a time, and everything is fitted to the others. Films that use the same
raw files are held out together, if there are others. A part is better than a rival if the 95 %
interval of the mean gain in log-likelihood is above zero; the bootstrap resamples films if there
are six or more, otherwise single rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np

from vedc.decide.arrays import Floats
from vedc.train.cutting.logit import bootstrap_interval

FEWEST: Final = 2
"""The least number of films, so that one can be held out."""

Row = TypeVar("Row")
Interval = tuple[float, float, float]
"""A mean, and the bounds of its 95 % interval."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Results of a learned model and its rivals on held-out rows."""

    rows: int
    films: int
    likelihood: Mapping[str, float]
    """Mean log-likelihood of a row, by model; ``learned`` is among them."""
    gain: Mapping[str, Interval]
    """The gain of ``learned`` over each rival."""
    measures: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    """Further measures, such as accuracy: for each, values by model."""

    @property
    def better(self) -> bool:
        """Whether all rivals are beaten."""
        return all(low > 0 for _, low, _ in self.gain.values())

    def beaten_by(self) -> list[str]:
        """The rivals that are not beaten."""
        return [name for name, (_, low, _) in self.gain.items() if low <= 0]


Values = Mapping[str, Sequence[float]]
"""By model, a value for each held-out row."""


def footage_of(films: Mapping[str, Collection[str]]) -> dict[str, str]:
    """The films to hold out together: for each film, the first of those with which it shares raw
    files, directly or through others. If all films share theirs, each is held out separately.

    ``films`` maps each film to its raw files.
    """
    of = _shared(films)
    return of if len(set(of.values())) > 1 else {film: film for film in films}


def groups_of(films: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Groups of films that share no raw files, each named by its first film."""
    return frozenset(_shared(films).values())


def _shared(films: Mapping[str, Collection[str]]) -> dict[str, str]:
    of: dict[str, str] = {}
    for film in films:
        if film in of:
            continue
        of[film], reached, todo = film, set(films[film]), True
        while todo:
            near = [f for f in films if f not in of and reached & set(films[f])]
            for other in near:
                of[other] = film
                reached |= set(films[other])
            todo = bool(near)
    return of


def left_out(
    rows: Sequence[tuple[str, Row]],
    judge: Callable[[list[Row], list[Row]], Mapping[str, Values]],
    footage: Mapping[str, str],
) -> tuple[dict[str, dict[str, list[float]]], list[str]]:
    """Hold out each group of ``footage`` in turn. ``rows`` are given with their films.

    ``judge`` fits to the first rows and returns values of the second, by measure and model. Returns
    all values, and the film of each.
    """
    parts = sorted({footage[film] for film, _ in rows})
    values: dict[str, dict[str, list[float]]] = {}
    groups: list[str] = []
    for part in parts:
        held = [row for film, row in rows if footage[film] == part]
        others = [row for film, row in rows if footage[film] != part]
        if not held or not others:
            continue
        for measure, models in judge(others, held).items():
            for model, some in models.items():
                values.setdefault(measure, {}).setdefault(model, []).extend(some)
        groups += [film for film, _ in rows if footage[film] == part]
    return values, groups


def judged(
    values: Mapping[str, Mapping[str, Sequence[float]]],
    groups: Sequence[str],
    model: str = "learned",
    rivals: Sequence[str] | None = None,
) -> Judged:
    """The verdict. ``values``, by measure and model, must include ``likelihood``."""
    likelihood = {name: np.asarray(found) for name, found in values["likelihood"].items()}
    rivals = [n for n in likelihood if n != model] if rivals is None else rivals
    return Judged(
        len(groups),
        len(set(groups)),
        {name: float(found.mean()) for name, found in likelihood.items()},
        {name: interval(likelihood[model] - likelihood[name], groups) for name in rivals},
        {
            measure: {name: interval(np.asarray(found), groups) for name, found in models.items()}
            for measure, models in values.items()
            if measure != "likelihood"
        },
    )


def interval(values: Floats, groups: Sequence[str]) -> Interval:
    """A mean with its 95 % interval."""
    low, high = bootstrap_interval(np.asarray(values, np.float64), groups)
    return float(np.mean(values)), low, high


def as_data(found: Judged) -> dict[str, Any]:
    """A verdict as plain data."""

    def rounded(value: Interval) -> list[float]:
        return [round(v, 4) for v in value]

    return {
        "rows": found.rows,
        "films": found.films,
        "likelihood": {name: round(value, 4) for name, value in found.likelihood.items()},
        "gain": {name: rounded(value) for name, value in found.gain.items()},
        "measures": {
            measure: {name: rounded(value) for name, value in models.items()}
            for measure, models in found.measures.items()
        },
    }
