"""Answers to ``{auto: balance}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vedc.decide.grades.balance.decide import DEFAULT, VERSION, decide_balance
from vedc.decide.grades.shot import Decision
from vedc.models import network_weights

if TYPE_CHECKING:
    from vedc.decide.grades.deciders import GradeAsked


def answer(asked: GradeAsked) -> Sequence[Decision]:
    """A decision for each shot."""
    color = asked.color
    return decide_balance(
        asked.shots,
        strength=asked.strength,
        method=asked.method,
        transfer=color.transfer if color else "bt709",
        matrix=color.matrix if color else "bt709",
    )


def versions(options: Mapping[str, Any]) -> dict[str, str]:
    """The version of the rules, with the digest of the network if it is used."""
    if (options.get("method") or DEFAULT) == "closed":
        return {"balance": f"{VERSION} closed"}
    digest = network_weights.digest(network_weights.shipped("balance"))
    return {"balance": f"{VERSION} network {digest}"}
