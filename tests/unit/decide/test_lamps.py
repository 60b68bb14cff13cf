"""What is a lamp and what is not, in drawn pictures; lamps over time."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from tests.bench.lamps import light_at
from vedc.decide.effects.keyframed import simplified
from vedc.decide.effects.lamps.blobs import blobs
from vedc.decide.effects.lamps.tracks import Linker, faded, judged

HIGH, WIDE = 180, 320


def room(level: float = 0.05) -> Any:
    return np.full((HIGH, WIDE, 3), level, np.float32)


def seen(light: Any) -> Any:
    """As a camera with a soft lens and clipping sees it."""
    return np.clip(cv2.GaussianBlur(light, (0, 0), 0.7), 0, 1)


def lamp(x: float, y: float, color: Any = (1, 0.9, 0.75)) -> Any:
    return light_at((HIGH, WIDE), x, y, 3.0, 60.0)[..., np.newaxis] * np.float32(color)


def test_a_lamp_is_found_to_a_part_of_a_pixel() -> None:
    (spot,) = blobs(seen(room() + lamp(120.3, 77.8)))
    assert spot.lamp > 0.9
    assert abs(spot.x - 120.3) < 0.1 and abs(spot.y - 77.8) < 0.1


def paper() -> Any:
    picture = room()
    cv2.circle(picture, (120, 80), 6, (1.0, 1.0, 1.0), -1, cv2.LINE_AA)
    return picture


def window() -> Any:
    picture = room()
    picture[60:100, 100:116] = 3.0
    return cv2.GaussianBlur(picture, (0, 0), 2)


def letters() -> Any:
    drawn = np.zeros((HIGH, WIDE, 3), np.uint8)
    cv2.putText(drawn, "LOGO.", (80, 90), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255), 4)
    return np.maximum(room(), np.float32(drawn) / 255)


def glossy() -> Any:
    picture = room(0.35)
    cv2.circle(picture, (120, 80), 6, (1.0, 1.0, 1.0), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 4) * 1.6


@pytest.mark.parametrize("picture", [paper, window, letters, glossy])
def test_bright_things_that_are_not_lamps(picture: Any) -> None:
    assert all(spot.lamp < 0.3 for spot in blobs(seen(picture())))


def test_a_green_reflection_is_no_lamp() -> None:
    assert all(spot.lamp < 0.1 for spot in blobs(seen(room() + lamp(120, 80, (0.5, 2.0, 0.5)))))


def followed(places: list[tuple[float, float] | None]) -> list[Any]:
    linker = Linker(HIGH, 25.0)
    for place in places:
        light = room() if place is None else room() + lamp(*place)
        linker.push(blobs(seen(light)), (0.0, 0.0))
    found = (judged(t, len(places), (HIGH, WIDE), 25.0) for t in linker.tracks)
    return [lamp for lamp, _, _ in found if lamp is not None]


def test_a_hidden_lamp_is_dark_and_is_the_same_when_it_comes_back() -> None:
    places: list[Any] = [(60 + 2.0 * n, 90.0) for n in range(30)]
    for n in range(12, 18):
        places[n] = None
    (found,) = followed(places)
    assert (found.light[12:18] == 0).all() and found.light[:8].min() > 0.9
    assert np.abs(np.diff(found.light)).max() < 0.6  # it fades
    assert found.light[11] < 0.5
    shown = [n for n, place in enumerate(places) if place is not None]
    assert np.abs(found.x[shown] * WIDE - [places[n][0] for n in shown]).max() < 0.3


def test_a_glint_is_too_short() -> None:
    assert followed([None] * 8 + [(100.0, 80.0)] * 5 + [None] * 8) == []


def test_a_lamp_that_leaves_is_followed_over_the_border() -> None:
    places = [(250 + 4.0 * n, 90.0) for n in range(24)]
    (found,) = followed(list(places))
    cut = [n for n, (x, _) in enumerate(places) if WIDE - 4 < x < WIDE]
    assert np.abs(found.x[cut] * WIDE - [places[n][0] for n in cut]).max() < 2
    assert found.light[-3:].max() < 0.05


def test_light_fades_before_it_is_gone() -> None:
    light = np.ones(50)
    light[20:25] = 0
    made = faded(light, 25.0)
    assert (made <= light).all() and (made[20:25] == 0).all()
    assert made[19] < made[17] < 1.01 and made[5] == pytest.approx(1) == made[45]


@pytest.mark.parametrize("tolerance", [0.001, 0.01])
def test_kept_points_say_where_all_others_are(tolerance: float) -> None:
    random = np.random.default_rng(1)
    points = np.cumsum(random.normal(0, 0.004, (80, 2)), axis=0)
    kept = simplified(points, tolerance)
    every = np.arange(80)
    back = np.stack([np.interp(every, kept, points[kept, axis]) for axis in range(2)], 1)
    assert np.linalg.norm(back - points, axis=1).max() <= tolerance + 1e-12
    assert len(simplified(np.linspace((0, 0), (1, 2), 40), tolerance)) == 2


def test_ivory_is_not_as_white_as_a_lamp() -> None:
    """A warm lamp clips in every channel; what only reflects does not."""
    warm = lamp(120, 80, (1, 0.6, 0.15))
    (spot,) = blobs(seen(room() + warm))
    assert spot.core > 0.9 and spot.lamp > 0.7
    dull = np.minimum(seen(room() + warm), np.float32((1, 0.85, 0.45)))
    assert all(found.lamp == 0 for found in blobs(dull))
