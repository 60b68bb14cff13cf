"""``equalise``: pieces of perturbed takes come together; nothing else moves."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from vedc.decide.arrays import Floats
from vedc.decide.grades import perceived, tables
from vedc.decide.grades.equalise.decide import decide_equalise
from vedc.decide.grades.equalise.scenes import Link, links, scenes
from vedc.decide.grades.equalise.solve import _solved
from vedc.decide.grades.shot import Canvas, Decision, Shot, Step
from vedc.decide.grades.space import Cells

GRADES: tuple[tuple[Step, ...], ...] = (
    (),
    ({"op": "exposure", "stops": 0.6}, {"op": "white_balance", "temperature": 5200, "tint": 6}),
    ({"op": "exposure", "stops": -0.5}, {"op": "saturation", "amount": 0.8}),
    ({"op": "contrast", "amount": 1.15}, {"op": "white_balance", "temperature": 8000}),
)


def place(seed: int) -> Floats:
    """A wide picture of a place: soft patches of many sizes and colours."""
    import cv2

    numbers = np.random.default_rng(seed)
    picture = np.full((40, 80, 3), 0.4)
    for rows, columns, strength in ((3, 5, 0.25), (7, 13, 0.2), (20, 40, 0.15)):
        patches = numbers.normal(0, strength, (rows, columns, 3)) * (0.6, 0.6, 0.6)
        patches += numbers.normal(0, strength, (rows, columns, 1))
        picture += cv2.resize(patches, (80, 40), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(picture, 0.03, 0.92))


def shot(picture: Floats, steps: Sequence[Step], at: int = 0, noise: int = 0) -> Shot:
    """Pictures of a camera that moves over a place, under a grade."""
    frames = np.stack([picture[at : at + 27, at + k : at + k + 48] for k in range(4)])
    grain = np.random.default_rng(noise).normal(0, 0.006, frames.shape)
    shown = np.clip(tables.graded(steps, frames) + grain, 0, 1)
    return Shot(f"main[{noise}]", Fraction(0), Fraction(2), np.round(shown * 255) / 255)


def take(seed: int, grades: Sequence[Sequence[Step]] = GRADES) -> list[Shot]:
    return [shot(place(seed), steps, 2 * n, n) for n, steps in enumerate(grades)]


def apart(
    colors: Floats, grades: Sequence[Sequence[Step]], decided: Sequence[Decision] | None = None
) -> float:
    """Mean difference between the pieces over the same colours."""
    shown = [np.clip(tables.graded(steps, colors), 0, 1) for steps in grades]
    if decided is not None:
        shown = [
            np.clip(tables.graded(d.steps, s), 0, 1) for d, s in zip(decided, shown, strict=True)
        ]
    return float(np.mean([perceived.delta_e(a, b).mean() for a, b in combinations(shown, 2)]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_pieces_of_a_take_keep_little_of_their_difference(seed: int) -> None:
    decided = decide_equalise(take(seed))
    colors = place(seed).reshape(-1, 3)[::3]
    before, after = apart(colors, GRADES), apart(colors, GRADES, decided)
    assert after <= 0.35 * before
    assert sum(not d.steps for d in decided) == 1, "the most usual one stays"


def test_the_hero_stays_and_the_others_become_like_it() -> None:
    decided = decide_equalise(take(1), hero=frozenset({1}))
    assert decided[1].steps == () and decided[1].score == 0
    assert all(decided[n].steps and decided[n].score > 0.5 for n in (0, 2, 3))
    assert "like the hero" in [r.name for r in decided[0].reasons]
    graded = np.clip(tables.graded(decided[0].steps, place(1)), 0, 1)
    hero = np.clip(tables.graded(GRADES[1], place(1)), 0, 1)
    untouched = perceived.delta_e(place(1), hero).mean()
    assert perceived.delta_e(graded, hero).mean() < 0.35 * untouched


def test_steps_are_ordinary_and_short() -> None:
    for decision in decide_equalise(take(2)):
        ops = [step["op"] for step in decision.steps]
        order = ["white_balance", "exposure", "contrast", "cdl", "saturation"]
        assert ops == [op for op in order if op in ops]
        assert abs(sum(r.points for r in decision.reasons) - decision.score) < 1e-9
        if ops:
            assert decision.instead == ("as it is, score 0.00",)


@pytest.mark.slow
def test_a_scene_that_needs_nothing_is_left_alone() -> None:
    for seed in range(4):
        decided = decide_equalise(take(seed, [()] * 4))
        assert all(d.steps == () for d in decided)


def test_shots_of_different_places_are_not_pulled_together() -> None:
    shots = [shot(place(n), GRADES[n], 0, n) for n in range(4)]
    for groups in (None, [0] * 4):
        decided = decide_equalise(shots, groups)
        assert all(d.steps == () for d in decided)
    (first, *_) = decide_equalise(shots, [0] * 4)
    assert "shows nothing that other shots of its scene show" in [r.name for r in first.reasons]


def test_one_shot_and_none() -> None:
    assert decide_equalise([]) == []
    (alone,) = decide_equalise(take(0)[:1])
    assert alone.steps == () and "the only shot of its scene" in [r.name for r in alone.reasons]


def test_pictures_with_nothing_in_them_say_nothing() -> None:
    grey = [Shot("a", Fraction(0), Fraction(1), np.full((1, 27, 48, 3), v)) for v in (0.2, 0.6)]
    assert all(d.steps == () for d in decide_equalise(grey))


def test_another_framing_of_the_place_counts() -> None:
    import cv2

    wide = place(3)[:27, :48]
    near = cv2.resize(wide[4:24, 6:42], (48, 27), interpolation=cv2.INTER_CUBIC)
    shots = [
        Shot(name, Fraction(0), Fraction(1), np.clip(tables.graded(steps, p), 0, 1)[np.newaxis])
        for name, p, steps in (("wide", wide, ()), ("near", near, GRADES[1]))
    ]
    decided = decide_equalise(shots, hero=frozenset({0}))
    assert decided[1].score > 0.5


@pytest.mark.slow
def test_strength_removes_a_part() -> None:
    whole, half, none = (
        decide_equalise(take(1), hero=frozenset({0}), strength=s) for s in (1.0, 0.5, 0.0)
    )
    stops = [next(s["stops"] for s in d[1].steps if s["op"] == "exposure") for d in (whole, half)]
    assert abs(stops[1]) < 0.65 * abs(stops[0])
    assert all(d.steps == () for d in none)


def test_a_change_of_light_is_left_alone() -> None:
    night: tuple[Any, ...] = ({"op": "exposure", "stops": -3.5},)
    decided = decide_equalise(take(1, [(), night]), hero=frozenset({0}))
    assert decided[1].steps == ()


@pytest.mark.slow
def test_the_same_again() -> None:
    assert [d.steps for d in decide_equalise(take(0))] == [
        d.steps for d in decide_equalise(take(0))
    ]


def _link(a: int, b: int) -> Link:
    nothing = np.zeros((0, 3))
    return Link(a, b, 0.9, Cells(nothing, nothing, np.zeros(0)))


@pytest.mark.parametrize(
    ("pairs", "numbers"),
    [
        ([], [0, 1, 2, 3, 4]),
        ([(0, 2), (1, 3)], [0, 0, 0, 0, 1]),
        ([(0, 1), (2, 3)], [0, 0, 1, 1, 2]),
    ],
)
def test_scenes_by_likeness_and_order(pairs: list[tuple[int, int]], numbers: list[int]) -> None:
    assert scenes(5, [_link(a, b) for a, b in pairs]) == numbers


def test_what_comes_back_much_later_is_another_scene() -> None:
    assert scenes(12, [_link(0, 11)]) == list(range(12))


def test_links_are_found_back_and_forth() -> None:
    shots = [shot(place(n % 2), GRADES[n], n, n) for n in range(4)]
    assert [(k.first, k.second) for k in links(shots)] == [(0, 2), (1, 3)]


def test_the_system_is_solved_exactly() -> None:
    numbers = np.random.default_rng(0)
    count, pairs = 7, [(0, 1), (1, 2), (2, 5), (0, 6), (3, 4)]
    whole = np.eye(count * 6)
    diagonal, across = np.tile(np.eye(6), (count, 1, 1)), np.zeros((len(pairs), 6, 6))
    for n, (i, j) in enumerate(pairs):
        one, two = numbers.normal(size=(2, 20, 6))
        diagonal[i] += one.T @ one
        diagonal[j] += two.T @ two
        across[n] = one.T @ two
    for i in range(count):
        whole[i * 6 : i * 6 + 6, i * 6 : i * 6 + 6] = diagonal[i]
    for n, (i, j) in enumerate(pairs):
        whole[i * 6 : i * 6 + 6, j * 6 : j * 6 + 6] = across[n]
        whole[j * 6 : j * 6 + 6, i * 6 : i * 6 + 6] = across[n].T
    right = numbers.normal(size=(count, 6))
    free = np.ones(count, bool)
    free[1] = False
    found = _solved(diagonal, across, pairs, right, free)
    rows = np.repeat(free, 6)
    wanted = np.zeros(count * 6)
    wanted[rows] = np.linalg.solve(whole[np.ix_(rows, rows)], right.ravel()[rows])
    np.testing.assert_allclose(found.ravel(), wanted, atol=1e-6)


def test_hdr_stays_as_it_is() -> None:
    decided = decide_equalise(take(1), canvas=Canvas("bt2020nc", "arib-std-b67"))
    assert all(not d.steps and "HDR" in [r.name for r in d.reasons] for d in decided)
