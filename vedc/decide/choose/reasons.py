"""Decisions as data: the choice, its score, and the reasons for and against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vedc.lang.resolve.questions import JoinQuestion, Question, Source
from vedc.support.lazy_dataclass import dataclass

__all__ = ["HARD_CUT", "Choice", "JoinQuestion", "Question", "Reason", "Source"]


#: An item for no transition at all, chosen with reasons like any other.
HARD_CUT: Final[Mapping[str, str]] = {"transition": "cut"}


@dataclass(frozen=True, slots=True)
class Reason:
    """One named feature's share of a score: ``points`` add up to the score."""

    name: str
    points: float
    value: str = ""
    """The feature as a person would say it: ``-52 dB``, ``0.08 s off the beat``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One item of the answer: ordinary fields of a spec, and the reasons."""

    item: Any
    """Plain data: ``{"clip": "talk", "in": "42f", "out": "130f"}``, a transition item, or the steps
    of a grade."""
    score: float
    reasons: tuple[Reason, ...] = ()
    instead: tuple[str, ...] = ()
    """The next best alternatives, best first, a phrase each."""
    removed: tuple[str, ...] = ()
    """Words taken out before it, a phrase each; for the last clip of a source, after it, too."""
    clip: str = ""
    """In an answer about several clips: the name of the one it is for."""
    shot: str = ""
    """For a grade: the stretch of the source it applies to, as the lock writes it."""
