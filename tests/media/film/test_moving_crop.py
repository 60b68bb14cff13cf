"""``crop`` with keyframes, and ``ken_burns``: against Pillow on the full-size source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.media.film.test_motion import PHOTO, coverage, edges, keyframes
from tests.media.film.test_rotation_and_crop import film, first
from tests.parity.ops.films import BT709, Array, distance, smooth, write_source

CANVAS = {"width": 320, "height": 180, "fps": 25}


def rectangle(x: float, y: float, width: float, height: float) -> dict[str, str]:
    return {"x": f"{x}px", "y": f"{y}px", "width": f"{width}px", "height": f"{height}px"}


@pytest.fixture
def photo(tmp_path: Path) -> Image.Image:
    found = Image.open(PHOTO).convert("L")
    found.convert("RGB").save(tmp_path / "a.png")
    return found


@pytest.mark.parametrize("key", ["ken_burns", "crop"])
def test_every_frame_matches_lanczos_at_the_full_size(
    tmp_path: Path, photo: Image.Image, key: str
) -> None:
    start, end = (0.0, 0.0, 1600.0, 900.0), (700.5, 300.25, 320.0, 180.0)
    ends = [rectangle(*start), rectangle(*end)]
    moving = {
        "ken_burns": {"ken_burns": {"from": ends[0], "to": ends[1]}},
        "crop": {"crop": keyframes(*ends, every=10)},
    }[key]
    frames = film(tmp_path, {"image": "a.png", "duration": "10f"} | moving, profile=CANVAS)
    assert len(frames) == 10
    for n, frame in enumerate(frames):
        x, y, width, height = (a + (b - a) * n / 10 for a, b in zip(start, end, strict=True))
        box = (x, y, x + width, y + height)
        want = np.array(photo.resize((320, 180), Image.Resampling.LANCZOS, box), float)
        assert np.abs(coverage(frame) * 255 - want).mean() < 1.5


def crossings(line: Array) -> tuple[float, float]:
    """Where a line of pixels first rises above half, and where it last falls below."""
    inside = np.flatnonzero(line > 0.5)
    first, last = int(inside[0]), int(inside[-1])
    rise = (line[first] - 0.5) / (line[first] - line[first - 1])
    fall = (line[last] - 0.5) / (line[last] - line[last + 1])
    return first + 0.5 - rise, last + 0.5 + fall


@pytest.mark.parametrize(("times", "close"), [(1, 0.1), (5, 0.2)])
def test_what_is_seen_moves_smoothly(tmp_path: Path, times: int, close: float) -> None:
    """The edges of a white square are where the crop puts them, also five times as small."""
    picture = np.zeros((80 * times, 128 * times, 3), np.uint8)
    picture[30 * times : 50 * times, 40 * times : 60 * times] = 255
    Image.fromarray(picture).save(tmp_path / "a.png")
    start, end = (20.0, 15.0, 64.0, 48.0), (30.1, 20.25, 38.4, 28.8)
    ends = [rectangle(*(times * side for side in sides)) for sides in (start, end)]
    pan = {"from": ends[0], "to": ends[1], "easing": "ease-in-quad"}
    item = {"image": "a.png", "duration": "8f", "ken_burns": pan}
    for n, frame in enumerate(film(tmp_path, item)):
        t = (n / 8) ** 2
        x, y, width, _ = (a + (b - a) * t for a, b in zip(start, end, strict=True))
        factor = 64 / width
        want = [(40 - x) * factor, (30 - y) * factor, (60 - x) * factor, (50 - y) * factor]
        covered = coverage(frame)
        row, column = (int((want[k] + want[k + 2]) / 2) for k in (1, 0))
        found = [*crossings(covered[row]), *crossings(covered[:, column])]
        assert found == pytest.approx([want[0], want[2], want[1], want[3]], abs=close)


@pytest.mark.parametrize(
    ("fit", "size"),
    [("contain", (36.0, 48.0)), ("none", (30.0, 40.0)), ("stretch", (64.0, 48.0))],
)
def test_it_is_fitted_as_it_moves(tmp_path: Path, fit: str, size: tuple[float, float]) -> None:
    """At its middle the crop is 30 x 40 pixels large."""
    Image.new("RGB", (120, 100), "white").save(tmp_path / "a.png")
    item = {
        "image": "a.png", "duration": "5f", "fit": fit,
        "crop": keyframes(rectangle(10, 10, 20, 20), rectangle(20, 30, 40, 60), every=4),
    }  # fmt: skip
    covered = coverage(film(tmp_path, item)[2])
    left, top, right, bottom = edges(covered)
    assert (right - left, bottom - top) == pytest.approx(size, abs=0.02)
    assert (left + right, top + bottom) == pytest.approx((64, 48), abs=0.02)
    turned = film(tmp_path, item | {"rotation": 90, "scale": 0.5})[2]
    assert coverage(turned).sum() == pytest.approx(size[0] * size[1] / 4, rel=0.01)


def test_where_it_rests_it_is_a_crop_that_does_not_move(tmp_path: Path) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, frames=4, width=128, height=96)
    kept = rectangle(32, 24, 64, 48)
    moving = keyframes(rectangle(0, 0, 128, 96), kept, every=3)
    for extra in (
        {},
        {"grade": [{"op": "saturation", "amount": 0.4}], "scale": 0.5, "position": "top-left"},
        {"effects": [{"op": "vignette", "amount": 0.8}], "mask": {"op": "ellipse"}},
        {"effects": [{"op": "vignette", "amount": 0.8}], "scale": 0.5},
        {"fit": "contain-blur", "scale": 0.5, "crop": keyframes(kept, kept, every=3)},
        {"rotation": 30}, {"rotation": 30, "effects": [{"op": "vignette", "amount": 0.8}]},
    ):  # fmt: skip
        item: dict[str, Any] = {"clip": "a.mkv", "crop": moving} | extra
        got = film(tmp_path, item)[3]
        assert distance(got, film(tmp_path, item | {"crop": kept})[3]) <= 2, extra


def test_a_picture_of_other_proportions_fills_the_canvas(tmp_path: Path) -> None:
    Image.new("RGB", (50, 200), "white").save(tmp_path / "a.png")
    pan = {"from": [0, 0, 0, 0.7], "to": [0, 0.7, 0, 0]}
    item = {"image": "a.png", "duration": "5f", "ken_burns": pan}
    assert all((frame[0] >= 234).all() for frame in film(tmp_path, item))
    contained = film(tmp_path, item | {"fit": "contain"})
    assert coverage(contained[0]).sum() == pytest.approx(48 * 40, rel=0.01)


def test_an_easing_that_overshoots_stays_within_the_picture(tmp_path: Path) -> None:
    Image.new("RGB", (128, 96), "white").save(tmp_path / "a.png")
    pan = {"from": rectangle(64, 48, 64, 48), "to": [0, 0, 0, 0], "easing": "ease-out-back"}
    for frame in film(tmp_path, {"image": "a.png", "duration": "8f", "ken_burns": pan}):
        assert (frame[0] >= 234).all()


def test_the_whole_picture_is_where_it_starts(tmp_path: Path) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, frames=4)
    pan = {"to": rectangle(10, 10, 32, 24)}
    panned = first(tmp_path, {"clip": "a.mkv", "ken_burns": pan})
    assert distance(panned, first(tmp_path, {"clip": "a.mkv"})) <= 1
