"""The sound's file: one encoded stream whose sample 0 plays at time 0.

Lossy encoders begin with priming samples (AAC 1024, Opus 312, MP3 1105) that players must not play.
How a file marks them depends on its container, and copying packets from one kind to another loses
the mark. So the file has the film's kind of container: in MP4 and MOV the priming samples have
negative time stamps, which become an edit list; Matroska and WebM keep it as CodecDelay. MP4 and
MOV are written in fragments, since whole ones keep their index in memory to the end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import av
import numpy as np

from vedc.audio.downmix import LAYOUTS
from vedc.media.files import cannot_write
from vedc.plan.settings import AudioSettings

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import OutputContainer

    from vedc.audio.decode import Samples

_FRAGMENT: Final = str(10_000_000)
"""Microseconds of sound in a fragment."""

_FORMATS: Final = ("fltp", "flt", "s32", "s32p", "s16", "s16p")
"""Sample formats, the best first."""

_SHORT: Final = ("s16", "s16p")
"""Those of 16 bits."""

_PACKETS_A_SECOND: Final = 10
"""For PCM, which has no frames."""


def encode(
    blocks: Iterable[Samples],
    settings: AudioSettings,
    path: Path,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write planar float blocks, shape (channels, samples), as a file at ``path``.

    Floats become integers by rounding to nearest, without dither. After each block ``progress``
    is called with the number of samples done. Where this raises, a partial file may remain. Raises
    RenderError ``cannot-write``.
    """
    options = {"fflags": "+bitexact"}
    if settings.muxer in ("mp4", "mov"):
        options |= {"movflags": "empty_moov+delay_moov", "frag_duration": _FRAGMENT}
    written = 0
    try:
        with av.open(os.fspath(path), "w", format=settings.muxer, options=options) as file:
            stream = _add_stream(file, settings)
            for block in blocks:
                for frame in _frames(block, written, stream):
                    file.mux(stream.encode(frame))
                written += block.shape[1]
                if progress is not None:
                    progress(written)
            file.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise cannot_write(path, error.errno, error.strerror) from error


def _add_stream(file: OutputContainer, settings: AudioSettings) -> AudioStream:
    stream = cast(
        "AudioStream",
        file.add_stream(settings.encoder, settings.rate, options={"flags": "+bitexact"}),
    )
    codec = stream.codec_context
    codec.layout = LAYOUTS[settings.channels]
    formats = {f.name for f in codec.codec.audio_formats or ()}
    wanted = _SHORT if settings.depth == 16 else _FORMATS
    codec.format = next(name for name in (*wanted, *_FORMATS) if name in formats)
    codec.thread_count = 1
    if settings.bitrate is not None:
        codec.bit_rate = settings.bitrate
    codec.open()
    return stream


def _frames(block: Samples, start: int, stream: AudioStream) -> Iterator[AudioFrame]:
    """A block as frames for the encoder, which are packets where the codec has no frames."""
    codec = stream.codec_context
    count = block.shape[1]
    step = count if codec.frame_size else max(1, codec.rate // _PACKETS_A_SECOND)
    for at in range(0, count, step):
        part = np.ascontiguousarray(block[:, at : at + step])
        frame = av.AudioFrame.from_ndarray(part, "fltp", codec.layout.name)
        frame.sample_rate = codec.rate
        frame.time_base = Fraction(1, codec.rate)
        frame.pts = start + at
        yield frame
