"""The division of long recordings into sections."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from vedc.decide.words.alignment.attempts import Attempt
from vedc.decide.words.alignment.path import Part, joined, within
from vedc.decide.words.alignment.sections import Section, sections

MINUTE = 6000


def an_outline(seed: int, minutes: int) -> list[Part]:
    """Words and pauses, with a stretch without pauses."""
    rng = random.Random(seed)
    made: list[Part] = []
    at = form = 0
    while at < minutes * MINUTE - 300:
        if rng.random() < 0.25 and not 5000 < at < 11000:
            rest = rng.randrange(5, 150)
            made.append(Part(at, at + rest, 1.0, None, ""))
            at += rest
        length = rng.randrange(15, 60)
        made.append(Part(at, at + length, 1.0, form, "word"))
        at, form = at + length, form + 1
    return [*made, Part(at, minutes * MINUTE, 1.0, None, "")]


@pytest.mark.parametrize("seed", range(10))
def test_sections_meet_between_words_and_have_all_of_them(seed: int) -> None:
    outline = an_outline(seed, 4)
    found = sections(4 * MINUTE, outline)
    assert (found[0].first, found[0].at, found[-1].end) == (0, 0, 4 * MINUTE)
    words = [part for part in outline if part.form is not None]
    assert found[-1].until == len(words) and len(found) > 6
    for one, after in pairwise(found):
        assert (one.end, one.until) == (after.first, after.at)
        assert 1500 <= one.end - one.first <= 3000
        assert all(part.end <= one.end for part in words[: one.until])
        assert all(part.first >= one.end for part in words[one.until :])
    path = joined(part for each in found for part in within(outline, each.first, each.end))
    assert [(part.first, part.end, part.form) for part in path] == [
        (part.first, part.end, part.form) for part in outline
    ]
    assert sum(part.far for part in path) == pytest.approx(len(outline))


def test_a_short_recording_is_one_section() -> None:
    outline = [Part(0, 30, 1.0, 0, "word"), Part(30, 4500, 1.0, None, "")]
    assert sections(4500, outline) == [Section(0, 4500, 0, 1)]


def test_of_all_pauses_the_longest() -> None:
    lengths = {1600: 40, 2000: 90, 2900: 60}
    outline = [Part(0, 1600, 1.0, 0, "a")]
    for (first, length), end in zip(lengths.items(), (2000, 2900, 6000), strict=True):
        outline.append(Part(first, first + length, 1.0, None, ""))
        outline.append(Part(first + length, end, 1.0, len(outline) // 2, "b"))
    assert sections(6000, outline) == [Section(0, 2045, 0, 2), Section(2045, 6000, 2, 4)]


def test_none_between_an_attempt_and_what_is_said_again() -> None:
    outline = [Part(0, 1900, 1.0, 0, "a"), Part(1900, 2000, 1.0, None, "")]
    outline += [Part(2000, 2500, 1.0, 1, "b"), Part(2500, 2520, 1.0, None, "")]
    outline += [Part(2520, 6000, 1.0, 2, "c")]
    assert sections(6000, outline)[0] == Section(0, 1950, 0, 1)
    assert sections(6000, outline, [Attempt(1500, 1900, 2000, 2400)])[0].end == 2510


def test_a_word_that_never_ends_is_divided() -> None:
    assert [each.end for each in sections(7000, [Part(0, 7000, 1.0, 0, "a")])] == [3000, 7000]
