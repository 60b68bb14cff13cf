"""Quilting: a periodic picture of a painting's strokes, without seams."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from vedc.train.style.quilting import quilted

SIZE = 384, 512


def strokes(height: int, width: int) -> Any:
    """Short slanted strokes, and a flat quarter."""
    picture = np.zeros((height, width), np.float32)
    random = np.random.default_rng(4)
    for _ in range(height * width // 60):
        x, y = int(random.integers(width)), int(random.integers(height))
        cv2.line(picture, (x, y), (x + 14, y + 5), float(random.normal()), 2)
    picture[height // 2 :, width // 2 :] = 0
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


def steps(picture: Any, axis: int) -> Any:
    """The mean difference of each row or column from the next; the last one's from the first."""
    return np.abs(np.roll(picture, -1, axis) - picture).mean(1 - axis)


@pytest.mark.parametrize("side", [128, 420])
def test_it_repeats_without_a_seam(side: int) -> None:
    found = quilted(strokes(side, side * 5 // 4), SIZE, np.random.default_rng(1))
    assert found.shape == SIZE and np.isfinite(found).all()
    for axis in (0, 1):
        between = steps(found, axis)
        assert between[-1] < 1.5 * np.median(between)
        assert between.max() < 2.5 * np.median(between)


def test_it_takes_strokes_and_leaves_flat_ground() -> None:
    detail = strokes(420, 530)
    found = quilted(detail, SIZE, np.random.default_rng(1))
    full = detail[:200, :250]
    assert found.std() == pytest.approx(full.std(), rel=0.15)
    assert cv2.blur(found * found, (40, 40)).min() > 0.2 * full.var()


def test_the_same_painting_gives_the_same_canvas() -> None:
    detail = strokes(200, 200)
    first, again = (quilted(detail, SIZE, np.random.default_rng(7)) for _ in "ab")
    assert np.array_equal(first, again)
