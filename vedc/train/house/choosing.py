"""Weights of features learned from choices, regularised towards those set by hand.

A conditional logit compares what an editor chose with what they could have chosen. The rivals are
the weights set by hand, scaled to the same choices; the frequency with which films choose at that
part of a shot; and chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.choose.score_weights import SIDES
from vedc.train.cutting.choices import PieceChoice
from vedc.train.cutting.logit import evidence, fit, likelihoods, rank, scale_of
from vedc.train.house.judged import FEWEST, Judged, Values, judged, left_out

LEAST: Final = 12
"""The least number of choices to learn from."""
_PENALTIES: Final = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_BINS: Final = 6
"""Parts of a shot for the frequency prior."""
_SMOOTHED: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Learned weights, on the scale of log-likelihoods, and their verdict."""

    names: tuple[str, ...]
    """The features that vary in the data; the others keep their weights."""
    weights: Floats
    hand_scale: float
    """The factor that brings weights set by hand to the same scale."""
    judged: Judged | None
    """None if there are too few films or choices."""

    def as_hand(self, by_hand: Mapping[str, float]) -> dict[str, float]:
        """The weights with the norm of those set by hand, so that scores keep their balance."""
        hand = np.array([by_hand.get(name, 0.0) for name in self.names])
        size = float(np.linalg.norm(self.weights))
        factor = float(np.linalg.norm(hand)) / size if size > 1e-9 else 0.0
        learned = np.round(self.weights * factor, 4) + 0.0
        return dict(zip(self.names, learned.tolist(), strict=True))


def learn_choices(
    rows: Sequence[tuple[str, PieceChoice]],
    names: Sequence[str],
    by_hand: Mapping[str, float],
    footage: Mapping[str, str],
) -> Chosen | None:
    """Learn from choices, each with its film. None if there is nothing to learn from.

    ``footage`` maps each film to the group with which it is held out.
    """
    if not rows:
        return None
    if any(choice.side for _, choice in rows):
        rows = [(film, sided(choice)) for film, choice in rows]
        names = sided_names(names)
    known = [k for k in range(len(names)) if any(np.ptp(c.values[:, k]) > 1e-9 for _, c in rows)]
    if not known:
        return None
    some = [(f, PieceChoice(c.values[:, known], footage[f], c.shares)) for f, c in rows]
    hand = np.array([by_hand.get(names[k], 0.0) for k in known])
    films = {film for film, _ in rows}
    verdict = None
    if len(films) >= FEWEST and len(rows) >= LEAST:
        verdict = judged(*left_out(some, lambda a, b: _judge(a, b, hand), footage))
    choices = [choice for _, choice in some]
    scale = scale_of(choices, hand)
    weights = fit(choices, best_penalty(choices, hand * scale), hand * scale)
    return Chosen(tuple(names[k] for k in known), weights, scale, verdict)


def sided_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names of features, and of the additional weights for each side of a piece."""
    return (*names, *(f"{side}.{name}" for side in SIDES for name in names))


def sided(choice: PieceChoice) -> PieceChoice:
    """A cut with its features, repeated as features of its side.

    One penalty keeps the weights of both sides close, and lets them differ where films show it.
    """
    empty = np.zeros_like(choice.values)
    own = [choice.values if choice.side == side else empty for side in SIDES]
    return PieceChoice(np.concatenate([choice.values, *own], 1), choice.group, choice.shares)


def best_penalty(choices: Sequence[PieceChoice], toward: Floats) -> float:
    """The penalty with the highest likelihood of held-out footage; with only one group of footage,
    the one with the highest evidence."""
    groups = sorted({choice.group for choice in choices})
    if len(groups) > 1:
        parts = [
            ([c for c in choices if c.group != name], [c for c in choices if c.group == name])
            for name in groups
        ]

        def likelihood(penalty: float) -> float:
            return sum(
                float(likelihoods(held, fit(others, penalty, toward)).sum())
                for others, held in parts
            )

        return max(reversed(_PENALTIES), key=likelihood)
    return max(_PENALTIES, key=lambda penalty: evidence(choices, penalty, toward))


def _judge(
    others: list[PieceChoice], held: list[PieceChoice], hand: Floats
) -> Mapping[str, Values]:
    scaled = hand * scale_of(others, hand)
    learned = fit(others, best_penalty(others, scaled), scaled)
    placed = fit(_placed(others), _SMOOTHED)
    models = {
        "learned": (held, learned),
        "by hand": (held, scaled),
        "frequency": (_placed(held), placed),
    }
    chances = [-math.log(len(choice.values)) for choice in held]
    likelihood = {
        name: likelihoods(rows, weights).tolist() for name, (rows, weights) in models.items()
    }
    ranks = {
        name: [rank(choice, weights) for choice in rows] for name, (rows, weights) in models.items()
    }
    among = [len(choice.values) for choice in held]
    first = [float(np.mean(1 / np.arange(1, n + 1))) for n in among]
    return {
        "likelihood": {**likelihood, "chance": chances},
        "mean reciprocal rank": {
            **{name: [1 / place for place in places] for name, places in ranks.items()},
            "chance": first,
        },
        "best of all": {
            **{name: [float(place == 1) for place in places] for name, places in ranks.items()},
            "chance": [1 / n for n in among],
        },
    }


def _placed(choices: Sequence[PieceChoice]) -> list[PieceChoice]:
    """Choices whose only features are indicators of the part of the shot in which an option
    lies."""
    out = []
    for choice in choices:
        shares = choice.shares if choice.shares is not None else np.zeros(len(choice.values))
        part = np.minimum((shares * _BINS).astype(np.int64), _BINS - 1)
        out.append(PieceChoice(np.eye(_BINS)[part], choice.group))
    return out
