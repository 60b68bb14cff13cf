"""Transitions at a style's rates: each joint gets the transition that is most due there.

A style's weights give the probability of each transition at a joint. Always taking the most
probable one would never use the rare ones, and random draws would not be reproducible. So the
probabilities are summed over the joints of an answer, and each sum, less the transitions already
made, counts beside the probability itself: the rates are kept, and each transition goes where it
suits best.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vedc.decide.choose.reasons import Reason
from vedc.decide.choose.score_weights import PLACES

_LEAST: Final = 1e-3
"""The least share that counts, so that points stay finite."""


@dataclass(slots=True)
class JointRates:
    """The transitions due, over the joints of an answer so far."""

    seconds: Mapping[str, float]
    """The usual length of each transition."""
    source: str
    """The style, as reasons name it."""
    due: dict[str, float] = field(default_factory=dict)
    """By transition: summed probability less the number made."""

    def reasons(self, scores: Mapping[str, float]) -> dict[str, Reason]:
        """The addition to the score of each transition at a joint, given the sums of weights."""
        return {name: self._reason(name, share) for name, share in _probabilities(scores).items()}

    def _reason(self, name: str, share: float) -> Reason:
        due = share + self.due.get(name, 0.0)
        points = round(math.log(max(due, _LEAST) / max(share, _LEAST)), PLACES) + 0.0
        text = f"{share:.0%} of such joints in {self.source}, and {due:.1f} due by now"
        return Reason("rate", points, text)

    def made(self, name: str, scores: Mapping[str, float]) -> None:
        """Record the transition chosen for a joint."""
        for other, share in _probabilities(scores).items():
            self.due[other] = self.due.get(other, 0.0) + share - (other == name)


def _probabilities(scores: Mapping[str, float]) -> dict[str, float]:
    top = max(scores.values())
    odds = {name: math.exp(score - top) for name, score in scores.items()}
    whole = sum(odds.values())
    return {name: value / whole for name, value in odds.items()}
