"""The limiter: exact where it is not needed, smooth and below full scale where it is."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from tests.paths import ROOT
from vedc.audio.limiter import ATTACK, HOLD, RELEASE, Overload, limit

Floats = npt.NDArray[np.float32]
RATE = 48000
AHEAD, HELD, FALL = round(ATTACK * RATE), round(HOLD * RATE), 1 / (float(RELEASE) * RATE)


def limited(sound: Floats, *cuts: int, rate: int = RATE) -> tuple[Floats, Overload]:
    """The whole sound, given in blocks that end at ``cuts``."""
    overload = Overload(rate)
    blocks = [sound[:, a:b].copy() for a, b in pairwise((0, *cuts, sound.shape[1]))]
    out = list(limit(iter(blocks), rate, overload))
    assert [block.shape for block in out] == [block.shape for block in blocks]
    assert all(block.dtype == np.float32 for block in out)
    return np.concatenate(out, axis=1), overload


def tone(frequency: float, level: float, seconds: float = 3.0) -> Floats:
    t = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * frequency * t)).astype(np.float32)


def quiet(seconds: float, seed: int = 1, level: float = 0.3, channels: int = 2) -> Floats:
    sound = np.random.default_rng(seed).uniform(-level, level, (channels, round(seconds * RATE)))
    return sound.astype(np.float32)


def test_a_mix_within_full_scale_is_passed_on_untouched() -> None:
    sound = quiet(2.0, level=1.0)
    sound[0, 777], sound[1, 50000] = 1.0, -1.0
    overload = Overload(RATE)
    blocks = [sound[:, :RATE], sound[:, RATE:]]
    for out, block in zip(limit(iter(blocks), RATE, overload), blocks, strict=True):
        assert out is block
    assert not overload.places


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_silence_and_nothing(channels: int) -> None:
    got, overload = limited(np.zeros((channels, 3 * RATE), np.float32), RATE, 2 * RATE)
    assert not got.any() and not overload.places
    assert not list(limit(iter(()), RATE, Overload(RATE)))


def test_only_the_loud_part_is_lowered_and_smoothly() -> None:
    """Two loud clips together for a second: the rest keeps every bit."""
    sound = quiet(6.0)
    sound[:, 2 * RATE : 3 * RATE] += 1.0
    got, overload = limited(sound, *range(RATE, 6 * RATE, RATE))
    loud = np.flatnonzero(np.abs(sound).max(axis=0) > 1)
    start = loud[0] - AHEAD
    end = loud[-1] + HELD + AHEAD + round((1 - 1 / overload.peak) / FALL) + 2
    np.testing.assert_array_equal(got[:, :start], sound[:, :start])
    np.testing.assert_array_equal(got[:, end:], sound[:, end:])
    assert np.abs(got).max() <= 1.0
    assert overload.places == [(loud[0], loud[-1] + 1)]
    assert overload.peak == np.abs(sound).max()
    # The same gain in both channels, of bounded slope; it never rises above 1.
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = np.where(np.abs(sound) > 0.05, got.astype(float) / sound, np.nan)
    both = ~np.isnan(gains).any(axis=0)
    np.testing.assert_allclose(gains[0, both], gains[1, both], atol=3e-6)
    assert np.nanmax(gains) <= 1 + 1e-6
    gain = np.interp(np.arange(both.size), np.flatnonzero(both), gains[0, both])
    deepest = 1 - 1 / overload.peak
    assert np.diff(gain).min() > -deepest * 2 / AHEAD - 1e-5
    assert np.diff(gain).max() < deepest * 2 / AHEAD + 1e-5


@pytest.mark.parametrize("frequency", [31.0, 50.0, 440.0, 997.0, 6000.0])
def test_a_loud_tone_is_scaled_without_distortion(frequency: float) -> None:
    """All that is not the tone is more than 100 dB below it; clipping leaves -20 dB."""
    sound = tone(frequency, 0.9) + tone(frequency, 0.9)
    got, _ = limited(sound[None], RATE, 2 * RATE)
    steady = got[0, RATE : 2 * RATE].astype(float)  # whole periods

    def distortion(signal: npt.NDArray[np.float64]) -> float:
        power = np.abs(np.fft.rfft(signal)) ** 2
        other = power.sum() - power[round(frequency)]
        return float(10 * math.log10(max(other, 1e-30) / power[round(frequency)]))

    assert distortion(steady) < -100
    assert distortion(sound[RATE : 2 * RATE].astype(float).clip(-1, 1)) > -20
    assert 0.99 < np.abs(steady).max() <= 1.0


EDGES = (0, 1, AHEAD - 1, AHEAD, RATE - 1, RATE, RATE + 1, 3 * RATE - AHEAD, 3 * RATE - 1)


@pytest.mark.parametrize("at", EDGES)
def test_one_sample_anywhere(at: int) -> None:
    """At the ends of the film and of blocks too: the peak becomes full scale, and stays a peak."""
    sound = np.full((2, 3 * RATE), 0.5, np.float32)
    sound[1, at] = -2.0
    got, overload = limited(sound, RATE, 2 * RATE)
    assert got[1, at] == pytest.approx(-1.0, abs=1e-6) and np.abs(got).max() <= 1.0
    assert got[0, at] == pytest.approx(0.25, abs=1e-6)
    assert overload.places == [(at, at + 1)]
    before = max(0, at - AHEAD)
    np.testing.assert_array_equal(got[:, :before], sound[:, :before])
    changes = np.abs(np.diff(got[0].astype(float)))
    assert changes.max() < 0.25 * 2 / AHEAD * 1.02


@pytest.mark.slow
@pytest.mark.parametrize("step", [1, 7, AHEAD, 1024, 48000])
def test_blocks_make_no_difference(step: int) -> None:
    seconds = 0.1 if step == 1 else 1.5
    sound = quiet(seconds, level=1.3)
    whole, one = limited(sound)
    parts, other = limited(sound, *range(step, sound.shape[1], step))
    np.testing.assert_array_equal(parts, whole)
    assert (other.peak, other.places) == (one.peak, one.places)


@pytest.mark.parametrize("rate", [100, 8000, 44100, 192000])
def test_other_rates(rate: int) -> None:
    sound = quiet(1.0, level=3.0, channels=6)
    got, _ = limited(sound, 20000, rate=rate)
    assert 0.9 < np.abs(got).max() <= 1.0


def test_samples_that_are_no_numbers() -> None:
    sound = quiet(1.0)
    sound[0, 100], sound[1, 200], sound[0, 300] = np.nan, np.inf, -np.inf
    got, overload = limited(sound)
    assert (got[0, 100], got[1, 200], got[0, 300]) == (0.0, 1.0, -1.0)
    assert not overload.places
    sound[0, 400] = 3e38
    assert np.abs(limited(sound)[0]).max() <= 1.0


@pytest.mark.slow
def test_the_message_names_places_and_level() -> None:
    sound = np.zeros((1, 100 * RATE), np.float32)
    for second in (3, 12, 75):
        sound[0, second * RATE] = 1.25
    sound[0, 12 * RATE + RATE // 2] = -(10 ** (6 / 20))
    text = "the sound exceeds full scale by up to 6.0 dB; it is lowered at "
    overload = limited(sound, 40 * RATE)[1]
    assert overload.text() == text + "0:03.0, 0:12.0-0:12.5 and 1:15.0"
    for second in (80, 85, 90):
        sound[0, second * RATE] = 1.001
    overload = limited(sound, 40 * RATE)[1]
    more = "0:03.0, 0:12.0-0:12.5, 1:15.0, 1:20.0 and 2 more places up to 1:30.0"
    assert overload.text() == text + more
    read = Overload.from_meta(json.loads(json.dumps(overload.to_meta())))
    assert read is not None and read.text() == overload.text()
    slight = Overload(RATE, [(0, 5)], 1.001)
    assert "by less than 0.1 dB; it is lowered at 0:00.0" in slight.text()


@pytest.mark.parametrize(
    "limits",
    [
        None,
        7,
        {},
        {"rate": 0, "peak": 2.0, "places": [[0, 1]]},
        {"rate": 48000, "peak": "x", "places": [[0, 1]]},
        {"rate": 48000, "peak": math.inf, "places": [[0, 1]]},
        {"rate": 48000, "peak": 0.5, "places": [[0, 1]]},
        {"rate": 48000, "peak": 2.0, "places": []},
        {"rate": 48000, "peak": 2.0, "places": [[0]]},
        {"rate": 48000, "peak": 2.0, "places": 3},
    ],
)
def test_damaged_metadata_is_no_message(limits: object) -> None:
    assert Overload.from_meta({"limited": limits}) is None
    assert Overload.from_meta(limits) is None


MEMORY = """
import resource, sys
import numpy as np
from vedc.audio.limiter import Overload, limit

def run(seconds):
    blocks = (np.full((2, 48000), 1.5, np.float32) for _ in range(seconds))
    for block in limit(blocks, 48000, Overload(48000)):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

few = run(10)
print(few, run(200))
"""


def test_memory_does_not_grow_with_the_length() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    few, many = map(int, done.stdout.split())
    assert many < few * 1.1
