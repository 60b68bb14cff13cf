"""A text assembled piece by piece, with the looks of its letters."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from vedc.edit.captions import Rgba, Span, Word
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """The look of the next letters."""

    color: Rgba | None = None
    italic: bool = False
    bold: bool = False
    underline: bool = False
    strike: bool = False
    size: float = 1.0
    """Times that of the text."""


PLAIN = Style()


class Letters:
    """Collects a text, its spans and the times of its words."""

    def __init__(self, style: Style = PLAIN) -> None:
        self.style = style
        self._text: list[str] = []
        self._styles: list[Style] = []
        self._words: list[tuple[int, Fraction]] = []

    @property
    def empty(self) -> bool:
        return not self._text

    def add(self, text: str) -> None:
        self._text += text
        self._styles += [self.style] * len(text)

    def change(self, **looks: object) -> None:
        self.style = replace(self.style, **looks)  # type: ignore[arg-type]

    def word(self, time: Fraction) -> None:
        """Start the next word at a time."""
        self._words.append((len(self._text), time))

    def done(self) -> tuple[str, tuple[Span, ...], tuple[Word, ...]]:
        """The text without spaces around its lines and empty lines around it."""
        kept = _kept("".join(self._text))
        text = "".join(self._text[index] for index in kept)
        spans: list[Span] = []
        offset = 0
        for style, run in groupby(self._styles[index] for index in kept):
            end = offset + len(list(run))
            if style != PLAIN:
                looks = style.color, style.italic, style.bold, style.underline, style.strike
                spans.append(Span(offset, end, *looks, size=style.size))
            offset = end
        words: dict[int, Fraction] = {}
        for index, time in self._words:
            offset = bisect_left(kept, index)
            if offset < len(text):
                words[offset] = time
        return text, tuple(spans), tuple(Word(*word) for word in sorted(words.items()))


def _kept(text: str) -> list[int]:
    """The characters to keep, by index: no spaces at the ends of lines, no empty lines at the
    ends."""
    kept: list[int] = []
    start = 0
    waiting: list[int] = []
    for line in text.split("\n"):
        left = len(line) - len(line.lstrip(" \t\r"))
        right = len(line.rstrip(" \t\r"))
        if left < right:
            kept += waiting
            kept += range(start + left, start + right)
            waiting = []
        start += len(line) + 1
        if kept:
            waiting.append(start - 1)  # the line break, if more comes
    return kept
