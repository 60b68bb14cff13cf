"""`paint`: edges, flat areas, its size, and the palette of a painting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.ops_support import apply
from vedc.kernels import paint
from vedc.stills import palette

Array = np.ndarray[Any, np.dtype[Any]]


def noisy_edge(rows: int = 80, columns: int = 120) -> Array:
    """Dark on the left, bright on the right, with noise: (3, rows, columns)."""
    made = np.full((3, rows, columns), 0.25)
    made[:, :, columns // 2 :] = 0.75
    return made + np.random.default_rng(0).normal(0, 0.03, made.shape)


def test_flat_areas_are_flatter_and_the_edge_stays() -> None:
    seen = noisy_edge()
    made = paint.reference(seen, size=0.08)
    assert made[:, 15:-15, 15:45].std() < 0.35 * seen[:, 15:-15, 15:45].std()
    across = made[:, 20:-20].mean((0, 1))
    middle = len(across) // 2
    width = np.interp([0.3, 0.7], across[middle - 10 : middle + 10], np.arange(20))
    bell = cv2.GaussianBlur(seen[0], (0, 0), 0.08 * 80 / 2).mean(0)
    blurred = np.interp([0.3, 0.7], bell[middle - 10 : middle + 10], np.arange(20))
    assert np.diff(width) < 0.8 * np.diff(blurred)


def test_strokes_follow_edges() -> None:
    """Along a slanting edge colours run together more than across it."""
    y, x = np.mgrid[0:90, 0:90]
    random = np.random.default_rng(1).normal(0, 0.1, (3, 90, 90))
    seen = 0.5 + 0.2 * np.sin((x + y) / 3.0) + random
    made = paint.reference(seen, size=0.1) - 0.5
    along = np.abs(made[:, 20:-20, 20:-20] - np.roll(made, (3, -3), (1, 2))[:, 20:-20, 20:-20])
    across = np.abs(made[:, 20:-20, 20:-20] - np.roll(made, (3, 3), (1, 2))[:, 20:-20, 20:-20])
    assert along.mean() < 0.6 * across.mean()


def test_the_same_look_at_every_size() -> None:
    """Painted large and made smaller is as painted small."""
    random = np.random.default_rng(2).random((9, 16, 3)).astype(np.float32)
    large = cv2.resize(random, (640, 360), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    small = cv2.resize(large, (320, 180), interpolation=cv2.INTER_AREA)
    a, b = (paint.cpu(p.transpose(2, 0, 1).copy(), size=0.05, relief=0.3) for p in (large, small))
    shrunk = cv2.resize(a.transpose(1, 2, 0), (320, 180), interpolation=cv2.INTER_AREA)
    off = np.abs(shrunk - b.transpose(1, 2, 0))
    assert off.mean() < 0.012
    assert np.corrcoef(shrunk.ravel(), b.transpose(1, 2, 0).ravel())[0, 1] > 0.99


def test_coverage_and_amount() -> None:
    picture = np.random.default_rng(4).random((20, 30, 4))
    picture[..., :3] *= picture[..., 3:]
    made = apply("paint", picture, size=0.1, amount=0.0)
    np.testing.assert_allclose(made, picture, atol=1e-9)
    clear = apply("paint", np.zeros((20, 30, 4)), paper=1.0)
    assert np.abs(clear).max() == 0.0


def two_colors(path: Path) -> Path:
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:, :30], picture[:, 30:] = (30, 60, 160), (240, 200, 60)
    Image.fromarray(picture).save(path)
    return path


def cube_of(path: Path) -> Array:
    found = palette.read(path)
    return np.array(found.data).reshape((found.size,) * 3 + (3,))


def test_all_colors_come_into_the_palette(tmp_path: Path) -> None:
    """Of two colours, dark takes the one and bright the other, and light stays light."""
    values = cube_of(two_colors(tmp_path / "two.png"))
    assert values.min() >= 0.0 and values.max() <= 1.0
    blue, yellow = palette.oklab(np.array([[30, 60, 160], [240, 200, 60]]) / 255)[:, 1:]
    dark, bright = (palette.oklab(values[n, n, n][None])[0] for n in (6, 28))
    assert np.linalg.norm(dark[1:] - blue) < 0.05
    assert np.linalg.norm(bright[1:] - yellow) < 0.05
    grey = [palette.oklab(values[n, n, n][None])[0, 0] for n in range(33)]
    assert all(np.diff(grey) > 0)


def test_a_ramp_of_grey_gets_no_bands(tmp_path: Path) -> None:
    """From blue to yellow over several points of the table."""
    values = cube_of(two_colors(tmp_path / "two.png"))
    ramp = np.array([values[n, n, n] for n in range(33)])
    assert np.abs(np.diff(ramp, axis=0)).max() < 0.24


def test_a_palette_of_one_color_and_of_none(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), (200, 30, 30)).save(tmp_path / "red.png")
    red = palette.oklab(cube_of(tmp_path / "red.png").reshape(-1, 3))
    middle = red[np.abs(red[:, 0] - 0.55) < 0.1]
    assert (middle[:, 1] > 0.1).all()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert np.isfinite(cube_of(tmp_path / "clear.png")).all()


def test_the_palette_comes_from_the_current_file(tmp_path: Path) -> None:
    file = two_colors(tmp_path / "p.png")
    before = cube_of(file)
    Image.new("RGB", (8, 9), (0, 255, 0)).save(file)
    assert np.abs(cube_of(file) - before).max() > 0.1


def test_oklab_of_the_papers_white_and_back() -> None:
    np.testing.assert_allclose(palette.oklab(np.ones((1, 3))), [[1, 0, 0]], atol=1e-6)
    values = np.random.default_rng(0).random((50, 3))
    np.testing.assert_allclose(palette.display(palette.oklab(values)), values, atol=1e-9)


@pytest.mark.parametrize("name", ["a.cube", "a.txt"])
def test_files_that_are_not_pictures(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("LUT_3D_SIZE 2\n")
    assert not palette.is_picture(tmp_path / name)
