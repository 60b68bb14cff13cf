"""Learning to cut: a rule that is known is found again, and too little is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vedc.decide.choose import score_weights
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES
from vedc.errors import UserError
from vedc.train.cutting.choices import PieceChoice
from vedc.train.cutting.learn import learn
from vedc.train.cutting.logit import cross_validate, fit, folds, likelihoods


def _choices(weights: np.ndarray, count: int, films: int, seed: int = 3) -> list[PieceChoice]:
    """Choices drawn as a person with such weights makes them: Gumbel's noise on each score."""
    rng = np.random.default_rng(seed)
    out = []
    for k in range(count):
        values = rng.random((20, len(weights)))
        chosen = int(np.argmax(values @ weights + rng.gumbel(size=20)))
        order = [chosen, *(i for i in range(20) if i != chosen)]
        out.append(PieceChoice(values[order], f"{k % films}:{k % 3}"))
    return out


def test_weights_that_made_the_choices_are_found() -> None:
    true = np.array([3.0, -2.0, 0.0, 1.0])
    found = fit(_choices(true, 3000, 5), 1e-3)
    # The error of the estimate at so many choices is about 0.08.
    assert np.abs(found - true).max() < 0.3


def test_the_fit_is_the_top_of_the_penalised_likelihood() -> None:
    choices = _choices(np.array([1.0, -1.0]), 60, 3)
    best = fit(choices, 0.5)

    def value(weights: np.ndarray) -> float:
        return float(likelihoods(choices, weights).sum() - 0.25 * weights @ weights)

    for step in np.vstack([np.eye(2), -np.eye(2)]) * 0.01:
        assert value(best + step) < value(best)


def test_no_film_is_on_both_sides_of_a_split() -> None:
    for fitted, held in folds(_choices(np.zeros(2), 60, 4)):
        films = {c.group.split(":")[0] for c in fitted}, {c.group.split(":")[0] for c in held}
        assert not films[0] & films[1]
    one = folds(_choices(np.zeros(2), 60, 1))
    assert len(one) == 3, "one film is split in thirds"


def test_chance_is_not_taken_for_taste() -> None:
    none = _choices(np.zeros(len(CUTS)), 200, 5)
    assert not cross_validate(none, np.ones(len(CUTS))).better
    taste = np.zeros(len(CUTS))
    taste[0] = 4.0
    assert cross_validate(_choices(taste, 200, 5), -taste).better


def test_learned_weights_are_read_by_the_judge_and_described_by_the_card(tmp_path: Path) -> None:
    taste = np.zeros(len(CUTS))
    taste[CUTS.index("beat")] = 5.0
    out = tmp_path / "mine.json"
    report = learn(_choices(taste, 120, 4), [], {"cut": 100}, 4, out, "vedc train cutting")
    read = score_weights.load_weights(out, "cutting", FEATURES, sealed=True)
    assert max(CUTS, key=lambda n: read[n]) == "beat"
    hand = score_weights.shipped("cutting", FEATURES)
    assert all(read[name] == hand[name] for name in PIECES), "no pieces: those stay"
    size = np.linalg.norm([read[n] for n in CUTS])
    assert size == pytest.approx(np.linalg.norm([hand[n] for n in CUTS]), rel=0.01)
    card = report.card.read_text()
    assert json.loads(out.read_text())["digest"] in card
    assert "learned weights beat" in card and report.cuts.better


def test_what_does_not_help_is_said_to(tmp_path: Path) -> None:
    out = tmp_path / "mine.json"
    report = learn(_choices(np.zeros(len(CUTS)), 90, 3), [], {}, 3, out)
    assert not report.better
    assert "do NOT beat" in report.card.read_text()


def test_too_few_cuts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        learn(_choices(np.ones(len(CUTS)), 12, 2), [], {}, 2, tmp_path / "mine.json")
    assert caught.value.problems[0].code == "too-few-cuts"
    assert not list(tmp_path.iterdir())
