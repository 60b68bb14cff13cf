"""SubRip files. There is no standard: this reads what players read.

A cue is a line of times and all text up to the next one, empty lines included; the number of
the next cue is not part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from vedc.captions.ass_tags import simple_override
from vedc.captions.letters import Letters
from vedc.captions.notes import Notes
from vedc.captions.tags import tagged
from vedc.captions.times import LINE, seconds
from vedc.edit.captions import Cue, Place


def read_srt(lines: Sequence[str], notes: Notes) -> list[Cue]:
    starts = [number for number, line in enumerate(lines) if "->" in line or LINE.match(line)]
    starts = [n for n in starts if LINE.match(lines[n]) or _meant(lines[n])]
    numbered = bool(starts) and _is_number(lines, starts[0] - 1)
    first = starts[0] if starts else len(lines)
    stray = [n for n in range(first - (1 if numbered else 0)) if lines[n].strip()]
    if stray and starts:
        notes.add("caption-stray", "text before the first cue is left out", stray[0] + 1)
    cues = []
    for index, at in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(lines)
        if index + 1 < len(starts) and numbered and end - 1 > at and _is_number(lines, end - 1):
            end -= 1
        found = LINE.match(lines[at])
        if found is None:
            hint = "write them as 00:00:01,000 --> 00:00:02,500"
            notes.add(
                "caption-time", "the times of a cue cannot be read: it is left out", at + 1, hint
            )
            continue
        begin, stop = seconds(found.group(1)), seconds(found.group(2))
        if begin is None or stop is None:
            continue
        if found.group(3).strip():
            notes.add("caption-place", "coordinates behind the times are not followed", at + 1)
        cues.append(_cue(lines[at + 1 : end], at + 1, begin, stop, notes))
    return cues


def _meant(line: str) -> bool:
    """Whether a line with an arrow is meant to be one of times."""
    before = line.partition("->")[0]
    return sum(character.isdigit() for character in before) >= 3 and ":" in before


def _is_number(lines: Sequence[str], index: int) -> bool:
    return index >= 0 and lines[index].strip().isdigit()


def _cue(body: Sequence[str], line: int, start: Fraction, end: Fraction, notes: Notes) -> Cue:
    letters = Letters()
    place: list[Place] = []

    def override(tags: str, into: Letters) -> None:
        found = simple_override(tags, into, line, notes)
        if found is not None:
            place.append(found)

    text = "\n".join(row for row in body if row.strip())
    tagged(text, letters, line + 1, notes, seconds, override)
    words, spans, times = letters.done()
    return Cue(start, end, words, spans, times, place[-1] if place else None, line=line)


def cue_of(text: str, start: Fraction, end: Fraction) -> Cue:
    """A cue written in place, with the tags of SubRip."""
    return _cue(text.split("\n"), 0, start, end, Notes())
