"""Unicode properties of a text: line breaks, clusters, directions.

ICU's answers, in code points of the text (ICU itself counts in UTF-16). It is loaded on first use.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import icu

#: Text of Latin letters, digits and punctuation: it runs from left to right, and no character
#: joins another. ICU is not needed.
_PLAIN = re.compile(r"[\x20-\x7e\xa0-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*")

#: An iterator holds one text at a time, and previews draw on several threads.
_ASKING = threading.Lock()


def is_plain(text: str) -> bool:
    """Whether a text is Latin without combining marks and direction marks."""
    return _PLAIN.fullmatch(text) is not None


def line_breaks(text: str) -> list[int]:
    """Where a line may end: offsets in ``text``, its end included (UAX 14)."""
    return _boundaries(_lines(), text)


def clusters(text: str) -> list[int]:
    """The ends of user-perceived characters: offsets in ``text`` (UAX 29)."""
    return list(range(1, len(text) + 1)) if is_plain(text) else _boundaries(_characters(), text)


def words(text: str) -> list[tuple[int, int]]:
    """Its words with their punctuation, as offsets: the stretches between spaces or line breaks."""
    found = []
    for start, end in pairwise([0, *line_breaks(text)]):
        word = text[start:end]
        if word.strip():
            first = start + len(word) - len(word.lstrip())
            found.append((first, start + len(word.rstrip())))
    return found


@cache
def _lines() -> icu.BreakIterator:
    import icu

    # The same in every language, except that Thai, Lao, Khmer and Burmese have dictionaries.
    return icu.BreakIterator.createLineInstance(icu.Locale("root"))


@cache
def _characters() -> icu.BreakIterator:
    import icu

    return icu.BreakIterator.createCharacterInstance(icu.Locale("root"))


def _boundaries(iterator: icu.BreakIterator, text: str) -> list[int]:
    with _ASKING:
        iterator.setText(text)
        found = list(iterator)
    if not _astral(text):
        return found
    points = {unit: point for point, unit in enumerate(_units(text))}
    return [points[unit] for unit in found]


class Directions:
    """The directions within a paragraph, a text without line breaks (UAX 9)."""

    def __init__(self, paragraph: str) -> None:
        self.text = paragraph
        self.plain = is_plain(paragraph)
        if self.plain:
            return
        self._units = _units(paragraph) if _astral(paragraph) else range(len(paragraph) + 1)
        self._points = {unit: point for point, unit in enumerate(self._units)}
        import icu

        # ICU keeps no copy of the text.
        self._held = icu.UnicodeString(paragraph)
        self._bidi = icu.Bidi()
        self._bidi.setPara(self._held, icu.Bidi.DEFAULT_LTR)

    @property
    def base(self) -> str:
        """``ltr`` or ``rtl``, by the first strong character."""
        return "rtl" if not self.plain and self._bidi.getParaLevel() % 2 else "ltr"

    def runs(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """The stretches of one direction of a line, from left to right: (start, end, direction)."""
        if start == end:
            return []
        if self.plain:
            return [(start, end, "ltr")]
        units, points = self._units, self._points
        first = units[start]
        line = self._bidi.setLine(first, units[end])
        runs = [line.getVisualRun(number) for number in range(line.countRuns())]
        return [
            (points[first + at], points[first + at + length], "rtl" if turned else "ltr")
            for at, length, turned in runs
        ]


@lru_cache(maxsize=4096)
def script(character: str) -> str:
    """ISO 15924 code of a character's script; empty for characters of any script."""
    import icu

    name: str = icu.Script.getScript(character).getShortName()
    return "" if name in ("Zyyy", "Zinh", "Zzzz") else name


@lru_cache(maxsize=4096)
def is_emoji(character: str) -> bool:
    """Whether it is shown as emoji by default (UTS 51)."""
    import icu

    return bool(icu.Char.hasBinaryProperty(ord(character), icu.UProperty.EMOJI_PRESENTATION))


def _astral(text: str) -> bool:
    return bool(text) and max(text) > "\uffff"


def _units(text: str) -> Sequence[int]:
    """The UTF-16 offset of each code point, and of the end."""
    return [0, *accumulate(1 + (character > "\uffff") for character in text)]
