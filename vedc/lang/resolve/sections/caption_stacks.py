"""Stacking of captions that are visible at the same time in the same place."""

from __future__ import annotations

from bisect import insort
from fractions import Fraction

from vedc.edit.captions import Cue

_Point = tuple[float, ...]
#: Start and end in seconds, top and bottom in canvas pixels.
_Taken = tuple[Fraction, Fraction, float, float]


class Stacks:
    """The space occupied by a film's captions; each track and the film itself is an owner."""

    def __init__(self) -> None:
        self._before: dict[_Point, list[_Taken]] = {}
        """Space of earlier owners, by start."""
        self._now: dict[_Point, list[_Taken]] = {}
        """Space of the present owner that may still be visible."""
        self._own: dict[_Point, list[_Taken]] = {}

    def next_owner(self) -> None:
        """The next captions belong to another track; their times start again."""
        for place, taken in self._own.items():
            earlier = self._before.setdefault(place, [])
            for each in taken:
                insort(earlier, each)
        self._now, self._own = {}, {}

    def free(
        self, place: _Point, cue: Cue, top: float, block: float, apart: float, *, up: bool
    ) -> float:
        """The top of a caption of height ``block`` whose own place is ``top``.

        Captions of an owner come in order of their starts. ``up``: whether captions move
        upwards; ``apart``: the space between two.
        """
        now = self._now.setdefault(place, [])
        now[:] = [each for each in now if each[1] > cue.start]
        seen = [*now]
        for each in self._before.get(place, ()):
            if each[0] >= cue.end:
                break
            if each[1] > cue.start:
                seen.append(each)
        for _, _, other_top, other_bottom in sorted(seen, key=lambda each: each[2], reverse=up):
            if top < other_bottom and other_top < top + block:
                top = other_top - apart - block if up else other_bottom + apart
        taken = cue.start, cue.end, top, top + block
        now.append(taken)
        self._own.setdefault(place, []).append(taken)
        return top
