"""Words as captions: where cues and lines end, and how long each is shown.

A cue ends where a phrase does, and so does a line, if that is possible within its length. Of all
ways to divide a talk, the one of least cost is chosen (dynamic programming): a break after a
sentence costs nothing, one between words that belong together (``the | laboratory``) most. The
rules are those of Karamitroglou, "A Proposed Set of Subtitling Standards in Europe" (1998).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from vedc.captions.spoken import PAUSE, SpokenWord
from vedc.edit.captions import Cue, Word
from vedc.edit.timecode import brief
from vedc.errors import shorten

#: Letters of a line, lines of a cue, and letters a second that can be read, by default.
MAX_CHARS: Final = 42
MAX_LINES: Final = 2
MAX_SPEED: Final = 20
#: Seconds of a cue: less is a flash, more is read twice.
_SHORTEST, _LONGEST = Fraction(1), Fraction(7)
#: Seconds after the last word for which a cue counts as shown, where its length is judged.
_STAYS: Final = Fraction(3, 2)
#: Seconds assumed free after the last word, where their end is unknown.
_FREE: Final = Fraction(10)
#: Costs: of a cue, of a break by what it divides, of a letter a second too many, of a flash.
_CUE, _PAUSED, _CLAUSE, _JOINT, _WORDS, _TOGETHER = 2.0, 0.5, 0.5, 2.0, 5.0, 60.0
#: The cost of a line break relative to a cue break: both of its sides are seen at once.
_LINE: Final = 0.5
#: The cost of a cue that has the end of a sentence inside, and a part of another one.
_MIXED: Final = 1.5
_FAST, _FLASH, _UNEVEN = 40.0, 3.0, 1.0
_BREATH: Final = Fraction(1, 4)

#: Words that begin a part of a sentence, so that a line may end before them.
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
#: Words that belong to the word after them.
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

    A word longer than ``max_chars`` is broken with a hyphen. :func:`too_fast` finds cues that are
    spoken faster than they can be read, where the next cue leaves no time.
    """
    found: list[Cue] = []
    for part in _apart([piece for word in words for piece in _pieces(word, max_chars)]):
        found += _divided(part, max_chars, max_lines, max_speed, until)
    return _shown(found, max_speed, until)


def too_fast(cue: Cue, max_speed: float = MAX_SPEED) -> bool:
    """Whether a cue has more letters than can be read while it is shown."""
    return letters(cue.text) > max_speed * (cue.end - cue.start)


def reading_speed(cue: Cue) -> float:
    """Letters a second."""
    length = float(cue.end - cue.start)
    return letters(cue.text) / length if length else math.inf


def too_fast_message(cues: Iterable[Cue]) -> str:
    """A line about cues that are too fast, naming the fastest; empty if there are none."""
    fast = sorted(filter(too_fast, cues), key=reading_speed, reverse=True)
    if not fast:
        return ""
    cue, *others = fast
    name = shorten(" ".join(cue.text.split()), 40)
    message = f"{name!r} at {brief(cue.start)} is said at {reading_speed(cue):.0f} letters a second"
    message += f", and {MAX_SPEED} can be read"
    if others:
        many = "another caption is" if len(others) == 1 else f"{len(others)} other captions are"
        message += f"; {many} too fast, too"
    return message


def letters(text: str) -> int:
    """Characters of a caption as reading speed counts them: without line breaks and combining
    marks, and with wide characters (Chinese, Japanese, Korean) as two."""
    visible = "".join(text.splitlines())
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in visible
    )


def _pieces(word: SpokenWord, most: int) -> list[SpokenWord]:
    """A word in pieces of at most ``most`` letters, each with its share of the time."""
    count = len(word.text)
    if count <= most:
        return [word]
    found: list[SpokenWord] = []
    at = 0
    while at < count:
        end = count if count - at <= most else at + most - 1
        text = word.text[at:end] + ("" if end == count else "-")
        begin, until = (
            word.start + (word.end - word.start) * Fraction(place, count) for place in (at, end)
        )
        found.append(replace(word, text=text, start=begin, end=until))
        at = end
    return found


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
    if left.text[-1:] == "-" and left.end == right.start:  # pieces of a word
        return _TOGETHER
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
        after = words[end].start if end < count else words[-1].end + _FREE
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
            cost += _MIXED * _mixed(words, begin, end)
            room = float(after - words[begin].start)
            shown = float(min(after, words[end - 1].end + _STAYS) - words[begin].start)
            cost += _FAST * max(size / max(room, 0.05) - max_speed, 0) / max_speed
            cost += _FLASH * max(1 - room, 0)
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


def _mixed(words: Sequence[SpokenWord], begin: int, end: int) -> int:
    """How many incomplete sentences share a cue with the end of another one."""
    last = words[end - 1].ends_sentence
    ends = sum(word.ends_sentence for word in words[begin : end - 1])
    if not ends:
        return 0
    return int(begin > 0 and not words[begin - 1].ends_sentence) + int(
        not last and end < len(words)
    )


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
                    broken = break_cost(words[begin - 1], words[begin])
                    cost += broken * (1 if broken >= _TOGETHER else _LINE)
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
        end = max(cue.end, cue.start + needed)
        if after is not None:
            end = min(end, after.start)
        if until is not None:
            end = min(end, max(until, cue.end))
        made.append(Cue(cue.start, max(end, cue.start), cue.text, words=cue.words))
    return made
