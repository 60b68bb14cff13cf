"""Titles broken into lines, with the place of every glyph.

Lines are ``line_height * size`` apart. The bitmap contains the layout box (the widest line by the
font's ascent above the first baseline and descent below the last), extended where ink overflows
it, plus ``padding`` on all sides. So titles of the same font and number of lines share their
baselines, and nothing is clipped.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from vedc.edit.captions import Span
from vedc.edit.contents import Text
from vedc.errors import RenderError, UserError
from vedc.support.lazy_dataclass import dataclass
from vedc.text.faces import UNIT
from vedc.text.shaping import Box, Glyph, Shaper, shaper
from vedc.text.unicode_text import Directions, clusters, line_breaks

#: The largest side and area of a bitmap: twice an 8K frame.
_MAX_SIDE = 16384
_MAX_PIXELS = 2 * 7680 * 4320
_MAX_CHARACTERS = 20_000

#: Smaller shares of a pixel are invisible.
_SEEN = 0.5

#: Sizes that type shrinks to are multiples of this, in canvas pixels.
_STEP = 0.25


class Rule(NamedTuple):
    """A line under letters or through them, in pixels from the pen of its line (y down)."""

    left: float
    top: float
    right: float
    bottom: float
    cluster: int
    """Offset in the paragraph of the first of these letters."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of type. Its pen stands at (x, y): pixels from that of a left-aligned first line."""

    text: str
    glyphs: Sequence[Glyph]
    x: float
    y: float
    start: int = 0
    """Offset of the text in its paragraph, from which the clusters of glyphs count."""
    paragraph: int = 0
    """Offset of the paragraph."""
    rules: tuple[Rule, ...] = ()
    """Lines under letters and through them."""


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
    """The extent of the ink, in pixels of the bitmap; None if there is none."""
    beyond: tuple[int, int] = (0, 0)
    """Pixels by which the lines exceed their box in width and height."""


def lay_out(text: Text, scale: float) -> Layout:
    """Break into lines, place them, and find the bounds. Raises as ``titles.render_text`` does."""
    if len(text.text) > _MAX_CHARACTERS:
        raise _too_large(text, f"{len(text.text)} characters")
    if text.shrink and text.box is not None:
        text = _shrunk(text, *text.box)
    size = text.size * scale
    if not 0 < size < _MAX_SIDE:
        raise _too_large(text, f"{len(text.text)} characters at {size:g} pixels")
    used = shaper(text.fonts, size, text.chain)
    wrapped = text.max_width if text.box is None else text.box[0]
    limit = None if wrapped is None else wrapped * scale
    broken = _broken(text, used, limit, text.letter_spacing * scale)
    ascent, descent = line_extents(used)
    widest = max(width for _, _, width, *_ in broken)
    pitch = text.line_height * size
    sizes = [max([1.0, *(used.sizes[glyph.font] for glyph in line[1])]) for line in broken]
    places = [0.0, *accumulate(sizes[1:])]
    ascent, descent = ascent * sizes[0], descent * sizes[-1]
    height = ascent + places[-1] * pitch + descent
    across, down, top = widest, height, -ascent
    if text.box is not None:
        across, down = text.box[0] * scale, text.box[1] * scale
        share = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[text.vertical_align]
        # The first baseline is on whole pixels of the box, where letters are sharpest.
        top = -round(share * (down - height) + ascent)
    aside = {"left": 0.0, "center": 0.5, "right": 1.0}[text.align]
    lines = tuple(
        Line(
            words,
            glyphs,
            aside * (across - width),
            place * pitch,
            start,
            at,
            _rules(used, glyphs, at, text.spans) if text.spans else (),
        )
        for place, (words, glyphs, width, start, at) in zip(places, broken, strict=True)
    )
    beyond = _pixels(widest - across), _pixels(height - down)
    return _bounded(text, scale, used, lines, (0.0, top, across, top + down), beyond)


def _bounded(
    text: Text,
    scale: float,
    used: Shaper,
    lines: tuple[Line, ...],
    room: Box,
    beyond: tuple[int, int],
) -> Layout:
    """The layout of lines in a box, with the bitmap around both."""
    ink = _around(list(_ink(used, lines)), text.stroke_width * scale)
    edges = [room]
    # A clear pixel around ink, so that a resampled edge fades out inside the bitmap.
    edges += [] if ink is None else [(ink[0] - 1, ink[1] - 1, ink[2] + 1, ink[3] + 1)]
    if ink is not None and text.shadow is not None:
        edges.append(_shadowed(ink, text, scale))
    x0, y0, x1, y1 = _around(edges, text.padding * scale) or room
    left, top = math.floor(x0), math.floor(y0)
    width, height = max(math.ceil(x1) - left, 1), max(math.ceil(y1) - top, 1)
    if max(width, height) > _MAX_SIDE or width * height > _MAX_PIXELS:
        raise _too_large(text, f"{width}x{height} pixels")
    if ink is not None:
        ink = ink[0] - left, ink[1] - top, ink[2] - left, ink[3] - top
    return Layout(used, lines, left, top, width, height, ink, beyond)


def part(layout: Layout, lines: Sequence[Line], margin: float) -> Layout | None:
    """Some glyphs of a layout in a separate bitmap, with ``margin`` clear pixels around them.

    Its corner lies on whole pixels of the whole; None if nothing is drawn.
    """
    ink = _around(list(_ink(layout.shaper, lines)), margin)
    if ink is None:
        return None
    left, top = math.floor(ink[0]), math.floor(ink[1])
    width, height = math.ceil(ink[2]) - left, math.ceil(ink[3]) - top
    return replace(layout, lines=tuple(lines), left=left, top=top, width=width, height=height)


def _shadowed(ink: Box, text: Text, scale: float) -> Box:
    """The visible extent of the shadow of some ink: three standard deviations of its blur around
    it."""
    x, y = (value * scale for value in text.shadow_offset)
    reach = 1.5 * text.shadow_blur * scale + 1
    return ink[0] + x - reach, ink[1] + y - reach, ink[2] + x + reach, ink[3] + y + reach


def line_extents(used: Shaper) -> tuple[float, float]:
    """How far a line reaches above and below its baseline, in pixels."""
    metrics = used.fonts[0].get_font_extents("ltr")
    return metrics.ascender / UNIT, -metrics.descender / UNIT


def _pixels(beyond: float) -> int:
    """An excess in whole pixels; 0 if invisibly small."""
    return math.ceil(beyond - 1e-6) if beyond >= _SEEN else 0


def _shrunk(text: Text, width: float, height: float) -> Text:
    """The text at the largest size, up to its own, at which it fits and no word is broken.

    Type is not hinted, so that all widths are in proportion to the size: it is shaped once. Sizes
    are quarters of a canvas pixel, and so the same at every scale.
    """
    used = shaper(text.fonts, text.size, text.chain)
    ascent, descent = line_extents(used)
    paragraphs = []
    for paragraph, at in _paragraphs(text):
        directions = Directions(paragraph)
        length = len(paragraph.rstrip())
        spans = _within(text.spans, at, len(paragraph))
        glyphs, _ = used.glyphs(directions, 0, length, text.letter_spacing, spans)
        paragraphs.append((directions, _pen(glyphs, length), spans))

    def fits(size: float) -> bool:
        factor = size / text.size
        limit = (width - _SEEN) / factor + min(text.letter_spacing, 0)  # as lines are broken
        sizes: list[float] = []
        for directions, ends, spans in paragraphs:
            if _longest(directions, ends) > limit:
                return False
            sizes += [_largest(spans, *line) for line in _wrap(directions, ends, limit)]
        needed = (ascent * sizes[0] + descent * sizes[-1]) * factor
        return needed + sum(sizes[1:]) * text.line_height * size <= height

    steps = range(1, math.floor(text.size / _STEP) + 1)
    if not steps or fits(text.size):
        return text
    size = max(bisect_right(steps, False, key=lambda step: not fits(step * _STEP)), 1) * _STEP
    return replace(text, size=size, letter_spacing=text.letter_spacing * size / text.size)


def _largest(spans: Sequence[Span], start: int, end: int) -> float:
    """The scale of a line's largest type relative to its text, at least 1."""
    return max([1.0, *(s.size for s in spans if s.start < end and s.end > start)])


def _longest(directions: Directions, ends: Sequence[float]) -> float:
    """The width of the longest piece that no line can break."""
    text = directions.text.rstrip()
    pieces = pairwise([0, *line_breaks(text)])
    return max(
        (ends[start + len(text[start:end].rstrip())] - ends[start] for start, end in pieces),
        default=0.0,
    )


def _broken(
    text: Text, used: Shaper, limit: float | None, spacing: float
) -> list[tuple[str, list[Glyph], float, int, int]]:
    """The text and the glyphs of each line, its width, its offset in its paragraph, and the
    paragraph's."""
    lines = []
    for paragraph, at in _paragraphs(text):
        directions = Directions(paragraph)
        whole = len(paragraph.rstrip())
        spans = _within(text.spans, at, len(paragraph))
        glyphs, width = used.glyphs(directions, 0, whole, spacing, spans)
        if limit is None or width <= limit:
            lines.append((paragraph[:whole], glyphs, width, 0, at))
            continue
        for start, end in _wrap(directions, _pen(glyphs, whole), limit + spacing):
            glyphs, width = used.glyphs(directions, start, end, spacing, spans)
            lines.append((paragraph[start:end], glyphs, width, start, at))
    return lines


def _paragraphs(text: Text) -> list[tuple[str, int]]:
    """The paragraphs of a text and where they begin in it."""
    whole = text.text.replace("\t", " ") if text.spans else text.text.expandtabs(4)
    found, at = [], 0
    for paragraph in whole.splitlines(keepends=True):
        found.append((paragraph.splitlines()[0], at))
        at += len(paragraph)
    return found or [("", 0)]


def _within(spans: Sequence[Span], at: int, length: int) -> list[Span]:
    """The spans of a paragraph, counted from its start."""
    moved = (replace(span, start=span.start - at, end=span.end - at) for span in spans)
    return [span for span in moved if span.end > 0 and span.start < length]


def _rules(
    used: Shaper, glyphs: Sequence[Glyph], at: int, spans: Sequence[Span]
) -> tuple[Rule, ...]:
    """The lines under and through the letters of a line, as specified by the font."""
    found: list[Rule] = []
    for span in spans:
        for strike in (False, True):
            if not (span.strike if strike else span.underline):
                continue
            inside = [g for g in glyphs if span.start <= g.cluster + at < span.end]
            if not inside:
                continue
            middle, thick = used.rule(strike=strike)
            left, right = min(g.x for g in inside), max(g.x + g.advance for g in inside)
            first = min(g.cluster for g in inside)
            found.append(Rule(left, middle - thick / 2, right, middle + thick / 2, first))
    return tuple(found)


def _ink(used: Shaper, lines: Iterable[Line]) -> Iterator[Box]:
    """The boxes of all glyphs that have ink."""
    for line in lines:
        for font, number, x, y, *_ in line.glyphs:
            box = used.box(font, number)
            if box is not None:
                x, y = x + line.x, y + line.y
                yield x + box[0], y + box[1], x + box[2], y + box[3]
        for rule in line.rules:
            yield line.x + rule.left, line.y + rule.top, line.x + rule.right, line.y + rule.bottom


def _around(boxes: Sequence[Box], by: float) -> Box | None:
    """The box around all boxes, enlarged on every side."""
    if not boxes:
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left) - by, min(top) - by, max(right) + by, max(bottom) + by


def _wrap(directions: Directions, ends: Sequence[float], limit: float) -> Iterator[tuple[int, int]]:
    """The lines of a paragraph in reading order, as offsets, without the spaces at their ends.

    Each line takes as much as fits. A word too long for a line is broken between user-perceived
    characters; a line holds at least one of those, however narrow it is. ``ends``: by offset, how
    wide everything before it is.
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
