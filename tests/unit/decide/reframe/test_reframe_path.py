"""Crops of a shot: evidence, paths, keyframes."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.decide.analyses.attention import camera, moving, salient
from vedc.decide.arrays import Byte, Floats
from vedc.decide.reframe.decide import frame_shot
from vedc.decide.reframe.evidence import PLACES, Evidence, Slide, worth
from vedc.decide.reframe.keyframes import MOST, Point, drawn, keyframed, most_for
from vedc.decide.reframe.path import best_places, bounds, smooth_path

RATE = 5.0
TALL = Slide.fitted((16, 9), (9, 16))


def spot(at: list[float], down: float = 0.5, size: int = 3) -> Byte:
    """Maps with one bright square, whose middle is ``at`` of the width."""
    maps = np.zeros((len(at), 27, 48), np.uint8)
    for one, x in zip(maps, at, strict=True):
        column, row = round(x * 48), round(down * 27)
        one[max(row - size, 0) : row + size, max(column - size, 0) : column + size] = 255
    return maps


def evidence(at: list[float]) -> Evidence:
    return Evidence.of(spot(at), np.zeros((len(at), 27, 48), np.uint8), RATE)


# Slides


@pytest.mark.parametrize(
    ("picture", "box", "axis", "share"),
    [
        ((1920, 1080), (1080, 1920), 0, 0.31640625),
        ((1080, 1920), (1920, 1080), 1, 0.31640625),
        ((1000, 1000), (500, 500), 1, 1.0),
        ((720, 528), (1, 1), 0, 528 / 720),
    ],
)
def test_a_crop_has_the_shape_of_its_box(
    picture: tuple[int, int], box: tuple[int, int], axis: int, share: float
) -> None:
    slide = Slide.fitted(picture, box)
    assert (slide.axis, slide.share) == (axis, pytest.approx(share))
    left, top, right, bottom = slide.box(slide.room)
    shape = (right - left) * picture[0] / ((bottom - top) * picture[1])
    assert shape == pytest.approx(box[0] / box[1])
    assert right == pytest.approx(1) and bottom == pytest.approx(1)


def test_it_follows_what_stands_out() -> None:
    framed = frame_shot(evidence([0.7] * 20), TALL)
    ((index, edge, _),) = framed.points
    assert index == 0 and edge + TALL.share / 2 == pytest.approx(0.7, abs=0.02)
    assert framed.score > 0.97 and framed.instead[0].startswith("the middle, score 0.")


def test_what_moves_counts_as_well() -> None:
    still = Evidence.of(np.zeros((20, 27, 48), np.uint8), spot([0.25] * 20), RATE)
    ((_, edge, _),) = frame_shot(still, TALL).points
    assert edge + TALL.share / 2 == pytest.approx(0.25, abs=0.02)


def test_without_evidence_it_is_the_middle() -> None:
    for level in (0, 128):  # nothing, and the same everywhere
        flat = np.full((10, 27, 48), level, np.uint8)
        framed = frame_shot(Evidence.of(flat, flat * 0, RATE), TALL)
        assert framed.points == ((0, round(TALL.room / 2, 4), "linear"),)


def test_reasons_add_up() -> None:
    both = Evidence.of(spot([0.3] * 20), spot([0.4] * 20), RATE)
    hidden = [[(0.0, 0.8, 1.0, 1.0)]] * 20
    framed = frame_shot(both, TALL, hidden)
    assert sum(reason.points for reason in framed.reasons) == pytest.approx(framed.score, abs=0.02)


def test_a_title_pushes_the_subject_aside() -> None:
    """A title over the left half of the crop: the subject moves to its right."""
    low = Evidence.of(spot([0.5] * 20, size=2), np.zeros((20, 27, 48), np.uint8), RATE)
    ((_, free, _),) = frame_shot(low, TALL).points
    ((_, pushed, _),) = frame_shot(low, TALL, [[(0.0, 0.0, 0.55, 1.0)]] * 20).points
    assert pushed < free - 0.02


# Paths


def test_a_walk_becomes_few_eased_keyframes() -> None:
    at = [0.2] * 10 + list(np.linspace(0.2, 0.8, 15)) + [0.8] * 10
    framed = frame_shot(evidence([float(x) for x in at]), TALL)
    assert 2 <= len(framed.points) <= MOST
    step = TALL.room / (PLACES - 1)
    points = [Point(i, edge / step, easing) for i, edge, easing in framed.points]
    middles = drawn(points, len(at)) * step + TALL.share / 2
    assert np.abs(middles - np.clip(at, TALL.share / 2, 1 - TALL.share / 2)).max() < 0.12
    assert {easing for _, _, easing in framed.points} & {"ease-in-out", "ease-in", "ease-out"}


def middles(at: list[float]) -> Floats:
    """Where the middle of the crop is that follows a spot."""
    framed = frame_shot(evidence(at), TALL)
    step = TALL.room / (PLACES - 1)
    points = [Point(i, edge / step, easing) for i, edge, easing in framed.points]
    return drawn(points, len(at)) * step + TALL.share / 2


@pytest.mark.parametrize("leaves", [True, False], ids=["leaves", "arrives"])
def test_who_leaves_at_the_very_end_is_followed(leaves: bool) -> None:
    """A move then pays for a moment only, but without it the crop shows nothing of the subject."""
    at = [0.45] * 30 + [0.5, 0.6, 0.7, 0.8]
    found = middles(at if leaves else at[::-1])
    inside = np.abs(found - (at if leaves else at[::-1])) <= TALL.share / 2
    assert inside.mean() > 0.98


def test_a_crop_that_stands_still_has_its_subject_in_the_middle() -> None:
    """A short look aside, within the crop, neither moves it nor draws it to that side."""
    at = [0.3] * 40
    at[18:22] = [0.38] * 4
    found = middles(at)
    assert np.ptp(found) == 0 and found[0] == pytest.approx(0.3, abs=0.02)


def test_a_flicker_of_the_evidence_moves_nothing() -> None:
    rng = np.random.default_rng(1)
    at = [float(x) for x in 0.5 + 0.03 * rng.standard_normal(40)]
    assert len(frame_shot(evidence(at), TALL).points) == 1


def l1_cost(path: Floats) -> float:
    return float(
        sum(w * np.abs(np.diff(path, k)).sum() for k, w in ((1, 10.0), (2, 1.0), (3, 100.0)))
    )


def test_the_straight_way_through_a_tube_is_found() -> None:
    """It cannot rise by less than from the first upper bound to the last lower one, and a line
    has no other derivatives."""
    center = np.linspace(10, 90, 60)
    path = smooth_path(center - 8, center + 8)
    assert l1_cost(path) == pytest.approx(10 * (80 - 16), rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_path_nearby_is_smoother(seed: int) -> None:
    """The cost is convex, so what cannot be bettered nearby cannot be bettered at all."""
    rng = np.random.default_rng(seed)
    n = 40
    center = np.cumsum(rng.normal(0, 4, n)) + 60
    low, high = center - rng.uniform(1, 6, n), center + rng.uniform(1, 6, n)
    path = smooth_path(low, high)
    assert (path >= low - 1e-6).all() and (path <= high + 1e-6).all()
    best = l1_cost(path)
    kernels = [
        np.exp(-0.5 * ((np.arange(n)[:, None] - np.arange(n)) / s) ** 2) for s in (0.3, 2, 6)
    ]
    for size in (0.05, 0.5, 3.0):
        for kernel in kernels:
            for move in rng.normal(0, size, (40, n)) @ kernel:
                assert l1_cost(np.clip(path + move, low, high)) > 0.97 * best


def test_where_it_can_stand_still_it_does() -> None:
    low, high = np.array([0.0, 10, 20, 5]), np.array([50.0, 30, 60, 40])
    path = smooth_path(low, high)
    assert np.ptp(path) == 0 and 20 <= path[0] <= 30


def test_a_long_path_is_solved_through_fewer_samples() -> None:
    t = np.arange(900)
    center = 60 + 50 * np.sin(t / 200)
    path = smooth_path(center - 4, center + 4)
    assert len(path) == 900 and np.abs(path - center).max() < 6


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.sampled_from([(16, 9), (4, 3), (9, 16), (1, 1)]),
    st.sampled_from([(9, 16), (1, 1), (16, 9), (21, 9)]),
)
def test_a_crop_is_inside_and_has_few_keyframes(
    at: list[float], picture: tuple[int, int], box: tuple[int, int]
) -> None:
    slide = Slide.fitted(picture, box)
    framed = frame_shot(evidence(at), slide)
    assert 1 <= len(framed.points) <= most_for(len(at) / RATE)
    assert all(0 <= edge <= slide.room + 1e-4 for _, edge, _ in framed.points)
    assert all(one[0] < two[0] for one, two in pairwise(framed.points))
    assert 0 <= framed.score <= 1 + 1e-9


def test_keyframes_hold_what_the_path_holds() -> None:
    at = [float(x) for x in 0.5 + 0.3 * np.sin(np.arange(50) / 8)]
    values = worth(evidence(at), TALL)
    places = best_places(values, RATE)
    path = smooth_path(*bounds(values, places, RATE))
    points = keyframed(path, places.astype(np.float64), values, most_for(10))
    assert len(points) <= MOST
    rows = np.arange(50)
    kept = values[rows, np.rint(drawn(points, 50)).astype(int)].sum()
    assert kept > 0.9 * values.max(axis=1).sum()


# Attention


def noise(seed: int, shape: tuple[int, int] = (180, 320)) -> Byte:
    rng = np.random.default_rng(seed)
    small = rng.integers(60, 190, (shape[0] // 10, shape[1] // 10)).astype(np.uint8)
    return np.asarray(cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def test_a_patch_of_another_colour_stands_out() -> None:
    thumb = np.full((27, 48, 3), (150, 90, 50), np.uint8)
    thumb[10:16, 34:40] = (40, 200, 60)
    luma = np.asarray(cv2.resize(cv2.cvtColor(thumb, cv2.COLOR_RGB2GRAY), (320, 180)), np.uint8)
    found = salient(luma, thumb)
    row, column = divmod(int(found.argmax()), 48)
    assert 9 <= row <= 16 and 33 <= column <= 40
    assert found.max() == 255 and np.median(found) < 10


def test_nothing_stands_out_of_one_colour() -> None:
    flat = np.full((27, 48, 3), 90, np.uint8)
    assert salient(np.full((180, 320), 90, np.uint8), flat).max() == 0


def test_what_moves_with_the_camera_does_not_move() -> None:
    before = noise(1)
    after = np.roll(before, 6, axis=1)
    still = moving(before, after, 5)
    patch = noise(3)[:60, :60]
    one, two = before.copy(), np.roll(before, 6, axis=1)
    one[60:120, 200:260], two[60:120, 190:250] = patch, patch
    moves = moving(one, two, 5)
    inside = moves[9:18, 29:38].mean()
    assert still[4:-4, 6:-6].mean() < 8 < 4 * 8 < inside
    assert moves[2:8, 4:24].mean() < inside / 4


def test_the_camera_is_one_affine_map() -> None:
    y, x = np.mgrid[0:60, 0:100].astype(np.float32)
    flow = np.stack([0.02 * (x - 50) + 3, 0.02 * (y - 30) - 1], axis=-1)
    seen = flow.copy()
    seen[20:40, 60:80] += 9.0
    np.testing.assert_allclose(camera(seen), flow, atol=0.15)
