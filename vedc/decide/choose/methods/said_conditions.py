"""Texts in conditions: an error if nobody says them, with the most similar text that is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from vedc.captions.said import Text, tokens
from vedc.captions.spoken import SpokenWord, Words
from vedc.errors import Problem, SourceLocation, SpecError
from vedc.lang.keys.conditions import Condition

#: A source's id, its usable range, and its words.
Spoken = tuple[str, Fraction, Fraction, Words]


def check_said(condition: Condition, sources: Sequence[Spoken]) -> None:
    """Raise SpecError ``not-said`` for each text that is said in none of the sources."""
    problems = []
    for text, location in _texts(condition):
        texts = [(name, Text(_within(words, low, high))) for name, low, high, words in sources]
        if not any(each.places(text) for _, each in texts):
            problems.append(not_said(text, texts, location))
    if problems:
        raise SpecError(tuple(problems))


def _texts(condition: Condition) -> Iterator[tuple[str, SourceLocation | None]]:
    for text in condition.said:
        yield text, condition.location
    for part in condition.parts:
        yield from _texts(part)


def _within(words: Words, low: Fraction, high: Fraction) -> list[SpokenWord]:
    return [word for word in words if low <= (word.start + word.end) / 2 < high]


def not_said(
    text: str, texts: Sequence[tuple[str, Text]], location: SourceLocation | None
) -> Problem:
    """The problem of a text that nobody says. ``texts``: what is said, by the name of the file."""
    names = ", ".join(name for name, _ in texts)
    message = f'"{text}" is not said in {names}'
    if not tokens(text):
        message, hint = f'"{text}" has no words', "write what is said"
        return Problem("not-said", message, location, hint)
    for name, each in texts:
        if (near := each.nearest(text)) is not None:
            hint = f"what is most like it is {each.quoted(near)}"
            if len(texts) > 1:
                hint += f" of {name}"
            return Problem("not-said", message, location, hint)
    hint = "vedc words FILE prints what is said"
    return Problem("not-said", message, location, hint)
