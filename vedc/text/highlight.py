"""A caption with a highlighted part: the word being spoken.

It is drawn twice, plain and all in the highlight colour. For each moment the columns of the
highlighted letters come from the second picture: a new word costs a copy, not another drawing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from math import ceil, floor
from typing import Final

import numpy as np

from vedc.edit.contents import Highlight, Text
from vedc.text.bitmap import Bitmap
from vedc.text.layout import Layout, Line, lay_out
from vedc.text.titles import render_text

#: How far a box extends around the highlight, in type sizes.
_AROUND: Final = 0.12
#: How far it extends above and below the baseline.
_ABOVE: Final = 0.95
_BELOW: Final = 0.3


class HighlightedText:
    """A text, and its highlighted version."""

    def __init__(self, text: Text, mark: Highlight, scale: float = 1.0) -> None:
        self._text, self._layout = text.text, lay_out(text, scale)
        self._boxed = mark.background is not None
        spans = tuple(replace(span, color=None) for span in text.spans)
        marked = replace(text, color=mark.color, fill=None, spans=spans)
        if self._boxed:
            marked = replace(marked, background=mark.background)
        pictures = (render_text(text, scale), render_text(marked, scale))
        self.width, self.height = pictures[0].width, pictures[0].height
        self._plain, self._marked = (
            np.frombuffer(picture.data, np.uint8).reshape(self.height, self.width, 4)
            for picture in pictures
        )
        self._bands = _bands(self._layout)
        self._last: tuple[tuple[int, int], Bitmap] | None = None

    @property
    def bytes(self) -> int:
        return 2 * self._plain.nbytes

    def at(self, start: int, end: int) -> Bitmap:
        """The caption with the letters ``start <= offset < end`` highlighted."""
        if self._last is not None and self._last[0] == (start, end):
            return self._last[1]
        pixels = self._plain.copy()
        for line, band in zip(self._layout.lines, self._bands, strict=True):
            for left, top, right, bottom in self._parts(line, band, start, end):
                pixels[top:bottom, left:right] = self._marked[top:bottom, left:right]
        bitmap = Bitmap(self.width, self.height, pixels.tobytes())
        self._last = (start, end), bitmap
        return bitmap

    def _parts(
        self, line: Line, band: tuple[int, int], start: int, end: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """The highlighted rectangles of a line: left, top, right, bottom."""
        if not self._boxed:
            for left, right in _columns(line, start, end, self._layout.left):
                yield left, band[0], right, band[1]
            return
        end = start + len(self._text[start:end].rstrip())
        columns = list(_columns(line, start, end, self._layout.left))
        if columns:
            size, baseline = self._layout.shaper.size, line.y - self._layout.top
            around = round(_AROUND * size)
            left, right = min(left for left, _ in columns), max(right for _, right in columns)
            top, bottom = baseline - _ABOVE * size, baseline + _BELOW * size
            yield max(left - around, 0), max(round(top), 0), right + around, max(round(bottom), 0)


def _columns(line: Line, start: int, end: int, corner: int) -> Iterator[tuple[int, int]]:
    """The columns of a line's highlighted letters, bounded midway between letters."""
    for glyph in line.glyphs:
        if start <= line.paragraph + glyph.cluster < end and glyph.advance:
            left = line.x + glyph.x - corner
            yield max(floor(left + 0.5), 0), max(floor(left + glyph.advance + 0.5), 0)


def _bands(layout: Layout) -> list[tuple[int, int]]:
    """The rows of each line: all of the picture, divided between the lines."""
    middles = [
        (above.y + below.y) / 2 - layout.shaper.size * 0.35 - layout.top
        for above, below in pairwise(layout.lines)
    ]
    edges = [0, *(ceil(middle) for middle in middles), layout.height]
    return list(pairwise(edges))
