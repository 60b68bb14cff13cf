"""How clips are joined: which transitions, how often and how long.

A joint is a choice among the detectable kinds of boundary. Each kind has a weight for each feature
of the joint, so the learned weights have the same form as those set by hand. Two candidates are
judged: rates alone, which are the frequency prior, and weights for the picture and sound at the
joint. The second is taken only if it beats the first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.choose.transition_choice import FEATURES
from vedc.train.cutting.choices import PieceChoice
from vedc.train.cutting.logit import fit, likelihoods, rank, scale_of
from vedc.train.house.choosing import best_penalty
from vedc.train.house.film_rows import KINDS, JoinRow
from vedc.train.house.judged import FEWEST, Judged, Values, judged, left_out

LEAST: Final = 12
_SMOOTHED: Final = 0.5
"""Pseudo-count of joints added to every kind."""
_BIAS_PENALTY: Final = 0.05
_FAMILIES: Final = {family: kind for kind, (family, _) in KINDS.items()}

Candidate = Literal["learned", "rates"]


@dataclass(frozen=True, slots=True, eq=False)
class Joining:
    """Weights of joints, and their verdicts."""

    taken: Candidate | None
    """None if neither beats vedc's own weights."""
    weights: Mapping[str, float]
    """The weights of the candidate taken, otherwise of the rates."""
    seconds: Mapping[str, float]
    """The usual length of each transition, by its name."""
    counts: Mapping[str, int]
    """Number of joints of each kind."""
    verdicts: Mapping[Candidate, Judged]
    """Empty if there are too few films or joints."""


def learn_joining(
    rows: Sequence[tuple[str, JoinRow]], by_hand: Mapping[str, float], footage: Mapping[str, str]
) -> Joining | None:
    """Learn from joints, each with its film. None if there are none.

    ``footage`` maps each film to the group with which it is held out.
    """
    if not rows:
        return None
    counts = Counter(row.kind for _, row in rows)
    names = _names([row for _, row in rows])
    verdicts: dict[Candidate, Judged] = {}
    if len({film for film, _ in rows}) >= FEWEST and len(rows) >= LEAST and len(counts) > 1:
        values, groups = left_out(rows, lambda a, b: _judge(a, b, names, by_hand), footage)
        verdicts["learned"] = judged(values, groups)
        verdicts["rates"] = judged(values, groups, "frequency", ("by hand", "chance"))
    taken: Candidate | None = None
    if verdicts and verdicts["learned"].better:
        taken = "learned"
    elif verdicts and verdicts["rates"].better:
        taken = "rates"
    joints = [row for _, row in rows]
    weights = dict(_rates(joints))
    if taken == "learned":
        choices = [_choice(footage[film], row, names) for film, row in rows]
        hand = np.array([by_hand.get(name, 0.0) for name in names])
        toward = hand * scale_of(choices, hand)
        found = fit(choices, best_penalty(choices, toward), toward)
        weights = {
            name: round(float(w), 4) + 0.0 for name, w in zip(names, found, strict=True) if w
        }
    return Joining(taken, weights, _seconds(joints), dict(counts), verdicts)


def rate_likelihoods(rows: Sequence[JoinRow], weights: Mapping[str, float]) -> list[float]:
    """The log-likelihoods of joints under some weights."""
    names = sorted(weights)
    choices = [_choice("", row, names) for row in rows]
    return likelihoods(choices, np.array([weights[n] for n in names])).tolist() if rows else []


def _names(rows: Sequence[JoinRow]) -> list[str]:
    """The weights that can be learned from joints: those of known features."""
    known = sorted({feature for row in rows for feature in row.features})
    return [
        f"{family}.{feature}" for family, _ in KINDS.values() for feature in known
        if f"{family}.{feature}" in FEATURES
    ]  # fmt: skip


def _choice(film: str, row: JoinRow, names: Sequence[str]) -> PieceChoice:
    """A joint as a choice among kinds, with its actual kind first."""
    order = [row.kind, *(kind for kind in KINDS if kind != row.kind)]
    values = np.zeros((len(order), len(names)))
    for k, name in enumerate(names):
        family, _, feature = name.partition(".")
        values[order.index(_FAMILIES[family]), k] = row.features.get(feature, 0.0)
    return PieceChoice(values, film)


def _rates(rows: Sequence[JoinRow]) -> dict[str, float]:
    """Weights that give each kind its share, independent of the joint."""
    counts = Counter(row.kind for row in rows)
    whole = len(rows) + _SMOOTHED * len(KINDS)
    return {
        f"{family}.bias": round(math.log((counts[kind] + _SMOOTHED) / whole), 4)
        for kind, (family, _) in KINDS.items()
    }


def _seconds(rows: Sequence[JoinRow]) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind, (_, name) in KINDS.items():
        lengths = [row.seconds for row in rows if row.kind == kind and row.seconds > 0]
        if lengths:
            found[name] = round(float(np.median(lengths)), 3)
    return found


def _judge(
    others: list[JoinRow], held: list[JoinRow], names: Sequence[str], by_hand: Mapping[str, float]
) -> Mapping[str, Values]:
    choices = [_choice("", row, names) for row in others]
    here = [_choice("", row, names) for row in held]
    hand = np.array([by_hand.get(name, 0.0) for name in names])
    scaled = hand * scale_of(choices, hand)
    rates = _rates(others)
    biased = np.array([rates.get(name, 0.0) for name in names])
    models: dict[str, Floats] = {
        "learned": fit(choices, best_penalty(choices, scaled), scaled),
        "by hand": scaled,
        "frequency": biased,
    }
    likelihood = {name: likelihoods(here, weights).tolist() for name, weights in models.items()}
    right = {
        name: [float(rank(choice, weights) == 1) for choice in here]
        for name, weights in models.items()
    }
    chance = -math.log(len(KINDS))
    return {
        "likelihood": {**likelihood, "chance": [chance] * len(held)},
        "best of all": {**right, "chance": [1 / len(KINDS)] * len(held)},
    }
