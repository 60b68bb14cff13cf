"""Films whose clips together exceed full scale: what their files hold, and what the render says."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
import yaml

from vedc.errors import Problem
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

RATE = 48000
NAMES = {
    "film.mov": "pcm_s16le",
    "film.mkv": "flac",
    "film.mp4": "aac",
    "opus.mkv": "opus",
    "mp3.mkv": "mp3",
}
LIMITED = "the sound exceeds full scale by up to 3.5 dB; it is lowered at 0:02.0-0:03.0"


class Notes:
    """A render's messages."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __call__(self, warnings: Sequence[Problem]) -> None:
        self.notes += [warning.message for warning in warnings]


def tone(path: Path, seconds: int) -> None:
    t = np.arange(seconds * RATE) / RATE
    sound = np.round(0.75 * 32767 * np.sin(2 * np.pi * 440 * t)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.repeat(sound, 2).tobytes())


def film(folder: Path, names: dict[str, str], *sounds: dict[str, object]) -> Path:
    tone(folder / "long.wav", 5)
    tone(folder / "short.wav", 1)
    path = folder / "edit.vedc.yaml"
    spec = {
        "version": 1,
        "profile": {"width": 64, "height": 32, "fps": 25},
        "timeline": [{"color": "black", "duration": "5s"}],
        "audio": list(sounds),
        "outputs": [
            {"path": name, "codec": "h264", "preset": "ultrafast", "audio_codec": codec}
            for name, codec in names.items()
        ],
    }
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return path


def decoded(path: Path) -> npt.NDArray[np.float32]:
    with av.open(str(path)) as file:
        resampler = av.AudioResampler("fltp")
        parts = [
            out.to_ndarray() for frame in file.decode(audio=0) for out in resampler.resample(frame)
        ]
    return np.concatenate(parts, axis=1)


LONG = {"clip": "long.wav"}
SHORT = {"clip": "short.wav", "start": "2s"}


def test_every_codec_holds_the_limited_sound_and_the_render_says_where(tmp_path: Path) -> None:
    spec = film(tmp_path, NAMES, LONG, SHORT)
    notes = Notes()
    reports = deliver(Build(spec), warn=notes)
    assert notes.notes == [LIMITED] * len(NAMES)
    assert all(report.rendered_sound for report in reports)
    t = np.arange(5 * RATE) / RATE
    alone = np.round(0.75 * 32767 * np.sin(2 * np.pi * 440 * t)) / 32768
    for name in NAMES:
        got = decoded(tmp_path / name)[:, : 5 * RATE]
        assert np.abs(got[:, round(2.2 * RATE) : round(2.8 * RATE)]).max() > 0.95
        if name in ("film.mov", "film.mkv"):
            early, late = round(1.99 * RATE), round(3.4 * RATE)
            np.testing.assert_allclose(got[0, :early], alone[:early], atol=1e-7)
            np.testing.assert_allclose(got[0, late:], alone[late:], atol=1e-7)
        middle = got[0, 2 * RATE + RATE // 4 : 2 * RATE + RATE // 2].astype(float)
        power = np.abs(np.fft.rfft(middle * np.hanning(middle.size))) ** 2
        assert power[3 * 110 - 4 : 3 * 110 + 5].sum() < 1e-6 * power[110 - 4 : 110 + 5].sum()


def test_limiting_is_reported_again_for_a_stored_sound_and_never_for_a_soft_one(
    tmp_path: Path,
) -> None:
    names = {"film.mkv": "flac"}
    spec = film(tmp_path, names, LONG, SHORT)
    deliver(Build(spec))
    again = Notes()
    assert not deliver(Build(spec), replace=True, warn=again)[0].rendered_sound
    assert again.notes == [LIMITED]
    soft = Notes()
    spec = film(tmp_path, names, LONG, {**SHORT, "volume": "-20dB"})
    deliver(Build(spec), replace=True, warn=soft)
    assert soft.notes == []


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_command_prints_one_line_beside_its_result(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    spec = film(tmp_path, {"film.mkv": "flac"}, LONG, SHORT)
    done = subprocess.run(
        [sys.executable, "-m", "vedc", "render", str(spec), *options],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.count("full scale") == (0 if options else 1)
    if options:
        (output,) = json.loads(done.stdout)
        (warning,) = output["warnings"]
        assert (warning["code"], warning["message"]) == ("sound-limited", LIMITED)
        assert warning["severity"] == "warning" and warning["line"] and warning["hint"]
    else:
        assert done.stderr.count(f"warning[sound-limited]: {LIMITED}") == 1


def test_strict_makes_it_an_error_and_writes_nothing(tmp_path: Path) -> None:
    spec = film(tmp_path, {"film.mkv": "flac"}, LONG, SHORT)
    for _ in range(2):  # from the render, then from the store
        done = subprocess.run(
            [sys.executable, "-m", "vedc", "render", str(spec), "--strict"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert f"error[sound-limited]: {LIMITED}" in done.stderr
        assert not (tmp_path / "film.mkv").exists()


def test_validate_refuses_many_channels_without_speakers(tmp_path: Path) -> None:
    spec = film(tmp_path, {"film.mkv": "flac"}, LONG, SHORT)
    with wave.open(str(tmp_path / "short.wav"), "wb") as file:
        file.setparams((16, 2, RATE, 0, "NONE", ""))
        file.writeframes(bytes(16 * 2 * RATE))
    done = subprocess.run(
        [sys.executable, "-m", "vedc", "validate", str(spec)], capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "error[audio-channels]" in done.stderr and "edit.vedc.yaml:11:" in done.stderr
