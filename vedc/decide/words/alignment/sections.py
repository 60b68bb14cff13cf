"""A long recording, divided into sections to be searched one by one.

A search for asides may be at any word of the script in each frame, so its cost grows with the
square of the recording's length. The outline, a path of the script alone, gives the pauses at which
the recording can be divided, and the words of each section.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vedc.decide.words.alignment.attempts import Attempt
from vedc.decide.words.alignment.path import Part

#: Frames up to which a recording is one section; the fewest and the most frames of a section of a
#: longer one.
_WHOLE, _SHORTEST, _LONGEST = 4500, 1500, 3000


@dataclass(frozen=True, slots=True)
class Section:
    """Frames ``first`` to ``end``; ``at`` words of the outline are said before them, and ``until``
    by their end."""

    first: int
    end: int
    at: int
    until: int


def sections(
    frames: int, outline: Sequence[Part], attempts: Sequence[Attempt] = ()
) -> list[Section]:
    """The sections of a recording, in order. They meet in the longest pauses, but never between an
    attempt and its repetition, since the outline may have either."""
    words = [part for part in outline if part.form is not None]
    made: list[Section] = []
    first = at = 0
    while frames - first > _WHOLE:
        seam = _seam(outline, first + _SHORTEST, first + _LONGEST, attempts)
        until = sum(part.first + part.end <= 2 * seam for part in words)
        made.append(Section(first, seam, at, until))
        first, at = seam, until
    return [*made, Section(first, frames, at, len(words))]


def _seam(outline: Sequence[Part], after: int, before: int, attempts: Sequence[Attempt]) -> int:
    """The middle of the longest pause between two frames, otherwise the end of a word."""
    pauses = [(part.frames, (part.first + part.end) // 2) for part in outline if part.pause]
    pauses += [(0, part.end) for part in outline]
    free = [
        (length, middle)
        for length, middle in pauses
        if after <= middle <= before
        and not any(each.first < middle < each.until for each in attempts)
    ]
    return max(free)[1] if free else before
