"""Each step's share of a grade."""

from __future__ import annotations

import numpy as np
import pytest

from vedc.decide.grades.shot import Canvas
from vedc.decide.grades.step_shares import step_shares

EXPOSURE = {"op": "exposure", "stops": 0.5}
BLUES = {"op": "hue_vs_sat", "curve": [[0.5, 0.5], [0.66, 0.1], [0.82, 0.5]]}


def test_a_step_counts_by_what_it_does_to_the_picture() -> None:
    warm = np.random.default_rng(1).uniform((0.4, 0.3, 0.1), (0.8, 0.5, 0.2), (60, 80, 3))
    of_all, of_warm = (step_shares([EXPOSURE, BLUES], p) for p in (None, warm))
    assert of_all[1] is not None and of_all[1] > 0.05
    assert of_warm == pytest.approx([1.0, 0.0], abs=0.01)
    assert sum(share or 0 for share in of_all) == pytest.approx(1)


def test_what_cannot_be_known_has_no_share() -> None:
    moving = {"op": "exposure", "stops": {"keyframes": [[0, 0], [1, 1]]}}
    assert step_shares([{"op": "vignette"}, moving, EXPOSURE]) == [None, None, 1.0]
    assert step_shares([{"op": "exposure", "stops": 0.0}]) == [None]
    assert step_shares([]) == []


def test_light_follows_the_canvas() -> None:
    grey = np.full((10, 10, 3), 0.3)
    steps = [EXPOSURE, {"op": "contrast", "amount": 1.2}]
    one, other = (step_shares(steps, grey, Canvas("bt709", t)) for t in ("bt709", "linear"))
    assert one != other
