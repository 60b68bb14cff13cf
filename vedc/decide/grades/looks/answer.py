"""Answers to ``{auto: {look: ...}}``, and the versions that they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vedc.decide.choose.reasons import Reason
from vedc.decide.grades.looks.decide import VERSION, decide_look
from vedc.decide.grades.looks.look_file import has_look, read_look
from vedc.decide.grades.shot import Canvas, Decision
from vedc.decide.grades.space import GradeSpace
from vedc.errors import InternalError

if TYPE_CHECKING:
    from vedc.decide.grades.deciders import GradeAsked
    from vedc.lang.resolve.grades.question import GradeQuestion


def answer(asked: GradeAsked) -> list[Decision]:
    """A decision for each shot. Raises what ``read_look`` raises."""
    if asked.look is None:
        raise InternalError("look is asked without a file")
    if not has_look(asked.look):
        reason = Reason("no look", 0.0, f"{asked.look.name} leaves shots as they are")
        return [Decision((), 0.0, (reason,)) for _ in asked.shots]
    return decide_look(
        asked.shots,
        read_look(asked.look),
        strength=asked.strength,
        detail=asked.detail,
        canvas=Canvas.of(asked.color),
    )


def versions(options: Mapping[str, Any]) -> dict[str, str]:
    """Versions of the method and of the space of grades. Raises MissingError if that is missing."""
    return {"look": VERSION, "grades": GradeSpace.load().digest[:12]}


def foreseen(question: GradeQuestion) -> None:
    """Check that the file is a look. Raises what ``read_look`` raises."""
    if question.look is not None and has_look(question.look):
        read_look(question.look)
