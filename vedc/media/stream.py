"""Copying a finished film into containers that are read from a pipe: nothing is encoded again."""

from __future__ import annotations

import math
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, NamedTuple

import av
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from vedc.edit.model import Edit
from vedc.errors import RenderError, UsageError
from vedc.media.demux.container import local_only

Kind = Literal["mkv", "mp4", "ts"]


class Pipe(NamedTuple):
    """A container for a pipe, which cannot seek."""

    title: str
    made_as: str
    """The extension of the finished film."""
    muxer: str = ""
    """FFmpeg's name; empty where the finished film is sent as it is."""
    video: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    captions: bool = True


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
    "ts": Pipe("MPEG-TS", ".mp4", "mpegts", ("h264", "hevc"), ("aac", "mp3"), captions=False),
}

#: The finest time scale of MP4, in ticks per second.
_FINEST: Final = 100_000_000


class _Sink:
    """A stream that is only written to, whatever else it supports."""

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


def refuse(edit: Edit, kind: Kind) -> None:
    """Raise UsageError ``bad-option`` if a container cannot hold an output."""
    output, pipe = edit.output, PIPES[kind]
    if edit.caption_streams and not pipe.captions:
        message = f"{pipe.title} cannot hold captions"
        hint = "leave --container out, or burn them in: outputs: [{path: film.mp4, captions: burn}]"
        raise UsageError.one("bad-option", message, output.location, hint)
    held = (*pipe.video, *pipe.audio)
    for codec in (output.codec, output.audio_codec):
        if pipe.muxer and codec is not None and codec not in held:
            message = f"{pipe.title} cannot hold {codec}, only {', '.join(held)}"
            hint = "change the codec in the spec, or leave --container out: Matroska holds it"
            raise UsageError.one("bad-option", message, output.location, hint)


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
            output.set_chapters(source.chapters())
            copies = {}
            for stream in source.streams:
                if stream.disposition & Disposition.attached_pic:  # cover art stays in files
                    continue
                copy = output.add_stream_from_template(stream, opaque=True)
                copy.time_base = stream.time_base
                if stream.type == "subtitle":
                    tags = stream.metadata
                    copy.metadata.update({k: tags[k] for k in ("language", "title") if k in tags})
                    copy.disposition = stream.disposition
                copies[stream.index] = copy
            held: dict[int, list[Packet[Any]]] = {}
            for packet in source.demux():  # in the order of the film, which is that of decoding
                if not packet.size or packet.stream.index not in copies:
                    continue
                index = packet.stream.index
                before = held.setdefault(index, [])
                before.append(packet)
                if packet.dts is not None:
                    for each in _timed(held.pop(index)):
                        each.stream = copies[index]
                        output.mux(each)
            for index, left in held.items():
                for each in _timed(left):
                    each.stream = copies[index]
                    output.mux(each)


def _timed(packets: list[Packet[Any]]) -> list[Packet[Any]]:
    """The first packets of a stream, or one of the others.

    Matroska has no times of decoding. FFmpeg derives them once it has seen enough packets, but not
    for the first ones, which are counted back from there.
    """
    if len(packets) == 1 and packets[0].dts is not None:
        return packets
    stream, last = packets[0].stream, packets[-1]
    rate = stream.average_rate if isinstance(stream, VideoStream) else None
    step = 1 / (rate * last.time_base) if rate else Fraction(0)
    known = last.dts if last.dts is not None else min(p.pts for p in packets if p.pts is not None)
    for back, packet in enumerate(reversed(packets)):
        packet.dts = known - round(back * step)
    return packets
