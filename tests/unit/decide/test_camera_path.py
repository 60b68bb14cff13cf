"""How a camera moves, in pictures whose motion is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from tests.paths import MEDIA
from vedc.decide.analyses.results import Curves
from vedc.decide.effects.camera.analysis import curves, motions_of, on_tripod
from vedc.decide.effects.camera.follower import Follower
from vedc.decide.effects.camera.similarity import STILL, Similarity, followed, least_squares

HIGH, WIDE = 180, 320
FRAMES = 60
CORNERS = np.array([0, *(complex(x, y) / 2 for x in (-WIDE, WIDE) for y in (-HIGH, HIGH))])
STILL_LIFE = MEDIA / "video" / "crystal.mp4"


def drawn() -> Any:
    """Structure of every size, for frames of twice the size."""
    random = np.random.default_rng(3)
    sizes = (4, 8, 16, 32, 64)
    layers = [
        cv2.GaussianBlur(random.normal(0, size, (6 * HIGH, 6 * WIDE)), (0, 0), size)
        for size in sizes
    ]
    total = sum(layers)
    return np.clip(110 + 40 * total / total.std(), 0, 255).astype(np.uint8)


def photographed() -> Any:
    """A frame of a real film, mirrored at its borders."""
    film = cv2.VideoCapture(str(STILL_LIFE))
    film.set(cv2.CAP_PROP_POS_FRAMES, 100)
    picture = cv2.cvtColor(film.read()[1], cv2.COLOR_BGR2GRAY)
    picture = cv2.resize(picture, None, fx=1.5, fy=1.5)
    wide = np.concatenate([picture, picture[:, ::-1]] * 2, axis=1)
    return np.concatenate([wide, wide[::-1]], axis=0)


def seen(world: Any, motion: Similarity, noise: Any = None) -> Any:
    """The world after a motion, which counts from the middle of a frame; drawn twice as large."""
    matrix = motion._replace(shift=2 * motion.shift).matrix()
    middle = (np.array(world.shape[::-1]) - 1) / 2
    matrix[:, 2] += np.array([WIDE, HIGH]) - 0.5 - matrix[:, :2] @ middle
    size = 2 * WIDE, 2 * HIGH
    picture = cv2.warpAffine(world, matrix, size, borderMode=cv2.BORDER_REFLECT)
    picture = cv2.resize(picture, (WIDE, HIGH), interpolation=cv2.INTER_AREA)
    if noise is not None:
        picture = np.clip(picture + noise.normal(0, 1, picture.shape), 0, 255).astype(np.uint8)
    return picture


def pan(n: int) -> Similarity:
    return Similarity(1, complex(-2.3, 0.4) * n)


def zoom(n: int) -> Similarity:
    return Similarity(complex(np.exp(0.01 * n)))


def roll(n: int) -> Similarity:
    return Similarity(complex(np.exp(1j * np.radians(0.8 * n))))


def all_at_once(n: int) -> Similarity:
    gain = np.exp(0.2 * np.sin(n / 17) + 1j * np.radians(9 * np.sin(n / 23)))
    return Similarity(complex(gain), complex(-90 * np.sin(n / 31), 20 - 20 * np.cos(n / 20)))


def path(pictures: Sequence[Any], hold: int = 6) -> Curves:
    follower = Follower((HIGH, WIDE), hold)
    for picture in pictures:
        follower.push(picture)
    return Curves(curves(follower.frames, (HIGH, WIDE)), Fraction(25))


def found(pictures: Sequence[Any]) -> list[Similarity]:
    """In pixels."""
    return [Similarity(m.gain, m.shift * HIGH) for m in motions_of(path(pictures))]


def off(motions: Sequence[Similarity], true: Sequence[Similarity]) -> Any:
    """By how much each is off at the corners of the picture, in heights."""
    pairs = zip(motions, true, strict=True)
    return np.array([np.abs(a(b.back()(CORNERS)) - CORNERS).max() for a, b in pairs]) / HIGH


@pytest.mark.parametrize("world", [drawn, photographed])
@pytest.mark.parametrize("motion", [pan, zoom, roll, all_at_once])
def test_the_motion_is_exact_and_does_not_drift(
    world: Callable[[], Any], motion: Callable[[int], Similarity]
) -> None:
    if world is photographed and not STILL_LIFE.exists():
        pytest.skip("the shared media are not here")
    picture, noise = world(), np.random.default_rng(1)
    true = [motion(n) for n in range(FRAMES)]
    motions = found([seen(picture, each, noise) for each in true])
    assert off(motions, true)[-1] < 0.01
    moved, truly = ([b.after(a.back()) for a, b in pairwise(m)] for m in (motions, true))
    assert off(moved, truly).max() < 0.5 / 720


def walker(picture: Any, n: int, wide: int) -> Any:
    """Somebody in striking clothes, who comes in and crosses the picture."""
    random = np.random.default_rng(9)
    clothes = cv2.resize(random.integers(0, 255, (40, 24), dtype=np.uint8), (wide, 170))
    left, top = 4 * n - wide, 10 + int(4 * abs(np.sin(n / 4)))
    begin, end = max(left, 0), min(left + wide, WIDE)
    made = picture.copy()
    if begin < end:
        made[top:, begin:end] = clothes[: HIGH - top, begin - left : end - left]
    return made


@pytest.mark.parametrize("wide", [0, 90, 140])
def test_a_tripod_stands_still_whoever_walks_by(wide: int) -> None:
    world, noise = drawn(), np.random.default_rng(2)
    pictures = [seen(world, STILL, noise) for _ in range(FRAMES)]
    pictures = [walker(p, n, wide) if wide else p for n, p in enumerate(pictures)]
    values = path(pictures).values
    assert values["share"].min() > 0.3
    for name in ("x", "y", "zoom", "turn"):
        assert not values[name].any()


def test_a_pan_is_followed_behind_somebody_who_walks_by() -> None:
    world, noise = drawn(), np.random.default_rng(2)
    true = [pan(n) for n in range(FRAMES)]
    pictures = [walker(seen(world, each, noise), n, 90) for n, each in enumerate(true)]
    assert off(found(pictures), true).max() < 0.01


def test_what_is_followed_covers_little_where_only_somebody_has_structure() -> None:
    wall = np.full((HIGH, WIDE), 150, np.uint8)
    before_a_wall = path([walker(wall, n, 140) for n in range(0, 60, 2)]).values
    everywhere = path([seen(drawn(), pan(n)) for n in range(4)]).values
    assert np.median(before_a_wall["area"]) < 0.28 < 0.8 < np.median(everywhere["area"])


def test_a_low_skyline_reaches_across_the_picture_and_somebody_does_not() -> None:
    wall = np.full((HIGH, WIDE), 150, np.uint8)
    before_a_wall = path([walker(wall, n, 140) for n in range(0, 60, 2)]).values
    pictures, true = [], [pan(n).shift.real for n in range(8)]
    for x in true:
        picture = seen(drawn(), Similarity(1, complex(x)))
        picture[: HIGH * 5 // 6] = 190
        pictures.append(picture)
    skyline = path(pictures).values
    assert np.median(before_a_wall["across"]) < 0.3 < 0.5 < np.median(skyline["across"])
    np.testing.assert_allclose(skyline["x"] * HIGH, true, atol=0.5)


def test_light_is_no_motion() -> None:
    world = drawn()
    pictures = [
        np.clip(seen(world, STILL) * (0.7 + 0.3 * np.cos(n / 5)), 0, 255).astype(np.uint8)
        for n in range(FRAMES)
    ]
    assert not path(pictures).values["x"].any()


def test_black_frames_are_bridged() -> None:
    world = drawn()
    true = [pan(n) for n in range(30)]
    pictures = [seen(world, each) for each in true]
    pictures[12], pictures[13] = np.zeros_like(pictures[0]), np.full_like(pictures[0], 255)
    curve = path(pictures)
    assert (curve.values["share"][12:14] == 0).all() and curve.values["share"][14] > 0.9
    assert off(found(pictures), true).max() < 0.01


def test_where_nothing_is_seen_any_more_the_last_speed_goes_on_for_a_while() -> None:
    world = drawn()
    pictures = [seen(world, pan(n)) for n in range(12)] + [np.zeros((HIGH, WIDE), np.uint8)] * 12
    x = path(pictures, hold=4).values["x"] * HIGH
    np.testing.assert_allclose(x[12:15], pan(1).shift.real * np.arange(12, 15), atol=0.6)
    assert (x[16:] == x[15]).all()


def test_a_picture_without_structure_has_no_motion() -> None:
    values = path([np.full((HIGH, WIDE), level, np.uint8) for level in (0, 30, 60, 255)]).values
    assert not any(row.any() for row in values.values())


def test_a_repeated_frame_does_not_move() -> None:
    world = drawn()
    true = [pan(n // 2) for n in range(20)]
    motions = found([seen(world, each) for each in true])
    assert all(one == other for one, other in zip(motions[::2], motions[1::2], strict=True))
    assert off(motions, true).max() < 0.002


def test_a_tripod_is_one_whose_picture_hardly_moves_for_more_than_a_moment() -> None:
    assert on_tripod([0.0] * 20 + [0.02] + [0.0] * 20)
    assert not on_tripod([0.0] * 20 + [0.02] * 8)
    assert not on_tripod(list(np.linspace(0, 0.02, 100)))


def test_a_similarity_and_its_inverse() -> None:
    one = Similarity(1.3 * np.exp(0.4j), 5 - 2j)
    assert one.turn == pytest.approx(0.4) and one.scale == pytest.approx(1.3)
    np.testing.assert_allclose(one.after(one.back())(CORNERS), CORNERS, atol=1e-9)
    x, y = one.matrix() @ (3.0, 7.0, 1.0)
    assert complex(x, y) == pytest.approx(one(3 + 7j))


def test_the_majority_is_followed_and_a_guess_has_the_benefit_of_the_doubt() -> None:
    random = np.random.default_rng(4)
    before = random.uniform(-100, 100, 100) + 1j * random.uniform(-100, 100, 100)
    camera = Similarity(complex(np.exp(0.02j)), 3 + 1j)
    ones = np.ones(100)
    after = camera(before)
    after[70:] += 12
    motion, follow = followed(before, after, ones, ones, [STILL])
    assert follow[:70].all() and not follow[70:].any()
    assert motion.shift == pytest.approx(camera.shift, abs=1e-6)
    half = before.copy()
    half[45:] += 12
    motion, follow = followed(before, half, ones, ones, [STILL])
    assert follow[:45].all() and motion.shift == pytest.approx(0, abs=1e-9)
    assert least_squares(before, camera(before), ones).gain == pytest.approx(camera.gain)
