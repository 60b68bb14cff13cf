"""The beats of music as heard in the film, relative to the beginning of an item.

Music may begin before or after the item, in the middle of its file, more than once, or pause for a
while. In silence, cuts keep the distance that they have beside it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from vedc.decide.analyses.results import Event, Events
from vedc.edit.times import to_frames
from vedc.lang.resolve.played_music import PlayedMusic, Source

#: Beats between cuts to try where the spec gives no number.
_EVERY: Final = (1, 2, 4, 8, 16)

_LEAST: Final = Fraction(3, 4)
"""Least distance from a cut in silence to the first on a beat, as a share of the usual distance."""


@dataclass(frozen=True, slots=True)
class MusicBeats:
    """Where cuts may fall, in seconds from the beginning of the item, in order."""

    marks: tuple[Fraction, ...]
    """Every n-th beat, from the first of a bar."""
    stretches: tuple[tuple[Fraction, Fraction], ...]
    """The stretches with music, within the requested length."""
    usual: Fraction
    """The usual distance of two marks in seconds."""

    def places(self, rate: Fraction, length: Fraction) -> tuple[int, ...]:
        """Frames of the item's ``length`` seconds on which cuts may fall."""
        marks = [*self.marks, *self._through_silence(length)]
        frames = sorted({to_frames(mark, rate) for mark in marks if 0 < mark < length})
        return tuple(frame for frame in frames if frame > 0)

    def _through_silence(self, length: Fraction) -> list[Fraction]:
        """Marks in silence, as far apart as those beside them."""
        out: list[Fraction] = []
        if not self.marks:
            return out
        at = Fraction(0)
        for begin, end in (*self.stretches, (length, length)):
            before = max((mark for mark in self.marks if mark <= at), default=None)
            after = min((mark for mark in self.marks if mark >= begin), default=None)
            steps: list[Fraction] = []
            if before is not None:
                room = begin if after is None else after - _LEAST * self.usual
                count = int((room - before) // self.usual)
                steps = [before + n * self.usual for n in range(1, count + 1)]
            elif after is not None:  # silent from the beginning: count back from the first beat
                count = int(after // self.usual)
                steps = [after - n * self.usual for n in range(1, count + 1)]
            out += [mark for mark in steps if at < mark < begin]
            at = max(at, end)
        return out


def every_of(beats: Sequence[Event], every: int | None, low: Fraction) -> int:
    """Beats between cuts: as given, otherwise the fewest of 1, 2, 4, 8, 16 that last ``low``."""
    if every is not None or len(beats) < 2:
        return every or 1
    usual = usual_gap(beats)
    return next((n for n in _EVERY if n * usual >= low), _EVERY[-1])


def usual_gap(beats: Sequence[Event]) -> Fraction:
    """The median distance of consecutive beats, of which there are at least two, in seconds."""
    gaps = sorted(b.time - a.time for a, b in itertools.pairwise(beats))
    return gaps[len(gaps) // 2]


def on_bars(beats: Sequence[Event], every: int) -> list[Event]:
    """Every ``every``-th beat. The phase is the one with the strongest beats: bars begin there."""
    if not beats:
        return []
    strength = [float(np.mean([e.strength for e in beats[p::every]] or [0])) for p in range(every)]
    phase = max(range(min(every, len(beats))), key=lambda p: (round(strength[p], 6), -p))
    return list(beats[phase::every])


def music_beats(
    played: Sequence[PlayedMusic],
    found: Mapping[str, Events],
    length: Fraction,
    every: int | None,
    low: Fraction,
) -> MusicBeats | None:
    """The beats of music within ``length`` seconds of an item; None if there are none.

    ``found`` holds the beats of each file by its path, ``low`` is the least length of a clip.
    """
    parts = [h for h in one_at_a_time(played, length) if len(_of(h.source, found)) > 1]
    if not parts:
        return None
    marks: list[Fraction] = []
    usual: list[Fraction] = []
    for part in parts:
        beats = _of(part.source, found)
        count = every_of(beats, every, low)
        usual.append(count * usual_gap(beats))
        chosen = [event.time for event in on_bars(beats, count)]
        turn = part.source.end - part.source.begin
        assert part.end is not None
        begun = part.start
        while begun < part.end:
            times = (begun + time - part.source.begin for time in chosen)
            marks += [time for time in times if max(part.after, Fraction(0)) <= time < part.end]
            if not part.loop:
                break
            begun += turn
    stretches = tuple(
        (max(p.after, Fraction(0)), p.end or length) for p in parts if (p.end or length) > 0
    )
    return MusicBeats(tuple(sorted(set(marks))), stretches, sorted(usual)[len(usual) // 2])


def one_at_a_time(played: Sequence[PlayedMusic], length: Fraction) -> list[PlayedMusic]:
    """The music to follow within ``length`` seconds, in order: never two pieces at once.

    Where one fades into the next, the next takes over half-way; one inside another is ignored.
    """
    out: list[PlayedMusic] = []
    for next_ in sorted(played, key=lambda h: (h.after, h.start)):
        ends = length if next_.end is None else min(next_.end, length)
        own = replace(next_, end=ends)
        if ends <= max(own.after, Fraction(0)):
            continue
        if out and out[-1].end is not None and out[-1].end > own.after:
            if ends <= out[-1].end:
                continue
            middle = (out[-1].end + own.after) / 2
            out[-1] = replace(out[-1], end=middle)
            own = replace(own, begin=middle)
        out.append(own)
    return out


def _of(source: Source, found: Mapping[str, Events]) -> list[Event]:
    events = found.get(source.media.path, Events()).events
    return [event for event in events if source.begin <= event.time < source.end]
