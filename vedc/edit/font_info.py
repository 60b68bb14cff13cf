"""Properties of a font, known before a title is set in it.

Fonts are read in ``vedc.text``; the spec's checks see only these records, through a
:class:`FontProber` and a :class:`TextMeasurer` that are handed to them.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from vedc.edit.contents import Text
from vedc.edit.text_box import TextBox
from vedc.support.lazy_dataclass import dataclass

#: Characters that need no glyph: line breaks, joiners, direction marks, variation selectors.
INVISIBLE: Final = frozenset(
    "\n\r\t\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)


@dataclass(frozen=True, slots=True)
class FontInfo:
    """A probed font: the code points that it can show, as sorted inclusive ranges."""

    path: str
    family: str
    ranges: tuple[tuple[int, int], ...]

    def missing(self, text: str) -> list[str]:
        """The characters of ``text`` that the font has no glyph for (controls aside)."""
        return [c for c in dict.fromkeys(text) if c not in INVISIBLE and not self.shows(c)]

    def shows(self, character: str) -> bool:
        code = ord(character)
        following = bisect_right(self.ranges, (code, sys.maxunicode))
        return following > 0 and code <= self.ranges[following - 1][1]


FontProber = Callable[[Path], FontInfo]
"""Raises :class:`~vedc.edit.media_info.ProbeError`. Must not load a font library for a file that
it has seen before."""

FontFinder = Callable[[Sequence[str]], Path | None]
"""A font of this machine that shows all of some characters."""

TextMeasurer = Callable[[Text, float], TextBox]
"""The size of a title at a scale. Raises :class:`~vedc.errors.UserError`."""
