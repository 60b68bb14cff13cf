"""Words as lines of text that people can correct: what is said and when, separately.

    {say: "We fixed this(?) today.", times: 1.20-1.41 1.41-1.80 1.80-1.97 2.02-2.60}

The words of ``say`` have the times of ``times``, in order, in seconds. Uncertain ones are marked
with ``(?)``. A word may be written in another way without moving; ``_`` joins words that share one
time (``New_York``), and ``-`` stands for a word that is not shown. Words in brackets are asides
(``[um]``), which captions leave out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from vedc.captions.spoken import SpokenWord

_DOUBT: Final = "(?)"
#: The probability of a word that is marked as uncertain.
_DOUBTED: Final = 0.25
_SPAN: Final = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")


def written(words: Sequence[SpokenWord]) -> tuple[str, str]:
    """``say`` and ``times`` of some words."""
    said = (_written(word) for word in words)
    times = (f"{float(w.start):.2f}-{float(w.end):.2f}" for w in words)
    return " ".join(said), " ".join(times)


def _written(word: SpokenWord) -> str:
    text = word.text.replace(" ", "_")
    return (f"[{text}]" if word.aside else text) + ("" if word.certain else _DOUBT)


def read_words(say: str, times: str, who: str = "") -> list[SpokenWord]:
    """The inverse of :func:`written`. Raises ValueError with what is wrong, for people."""
    said, spans = say.split(), times.split()
    if len(said) != len(spans):
        one = "is 1 word" if len(said) == 1 else f"are {len(said)} words"
        many = "1 time" if len(spans) == 1 else f"{len(spans)} times"
        raise ValueError(
            f"there {one} and {many}: join words with _, as in New_York, or write - for none"
        )
    found: list[SpokenWord] = []
    for text, span in zip(said, spans, strict=True):
        parts = _SPAN.fullmatch(span)
        if parts is None:
            raise ValueError(f"{span!r} is not a time: write its start and end, such as 1.20-1.41")
        start, end = Fraction(parts.group(1)), Fraction(parts.group(2))
        if end < start:
            raise ValueError(f"{span!r} ends before it begins")
        sure = 1.0
        if text.endswith(_DOUBT) and text != _DOUBT:
            text, sure = text.removesuffix(_DOUBT), _DOUBTED
        aside = len(text) > 2 and text[0] == "[" and text[-1] == "]"
        if aside:
            text = text[1:-1]
        if text != "-":
            found.append(SpokenWord(text.replace("_", " "), start, end, sure, who, aside))
    return found
