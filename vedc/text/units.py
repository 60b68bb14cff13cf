"""A title divided into the units that an animation moves, in reading order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vedc.edit.text_motion import By
from vedc.text.layout import Layout, Line, line_extents, part
from vedc.text.shaping import JOINING, Box
from vedc.text.unicode_text import script, words

#: Clear pixels around the ink of a unit, so that a resampled edge fades out inside its bitmap.
_MARGIN = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """A part that moves as one."""

    layout: Layout
    """Of its glyphs alone."""
    pen: tuple[float, float]
    """Where its first glyph stands, in pixels from the pen of the layout's first line."""
    box: Box
    """The extent of its ink and its lines, in the same pixels."""
    row: int
    """The number of its first line."""
    place: float
    """Its number within its line, counted from the line's middle."""


def units(layout: Layout, by: By, stroke: float) -> list[Unit]:
    """The units with ink. ``stroke``: the width of the outline in pixels."""
    if by == "all":
        parts = [[layout.lines]]
    elif by == "line":
        parts = [[(line,)] for line in layout.lines]
    else:
        parts = [[(piece,) for piece in _pieces(line, by)] for line in layout.lines]
    ascent, descent = line_extents(layout.shaper)
    margin = _MARGIN + stroke
    found = []
    for row, inside in enumerate(parts):
        for number, lines in enumerate(inside):
            own = part(layout, lines, margin)
            if own is None:
                continue
            left, right = own.left + margin, own.left + own.width - margin
            top = min(lines[0].y - ascent, own.top + margin)
            bottom = max(lines[-1].y + descent, own.top + own.height - margin)
            first = lines[0].glyphs[0] if lines[0].glyphs else None
            pen = (lines[0].x + (first.x if first else 0.0), lines[0].y)
            place = number - (len(inside) - 1) / 2
            found.append(Unit(own, pen, (left, top, right, bottom), row, place))
    return found


def _pieces(line: Line, by: By) -> Iterator[Line]:
    """A line's words or letters in reading order, each with its glyphs in their places.

    Letters that join, as in Arabic, stay together as words.
    """
    spans = words(line.text)
    starts = [line.start + start for start, _ in spans]
    groups: dict[int, list[int]] = {}
    for index, glyph in enumerate(line.glyphs):
        at = glyph.cluster
        joined = script(line.text[at - line.start]) in JOINING
        if by == "word" or joined:
            at = starts[max(bisect_right(starts, at) - 1, 0)] if starts else at
        groups.setdefault(at, []).append(index)
    for _, indexes in sorted(groups.items()):
        glyphs = [line.glyphs[index] for index in indexes]
        left, right = min(g.x for g in glyphs), max(g.x + g.advance for g in glyphs)
        rules = tuple(
            rule._replace(left=max(rule.left, left), right=min(rule.right, right))
            for rule in line.rules
            if rule.left < right and rule.right > left
        )
        yield replace(line, glyphs=glyphs, rules=rules)
