"""``width`` and ``height`` with keyframes: every frame matches the box at that time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.media.film.test_motion import PHOTO, coverage, edges, keyframes
from tests.media.film.test_rotation_and_crop import film, first
from tests.parity.ops.films import Array

Item = dict[str, Any]
CANVAS = {"width": 320, "height": 180, "fps": 25}
#: From the whole canvas to a square, in whole and even pixels of every frame.
WIDTHS, HEIGHTS = (320, 248, 176, 104), (180, 152, 124, 96)
BOX: Item = {
    "image": "a.png",
    "duration": "4f",
    "width": keyframes(320, 104, every=3),
    "height": keyframes(180, 96, every=3),
}


@pytest.fixture
def photo(tmp_path: Path) -> Image.Image:
    """A photograph; its folder has it as ``a.png``."""
    found = Image.open(PHOTO).convert("L")
    found.convert("RGB").save(tmp_path / "a.png")
    return found


def frames_of(folder: Path, item: Item) -> list[Array]:
    return [coverage(frame) for frame in film(folder, item, profile=CANVAS)]


@pytest.mark.parametrize(
    "more",
    [
        {"fit": "cover"},
        {"fit": "cover", "position": "bottom-right", "margin": 4},
        {"fit": "contain", "position": "top-left", "scale": 0.5},
        {"fit": "stretch", "anchor": [0, 1], "position": [0.1, 0.9], "offset": [2, -4]},
        {"fit": "none"},
        {"fit": "cover", "rotation": 90},
        {"fit": "cover", "rotation": 30},
        {"fit": "cover", "crop": {"x": "200px", "y": "0px", "width": "600px", "height": "900px"}},
        {"fit": "cover", "grade": [{"op": "exposure", "stops": -1}]},
        {"fit": "cover", "radius": "50%", "border": {"width": 4, "color": "#f00"}},
        {"fit": "contain", "radius": 20, "scale": 0.5},
        {"fit": "cover", "radius": 12, "position": "top-left",
         "shadow": {"color": "#ffffff", "offset": [6, 10], "blur": 8}},
        {"fit": "contain", "scale": 0.5, "rotation": 20,
         "shadow": {"color": "#ffffff", "offset": [6, 10], "blur": 4}},
    ],
)  # fmt: skip
def test_every_frame_matches_a_still_box(tmp_path: Path, photo: Image.Image, more: Item) -> None:
    moving = frames_of(tmp_path, BOX | more)
    assert len(moving) == 4
    for n, frame in enumerate(moving):
        # Moving items are not put on whole pixels, nor is this.
        place = keyframes(*[more.get("offset", [0, 0])] * 2, every=1)
        still = BOX | more | {"width": WIDTHS[n], "height": HEIGHTS[n], "offset": place}
        want = frames_of(tmp_path, still | {"duration": "1f"})[0]
        assert np.abs(frame - want).mean() * 255 < 1, n
        assert np.abs(frame - want).max() < 0.35, n


def test_every_frame_matches_lanczos_at_the_full_size(tmp_path: Path, photo: Image.Image) -> None:
    for n, frame in enumerate(frames_of(tmp_path, BOX | {"fit": "cover"})):
        size = WIDTHS[n], HEIGHTS[n]
        want = np.array(ImageOps.fit(photo, size, Image.Resampling.LANCZOS), float)
        left, top = (320 - size[0]) // 2, (180 - size[1]) // 2
        got = frame[top : top + size[1], left : left + size[0]] * 255
        assert np.abs(got - want).mean() < 1.5
        outside = frame.copy()
        outside[top : top + size[1], left : left + size[0]] = 0
        assert outside.max() < 0.01


def test_it_lies_between_pixels_and_sides_have_times_of_their_own(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60), "white").save(tmp_path / "a.png")
    item: Item = {
        "image": "a.png", "duration": "8f", "fit": "cover", "position": "top-left",
        "width": {"keyframes": [{"time": "0f", "value": 20, "easing": "ease-in-quad"},
                                {"time": "8f", "value": 40}]},
        "height": {"keyframes": [{"time": "2f", "value": "25%"}, {"time": "6f", "value": 40}]},
    }  # fmt: skip
    for n, frame in enumerate(film(tmp_path, item)):
        width = 20 + 20 * (n / 8) ** 2
        height = 12 + 28 * min(max((n - 2) / 4, 0), 1)
        assert edges(coverage(frame)) == pytest.approx((0, 0, width, height), abs=0.03)


def test_a_side_that_is_not_given_follows_the_picture(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60), "white").save(tmp_path / "a.png")
    box = {"duration": "5f", "width": keyframes(16, 48, every=4)}
    for what, high in (({"image": "a.png"}, 24), ({"color": "white"}, 48)):
        covered = coverage(film(tmp_path, what | box)[2])
        middle = (16, 24 - high / 2, 48, 24 + high / 2)
        assert edges(covered) == pytest.approx(middle, abs=0.03)


def test_a_moving_crop_fills_a_moving_box(tmp_path: Path, photo: Image.Image) -> None:
    ends = (0.0, 0.0, 1600.0, 900.0), (600.0, 300.0, 400.0, 600.0)
    names = ("x", "y", "width", "height")
    crop = keyframes(
        *({k: f"{v}px" for k, v in zip(names, end, strict=True)} for end in ends), every=3
    )
    for fit in ("cover", "stretch"):
        frames = frames_of(tmp_path, BOX | {"fit": fit, "crop": crop})
        for n, frame in enumerate(frames):
            x, y, width, height = (a + (b - a) * n / 3 for a, b in zip(*ends, strict=True))
            size = WIDTHS[n], HEIGHTS[n]
            if fit == "cover":
                kept = (
                    min(width, height * size[0] / size[1]),
                    min(height, width * size[1] / size[0]),
                )
                x, y = x + (width - kept[0]) / 2, y + (height - kept[1]) / 2
                width, height = kept
            part = (x, y, x + width, y + height)
            want = np.array(photo.resize(size, Image.Resampling.LANCZOS, part), float)
            left, top = (320 - size[0]) // 2, (180 - size[1]) // 2
            got = frame[top : top + size[1], left : left + size[0]] * 255
            assert np.abs(got - want).mean() < 1.5


def test_a_composition_brings_its_effects_into_a_moving_box(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "white").save(tmp_path / "a.png")
    masked = {"image": "a.png", "duration": "5f", "mask": {"op": "ellipse"}}
    inner = {"timeline": [masked]}
    box = {"width": keyframes(64, 32, every=4), "height": keyframes(48, 32, every=4)}
    item: Item = {"composition": inner, "fit": "cover"}
    moving = coverage(film(tmp_path, item | box)[4])
    still = coverage(first(tmp_path, item | {"width": 32, "height": 32}))
    assert np.abs(moving - still).mean() < 0.01
    assert moving.sum() > 100


def test_it_follows_the_size_of_the_output(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60), "white").save(tmp_path / "a.png")
    half = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p", "width": 32, "height": 24}
    item: Item = {
        "image": "a.png", "duration": "5f", "fit": "cover", "position": "top-left",
        "width": keyframes(20, 60, every=4), "height": keyframes("50%", 40, every=4),
    }  # fmt: skip
    covered = coverage(film(tmp_path, item, outputs=[half])[2])
    assert edges(covered) == pytest.approx((0, 0, 20, 16), abs=0.03)


def test_a_box_that_overshoots_stays_a_box(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60), "white").save(tmp_path / "a.png")
    ends = [{"time": "0f", "value": 60, "easing": "ease-in-out-back"}, {"time": "8f", "value": 1}]
    item: Item = {"image": "a.png", "duration": "8f", "fit": "cover", "height": 20}
    for frame in film(tmp_path, item | {"width": {"keyframes": ends}}):
        covered = coverage(frame)
        assert np.isfinite(covered).all() and covered[:13].max() < 0.01
