"""The look of finished films, learned as by ``vedc grade learn``, and judged on held-out films.

The measure is the distance of colours from the graded ones (CIEDE2000) in held-out films: with the
look of the other films, ungraded, and with grades drawn from the space of grades. One grade for all
shots is the frequency prior; a look that depends on the shot is taken only if it beats that.
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
"""Random grades for the rival ``chance``."""


@dataclass(frozen=True, slots=True, eq=False)
class Grading:
    """A look, and its distance from the grades of held-out films."""

    look: Look | None
    """None if it does not beat leaving shots unchanged."""
    away: dict[str, Interval]
    """Mean remaining CIEDE2000 by model; empty if no film could be held out."""
    gain: dict[str, Interval]
    """By how much the look is closer than each rival."""
    skill: Interval | None
    """The share of the difference that the look removes."""
    shots: int
    usual: Floats | None
    """(96,): the single grade that fits all examples, whether taken or not."""
    why: str = ""
    """Why there is no look, if the examples show it."""

    @property
    def better(self) -> bool:
        return self.look is not None and all(low > 0 for _, low, _ in self.gain.values())


def learn_look(
    rows: Sequence[tuple[str, Example]],
    footage: Mapping[str, str],
    space: GradeSpace | None = None,
) -> Grading | None:
    """Learn from examples of grading, each with its film. None if there are none.

    ``footage`` maps each film to the group with which it is held out.
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
    """The mean distance of each film's examples under random grades."""
    rng = np.random.default_rng(11)
    tables = [space.table(w) for w in space.drawn(rng, _DRAWN)]
    films: dict[str, list[float]] = {}
    for example in examples:
        far = [away(example, table) for table in tables]
        films.setdefault(example.source, []).append(float(np.mean(far)))
    return {film: float(np.mean(found)) for film, found in films.items()}
