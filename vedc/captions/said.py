"""Texts in what is said: where somebody says them, whatever their case and punctuation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Final

from vedc.captions.spoken import SpokenWord
from vedc.edit.timecode import clock_time

_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: How people write hesitations: um, umm, uhm; uh, uhh; er, err, erm; hm, hmm, mm; ah, eh.
_HESITATION: Final = re.compile(r"u+h*m+|u+h+|e+r+m*|h+m+|m+h*m+|a+h+m*|e+h+")
#: How similar a text must be to be suggested when the wanted one is not found.
_LIKE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Words ``first`` to ``end`` (half open) of a file."""

    first: int
    end: int


def tokens(text: str) -> list[str]:
    """A text in the form that is compared: lower-case words without punctuation."""
    return _TOKEN.findall(text.casefold().replace("’", "'"))


def hesitates(token: str) -> bool:
    """Whether a word is a hesitation, such as um, however it is written."""
    return _HESITATION.fullmatch(token) is not None


class Text:
    """Everything said, as one text in which words are found; without asides unless ``asides``."""

    def __init__(self, words: Sequence[SpokenWord], *, asides: bool = False) -> None:
        self.words = words
        pairs = [
            (token, n)
            for n, word in enumerate(words)
            if asides or not word.aside
            for token in tokens(word.text)
        ]
        self.tokens = [token for token, _ in pairs]
        self.owners = [number for _, number in pairs]

    def places(self, text: str, first: int = 0) -> list[Place]:
        """Where a text is said, from word ``first`` on; none overlaps another."""
        wanted = tokens(text)
        found: list[Place] = []
        at = 0
        while wanted and at + len(wanted) <= len(self.tokens):
            end = at + len(wanted)
            whole = self._begins_word(at) and (
                end == len(self.tokens) or self._begins_word(end)
            )  # not a part of New_York
            if self.owners[at] >= first and whole and self.tokens[at:end] == wanted:
                found.append(Place(self.owners[at], self.owners[end - 1] + 1))
                at = end
            else:
                at += 1
        return found

    def _begins_word(self, at: int) -> bool:
        return at == 0 or self.owners[at] != self.owners[at - 1]

    def nearest(self, text: str) -> Place | None:
        """The passage most similar to a text that is not said; None if none is similar."""
        wanted = " ".join(tokens(text))
        size = len(tokens(text))
        best: tuple[float, Place] | None = None
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(wanted)
        for length in range(max(1, size - 1), size + 2):
            for at in range(len(self.tokens) - length + 1):
                matcher.set_seq1(" ".join(self.tokens[at : at + length]))
                least = best[0] if best is not None else _LIKE
                if matcher.real_quick_ratio() <= least or matcher.quick_ratio() <= least:
                    continue
                if (like := matcher.ratio()) > least:
                    place = Place(self.owners[at], self.owners[at + length - 1] + 1)
                    best = like, place
        return None if best is None else best[1]

    def quoted(self, place: Place) -> str:
        """The words at a place, as messages show them, with their time."""
        said = " ".join(word.text for word in self.words[place.first : place.end])
        return f'"{said}" at {moment(self.words[place.first].start)}'


def moment(time: Fraction) -> str:
    """A time of what is said, for people: ``1:02.35``."""
    return clock_time(time, places=2, short=True)
