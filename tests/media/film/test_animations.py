"""Animations and posters, as Pillow reads them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.media.film.test_picture_files import made, pixels
from tests.parity.ops.films import build

Array = NDArray[Any]

#: Eight flat colours, which fit every palette.
COLORS = ["#000000", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff", "#ffffff"]
FLAT = [{"color": color, "duration": "2f"} for color in COLORS]


class Read(NamedTuple):
    frames: list[Array]
    """R, G, B and alpha."""
    times: list[float]
    """Milliseconds of each."""
    loop: int | None


def read(path: Path) -> Read:
    frames, times = [], []
    with Image.open(path) as file:
        for number in range(getattr(file, "n_frames", 1)):
            file.seek(number)
            file.load()
            times.append(float(file.info.get("duration") or 0))
            frames.append(np.asarray(file.convert("RGBA")))
        return Read(frames, times, file.info.get("loop"))


def at_each_frame(found: Read, count: int, step: float) -> list[Array]:
    """The picture in each of ``count`` frames of ``step`` milliseconds: a format may store one
    picture for several identical ones."""
    ends = np.cumsum(found.times)
    assert abs(ends[-1] - count * step) < 1
    return [found.frames[int(np.searchsorted(ends, (n + 0.5) * step))] for n in range(count)]


@pytest.mark.parametrize(
    ("name", "given", "off"),
    [
        ("a.gif", {}, 0),
        ("a.gif", {"colors": 9, "dither": "none"}, 0),
        ("a.apng", {}, 0),
        ("a.apng", {"pix_fmt": "gbrp16le"}, 0),
        ("a.webp", {"lossless": True}, 0),
        ("a.webp", {"quality": 90}, 6),
    ],
)
def test_every_frame_is_there_at_its_time(
    tmp_path: Path, name: str, given: dict[str, Any], off: int
) -> None:
    (file,) = made(tmp_path, {"path": f"out/{name}", **given}, timeline=FLAT)
    shown = at_each_frame(read(file), 16, 40)
    for number, frame in enumerate(shown):
        code = COLORS[number // 2]
        wanted = [int(code[k : k + 2], 16) for k in (1, 3, 5)]
        assert np.abs(frame[..., :3].astype(int) - wanted).max() <= off
        assert (frame[..., 3] == 255).all()


@pytest.mark.parametrize("fps", [10, 25, 30, 50])
def test_a_gif_keeps_the_time_of_its_frames(tmp_path: Path, fps: int) -> None:
    """It counts hundredths of a second: no frame is more than one of them off."""
    ramp = [{"color": f"#{8 * n:02x}0000", "duration": "1f"} for n in range(30)]
    profile = {"width": 32, "height": 32, "fps": fps}
    (file,) = made(tmp_path, {"path": "out/a.gif"}, timeline=ramp, profile=profile)
    found = read(file)
    begins = np.cumsum([0.0, *found.times])[:-1]
    assert len(begins) == 30
    assert np.abs(begins - np.arange(30) * 1000 / fps).max() <= 10


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a.gif", {0: 0, 1: None, 3: 2}),
        ("a.apng", {0: 0, 1: 1, 3: 3}),
        ("a.webp", {0: 0, 1: 1, 3: 3}),
    ],
)
def test_how_often_it_plays(tmp_path: Path, name: str, stored: dict[int, int | None]) -> None:
    for plays, loop in stored.items():
        words = {0: True, 1: False}
        output = {"path": f"out/{name}", "loop": words.get(plays, plays)}
        (file,) = made(tmp_path, output, timeline=FLAT)
        assert read(file).loop == loop


@pytest.mark.parametrize("name", ["a.apng", "a.webp"])
def test_transparency_matches_the_pictures(tmp_path: Path, name: str) -> None:
    given = {"lossless": True} if name == "a.webp" else {}
    animation, still = made(
        tmp_path,
        {"path": f"out/{name}", "alpha": True, **given},
        {"path": "out/%d.png", "alpha": True},
    )
    for number, frame in enumerate(at_each_frame(read(animation), 10, 40), 1):
        drawn = pixels(still.with_name(f"{number}.png"))
        seen = drawn[..., 3] > 0  # clear pixels have no colour
        assert np.array_equal(frame[..., 3], drawn[..., 3])
        assert np.array_equal(frame[seen], drawn[seen])


def test_a_gif_is_clear_or_not(tmp_path: Path) -> None:
    timeline = {
        "tracks": [
            {"clips": [{"color": "#ff8000", "scale": 0.5, "opacity": 0.8, "duration": "4f"}]},
            {"clips": [{"color": "#0080ff", "scale": 0.25, "opacity": 0.2, "duration": "4f"}]},
            {
                "clips": [
                    {
                        "color": "#ffffff20",
                        "scale": 0.2,
                        "position": "top-left",
                        "duration": "4f",
                    }
                ]
            },
        ]
    }
    (file,) = made(tmp_path, {"path": "out/a.gif", "alpha": True}, timeline=timeline)
    for frame in read(file).frames:
        alpha = frame[..., 3]
        assert set(np.unique(alpha)) == {0, 255}
        assert (alpha[12:36, 16:48] == 255).all() and not alpha[:12].any()


@pytest.mark.parametrize("dither", ["none", "ordered", "floyd_steinberg", "sierra", "auto"])
def test_few_colours_are_mixed(tmp_path: Path, dither: str) -> None:
    """A ramp in 8 colours: mixed, its means over 8 x 8 pixels are nearer to the ramp's."""
    ramp = {"generator": {"op": "linear_gradient", "color_1": "#204060", "color_2": "#e0c0a0"}}
    profile = {"width": 128, "height": 64, "fps": 25}
    gif, still = made(
        tmp_path,
        {"path": "out/a.gif", "colors": 8, "dither": dither},
        {"path": "out/a.png", "dither": "none"},
        timeline=[{**ramp, "duration": "2f"}],
        profile=profile,
    )
    got, want = read(gif).frames[0][..., :3].astype(float), pixels(still).astype(float)
    assert len(np.unique(got.reshape(-1, 3), axis=0)) <= 8

    def means(picture: Array) -> Array:
        return picture.reshape(8, 8, 16, 8, 3).mean(axis=(1, 3))

    error = float(np.abs(means(got) - means(want)).mean())
    assert error > 1.8 if dither == "none" else error < 1.5


@pytest.mark.parametrize("name", ["a.webp", "a.avif", "a.jpg"])
def test_posters(tmp_path: Path, name: str) -> None:
    """One frame, the better and larger the higher its quality."""
    at = {"at": "8f"}
    fine, coarse, exact = made(
        tmp_path,
        {"path": f"out/{name}", "quality": 95, **at},
        {"path": f"out/low{Path(name).suffix}", "quality": 5, **at},
        {"path": "out/a.png", **at},
        timeline=[{"generator": {"op": "color_bars"}, "duration": "10f"}],
        profile={"width": 96, "height": 64, "fps": 25},
    )
    assert len(read(fine).frames) == 1
    want = pixels(exact).astype(int)
    errors = [np.abs(read(p).frames[0][..., :3] - want).mean() for p in (fine, coarse)]
    # WebP halves the size of the colours, which shows at the bars' edges.
    assert errors[0] < (7 if name == "a.webp" else 2) and errors[0] < errors[1] / 1.5
    assert fine.stat().st_size > coarse.stat().st_size


@pytest.mark.parametrize("name", ["a.webp", "a.avif"])
def test_posters_with_transparency(tmp_path: Path, name: str) -> None:
    at = {"at": "8f", "alpha": True}
    poster, exact = made(
        tmp_path, {"path": f"out/{name}", "quality": 100, **at}, {"path": "out/a.png", **at}
    )
    drawn, found = pixels(exact).astype(int), read(poster).frames[0]
    assert np.abs(found[..., 3] - drawn[..., 3]).max() <= 2
    assert np.abs(found - drawn)[drawn[..., 3] > 0].mean() <= 8


def test_a_gif_that_browsers_slow_down_is_noted(tmp_path: Path) -> None:
    spec = {"timeline": FLAT, "outputs": [{"path": "out/a.gif"}]}
    for fps, codes in ((50, []), (60, ["gif-too-fast"])):
        edits = build(tmp_path, {"profile": {"fps": fps}, **spec}).edits()
        assert [problem.code for problem in edits[0].warnings] == codes
