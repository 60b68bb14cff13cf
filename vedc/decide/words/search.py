"""Search for spoken text: a sequence of words, as people remember it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from vedc.captions.spoken import SpokenWord, Words, phrases

#: The least likeness of two words that count as equal: four of ten letters may differ.
_ALIKE: Final = 0.6
#: The least share of the wanted words that must be found.
_FOUND: Final = 0.75


@dataclass(frozen=True, slots=True)
class Hit:
    """Words ``first`` to ``end`` (half open) of a file, and their likeness to the text."""

    first: int
    end: int
    score: float


def search(found: Words, text: str) -> list[Hit]:
    """Places where something like a text is said, in order. One of several words may be misheard,
    and words in between may be missing or added."""
    wanted = [plain for plain in (_plain(part) for part in text.split()) if plain]
    said = [word.plain for word in found]
    hits: list[Hit] = []
    at = 0
    while at < len(said) and wanted:
        hit = _hit(said, at, wanted)
        if hit is None:
            at += 1
            continue
        better = _hit(said, at + 1, wanted)  # "we we fixed this": the second begins the hit
        if better is not None and better.score > hit.score:
            at += 1
            continue
        hits.append(hit)
        at = hit.end
    return hits


def context(found: Words, hit: Hit) -> tuple[SpokenWord, ...]:
    """The phrases that a hit is in."""
    inside = set(found.words[hit.first : hit.end])
    shown: list[SpokenWord] = []
    for phrase in phrases(found.words):
        if inside & set(phrase):
            shown += phrase
    return tuple(shown)


def _plain(text: str) -> str:
    return SpokenWord(text, Fraction(0), Fraction(0)).plain


def _hit(said: Sequence[str], begin: int, wanted: Sequence[str]) -> Hit | None:
    """The best hit that begins with the word at ``begin``."""
    if begin >= len(said) or likeness(said[begin], wanted[0]) < _ALIKE:
        return None
    if len(wanted) == 1:
        like = likeness(said[begin], wanted[0])
        return Hit(begin, begin + 1, round(like, 2)) if like >= 0.8 else None
    spare = max(1, len(wanted) // 4)
    window = said[begin : begin + len(wanted) + spare]
    # scores[j]: the best sum of likenesses of all wanted words with the first j spoken ones
    scores = [0.0] * (len(window) + 1)
    for word in wanted:
        before, scores = scores, [0.0] * (len(window) + 1)
        for j, spoken in enumerate(window, 1):
            like = likeness(word, spoken)
            scores[j] = max(
                before[j], scores[j - 1], before[j - 1] + (like if like >= _ALIKE else 0)
            )
    least = min(len(wanted), len(window))
    ends = range(max(1, least - spare), len(window) + 1)
    end = max(ends, key=lambda j: (scores[j] - 0.1 * abs(j - len(wanted)), -j), default=0)
    score = scores[end] / len(wanted)
    while (
        end > 1
        and likeness(window[end - 1], wanted[-1]) < _ALIKE
        and scores[end - 1] >= scores[end]
    ):
        end -= 1
    return Hit(begin, begin + end, round(score, 2)) if score >= _FOUND else None


def likeness(one: str, other: str) -> float:
    """1 for the same word, less the share of letters that must change (Levenshtein)."""
    if one == other:
        return 1.0
    longest = max(len(one), len(other))
    if not longest or abs(len(one) - len(other)) > longest * (1 - _ALIKE):
        return 0.0
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return 1 - row[-1] / longest
