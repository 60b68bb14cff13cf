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
    """An object on a track, in seconds of the film; half-open."""

    start: Fraction
    end: Fraction
    keys: dict[str, Any]
    """The item without its times: ``{clip: talk, volume: -3dB}``."""
    source: Fraction | None = None
    """Seconds into its file at ``start``; for a piece that plays backwards, the start of its range.
    None for objects without their own time."""
    speed: Fraction = Fraction(1)
    """0 is a freeze frame."""
    limit: Fraction | None = None
    """Length of its file in seconds, if known."""
    rate: Fraction | None = None
    """Frames a second of its file, if known for certain."""
    file: str = ""
    """The path of its file."""
    remark: str = ""
    item: TimelineItem | None = None
    """Its item, on export from vedc."""

    @property
    def length(self) -> Fraction:
        return self.end - self.start


@dataclass(slots=True)
class Join:
    """A transition around the cut at the start of piece ``index``; or, at the number of pieces,
    after the last one."""

    index: int
    before: Fraction
    """Seconds from its beginning to the cut."""
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
