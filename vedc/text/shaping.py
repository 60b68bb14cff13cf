"""From a stretch of a line to the glyphs that show it, left to right.

A line is divided where the direction, the script or the font changes; HarfBuzz shapes the parts.
The font of a cluster is the first of the chain that has all of it. Emoji look first for a font
with colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import uharfbuzz as hb

from vedc.text.faces import UNIT, Face
from vedc.text.unicode_text import Directions, clusters, is_emoji, script

#: Characters without a glyph of their own: joiners, variation selectors, direction marks.
INVISIBLE = frozenset("\n\r\t\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph and the point of the line that it is drawn from, in pixels (y down)."""

    font: int
    """Index in the chain."""
    index: int
    x: float
    y: float
    cluster: int
    """Offset in the paragraph of the first character that it shows."""
    advance: float


class Shaper:
    """Sets lines in fonts of one size."""

    def __init__(self, faces: Sequence[Face], size: float) -> None:
        self.faces = faces
        self.fonts = [face.at(size) for face in faces]

    def glyphs(self, directions: Directions, start: int, end: int) -> tuple[list[Glyph], float]:
        """The glyphs of ``start <= offset < end`` of a paragraph as a line, and its width."""
        pen = 0.0
        found: list[Glyph] = []
        text = directions.text
        for run_start, run_end, direction in directions.runs(start, end):
            parts = list(self._parts(text, run_start, run_end))
            for first, last, font, name in parts if direction == "ltr" else reversed(parts):
                buffer = hb.Buffer()
                codes = [ord(character) for character in text[start:end]]
                buffer.add_codepoints(codes, first - start, last - first)
                buffer.direction = direction
                buffer.script = name or "Latn"
                buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
                hb.shape(self.fonts[font], buffer)
                infos, positions = buffer.glyph_infos, buffer.glyph_positions
                for info, place in zip(infos, positions or (), strict=True):
                    advance = place.x_advance / UNIT
                    x, y = pen + place.x_offset / UNIT, -place.y_offset / UNIT
                    at = start + info.cluster
                    found.append(Glyph(font, info.codepoint, x, y, at, advance))
                    pen += advance
        return found, pen

    def _parts(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, int, str]]:
        """Stretches of one font and one script, in reading order: (start, end, font, script)."""
        found: list[tuple[int, int, int, str]] = []
        name = ""
        for first, last in pairwise([0, *clusters(text[start:end])]):
            cluster = text[start + first : start + last]
            name = script(cluster[0]) or name
            found.append((start + first, start + last, self._font(cluster), name))
        # What stands before the first letter of a script goes with that letter.
        leading = next((name for *_, name in found if name), "")
        for (font, name), parts in groupby(found, key=lambda part: (part[2], part[3] or leading)):
            group = list(parts)
            yield group[0][0], group[-1][1], font, name

    def _font(self, cluster: str) -> int:
        if len(self.faces) == 1:
            return 0
        shown = [ord(c) for c in cluster if c not in INVISIBLE]
        having = [
            number
            for number, face in enumerate(self.faces)
            if all(code in face.characters for code in shown)
        ]
        if not having:
            return next((n for n, f in enumerate(self.faces) if shown[0] in f.characters), 0)
        if "\ufe0f" in cluster or (is_emoji(cluster[0]) and "\ufe0e" not in cluster):
            return next((number for number in having if self.faces[number].colored), having[0])
        return having[0]
