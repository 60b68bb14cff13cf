"""Lengths of transitions by the beat of the music that is heard.

A transition that begins with one beat and ends with another belongs to the music; one that ends
between two runs against it. So where music is heard, the edges of a transition go to beats, within
the lengths that suit its family and the frames that there are to show.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

from vedc.decide.choose.reasons import Reason

_POINTS: Final = (0.0, 0.01, 0.02)
"""What it counts that no edge, one, or both lie on beats: no more than breaks a tie."""


@dataclass(frozen=True, slots=True)
class Beats:
    """The beats around a join, in frames of the film from any common origin."""

    frames: tuple[int, ...]
    """In order."""
    at: int
    """The cut: the last frame at which a transition may begin, the first at which it may end."""
    before: int
    """Frames that it may begin before the cut, at most."""
    after: int
    """Frames that it may end after it, at most."""
    names: str
    """The music, as reasons name it."""
    step: int = 1
    """What it begins before the cut is a multiple of this."""


@dataclass(frozen=True, slots=True)
class OnBeats:
    """A transition whose edges lie on beats, one at least."""

    back: int
    """Frames that it begins before the cut."""
    ahead: int
    """Frames that it ends after it."""
    reason: Reason

    @property
    def frames(self) -> int:
        return self.back + self.ahead


def on_beats(beats: Beats, usual: int, least: int, most: int) -> OnBeats | None:
    """The transition of ``least`` to ``most`` frames that has most edges on beats and whose length
    is nearest to ``usual``; of equals the one that ends at the cut, then the longer one. None where
    no edge can lie on a beat."""
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
        told = f"begins and ends on beats of {beats.names}: {count} beat{'s' * (count != 1)}"
    else:
        told = f"{'begins' if begin in known else 'ends'} on a beat of {beats.names}"
    return OnBeats(beats.at - begin, ahead, Reason("beat", _POINTS[-edges], told))
