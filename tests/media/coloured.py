"""Small films of coloured shots, whose cuts are where they were put."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

Color = tuple[int, int, int]
#: Far from each other in every channel, and in luma.
COLORS: tuple[Color, ...] = ((220, 40, 40), (30, 190, 60), (40, 60, 220), (230, 220, 60))


def write_film(
    path: Path,
    shots: Sequence[tuple[Color, int]],
    *,
    rate: Fraction | int = 25,
    size: tuple[int, int] = (160, 90),
    sound: Sequence[tuple[float, float]] | None = None,
) -> Path:
    """Shots of these numbers of frames: one colour below, the shot's own blocks above.

    ``sound``: stretches in seconds in which a tone is heard; none at all where it is None.
    """
    total = sum(frames for _, frames in shots)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=Fraction(rate), options={"crf": "16"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = None if sound is None else out.add_stream("aac", rate=48000, layout="stereo")
        index = 0
        for number, (color, frames) in enumerate(shots):
            blocks = np.random.default_rng(number).integers(0, 256, (4, 12, 3), np.uint8)
            above = np.kron(blocks, np.ones((10, 20, 1), np.uint8))
            for k in range(frames):
                picture = np.empty((size[1], size[0], 3), np.uint8)
                picture[:] = color
                picture[:40] = above[:40, : size[0]]
                picture[44:48, k % size[0]] = 255  # something moves
                frame = VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = index, 1 / Fraction(rate)
                out.mux(video.encode(frame))
                index += 1
        out.mux(video.encode(None))
        if audio is not None:
            out.mux(audio.encode(_tone(sound or (), total / Fraction(rate))))
            out.mux(audio.encode(None))
    return path


def write_sound(path: Path, heard: Sequence[tuple[float, float]], seconds: float) -> Path:
    """A WAV in which a tone is heard at times."""
    with av.open(str(path), "w", format="wav") as out:
        stream = out.add_stream("pcm_f32le", rate=48000, layout="stereo")
        out.mux(stream.encode(_tone(heard, Fraction(seconds))))
        out.mux(stream.encode(None))
    return path


def _tone(heard: Sequence[tuple[float, float]], seconds: Fraction) -> AudioFrame:
    time = np.arange(int(48000 * seconds)) / 48000
    on = np.zeros(len(time), bool)
    for begin, end in heard:
        on |= (time >= begin) & (time < end)
    wave = np.where(on, 0.3 * np.sin(2 * np.pi * 440 * time), 0.0).astype(np.float32)
    frame = AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
    return frame
