"""How a learned part does on films that it was not fitted to, beside what asks for no learning.

Films are left out one at a time, everything that is fitted being fitted to the others; films that
show the same raw files are left out together, if there are others. A part is
better than a rival where the 95 % interval of the mean gain in log-likelihood is above zero;
the bootstrap draws films where there are six or more, and else single rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np

from vedc.decide.arrays import Floats
from vedc.train.cutting.logit import bootstrap_interval

FEWEST: Final = 2
"""Films, so that one can be left out."""

Row = TypeVar("Row")
Interval = tuple[float, float, float]
"""A mean, and the ends of its 95 % interval."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A learned model and its rivals on rows that were left out."""

    rows: int
    films: int
    likelihood: Mapping[str, float]
    """Mean log-likelihood of a row, by model; ``learned`` is among them."""
    gain: Mapping[str, Interval]
    """Of ``learned`` over each rival."""
    measures: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    """Further measures: of each, values by model, such as how often it is right."""

    @property
    def better(self) -> bool:
        """Whether every rival is beaten."""
        return all(low > 0 for _, low, _ in self.gain.values())

    def beaten_by(self) -> list[str]:
        """The rivals that are not beaten."""
        return [name for name, (_, low, _) in self.gain.items() if low <= 0]


Values = Mapping[str, Sequence[float]]
"""Of each row that was left out, a value by model."""


def footage_of(films: Mapping[str, Collection[str]]) -> dict[str, str]:
    """What is left out together: of each film, the first of those that it shares raw files with,
    directly or by others. Where all films share theirs, each is left out by itself.

    ``films``: the raw files that each shows.
    """
    of = _shared(films)
    return of if len(set(of.values())) > 1 else {film: film for film in films}


def groups_of(films: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Groups of films that share no raw file, by the first film of each."""
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
    """Each film left out in turn, with those of its ``footage``. ``rows``: with their films.

    ``judge`` fits to the first rows and gives, by measure and model, values of the second. Gives
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
    """The verdict. ``values`` has the measure ``likelihood``, by model."""
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
