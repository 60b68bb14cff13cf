"""Peaks between samples, and loudness as it is stored."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from vedc.audio.limiter import Overload, limit
from vedc.audio.loudness import Normalised
from vedc.audio.meter import Loudness
from vedc.audio.report import SoundReport
from vedc.audio.signal.true_peak import true_peaks
from vedc.edit.sounds import LoudnessTarget

RATE = 48000


def swelling(hertz: float, phase: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A tone of amplitude 1 that fades in and out slowly."""
    t = np.arange(2 * RATE) / RATE
    tone = np.sin(math.pi * t / 2) ** 2 * np.sin(2 * math.pi * hertz * t + phase)
    return np.tile(tone.astype(np.float32), (2, 1))


@pytest.mark.parametrize("hertz", [997.0, 12000.0, 17990.0])
def test_the_peak_of_a_tone_between_samples(hertz: float) -> None:
    sound = swelling(hertz, math.pi / 4)
    blocks = [sound[:, at : at + 7001] for at in range(0, sound.shape[1], 7001)]
    levels = np.concatenate([level for _, level in true_peaks(blocks, 1.0)])
    assert levels.size == sound.shape[1]
    # Four times 48 kHz leaves at most 0.17 dB of a tone at 12 kHz, and 0.39 dB at 18 kHz.
    assert 20 * math.log10(levels.max()) == pytest.approx(0, abs=0.4)
    assert levels.max() >= np.abs(sound).max() - 1e-6
    # How the sound is divided makes no difference where it is loud.
    (level,) = [level for _, level in true_peaks([sound], 1.0)]
    loud = slice(RATE // 2, -RATE // 2)
    np.testing.assert_allclose(levels[loud], level[loud], atol=1e-12)


def test_the_limiter_keeps_a_true_peak() -> None:
    sound = swelling(12000.0, math.pi / 4)
    assert np.abs(sound).max() < 0.71
    ceiling, overload = 10 ** (-3 / 20), Overload(RATE)
    blocks = [sound[:, at : at + RATE] for at in range(0, sound.shape[1], RATE)]
    lowered = list(limit(blocks, RATE, overload, ceiling))
    highest = max(level.max() for _, level in true_peaks(lowered, ceiling))
    assert 20 * math.log10(highest) == pytest.approx(-3, abs=0.02)
    assert overload.places and 20 * math.log10(overload.peak) == pytest.approx(3, abs=0.2)


def test_a_stored_loudness_is_read_back() -> None:
    report = SoundReport(Overload(RATE))
    target = LoudnessTarget(-14.0, -1.0, 7.0)
    peaks = Overload(RATE, [(100, 200)], 1.5)
    report.loudness = Normalised(
        target, Loudness(-20.0, 9.0, -3.0), 6.0, Loudness(-14.0, 7.0, -1.0), True, peaks
    )
    again = SoundReport.from_meta(json.loads(json.dumps(report.to_meta())))
    assert again.notes() == report.notes() and again.texts() == []
    (line,) = report.notes()
    assert line == (
        "the loudness of the mix is -20.0 LUFS; it is raised by 6.0 dB to -14.0 LUFS with a true "
        "peak of -1.0 dBTP, and its range is narrowed from 9.0 to 7.0 LU; peaks are lowered by up "
        "to 3.5 dB at 0:00.0"
    )
    for broken in (None, {}, {"loudness": 3}, {"loudness": {"target": {"integrated": "x"}}}):
        assert SoundReport.from_meta(broken).loudness is None


def test_silence_has_no_loudness() -> None:
    silent = Loudness(-70.0, 0.0, -math.inf)
    report = SoundReport(Overload(RATE))
    report.loudness = Normalised(LoudnessTarget(-14.0), silent, 0.0, silent)
    json.dumps(report.to_meta(), allow_nan=False)
    assert [code for code, _, _ in report.texts()] == ["loudness-unknown"]
