"""Parts and stills of a film are the frames and samples that the whole film has there."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import UsageError

SPEC = """\
version: 1
profile: {width: 96, height: 54, fps: 25, sample_rate: 8000, channels: 1}
timeline:
  - generator: {op: noise, size: 9}
    duration: 9s
    effects: [{op: swirl, angle: {keyframes: [{time: 0s, value: 0}, {time: 9s, value: 300}]}}]
  - {transition: dissolve, duration: 1s}
  - {color: "#336699", duration: 3s}
audio: [{clip: tone.wav, fade_in: 4s}]
outputs: [{path: film.mkv, codec: ffv1}]
"""

Vedc = Callable[..., str]


@pytest.fixture
def spec(tmp_path: Path) -> str:
    samples = np.random.default_rng(3).integers(-9000, 9000, 11 * 8000).astype("<i2")
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    path = tmp_path / "film.vedc.yaml"
    path.write_text(SPEC)
    return str(path)


@pytest.fixture
def vedc() -> Vedc:
    def call(*arguments: str) -> str:
        result = CliRunner().invoke(app, arguments)
        if result.exception:
            raise result.exception
        return result.stdout

    return call


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The frames and the samples of a film."""
    with av.open(str(path)) as file:
        frames = np.stack([f.to_ndarray() for f in file.decode(video=0)])
    with av.open(str(path)) as file:
        sound = np.concatenate([f.to_ndarray() for f in file.decode(audio=0)], axis=1)
    return frames, sound


def _picture(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.mark.slow
def test_a_part_has_the_frames_and_samples_of_the_whole(
    vedc: Vedc, spec: str, tmp_path: Path
) -> None:
    vedc("render", "-q", spec)
    frames, sound = _read(tmp_path / "film.mkv")
    assert len(frames) == 275
    reported = json.loads(vedc("render", "--json", spec, "--from", "1.2s", "--to", "-10f"))
    assert reported[0]["frames"] == 235
    assert 0 < reported[0]["rendered_frames"] < 150, "whole segments come from the store"
    part, heard = _read(tmp_path / "film.mkv")
    assert np.array_equal(part, frames[30:265])
    assert np.array_equal(heard, sound[:, 30 * 320 : 265 * 320])
    reported = json.loads(vedc("render", "--json", spec, "--from", "50%", "--to", "8s"))
    part, heard = _read(tmp_path / "film.mkv")
    assert np.array_equal(part, frames[138:200])
    assert np.array_equal(heard, sound[:, 138 * 320 : 200 * 320])


@pytest.mark.slow
def test_a_still_is_the_frame_of_a_picture_output(vedc: Vedc, spec: str, tmp_path: Path) -> None:
    for name, at in (("start", "0s"), ("middle", "75%"), ("end", "-1f"), ("joint", "8.5s")):
        reported = json.loads(
            vedc("still", "--json", spec, "--at", at, "-o", f"{tmp_path / name}.png")
        )
        assert (reported["frames"], reported["rendered_frames"]) == (1, 1)
    for name, at in (("start", "0f"), ("middle", "206f"), ("end", "274f"), ("joint", "213f")):
        Path(spec).write_text(SPEC.replace("film.mkv, codec: ffv1", f"again.png, at: {at}"))
        vedc("render", "-q", spec)
        expected, found = (_picture(tmp_path / f"{n}.png") for n in ("again", name))
        assert found.shape == (54, 96, 3)
        assert np.array_equal(expected, found), name


def test_a_still_is_on_the_canvas_of_the_first_output(
    vedc: Vedc, spec: str, tmp_path: Path
) -> None:
    Path(spec).write_text(SPEC.replace("codec: ffv1", "codec: ffv1, width: 48, height: 48"))
    vedc("still", "-q", spec, "--at", "1s", "-o", str(tmp_path / "frame.jpg"))
    assert _picture(tmp_path / "frame.jpg").shape == (48, 48, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--from", "11s"), "--from 11s is past the end of the film at 11s"),
        (("--to", "12s"), "--to 12s is past the end of the film at 11s"),
        (("--from", "-12s"), "--from: -12s from the end is before the start: the whole lasts 11s"),
        (("--from", "5s", "--to", "4s"), "no frame lies between --from 5s and --to 4s"),
        (("--to", "1 week"), "--to: 1 week: 'week' is not a unit of time"),
    ],
)
def test_parts_that_are_refused(
    vedc: Vedc, spec: str, options: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        vedc("render", spec, *options)
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)


def test_stills_that_are_refused(vedc: Vedc, spec: str) -> None:
    for at, output, message in (
        ("11s", "a.png", "--at 11s is past the end of the film at 11s"),
        ("1s", "a.mp4", "a.mp4: the name of a picture must end in one of .png, .jpg, .jpeg"),
    ):
        with pytest.raises(UsageError, match=message):
            vedc("still", spec, "--at", at, "-o", output)
