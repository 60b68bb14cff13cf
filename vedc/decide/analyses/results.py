"""What analyses find, as typed values that can be stored and read back.

Times are seconds of the source as :class:`~vedc.edit.media_info.MediaInfo` counts them: 0 is the
first frame of the picture. Frames are those that a reader shows at ``i / rate``, whatever the
file's own spacing, so that frame ``i`` here is ``in: {i}f`` in a spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from vedc.decide.arrays import Byte, Float

#: Size of the pictures that the shot detectors look at: (height, width).
THUMB = (27, 48)

BoundaryKind = Literal["start", "cut", "dissolve", "fade", "wipe", "slide"]
"""How a shot begins: ``start`` is the beginning of the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A number over time: ``values[i]`` holds from ``start + i / rate`` on, up to the next."""

    values: Float
    """Of shape (n,)."""
    rate: Fraction
    """Values a second."""
    start: Fraction = Fraction(0)
    """Seconds; may be negative where sound begins before the picture."""

    def index(self, time: Fraction) -> int:
        """The place of the value that holds at ``time``, which may lie outside."""
        return int((time - self.start) * self.rate // 1)

    def time(self, index: int) -> Fraction:
        return self.start + index / self.rate

    @property
    def end(self) -> Fraction:
        return self.time(len(self.values))


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Several curves on one clock, by name."""

    values: dict[str, Float]
    rate: Fraction
    start: Fraction = Fraction(0)

    def __getitem__(self, name: str) -> Curve:
        return Curve(self.values[name], self.rate, self.start)

    def __contains__(self, name: str) -> bool:
        return name in self.values


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, half open, with a score from 0 to 1."""

    start: Fraction
    end: Fraction
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches in order of time; none touches another."""

    spans: tuple[Span, ...] = ()

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)


@dataclass(frozen=True, slots=True)
class Event:
    """A moment, with a strength from 0 to 1."""

    time: Fraction
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Events:
    """Moments in order of time. ``tempo``: beats a minute, where they are beats."""

    events: tuple[Event, ...] = ()
    tempo: float | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames ``start`` to ``end`` (half open) of one camera's take.

    Where a gradual transition joins two shots they meet in the middle of it, and it takes
    the frames of ``boundary_range``: the first and one past the last frame that shows both.
    """

    start: int
    end: int
    frame: int
    """The frame that stands for it."""
    boundary: BoundaryKind
    """How it begins."""
    score: float
    """How sure its beginning is: 0 to 1."""
    boundary_range: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shots:
    """Every frame of the film in exactly one shot, in order."""

    shots: tuple[Shot, ...]
    rate: Fraction
    detector: str
    """Which one found them: ``network``, ``classical`` or ``transnet``."""


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A frame that stands for ``covers`` (0 to 1) of the film."""

    frame: int
    shot: int
    covers: float
    score: float


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """In order of time."""

    frames: tuple[KeyFrame, ...]
    rate: Fraction


class Thumbs:
    """Small pictures of every frame, read in windows: RGB codes (n, 27, 48, 3) of 8 bits.

    Kept on the disk and read piece by piece, so that its memory does not grow with length.
    """

    rate: Fraction

    def __len__(self) -> int:
        raise NotImplementedError

    def read(self, start: int, end: int) -> Byte:
        """Frames ``start`` to ``end`` (half open; within 0 and ``len``)."""
        raise NotImplementedError


class HeldThumbs(Thumbs):
    """Thumbs that are in memory."""

    def __init__(self, frames: Byte, rate: Fraction) -> None:
        self._frames, self.rate = frames, rate

    def __len__(self) -> int:
        return len(self._frames)

    def read(self, start: int, end: int) -> Byte:
        return self._frames[start:end]


Result = Curve | Curves | Spans | Events | Shots | KeyFrames | Thumbs


def merged(spans: Sequence[Span], gap: Fraction = Fraction(0)) -> Spans:
    """Spans in order, those that touch or stand within ``gap`` of each other made one."""
    out: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if span.end <= span.start:
            continue
        if out and span.start <= out[-1].end + gap:
            last = out[-1]
            score = max(last.score, span.score)
            out[-1] = Span(last.start, max(last.end, span.end), score)
        else:
            out.append(span)
    return Spans(tuple(out))
