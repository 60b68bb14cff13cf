"""Breathing of known shape: found, followed and removed; and what is left alone."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from vedc.decide.grades.balance.light import encoded, light_of
from vedc.decide.grades.deflicker.breathing import breathing, cells_of
from vedc.decide.grades.deflicker.decide import RATE, decide_deflicker
from vedc.decide.grades.deflicker.trend import fitted, knots, l1_trend
from vedc.decide.grades.shot import Decision, Shot

RATE_OF_FILM = 25.0


def thumbs(stops: Any, *, moving: float = 0.0) -> Any:
    """Thumbnails of one picture whose light is multiplied by ``2 ** stops``; ``moving``: the share
    in which something moves."""
    rng = np.random.default_rng(4)
    light = rng.uniform(0.05, 0.4, (27, 48, 3))
    frames = np.repeat(light[np.newaxis], len(stops), 0)
    columns = round(48 * moving)
    for number in range(len(stops)):
        frames[number, :, :columns] = np.roll(light, number * 2, 1)[:, :columns]
    frames = frames * 2.0 ** np.asarray(stops)[:, None, None, None]
    noisy = encoded(frames) * 255 + rng.normal(0, 0.5, frames.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def decide(stops: Any, *, moving: float = 0.0, strength: float = 1.0) -> Decision:
    shown = thumbs(stops, moving=moving)
    length = Fraction(len(shown), 25)
    shot = Shot("main[1]", Fraction(3), 3 + length, shown[:1] / 255)
    curve = breathing(cells_of(shown))
    return decide_deflicker([shot], [curve], [RATE_OF_FILM], strength=strength)[0]


def left(decision: Decision, stops: Any) -> Any:
    """The brightness of each frame after a decision."""
    (step,) = decision.steps
    assert step["op"] == "exposure"
    points = step["stops"]["keyframes"]
    at = [float(point["time"].removesuffix("s")) - 3 for point in points]
    values = [point["value"] for point in points]
    return stops + np.interp(np.arange(len(stops)) / RATE_OF_FILM, at, values)


def waves(seconds: float = 12.0) -> Any:
    t = np.arange(round(seconds * RATE_OF_FILM)) / RATE_OF_FILM
    return 0.3 * np.sin(2 * np.pi * t / 3.7) + 0.15 * np.sin(2 * np.pi * t / 2.1 + 1)


def test_breathing_is_taken_out_by_few_keyframes() -> None:
    stops = waves()
    decided = decide(stops)
    points = decided.steps[0]["stops"]["keyframes"]
    times = [float(point["time"].removesuffix("s")) for point in points]
    assert times[0] == 3.0
    assert np.diff(times).min() >= 1 / RATE - 1e-3
    assert left(decided, stops).std() < 0.25 * stops.std()  # a line through it stays
    assert decided.score > 0.8
    assert sum(reason.points for reason in decided.reasons) == pytest.approx(decided.score)
    assert decided.instead == ("as it is, score 0.00",)


def test_half_the_strength_takes_half_of_it_out() -> None:
    stops = waves()
    half = left(decide(stops, strength=0.5), stops)
    assert 0.4 * stops.std() < half.std() < 0.6 * stops.std()


def test_what_moves_does_not_count() -> None:
    stops = waves()
    assert left(decide(stops, moving=0.6), stops).std() < 0.3 * stops.std()


@pytest.mark.parametrize(
    ("stops", "moving", "word"),
    [
        (np.zeros(250), 0.0, "steady"),
        (0.015 * np.sin(np.arange(250) / 10), 0.0, "steady"),
        (np.linspace(-0.5, 0.5, 250), 0.0, "steady"),  # the sun comes out
        (waves(), 1.0, "moves all over"),
        (0.3 * (-1.0) ** np.arange(250), 0.0, "too fast to follow"),
        (waves(1.0), 0.0, "cannot be told"),
    ],
    ids=["still", "hardly", "sunrise", "pan", "lamp", "short"],
)
def test_a_shot_that_is_better_left_alone_says_why(stops: Any, moving: float, word: str) -> None:
    decided = decide(stops, moving=moving)
    assert decided.steps == () and decided.score == 0
    assert word in [reason.name for reason in decided.reasons if reason.points < 0]
    assert sum(reason.points for reason in decided.reasons) == pytest.approx(0)


def test_a_change_of_light_stays_where_breathing_goes() -> None:
    rise = np.linspace(-0.5, 0.5, 300)
    stops = waves() + rise
    after = left(decide(stops), stops)
    assert (after - rise).std() < 0.25 * waves().std()


def test_a_still_stays_as_it_is() -> None:
    shot = Shot("main[1]", Fraction(0), Fraction(0), np.zeros((1, 27, 48, 3)))
    (decided,) = decide_deflicker([shot], [None], [1.0], strength=1.0)
    assert decided.steps == ()


def test_the_same_frames_give_the_same_keyframes() -> None:
    assert decide(waves()).steps == decide(waves()).steps


# The trend


@pytest.mark.parametrize("weight", [0.02, 0.3, 5.0])
def test_an_l1_trend_is_optimal(weight: float) -> None:
    """By the conditions that hold at the minimum and nowhere else (Kim and others, section 3)."""
    rng = np.random.default_rng(1)
    y = np.interp(np.arange(60), [0, 20, 35, 60], [0, 1, -1, 0]) + rng.normal(0, 0.1, 60)
    x = l1_trend(y, weight)
    bends = np.diff(x, 2)
    differences = np.diff(np.eye(60), 2, axis=0)
    z = np.linalg.lstsq(differences.T, y - x, rcond=None)[0]
    assert np.allclose(differences.T @ z, y - x, atol=1e-9)
    assert np.abs(z).max() <= weight * (1 + 1e-6)
    bent = np.abs(bends) > 0.02
    assert bent.any() or weight == 5.0
    assert np.allclose(z[bent], weight * np.sign(bends[bent]), rtol=2e-2)


def test_a_trend_without_weight_is_the_curve_itself_and_with_much_a_line() -> None:
    y = np.sin(np.arange(50) / 5)
    assert np.array_equal(l1_trend(y, 0.0), y)
    line = np.polyval(np.polyfit(np.arange(50), y, 1), np.arange(50))
    assert np.abs(l1_trend(y, 1e5) - line).max() < 1e-3
    assert list(knots(line, 1e-6)) == [0, 49]


def test_fitted_curves_are_least_squares() -> None:
    rng = np.random.default_rng(2)
    times, at = np.sort(rng.uniform(0, 10, 80)), np.array([0.0, 2.0, 5.5, 10.0])
    values = rng.normal(size=80)
    hats = np.stack([np.interp(times, at, unit) for unit in np.eye(4)], 1)
    want = np.linalg.lstsq(hats, values, rcond=None)[0]
    assert np.allclose(fitted(times, values, at), want, atol=1e-6)


def test_light_and_display_are_inverse() -> None:
    values = np.linspace(0, 1, 30).reshape(-1, 1).repeat(3, 1)
    assert np.allclose(encoded(light_of(values)), values, atol=1e-6)
