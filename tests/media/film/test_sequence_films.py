"""Films of image sequences: every frame at its time, whatever is done to it, and every picture as
it looks when it is shown as a still."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.parity.ops.films import build
from vedc.workspace.deliver import deliver

Array = NDArray[Any]

COUNT = 40
PROFILE = {"width": 32, "height": 16, "fps": 25, "color": "srgb"}


def film(folder: Path, timeline: Any, **profile: Any) -> list[Array]:
    """The frames of a film as files of PNG."""
    spec = {
        "profile": PROFILE | profile,
        "timeline": timeline,
        "outputs": [{"path": "out/%04d.png"}],
    }
    deliver(build(folder, spec), replace=True)
    found = [
        cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in sorted((folder / "out").iterdir())
    ]
    assert all(frame is not None for frame in found)
    for path in (folder / "out").iterdir():
        path.unlink()
    return found  # type: ignore[return-value]


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    """Frame n is grey of the code 6n."""
    (tmp_path / "in").mkdir()
    for number in range(COUNT):
        Image.new("RGB", (32, 16), (6 * number,) * 3).save(tmp_path / f"in/f{number}.png")
    return tmp_path


def numbers(frames: list[Array]) -> list[int]:
    return [round(int(frame[8, 16, 0]) / 6) for frame in frames]


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ({}, range(COUNT)),
        ({"in": "5f", "out": "9f"}, range(5, 9)),
        ({"reverse": True}, range(COUNT - 1, -1, -1)),
        ({"speed": 2}, range(0, COUNT, 2)),
        ({"speed": -2}, range(COUNT - 1, 0, -2)),
        ({"speed": 0.5, "out": "3f"}, [0, 0, 1, 1, 2, 2]),
        ({"rate": 50}, range(0, COUNT, 2)),
        ({"rate": 12.5, "out": "3f"}, [0, 0, 1, 1, 2, 2]),
    ],
)
def test_every_frame_at_its_time(numbered: Path, keys: dict[str, Any], shown: Any) -> None:
    assert numbers(film(numbered, [{"clip": "in/f%d.png", **keys}])) == list(shown)


def test_random_pieces_of_a_sequence(numbered: Path) -> None:
    rng = random.Random(11)
    timeline: list[dict[str, Any]] = []
    wanted: list[int] = []
    for _ in range(30):
        start, length = rng.randrange(COUNT - 10), rng.randrange(1, 9)
        pattern = rng.choice(["in/f%d.png", "in/*.png"])
        end = start + length
        timeline.append({"clip": pattern, "in": f"{start}f", "out": f"{end}f"})
        part = list(range(start, end))
        if rng.random() < 0.4:
            timeline[-1]["reverse"] = True
            part.reverse()
        wanted += part
    assert numbers(film(numbered, timeline)) == wanted


def write(path: Path, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    if kind == "alpha":
        Image.fromarray(rng.integers(0, 256, (16, 32, 4), np.uint8), "RGBA").save(path)
    elif kind == "8":
        Image.fromarray(rng.integers(0, 256, (16, 32, 3), np.uint8)).save(path)
    elif kind == "16":
        cv2.imwrite(str(path), rng.integers(0, 65536, (16, 32, 3), np.uint16))
    else:
        cv2.imwrite(str(path), rng.random((16, 32, 3), np.float32))


@pytest.mark.parametrize(
    ("kind", "ending"),
    [("8", "png"), ("alpha", "png"), ("16", "png"), ("16", "tif"), ("float", "tif")],
)
def test_a_picture_looks_as_it_does_as_a_still(tmp_path: Path, kind: str, ending: str) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        write(tmp_path / f"in/{number}.{ending}", kind, number)
    moving = film(tmp_path, [{"clip": f"in/%d.{ending}"}])
    stills = [{"image": f"in/{number}.{ending}", "duration": "1f"} for number in range(3)]
    resting = film(tmp_path, stills)
    assert len(moving) == len(resting) == 3
    for one, other in zip(moving, resting, strict=True):
        assert int(np.abs(one.astype(int) - other.astype(int)).max()) <= 1


def test_a_film_as_pictures_is_the_film(numbered: Path) -> None:
    frames = film(numbered, [{"clip": "in/f%d.png"}])
    (numbered / "again").mkdir()
    for number, frame in enumerate(frames):
        cv2.imwrite(str(numbered / f"again/{number:04d}.png"), frame)
    again = film(numbered, [{"clip": "again/%04d.png"}])
    assert all(np.array_equal(a, b) for a, b in zip(frames, again, strict=True))
    assert len(again) == len(frames) == COUNT
