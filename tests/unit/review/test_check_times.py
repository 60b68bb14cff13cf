"""Where checks put what they find, and how they count it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.planted_films import Planted, noise
from vedc.edit.media_info import AudioInfo, MediaInfo
from vedc.review.check.catalogue import limits
from vedc.review.check.core.check import Film, Sound
from vedc.review.check.picture.stillness import ordinal
from vedc.review.check.sound.silence import SILENCE


def test_repeats_are_counted_in_english() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th", "112th",
    ]  # fmt: skip


def test_silence_is_timed_by_samples() -> None:
    """22.05 kHz has no whole number of samples in 10 ms: after a minute that is 0.14 s."""
    rate, length = 22050, Fraction(64)
    audio = AudioInfo(rate, 1, "mono", "pcm_s16le", Fraction(0), length)
    media = MediaInfo("a.wav", 1, 1, "audio", "wav", length, None, audio)
    watcher = SILENCE.watch(Film("a.wav", media, limits()))
    samples = np.full((1, rate * 64), 0.1, np.float32)
    samples[:, rate * 60 : rate * 63] = 0
    for first in range(0, samples.shape[1], rate):
        watcher.push(Sound(first, samples[:, first : first + rate], rate))
    (found,) = watcher.finish()
    assert found.start is not None and abs(found.start - 60) < 0.02
    assert found.end is not None and abs(found.end - 63) < 0.02


@pytest.mark.parametrize("seconds", [2.0, 3.1, 3.3, 4.0])
def test_short_sound_of_one_level_has_no_loudness_range(seconds: float) -> None:
    made = Planted(pictures=None, samples=noise(seconds), given=["loudness.range=5"]).check()
    measured = made.measured["loudness_range"]
    assert measured is not None and measured < 0.5
    assert not [each for each in made.findings if each.check == "loudness"]
