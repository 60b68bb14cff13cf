"""Sound files of the gallery: read, cut, written as Opus."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt

RATE: Final = 48_000
Samples = npt.NDArray[np.float32]


def read(path: Path, layout: str) -> Samples:
    """All of a sound file, shape (channels, samples), at 48 kHz."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", layout, RATE)
        blocks = [
            out.to_ndarray()
            for frame in [*container.decode(audio=0), None]
            for out in resampler.resample(frame)
        ]
    return np.concatenate(blocks, axis=1)


def faded(samples: Samples, seconds: float, fade: float) -> Samples:
    """The first ``seconds``, with a fade of ``fade`` seconds at their end, at most at -2 dBFS."""
    length = round(seconds * RATE)
    cut = np.zeros((samples.shape[0], length), np.float32)
    kept = min(length, samples.shape[1])
    cut[:, :kept] = samples[:, :kept]
    ramp = round(fade * RATE)
    if ramp:
        cut[:, -ramp:] *= np.linspace(1, 0, ramp, dtype=np.float32) ** 2
    return np.asarray(cut * (0.79 / max(float(np.abs(cut).max()), 1e-9)), np.float32)


def encode(target: Path, samples: Samples, bit_rate: int) -> None:
    """Write an Opus file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    layout = "stereo" if samples.shape[0] == 2 else "mono"
    with av.open(str(target), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout=layout)
        stream.bit_rate = bit_rate
        for start in range(0, samples.shape[1], 960):
            block = np.ascontiguousarray(samples[:, start : start + 960])
            frame = av.AudioFrame.from_ndarray(block.T.reshape(1, -1).copy(), "flt", layout)
            frame.rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
