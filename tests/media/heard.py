"""The sound of films made of generated sounds."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from vedc.errors import Problem
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

RATE = 48000

Floats = npt.NDArray[np.float64]


class Warned:
    """A render's warnings."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def __call__(self, warnings: Sequence[Problem]) -> None:
        self.codes += [warning.code for warning in warnings]


def write_wav(path: Path, sound: Floats) -> None:
    """Samples of shape (channels, n), as 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setparams((sound.shape[0], 2, RATE, 0, "NONE", ""))
        file.writeframes(np.round(sound.T * 32767).astype("<i2").tobytes())


def tone(seconds: float, hertz: float = 440, level: float = 0.25, channels: int = 1) -> Floats:
    t = np.arange(round(seconds * RATE)) / RATE
    return np.tile(level * np.sin(2 * np.pi * hertz * t), (channels, 1))


def render(folder: Path, spec: str, warn: Warned | None = None, *, profile: str = "") -> Floats:
    """The sound of the film that ``spec`` describes, shape (channels, samples).

    ``profile`` holds more of its canvas.
    """
    path = folder / "edit.vedc.yaml"
    path.write_text(
        f"version: 1\nprofile: {{{profile}width: 64, height: 32, fps: 25}}\n"
        "outputs: [{path: film.mov, codec: h264, preset: ultrafast, audio_codec: pcm_s24le}]\n"
        + spec
    )
    build = Build(path)
    deliver(build, replace=True, warn=warn or Warned())
    with av.open(str(folder / "film.mov")) as file:
        resampler = av.AudioResampler("dblp")
        parts = [o.to_ndarray() for f in file.decode(audio=0) for o in resampler.resample(f)]
    return np.concatenate(parts, axis=1)
