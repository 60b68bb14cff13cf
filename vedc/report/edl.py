"""Ranges of one source as an edit decision list: found shots, or the parts with sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from vedc.decide.analyses.results import BoundaryKind, Shots
from vedc.edit.timecode import timecode
from vedc.edit.times import DROP_FRAME_RATES, round_half_up
from vedc.interchange.nle import cmx

#: Frame rates that have timecode, rarer ones last.
_RATES: Final = tuple(
    Fraction(*pair)
    for pair in (
        (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1),
        (60000, 1001), (60, 1), (48000, 1001),
    )
)  # fmt: skip

#: Code and name of each boundary. Wipe 1 of SMPTE 258M goes from left to right; the direction of a
#: transition in a finished film is not known.
_CODES: Final[dict[BoundaryKind, tuple[str, str]]] = {
    "dissolve": ("D", "CROSS DISSOLVE"),
    "fade": ("D", "FADE"),
    "wipe": ("W001", "WIPE"),
    "slide": ("W001", "SLIDE"),
}


@dataclass(frozen=True, slots=True)
class EdlTimecode:
    """Converts frames of a film to timecode."""

    rate: Fraction
    """Frames per second of the film."""
    counts: Fraction
    """Frames per second of the timecode: ``rate`` itself if it has timecode."""
    drop: bool

    @classmethod
    def of(cls, rate: Fraction, drop: bool = True) -> EdlTimecode:
        """``drop``: use drop-frame counting at rates that have it."""
        multiples = [r for r in _RATES if (r / rate).denominator == 1]
        counts = rate if rate in _RATES else min(multiples, default=None)
        if counts is None:
            counts = min(_RATES, key=lambda r: (abs(r - rate), r))
        return cls(rate, counts, drop and counts in DROP_FRAME_RATES)

    @property
    def exact(self) -> bool:
        """Whether every frame has its own label."""
        return (self.counts / self.rate).denominator == 1

    def count(self, frame: int) -> int:
        """The timecode frame at which a frame of the film begins."""
        return round_half_up(frame * self.counts / self.rate)

    def label(self, count: int) -> str:
        """The timecode of a count, which starts over after a day."""
        return timecode(count, self.counts, drop=self.drop, wrap=True)


@dataclass(frozen=True, slots=True)
class EdlEvent:
    """A range of a source in the film, in frames of the source."""

    start: int
    end: int
    boundary: BoundaryKind = "cut"
    frames: int = 0
    """Length of the transition at its start."""


def of_shots(shots: Shots) -> list[EdlEvent]:
    """A finished film as a list of its shots and transitions.

    Conforming the list reproduces the film: both sides of a transition are the same frames.
    """
    found = shots.shots
    begins = [s.boundary_range[0] if s.boundary in _CODES else s.start for s in found]
    events = []
    for i, shot in enumerate(found):
        end = begins[i + 1] if i + 1 < len(found) else shot.end
        if end <= begins[i]:
            continue  # never visible alone: the next transition begins with this one
        first, last = shot.boundary_range
        frames = min(last - first, end - begins[i]) if shot.boundary in _CODES else 0
        boundary: BoundaryKind = shot.boundary if frames > 0 else "cut"
        events.append(EdlEvent(begins[i], end, boundary, frames))
    return events


def write_edl(
    title: str,
    clip: str,
    rate: Fraction,
    events: Sequence[EdlEvent],
    channels: Literal["V", "B", "AA/V", "A", "AA"] = "V",
    *,
    assembled: bool = False,
    drop: bool = True,
) -> str:
    """An edit decision list of one source, as text.

    ``clip`` is the source's file name. With ``assembled`` the events follow one another in the
    film; otherwise each keeps its place in the source.
    """
    clock, reel = EdlTimecode.of(rate, drop), cmx.reel_of(clip)
    lines = cmx.head(title, drop=clock.drop)
    at = clock.count(events[0].start) if events and not assembled else 0
    for number, event in enumerate(events, 1):
        begin, end = clock.count(event.start), clock.count(event.end)
        left = at if assembled else begin
        right = left + end - begin
        lead = None
        if event.frames:
            code, name = _CODES[event.boundary]
            frames = clock.count(event.start + event.frames) - begin
            lead = cmx.Lead(code, name, frames, reel, clip, clock.label(begin))
        ends = clock.label(begin), clock.label(end), clock.label(left), clock.label(right)
        lines += cmx.event(number, reel, clip, channels, ends, lead)
        if number == 1 and _number(clock.counts) != _number(rate):
            # Some programs reject comments before the first event.
            runs = f"{_number(rate)} FPS, TIMECODE AT {_number(clock.counts)}"
            lines.append(f"* THE SOURCE RUNS AT {runs}")
        at = right
    return "\n".join(lines) + "\n"


def _number(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
