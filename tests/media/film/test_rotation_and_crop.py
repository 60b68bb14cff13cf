"""``rotation`` and ``crop`` in films: against NumPy where they are exact, else against Pillow."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image

from tests.media.files.test_delivery import calm_planes, frame_of, info_of, luma, random_planes
from tests.parity.ops.films import (
    BT709,
    Array,
    build,
    distance,
    planes_of,
    render,
    smooth,
    write_source,
)
from vedc.color import Color
from vedc.ir.graph import Node, walk
from vedc.ir.text import print_graph
from vedc.media.delivery import Deliverer, Delivery
from vedc.stills.load import load_still
from vedc.workspace.planning import plan_edit

LOSSLESS = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}
CANVAS = {"width": 64, "height": 48, "fps": 25}


def legal(plane: int, height: int, width: int, peak: int) -> Array:
    """Noise of colours that every matrix holds."""
    low, high = ((90, 160), (118, 138), (118, 138))[plane]
    return np.random.default_rng(plane).integers(low, high, (height, width))


def film(folder: Path, item: dict[str, Any], **more: Any) -> list[list[Array]]:
    spec = {"profile": CANVAS, "timeline": [item], "outputs": [LOSSLESS]} | more
    return planes_of(render(folder, spec))


def first(folder: Path, item: dict[str, Any], **more: Any) -> list[Array]:
    return film(folder, item, **more)[0]


def graph_of(folder: Path, item: dict[str, Any]) -> Node:
    spec = {"profile": CANVAS, "timeline": [item], "outputs": [LOSSLESS]}
    made = build(folder, spec)
    (edit,) = made.edits()
    return plan_edit(made, edit).segments[0].pieces[0].graph


def on_black(
    picture: list[Array], x: int, y: int, width: int = 64, height: int = 48
) -> list[Array]:
    """The canvas with a picture at a place, cut off at its edges."""
    canvas = [np.full((height, width), level, np.uint8) for level in (16, 128, 128)]
    for below, own in zip(canvas, picture, strict=True):
        rows, columns = own.shape
        top, left = max(0, -y), max(0, -x)
        bottom, right = min(rows, height - y), min(columns, width - x)
        below[y + top : y + bottom, x + left : x + right] = own[top:bottom, left:right]
    return canvas


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    write_source(tmp_path / "a.mkv", legal, "yuv444p", BT709, frames=1, width=31, height=20)
    return tmp_path


def quarter(folder: Path, turns: int) -> list[Array]:
    planes = planes_of(folder / "a.mkv")[0]
    return [np.rot90(plane, -turns) for plane in planes]  # NumPy turns counter-clockwise


# Rotation -------------------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [90, 180, 270, -90, 450])
def test_quarter_turns_are_exact_and_clockwise(noisy: Path, degrees: int) -> None:
    got = first(noisy, {"clip": "a.mkv", "fit": "none", "rotation": degrees})
    turned = quarter(noisy, degrees // 90)
    rows, columns = turned[0].shape
    x, y = math.floor((64 - columns) / 2 + 0.5), math.floor((48 - rows) / 2 + 0.5)
    assert distance(got, on_black(turned, x, y)) == 0


@pytest.mark.parametrize(
    ("degrees", "corner"), [(90, (44, 0)), (180, (33, -20)), (270, (64, -31 + 0))]
)
def test_the_anchor_stays_in_its_place(noisy: Path, degrees: int, corner: tuple[int, int]) -> None:
    """About its upper left corner, which lies at (64, 0): what comes in from the right."""
    item = {
        "clip": "a.mkv", "fit": "none", "rotation": degrees, "position": "top-right",
        "anchor": "top-left",
    }  # fmt: skip
    got = first(noisy, item)
    assert distance(got, on_black(quarter(noisy, degrees // 90), *corner)) == 0


@pytest.mark.parametrize("degrees", [0, 360, -720])
def test_whole_turns_change_nothing(noisy: Path, degrees: int) -> None:
    plain = {"clip": "a.mkv", "scale": 0.8}
    turned = plain | {"rotation": degrees, "crop": [0, "0px", 0, "0%"]}
    assert graph_of(noisy, turned) is graph_of(noisy, plain)
    assert "affine" not in print_graph(graph_of(noisy, turned))


@pytest.mark.parametrize("extra", [
    {"effects": [{"op": "vignette", "amount": 0.8}]},
    {"effects": [{"op": "gaussian_blur", "radius": 2}]},
    {"mask": {"op": "ellipse", "radius": [0.3, 0.4]}},
    {"grade": [{"op": "saturation", "amount": 0.4}], "opacity": 0.5},
])  # fmt: skip
def test_ops_and_masks_turn_with_the_item(noisy: Path, extra: dict[str, Any]) -> None:
    """Half a turn of the item is half a turn of the film."""
    item = {"clip": "a.mkv", "fit": "stretch"} | extra
    turned = first(noisy, item | {"rotation": 180})
    assert distance(turned, [np.rot90(plane, 2) for plane in first(noisy, item)]) <= 1


def coordinates(degrees: float, scale: float, size: tuple[int, int]) -> tuple[float, ...]:
    """Pillow's map from a canvas of 64x48 to a picture in its middle."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    a, b, d, e = c / scale, s / scale, -s / scale, c / scale
    return a, b, size[0] / 2 - 32 * a - 24 * b, d, e, size[1] / 2 - 32 * d - 24 * e


@pytest.mark.parametrize("degrees", [7.5, -33.0, 61.0, 123.0])
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.6])
def test_other_angles_match_pillow(tmp_path: Path, degrees: float, scale: float) -> None:
    """Within one code value, on slopes, two pixels away from the edges."""
    size = (80, 60)
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, frames=1, width=80, height=60)
    item = {"clip": "a.mkv", "fit": "none", "rotation": degrees, "scale": scale}
    got = first(tmp_path, item)
    source = planes_of(tmp_path / "a.mkv")[0]
    way = coordinates(degrees, scale, size)
    whole = Image.new("L", size, 255).transform((64, 48), Image.Transform.AFFINE, way)
    inside = np.array(whole) == 255
    for _ in range(2):
        inside[1:-1, 1:-1] &= inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2]
        inside[1:-1, 1:-1] &= inside[1:-1, 2:]
    inside[:2], inside[-2:], inside[:, :2], inside[:, -2:] = False, False, False, False
    assert inside.sum() > 200
    for mine, plane in zip(got, source, strict=True):
        theirs = Image.fromarray(plane).transform(
            (64, 48), Image.Transform.AFFINE, way, Image.Resampling.BICUBIC
        )
        away = np.abs(mine.astype(float) - np.array(theirs, float))[inside]
        assert away.max() <= 1


def test_edges_are_smooth_and_the_rest_is_what_lies_below(tmp_path: Path) -> None:
    def bright(plane: int, height: int, width: int, peak: int) -> Array:
        return np.full((height, width), (235, 128, 128)[plane])

    write_source(tmp_path / "a.mkv", bright, "yuv444p", BT709, frames=1, width=30, height=20)
    got, *chroma = first(tmp_path, {"clip": "a.mkv", "fit": "none", "rotation": 27})
    covered = (got.astype(float) - 16) / 219
    assert covered.sum() == pytest.approx(600, rel=0.003)  # no seam, no halo
    assert covered.min() == 0 and covered.max() == 1 and (got[:5] == 16).all()
    assert ((covered > 0) & (covered < 1)).sum() < 160  # a pixel wide all around
    assert all((plane == 128).all() for plane in chroma)


def test_keyframes_stop_at_every_angle(noisy: Path) -> None:
    write_source(noisy / "b.mkv", smooth, "yuv444p", BT709, frames=5, width=31, height=20)
    points = [{"time": "0f", "value": 0}, {"time": "4f", "value": 100}]
    moving = film(noisy, {"clip": "b.mkv", "fit": "none", "rotation": {"keyframes": points}})
    for frame, degrees in ((1, 25), (2, 50), (3, 75)):
        still = film(noisy, {"clip": "b.mkv", "fit": "none", "rotation": degrees})
        assert distance(moving[frame], still[frame]) <= 1
    upright = film(noisy, {"clip": "b.mkv", "fit": "none"})
    assert distance(moving[0], upright[0]) <= 1


def test_what_cover_hides_comes_in(tmp_path: Path) -> None:
    write_source(tmp_path / "a.mkv", legal, "yuv444p", BT709, frames=1, width=120, height=30)
    for extra in ({}, {"effects": [{"op": "gaussian_blur", "radius": 1}]}):
        item = {"clip": "a.mkv", "fit": "cover", "rotation": 90, "scale": 1.4} | extra
        assert first(tmp_path, item)[0].min() > 60


def test_a_picture_is_sampled_once(noisy: Path) -> None:
    graph = graph_of(noisy, {"clip": "a.mkv", "rotation": 12, "grade": [{"op": "saturation"}]})
    (source,) = (n for n in walk(graph) if n.op == "source")
    assert (source["width"], source["height"]) == (31, 20)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_text_turns_about_its_anchor(tmp_path: Path, degrees: int) -> None:
    square = {"profile": {"width": 64, "height": 64, "fps": 25}}
    item = {"text": "Ag", "size": 20, "duration": "1f"}
    plain = first(tmp_path, item, **square)
    got = first(tmp_path, item | {"rotation": degrees}, **square)
    assert distance(got, [np.rot90(plane, -degrees // 90) for plane in plain]) == 0
    assert np.ptp(got[0]) > 100


def test_text_that_is_wider_than_the_canvas_is_whole_on_its_side(tmp_path: Path) -> None:
    tall, wide = (
        {"profile": {"width": w, "height": h, "fps": 25}} for w, h in ((24, 96), (96, 24))
    )
    item = {"text": "Turned", "size": 20, "max_width": "none", "duration": "1f"}
    plain = first(tmp_path, item, **wide)
    got = first(tmp_path, item | {"rotation": 90}, **tall)
    assert distance(got, [np.rot90(plane, -1) for plane in plain]) == 0


def test_only_the_picture_turns_before_its_backdrop(noisy: Path) -> None:
    item = {"clip": "a.mkv", "fit": "contain-blur", "scale": 0.6}
    plain, turned = first(noisy, item), first(noisy, item | {"rotation": 90})
    for x, y in ((1, 1), (62, 46), (2, 40)):
        assert plain[0][y, x] == turned[0][y, x]
    assert plain[0].min() > 60 and turned[0].min() > 60 and distance(plain, turned) > 20


# Crop -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("crop", [
    ["5px", "3px", "9px", "4px"],
    {"x": "5px", "y": "3px", "width": "17px", "height": "13px"},
    [0.16, "15%", "9px", 0.2],
])  # fmt: skip
def test_a_crop_is_exact(noisy: Path, crop: Any) -> None:
    got = first(noisy, {"clip": "a.mkv", "fit": "none", "crop": crop})
    kept = [plane[3:16, 5:22] for plane in planes_of(noisy / "a.mkv")[0]]
    assert distance(got, on_black(kept, 24, 18)) == 0


def test_a_crop_is_fitted_like_a_file_of_its_own(noisy: Path) -> None:
    def part(plane: int, height: int, width: int, peak: int) -> Array:
        return legal(plane, 20, 31, peak)[2:14, 6:22]

    write_source(noisy / "part.mkv", part, "yuv444p", BT709, frames=1, width=16, height=12)
    for extra in ({}, {"fit": "cover"}, {"fit": "contain-blur", "scale": 0.5}, {"rotation": 30}):
        cut = first(noisy, {"clip": "a.mkv", "crop": ["6px", "2px", "9px", "6px"]} | extra)
        assert distance(cut, first(noisy, {"clip": "part.mkv"} | extra)) == 0


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p10le", "yuv444p"])
@pytest.mark.parametrize("corner", [(8, 4), (7, 5)])
def test_a_crop_counts_on_the_picture_as_shown(
    turn: int, pix_fmt: str, corner: tuple[int, int]
) -> None:
    planes = random_planes(pix_fmt, 1023 if "10" in pix_fmt else 255)
    frame = frame_of(pix_fmt, planes)
    x, y = corner
    delivery = Delivery(12, 10, pix_fmt, crop=(x, y, 12, 10))
    got = Deliverer(info_of(frame, Color(), turn), delivery)(frame)
    assert (luma(got) == np.rot90(planes[0], -turn // 90)[y : y + 10, x : x + 12]).all()
    if corner == (8, 4) and turn == 0:
        for plane in (1, 2):
            rows, columns = luma(got, plane).shape
            wide, high = 12 // columns, 10 // rows
            left, top = x // wide, y // high
            assert (
                luma(got, plane) == planes[plane][top : top + rows, left : left + columns]
            ).all()


@pytest.mark.parametrize("x", [16, 17])
def test_chroma_stays_in_place_when_cropped(x: int) -> None:
    """A ramp cut out and scaled is that part of the ramp."""
    ramp = np.tile(np.arange(64) * 2 * 6 + 100, (32, 1)).astype(np.uint16)
    flat = np.full((64, 128), 512, np.uint16)
    frame = frame_of("yuv420p10le", [flat, ramp, ramp])
    for factor in (1, 2):
        delivery = Delivery(64 * factor, 32 * factor, "yuv420p10le", crop=(x, 8, 64, 32))
        got = luma(Deliverer(info_of(frame, Color()), delivery)(frame), 1).astype(float)
        # Left-sited: sample n lies on the first of its two luma columns.
        at = (2 * np.arange(got.shape[1]) + 0.5) / factor - 0.5 + x
        assert np.abs(got[:, 4:-4] - (100 + 6 * at)[4:-4]).max() <= 1.5


def test_a_cropped_picture_is_scaled_as_swscale_does() -> None:
    planes = calm_planes("yuv444p")
    part = frame_of("yuv444p", [np.ascontiguousarray(p[5:25, 7:47]) for p in planes])
    frame = frame_of("yuv444p", planes)
    got = Deliverer(info_of(frame, Color()), Delivery(90, 50, "yuv444p", crop=(7, 5, 40, 20)))(
        frame
    )
    flags = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
    flags |= Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
    want: VideoFrame = VideoReformatter().reformat(
        part, 90, 50, format="yuv444p", interpolation=flags
    )
    off = luma(got).astype(int) - luma(want)  # FFmpeg rounds more often, and errs near its edges
    assert np.abs(off[6:-6, 6:-6]).max() <= 1


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_crop_of_a_still_counts_on_it_upright(tmp_path: Path, orientation: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (24, 36, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    upright = np.rot90(pixels, {1: 0, 3: 2, 6: 3, 8: 1}[orientation])
    got = load_still(tmp_path / "a.png", 11, 9, crop=(5.0, 4.0, 11.0, 9.0))
    shown = np.frombuffer(got.planes[0], np.uint8).reshape(9, 11, 4)
    assert (shown[..., :3] == upright[4:13, 5:16]).all()


def test_times_of_a_rotation_and_a_crop_hold_on_an_image(tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 40, 3), 200, np.uint8)).save(tmp_path / "a.png")
    item = {"image": "a.png", "duration": "2f", "crop": [0.5, 0, 0, 0], "rotation": 45}
    got = first(tmp_path, item | {"fit": "none"})[0]
    covered = (got.astype(float) - 16) / float(got.max() - 16)
    assert covered.sum() == pytest.approx(400, rel=0.01)
    assert Fraction(int(covered[24, 32] * 100), 100) == 1


@pytest.mark.parametrize("pix_fmt", ["nv12", "p010le", "yuyv422", "yuv420p", "yuv420p10le"])
@pytest.mark.parametrize("x", [6, 7])
def test_a_crop_of_any_layout_keeps_luma_and_chroma_apart(pix_fmt: str, x: int) -> None:
    """Luma rises from left to right; blue and red do not change."""
    wide = VideoReformatter().reformat(ramp_frame(), format=pix_fmt)
    info = info_of(wide, Color())
    got = Deliverer(info, Delivery(20, 10, info.format, crop=(x, 4, 20, 10)))(wide)
    y, blue, red = codes(got)
    assert np.abs(y - (40 + 3 * (x + np.arange(20)))).max() <= 0.5
    assert np.abs(blue - 90).max() <= 1 and np.abs(red - 170).max() <= 1


def codes(frame: VideoFrame) -> list[np.ndarray]:
    """Luma, blue and red as 8-bit codes, read from the planes: swscale is not asked."""
    deep = "10" in frame.format.name
    shift = {"p010le": 8, "yuv420p10le": 2}.get(frame.format.name, 0)
    planes = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint16 if deep else np.uint8)
        rows = rows.reshape(plane.height, -1) / 2**shift
        interleaved = len(frame.planes) == 2 and bool(planes)
        width = plane.width
        if interleaved:
            planes += [rows[:, 0 : 2 * width : 2], rows[:, 1 : 2 * width : 2]]
        else:
            planes.append(rows[:, :width])
    return planes


def ramp_frame() -> VideoFrame:
    ramp = np.tile(40 + 3 * np.arange(48), (24, 1)).astype(np.uint8)
    chroma = (np.full((24, 48), level, np.uint8) for level in (90, 170))
    return frame_of("yuv444p", [ramp, *chroma])
