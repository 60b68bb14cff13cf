"""Files with nothing odd about them: where one of these is wrong, the measuring is."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import PIL.Image
from av.audio.frame import AudioFrame

from tests.media.make import write_numbered
from tests.media.zoo.entry import Entry, Right, Sound


def tone(hertz: float, seconds: float, rate: int = 48000, peak: float = 0.5) -> np.ndarray:
    """A sine that begins and ends at full strength: float32 (1, samples)."""
    times = np.arange(round(seconds * rate)) / rate
    return (peak * np.cos(2 * math.pi * hertz * times)).astype(np.float32)[None]


def silence(seconds: float, rate: int = 48000) -> np.ndarray:
    """float32 (1, samples)."""
    return np.zeros((1, round(seconds * rate)), np.float32)


def write_sound(
    path: Path, samples: np.ndarray, codec: str, rate: int = 48000, format: str | None = None
) -> None:
    """Write float32 (channels, samples), mono or stereo."""
    layout = "mono" if samples.shape[0] == 1 else "stereo"
    with av.open(str(path), "w", format=format) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
        frame.sample_rate, frame.pts = rate, 0
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate)
        fifo = av.AudioFifo()
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            fifo.write(part)
        size = stream.codec_context.frame_size or 1024
        while (part := fifo.read(size, partial=True)) is not None:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))


def _heard(path: Path, codec: str) -> None:
    write_sound(path, np.hstack([silence(0.25), tone(440, 0.5), silence(0.25)]), codec)


_HEARD = Right(seconds=1.0, sound=Sound(0.25, 0.75, hertz=440, level=-9.03))


def _numbered(path: Path, rate: Fraction, codec: str = "libx264") -> None:
    write_numbered(
        path, 12, rate, first=40, width=96, height=64, codec=codec, options={"crf": "16"}
    )


def _still(path: Path) -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, :30], picture[:, 30:] = (200, 40, 30), (20, 90, 210)
    PIL.Image.fromarray(picture).save(path)


_TWELVE = {0: 40, 5: 45, 11: 51}

ENTRIES = (
    Entry(
        "plain.mp4",
        "H.264 at a whole rate",
        lambda path: _numbered(path, Fraction(25)),
        Right((96, 64), frames=12, rate=25, numbers=_TWELVE),
    ),
    Entry(
        "ntsc.mkv",
        "30000/1001 in a container that counts milliseconds",
        lambda path: _numbered(path, Fraction(30000, 1001)),
        Right((96, 64), frames=12, rate=30000 / 1001, numbers=_TWELVE),
    ),
    Entry(
        "plain.wav",
        "PCM",
        lambda path: _heard(path, "pcm_s16le"),
        _HEARD,
        "audio",
    ),
    Entry(
        "plain.flac",
        "FLAC",
        lambda path: _heard(path, "flac"),
        _HEARD,
        "audio",
    ),
    Entry(
        "plain.png",
        "an RGB still",
        _still,
        Right(
            (60, 40), frames=5, spots={(0, 0.25, 0.5): (200, 40, 30), (4, 0.75, 0.5): (20, 90, 210)}
        ),
        "image",
    ),
)
