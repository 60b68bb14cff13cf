"""Titles broken into lines, and the place of every glyph.

Lines are ``line_height * size`` apart. The bitmap contains the layout box (the widest line by the
font's ascent above the first baseline and descent below the last), extended where ink overflows
it, plus ``padding`` on all sides. So titles of the same font and number of lines share their
baselines, and nothing is clipped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from vedc.edit.model import Text
from vedc.errors import RenderError, UserError
from vedc.text.faces import UNIT, ink_box, open_face
from vedc.text.shaping import Glyph, Shaper
from vedc.text.unicode_text import Directions, clusters, line_breaks

#: A bitmap may not be wider or higher, nor hold more pixels: twice an 8K frame.
_MAX_SIDE = 16384
_MAX_PIXELS = 2 * 7680 * 4320
_MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    glyphs: Sequence[Glyph]
    """With positions in the title: pixels from the pen of a left-aligned line on the first
    baseline, y down."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of all glyphs, and the bitmap's corner and size, in pixels."""

    shaper: Shaper
    size: float
    lines: tuple[Line, ...]
    left: int
    top: int
    width: int
    height: int


def lay_out(text: Text, scale: float) -> Layout:
    """Break into lines, place them, and find the bounds. Raises as ``titles.render_text`` does."""
    size = text.size * scale
    if not 0 < size < _MAX_SIDE or len(text.text) > _MAX_CHARACTERS:
        raise _too_large(text, f"{len(text.text)} characters at {size:g} pixels")
    shaper = Shaper([open_face(text.font)], size)
    limit = None if text.max_width is None else text.max_width * scale

    broken: list[tuple[str, list[Glyph], float]] = []
    for paragraph in text.text.expandtabs(4).splitlines() or [""]:
        directions = Directions(paragraph)
        for start, end in _wrap(shaper, directions, limit):
            broken.append((paragraph[start:end], *shaper.glyphs(directions, start, end)))

    extents = shaper.fonts[0].get_font_extents("ltr")
    widest = max(width for *_, width in broken)
    slack = {"left": 0.0, "center": 0.5, "right": 1.0}[text.align]
    pitch = text.line_height * size
    # A clear pixel around ink, so that a resampled edge fades out inside the bitmap.
    around = text.stroke_width * scale + 1
    x0, y0 = 0.0, -extents.ascender / UNIT
    x1, y1 = widest, (len(broken) - 1) * pitch - extents.descender / UNIT
    lines = []
    for number, (words, glyphs, width) in enumerate(broken):
        x, y = slack * (widest - width), number * pitch
        placed = [replace(glyph, x=glyph.x + x, y=glyph.y + y) for glyph in glyphs]
        lines.append(Line(words, placed))
        for glyph in placed:
            box = ink_box(shaper.faces[glyph.font], shaper.fonts[glyph.font], glyph.index)
            if box is not None:
                x0, x1 = min(x0, glyph.x + box[0] - around), max(x1, glyph.x + box[2] + around)
                y0, y1 = min(y0, glyph.y + box[1] - around), max(y1, glyph.y + box[3] + around)

    padding = text.padding * scale
    left, top = math.floor(x0 - padding), math.floor(y0 - padding)
    right, bottom = math.ceil(x1 + padding), math.ceil(y1 + padding)
    width, height = max(right - left, 1), max(bottom - top, 1)
    if max(width, height) > _MAX_SIDE or width * height > _MAX_PIXELS:
        raise _too_large(text, f"{width}x{height} pixels")
    return Layout(shaper, size, tuple(lines), left, top, width, height)


def _wrap(shaper: Shaper, directions: Directions, limit: float | None) -> Iterator[tuple[int, int]]:
    """The lines of a paragraph in reading order, as offsets, without the spaces at their ends.

    As much as fits goes on a line. What does not fit alone is broken between characters as a
    reader sees them; a line holds at least one of those, however narrow it is.
    """
    text = directions.text.rstrip()
    if limit is None:
        yield 0, len(text)
        return
    ends = _pen(shaper, directions)

    def fits(start: int, end: int) -> bool:
        return ends[start + len(text[start:end].rstrip())] - ends[start] <= limit

    start = end = 0
    for this in line_breaks(text):
        if end > start and not fits(start, this):
            if text[start:end].strip():
                yield start, start + len(text[start:end].rstrip())
            start = end
        if not fits(start, this):
            first = end = start
            for cluster in clusters(text[first:this].rstrip()):
                if end > start and not fits(start, first + cluster):
                    yield start, end
                    start = end
                end = first + cluster
        end = this
    yield start, start + len(text[start:end].rstrip())


def _pen(shaper: Shaper, directions: Directions) -> list[float]:
    """By offset in a paragraph: how wide everything before it is, on one line."""
    widths = [0.0] * (len(directions.text) + 1)
    for glyph in shaper.glyphs(directions, 0, len(directions.text))[0]:
        widths[glyph.cluster + 1] += glyph.advance
    return list(accumulate(widths))


def _too_large(text: Text, size: str) -> UserError:
    return RenderError.one(
        "text-too-large",
        f"the title {text.text[:30]!r} would take {size}; at most {_MAX_SIDE} pixels a side, "
        f"{_MAX_PIXELS} in all and {_MAX_CHARACTERS} characters can be drawn",
        hint="make the size smaller, or set max_width so that lines wrap",
    )
