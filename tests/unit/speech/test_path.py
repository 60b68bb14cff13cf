"""The words of a script that the words of a path stand for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from vedc.captions.spoken import SpokenWord
from vedc.decide.words.alignment import asides, sentences
from vedc.decide.words.alignment.script import read_script
from vedc.decide.words.script_check import left_out


@dataclass
class Segment:
    """A segment as returned by PocketSphinx."""

    word: str
    start_frame: int
    end_frame: int
    ascore: float = 0.5


class Decoder:
    """A stand-in with a fixed path that records the grammar it is given."""

    def __init__(self, text: str = "") -> None:
        self.segments = [Segment(w, 10 * n, 10 * n + 9) for n, w in enumerate(text.split())]
        self.steps: list[Any] = []

    def seg(self) -> list[Segment]:
        return self.segments

    def create_fsg(self, name: str, first: int, last: int, steps: list[Any]) -> None:
        self.first, self.last, self.steps = first, last, steps

    def add_fsg(self, name: str, grammar: None) -> None: ...

    def activate_search(self, name: str) -> None: ...


def places(said: str, script: str, before: int = 0) -> list[int | None] | None:
    found = asides.path(Decoder(said), script.split(), before)
    return None if found is None else [part.form for part in found]


def test_words_follow_each_other() -> None:
    assert places("we(2) fixed <sil> ++um this", "we fixed this") == [0, 1, None, None, 2]
    found = asides.path(Decoder("<sil> ++um(3) fixed(2)"), ["fixed"])
    assert found is not None and [part.text for part in found] == ["", "um", "fixed"]
    assert [part.pause for part in found] == [True, False, False]


def test_a_speaker_goes_back() -> None:
    assert places("we fixed we fixed this", "we fixed this") == [0, 1, 0, 1, 2]


def test_of_two_places_the_one_from_which_the_end_is_reached() -> None:
    # going on in the script, the second "the" would be its fourth word, and no path would follow
    assert places("the cat the cat and the dog", "the cat and the dog") == [0, 1, 0, 1, 2, 3, 4]
    assert places("a b a b a c", "a b a c") == [0, 1, 0, 1, 2, 3]


def test_what_no_way_explains_is_lost() -> None:
    assert places("we this", "we fixed this") is None
    assert places("we fixed", "we fixed this") is None
    far = " ".join(f"w{n}" for n in range(12))
    assert places(f"{far} w2", far) is None
    assert places("", "") == []


def test_a_section_begins_within_the_script() -> None:
    script = "a b c d"
    assert places("c d", script, 2) == [2, 3]
    assert places("b c d", script, 2) == [1, 2, 3]
    assert places("c", script, 2) is None


SCRIPT = read_script("We fixed this. Thank you! Mr. Smith knows why. Thank you, all.")
FORMS = [[word.text.strip(".,!").lower()] for word in SCRIPT]
FLAT = [form for forms in FORMS for form in forms]
ENDS = [3, 5, 9, 12]


def test_sentences_end_where_punctuation_says() -> None:
    assert sentences.sentence_ends(SCRIPT, FORMS) == ENDS
    assert sentences.sentence_ends(SCRIPT[:2], FORMS[:2]) == [2]
    assert sentences.sentence_ends(SCRIPT[:4], FORMS[:4]) == [3, 4]
    two = [["first", "second"], ["this"]]
    assert sentences.sentence_ends(read_script("1.2 this."), two) == [3]


@pytest.mark.parametrize(
    ("said", "forms"),
    [
        ("we fixed this thank you mr smith knows why thank you all", range(12)),
        ("we fixed this mr smith knows why thank you all", [*range(3), *range(5, 12)]),
        ("we fixed this thank you mr smith knows why", range(9)),
        ("we fixed this thank you all", [*range(3), *range(9, 12)]),
        ("thank you <sil> mr smith knows why", range(3, 9)),
        ("we fixed this mr knows why", None),
        ("we fixed this", None),
        ("", None),
    ],
)
def test_the_outline_has_whole_sentences(said: str, forms: Any) -> None:
    found = sentences.outline(Decoder(said), FLAT, ENDS)
    numbers = None if found is None else [p.form for p in found if p.form is not None]
    assert numbers == (None if forms is None else list(forms))


def sayable(decoder: Decoder, state: int, said: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """All word sequences that a grammar allows, by paths without two empty steps in a row."""
    found = {said} if state == decoder.last else set()
    for _, to, _, *word in (step for step in decoder.steps if step[0] == state):
        if word:
            found |= sayable(decoder, to, (*said, *word))
            continue
        found |= {said} if to == decoder.last else set()
        for _, after, _, *words in (step for step in decoder.steps if step[0] == to):
            assert words or to == decoder.last, "an empty step follows an empty one"
            if words:
                found |= sayable(decoder, after, (*said, *words))
    return found


def test_the_grammar_lets_three_sentences_in_a_row_be_left_out() -> None:
    decoder = Decoder()
    sentences.follow_sentences(decoder, list("abcdef"), [1, 3, 4, 5, 6])
    found = {"".join(words) for words in sayable(decoder, decoder.first)}
    assert {"abcdef", "bcdef", "adef", "aef", "af", "abc", "bcef"} <= found
    assert "" not in found and "a" not in found and "f" not in found
    assert not [text for text in found if ("b" in text) != ("c" in text)]
    least = min(step[2] for step in decoder.steps)
    assert least == pytest.approx(1e-120) and max(step[2] for step in decoder.steps) == 1.0


def words(text: str) -> list[SpokenWord]:
    at = Fraction(0)
    return [SpokenWord(word, at, at, aside=word == "um") for word in text.split()]


def test_what_nobody_says_is_named() -> None:
    script = read_script("We fixed this. Thank you! Mr. Smith knows why.")
    assert left_out(script, words("We fixed um this. Thank you! Mr. Smith knows why.")) == []
    assert left_out(script, words("We fixed this. Mr. Smith knows why.")) == ["Thank you!"]
    corrected = words("We mended this. Thank you! Mr. Smith knows why.")
    assert left_out(script, corrected) == []
