"""Joining segments and sound to a film by copying packets: nothing is encoded again."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from vedc.errors import InternalError, RenderError
from vedc.media.files import cannot_write, whole_file
from vedc.plan.settings import VideoSettings
from vedc.spec.codecs import Container, container_for_extension, extension, known_extensions

#: Opening a file without opening its decoder: all that is needed of later segments stands in
#: their headers, and looking for more would decode a frame of each.
_HEADER_ONLY: Final = {"codec_whitelist": "none"}


def mux(
    target: Path,
    segments: Sequence[Path],
    frames: Sequence[int],
    settings: VideoSettings,
    audio: Path | None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write ``target`` from encoded segments, in order, and encoded sound.

    ``frames[k]`` is the number of frames of ``segments[k]``; all were made with ``settings``.
    Frame n of the film stands exactly at n / rate; sample 0 of ``audio`` at 0, priming samples
    before it cut away by the container. ``metadata`` are tags of the file, by FFmpeg's names.

    The file appears whole or not at all; a file that stands there is replaced. Raises
    RenderError where the disk refuses (``cannot-write``) or the container does
    (``cannot-mux``); InternalError where a segment is not what it should be.
    """
    kind = container_for_extension(extension(str(target)))
    if kind is None:
        raise RenderError.one(
            "unknown-container",
            f"cannot tell the container of {target} from its extension",
            hint=f"use one of {', '.join(known_extensions())}",
        )
    if not segments or len(segments) != len(frames):
        raise InternalError(f"{len(segments)} segments and {len(frames)} counts to mux")
    try:
        with whole_file(target) as part:
            _write(part, kind, segments, frames, settings, audio, dict(metadata or {}))
    except FFmpegError as error:
        raise RenderError.one(
            "cannot-mux",
            f"cannot store {settings.codec} in {target}: {error.strerror}",
            hint=f"choose another container than {kind.name}",
        ) from error


def _write(
    part: Path,
    kind: Container,
    segments: Sequence[Path],
    frames: Sequence[int],
    settings: VideoSettings,
    audio: Path | None,
    metadata: dict[str, str],
) -> None:
    options = {"movflags": "+faststart"} if kind.faststart else {}
    output = av.open(str(part), "w", format=kind.muxer, options=options)
    try:
        output.metadata.update(metadata)
        # The first segment is opened in full: its decoder tells how far frames are reordered.
        with av.open(str(segments[0])) as first:
            template = first.streams.video[0]
            delay = template.codec_context.reorder_depth
            extradata = template.codec_context.extradata
            picture = _picture_stream(output, kind, template, settings)
        tracks = [_picture(picture, segments, frames, settings, delay, extradata)]
        if audio is not None:
            with av.open(str(audio)) as source:
                tracks.append(_sound(output, source))
                _copy(output, tracks)
        else:
            _copy(output, tracks)
    finally:
        output.close()


def _copy(output: OutputContainer, tracks: Sequence[Iterator[tuple[Fraction, Packet]]]) -> None:
    """Mux in order of decode time, so that the muxer need not hold one track for another."""
    for _time, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
        output.mux_one(packet)


def _picture_stream(
    output: OutputContainer, kind: Container, template: VideoStream, settings: VideoSettings
) -> VideoStream:
    stream = output.add_stream_from_template(template, opaque=True)
    stream.time_base = 1 / settings.rate
    stream.codec_context.framerate = settings.rate
    if kind.faststart and settings.codec == "hevc":
        stream.codec_context.codec_tag = "hvc1"  # parameter sets in the header only: Apple's rule
    elif kind.faststart and settings.codec == "prores":
        stream.codec_context.codec_tag = template.codec_context.codec_tag  # names the profile
    return stream


def _picture(
    stream: VideoStream,
    segments: Sequence[Path],
    frames: Sequence[int],
    settings: VideoSettings,
    delay: int,
    extradata: bytes | None,
) -> Iterator[tuple[Fraction, Packet]]:
    """The packets of all segments with film-wide times in frames.

    Decode times are counted anew, one frame apart and ``delay`` before the frame count, since
    an encoder that saw only a frame or two starts its own too late to fit what came before.
    """
    frame = 1 / settings.rate
    done = 0
    for path, count in zip(segments, frames, strict=True):
        with av.open(str(path), options=_HEADER_ONLY) as source:
            origin = source.streams.video[0]
            if origin.codec_context.extradata != extradata:
                raise InternalError(f"{path} has other parameter sets than the first segment")
            index = 0
            for packet in source.demux(origin):
                if packet.size == 0:  # the demuxer's end mark
                    continue
                shown = _frame_number(packet, settings.rate, path)
                pts, dts = done + shown, done + index - delay
                if pts < dts or shown >= count or (index == 0 and not packet.is_keyframe):
                    raise InternalError(f"{path}: packet {index} shows frame {shown} of {count}")
                packet.stream = stream
                packet.time_base = frame
                packet.pts, packet.dts, packet.duration = pts, dts, 1
                index += 1
                yield dts * frame, packet
            if index != count:
                raise InternalError(f"{path} holds {index} frames, not {count}")
        done += count


def _frame_number(packet: Packet, rate: Fraction, path: Path) -> int:
    if packet.pts is None or packet.time_base is None:
        raise InternalError(f"{path}: a packet has no time")
    number = packet.pts * packet.time_base * rate
    if number.denominator != 1 or number < 0:
        raise InternalError(f"{path}: a packet stands at frame {number}")
    return int(number)


def _sound(output: OutputContainer, source: InputContainer) -> Iterator[tuple[Fraction, Packet]]:
    origin = source.streams.audio[0]
    stream = output.add_stream_from_template(origin, opaque=True)

    def packets() -> Iterator[tuple[Fraction, Packet]]:
        for packet in source.demux(origin):
            if packet.size == 0 or packet.dts is None or packet.time_base is None:
                continue
            time = packet.dts * packet.time_base
            packet.stream = stream
            yield time, packet

    return packets()
