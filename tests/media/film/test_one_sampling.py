"""Geometry ops among the effects of an item: one sampling of the file, all of which they see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.media.film.test_motion import PHOTO, coverage, keyframes
from tests.media.film.test_rotation_and_crop import film, first, graph_of
from tests.parity.ops.films import BT709, Array, distance, smooth, write_source
from vedc.ir.graph import Node
from vedc.plan.executable import ComputedPiece, LayerRef
from vedc.plan.fusion.fuse import fuse

CANVAS = {"width": 320, "height": 180, "fps": 25}
Item = dict[str, Any]


@pytest.fixture
def photo(tmp_path: Path) -> Image.Image:
    found = Image.open(PHOTO).convert("L")
    found.convert("RGB").save(tmp_path / "a.png")
    return found


def drawn(folder: Path, item: Item) -> Array:
    return (
        coverage(first(folder, {"image": "a.png", "duration": "1f"} | item, profile=CANVAS)) * 255
    )


def lanczos(photo: Image.Image, box: tuple[float, ...]) -> Array:
    return np.array(photo.resize((320, 180), Image.Resampling.LANCZOS, box), float)


@pytest.mark.parametrize("amount", [1.6, 2.5, 4.0])
def test_a_zoom_shows_the_detail_of_the_file(
    tmp_path: Path, photo: Image.Image, amount: float
) -> None:
    center = (0.4, 0.55)
    item: Item = {
        "fit": "cover", "effects": [{"op": "zoom", "amount": amount, "center": list(center)}],
    }  # fmt: skip
    got = drawn(tmp_path, item)
    # The part of the canvas that the zoom shows, then of the picture that covers it.
    factor = max(320 / photo.width, 180 / photo.height)
    left, top = (320 - photo.width * factor) / 2, (180 - photo.height * factor) / 2
    wide, high = photo.width * factor, photo.height * factor
    x, y = (c * side * (1 - 1 / amount) for c, side in zip(center, (wide, high), strict=True))
    x, y = x - left / amount, y - top / amount
    box = tuple(v / factor for v in (x, y, x + 320 / amount, y + 180 / amount))
    want = lanczos(photo, box)
    assert np.abs(got - want).mean() < 1.5
    # A picture enlarged from the canvas has a twentieth of it.
    assert sharpness(got) > 0.55 * sharpness(want)


def sharpness(picture: Array) -> float:
    """The variance of the Laplacian."""
    inner = picture[1:-1, 1:-1]
    around = picture[:-2, 1:-1] + picture[2:, 1:-1] + picture[1:-1, :-2] + picture[1:-1, 2:]
    return float((around - 4 * inner).var())


@pytest.mark.parametrize("box", [{}, {"width": 64, "height": 48}])
def test_a_pan_shows_what_cover_hides(tmp_path: Path, box: Item) -> None:
    write_source(tmp_path / "a.mkv", slopes, "yuv444p", BT709, frames=1, width=64, height=96)
    item: Item = {"clip": "a.mkv", "fit": "cover"} | box
    pan = {"effects": [{"op": "transform", "position": [0, 20]}]}
    panned = first(tmp_path, item | pan)
    # Without a box it is the picture that is moved; with one, the picture moves in its box.
    moved = first(tmp_path, {"clip": "a.mkv", "fit": "cover", "offset": [0, 20]})
    assert distance(panned, moved) <= 1
    wide = first(tmp_path, item | {"effects": [{"op": "zoom", "amount": 0.5}]})
    assert distance(wide, first(tmp_path, {"clip": "a.mkv", "fit": "cover", "scale": 0.5})) <= 1


def slopes(plane: int, height: int, width: int, peak: int) -> Array:
    """Light rises by one code for each row."""
    y, x = np.mgrid[0:height, 0:width]
    return 60 + y if plane == 0 else 100 + x * 0.5


def test_everything_at_once_is_one_sampling(tmp_path: Path, photo: Image.Image) -> None:
    """Grade, skew and zoom, then scale, rotation and a move: against Pillow's affine map."""
    effects: list[Item] = [
        {"op": "zoom", "amount": 1.5, "center": [0.3, 0.6]},
        {"op": "saturation", "amount": 0.5},
        {"op": "skew", "horizontal": 10},
    ]
    item: Item = {
        "image": "a.png", "duration": "3f", "fit": "none", "rotation": 20, "scale": 0.9,
        "effects": effects, "position": keyframes([0.45, 0.5], [0.6, 0.4], every=2),
    }  # fmt: skip
    frames = film(tmp_path, item, profile=CANVAS)
    wide, high = photo.size
    zoom = about((0.3 * wide, 0.6 * high), np.diag([1.5, 1.5]))
    skew = about((0.5 * wide, 0.5 * high), np.array([[1, -np.tan(np.radians(10))], [0, 1]]))
    c, s = np.cos(np.radians(20)), np.sin(np.radians(20))
    for n, (px, py) in enumerate([(0.45, 0.5), (0.525, 0.45), (0.6, 0.4)]):
        turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.diag([0.9, 0.9, 1])
        put = moved(320 * px, 180 * py) @ turn @ moved(-wide / 2, -high / 2)
        back = np.linalg.inv(put @ skew @ zoom)
        # Pillow samples at the centres of pixels, too.
        theirs = photo.transform(
            (320, 180), Image.Transform.AFFINE, tuple(back[:2].ravel()), Image.Resampling.BICUBIC
        )
        away = np.abs(coverage(frames[n]) * 255 - np.array(theirs, float))
        assert np.mean(away) < 1.5 and np.percentile(away, 99) < 8


def about(center: tuple[float, float], matrix: Array) -> Array:
    whole = np.eye(3)
    whole[:2, :2] = matrix
    return moved(*center) @ whole @ moved(-center[0], -center[1])


def moved(x: float, y: float) -> Array:
    return np.array([[1.0, 0, x], [0, 1, y], [0, 0, 1]])


def sampled_layers(graph: Node) -> list[tuple[int, int]]:
    """The sizes of the pictures that the last kernel samples."""
    piece = fuse(graph, lambda digest: pytest.fail("no tables"))
    assert isinstance(piece, ComputedPiece)
    return [(i.width, i.height) for i in piece.last.inputs if isinstance(i, LayerRef)]


@pytest.mark.parametrize("way", [{}, {"rotation": 15}, {"offset": keyframes([0, 0], [3, 1])}])
def test_there_is_one_layer_the_picture(tmp_path: Path, way: Item) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, frames=2, width=128, height=96)
    effects: list[Item] = [
        {"op": "zoom", "amount": 2.5},
        {"op": "tilt", "yaw": 20},
        {"op": "saturation", "amount": 0.3},
    ]
    item: Item = {"clip": "a.mkv", "effects": effects, "scale": 0.9} | way
    (size,) = sampled_layers(graph_of(tmp_path, item))
    assert size[0] == 128 and size[1] in (96, 144)


@pytest.mark.parametrize("edge", ["mirror", "repeat", "clamp"])
def test_edges_lie_around_the_item(tmp_path: Path, edge: str) -> None:
    """Around the picture, or around its box where that cuts it."""
    write_source(tmp_path / "a.mkv", slopes, "yuv444p", BT709, frames=1, width=64, height=96)
    shift = {"effects": [{"op": "transform", "position": [0, 20], "edge": edge}]}
    whole = first(tmp_path, {"clip": "a.mkv", "height": 48} | shift)[0]
    boxed = first(tmp_path, {"clip": "a.mkv", "width": 64, "height": 48, "fit": "cover"} | shift)[0]
    mode = {"mirror": "symmetric", "repeat": "wrap", "clamp": "edge"}[edge]
    rows = 60 + np.arange(96)
    shown = np.pad(rows[24:72], (20, 0), mode=mode)[:48]  # type: ignore[call-overload]
    assert np.abs(boxed[2:-2, 32].astype(float) - shown[2:-2]).max() <= (
        30 if edge == "repeat" else 1.5
    )
    small = 60.5 + 2 * np.arange(48)
    shown = np.pad(small, (20, 0), mode=mode)[:48]  # type: ignore[call-overload]
    away = np.abs(whole[2:-2, 32].astype(float) - shown[2:-2])
    assert np.sort(away)[-3 if edge == "repeat" else -1] <= 2
