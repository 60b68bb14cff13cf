"""The result of a comparison, as data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from vedc.review.compare.documents import Change
from vedc.review.compare.sides import Canvas, Span

StretchKind = Literal["changed", "inserted", "removed"]


@dataclass(frozen=True, slots=True)
class Measured:
    """How much the frames of a stretch differ."""

    largest: int
    """Difference of two samples, in code values."""
    depth: int
    """Bits of a code value."""
    psnr: float
    """Of the stretch, in decibels; infinite where its frames are equal."""
    ssim: float
    worst: int
    """The frame with the lowest PSNR, counted from the start of the stretch."""
    worst_psnr: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of frames that differ: half-open ranges of frames before and after."""

    kind: StretchKind
    before: Span
    after: Span
    measured: Measured | None = None
    """None for what has no counterpart, and for frames that were not drawn."""

    @property
    def length(self) -> int:
        return max(self.before[1] - self.before[0], self.after[1] - self.after[0])

    @property
    def worst(self) -> tuple[int | None, int | None]:
        """The frames that show the difference best: that with the lowest PSNR, or the middle."""
        at = self.length // 2 if self.measured is None else self.measured.worst
        return (
            None if self.kind == "inserted" else self.before[0] + at,
            None if self.kind == "removed" else self.after[0] + at,
        )


@dataclass(frozen=True, slots=True)
class SoundStretch:
    """Seconds of the old and of the new film in which the sound differs."""

    before: tuple[Fraction, Fraction]
    after: tuple[Fraction, Fraction]
    level_before: float
    """RMS in dBFS; minus infinity for silence."""
    level_after: float
    level_difference: float
    """Of what remains when one is subtracted from the other."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A property of the film that differs."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CaptionChange:
    """A caption that viewers turn on and off; times are seconds of the new film, of the old one for
    what was removed."""

    kind: Literal["added", "removed", "changed"]
    language: str | None
    start: Fraction
    end: Fraction
    before: str | None
    after: str | None


@dataclass(slots=True)
class Comparison:
    """Everything that differs between two edits or films."""

    before: str
    after: str
    """The names of the sides."""
    changes: list[Change] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    outputs: list[Setting] = field(default_factory=list)
    """Outputs that only one side has: one of the two texts is empty."""
    canvas: tuple[Canvas | None, Canvas | None] = (None, None)
    frames: tuple[int, int] = (0, 0)
    """How many each side has."""
    possible: list[Stretch] = field(default_factory=list)
    """What can differ, known from the plans alone."""
    stretches: list[Stretch] = field(default_factory=list)
    """What differs; the same as ``possible`` where no frame was drawn."""
    moved: list[tuple[Span, Span]] = field(default_factory=list)
    """Runs of the same frames that are at other times, before and after."""
    drawn: int = 0
    """Frames that were drawn or decoded of both sides together."""
    measured: bool = True
    """Whether frames were compared."""
    planned: bool = False
    """Whether both sides have plans, which show what can differ."""
    scaled: bool = False
    """Whether pictures were brought to one form to be compared."""
    limit: float = math.inf
    """The PSNR from which on frames count as the same."""
    sound: list[SoundStretch] = field(default_factory=list)
    sound_compared: bool = False
    captions: list[CaptionChange] = field(default_factory=list)

    @property
    def fps(self) -> Fraction:
        canvas = self.canvas[0] or self.canvas[1]
        return Fraction(25) if canvas is None else canvas.fps

    @property
    def same(self) -> bool:
        """Whether the films are the same; specs that say the same in other words are."""
        return not (
            self.settings or self.outputs or self.stretches or self.sound or self.captions
        ) and not (self.changes and not self.measured)
