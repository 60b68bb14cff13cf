"""Streams to choose from, odd rates and time stamps, damage, files cut short or joined."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.stream import Disposition

from tests.media.make import numbered_frame
from tests.media.zoo.entry import Entry, Right, Sound


def write_streams(
    path: Path,
    firsts: Sequence[int],
    default: int | None,
    *,
    tones: Sequence[float] = (),
    default_tone: int | None = None,
    languages: Sequence[str] = (),
    frames: int = 12,
    rate: int = 25,
) -> None:
    """A file with a video stream for each first number, and an audio stream for each tone."""
    with av.open(str(path), "w") as out:
        videos, sounds = [], []
        for index, _ in enumerate(firsts):
            stream = out.add_stream("libx264", rate=rate, options={"crf": "16", "bf": "0"})
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            stream.disposition = Disposition.default if index == default else Disposition(0)
            videos.append(stream)
        for index, _ in enumerate(tones):
            sound = out.add_stream("flac", rate=48000, layout="mono")
            sound.disposition = Disposition.default if index == default_tone else Disposition(0)
            if languages:
                sound.metadata["language"] = languages[index]
            sounds.append(sound)
        for i in range(frames):
            for stream, first in zip(videos, firsts, strict=True):
                frame = numbered_frame(first + i, 96, 64)
                frame.pts, frame.time_base = i, Fraction(1, rate)
                out.mux(stream.encode(frame))
            for sound, hertz in zip(sounds, tones, strict=True):
                count = 48000 // rate
                times = (np.arange(count) + i * count) / 48000
                samples = np.round(16000 * np.cos(2 * np.pi * hertz * times)).astype(np.int16)
                part = AudioFrame.from_ndarray(samples[None], "s16", "mono")
                part.sample_rate, part.pts = 48000, i * count
                part.time_base = Fraction(1, 48000)
                out.mux(sound.encode(part))
        for stream in (*videos, *sounds):
            out.mux(stream.encode(None))


_STREAMS = (
    Entry(
        "second_default.mkv",
        "two video streams, of which the second is flagged default",
        lambda path: write_streams(path, (40, 200), 1),
        Right((96, 64), frames=12, rate=25, numbers={0: 200, 11: 211}),
    ),
    Entry(
        "no_default.mkv",
        "two video streams, of which none is flagged default",
        lambda path: write_streams(path, (40, 200), None),
        Right((96, 64), frames=12, rate=25, numbers={0: 40, 11: 51}),
    ),
    Entry(
        "stream_chosen.mkv",
        "the stream that is not flagged, by its number",
        lambda path: write_streams(path, (40, 200, 400), 1),
        Right((96, 64), frames=12, rate=25, numbers={0: 400, 11: 411}),
        item={"stream": 2},
    ),
    Entry(
        "both_streams.mkv",
        "two streams of one file one after the other",
        lambda path: write_streams(path, (40, 200), 1),
        Right((96, 64), frames=24, rate=25, numbers={0: 40, 11: 51, 12: 200, 23: 211}),
        timeline=lambda name: [{"clip": name, "stream": 0}, {"clip": name, "stream": 1}],
    ),
    Entry(
        "no_such_stream.mkv",
        "a number that no stream has",
        lambda path: write_streams(path, (40, 200), 1),
        Right(refused="no-stream"),
        item={"stream": 2},
    ),
    Entry(
        "sound_default.mkv",
        "two languages, of which the second is flagged default",
        lambda path: write_streams(path, (40,), 0, tones=(440, 880), default_tone=1),
        Right((96, 64), frames=12, numbers={0: 40, 11: 51}, sound=Sound(0, 0.48, hertz=880)),
    ),
    Entry(
        "sound_chosen.mkv",
        "the other language, by its number",
        lambda path: write_streams(
            path, (40,), 0, tones=(440, 880), default_tone=1, languages=("fra", "deu")
        ),
        Right((96, 64), frames=12, numbers={0: 40, 11: 51}, sound=Sound(0, 0.48, hertz=440)),
        item={"stream": {"audio": 0}},
    ),
)

ENTRIES = (*_STREAMS,)
