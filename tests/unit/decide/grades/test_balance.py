"""Casts as steps, and when a shot is left as it is."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from vedc.decide.grades.balance.decide import cast_text, decide_balance, decision, shipped
from vedc.decide.grades.balance.estimate import (
    Estimate,
    Limits,
    by_closed_form,
    by_network,
    grey_edge,
    grey_world,
    shades_of_grey,
    white_patch,
)
from vedc.decide.grades.balance.light import encoded, light_of
from vedc.decide.grades.balance.steps import Balance, left_over, steps_of
from vedc.decide.grades.shot import Decision, Shot
from vedc.decide.grades.tables import graded
from vedc.models.balance import network
from vedc.models.layers import NumpyLayers, TorchLayers

LIMITS = Limits(clear=1.5, spread=0.2, tones=2.0)


def casts(count: int) -> list[tuple[float, float]]:
    gains = np.random.default_rng(3).uniform(-0.35, 0.35, (count, 3))
    return [(float(g[1] - g[0]), float(g[1] - g[2])) for g in gains]


@pytest.mark.parametrize("cast", casts(24))
def test_steps_take_exactly_the_cast_off_that_they_were_made_for(cast: tuple[float, float]) -> None:
    """Through the op's own code; the remainder comes from round numbers: half a degree at most."""
    steps = steps_of(Balance(cast))
    assert [step["op"] for step in steps] == ["white_balance"]
    assert steps[0]["temperature"] % 10 == 0 and isinstance(steps[0]["tint"], int)
    assert np.hypot(*left_over(steps, cast)) < 0.015


def test_all_three_are_undone_in_the_order_in_which_they_came() -> None:
    steps = steps_of(Balance((0.2, -0.1), 0.62, math.log(1.25)))
    assert [step["op"] for step in steps] == ["white_balance", "exposure", "contrast"]
    assert steps[1]["stops"] == -0.6 and steps[2]["amount"] == 0.8
    grey = np.array([0.05, 0.18, 0.3])[:, None].repeat(3, 1)
    gains = np.exp([-0.2, 0.0, 0.1])
    changed = 0.18 * (grey / 0.18) ** 1.25 * gains * 2**0.62 / (gains @ [0.2126, 0.7152, 0.0722])
    after = light_of(graded(steps, encoded(changed)))
    assert np.allclose(after, grey, rtol=0.04)


def test_nothing_is_written_for_nothing() -> None:
    assert steps_of(Balance()) == ()
    assert steps_of(Balance((0.001, 0.0), 0.01, 0.001)) == ()


def sure(cast: tuple[float, float], deviation: float, stops: float = 0.0) -> Estimate:
    return Estimate(np.array(cast), np.eye(2) * deviation**2, stops, 0.04, 0.0, 0.01)


def against(decided: Decision) -> list[str]:
    return [reason.name for reason in decided.reasons if reason.points < 0]


def test_a_clear_cast_is_removed_and_reported() -> None:
    decided = decision(sure((-0.3, 0.2), 0.05), LIMITS, 1.0)
    (step,) = decided.steps
    assert step["temperature"] < 6500  # warm light looks white
    assert 0.5 < decided.score < 1
    assert "too orange" in decided.reasons[0].value or "too red" in decided.reasons[0].value
    assert sum(r.points for r in decided.reasons) == pytest.approx(decided.score)
    assert decided.instead == ("as it is, score 0.00",)


@pytest.mark.parametrize(
    ("cast", "deviation"), [((-0.3, 0.2), 0.3), ((-0.05, 0.03), 0.1)], ids=["broad", "small"]
)
def test_an_unsure_cast_is_left(cast: tuple[float, float], deviation: float) -> None:
    decided = decision(sure(cast, deviation), LIMITS, 1.0)
    assert decided.steps == () and decided.score == 0 and decided.instead == ()
    assert against(decided) == ["cast unsure"]
    assert sum(r.points for r in decided.reasons) == pytest.approx(0)


def test_exposure_acts_only_where_it_is_clear() -> None:
    assert decision(sure((0.0, 0.0), 0.3, 0.9), LIMITS, 1.0).steps == (
        {"op": "exposure", "stops": -0.9},
    )
    assert decision(sure((0.0, 0.0), 0.3, 0.3), LIMITS, 1.0).steps == ()


def test_half_the_strength_is_half_the_way() -> None:
    cast = (-0.3, 0.2)
    half = decision(sure(cast, 0.05), LIMITS, 0.5)
    assert np.allclose(left_over(half.steps, cast), np.array(cast) / 2, atol=0.01)
    assert half.score < decision(sure(cast, 0.05), LIMITS, 1.0).score
    assert decision(sure(cast, 0.05), LIMITS, 0.0).steps == ()


def test_casts_are_called_by_their_hues() -> None:
    names = {
        (-0.3, 0.3): "orange",
        (0.3, -0.3): "blue",
        (0.2, 0.2): "green",
        (-0.2, -0.2): "magenta",
    }
    for cast, hue in names.items():
        assert cast_text(np.array(cast)).endswith(f"too {hue}")


def scene(gains: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """Light (1, 27, 48, 3) of surfaces of any colour whose mean is grey, with a white one."""
    rng = np.random.default_rng(8)
    light = np.kron(rng.uniform(0.02, 0.5, (9, 12, 3)), np.ones((3, 4, 1)))
    light[:6, :8] = 0.6
    return np.clip(light * gains, 0, 1)[np.newaxis].astype(np.float32)


@pytest.mark.parametrize("estimate", [white_patch, shades_of_grey, grey_world, grey_edge])
def test_textbook_estimators_find_the_cast_of_a_grey_scene(estimate) -> None:  # type: ignore[no-untyped-def]
    gains = (1.3, 1.0, 0.8)
    shift = estimate(scene(gains)) - estimate(scene())
    assert shift == pytest.approx([-math.log(1.3), -math.log(0.8)], abs=0.06)


def test_the_closed_form_doubts_where_its_parts_differ() -> None:
    plain = by_closed_form(scene())
    odd = scene()
    odd[..., 10:, :] *= np.array([0.2, 1.0, 0.3], np.float32)
    assert by_closed_form(odd).spread > plain.spread


# The network


def test_the_network_is_small_and_the_same_in_numpy_and_torch() -> None:
    torch = pytest.importorskip("torch")
    net = shipped()
    assert sum(value.size for value in net.weights.values()) <= 90_000
    maps, tones = network.features(scene((1.2, 1.0, 0.9)))
    ours = network.forward(NumpyLayers(), net.weights, maps[None], tones[None])
    held = {name: torch.from_numpy(value) for name, value in net.weights.items()}
    theirs = network.forward(
        TorchLayers(), held, torch.from_numpy(maps[None]), torch.from_numpy(tones[None])
    )
    for one, other in zip(ours, theirs, strict=True):
        assert np.allclose(one, other.numpy(), atol=1e-3)


def test_the_network_follows_a_cast() -> None:
    weights = shipped().weights
    plain, cast = (by_network(scene(g), weights) for g in ((1, 1, 1), (1.25, 1.0, 0.8)))
    wanted = np.array([-math.log(1.25), -math.log(0.8)])
    assert float((cast.cast - plain.cast) @ wanted) > 0.5 * float(wanted @ wanted)


def test_shots_are_decided_one_by_one_and_always_alike() -> None:
    shots = [
        Shot(f"main[{n}]", Fraction(0), Fraction(1), encoded(scene(g)).astype(np.float64))
        for n, g in enumerate(((1, 1, 1), (1.3, 1.0, 0.75)), 1)
    ]
    both = decide_balance(shots, strength=1.0)
    assert both == [decide_balance([shot], strength=1.0)[0] for shot in shots]
    assert both[0].steps == ()


def test_hdr_is_left_alone_and_reported() -> None:
    shot = Shot("main[1]", Fraction(0), Fraction(1), encoded(scene()).astype(np.float64))
    (decided,) = decide_balance([shot], strength=1.0, transfer="smpte2084")
    assert decided.steps == () and "HDR" in decided.reasons[-1].value
