"""Decisions as data: what was chosen, how good it is, what spoke for and against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vedc.errors import Place
from vedc.spec.auto import Cut, Join
from vedc.spec.sources import MediaInfo


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

    item: Mapping[str, Any]
    """Plain data: ``{"clip": "talk", "in": "42f", "out": "130f"}`` or a transition item."""
    score: float
    reasons: tuple[Reason, ...] = ()
    instead: tuple[str, ...] = ()
    """The next best alternatives, a phrase each, the best first."""


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch of a file that may be used."""

    id: str
    """The asset's id, which clips name."""
    media: MediaInfo
    begin: Fraction
    """Seconds of the source; on a frame where there is a picture."""
    end: Fraction


@dataclass(frozen=True, slots=True)
class Question:
    """What an ``auto`` item asks."""

    sources: tuple[Source, ...]
    cut: Cut
    join: Join | None
    """How to choose transitions between the clips; None: hard cuts."""
    rate: Fraction
    """Frames a second of the film."""
    music: Source | None
    """What the cuts follow, for ``method: beats``; else the sound of the source itself."""
    place: Place | None = None
