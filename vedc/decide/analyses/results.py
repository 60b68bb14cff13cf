"""Results of analyses, as typed values that can be stored and read back.

Times are seconds of the source; 0 is the first frame of the picture. Frame ``i`` is what a reader
shows at ``i / rate``, whatever the file's own spacing: ``in: {i}f`` in a spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from vedc.captions.spoken import Words
from vedc.decide.arrays import Byte, Float

#: (height, width) of the pictures that shot detectors use.
THUMB = (27, 48)

BoundaryKind = Literal["start", "cut", "dissolve", "fade", "wipe", "slide"]
"""How a shot begins; ``start`` is the start of the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A number over time: ``values[i]`` holds from ``start + i / rate`` to the next."""

    values: Float
    """Of shape (n,)."""
    rate: Fraction
    """Values a second."""
    start: Fraction = Fraction(0)
    """Seconds; negative where sound begins before the picture."""

    def index(self, time: Fraction) -> int:
        """The index of the value at ``time``, which may be out of range."""
        return int((time - self.start) * self.rate // 1)

    def time(self, index: int) -> Fraction:
        return self.start + index / self.rate

    @property
    def end(self) -> Fraction:
        return self.time(len(self.values))


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Several curves of one rate, by name."""

    values: dict[str, Float]
    rate: Fraction
    start: Fraction = Fraction(0)

    def __getitem__(self, name: str) -> Curve:
        return Curve(self.values[name], self.rate, self.start)

    def __contains__(self, name: str) -> bool:
        return name in self.values


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """Maps of picture content over time: map ``i`` is for the frame at ``i / rate``."""

    values: dict[str, Byte]
    """By name: (n, 27, 48), cells that cover the whole picture evenly."""
    rate: Fraction
    """Maps a second."""

    def __len__(self) -> int:
        return len(next(iter(self.values.values()), ()))


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open interval of time in seconds, with a score from 0 to 1."""

    start: Fraction
    end: Fraction
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Spans:
    """Intervals in order of time; no two touch."""

    spans: tuple[Span, ...] = ()

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)


@dataclass(frozen=True, slots=True)
class Event:
    """A moment in seconds, with a strength from 0 to 1."""

    time: Fraction
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Events:
    """Moments in order of time. ``tempo``: beats per minute, if they are beats."""

    events: tuple[Event, ...] = ()
    tempo: float | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames ``start`` to ``end`` (half open) of one take.

    Shots joined by a gradual transition meet in the middle of it; ``boundary_range`` is the
    half-open range of frames that show both.
    """

    start: int
    end: int
    frame: int
    """Its representative frame."""
    boundary: BoundaryKind
    """How it begins."""
    score: float
    """Confidence of its beginning: 0 to 1."""
    boundary_range: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shots:
    """Every frame of the film in exactly one shot, in order."""

    shots: tuple[Shot, ...]
    rate: Fraction
    detector: str
    """``network``, ``classical`` or ``transnet``."""


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A frame that represents the share ``covers`` (0 to 1) of the film."""

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
    """Small pictures of every frame, read in windows: 8-bit RGB codes (n, 27, 48, 3)."""

    rate: Fraction

    def __len__(self) -> int:
        raise NotImplementedError

    def read(self, start: int, end: int) -> Byte:
        """Frames ``start`` to ``end`` (half open; within 0 and ``len``)."""
        raise NotImplementedError


class HeldThumbs(Thumbs):
    """Thumbs in memory."""

    def __init__(self, frames: Byte, rate: Fraction) -> None:
        self._frames, self.rate = frames, rate

    def __len__(self) -> int:
        return len(self._frames)

    def read(self, start: int, end: int) -> Byte:
        return self._frames[start:end]


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """The picture beside a cut."""

    luma: Byte
    """The frame at the cut: 8-bit codes (height, width), the longer side 320."""
    thumb: Byte
    """The same frame in RGB, (27, 48, 3)."""
    motion: Float
    """Motion from frame to frame (n, 5); before a cut, the last rows are the closest to it: across
    and down in longer sides a second, growth in 1 / s, the share of the picture that follows these,
    0 to 1, and the speed of the rest."""


Result = Curve | Curves | Maps | Spans | Events | Shots | KeyFrames | Thumbs | Beside | Words


def merged(spans: Sequence[Span], gap: Fraction = Fraction(0)) -> Spans:
    """Spans in order; those that touch or are within ``gap`` of each other become one."""
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
