"""A training of the balance network on a folder of pictures, stopped and resumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from vedc.decide.grades.balance.estimate import BalanceNetwork, Estimate
from vedc.decide.grades.balance.steps import white_of
from vedc.errors import UserError
from vedc.train.balance.casts import Change, lamp, whole_shots
from vedc.train.balance.evaluate import mean_by_source
from vedc.train.balance.pictures import by_source, read_takes
from vedc.train.balance.settings import Settings
from vedc.train.balance.tuning import angles, limits_for
from vedc.train.cuts.settings import TrainingProgress

TINY = Settings(steps=4, batch=2, check=2, validated=4, tested=4, seed=1)


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    cv2 = pytest.importorskip("cv2")
    folder = tmp_path / "footage"
    folder.mkdir()
    rng = np.random.default_rng(1)
    for name in "abcde":
        cells = rng.integers(20, 240, (6, 10, 3), np.uint8)
        cv2.imwrite(str(folder / f"{name}.png"), np.kron(cells, np.ones((20, 20, 1), np.uint8)))
    return folder


@pytest.mark.slow
def test_a_training_ends_in_weights_that_load_and_a_card(footage: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from vedc.train.balance.training import train

    out = tmp_path / "out"
    file = train(footage, out, TINY, command="vedc train colour --part balance")
    first = load_file(file)
    net = BalanceNetwork.load(file)
    assert net.limits.clear > 0
    card = file.with_suffix(".md").read_text()
    assert net.digest in card and "| network |" in card and "FFmpeg's colorbalance" in card
    # Trained parts are reused, and give the same weights.
    for folder in (out, tmp_path / "other"):
        again = load_file(train(footage, folder, TINY))
        assert all(np.array_equal(again[name], first[name]) for name in first)


def test_a_stopped_training_goes_on_where_it_was(footage: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from vedc.train.balance.training import fit

    takes = by_source(read_takes(footage), "abc")
    seen = whole_shots(takes, 2, 5)
    place = tmp_path / "member.safetensors"
    reports = []

    def stop(report: TrainingProgress) -> None:
        reports.append(report)
        if len(reports) == 2:  # the first step is kept, the second one lost
            raise KeyboardInterrupt

    settings = replace(TINY, check=1)
    with pytest.raises(KeyboardInterrupt):
        fit(takes, seen, settings, 0, stop, place)
    again = fit(takes, seen, settings, 0, place=place)
    whole = fit(takes, seen, settings, 0)
    assert all(np.array_equal(again[name], whole[name]) for name in whole)


def test_lamps_are_named_as_the_op_names_them() -> None:
    assert white_of(tuple(Change(lamp(3600.0, 12.0)).cast)) == pytest.approx((3600, 12), rel=1e-3)


def test_angles_are_those_between_vectors() -> None:
    assert angles(np.array([[0.0, 0.0]]))[0] == pytest.approx(0, abs=1e-5)
    color = np.exp([0.3, 0.0, -0.2])
    want = np.degrees(np.arccos(color.sum() / np.sqrt(3) / np.linalg.norm(color)))
    assert angles(np.array([[-0.3, 0.2]]))[0] == pytest.approx(want)


def test_limits_keep_harm_below_what_is_allowed(footage: Path) -> None:
    """Estimates that know when they are wrong are acted on; those that do not, are not."""
    takes = by_source(read_takes(footage), "abcde")
    shots = whole_shots(takes, 12, 3, tones=False)
    rng = np.random.default_rng(2)
    honest, blind = [], []
    for number, shot in enumerate(shots):
        off = 0.6 if number % 2 else 0.02
        wrong = shot.change.cast + rng.normal(0, off, 2)
        honest.append(Estimate(wrong, np.eye(2) * off**2))
        blind.append(Estimate(wrong, np.eye(2) * 0.1**2))
    limits, figures = limits_for(honest, shots, 0.02, tones=False)
    assert figures["acts"] > 0.3 and figures["harm"] <= 0.02 and limits.spread < 0.6
    assert limits_for(blind, shots, 0.02, tones=False)[1]["acts"] < figures["acts"]


def test_intervals_are_over_sources() -> None:
    figure = mean_by_source(np.array([1.0, 1.0, 3.0, np.nan]), ["a", "a", "b", "c"])
    assert figure.mean == 2 and figure.low == 1 and figure.high == 3


def test_looks_are_not_for_balance(footage: Path, tmp_path: Path) -> None:
    from vedc.cli.train import _balance

    with pytest.raises(UserError, match="--looks"):
        _balance(footage, tmp_path / "out", tmp_path, 1, True)
