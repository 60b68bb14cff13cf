"""Answers to ``equalise``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vedc.decide.grades.deciders import GradeAsked
from vedc.decide.grades.equalise.decide import VERSION, decide_equalise
from vedc.decide.grades.shot import Canvas, Decision


def answer(asked: GradeAsked) -> Sequence[Decision]:
    """``by`` is ``scenes`` or ``all``."""
    groups = [0] * len(asked.shots) if asked.options["by"] == "all" else None
    return decide_equalise(
        asked.shots,
        groups,
        hero=asked.hero,
        strength=asked.strength,
        canvas=Canvas.of(asked.color),
    )


def versions(options: Mapping[str, Any]) -> Mapping[str, str]:
    """The versions that an answer depends on, besides the pictures."""
    return {"equalise": VERSION}
