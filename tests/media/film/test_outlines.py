"""``radius``, ``border`` and ``shadow``: against shapes drawn large, and OpenCV's Gaussian."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.media.film.test_motion import coverage, edges, keyframes
from tests.media.film.test_rotation_and_crop import film, first
from tests.parity.ops.films import Array

Item = dict[str, Any]
#: How much larger the shapes are drawn that items are compared with.
LARGE = 16
MOVES = {"offset": keyframes([0, 0], [0, 0])}


def shape(box: tuple[float, float, float, float], radius: float, rotation: float = 0.0) -> Array:
    """The coverage of a rounded rectangle: left, top, right, bottom, turned about its middle."""
    large = Image.new("L", (64 * LARGE, 48 * LARGE))
    left, top, right, bottom = (round(side * LARGE) for side in box)
    drawn = ImageDraw.Draw(large)
    if right > left and bottom > top:
        drawn.rounded_rectangle((left, top, right - 1, bottom - 1), radius * LARGE, fill=255)
    if rotation:
        middle = (left + right) / 2, (top + bottom) / 2
        large = large.rotate(-rotation, Image.Resampling.BICUBIC, center=middle)
    return np.array(large.resize((64, 48), Image.Resampling.BOX), float) / 255


def white(folder: Path, item: Item, **more: Any) -> Array:
    what = {} if "image" in item else {"color": "white"}
    return coverage(first(folder, what | {"duration": "1f"} | item, **more))


@pytest.mark.parametrize("way", [{}, MOVES, {"rotation": 20}, {"rotation": 20} | MOVES])
@pytest.mark.parametrize(("radius", "pixels"), [(6, 6.0), ("25%", 5.0), ("50%", 10.0), (40, 10.0)])
def test_corners_are_round(tmp_path: Path, way: Item, radius: Any, pixels: float) -> None:
    got = white(tmp_path, {"width": 30, "height": 20, "radius": radius} | way)
    want = shape((17, 14, 47, 34), pixels, float(way.get("rotation", 0)))
    assert np.abs(got - want).max() < 0.12
    assert got.sum() == pytest.approx(want.sum(), rel=0.004)


def test_a_radius_follows_the_scale_and_moves(tmp_path: Path) -> None:
    item: Item = {"width": 60, "height": 40, "radius": 12}
    half = white(tmp_path, item | {"scale": 0.5})
    assert np.abs(half - shape((17, 14, 47, 34), 6)).max() < 0.12
    moving = film(
        tmp_path,
        {"color": "white", "duration": "3f", "width": 60, "height": 40,
         "scale": keyframes(0.5, 1, every=2), "radius": keyframes(12, "50%", every=2)},
    )  # fmt: skip
    for n, (scale, radius) in enumerate([(0.5, 6.0), (0.75, 4.5 + 0.25 * 30), (1.0, 20.0)]):
        across, down = 30 * scale, 20 * scale
        want = shape((32 - across, 24 - down, 32 + across, 24 + down), radius)
        assert np.abs(coverage(moving[n]) - want).max() < 0.15


@pytest.mark.parametrize("way", [{}, MOVES, {"rotation": 90}])
@pytest.mark.parametrize("radius", [0, 8])
def test_a_border_runs_along_the_inside(tmp_path: Path, way: Item, radius: int) -> None:
    """Luma alone distinguishes the picture, grey, from the border, white."""
    item: Item = {
        "color": "#808080", "width": 20, "height": 30, "border": {"width": 3}, "radius": radius,
    }  # fmt: skip
    got = white(tmp_path, item | way)
    box = (22.0, 9.0, 42.0, 39.0) if "rotation" not in way else (17.0, 14.0, 47.0, 34.0)
    left, top, right, bottom = box
    outer = shape(box, radius)
    inner = shape((left + 3, top + 3, right - 3, bottom - 3), max(radius - 3, 0))
    want = outer - inner + inner * (np.round(128 / 255 * 219) / 219)
    assert np.abs(got - want).max() < (0.12 if radius else 0.01)


def test_a_border_may_let_the_picture_through_and_grow_over_it(tmp_path: Path) -> None:
    item: Item = {"width": 20, "height": 20, "border": {"width": 4, "color": "#00000080"}}
    got = white(tmp_path, item)
    assert got[15, 30] == pytest.approx(1 - 128 / 255, abs=0.01)
    assert got[24, 32] > 0.99 and got[13:35, 21:43].sum() == pytest.approx(got.sum())
    full = white(tmp_path, item | {"border": {"width": 50, "color": "black"}})
    assert full.max() == 0
    line = {"width": keyframes(0, 4, every=2), "color": "black"}
    box: Item = {"color": "white", "duration": "3f", "width": 20, "height": 20, "border": line}
    grown = film(tmp_path, box)
    for n in range(3):
        assert coverage(grown[n]).sum() == pytest.approx((20 - 4 * n) ** 2, rel=0.002)


def test_edges_of_a_picture_are_smoothed_once(tmp_path: Path) -> None:
    """Between pixels, a picture with an outline has the edge of one without."""
    Image.new("RGB", (80, 60), "white").save(tmp_path / "a.png")
    item: Item = {
        "image": "a.png", "duration": "1f", "width": 20.5, "height": 15.5, "fit": "cover",
        "offset": keyframes([0.3, 0.2], [0.3, 0.2]),
    }  # fmt: skip
    for outline in ({}, {"border": {"width": 2, "color": "white"}}):
        left, top, right, bottom = edges(coverage(first(tmp_path, item | outline)))
        assert (left, top) == pytest.approx((32.3 - 10.25, 24.2 - 7.75), abs=0.02)
        assert (right, bottom) == pytest.approx((32.3 + 10.25, 24.2 + 7.75), abs=0.02)


def soft(box: tuple[float, float, float, float], radius: float, blur: float) -> Array:
    return cv2.GaussianBlur(
        cv2.resize(shape(box, radius), None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST),
        (0, 0), blur * 2, borderType=cv2.BORDER_CONSTANT,
    ).reshape(48, 4, 64, 4).mean((1, 3))  # fmt: skip


@pytest.mark.parametrize("way", [{}, MOVES])
@pytest.mark.parametrize("radius", [0, 5, 10])
@pytest.mark.parametrize("blur", [1, 4, 9])
def test_the_shadow_of_a_box_is_a_gaussian(
    tmp_path: Path, way: Item, radius: int, blur: int
) -> None:
    """A white shadow of a black box, where the box does not hide it."""
    item: Item = {
        "color": "black", "width": 24, "height": 20, "radius": radius,
        "shadow": {"offset": [5, 3], "blur": blur, "color": "white"},
    }  # fmt: skip
    got = white(tmp_path, item | way)
    want = soft((25, 17, 49, 37), radius, blur) * (1 - shape((20, 14, 44, 34), radius))
    assert np.abs(got - want).max() < 0.08
    assert np.abs(got - want).mean() < 0.003


@pytest.mark.parametrize(
    "way", [{}, MOVES, {"scale": keyframes(1, 1)}, {"rotation": 90}, {"rotation": 90} | MOVES]
)
def test_the_shadow_of_a_picture_with_alpha_follows_its_visible_part(
    tmp_path: Path, way: Item
) -> None:
    disc = Image.new("RGBA", (40, 40))
    ImageDraw.Draw(disc).ellipse((4, 4, 35, 35), fill="black")
    disc.save(tmp_path / "a.png")
    item: Item = {
        "image": "a.png", "duration": "1f", "width": 20, "height": 20,
        "shadow": {"offset": [12, 2], "blur": 4, "color": "#ffffff"},
    }  # fmt: skip
    got = white(tmp_path, item | way)
    x, y = (12, 2) if "rotation" not in way else (-2, 12)
    at = np.argwhere(got > 0.5).mean(0)[::-1]
    want = soft((24 + x, 16 + y, 40 + x, 32 + y), 8, 4) * (1 - shape((24, 16, 40, 32), 8))
    assert np.abs(got - want).max() < 0.2
    assert np.abs(got - want).mean() < 0.006
    assert np.hypot(*(at - (32 + x, 24 + y))) < 2.5


def test_opacity_and_masks_take_the_outline_along(tmp_path: Path) -> None:
    item: Item = {"width": 20, "height": 20, "radius": 4, "border": {"width": 2, "color": "white"}}
    whole = white(tmp_path, item)
    assert np.abs(white(tmp_path, item | {"opacity": 0.5}) - whole / 2).max() < 0.01
    cut = white(tmp_path, {"color": "white", "width": 20, "height": 20, "radius": 4,
                           "mask": {"op": "rectangle", "size": [0.5, 1]}})  # fmt: skip
    assert edges(cut)[0] == pytest.approx(27, abs=0.1)


def test_a_shadow_lies_on_the_tracks_below(tmp_path: Path) -> None:
    tracks = [
        {"clips": [{"color": "white", "duration": "1f"}]},
        {"clips": [{"color": "white", "duration": "1f", "width": 20, "height": 20,
                    "shadow": {"offset": [8, 0], "blur": 0, "color": "#00000080"}}]},
    ]  # fmt: skip
    got = coverage(first(tmp_path, {}, timeline={"tracks": tracks}))
    assert got[24, 45] == pytest.approx(1 - 128 / 255, abs=0.01)
    assert got[24, 32] > 0.99 and got[24, 55] > 0.99


@pytest.mark.parametrize("way", [{}, MOVES, {"rotation": 15}])
def test_an_output_of_half_size_is_the_same_film(tmp_path: Path, way: Item) -> None:
    item: Item = {
        "width": 60, "height": "50%", "radius": 10, "border": {"width": 6, "color": "#808080"},
        "shadow": {"offset": [8, 6], "blur": 12, "color": "white"}, "position": "top-left",
        "margin": "10%", "effects": [{"op": "transform", "position": [12, 0]}],
    }  # fmt: skip
    large, small = (
        white(tmp_path, item | way, profile={"width": 128, "height": 96, "fps": 25},
              outputs=[{"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"} | size])
        for size in ({}, {"width": 64, "height": 48})
    )  # fmt: skip
    reduced = large.reshape(48, 2, 64, 2).mean((1, 3))
    assert np.abs(reduced - small).mean() * 255 < 3
