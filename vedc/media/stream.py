"""Copying a finished film into containers that are read from a pipe: nothing is encoded again."""

from __future__ import annotations

import heapq
import math
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, NamedTuple

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet

from vedc.errors import RenderError
from vedc.media.container import local_only

Kind = Literal["mkv", "mp4", "ts"]


class Pipe(NamedTuple):
    """A container on a pipe, which cannot be sought in."""

    title: str
    made_as: str
    """The extension of the finished film."""
    muxer: str = ""
    """FFmpeg's name; empty where the finished film is sent as it is."""
    video: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()


#: H.264 and HEVC carry their parameter sets along in MPEG-TS; players expect no other codecs.
PIPES: Final[dict[Kind, Pipe]] = {
    "mkv": Pipe("Matroska", ".mkv"),
    "mp4": Pipe(
        "fragmented MP4",
        ".mp4",
        "mp4",
        ("h264", "hevc", "av1", "vp9"),
        ("aac", "opus", "flac", "mp3"),
    ),
    "ts": Pipe("MPEG-TS", ".mp4", "mpegts", ("h264", "hevc"), ("aac", "mp3")),
}

#: Ticks per second of the times in MPEG-TS.
_TS_CLOCK: Final = 90_000
#: The finest time scale of MP4, in ticks per second.
_FINEST: Final = 100_000_000


class _Sink:
    """A stream that is only written to, whatever else it can do."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            self._stream.write(data)
        except OSError as error:
            self.failure = error
            raise
        return len(data)


def send(film: Path, sink: BinaryIO, kind: Kind) -> None:
    """Write a finished film to ``sink`` in a container that is read from its start.

    The film is a file with the extension ``PIPES[kind].made_as``. Frames and samples keep their
    times to the tick of the container: 1/90000 s in MPEG-TS, exact in the others. A fragment of MP4
    begins at each key frame.

    Raises OSError if ``sink`` does, and RenderError ``cannot-mux`` if the container refuses.
    """
    pipe = PIPES[kind]
    if not pipe.muxer:
        with open(film, "rb") as file:
            shutil.copyfileobj(file, sink)
        return
    writer = _Sink(sink)
    try:
        _copy(film, writer, pipe)
    except (FFmpegError, OSError) as error:
        if writer.failure is not None:
            raise writer.failure from None
        if not isinstance(error, FFmpegError):
            raise
        message = f"cannot store the film in {pipe.title}: {error.strerror}"
        hint = "choose another codec, or --container mkv"
        raise RenderError.one("cannot-mux", message, hint=hint) from error


def _copy(film: Path, sink: _Sink, pipe: Pipe) -> None:
    with av.open(str(film), options=local_only()) as source:
        rates = [r.numerator for s in source.streams.video if (r := s.average_rate)]
        rates += [s.rate for s in source.streams.audio]
        options = {"fflags": "+bitexact"}
        if pipe.muxer == "mp4":
            # The header is written with the first fragment, which knows the samples to skip.
            scale = math.lcm(*rates)
            options["movflags"] = "+frag_keyframe+delay_moov+default_base_moof"
            options["use_editlist"] = "1"
            options["movie_timescale"] = str(scale if scale <= _FINEST else rates[0])
        with av.open(sink, "w", format=pipe.muxer, options=options) as output:
            output.metadata.update(source.metadata)
            copies = {}
            for stream in source.streams:
                copy = output.add_stream_from_template(stream, opaque=True)
                copy.time_base = stream.time_base
                copies[stream.index] = copy
            for _time, packet in _in_order(source):
                packet.stream = copies[packet.stream.index]
                output.mux_one(packet)


def _in_order(source: InputContainer) -> Iterator[tuple[Fraction, Packet[Any]]]:
    """Every packet with its decode time in seconds, rising."""

    def timed(index: int) -> Iterator[tuple[Fraction, Packet[Any]]]:
        with av.open(source.name, options=local_only()) as own:
            for packet in own.demux(own.streams[index]):
                if packet.dts is not None and packet.size:
                    yield packet.dts * packet.time_base, packet

    tracks = [timed(stream.index) for stream in source.streams]
    return heapq.merge(*tracks, key=lambda one: one[0])
