"""The look of finished films, as ``vedc grade learn`` learns it, judged a film at a time.

What is judged is how far colours are from the graded ones (CIEDE2000) in films left out: by the
look of the others, as they are, and by a grade drawn from the space of grades. One grade for all
shots is the frequency prior; a look that hangs on the shot is taken only where it beats that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.looks.learn import Look, away, judge_groups, learn, usual_grade
from vedc.decide.grades.looks.regression import Example
from vedc.decide.grades.space import GradeSpace
from vedc.errors import UserError
from vedc.train.house.judged import FEWEST, Interval, interval

_DRAWN: Final = 8
"""Grades of chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Grading:
    """A look, and how far it leaves films that were left out from their grade."""

    look: Look | None
    """None: it does not beat leaving shots as they are."""
    away: dict[str, Interval]
    """Mean CIEDE2000 that is left, by model; empty where no film could be left out."""
    gain: dict[str, Interval]
    """By how much the look is nearer than each rival."""
    skill: Interval | None
    """The share of the difference that the look takes away."""
    shots: int
    usual: Floats | None
    """(96,): the one grade that suits all examples, taken or not."""
    why: str = ""
    """Why there is no look, where the examples say."""

    @property
    def better(self) -> bool:
        return self.look is not None and all(low > 0 for _, low, _ in self.gain.values())


def learn_look(
    rows: Sequence[tuple[str, Example]],
    footage: Mapping[str, str],
    space: GradeSpace | None = None,
) -> Grading | None:
    """Learn from what was graded, each with its film. None where there is nothing.

    ``footage``: which films are left out together.
    """
    if not rows:
        return None
    space = space or GradeSpace.load()
    examples = [replace(example, source=footage[film]) for film, example in rows]
    films = sorted({example.source for example in examples})
    if len(films) < FEWEST:
        return Grading(None, {}, {}, None, len(examples), usual_grade(examples, space))
    try:
        look, why = learn(examples, space), ""
    except UserError as error:
        look, why = None, error.problems[0].message
    constant = look is None or look.is_constant
    held = judge_groups(examples, space, constant=constant)
    chance = _by_chance(examples, space)
    values = {**held, "chance": [chance[film] for film in films]}
    far = {name: np.array(found) for name, found in values.items()}
    gain = {name: interval(far[name] - far["learned"], films) for name in ("as it is", "chance")}
    skill = 1 - far["learned"] / np.maximum(far["as it is"], 1e-9)
    left = {name: interval(found, films) for name, found in far.items()}
    usual = usual_grade(examples, space)
    return Grading(look, left, gain, interval(skill, films), len(examples), usual, why)


def _by_chance(examples: Sequence[Example], space: GradeSpace) -> dict[str, float]:
    """How far grades that are drawn leave the examples of each film."""
    rng = np.random.default_rng(11)
    tables = [space.table(w) for w in space.drawn(rng, _DRAWN)]
    films: dict[str, list[float]] = {}
    for example in examples:
        far = [away(example, table) for table in tables]
        films.setdefault(example.source, []).append(float(np.mean(far)))
    return {film: float(np.mean(found)) for film, found in films.items()}
