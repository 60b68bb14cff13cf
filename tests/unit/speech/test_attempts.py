"""Sounds that are made twice in a row, and sounds that are held."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pytest

from vedc.decide.words.alignment.attempts import HOP, Attempt, Sounds

RATE = 16_000
#: Two resonances for each sound of a made-up language, in Hz.
SOUNDS = {"a": (700, 1200), "i": (300, 2300), "u": (320, 800), "e": (500, 1800), "o": (450, 900)}


def spoken(text: str, seed: int = 0) -> np.ndarray[Any, Any]:
    """Vowels of 120 ms each, with gaps of 100 ms for spaces; pitch and level vary from one to the
    next. Repeated letters make one longer sound."""
    rng = np.random.default_rng(seed)
    parts: list[np.ndarray[Any, Any]] = [np.zeros(RATE // 4)]
    for letter, run in groupby(text):
        if letter == " ":
            parts.append(np.zeros(RATE // 10))
            continue
        times = np.arange(RATE * 12 * len(list(run)) // 100) / RATE
        pitch = 120 * (1 + 0.04 * rng.standard_normal())
        wave = np.zeros(len(times))
        for k in range(1, 30):
            gain = sum(1 / (1 + ((k * pitch - f) / 90) ** 2) for f in SOUNDS[letter])
            wave += gain * np.sin(2 * np.pi * k * pitch * times)
        parts.append(wave * (0.1 + 0.02 * rng.random()))
    parts.append(np.zeros(RATE // 4))
    whole = np.concatenate(parts)
    return (whole + 1e-4 * rng.standard_normal(len(whole))).astype(np.float32)


def heard(samples: np.ndarray[Any, Any]) -> Sounds:
    whole = samples[: len(samples) // HOP * HOP]
    powers = np.square(whole.reshape(-1, HOP)).mean(axis=1)
    return Sounds(lambda first, end: whole[first * HOP : end * HOP], powers)


def at(text: str, index: int) -> int:
    """The frame at which a letter begins."""
    return 25 + sum(10 if each == " " else 12 for each in text[:index])


def near(found: Sequence[Attempt], first: int, end: int) -> bool:
    return len(found) == 1 and abs(found[0].first - first) <= 3 and abs(found[0].end - end) <= 3


TALK = "aieuo eaiou"


@pytest.mark.parametrize("attempt", ["uiea", "iuaeoi"])
def test_what_is_said_once_more_is_found(attempt: str) -> None:
    text = f"{TALK} {attempt} {attempt}oae iaeuoi ouaie"
    (begin,) = [len(TALK) + 1]
    found = heard(spoken(text)).attempts()
    assert near(found, at(text, begin), at(text, begin + len(attempt)))
    assert abs(found[0].again - at(text, begin + len(attempt) + 1)) <= 3


def test_what_is_said_once_is_not() -> None:
    assert heard(spoken(f"{TALK} uieao iuaeo oaeui euaoi ieuoa")).attempts() == []


def test_a_sound_that_lasts_is_held_and_words_are_not() -> None:
    text = f"{TALK} aaa uieao iuaeo"
    (held,) = heard(spoken(text)).held()
    assert abs(held.first - at(text, 12)) <= 3 and abs(held.end - at(text, 15)) <= 3
    assert held.again == held.until == held.end


def test_silence_has_nothing() -> None:
    sounds = heard(np.zeros(RATE, np.float32))
    assert sounds.attempts() == [] and sounds.held() == []
    assert heard(np.zeros(0, np.float32)).attempts() == []
