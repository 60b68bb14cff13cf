"""Levels and pans that move: at every sample the value of the formula, however they are read."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from vedc.audio.gain import level, pan
from vedc.audio.signal.curves import moving_level, values
from vedc.edit.easing import EASINGS, easing
from vedc.plan.settings import Curve, Fade, Point

RATE = 48000
LIMITS = (-math.inf, 60.0)


def curve(*points: tuple[float, float, str]) -> Curve:
    made = tuple(Point(Fraction(at) * RATE, value, word) for at, value, word in points)
    return Curve(made, LIMITS, 240)


def in_decibels(moving: Curve, seconds: float) -> float:
    (factor,) = moving_level(moving, round(seconds * RATE), 1)
    return 20 * math.log10(factor)


def test_a_fader_is_linear_in_decibels() -> None:
    moving = curve((1, -6, "linear"), (3, -26, "linear"))
    samples = np.arange(4 * RATE)
    wanted = np.interp(samples, [RATE, 3 * RATE], [-6, -26])
    got = 20 * np.log10(moving_level(moving, 0, samples.size))
    np.testing.assert_allclose(got, wanted, atol=1e-9)


@pytest.mark.parametrize("silent_first", [True, False])
def test_from_or_to_silence_it_is_the_line_of_a_fade(silent_first: bool) -> None:
    ends = (-math.inf, 0.0) if silent_first else (0.0, -math.inf)
    moving = curve((0, ends[0], "linear"), (1, ends[1], "linear"))
    fade = Fade("in" if silent_first else "out", 0, RATE)
    got = level(moving, (), 0, RATE + 100)
    np.testing.assert_allclose(got, level(0.0, [fade], 0, RATE + 100), atol=1e-7)
    outside = moving_level(moving, 2 * RATE, 10)
    assert (outside == (1.0 if silent_first else 0.0)).all()


@pytest.mark.parametrize("word", sorted(EASINGS.keys() - {"hold", "step-start", "step-end"}))
def test_easings_are_their_formulas(word: str) -> None:
    moving = curve((0, -40, word), (1, 0, "linear"))
    ease = easing(word)
    for at in np.linspace(0.003, 0.997, 23):
        sample = round(at * RATE)
        wanted = min(-40 + 40 * ease(sample / RATE), 60.0)
        # A straight line over 32 samples, where bounces turn sharply.
        assert in_decibels(moving, at) == pytest.approx(wanted, abs=0.05)


def test_a_jump_glides_and_ends_on_its_keyframe() -> None:
    moving = curve((0, 0, "hold"), (1, -20, "hold"), (2, 0, "hold"))
    got = 20 * np.log10(moving_level(moving, 0, 3 * RATE))
    assert (got[: RATE - 240] == 0).all()
    np.testing.assert_allclose(got[RATE : 2 * RATE - 240], -20, atol=1e-9)
    assert (got[2 * RATE :] == 0).all()
    assert np.abs(np.diff(got)).max() < 20 / 240 + 1e-9


def test_steps_stay_level_in_between() -> None:
    moving = curve((0, -30, "steps(3, jump-both)"), (3, 0, "linear"))
    for at, wanted in ((0.5, -22.5), (1.5, -15.0), (2.5, -7.5), (3.0, 0.0)):
        assert in_decibels(moving, at) == pytest.approx(wanted, abs=1e-9)


def test_an_easing_that_overshoots_stops_at_the_limit() -> None:
    moving = curve((0, 0, "ease-out-back"), (1, 59, "linear"))
    assert moving_level(moving, 0, RATE).max() == 10 ** (60 / 20)


def test_the_parts_in_which_it_is_read_make_no_difference() -> None:
    moving = curve(
        (0.1, -math.inf, "ease"), (0.3, -3, "ease-in-out-elastic"), (0.61, -20, "steps(4)"),
        (1.2, 0, "hold"), (1.3, -9, "linear"), (1.5, 6, "linear"),
    )  # fmt: skip
    whole = moving_level(moving, 0, 2 * RATE)
    picks = np.random.default_rng(3)
    at = 0
    while at < whole.size:
        count = min(int(picks.integers(1, 3000)), whole.size - at)
        np.testing.assert_array_equal(moving_level(moving, at, count), whole[at : at + count])
        at += count


@pytest.mark.parametrize("at", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_pan_of_stereo_matches_the_web_audio_api(at: float) -> None:
    left, right = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 1000)).astype(np.float32)
    # https://www.w3.org/TR/webaudio/#stereopanner-algorithm
    x = at + 1 if at <= 0 else at
    gains = math.cos(x * math.pi / 2), math.sin(x * math.pi / 2)
    if at <= 0:
        wanted = left + right * gains[0], right * gains[1]
    else:
        wanted = left * gains[0], right + left * gains[1]
    got = np.stack([left, right])
    pan(got, at, 0, mono=False)
    np.testing.assert_allclose(got, wanted, atol=1e-6)


def test_pan_of_mono_keeps_the_power_and_the_middle() -> None:
    moving = curve((0, -1, "linear"), (2, 1, "linear"))
    got = np.full((2, 2 * RATE + 1), 0.25, np.float32)
    pan(got, moving, 0, mono=True)
    np.testing.assert_allclose((got**2).sum(axis=0), 2 * 0.25**2, rtol=1e-5)
    np.testing.assert_allclose(got[:, RATE], 0.25, rtol=1e-6)
    np.testing.assert_allclose(got[:, 0], [0.25 * math.sqrt(2), 0], atol=1e-7)
    np.testing.assert_allclose(got[:, -1], [0, 0.25 * math.sqrt(2)], atol=1e-7)
    assert values(moving, RATE // 2, 1)[0] == -0.5


def test_one_speaker_has_no_sides() -> None:
    got = np.ones((1, 10), np.float32)
    pan(got, -1.0, 0, mono=True)
    assert (got == 1).all()
