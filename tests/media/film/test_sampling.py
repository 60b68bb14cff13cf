"""The picture between two frames of a clip: mixed, averaged, or drawn along their motion."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from vedc.errors import SpecError
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

Floats = NDArray[np.float64]
SIZE = 160, 96
FPS = 25


def write(
    path: Path, pictures: list[NDArray[np.uint8]], options: dict[str, str] | None = None
) -> None:
    """Luma pictures without loss."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame(*SIZE, "yuv420p")
            for number, plane in enumerate(frame.planes):
                rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
                rows[:] = 128
                if number == 0:
                    rows[:, : SIZE[0]] = picture
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def film(folder: Path, clip: dict[str, Any], fps: int = FPS) -> Floats:
    """The luma of each frame of a film of one clip."""
    spec = {
        "version": 1,
        "profile": {"fps": fps},
        "timeline": [{"clip": "a.mkv", **clip}],
        "outputs": [{"path": "film.mkv", "codec": "ffv1"}],
    }
    (folder / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
    (report,) = deliver(Build(folder / "edit.vedc.yaml"), replace=True)
    with av.open(report.target) as made:
        frames = [frame.to_ndarray()[: SIZE[1]] for frame in made.decode(video=0)]
    return np.array(frames, float)


def flat(levels: list[int]) -> list[NDArray[np.uint8]]:
    return [np.full(SIZE[::-1], level, np.uint8) for level in levels]


LEVELS = [40, 80, 60, 200, 120, 100, 180, 90]


def test_slow_motion_mixes_the_two_frames_around_a_time(tmp_path: Path) -> None:
    write(tmp_path / "a.mkv", flat(LEVELS))
    seen = film(tmp_path, {"speed": 0.25, "sampling": "blend"}).mean(axis=(1, 2))
    wanted = np.interp(np.arange(4 * len(LEVELS)) / 4, np.arange(len(LEVELS)), LEVELS)
    np.testing.assert_allclose(seen, wanted, atol=0.51)


def test_slow_motion_backwards_is_the_same_film_reversed(tmp_path: Path) -> None:
    write(tmp_path / "a.mkv", flat(LEVELS))
    seen = film(tmp_path, {"speed": -0.5, "sampling": "blend"}).mean(axis=(1, 2))
    wanted = np.interp(7 - np.arange(2 * len(LEVELS)) / 2, np.arange(len(LEVELS)), LEVELS)
    np.testing.assert_allclose(seen, wanted, atol=0.51)


@pytest.mark.parametrize(("speed", "fps"), [(2.0, 25), (1.0, 10), (2.5, 25), (-2.0, 25)])
def test_a_fast_clip_is_the_mean_of_the_frames_that_it_passes(
    tmp_path: Path, speed: float, fps: int
) -> None:
    write(tmp_path / "a.mkv", flat(LEVELS))
    seen = film(tmp_path, {"speed": speed, "sampling": "blend"}, fps).mean(axis=(1, 2))
    fine = np.repeat(np.array(LEVELS, float), 20)  # in twentieths of a frame
    step = round(abs(speed) * FPS / fps * 20)
    whole = len(fine) // step * step
    wanted = fine[:whole].reshape(-1, step).mean(axis=1)
    if speed < 0:
        wanted = fine[::-1][:whole].reshape(-1, step).mean(axis=1)
    np.testing.assert_allclose(seen[: len(wanted)], wanted, atol=0.6)


def scene(at: float) -> NDArray[np.uint8]:
    """A textured square that moves to the right over a texture that moves to the left."""
    rng = np.random.default_rng(7)
    texture = cv2.GaussianBlur(rng.uniform(30, 225, (96, 480)).astype(np.float32), (0, 0), 2.5)
    texture = (texture - texture.mean()) * 2.5 + 128
    rows = np.arange(96, dtype=np.float32)[:, None] + np.zeros((1, 160), np.float32)
    columns = np.arange(160, dtype=np.float32)[None] + np.zeros((96, 1), np.float32)
    back = cv2.remap(texture, columns + np.float32(100 + 2 * at), rows, cv2.INTER_CUBIC)
    front = cv2.remap(texture, columns + np.float32(240 - 5 * at), rows, cv2.INTER_CUBIC)
    inside = (np.abs(columns - 50 - 5 * at) < 24) & (np.abs(rows - 48) < 24)
    return np.clip(np.where(inside, front, back), 16, 235).astype(np.uint8)


def test_flow_draws_what_lies_between(tmp_path: Path) -> None:
    """Against the scene as it is at those moments; edges are uncovered and covered in it."""
    write(tmp_path / "a.mkv", [scene(float(at)) for at in range(6)])
    errors = {}
    for sampling in ("nearest", "blend", "flow"):
        seen = film(tmp_path, {"speed": 0.25, "out": "5f", "sampling": sampling})
        truth = np.array([scene(n / 4) for n in range(len(seen))], float)
        between = [n for n in range(len(seen) - 4) if n % 4]
        inner = np.s_[:, 8:-8, 12:-12]
        errors[sampling] = np.abs(seen - truth)[between][inner].mean()
        if sampling == "flow":
            exact = [n for n in range(len(seen)) if n % 4 == 0]
            np.testing.assert_array_equal(seen[exact], truth[exact])
    assert errors["flow"] < 0.3 * errors["blend"]
    assert errors["flow"] < 0.3 * errors["nearest"]


def test_flow_does_not_mix_across_a_cut(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    one, two = (
        cv2.GaussianBlur(rng.uniform(0, 255, SIZE[::-1]).astype(np.float32), (0, 0), 3)
        for _ in "ab"
    )
    pictures = [np.clip((p - p.mean()) * 6 + 128, 16, 235).astype(np.uint8) for p in (one, two)]
    write(tmp_path / "a.mkv", [pictures[0], pictures[0], pictures[1], pictures[1]])
    for seen in film(tmp_path, {"speed": 0.25, "sampling": "flow"}):
        assert min(np.abs(seen - picture).max() for picture in pictures) < 2


def test_the_same_segments_whatever_is_between(tmp_path: Path) -> None:
    """A film of the clip\'s own rate and speed shows its frames, bit for bit."""
    write(tmp_path / "a.mkv", [scene(float(at)) for at in range(4)])
    plain = film(tmp_path, {})
    for sampling in ("blend", "flow"):
        np.testing.assert_array_equal(film(tmp_path, {"sampling": sampling}), plain)
    assert Fraction(len(plain), FPS) == Fraction(4, 25)


def test_fields_are_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"x264-params": "tff=1"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.flags |= 1 << 18  # interlaced DCT, which x264 takes for fields
        for _ in range(12):
            frame = av.VideoFrame(*SIZE, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(SpecError) as caught:
        film(tmp_path, {"sampling": "flow", "speed": 0.5})
    assert [problem.code for problem in caught.value.problems] == ["no-sampling"]
