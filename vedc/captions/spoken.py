"""What is said in a recording: words with their times, as an analysis finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Final

from vedc.support.lazy_dataclass import dataclass

#: Probability from which a word counts as certain.
CERTAIN: Final = 0.5
#: Seconds of silence after which another phrase begins, whatever the punctuation.
PAUSE: Final = Fraction(7, 10)
#: Ends of sentences and of clauses; quotation marks and brackets may follow.
_SENTENCE: Final = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_CLAUSE: Final = re.compile(r"[,;:–—、，；：][\"'”’»)\]]*$")
#: Abbreviations: they end with a full stop but do not end a sentence.
_SHORTENED: Final = frozenset(
    ["mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "vs.", "no.", "jr.", "sr.", "e.g.", "i.e."]
)
_EDGES: Final = re.compile(r"^[^\w]+|[^\w]+$")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as written, with its punctuation. Times are seconds of the source."""

    text: str
    start: Fraction
    end: Fraction
    sure: float = 1.0
    """How probable it is that this was said there, 0 to 1."""
    speaker: str = ""
    """Who says it; empty where that is not known."""
    aside: bool = False
    """Whether it is said beside the text: a hesitation, or a word that is said once more."""

    @property
    def certain(self) -> bool:
        return self.sure >= CERTAIN

    @property
    def plain(self) -> str:
        """The word in the form that is compared: lower case, without surrounding punctuation."""
        return _EDGES.sub("", self.text).casefold().replace("’", "'")

    @property
    def ends_sentence(self) -> bool:
        if not _SENTENCE.search(self.text):
            return False
        return self.text.casefold().lstrip("\"'“‘«([") not in _SHORTENED

    @property
    def ends_clause(self) -> bool:
        return self.ends_sentence or bool(_CLAUSE.search(self.text))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a recording in order; no two overlap."""

    words: tuple[SpokenWord, ...] = ()
    engine: str = ""
    """What recognised or aligned them, with its version."""
    language: str = ""
    """ISO 639-1."""
    unsearched: tuple[tuple[Fraction, Fraction], ...] = ()
    """Where asides were to be found and could not be looked for: beginnings and ends in seconds."""

    def __iter__(self) -> Iterator[SpokenWord]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)


def phrases(words: tuple[SpokenWord, ...]) -> list[tuple[SpokenWord, ...]]:
    """Words in phrases: a phrase ends with a sentence, before a pause, and where the speaker
    changes."""
    if not words:
        return []
    found: list[list[SpokenWord]] = [[words[0]]]
    for before, word in pairwise(words):
        new = before.ends_sentence or word.start - before.end >= PAUSE
        if new or word.speaker != before.speaker:
            found.append([])
        found[-1].append(word)
    return [tuple(each) for each in found]
