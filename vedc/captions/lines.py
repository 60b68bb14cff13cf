"""Words as captions: where cues and lines end, and how long each is shown.

A cue ends where a phrase does, and so does a line, if that is possible within its length. Of all
ways to divide a talk the one with the least cost is taken (dynamic programming): a break after a
sentence costs nothing, one between words that belong together (``the | laboratory``) most. The
rules are those of Karamitroglou, "A Proposed Set of Subtitling Standards in Europe" (1998).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from vedc.captions.spoken import PAUSE, SpokenWord
from vedc.edit.captions import Cue, Word

#: Letters of a line, lines of a cue, and letters a second that can be read, by default.
MAX_CHARS: Final = 42
MAX_LINES: Final = 2
MAX_SPEED: Final = 20
#: Seconds of a cue: less is a flash, more is read twice.
_SHORTEST, _LONGEST = Fraction(1), Fraction(7)
#: Seconds that a cue may stay after its last word, if nothing follows.
_STAYS: Final = Fraction(3, 2)
#: Costs: of a cue, of a break by what it divides, of a letter a second too many, of a flash.
_CUE, _PAUSED, _CLAUSE, _JOINT, _WORDS, _TOGETHER = 2.0, 0.5, 0.5, 2.0, 5.0, 60.0
_FAST, _FLASH, _UNEVEN = 40.0, 3.0, 1.0
_BREATH: Final = Fraction(1, 4)

#: What begins a part of a sentence, so that a line may end before it.
_JOINTS: Final = frozenset(
    [
        "and",
        "but",
        "or",
        "nor",
        "so",
        "because",
        "since",
        "although",
        "though",
        "while",
        "if",
        "when",
        "where",
        "who",
        "which",
        "that",
        "than",
        "as",
        "after",
        "before",
        "until",
        "unless",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "without",
        "into",
        "onto",
        "over",
        "under",
        "about",
        "between",
        "through",
        "during",
        "against",
        "of",
        "to",
    ]
)
#: What belongs to the word after it.
_LEANS: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "my",
        "your",
        "his",
        "her",
        "its",
        "our",
        "their",
        "no",
        "every",
        "each",
        "some",
        "any",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "into",
        "of",
        "to",
        "and",
        "but",
        "or",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "am",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "will",
        "would",
        "shall",
        "should",
        "can",
        "could",
        "may",
        "might",
        "must",
        "not",
        "very",
        "mr.",
        "mrs.",
        "ms.",
        "dr.",
        "miss",
        "i",
        "he",
        "she",
        "we",
        "they",
        "it",
        "you",
        "who",
        "which",
    ]
)


def caption_cues(
    words: Sequence[SpokenWord],
    max_chars: int = MAX_CHARS,
    max_lines: int = MAX_LINES,
    max_speed: float = MAX_SPEED,
    until: Fraction | None = None,
) -> list[Cue]:
    """Cues with the times of their words; none stays after ``until``.

    Only a word longer than ``max_chars`` makes a line longer than that; :func:`too_fast` tells
    what is spoken faster than it can be read.
    """
    found: list[Cue] = []
    for part in _apart(words):
        found += _divided(part, max_chars, max_lines, max_speed, until)
    return _shown(found, max_speed, until)


def too_fast(cue: Cue, max_speed: float = MAX_SPEED) -> bool:
    """Whether a cue has more letters than can be read while it is shown."""
    return letters(cue.text) > max_speed * (cue.end - cue.start)


def letters(text: str) -> int:
    return len(text.replace("\n", " "))


def _apart(words: Sequence[SpokenWord]) -> list[list[SpokenWord]]:
    """Words that may share a cue: those of one speaker, without a long pause."""
    parts: list[list[SpokenWord]] = [[]]
    for word in words:
        last = parts[-1][-1] if parts[-1] else None
        if last and (word.speaker != last.speaker or word.start - last.end >= 2 * PAUSE):
            parts.append([])
        parts[-1].append(word)
    return [part for part in parts if part]


def break_cost(left: SpokenWord, right: SpokenWord) -> float:
    """How much a break between two words disturbs."""
    if left.ends_sentence:
        return 0.0
    if left.ends_clause:
        return _CLAUSE
    if right.start - left.end >= PAUSE:
        return _PAUSED
    before, after = left.text.casefold().lstrip("\"'“‘«(["), right.plain
    if before in _LEANS or before.replace(",", "").isdigit():
        return _TOGETHER
    name = left.text[:1].isupper() and right.text[:1].isupper() and after != "i"
    if name:
        return _TOGETHER
    if after in _JOINTS:
        return _JOINT
    return _WORDS if right.start - left.end < _BREATH else _JOINT


def _divided(
    words: Sequence[SpokenWord],
    max_chars: int,
    max_lines: int,
    max_speed: float,
    until: Fraction | None,
) -> list[Cue]:
    count = len(words)
    best: list[tuple[float, int, list[int]]] = [(0.0, 0, [])]
    for end in range(1, count + 1):
        options = []
        after = words[end].start if end < count else words[-1].end + _STAYS
        after = after if until is None else min(after, until)
        for begin in range(end - 1, -1, -1):
            size = sum(len(word.text) + 1 for word in words[begin:end]) - 1
            if end - begin > 1 and size > max_chars * max_lines + max_lines - 1:
                break
            lines = _lines(words[begin:end], max_chars, max_lines)
            if lines is None:
                continue
            inside, breaks = lines
            cost = best[begin][0] + _CUE + inside
            if end < count:
                cost += break_cost(words[end - 1], words[end])
            shown = float(min(after, words[end - 1].end + _STAYS) - words[begin].start)
            cost += _FAST * max(size / max(shown, 0.05) - max_speed, 0) / max_speed
            cost += _FLASH * max(1 - shown, 0)
            cost += _FLASH * max(shown - float(_LONGEST), 0)
            options.append((cost, begin, breaks))
        best.append(min(options))
    found: list[Cue] = []
    end = count
    while end:
        _, begin, breaks = best[end]
        found.append(_cue(words[begin:end], breaks))
        end = begin
    return found[::-1]


def _lines(
    words: Sequence[SpokenWord], max_chars: int, max_lines: int
) -> tuple[float, list[int]] | None:
    """The cost of the best lines of a cue, and before which words they break; None if the words
    do not fit."""
    sizes = [len(word.text) for word in words]
    if sum(sizes) + len(sizes) - 1 <= max_chars or len(words) == 1:
        return 0.0, []
    count = len(words)
    # rows[k][e]: the best division of the first e words into k lines
    rows: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _ in range(max_lines):
        row: dict[int, tuple[float, int]] = {}
        for end in range(1, count + 1):
            size = -1
            for begin in range(end - 1, -1, -1):
                size += sizes[begin] + 1
                if size > max_chars and end - begin > 1:
                    break
                if begin not in rows[-1]:
                    continue
                cost = rows[-1][begin][0] + _UNEVEN * (1 - min(size / max_chars, 1)) ** 2
                if begin:
                    cost += break_cost(words[begin - 1], words[begin])
                if end not in row or cost < row[end][0]:
                    row[end] = (cost, begin)
        rows.append(row)
    used = [k for k in range(1, len(rows)) if count in rows[k]]
    if not used:
        return None
    chosen = min(used, key=lambda k: rows[k][count][0])
    cost, end, breaks = rows[chosen][count][0], count, []
    for k in range(chosen, 0, -1):
        end = rows[k][end][1]
        if end:
            breaks.append(end)
    return cost, breaks[::-1]


def _cue(words: Sequence[SpokenWord], breaks: Sequence[int]) -> Cue:
    text, marks = "", []
    for index, word in enumerate(words):
        if index:
            text += "\n" if index in breaks else " "
        marks.append(Word(len(text), word.start))
        text += word.text
    return Cue(words[0].start, words[-1].end, text, words=tuple(marks))


def _shown(cues: Sequence[Cue], max_speed: float, until: Fraction | None) -> list[Cue]:
    """Cues that stay as long as it takes to read them, if the next one lets them."""
    made: list[Cue] = []
    for cue, after in pairwise([*cues, None]):
        assert cue is not None
        needed = max(_SHORTEST, Fraction(letters(cue.text)) / Fraction(max_speed))
        end = max(cue.end, min(cue.start + needed, cue.end + _STAYS))
        if after is not None:
            end = min(end, after.start)
        if until is not None:
            end = min(end, max(until, cue.end))
        made.append(Cue(cue.start, max(end, cue.start), cue.text, words=cue.words))
    return made
