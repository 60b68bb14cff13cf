"""Bit rates: what a film takes of what it was given, in one pass and in two."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from tests.media.make import write_numbered
from tests.parity.ops.films import build
from vedc.color import CANVAS_COLORS
from vedc.media.encode import FramePool
from vedc.media.passes.two_passes import TwoPassEncoder
from vedc.plan.encoders import video_settings
from vedc.workspace.deliver import deliver

WIDTH, HEIGHT, FRAMES = 320, 180, 120
RATE = 400_000


def textures() -> Iterator[VideoFrame]:
    """A texture that turns and grows, with grain: more than any encoder has bits for."""
    rng = np.random.default_rng(1)
    texture = rng.normal(128, 60, (2 * HEIGHT, 2 * WIDTH)).astype(np.float32)
    texture = (cv2.GaussianBlur(texture, (0, 0), 1.2) - 128) * 3 + 128
    for number in range(FRAMES):
        turn = cv2.getRotationMatrix2D((WIDTH, HEIGHT), 0.7 * number, 1 + 0.004 * number)
        turned = cv2.warpAffine(texture, turn, (2 * WIDTH, 2 * HEIGHT))
        grain = cv2.GaussianBlur(rng.normal(0, 8, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 0.8)
        middle = turned[HEIGHT // 2 : 3 * HEIGHT // 2, WIDTH // 2 : 3 * WIDTH // 2]
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for index, plane in enumerate(frame.planes):
            rows = np.full((plane.height, plane.line_size), 128, np.uint8)
            if index == 0:
                rows[:, :WIDTH] = (middle + grain).clip(16, 235)
            plane.update(rows)
        yield frame


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "a.mkv"
    write_numbered(
        path, FRAMES, 25, "ffv1", "yuv420p", width=WIDTH, height=HEIGHT, pictures=textures()
    )
    return path


def rate_of(path: Path) -> float:
    """Bits per second of the pictures, relative to what was asked for."""
    with av.open(str(path)) as file:
        sizes = [packet.size for packet in file.demux(video=0) if packet.size]
    assert len(sizes) == FRAMES
    return 8 * sum(sizes) / (FRAMES / 25) / RATE


def made(folder: Path, source: Path, **output: Any) -> Path:
    """Two segments: the second begins in the middle."""
    (folder / "a.mkv").symlink_to(source)
    clips = [
        {"clip": "a.mkv", "out": "60f"},
        {"clip": "a.mkv", "in": "60f", "grade": [{"op": "exposure", "stops": 0.05}]},
    ]
    given = {"path": "out/a.mkv", "bitrate": RATE, "audio_codec": "none", **output}
    made = build(folder, {"timeline": clips, "outputs": [given]})
    made = type(made)(made.spec, allow=[source.parent])
    (report,) = deliver(made)
    return Path(report.target)


@pytest.mark.parametrize(
    ("codec", "preset"),
    [("h264", "veryfast"), ("h264", "medium"), ("hevc", "superfast"), ("vp9", "5"), ("av1", "10")],
)
def test_two_passes_meet_the_rate(tmp_path: Path, source: Path, codec: str, preset: str) -> None:
    film = made(tmp_path, source, codec=codec, preset=preset)
    assert abs(rate_of(film) - 1) < 0.05
    with av.open(str(film)) as file:
        assert [f.pts * f.time_base for f in file.decode(video=0)] == [
            pytest.approx(n / 25, abs=0.001) for n in range(FRAMES)
        ]


def test_one_pass_is_a_choice(tmp_path: Path, source: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one = made(folders[0], source, preset="veryfast", passes=1)
    two = made(folders[1], source, preset="veryfast")
    assert abs(rate_of(one) - 1) > abs(rate_of(two) - 1)


def test_the_same_frames_make_the_same_segment(tmp_path: Path) -> None:
    settings = video_settings(
        "h264",
        width=WIDTH,
        height=HEIGHT,
        rate=Fraction(25),
        color=CANVAS_COLORS["bt709"],
        bitrate=RATE,
        preset="veryfast",
    )
    assert settings.passes == 2
    for name in ("one", "two"):
        encoder = TwoPassEncoder(settings, tmp_path / name, FramePool(settings))
        for frame in textures():
            encoder.write(frame)
        assert encoder.finish() == FRAMES
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_nothing_is_left_of_an_interrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    settings = video_settings(
        "h264",
        width=64,
        height=64,
        rate=Fraction(25),
        color=CANVAS_COLORS["bt709"],
        bitrate=RATE,
    )
    encoder = TwoPassEncoder(settings, tmp_path / "segment", FramePool(settings))
    encoder.write(encoder.new_frame())
    assert list((tmp_path / "scratch").iterdir())
    encoder.abort()
    assert list((tmp_path / "scratch").iterdir()) == []
    assert not (tmp_path / "segment").exists()
