"""Clips that flash and click at once, and where a finished film flashes and clicks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from tests.media.make import luma
from vedc.decide.arrays import Floats

WIDTH, HEIGHT = 64, 32
DARK, BRIGHT = 40, 200
#: A click peaks this long after it begins: a quarter of a period of 2 kHz.
PEAK = 0.0001


def click(rate: int) -> Floats:
    """Attack and decay: it begins on the flash frame's first sample."""
    t = np.arange(round(0.004 * rate)) / rate
    return 0.8 * np.sin(2 * np.pi * 2000 * t) * np.exp(-t / 0.0006)


def write_clicks(
    path: Path,
    frames: int,
    rate: Fraction,
    flashes: Sequence[int],
    *,
    sound: str = "flac",
    sample_rate: int = 48000,
    sound_late: Fraction = Fraction(0),
) -> Path:
    """A dark clip that is bright in the frames ``flashes``, each with a click at its beginning.

    ``sound_late``: seconds by which the sound begins after the picture; below 0 the picture
    begins that much later than the sound, and the sound is silent till then.
    """
    first = round(sound_late * sample_rate)
    lead = max(0, -first)
    samples = np.zeros(round(frames / rate * sample_rate))
    pulse = click(sample_rate)
    for flash in flashes:
        at = round(flash / rate * sample_rate)
        samples[at : at + len(pulse)] += pulse[: len(samples) - at]
    samples = np.concatenate([np.zeros(lead), samples[max(0, first) :]])
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=rate, options={"preset": "veryfast", "g": "90"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.time_base = 1 / rate
        audio = out.add_stream(sound, rate=sample_rate, layout="mono")
        bright = set(flashes)
        done = 0
        for index in range(frames):
            level = BRIGHT if index in bright else DARK
            planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            planes[:HEIGHT] = level
            frame = VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = index + round(lead / sample_rate * rate), 1 / rate
            out.mux(video.encode(frame))
            until = round((index + 1) / rate * sample_rate) - first
            if until > done:
                _encode(out, audio, samples[done:until], done + max(0, first))
                done = until
        out.mux(video.encode(None))
        out.mux(audio.encode(None))
    return path


def _encode(
    out: av.container.OutputContainer,
    audio: av.AudioStream,
    samples: Floats,
    start: int,
) -> None:
    block = (samples * 32767).astype(np.int16).reshape(1, -1)
    frame = AudioFrame.from_ndarray(block, format="s16", layout="mono")
    frame.sample_rate, frame.pts = audio.rate, start
    frame.time_base = Fraction(1, audio.rate)
    out.mux(audio.encode(frame))


def brightness(path: Path) -> list[tuple[Fraction, float]]:
    """When each frame is presented, in seconds, and its mean luma."""
    with av.open(str(path)) as film:
        return [
            (frame.pts * frame.time_base, float(luma(frame).mean()))
            for frame in film.decode(video=0)
        ]


def heard(path: Path) -> tuple[int, Floats]:
    """Rate and samples of the first channel from time 0 on, as a player plays them.

    libavformat applies edit lists and the decoder drops the encoder's run-up; each frame is
    then played at its own time stamp.
    """
    with av.open(str(path)) as film:
        stream = film.streams.audio[0]
        rate = stream.rate
        blocks: list[Floats] = []
        end = 0
        for frame in film.decode(stream):
            at = round(frame.pts * frame.time_base * rate)
            if blocks and abs(at - end) <= rate // 1000:
                at = end  # a rounded time stamp (Matroska): players play on
            block = frame.to_ndarray()
            first = block[0] if frame.format.is_planar else block[0, :: frame.layout.nb_channels]
            scale = {"s16": 1 << 15, "s32": 1 << 31}.get(frame.format.name.rstrip("p"), 1)
            blocks += [np.zeros(max(0, at - end)), first[max(0, -at) :] / scale]
            end = max(0, at) + len(blocks[-1])
        return rate, np.concatenate(blocks)


def clicks(path: Path, least: float = 0.15) -> list[float]:
    """When the film clicks, in seconds: where each burst above ``least`` is loudest."""
    rate, samples = heard(path)
    loud = np.flatnonzero(np.abs(samples) > least)
    if not len(loud):
        return []
    bursts = np.split(loud, np.flatnonzero(np.diff(loud) > rate // 20) + 1)
    return [int(b[np.argmax(np.abs(samples[b]))]) / rate - PEAK for b in bursts]
