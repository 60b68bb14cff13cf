"""Animated titles in films: right to the frame, and the same however they are rendered."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.parity.ops.films import Array, planes_of, render

CANVAS = {"width": 160, "height": 96, "fps": 25}
TITLE: dict[str, Any] = {"text": "Spring", "size": 30, "start": "0.2s", "duration": "2s"}
WAYS = {"in": {"preset": "rise", "duration": "12f"}, "out": {"preset": "fade", "duration": "0.4s"}}


def spec_of(title: dict[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    return {
        "profile": CANVAS,
        "timeline": {
            "tracks": [
                {"clips": [{"color": "#303030", "duration": "2.4s"}]},
                {"clips": [TITLE | title]},
            ]
        },
        "outputs": [output],
    }


def film(folder: Path, title: dict[str, Any], name: str = "edit") -> list[Array]:
    """The planes of Y' of every frame."""
    output = {"path": f"{name}.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}
    return [planes[0] for planes in planes_of(render(folder, spec_of(title, output), name))]


def same(one: list[Array], other: list[Array]) -> list[bool]:
    return [np.array_equal(a, b) for a, b in zip(one, other, strict=True)]


@pytest.mark.parametrize("by", ["all", "letter"])
def test_the_title_rests_between_its_ways(tmp_path: Path, by: str) -> None:
    """It is shown from frame 5 to 55; 12 frames lead in and 10 out."""
    still = film(tmp_path, {}, "still")
    moving = film(tmp_path, {"animate": WAYS | {"by": by}})
    empty = [0, 1, 2, 3, 4, 55, 56, 57, 58, 59]
    resting = range(17, 46)  # the first frame of the way out is the title
    assert [n for n, equal in enumerate(same(still, moving)) if equal] == sorted([*empty, *resting])
    blank = still[0]
    seen = [float(np.abs(frame.astype(int) - blank).sum()) for frame in moving]
    assert seen[5] == 0
    assert all(a < b for a, b in pairwise(seen[5:16]))
    assert all(a > b for a, b in pairwise(seen[45:56]))


@pytest.mark.parametrize(
    "more",
    [
        {"rotation": 20},
        {"effects": [{"op": "gaussian_blur", "radius": 2}]},
        {"position": "bottom-left", "opacity": 0.5, "scale": 1.5},
        {"scale": {"keyframes": [{"time": 0, "value": 1}, {"time": "2s", "value": 1.2}]}},
    ],
)
def test_ways_keep_to_the_place_and_the_effects(tmp_path: Path, more: dict[str, Any]) -> None:
    still = film(tmp_path, more, "still")
    moving = film(tmp_path, more | {"animate": WAYS})
    equal = same(still, moving)
    if "keyframes" in str(more):  # without the way in, no smaller copies are needed to draw it
        apart = [one.astype(int) - other for one, other in zip(still, moving, strict=True)]
        assert all(np.abs(d).max() <= 1 and np.count_nonzero(d) <= 2 for d in apart[17:46])
    else:
        assert all(equal[17:46])
    assert not any(equal[5:17])
    near = np.abs(still[16].astype(int) - moving[16]).max()
    assert near < 60


def test_a_title_that_moves_by_itself_still_slides_from_beyond_the_edge(tmp_path: Path) -> None:
    growing = {"keyframes": [{"time": 0, "value": 0.8}, {"time": "2s", "value": 1}]}
    slide = {"in": {"preset": "slide-left", "duration": "10f", "easing": "linear"}}
    frames = film(tmp_path, {"scale": growing, "animate": slide})
    blank = frames[0].astype(int)
    left = [np.flatnonzero(np.abs(f - blank).max(axis=0) > 40) for f in frames[5:16]]
    assert left[0].size == 0
    seen = [columns[0] for columns in left if columns.size]
    assert len(seen) >= 6
    assert seen[0] > CANVAS["width"] * 0.8
    assert all(before > after for before, after in pairwise(seen))


@pytest.mark.parametrize("frame", [9, 50])
def test_one_frame_alone_matches_the_film(tmp_path: Path, frame: int) -> None:
    """A piece that begins in the middle of a way."""
    title = {"animate": WAYS | {"by": "letter"}}
    whole = film(tmp_path, title)
    render(tmp_path, spec_of(title, {"path": "one.png", "at": f"{frame}f"}), "one")
    with Image.open(tmp_path / "one.png") as one:
        gray = np.asarray(one.convert("L")).astype(int)
    # Y' of a gray of full range, from one of limited range.
    want = (whole[frame].astype(int) - 16) * 255 / 219
    assert np.abs(gray - want).max() <= 2
