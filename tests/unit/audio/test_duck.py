"""The gain of a ducked sound, to the sample."""

from __future__ import annotations

import numpy as np

from vedc.audio.duck import Ducker
from vedc.plan.settings import Ducking

DUCKING = Ducking((0,), 12.0, attack=100, release=400, hold=50, threshold_db=-20.0)


def decibels(above: np.ndarray, *cuts: int) -> np.ndarray:
    ducker = Ducker(DUCKING)
    parts = np.split(above.astype(np.float32)[None], cuts, axis=1)
    return np.concatenate([20 * np.log10(np.ones(p.shape[1]) * ducker.gain(p)) for p in parts])


def test_it_falls_holds_and_rises_to_the_sample() -> None:
    above = np.zeros(2000)
    above[300:900] = 0.2
    n = np.arange(2000)
    falling = np.clip((n - 299) / 100, 0, 1)
    rising = np.clip(1 - (n - (899 + 49)) / 400, 0, 1)
    wanted = -12 * np.where(n < 899 + 50, falling, rising)
    np.testing.assert_allclose(decibels(above), wanted, atol=1e-5)


def test_what_is_at_the_threshold_or_below_does_not_count() -> None:
    assert not decibels(np.full(500, 0.0999)).any()


def test_a_sound_that_returns_lowers_it_from_where_it_is() -> None:
    above = np.zeros(1000)
    above[0:200] = above[400:] = -1.0
    got = decibels(above)
    assert got[399] == got[398:402].max()
    assert np.abs(np.diff(got)).max() < 12 / 100 + 1e-5


def test_the_blocks_in_which_it_is_read_make_no_difference() -> None:
    above = np.random.default_rng(1).uniform(-0.11, 0.11, 3000) * (np.arange(3000) % 900 < 300)
    np.testing.assert_allclose(decibels(above), decibels(above, 7, 299, 340, 1800), atol=1e-5)
