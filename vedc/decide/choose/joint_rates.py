"""Transitions at the rates of a style: each joint gets what is most due there.

The weights of a style say how likely each transition is at a joint. The likeliest one everywhere
would never show what is seldom used; drawing lots would not be the same twice. So what a joint's
probabilities promise is added up over the joints of an answer, and less what was made already it
counts beside the probability itself: rates are kept, where they suit the joints best.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vedc.decide.choose.reasons import Reason
from vedc.decide.choose.score_weights import PLACES

_LEAST: Final = 1e-3
"""Least share that counts, so that points stay finite."""


@dataclass(slots=True)
class JointRates:
    """What is due, over the joints of an answer so far."""

    seconds: Mapping[str, float]
    """The usual length of each transition."""
    source: str
    """The style, as reasons name it."""
    due: dict[str, float] = field(default_factory=dict)
    """By transition: promised less made."""

    def reasons(self, scores: Mapping[str, float]) -> dict[str, Reason]:
        """What is added to the score of each transition of a joint, given the sums of weights."""
        return {name: self._reason(name, share) for name, share in _probabilities(scores).items()}

    def _reason(self, name: str, share: float) -> Reason:
        due = share + self.due.get(name, 0.0)
        points = round(math.log(max(due, _LEAST) / max(share, _LEAST)), PLACES) + 0.0
        told = f"{share:.0%} of such joints in {self.source}, and {due:.1f} due by now"
        return Reason("rate", points, told)

    def made(self, name: str, scores: Mapping[str, float]) -> None:
        """Settle a joint."""
        for other, share in _probabilities(scores).items():
            self.due[other] = self.due.get(other, 0.0) + share - (other == name)


def _probabilities(scores: Mapping[str, float]) -> dict[str, float]:
    top = max(scores.values())
    odds = {name: math.exp(score - top) for name, score in scores.items()}
    whole = sum(odds.values())
    return {name: value / whole for name, value in odds.items()}
