"""Items that move: ``position``, ``offset``, ``scale`` and ``anchor`` with keyframes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.media.film.test_rotation_and_crop import film, first, graph_of
from tests.parity.ops.films import BT709, Array, distance, planes_of, smooth, write_source
from vedc.ir.graph import walk

PHOTO = Path(__file__).parents[3] / "examples/quickstart/media/dandelions.jpg"
CANVAS = np.array([64.0, 48.0])


def keyframes(*values: Any, every: int = 1) -> dict[str, Any]:
    return {"keyframes": [{"time": f"{n * every}f", "value": v} for n, v in enumerate(values)]}


def coverage(planes: list[Array]) -> Array:
    """How much of each pixel a white item covers."""
    return (planes[0].astype(float) - 16) / 219


def edges(covered: Array) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of an upright rectangle that lies within the canvas."""
    found = []
    for line in (covered.max(0), covered.max(1)):
        full = np.flatnonzero(line > 0.99)
        middle = int(full[len(full) // 2])
        found.append((middle - line[:middle].sum(), middle + line[middle:].sum()))
    (left, right), (top, bottom) = found
    return left, top, right, bottom


def test_slow_motion_is_smooth_to_a_hundredth_of_a_pixel(tmp_path: Path) -> None:
    """A rectangle creeps by 0.23 and 0.117 pixels a frame."""
    step = np.array([0.23, 0.117])
    item = {
        "color": "white", "duration": "30f", "scale": [0.5, 0.25], "position": [0.4, 0.5],
        "anchor": "center", "offset": keyframes([0, 0], [6.9, 3.51], every=30),
    }  # fmt: skip
    for n, frame in enumerate(film(tmp_path, item)):
        left, top, right, bottom = edges(coverage(frame))
        corner = CANVAS * (0.4, 0.5) + step * n - (16, 6)
        assert (left, top) == pytest.approx(tuple(corner), abs=0.01)
        assert (right, bottom) == pytest.approx((corner[0] + 32, corner[1] + 12), abs=0.01)


def test_everything_moves_at_once(tmp_path: Path) -> None:
    item = {
        "color": "white", "duration": "9f",
        "scale": keyframes("25%", [0.5, 0.75], every=8),
        "position": keyframes([0.3, 0.4], [0.55, 0.5], every=8),
        "anchor": keyframes([0.5, 0.5], [0.25, 0.75], every=8),
        "offset": keyframes([0, 0], [3, 5], every=8),
    }  # fmt: skip
    for n, frame in enumerate(film(tmp_path, item)):
        t = n / 8
        size = CANVAS * (0.25 + 0.25 * t, 0.25 + 0.5 * t)
        point = CANVAS * (0.3 + 0.25 * t, 0.4 + 0.1 * t) + (3 * t, 5 * t)
        left, top = point - size * (0.5 - 0.25 * t, 0.5 + 0.25 * t)
        found = edges(coverage(frame))
        assert found == pytest.approx((left, top, left + size[0], top + size[1]), abs=0.02)


def test_it_grows_from_nothing_and_overshoots_as_its_easing_says(tmp_path: Path) -> None:
    points = [{"time": "0f", "value": 0, "easing": "ease-out-back"}, {"time": "8f", "value": 0.5}]
    item = {"color": "white", "duration": "9f", "scale": {"keyframes": points}}
    areas = [coverage(frame).sum() for frame in film(tmp_path, item)]
    for n, area in enumerate(areas):
        u = n / 8 - 1  # Penner's back, whose overshoot is 1.70158
        factor = 0.5 * (1 + 2.70158 * u**3 + 1.70158 * u**2)
        assert area == pytest.approx(64 * 48 * factor**2, rel=0.003, abs=0.1)
    assert max(areas) > areas[-1]


@pytest.mark.parametrize("scale", [0.5, 1.0, [1.6, 1.2]])
def test_a_moving_clip_is_sampled_as_pillow_does(tmp_path: Path, scale: Any) -> None:
    """Within one code value, on slopes, two pixels away from the edges."""
    size = (80, 60)
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, frames=4, width=80, height=60)
    item = {
        "clip": "a.mkv", "fit": "none", "scale": scale, "rotation": 20,
        "position": keyframes([0.4, 0.5], [0.5, 0.45], every=3),
    }  # fmt: skip
    got, source = film(tmp_path, item), planes_of(tmp_path / "a.mkv")
    wide, high = scale if isinstance(scale, list) else (scale, scale)
    c, s = np.cos(np.radians(20)), np.sin(np.radians(20))
    for n in range(4):
        px, py = CANVAS * (0.4 + 0.1 * n / 3, 0.5 - 0.05 * n / 3)
        a, b, d, e = c / wide, s / wide, -s / high, c / high
        way = (a, b, 40 - px * a - py * b, d, e, 30 - px * d - py * e)
        whole = Image.new("L", size, 255).transform((64, 48), Image.Transform.AFFINE, way)
        inside = np.array(whole) == 255
        for _ in range(2):
            inside[1:-1, 1:-1] &= inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2]
            inside[1:-1, 1:-1] &= inside[1:-1, 2:]
        inside[:2], inside[-2:], inside[:, :2], inside[:, -2:] = False, False, False, False
        for mine, plane in zip(got[n], source[n], strict=True):
            theirs = Image.fromarray(plane).transform(
                (64, 48), Image.Transform.AFFINE, way, Image.Resampling.BICUBIC
            )
            away = np.abs(mine.astype(float) - np.array(theirs, float))[inside]
            assert away.max() <= 1


@pytest.mark.parametrize("factor", [0.11, 0.37, 0.8, 1.5])
def test_a_photograph_matches_lanczos_at_its_full_size(tmp_path: Path, factor: float) -> None:
    photo = Image.open(PHOTO).convert("L")
    photo.convert("RGB").save(tmp_path / "a.png")
    item = {
        "image": "a.png", "fit": "none", "duration": "1f", "anchor": "top-left",
        "position": [0, 0], "scale": keyframes(factor),
    }  # fmt: skip
    canvas = {"width": 320, "height": 180, "fps": 25}
    got = coverage(first(tmp_path, item, profile=canvas)) * 255
    across, down = min(320, int(photo.width * factor)), min(180, int(photo.height * factor))
    box = (0, 0, across / factor, down / factor)
    want = np.array(photo.resize((across, down), Image.Resampling.LANCZOS, box), float)
    assert np.abs(got[:down, :across] - want)[2:-2, 2:-2].mean() < 1.5


def test_where_it_stops_it_is_where_a_still_item_is(tmp_path: Path) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, frames=5, width=64, height=48)
    for extra in (
        {"effects": [{"op": "gaussian_blur", "radius": 2}]},
        {"effects": [{"op": "vignette", "amount": 0.8}], "mask": {"op": "ellipse"}},
        {"grade": [{"op": "saturation", "amount": 0.4}], "opacity": 0.5},
        {"fit": "contain-blur", "scale": 0.5},
    ):
        item: dict[str, Any] = {"clip": "a.mkv", "scale": 1} | extra
        moving = film(tmp_path, item | {"offset": keyframes([-20, 0], [12, -7], every=4)})
        still = film(tmp_path, item | {"offset": [12, -7]})
        # A still item is cut by the canvas before it is blurred.
        away = [plane[8:-8, 8:-8] for plane in moving[4]], [p[8:-8, 8:-8] for p in still[4]]
        assert distance(*away) <= 1, extra
        assert distance(moving[0], still[0]) > 20


def test_a_ticker_shows_the_whole_of_a_long_line(tmp_path: Path) -> None:
    text = "A line that is many times as wide as the canvas it runs over"
    base = {
        "text": text, "size": 20, "duration": "9f", "anchor": "left", "max_width": "none",
    }  # fmt: skip
    wide = {"profile": {"width": 1024, "height": 48, "fps": 25}}
    (whole, *_) = first(tmp_path, base | {"position": [0, 0.5], "duration": "1f"}, **wide)
    moving = base | {"position": keyframes([0, 0.5], [-8, 0.5], every=8)}
    for n, frame in enumerate(film(tmp_path, moving)):
        shown = whole[:, 64 * n : 64 * n + 64].astype(int)
        assert np.abs(frame[0].astype(int) - shown).max() <= 1


def test_a_title_is_set_as_large_as_it_becomes(tmp_path: Path) -> None:
    """Enlarged letters are as sharp as letters of that size."""
    item = {"text": "Ag", "size": 12, "duration": "5f", "position": [0, 0]}
    growing = film(tmp_path, item | {"scale": keyframes(1, 3, every=4)})
    large = first(tmp_path, item | {"scale": 3, "duration": "1f"})
    assert distance(growing[4], large) <= 1
    narrow = first(tmp_path, item | {"scale": [1, 3], "duration": "1f"})[0]
    columns, rows = (np.flatnonzero(narrow.max(axis) > 30) for axis in (0, 1))
    wide = np.flatnonzero(large[0].max(0) > 30)
    tall = np.flatnonzero(large[0].max(1) > 30)
    assert np.ptp(columns) == pytest.approx(np.ptp(wide) / 3, abs=1.5)
    assert np.ptp(rows) == pytest.approx(np.ptp(tall), abs=1.5)


def test_a_moving_picture_is_read_with_all_the_detail_that_is_seen(tmp_path: Path) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, frames=5, width=128, height=96)
    for scale, size in (
        (keyframes(0.5, 1.2), (128, 96)),
        (keyframes(0.5, 0.6), (64, 48)),
        (keyframes(0.1, 0.2), (16, 12)),
        (0.5, (32, 24)),
    ):
        item = {"clip": "a.mkv", "scale": scale}
        (source,) = (n for n in walk(graph_of(tmp_path, item)) if n.op == "source")
        assert (source["width"], source["height"]) == size


def test_named_places_keep_an_item_inside_and_others_move_its_center(tmp_path: Path) -> None:
    item = {"color": "white", "duration": "5f", "scale": 0.25}
    named = film(tmp_path, item | {"position": keyframes("top-left", "bottom-right", every=4)})
    assert edges(coverage(named[0])) == pytest.approx((0, 0, 16, 12), abs=0.01)
    assert edges(coverage(named[4])) == pytest.approx((48, 36, 64, 48), abs=0.01)
    other = film(tmp_path, item | {"position": keyframes([0.25, 0.25], [0.5, 0.5], every=4)})
    assert edges(coverage(other[0])) == pytest.approx((8, 6, 24, 18), abs=0.01)
    slide = {"color": "white", "duration": "5f", "position": keyframes([1.5, 0.5], "center")}
    frames = [coverage(frame).mean() for frame in film(tmp_path, slide)]
    assert frames[0] == 0 and frames[1] == 1


def test_a_size_of_nothing_shows_nothing(tmp_path: Path) -> None:
    for scale in (0, [0, 1], "0%"):
        frames = film(tmp_path, {"color": "white", "duration": "1f", "scale": scale})
        assert (frames[0][0] == 16).all()
