"""A conditional logit (McFadden 1974) over named features, with an L2 penalty, and its validation.

Weights are judged on held-out films (with a single film, on its thirds): by the log-likelihood of
the editor's choices, and by how often these are among the best few, compared with weights set by
hand, with bootstrap intervals.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.train.cutting.choices import PieceChoice

_PENALTIES: Final = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)

_ROUNDS: Final = 2000
"""Resamples of the bootstrap."""

TOP: Final = (1, 5)


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Performance of weights on held-out choices: means, and 95 % intervals."""

    choices: int
    groups: int
    likelihood: Mapping[str, float]
    """Mean log-likelihood of a choice: ``learned``, ``by hand``, ``chance``."""
    top: Mapping[str, Mapping[int, float]]
    """How often the choice is among the best 1 and 5."""
    gain: tuple[float, float, float]
    """Log-likelihood of learned weights minus that of those set by hand: mean, low and high."""

    @property
    def better(self) -> bool:
        """Whether the gain's interval is above zero, and chance is beaten as well."""
        return self.gain[1] > 0 and self.likelihood["learned"] > self.likelihood["chance"]


class _Rows:
    """The options of all choices as rows."""

    def __init__(self, choices: Sequence[PieceChoice]) -> None:
        self.values = np.concatenate([choice.values for choice in choices])
        sizes = [len(choice.values) for choice in choices]
        self.first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        self.owner = np.repeat(np.arange(len(sizes)), sizes)

    def shares(self, weights: Floats) -> tuple[Floats, Floats]:
        """The probability of each option, (rows,), and the log-likelihood of each choice."""
        score = self.values @ weights
        score = score - np.maximum.reduceat(score, self.first)[self.owner]
        odds = np.exp(score)
        sums = np.add.reduceat(odds, self.first)
        return odds / sums[self.owner], score[self.first] - np.log(sums)


def fit(choices: Sequence[PieceChoice], penalty: float, toward: Floats | None = None) -> Floats:
    """Weights that maximise the log-likelihood minus half the penalty times their sum of squares.

    With ``toward``, the squares are of their differences from these weights. Newton's method; the
    objective is concave, so there is one optimum.
    """
    rows = _Rows(choices)
    count = rows.values.shape[1]
    toward = np.zeros(count) if toward is None else toward
    weights = toward.copy()
    shares, logs = rows.shares(weights)
    value = float(logs.sum())
    for _ in range(50):
        part = shares[:, None] * rows.values
        mean = np.add.reduceat(part, rows.first)
        slope = (rows.values[rows.first] - mean).sum(axis=0) - penalty * (weights - toward)
        bend = part.T @ rows.values - mean.T @ mean + penalty * np.eye(count)
        step = np.linalg.solve(bend, slope)
        size, found, tried = 1.0, -math.inf, weights
        while size > 1e-6 and found < value:
            tried = weights + size * step
            shares, logs = rows.shares(tried)
            found = float(logs.sum() - penalty / 2 * (tried - toward) @ (tried - toward))
            size /= 2
        done = found - value < 1e-9 * (1 + abs(value))
        weights, value = tried, found
        if done:
            break
    return weights


def evidence(choices: Sequence[PieceChoice], penalty: float, toward: Floats) -> float:
    """The log evidence for a penalty, with the weights integrated out by Laplace's approximation
    (MacKay, "Bayesian interpolation", Neural Computation 4, 1992)."""
    weights = fit(choices, penalty, toward)
    rows = _Rows(choices)
    shares, logs = rows.shares(weights)
    part = shares[:, None] * rows.values
    mean = np.add.reduceat(part, rows.first)
    bend = part.T @ rows.values - mean.T @ mean + penalty * np.eye(len(weights))
    away = weights - toward
    volume = float(np.linalg.slogdet(bend)[1]) - len(weights) * math.log(penalty)
    return float(logs.sum()) - penalty / 2 * float(away @ away) - volume / 2


def likelihoods(choices: Sequence[PieceChoice], weights: Floats) -> Floats:
    """The log-likelihood of each choice."""
    return _Rows(choices).shares(weights)[1]


def scale_of(choices: Sequence[PieceChoice], by_hand: Floats) -> float:
    """The factor for weights set by hand that gives the highest likelihood, at least 0."""
    if not np.any(by_hand):
        return 1.0
    scores = [PieceChoice((c.values @ by_hand)[:, None], c.group) for c in choices]
    return max(float(fit(scores, 1e-3)[0]), 0.0)


def folds(choices: Sequence[PieceChoice]) -> list[tuple[list[PieceChoice], list[PieceChoice]]]:
    """Up to five splits (fitted, held out) by film, or by thirds of a single film."""
    several = len({choice.group.split(":")[0] for choice in choices}) > 1

    def key(group: str) -> str:
        return group.split(":")[0] if several else group

    names = sorted({key(choice.group) for choice in choices})
    parts = min(5, len(names))
    # Sorted by a digest, so that neighbours are not grouped.
    names.sort(key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    out = []
    for k in range(parts):
        held = set(names[k::parts])
        fitted = [c for c in choices if key(c.group) not in held]
        out.append((fitted, [c for c in choices if key(c.group) in held]))
    return [(fitted, held) for fitted, held in out if fitted and held]


def best_penalty(choices: Sequence[PieceChoice]) -> float:
    """The penalty with the highest likelihood of held-out choices."""
    split = folds(choices)
    if len(split) < 2:
        return 1.0

    def likelihood(penalty: float) -> float:
        return sum(float(likelihoods(held, fit(some, penalty)).sum()) for some, held in split)

    return max(_PENALTIES, key=likelihood)


def cross_validate(choices: Sequence[PieceChoice], by_hand: Floats) -> CrossValidation:
    """Cross-validate; the penalty is also chosen without the held-out choices."""
    split = folds(choices)
    rows: dict[str, list[float]] = {"learned": [], "by hand": [], "chance": []}
    ranks: dict[str, list[int]] = {"learned": [], "by hand": []}
    groups: list[str] = []
    for some, held in split:
        learned = fit(some, best_penalty(some))
        hand = by_hand * scale_of(some, by_hand)
        for name, weights in (("learned", learned), ("by hand", hand)):
            rows[name] += likelihoods(held, weights).tolist()
            ranks[name] += [rank(choice, weights) for choice in held]
        rows["chance"] += [-math.log(len(choice.values)) for choice in held]
        groups += [choice.group for choice in held]
    gain = np.array(rows["learned"]) - np.array(rows["by hand"])
    low, high = bootstrap_interval(gain, groups)
    top = {
        name: {n: float(np.mean([place <= n for place in held])) for n in TOP}
        for name, held in ranks.items()
    }
    return CrossValidation(
        len(gain),
        len(set(groups)),
        {name: float(np.mean(values)) for name, values in rows.items()},
        top,
        (float(gain.mean()), low, high),
    )


def rank(choice: PieceChoice, weights: Floats) -> int:
    """The rank of the choice among its options; ties get the middle rank."""
    score = choice.values @ weights
    above = int((score > score[0] + 1e-12).sum())
    equal = int((np.abs(score - score[0]) <= 1e-12).sum()) - 1
    return 1 + above + (equal + 1) // 2


def bootstrap_interval(gain: Floats, groups: Sequence[str]) -> tuple[float, float]:
    """The bootstrap 95 % interval of the mean gain.

    Resampled by group if there are six or more, since choices of one film are correlated.
    """
    rng = np.random.default_rng(7)
    names = sorted(set(groups))
    if len(names) >= 6:
        held = [gain[[g == name for g in groups]] for name in names]
        sums = np.array([part.sum() for part in held])
        sizes = np.array([len(part) for part in held])
        drawn = rng.integers(0, len(names), (_ROUNDS, len(names)))
        means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    else:
        means = gain[rng.integers(0, len(gain), (_ROUNDS, len(gain)))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)
