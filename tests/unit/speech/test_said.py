"""Searching texts in spoken words, and words as lines of the lock."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vedc.captions.said import Place, Text, hesitates, tokens
from vedc.captions.spoken import SpokenWord
from vedc.captions.spoken_text import read_words, written


def words(text: str) -> list[SpokenWord]:
    """Words of a third of a second each; those in brackets are asides."""
    found = []
    for number, each in enumerate(text.split()):
        start = Fraction(number, 2)
        bare = each.strip("[]").replace("_", " ")
        found.append(SpokenWord(bare, start, start + Fraction(1, 3), aside=each[0] == "["))
    return found


def test_case_and_punctuation_do_not_matter() -> None:
    text = Text(words("“We FIXED this,” she said: it’s twenty-one."))
    assert text.places("we fixed this") == [Place(0, 3)]
    assert text.places("It's twenty one!") == [Place(5, 7)]
    assert text.places("twenty") == []  # part of a word does not match
    assert tokens("Don’t — stop…") == ["don't", "stop"]


def test_every_place_is_found_and_none_overlaps_another() -> None:
    text = Text(words("no no no no thank you and thank you"))
    assert text.places("no no") == [Place(0, 2), Place(2, 4)]
    assert text.places("thank you", first=5) == [Place(7, 9)]


def test_what_is_said_beside_the_text_does_not_part_it() -> None:
    said = words("we [um] fixed [fixed] this")
    assert Text(said).places("we fixed this") == [Place(0, 5)]
    assert Text(said, asides=True).places("um") == [Place(1, 2)]
    assert Text(said).places("um") == []


def test_the_nearest_phrase_is_told() -> None:
    text = Text(words("In the third quarter we fixed these problems at once"))
    near = text.nearest("we fixed this problem")
    assert near is not None and text.quoted(near) == '"we fixed these problems" at 0:02.00'
    assert text.nearest("zebra") is None


@pytest.mark.parametrize("word", ["um", "umm", "uhm", "uh", "uhh", "er", "erm", "hmm", "mm", "ah"])
def test_hesitations_however_they_are_written(word: str) -> None:
    assert hesitates(word)


@pytest.mark.parametrize("word", ["hum", "user", "ahead", "me", "a", "here", "am", "", "h"])
def test_words_are_no_hesitations(word: str) -> None:
    assert not hesitates(word)


def test_asides_are_written_in_brackets() -> None:
    said = [
        SpokenWord("um", Fraction(1), Fraction(3, 2), 0.9, aside=True),
        SpokenWord("New York", Fraction(2), Fraction(3), 0.2, aside=True),
        SpokenWord("works", Fraction(3), Fraction(4)),
    ]
    say, times = written(said)
    assert say == "[um] [New_York](?) works"
    read = read_words(say, times)
    assert [(w.text, w.aside, w.certain) for w in read] == [
        (w.text, w.aside, w.certain) for w in said
    ]
    assert not read_words("[]", "1-2")[0].aside
