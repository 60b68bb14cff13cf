"""Titles broken into lines, and the place of every glyph.

Lines are ``line_height * size`` apart. The bitmap contains the layout box (the widest line by the
font's ascent above the first baseline and descent below the last), extended where ink overflows
it, plus ``padding`` on all sides. So titles of the same font and number of lines share their
baselines, and nothing is clipped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from vedc.edit.model import Text
from vedc.errors import RenderError, UserError
from vedc.text.faces import UNIT
from vedc.text.shaping import Box, Glyph, Shaper, shaper
from vedc.text.unicode_text import Directions, clusters, line_breaks

#: A bitmap may not be wider or higher, nor hold more pixels: twice an 8K frame.
_MAX_SIDE = 16384
_MAX_PIXELS = 2 * 7680 * 4320
_MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of type. Its pen stands at (x, y): pixels from that of a left-aligned first line."""

    text: str
    glyphs: Sequence[Glyph]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of all lines, and the bitmap's corner and size, in pixels."""

    shaper: Shaper
    lines: tuple[Line, ...]
    left: int
    top: int
    width: int
    height: int
    ink: Box | None
    """What is drawn, in pixels of the bitmap; None if nothing is."""


def lay_out(text: Text, scale: float) -> Layout:
    """Break into lines, place them, and find the bounds. Raises as ``titles.render_text`` does."""
    size = text.size * scale
    if not 0 < size < _MAX_SIDE or len(text.text) > _MAX_CHARACTERS:
        raise _too_large(text, f"{len(text.text)} characters at {size:g} pixels")
    used = shaper(text.fonts, size)
    limit = None if text.max_width is None else text.max_width * scale
    broken = _broken(text, used, limit, text.letter_spacing * scale)
    widest = max(width for *_, width in broken)
    slack = {"left": 0.0, "center": 0.5, "right": 1.0}[text.align]
    pitch = text.line_height * size
    lines = tuple(
        Line(words, glyphs, slack * (widest - width), number * pitch)
        for number, (words, glyphs, width) in enumerate(broken)
    )
    ink = _around(list(_ink(used, lines)), text.stroke_width * scale)
    metrics = used.fonts[0].get_font_extents("ltr")
    bottom = lines[-1].y - metrics.descender / UNIT
    edges: list[Box] = [(0.0, -metrics.ascender / UNIT, widest, bottom)]
    # A clear pixel around ink, so that a resampled edge fades out inside the bitmap.
    edges += [] if ink is None else [(ink[0] - 1, ink[1] - 1, ink[2] + 1, ink[3] + 1)]
    x0, y0, x1, y1 = _around(edges, text.padding * scale) or edges[0]
    left, top = math.floor(x0), math.floor(y0)
    width, height = max(math.ceil(x1) - left, 1), max(math.ceil(y1) - top, 1)
    if max(width, height) > _MAX_SIDE or width * height > _MAX_PIXELS:
        raise _too_large(text, f"{width}x{height} pixels")
    if ink is not None:
        ink = ink[0] - left, ink[1] - top, ink[2] - left, ink[3] - top
    return Layout(used, lines, left, top, width, height, ink)


def _broken(
    text: Text, used: Shaper, limit: float | None, spacing: float
) -> list[tuple[str, list[Glyph], float]]:
    """The text and the glyphs of each line, and its width."""
    lines = []
    for paragraph in text.text.expandtabs(4).splitlines() or [""]:
        directions = Directions(paragraph)
        whole = len(paragraph.rstrip())
        glyphs, width = used.glyphs(directions, 0, whole, spacing)
        if limit is None or width <= limit:
            lines.append((paragraph[:whole], glyphs, width))
            continue
        for start, end in _wrap(directions, _pen(glyphs, whole), limit + spacing):
            lines.append((paragraph[start:end], *used.glyphs(directions, start, end, spacing)))
    return lines


def _ink(used: Shaper, lines: Iterable[Line]) -> Iterator[Box]:
    """The boxes of all glyphs that have ink."""
    for line in lines:
        for font, number, x, y, *_ in line.glyphs:
            box = used.box(font, number)
            if box is not None:
                x, y = x + line.x, y + line.y
                yield x + box[0], y + box[1], x + box[2], y + box[3]


def _around(boxes: Sequence[Box], by: float) -> Box | None:
    """The box of all boxes, larger by so much on every side."""
    if not boxes:
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left) - by, min(top) - by, max(right) + by, max(bottom) + by


def _wrap(directions: Directions, ends: Sequence[float], limit: float) -> Iterator[tuple[int, int]]:
    """The lines of a paragraph in reading order, as offsets, without the spaces at their ends.

    As much as fits goes on a line. What does not fit alone is broken between characters as a
    reader sees them; a line holds at least one of those, however narrow it is. ``ends``: by
    offset, how wide everything before it is.
    """
    text = directions.text.rstrip()

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


def _pen(glyphs: Iterable[Glyph], length: int) -> list[float]:
    """By offset in a paragraph: how wide everything before it is, on one line."""
    widths = [0.0] * (length + 1)
    for glyph in glyphs:
        widths[glyph.cluster + 1] += glyph.advance
    return list(accumulate(widths))


def _too_large(text: Text, size: str) -> UserError:
    return RenderError.one(
        "text-too-large",
        f"the title {text.text[:30]!r} would take {size}; at most {_MAX_SIDE} pixels a side, "
        f"{_MAX_PIXELS} in all and {_MAX_CHARACTERS} characters can be drawn",
        hint="make the size smaller, or set max_width so that lines wrap",
    )
