"""The canvas of a style: it repeats, moves, grows and turns as asked."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from vedc.nn.canvas import laid

ROWS, COLUMNS = 48, 64


def canvas() -> Any:
    """A soft periodic picture."""
    noise = np.random.default_rng(3).normal(0, 1, (ROWS, COLUMNS)).astype(np.float32)
    soft = cv2.GaussianBlur(np.tile(noise, (3, 3)), (0, 0), 2.5)
    return np.ascontiguousarray(soft[ROWS : 2 * ROWS, COLUMNS : 2 * COLUMNS])


def shown(size: tuple[int, int] = (90, 142), **given: Any) -> Any:
    return laid(canvas(), size, {"strokes": 1.0, **given})


def test_its_middle_is_the_pictures_and_it_repeats() -> None:
    found = shown((2 * ROWS, 2 * COLUMNS))
    wanted = np.roll(np.tile(canvas(), (2, 2)), (ROWS // 2, COLUMNS // 2), (0, 1))
    assert np.array_equal(found, wanted) and found.dtype == np.float32


def test_nothing_without_strokes_and_half_of_it_with_half() -> None:
    assert not laid(canvas(), (90, 142), {}).any()
    assert np.allclose(shown(strokes=0.5), 0.5 * shown(), atol=1e-6)


def test_it_moves_with_its_position() -> None:
    found = shown((100, 200), position=(0.5 + 10 / 200, 0.5 - 7 / 100))
    assert np.allclose(found[:-7, 10:], shown((100, 200))[7:, :-10], atol=1e-5)


@pytest.mark.parametrize("angle", [25.0, 90.0, -130.0])
@pytest.mark.parametrize("scale", [0.8, 1.0, 2.5])
def test_it_grows_and_turns_about_its_middle(angle: float, scale: float) -> None:
    """As OpenCV does it, whose angles are anticlockwise."""
    large = shown((400, 400))
    matrix = cv2.getRotationMatrix2D((199.5, 199.5), -angle, scale)
    wanted = cv2.warpAffine(large, matrix, (400, 400), flags=cv2.INTER_LINEAR)
    found = shown((400, 400), angle=angle, scale=scale)
    inner = slice(140, 260), slice(140, 260)
    assert np.abs(found - wanted)[inner].max() < 0.03 * large.std()  # positions of 1/32 pixel


def test_reduced_it_keeps_its_broad_strokes() -> None:
    found = shown((96, 128), scale=0.25)
    wanted = cv2.resize(
        np.tile(canvas(), (8, 8)), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA
    )
    assert found.std() == pytest.approx(wanted.std(), rel=0.1)


def test_a_frame_shares_the_canvas_of_the_one_before() -> None:
    array = canvas()
    first, again, moved = (
        laid(array, (90, 142), {"strokes": 1.0, "position": (x, 0.5)}) for x in (0.5, 0.5, 0.6)
    )
    assert first is again and moved is not first
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 1
