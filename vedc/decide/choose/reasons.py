"""Decisions as data: what was chosen, how good it is, what spoke for and against it."""

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
    """One item of the answer: ordinary fields of a spec, and why."""

    item: Any
    """Plain data: ``{"clip": "talk", "in": "42f", "out": "130f"}``, a transition item, or the steps
    of a grade."""
    score: float
    reasons: tuple[Reason, ...] = ()
    instead: tuple[str, ...] = ()
    """The next best alternatives, a phrase each, the best first."""
    removed: tuple[str, ...] = ()
    """What was taken out before it, a phrase each; after the last clip of a source, too."""
    clip: str = ""
    """Of an answer about several clips: the name of the one that it is for."""
    shot: str = ""
    """Of a grade: the stretch of the source that it is for, as the lock writes it."""
