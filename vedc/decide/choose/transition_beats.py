"""Lengths of transitions that follow the beat of the music.

A transition that begins with one beat and ends with another belongs to the music; one that ends
between two runs against it. So where music is heard, the edges of a transition move to beats,
within the lengths that suit its family and the frames available.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

from vedc.decide.choose.reasons import Reason

_POINTS: Final = (0.0, 0.01, 0.02)
"""Points for no edge, one or both on beats: just enough to break a tie."""


@dataclass(frozen=True, slots=True)
class Beats:
    """The beats around a join, in frames of the film from any common origin."""

    frames: tuple[int, ...]
    """In order."""
    at: int
    """The cut: the last frame at which a transition may begin, the first at which it may end."""
    before: int
    """The most frames by which it may begin before the cut."""
    after: int
    """The most frames by which it may end after the cut."""
    names: str
    """The music, as reasons name it."""
    step: int = 1
    """Its frames before the cut are a multiple of this."""


@dataclass(frozen=True, slots=True)
class OnBeats:
    """A transition with at least one edge on a beat."""

    back: int
    """Frames that it begins before the cut."""
    ahead: int
    """Frames that it ends after the cut."""
    reason: Reason

    @property
    def frames(self) -> int:
        return self.back + self.ahead


def on_beats(beats: Beats, usual: int, least: int, most: int) -> OnBeats | None:
    """The transition of ``least`` to ``most`` frames with the most edges on beats, then the length
    nearest to ``usual``, then the earliest end, then the earliest beginning. None if no edge can
    lie on a beat."""
    known = set(beats.frames)
    near = sorted(known | {beats.at})
    starts = [
        f for f in near if 0 <= beats.at - f <= beats.before and not (beats.at - f) % beats.step
    ]
    ends = [f for f in near if 0 <= f - beats.at <= beats.after]
    fits = [
        (-(begin in known) - (end in known), abs(end - begin - usual), end - beats.at, begin, end)
        for begin, end in product(starts, ends)
        if max(least, 1) <= end - begin <= most
    ]
    if not fits or min(fits)[0] == 0:
        return None
    edges, _, ahead, begin, end = min(fits)
    count = sum(begin <= f < end for f in beats.frames)
    if edges == -2:
        text = f"begins and ends on beats of {beats.names}: {count} beat{'s' * (count != 1)}"
    else:
        text = f"{'begins' if begin in known else 'ends'} on a beat of {beats.names}"
    return OnBeats(beats.at - begin, ahead, Reason("beat", _POINTS[-edges], text))
