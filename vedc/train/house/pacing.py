"""Shot lengths, learned from finished films.

A pace is judged by the density that it gives to the lengths of a film's shots. The rivals are cuts
at a constant rate (the frequency prior: an exponential distribution with the same mean), the
lengths favoured by the weights set by hand, with the strength that fits the films best, and chance:
a uniform density over the logarithm of the length.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.choose.feature_catalogue import FEATURES
from vedc.decide.choose.pace import LONGEST, SHORTEST, Pace
from vedc.train.house.judged import FEWEST, Judged, Values, judged, left_out

LEAST: Final = 12
_GRID: Final = np.linspace(math.log2(SHORTEST), math.log2(LONGEST), 400)
_STRENGTHS: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pacing:
    """A pace, and its verdict."""

    pace: Pace
    shots: int
    judged: Judged | None
    """None if there are too few films or shots."""


def learn_pace(rows: Sequence[tuple[str, float]], footage: Mapping[str, str]) -> Pacing | None:
    """Learn from the lengths of shots, each with its film. None if there are none.

    ``footage`` maps each film to the group with which it is held out.
    """
    if not rows:
        return None
    lengths = [seconds for _, seconds in rows]
    verdict = None
    if len({film for film, _ in rows}) >= FEWEST and len(rows) >= LEAST:
        verdict = judged(*left_out(rows, _judge, footage))
    return Pacing(Pace.of(lengths), len(lengths), verdict)


def _judge(others: list[float], held: list[float]) -> Mapping[str, Values]:
    here = np.clip(np.asarray(held), SHORTEST, LONGEST)
    pace = Pace.of(others)
    mean = float(np.mean(others))
    known = np.asarray(others)
    strength = max(_STRENGTHS, key=lambda k: float(np.log(_by_hand(known, k)).sum()))
    densities: dict[str, Floats] = {
        "learned": pace.density(here),
        "by hand": _by_hand(here, strength),
        "frequency": _constant(here, mean),
        "chance": np.full(len(here), 1 / (_GRID[-1] - _GRID[0])),
    }
    return {
        "likelihood": {n: np.log(np.maximum(d, 1e-9)).tolist() for n, d in densities.items()},
        "Kolmogorov's distance": {
            "learned": [pace.distance(held)] * len(held),
            "by hand": [_distance(here, lambda s: _by_hand(s, strength))] * len(held),
            "frequency": [_distance(here, lambda s: _constant(s, mean))] * len(held),
        },
    }


def _by_hand(seconds: Floats, strength: float) -> Floats:
    """The density favoured by the feature ``length``, with this strength."""
    fit = FEATURES["length"]
    over = np.exp(strength * fit.value(2**_GRID))
    step = float(_GRID[1] - _GRID[0])
    return np.asarray(np.exp(strength * fit.value(seconds)) / (over.sum() * step))


def _constant(seconds: Floats, mean: float) -> Floats:
    """The density of cuts at a constant rate, per doubling of the length."""

    def density(at: Floats) -> Floats:
        return np.asarray(at * np.exp(-at / mean))

    step = float(_GRID[1] - _GRID[0])
    return density(np.asarray(seconds)) / float(density(2**_GRID).sum() * step)


def _distance(held: Floats, density: object) -> float:
    assert callable(density)
    step = float(_GRID[1] - _GRID[0])
    below = np.cumsum(density(2**_GRID)) * step
    found = np.sort(held)
    at = np.interp(np.log2(found), _GRID, below)
    ranks = np.arange(len(found))
    return float(np.maximum((ranks + 1) / len(found) - at, at - ranks / len(found)).max())
