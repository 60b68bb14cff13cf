"""Words of a path that are too short or too long to have been said."""

from __future__ import annotations

import numpy as np

from vedc.decide.words.alignment.path import Part
from vedc.decide.words.alignment.plausible import exchanged, given_back, parted, usual_lengths

#: The number of sounds in four spoken forms, and the frames per sound.
SOUNDS, PACE = (2, 3, 5, 2), 8


def word(form: int, first: int, end: int) -> Part:
    return Part(first, end, 3.0 * (end - first), form, f"w{form}")


def hesitation(first: int, end: int) -> Part:
    return Part(first, end, 3.0 * (end - first), None, "um")


def pause(first: int, end: int) -> Part:
    return Part(first, end, 0.0, None, "")


def test_usual_lengths_follow_the_speaker() -> None:
    found = [word(0, 0, 16), word(1, 16, 40), pause(40, 90), word(2, 90, 130), word(3, 130, 134)]
    assert usual_lengths(found, SOUNDS) == [16, 24, 40, 16]


def test_a_hesitation_beside_a_word_that_is_too_short_is_that_word() -> None:
    usual = [16.0, 24.0, 40.0, 16.0]
    found = [word(0, 0, 16), pause(16, 30), hesitation(30, 48), word(1, 48, 54), word(2, 54, 94)]
    made = given_back(found, usual)
    assert [(p.form, p.first, p.end) for p in made] == [
        (0, 0, 16), (None, 16, 30), (1, 30, 54), (2, 54, 94),
    ]  # fmt: skip
    apart = [word(0, 0, 6), pause(6, 40), hesitation(40, 70), pause(70, 90), word(1, 90, 114)]
    assert given_back(apart, usual) == apart


def test_a_word_that_lasts_through_a_pause_is_parted_there() -> None:
    usual = [16.0, 24.0, 40.0, 16.0]
    powers = np.full(120, 1e-2, np.float32)
    powers[40:52] = 1e-7
    made = parted([word(0, 8, 70), word(1, 70, 94)], usual, powers)
    assert [(p.form, p.text, p.first, p.end) for p in made] == [
        (None, "um", 8, 40), (None, "", 40, 52), (0, "w0", 52, 70), (1, "w1", 70, 94),
    ]  # fmt: skip
    even = np.full(120, 1e-2, np.float32)  # a word that is only drawn out
    assert parted([word(0, 8, 70)], usual, even) == [word(0, 8, 70)]


def test_a_word_that_is_too_long_is_exchanged_for_a_hesitation_of_its_length() -> None:
    usual = [16.0, 24.0, 40.0, 16.0]
    found = [word(1, 0, 24), hesitation(24, 42), pause(42, 50), word(0, 50, 90), word(2, 90, 130)]
    made = exchanged(found, usual)
    assert [(p.form, p.first, p.end) for p in made] == [
        (1, 0, 24), (0, 24, 42), (None, 42, 50), (None, 50, 90), (2, 90, 130),
    ]  # fmt: skip
    assert made[3].text == "um"
    usually = [*found[:3], word(0, 50, 68), word(2, 68, 108)]
    assert exchanged(usually, usual) == usually
