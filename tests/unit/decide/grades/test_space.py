"""The space of grades that comes with vedc: its contents, and its estimates for pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vedc.decide.grades import tables
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.space import Cells, GradeSpace

#: Grades as somebody types them, none of them drawn by the sampler.
TYPED: dict[str, list[dict[str, Any]]] = {
    "warm": [
        {"op": "white_balance", "temperature": 5200, "tint": 4},
        {"op": "exposure", "stops": 0.3},
    ],
    "punchy": [
        {"op": "contrast", "amount": 1.2},
        {"op": "saturation", "amount": 1.25},
        {"op": "cdl", "slope": [1.05, 1.0, 0.95], "offset": -0.01},
    ],
    "faded": [
        {"op": "curves", "master": [[0, 0.06], [0.25, 0.24], [0.75, 0.78], [1, 0.95]]},
        {"op": "saturation", "amount": 0.8},
    ],
    "teal and orange": [
        {"op": "split_tone", "shadows": [0.42, 0.52, 0.56], "highlights": [0.57, 0.51, 0.43]},
        {"op": "hue_vs_sat", "curve": [[0.08, 0.6], [0.3, 0.4], [0.6, 0.5]]},
    ],
}


@pytest.fixture(scope="module")
def space() -> GradeSpace:
    return GradeSpace.load()


def picture(seed: int, low: float, high: float, count: int = 4000) -> np.ndarray:
    """Colours of a scene: a few materials, each lit differently from place to place."""
    draw = np.random.default_rng(seed)
    materials = draw.uniform(low, high, (7, 3))
    light = draw.uniform(0.4, 1.2, (count, 1))
    return np.clip(
        materials[draw.integers(0, 7, count)] * light + draw.normal(0, 0.01, (count, 3)), 0, 1
    )


@pytest.mark.parametrize("name", TYPED)
def test_a_pair_reveals_the_grade(name: str, space: GradeSpace) -> None:
    shown, unseen = picture(1, 0.1, 0.8), picture(2, 0.1, 0.8)
    after = np.clip(tables.graded(TYPED[name], shown), 0, 1)
    noisy = np.rint((after + np.random.default_rng(3).normal(0, 0.004, after.shape)) * 255) / 255
    found = space.table(space.estimate(Cells.of(shown, noisy)).w)
    for pixels, most in ((shown, 0.6), (unseen, 1.5)):
        wanted = np.clip(tables.graded(TYPED[name], pixels), 0, 1)
        untouched = delta_e(pixels, wanted).mean()
        left = delta_e(tables.apply(found, pixels), wanted).mean()
        assert left < min(most, 0.45 * untouched), (name, left, untouched)


def test_no_grade_is_found_where_there_is_none(space: GradeSpace) -> None:
    shown = picture(1, 0.1, 0.8)
    found = space.table(space.estimate(Cells.of(shown, shown)).w)
    assert delta_e(tables.apply(found, picture(2, 0.1, 0.8)), picture(2, 0.1, 0.8)).mean() < 0.5


def test_a_title_does_not_change_the_estimate(space: GradeSpace) -> None:
    shown = picture(1, 0.1, 0.8)
    after = np.clip(tables.graded(TYPED["warm"], shown), 0, 1)
    clean = space.table(space.estimate(Cells.of(shown, after)).w)
    after[::12] = 1.0  # white letters over a twelfth of the picture
    found = space.estimate(Cells.of(shown, after))
    away = delta_e(tables.apply(space.table(found.w), shown), tables.apply(clean, shown)).mean()
    graded = delta_e(shown, tables.apply(clean, shown)).mean()
    assert away < 0.35 * graded


def test_what_a_pair_does_not_show_stays_uncertain(space: GradeSpace) -> None:
    grey = np.repeat(np.linspace(0.05, 0.95, 500)[:, np.newaxis], 3, 1)
    colorful = picture(1, 0.0, 1.0)
    after = [np.clip(tables.graded(TYPED["punchy"], p), 0, 1) for p in (grey, colorful)]
    by_grey, by_color = (
        np.trace(space.estimate(Cells.of(p, a)).covariance)
        for p, a in zip((grey, colorful), after, strict=True)
    )
    assert by_color < 0.8 * by_grey


def test_a_prior_from_elsewhere_leads_where_the_pair_is_silent(space: GradeSpace) -> None:
    wanted = space.weights_of(tables.table_of(TYPED["teal and orange"]))
    nothing = Cells(np.full((1, 3), 0.5), np.full((1, 3), 0.5), np.full(1, 1e-9))
    found = space.estimate(nothing, (wanted, np.eye(space.size) * 0.01))
    assert np.abs(found.w - wanted).max() < 0.1


def test_the_same_pair_gives_the_same_bits(space: GradeSpace) -> None:
    shown = picture(1, 0.1, 0.8)
    cells = Cells.of(shown, np.clip(tables.graded(TYPED["warm"], shown), 0, 1))
    assert np.array_equal(space.estimate(cells).w, space.estimate(cells).w)


def test_weights_of_a_table_give_the_table(space: GradeSpace) -> None:
    table = tables.table_of(TYPED["faded"])
    back = space.table(space.weights_of(table))
    assert delta_e(back, table).mean() < 1.0
