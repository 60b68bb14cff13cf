"""Answers to ``{auto: {match: ...}}``, and the versions that they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vedc.decide.grades.match.match import VERSION, decide_match
from vedc.decide.grades.shot import Canvas, Decision
from vedc.decide.grades.space import GradeSpace
from vedc.errors import InternalError

if TYPE_CHECKING:
    from vedc.decide.grades.deciders import GradeAsked


def answer(asked: GradeAsked) -> list[Decision]:
    """A decision for each shot."""
    if asked.reference is None:
        raise InternalError("match is asked without a reference")
    return decide_match(
        asked.shots,
        asked.reference,
        strength=asked.strength,
        detail=asked.detail,
        canvas=Canvas.of(asked.color),
    )


def versions(options: Mapping[str, Any]) -> dict[str, str]:
    """Versions of the method and of the space of grades. Raises MissingError if that is missing."""
    return {"match": VERSION, "grades": GradeSpace.load().digest[:12]}
