"""A speech model's text that is followed, or cannot be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vedc.captions.spoken import SpokenWord
from vedc.decide.words import followed
from vedc.errors import RenderError

WORDS = (SpokenWord("We", Fraction(1), Fraction(2)), SpokenWord("can.", Fraction(3), Fraction(4)))
ASIDE = SpokenWord("um", Fraction(2), Fraction(3), aside=True)


class Heard:
    """A speech model that hears two words."""

    language = "en"

    def __init__(self, *_: Any) -> None: ...

    def push(self, voice: Any) -> None: ...

    def finish(self) -> tuple[SpokenWord, ...]:
        return WORDS


class Follows:
    """An aligner that finds a hesitation beside the words it is given, and loses the way later."""

    unsearched = ((Fraction(3), Fraction(4)),)

    def __init__(self, script: Any, start: Fraction, file: str, asides: bool) -> None:
        assert [word.text for word in script] == ["We", "can."] and asides

    def push(self, voice: Any) -> None: ...

    def finish(self) -> tuple[SpokenWord, ...]:
        return WORDS[0], ASIDE, WORDS[1]


class Lost(Follows):
    """One that finds no way at all."""

    def finish(self) -> tuple[SpokenWord, ...]:
        raise RenderError.one("script-unlike-speech", "it does not follow")


@pytest.mark.parametrize(
    ("aligner", "language", "words", "unsearched"),
    [
        (Follows, "en", (WORDS[0], ASIDE, WORDS[1]), Follows.unsearched),
        (Lost, "en", WORDS, ((Fraction(1), Fraction(4)),)),
        (Follows, "de", WORDS, ((Fraction(1), Fraction(4)),)),
    ],
)
def test_what_could_not_be_searched_is_recorded(
    monkeypatch: pytest.MonkeyPatch, aligner: type, language: str, words: Any, unsearched: Any
) -> None:
    monkeypatch.setattr(followed, "need_pocketsphinx", lambda: None)
    monkeypatch.setattr(followed, "Recogniser", Heard)
    monkeypatch.setattr(followed, "Aligner", aligner)
    monkeypatch.setattr(Heard, "language", language)
    engine = followed.Followed(Path(), language, Fraction(0), "a.wav")
    engine.push(np.zeros(16_000, np.float32))
    assert engine.finish() == words and engine.unsearched == unsearched
