"""``width`` and ``height``: what an item is fitted into, placed by and clipped by."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.media.film.test_motion import CANVAS, PHOTO, coverage, edges, keyframes
from tests.media.film.test_rotation_and_crop import film, first
from tests.parity.ops.films import BT709, Array, smooth, write_source

Item = dict[str, Any]


@pytest.fixture
def white(tmp_path: Path) -> Path:
    """Of 4:3, as the canvas of 64 x 48 is."""
    Image.new("RGB", (80, 60), "white").save(tmp_path / "a.png")
    return tmp_path


def drawn(folder: Path, item: Item, **more: Any) -> Array:
    return coverage(first(folder, {"image": "a.png", "duration": "1f"} | item, **more))


@pytest.mark.parametrize(
    ("item", "want"),
    [
        ({"width": 32}, (16, 12, 48, 36)),
        ({"height": "25%"}, (24, 18, 40, 30)),
        ({"width": 20, "height": 30}, (22, 16.5, 42, 31.5)),
        ({"width": 20, "height": 30, "fit": "cover"}, (22, 9, 42, 39)),
        ({"width": 20, "height": 30, "fit": "stretch"}, (22, 9, 42, 39)),
        ({"width": 20, "height": 30, "fit": "none"}, (22, 9, 42, 39)),
        ({"width": 20, "height": 30, "fit": "cover", "scale": 0.5}, (27, 16.5, 37, 31.5)),
        ({"width": 20, "height": 30, "fit": "cover", "position": "top-left"}, (0, 0, 20, 30)),
        ({"width": 20, "height": 30, "position": "bottom-right", "margin": 4},
         (40, 21.5, 60, 36.5)),
        ({"width": 20, "height": 30, "fit": "cover", "position": "left", "offset": ["25%", "-5%"]},
         (16, 6.6, 36, 36.6)),
        ({"width": 32, "height": 32, "crop": [0, 0, 0.5, 0]}, (21.33, 8, 42.67, 40)),
        ({"width": 20, "height": 30, "fit": "cover", "rotation": 90}, (17, 14, 47, 34)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("moves", [False, True])
def test_it_is_where_its_box_says(
    white: Path, item: Item, want: tuple[float, ...], moves: bool
) -> None:
    """In whole pixels where it rests, and exactly where it moves."""
    if moves:
        still = item.get("offset", [0, 0])
        item = item | {"offset": keyframes(still, still)}
    close = 0.02 if moves else 1.0
    assert edges(drawn(white, item)) == pytest.approx(want, abs=close)


def test_a_colour_and_a_generator_have_boxes(tmp_path: Path) -> None:
    for what in ({"color": "white"}, {"generator": {"op": "checker", "color_1": "white"}}):
        item = what | {"duration": "1f", "width": 20, "height": 12, "position": "right"}
        covered = coverage(first(tmp_path, item))
        if "color" in what:
            assert edges(covered) == pytest.approx((44, 18, 64, 30), abs=0.01)
        assert covered[:18].max() == covered[30:].max() == covered[:, :44].max() == 0
        assert covered[18:30, 44:].max() > 0.9
    tall = coverage(first(tmp_path, {"color": "white", "duration": "1f", "width": 10}))
    assert (tall[:, 27:37] > 0.99).all() and tall[:, :27].max() == 0


def test_a_generator_is_drawn_in_its_box_and_then_placed(tmp_path: Path) -> None:
    """Turned and made smaller it is the picture of its box, as Pillow places it."""
    ramp = {"op": "linear_gradient", "start": [0, 0.5], "end": [1, 0.5]}
    generated: Item = {"generator": ramp, "duration": "1f", "width": 40, "height": 20}
    flat = coverage(first(tmp_path, generated))[14:34, 12:52]
    turned = coverage(first(tmp_path, generated | {"rotation": 180}))[14:34, 12:52]
    assert np.abs(turned - flat[::-1, ::-1]).max() < 0.01
    half = coverage(first(tmp_path, generated | {"scale": 0.5}))[19:29, 22:42]
    small = np.array(
        Image.fromarray((flat * 255).astype(np.float32)).resize((20, 10), Image.Resampling.BOX)
    )
    assert np.abs(half * 255 - small).mean() < 1.5


@pytest.mark.parametrize("fit", ["cover", "contain"])
@pytest.mark.parametrize("moves", [False, True])
def test_a_photograph_in_a_box_matches_lanczos(tmp_path: Path, fit: str, moves: bool) -> None:
    photo = Image.open(PHOTO).convert("L")
    photo.convert("RGB").save(tmp_path / "a.png")
    canvas = {"width": 320, "height": 180, "fps": 25}
    item: Item = {"width": 200, "height": 160, "fit": fit, "position": [0, 0], "anchor": [0, 0]}
    if moves:
        item["position"] = keyframes([0, 0], [0, 0])
    got = drawn(tmp_path, item, profile=canvas) * 255
    method = Image.Resampling.LANCZOS
    if fit == "cover":
        want = np.array(ImageOps.fit(photo, (200, 160), method), float)
        assert np.abs(got[2:158, 2:198] - want[2:158, 2:198]).mean() < 1.5
    else:
        high = 200 * photo.height / photo.width
        rows = int(high + 0.5)
        top = (160 - rows) // 2
        part = (0.0, 0.0, *map(float, photo.size))
        if moves:  # the rows of the canvas, which begin within one of the picture
            rows, top = int(high) - 1, math.ceil((160 - high) / 2)
            begin = (top - (160 - high) / 2) * photo.height / high
            part = (0.0, begin, photo.width, begin + rows * photo.height / high)
        want = np.array(photo.resize((200, rows), method, part), float)
        assert np.abs(got[top : top + rows, :200] - want)[2:-2, 2:198].mean() < 1.5
    assert got[162:].max() == 0 and got[:, 202:].max() == 0


@pytest.mark.parametrize("way", [{}, {"rotation": 30}, {"scale": keyframes(1, 1)}])
def test_effects_count_from_the_box_which_clips_last(tmp_path: Path, way: Item) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, frames=1, width=80, height=60)
    item: Item = {"clip": "a.mkv", "width": 24, "height": 24, "fit": "cover"} | way
    box: Item = {"color": "white", "duration": "1f", "width": 24, "height": 24} | way
    inside = coverage(first(tmp_path, box))
    held = coverage(first(tmp_path, item | {"mask": {"op": "ellipse", "radius": [0.5, 0.5]}}))
    plain = coverage(first(tmp_path, item))
    # A circle that touches the sides of the box.
    assert held.sum() / plain.sum() == pytest.approx(math.pi / 4, rel=0.03)
    soft = first(tmp_path, item | {"effects": [{"op": "gaussian_blur", "radius": 3}]})
    assert np.abs(coverage(soft))[inside < 0.01].max() == 0
    # The blur sees the part that cover hides: nothing dark bleeds in from the left and the right.
    middle = coverage(soft)[22:26, 21:43]
    assert middle.min() > 0.25


def test_contain_blur_fills_its_box(white: Path) -> None:
    Image.new("RGB", (30, 60), "white").save(white / "a.png")
    item: Item = {"width": 40, "height": 30, "fit": "contain-blur", "position": "top-left"}
    for way in ({}, {"scale": keyframes(1, 1)}, {"crop": keyframes([0, 0, 0, 0], [0, 0, 0, 0])}):
        covered = drawn(white, item | way)
        assert edges(covered) == pytest.approx((0, 0, 40, 30), abs=0.02), way
        assert covered[:30, :40].min() > 0.98


def test_a_panned_picture_fills_its_box(white: Path) -> None:
    pan = {"to": [0.25, 0.25, 0.25, 0.25]}
    item: Item = {"ken_burns": pan, "width": 30, "height": 40, "position": "right"}
    assert edges(drawn(white, item)) == pytest.approx((34, 4, 64, 44), abs=0.02)
    turned = drawn(white, item | {"rotation": 45, "position": "center"})
    assert turned.sum() == pytest.approx(1200, rel=0.01)


def test_a_box_follows_the_size_of_the_output(white: Path) -> None:
    spec: Item = {
        "width": 20, "height": "50%", "fit": "cover", "position": "top-left", "margin": 2,
        "offset": [1, 3],
    }  # fmt: skip
    small = drawn(white, spec)
    double = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p", "width": 128, "height": 96}
    large = drawn(white, spec, outputs=[double])
    assert edges(small) == pytest.approx((3, 5, 23, 29), abs=0.01)
    assert edges(large) == pytest.approx((6, 10, 46, 58), abs=0.01)
    own = drawn(white, {"fit": "none", "width": 20, "height": 20}, outputs=[double])
    assert edges(own) == pytest.approx((44, 28, 84, 68), abs=0.01)


def test_titles_keep_a_margin_and_others_do_not(tmp_path: Path) -> None:
    title: Item = {"text": "I", "size": 20, "duration": "1f", "background": "white"}
    for position, corner in (("top-left", (0, 0)), ("bottom-right", (1, 1))):
        close = coverage(first(tmp_path, title | {"position": position, "margin": 0}))
        own = coverage(first(tmp_path, title | {"position": position}))
        wide = coverage(first(tmp_path, title | {"position": position, "margin": ["0%", 6]}))
        moved = coverage(first(tmp_path, title | {"position": [*corner]}))
        assert np.array_equal(close, moved)
        sign = 1 if corner == (0, 0) else -1
        assert np.array_equal(own, np.roll(close, (2 * sign, 2 * sign), (0, 1)))  # 5% of 48
        assert np.array_equal(wide, np.roll(close, (6 * sign, 0), (0, 1)))
    box = {"color": "white", "duration": "1f", "width": 10, "height": 10, "position": "top-left"}
    assert edges(coverage(first(tmp_path, box))) == pytest.approx((0, 0, 10, 10), abs=0.01)


def test_named_places_that_it_moves_between_have_the_margin(white: Path) -> None:
    item: Item = {
        "image": "a.png", "duration": "5f", "width": 16, "margin": [4, 6],
        "position": keyframes("top-left", [0.5, 0.5], "bottom-right", every=2),
    }  # fmt: skip
    frames = film(white, item | {"anchor": [0.5, 0.5]})
    for n, centre in ((0, (4, 6)), (2, CANVAS / 2), (4, CANVAS - (4, 6))):
        covered = coverage(frames[n])
        x, y = centre
        want = (max(x - 8, 0), max(y - 6, 0), min(x + 8, 64), min(y + 6, 48))
        assert edges(covered) == pytest.approx(want, abs=0.05)
