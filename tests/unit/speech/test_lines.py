"""Captions made from words: their lines, their durations and their files."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.captions.lines import break_cost, caption_cues, letters, too_fast
from vedc.captions.read import parse
from vedc.captions.spoken import SpokenWord, Words, phrases
from vedc.captions.write import Format, write_captions
from vedc.decide.words.search import likeness, search

TALK = (
    "Good morning, everyone. The new laboratory will open in the next quarter, and the machines "
    "for it have been ordered. We fixed the problem that Dr. Smith found, because it came back "
    "every week. I think that it will not return. Thank you very much for your attention!"
)


def spoken(text: str, speed: float = 14, speaker: str = "") -> tuple[SpokenWord, ...]:
    """A text said at ``speed`` letters a second, with short pauses after sentences."""
    at, made = Fraction(1), []
    for word in text.split():
        length = Fraction(round(len(word) / speed * 100) + 2, 100)
        made.append(SpokenWord(word, at, at + length, speaker=speaker))
        at += length + Fraction(40 if word[-1] in ".!?" else 3, 100)
    return tuple(made)


def test_lines_end_where_phrases_do() -> None:
    cues = caption_cues(spoken(TALK))
    assert next(cue.text for cue in cues).startswith("Good morning, everyone.")
    lines = [line for cue in cues for line in cue.text.split("\n")]
    assert " ".join(lines) == TALK
    for line in lines[:-1]:
        last = line.split()[-1].casefold()
        assert last not in {"the", "a", "in", "for", "of", "dr.", "will", "i", "and", "have"}, lines


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("max_chars", [20, 32, 42])
@pytest.mark.slow
def test_the_limits_hold_for_any_talk(seed: int, max_chars: int) -> None:
    random = Random(seed)
    pool = TALK.split()
    text = " ".join(random.choice(pool) for _ in range(150))
    cues = caption_cues(spoken(text, speed=random.uniform(8, 15)), max_chars)
    assert " ".join(cue.text.replace("\n", " ") for cue in cues) == text
    for cue, after in pairwise(cues):
        assert cue.end <= after.start
    for cue in cues:
        assert all(len(line) <= max_chars for line in cue.text.split("\n"))
        assert cue.text.count("\n") <= 1
        assert not too_fast(cue)
        assert letters(cue.text) <= 20 * (cue.end - cue.start)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text("abcdefgh.,", min_size=1, max_size=60), min_size=1, max_size=30),
    st.integers(10, 60),
)
def test_no_line_is_longer_than_the_limit(parts: list[str], max_chars: int) -> None:
    words = spoken(" ".join(parts))
    for cue in caption_cues(words, max_chars):
        for line in cue.text.split("\n"):
            assert len(line) <= max_chars
        assert [cue.text[mark.offset] for mark in cue.words] == [
            part[0] for part in cue.text.split()
        ]


def test_words_that_belong_together_cost_most_to_part() -> None:
    def cost(left: str, right: str) -> float:
        one = SpokenWord(left, Fraction(0), Fraction(1))
        return break_cost(one, SpokenWord(right, Fraction(1), Fraction(2)))

    assert cost("done.", "We") == 0
    assert cost("done,", "we") < cost("done", "and") < cost("blue", "sky") < cost("the", "sky")
    assert cost("Miss", "Tilney") == cost("20", "machines") == cost("the", "sky")


def test_a_phrase_ends_at_a_sentence_a_pause_or_another_speaker() -> None:
    words = (*spoken("Mr. Hill said so. Yes", speaker="A"), *spoken("no", speaker="B"))
    assert [" ".join(w.text for w in p) for p in phrases(words)] == [
        "Mr. Hill said so.",
        "Yes",
        "no",
    ]
    assert phrases(()) == []


def _times(marks: Sequence[tuple[int, Fraction]]) -> list[tuple[int, Fraction]]:
    return [(offset, Fraction(round(time * 100), 100)) for offset, time in marks]


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
def test_files_are_read_back_as_they_were_written(form: Format) -> None:
    cues = caption_cues(spoken(TALK.replace("it came", "<it> & came")))
    read = parse(write_captions(cues, form).encode(), Path(f"a.{form}")).cues
    assert [cue.text.split() for cue in read] == [
        cue.text.replace("<it>", "" if form == "srt" else "<it>").split() for cue in cues
    ] or form == "srt"
    assert len(read) == len(cues)
    for mine, other in zip(cues, read, strict=True):
        assert abs(mine.start - other.start) <= Fraction(1, 100)
        assert abs(mine.end - other.end) <= Fraction(1, 100)
        if form == "ass":
            assert len(other.words) == len(mine.words)
            assert all(
                abs(a.time - b.time) <= Fraction(2, 100)
                for a, b in zip(mine.words, other.words, strict=True)
            )


def test_plain_text_and_times_of_words() -> None:
    cues = caption_cues(spoken("We fixed this."))
    assert write_captions(cues, "txt") == "We fixed this.\n"
    assert write_captions(cues, "vtt") == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nWe <00:00:01.190>fixed <00:00:01.600>this.\n"
    )


def test_search_forgives_a_misheard_word() -> None:
    found = Words(spoken("They will come in the the next quarter. The next order is small."))
    (hit,) = search(found, "next quarter")
    assert [w.text for w in found.words[hit.first : hit.end]] == ["next", "quarter."]
    assert hit.score == 1.0
    (hit,) = search(found, "in the next quartet")
    assert 0.9 < hit.score < 1 and found.words[hit.end - 1].text == "quarter."
    assert search(found, "previous year") == []
    assert search(Words(), "next") == []
    assert len(search(found, "next")) == 2


def test_likeness_is_the_share_of_letters_that_stay() -> None:
    assert likeness("quarter", "quarter") == 1
    assert likeness("quarter", "quartet") == pytest.approx(6 / 7)
    assert likeness("a", "quarter") == 0


def test_words_of_every_line_are_marked() -> None:
    """Letters after a line break in the text are marked in the second line."""
    import numpy as np

    from vedc.edit.contents import Highlight, Text
    from vedc.text.fonts import default_font
    from vedc.text.highlight import HighlightedText

    text = Text("one\ntwo", fonts=(str(default_font()),), size=20.0, color=(1.0, 1.0, 1.0, 1.0))
    drawn = HighlightedText(text, Highlight((1.0, 0.0, 0.0, 1.0), "word"))
    for start, end, upper in ((0, 3, True), (4, 7, False)):
        bitmap = drawn.at(start, end)
        rgba = np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.height, bitmap.width, 4)
        red = np.flatnonzero(((rgba[..., 0] > 150) & (rgba[..., 1] < 60)).any(axis=1))
        assert len(red) and (red.max() < bitmap.height / 2 + 2) == upper


def test_captions_prefer_whole_sentences() -> None:
    text = (
        "Good morning everyone and thank you for coming. Nobody expected the results "
        "to be this good. Please write to me if you have any questions."
    )
    words, at = [], Fraction(0)
    for word in text.split():
        length = Fraction(len(word), 14)
        at += Fraction(3, 10) if word in ("everyone", "Nobody", "to", "Please") else 0
        words.append(SpokenWord(word, at, at + length))
        at += length
    assert [cue.text for cue in caption_cues(words)] == [
        "Good morning everyone\nand thank you for coming.",
        "Nobody expected the results\nto be this good.",
        "Please write to me\nif you have any questions.",
    ]
