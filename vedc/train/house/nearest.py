"""The style nearest to a film: the one whose habits give the film the highest likelihood.

Each part is the mean log-likelihood of the film's rows under the style, so that no part outweighs
the others by its number of rows; for the look, it is a normal distribution of the colour difference
that remains under the style's grade.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.choose.feature_catalogue import CUTS, PIECES
from vedc.decide.grades.looks.learn import away
from vedc.decide.grades.space import GradeSpace
from vedc.train.cutting.choices import PieceChoice
from vedc.train.cutting.logit import likelihoods
from vedc.train.house.choosing import Chosen, sided, sided_names
from vedc.train.house.film_rows import FilmRows
from vedc.train.house.joining import rate_likelihoods
from vedc.train.house.style import LearnedStyle

_SCATTER: Final = 1.5
"""Standard deviation of the colour difference that remains under a film's own grade."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """Mean log-likelihoods of a film's rows under a style, by part; a part without rows is 0."""

    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.parts.values())


def nearness(film: FilmRows, style: LearnedStyle, space: GradeSpace) -> Nearness:
    """How near a film is to a style, whether or not the style's parts beat vedc's own."""
    joining, pacing = style.joining, style.pacing
    joints = rate_likelihoods(film.joins, joining.weights) if joining is not None else []
    lengths: Sequence[float] = ()
    if pacing is not None and film.lengths:
        lengths = np.log(pacing.pace.density(np.asarray(film.lengths))).tolist()
    far = []
    if style.grading is not None and style.grading.usual is not None:
        table = space.table(style.grading.usual)
        far = [-((away(e, table) / _SCATTER) ** 2) / 2 for e in film.examples]
    return Nearness(
        {
            "cuts": _choices(film.cuts, style.cuts, CUTS),
            "pieces": _choices(film.pieces, style.pieces, PIECES),
            "joints": _mean(joints),
            "pace": _mean(lengths),
            "look": _mean(far),
        }
    )


def _choices(choices: Sequence[PieceChoice], chosen: Chosen | None, names: Sequence[str]) -> float:
    if chosen is None or not choices:
        return 0.0
    if any(choice.side for choice in choices):
        choices, names = [sided(choice) for choice in choices], sided_names(names)
    known = [list(names).index(name) for name in chosen.names]
    rows = [PieceChoice(choice.values[:, known], choice.group) for choice in choices]
    return _mean(likelihoods(rows, chosen.weights).tolist())


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
