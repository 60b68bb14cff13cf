"""From a stretch of a line to its glyphs, left to right.

A line is divided where the direction, the script or the font changes; HarfBuzz shapes the parts.
The font of a cluster is the first of the chain that has all of it. Emoji look first for a font
with colours.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import uharfbuzz as hb

from vedc.edit.captions import Span
from vedc.edit.font_info import INVISIBLE
from vedc.text.faces import UNIT, Face, ink_box, open_face
from vedc.text.unicode_text import Directions, clusters, is_emoji, script

#: Scripts with joining letters, which spacing would break.
JOINING = frozenset({"Adlm", "Arab", "Mand", "Mong", "Nkoo", "Phag", "Rohg", "Syrc"})

#: Without ligatures, except those that a script requires.
_APART = {"liga": False, "clig": False}

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; y down."""


class Glyph(NamedTuple):
    """A glyph and its origin in the line, in pixels (y down)."""

    font: int
    """Index in the chain."""
    number: int
    """Of the glyph in the font."""
    x: float
    y: float
    cluster: int
    """Offset in the paragraph of its first character."""
    advance: float


class Shaper:
    """Sets lines in fonts of one size. Made by :func:`shaper`."""

    def __init__(self, faces: Sequence[Face], size: float, chain: int) -> None:
        self.chain, self.size, self._all = faces[:chain], size, faces
        self.faces = list(faces)
        self.fonts = [face.at(size) for face in faces]
        """The fonts of the chain and of spans, then their styled versions."""
        self.sizes = [1.0] * len(faces)
        """The scale of each font relative to the text."""
        self._styles: dict[tuple[bool, bool, float], int] = {(False, False, 1.0): 0}
        self._boxes: dict[tuple[int, int], Box | None] = {}
        self._adding = threading.Lock()
        """Held while a style is added: texts are measured and drawn on several threads."""

    def styled(self, span: Span) -> int:
        """The offset added to a font's number for the style of a span."""
        style, size = (span.italic, span.bold, span.size), self.size * span.size
        with self._adding:
            if style not in self._styles:
                fonts = [face.at(size, italic=span.italic, bold=span.bold) for face in self._all]
                self._styles[style] = len(self.fonts)
                self.faces += self._all
                self.fonts += fonts
                self.sizes += [span.size] * len(fonts)
            return self._styles[style]

    def glyphs(
        self,
        directions: Directions,
        start: int,
        end: int,
        spacing: float = 0.0,
        spans: Sequence[Span] = (),
    ) -> tuple[list[Glyph], float]:
        """The glyphs of ``start <= offset < end`` of a paragraph as a line, and its width.

        ``spacing`` pixels are added to the advance of every letter but the last. ``spans`` count
        from the start of the paragraph.
        """
        pen = 0.0
        found: list[Glyph] = []
        text = directions.text
        codes = [ord(character) for character in text[start:end]]
        for run_start, run_end, direction in directions.runs(start, end):
            parts = self._parts(directions, run_start, run_end)
            if spans:
                parts = [piece for part in parts for piece in self._in_styles(part, spans, text)]
            for first, last, font, name in parts if direction == "ltr" else reversed(parts):
                buffer = hb.Buffer()
                buffer.add_codepoints(codes, first - start, last - first)
                buffer.direction = direction
                buffer.script = name or "Latn"
                buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_GRAPHEMES
                between = 0.0 if name in JOINING else spacing
                hb.shape(self.fonts[font], buffer, _APART if between else None)
                places = buffer.glyph_positions or ()
                before = None
                for info, place in zip(buffer.glyph_infos, places, strict=True):
                    if between and found and info.cluster != before:
                        pen += between
                        found[-1] = found[-1]._replace(advance=found[-1].advance + between)
                    before = info.cluster
                    across, down, advance, _ = place.position
                    x, y = pen + across / UNIT, -down / UNIT
                    at = start + info.cluster
                    found.append(Glyph(font, info.codepoint, x, y, at, advance / UNIT))
                    pen += advance / UNIT
        return found, pen

    def rule(self, *, strike: bool) -> tuple[float, float]:
        """The distance of an underline or strike-through below the baseline, and its width."""
        tags = hb.OTMetricsTag
        places = (tags.STRIKEOUT_OFFSET, tags.STRIKEOUT_SIZE)
        if not strike:
            places = (tags.UNDERLINE_OFFSET, tags.UNDERLINE_SIZE)
        above, thick = (
            self.fonts[0].get_metric_position_with_fallback(tag) / UNIT for tag in places
        )
        return -above, max(thick, 1.0)

    def box(self, font: int, number: int) -> Box | None:
        """A glyph's ink from its origin; None if it has none."""
        key = font, number
        if key not in self._boxes:
            self._boxes[key] = ink_box(self.faces[font], self.fonts[font], number)
        return self._boxes[key]

    def _parts(
        self, directions: Directions, start: int, end: int
    ) -> Sequence[tuple[int, int, int, str]]:
        """Stretches of one font and one script, in reading order: (start, end, font, script)."""
        text = directions.text
        if directions.plain and self._all_first(text[start:end]):
            return [(start, end, 0, "Latn")]
        found: list[tuple[int, int, int, str]] = []
        name = ""
        for first, last in pairwise([0, *clusters(text[start:end])]):
            cluster = text[start + first : start + last]
            name = script(cluster[0]) or name
            # A space has the font of the word before it.
            same = found and cluster == " " and 32 in self.faces[found[-1][2]].characters
            font = found[-1][2] if same else self._font(cluster)
            if found and found[-1][2] == font and found[-1][3] in (name, ""):
                found[-1] = (found[-1][0], start + last, font, name)
            else:
                found.append((start + first, start + last, font, name))
        return found

    def _in_styles(
        self, part: tuple[int, int, int, str], spans: Sequence[Span], text: str
    ) -> Iterator[tuple[int, int, int, str]]:
        """A stretch of one font, divided where letters have another style or font."""
        start, end, font, name = part
        at = start
        for span in spans:
            first, last = max(span.start, at), min(span.end, end)
            other = span.italic or span.bold or span.size != 1 or span.fonts
            if first >= last or not other:
                continue
            if at < first:
                yield at, first, font, name
            style = self.styled(span)
            for begin, over, own in self._own_fonts(text, first, last, span.fonts, font):
                yield begin, over, own + style, name
            at = last
        if at < end:
            yield at, end, font, name

    def _own_fonts(
        self, text: str, first: int, last: int, fonts: Sequence[int], otherwise: int
    ) -> Iterator[tuple[int, int, int]]:
        """Stretches of one font: the first of ``fonts`` that shows them."""
        begin, before = first, otherwise
        ends = [first + end for end in clusters(text[first:last])] if fonts else []
        for start, end in pairwise([first, *ends]):
            codes = [ord(c) for c in text[start:end] if c not in INVISIBLE]
            having = (n for n in fonts if all(c in self._all[n].characters for c in codes))
            found = next(having, otherwise)
            if found != before and begin < start:
                yield begin, start, before
                begin = start
            before = found
        yield begin, last, before

    def _all_first(self, text: str) -> bool:
        first = self.chain[0].characters
        return len(self.chain) == 1 or all(ord(character) in first for character in set(text))

    def _font(self, cluster: str) -> int:
        if len(self.chain) == 1:
            return 0
        shown = [ord(c) for c in cluster if c not in INVISIBLE]
        having = [
            number
            for number, face in enumerate(self.chain)
            if all(code in face.characters for code in shown)
        ]
        if not having:
            return next((n for n, f in enumerate(self.chain) if shown[0] in f.characters), 0)
        if "\ufe0f" in cluster or (is_emoji(cluster[0]) and "\ufe0e" not in cluster):
            return next((number for number in having if self.chain[number].colored), having[0])
        return having[0]


@lru_cache(maxsize=64)
def _shaper(faces: tuple[Face, ...], size: float, chain: int) -> Shaper:
    return Shaper(faces, size, chain)


def shaper(fonts: Sequence[str], size: float, chain: int = 0) -> Shaper:
    """The shaper for font files, the first preferred; only the first ``chain`` of them outside
    spans, where that is not 0. Raises as :func:`open_face` does."""
    return _shaper(tuple(open_face(font) for font in fonts), size, chain or len(fonts))
