"""A track as editing programs know it: pieces end to end, and joins around the cuts between them.

Pieces never overlap here: a transition of vedc, during which both items are on the track, becomes
a cut in its middle and a join that reaches into both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from vedc.edit.model import TimelineItem, Track, Transition


@dataclass(slots=True)
class Piece:
    """Something on a track, in seconds of the film; half-open."""

    start: Fraction
    end: Fraction
    keys: dict[str, Any]
    """The item without its times: ``{clip: talk, volume: -3dB}``."""
    source: Fraction | None = None
    """Seconds into its file at ``start``; of a piece that plays backwards, where its range begins.
    None of what has no time of its own."""
    speed: Fraction = Fraction(1)
    """0 is a freeze frame."""
    limit: Fraction | None = None
    """Seconds of its file, where they are known."""
    rate: Fraction | None = None
    """Frames a second of its file, where they are known for certain."""
    file: str = ""
    """The path of its file."""
    remark: str = ""
    item: TimelineItem | None = None
    """What it was made of, on its way out of vedc."""

    @property
    def length(self) -> Fraction:
        return self.end - self.start


@dataclass(slots=True)
class Join:
    """A transition around the cut at the start of piece ``index``; or, at the number of pieces,
    after the last one."""

    index: int
    before: Fraction
    """Seconds that it begins before the cut."""
    after: Fraction
    keys: dict[str, Any] = field(default_factory=lambda: {"name": "dissolve"})
    """Of the transition, without its duration."""
    edge: Literal["", "enter", "exit"] = ""
    """Whether it leads from or to nothing."""
    remark: str = ""
    transition: Transition | None = None


@dataclass(slots=True)
class CutTrack:
    id: str
    pieces: list[Piece]
    joins: list[Join]
    track: Track | None = None
