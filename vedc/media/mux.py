"""Joining segments and sound to a film by copying packets: nothing is encoded again."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from vedc.color import FORMATS
from vedc.edit.captions import CaptionStream
from vedc.edit.model import Marker
from vedc.edit.tables.containers import (
    STREAM,
    Container,
    container_for_extension,
    extension,
    known_extensions,
)
from vedc.errors import InternalError, RenderError
from vedc.media.copying.parts import Coded, stored_packets
from vedc.media.demux.container import local_only
from vedc.media.describe import numbers_of
from vedc.media.files import whole_file
from vedc.media.mark import Mark, seal
from vedc.media.tags.cover import add_cover
from vedc.plan.footage import CopiedPart
from vedc.plan.settings import VideoSettings
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from av.container.core import Chapter

_Track = TypeVar("_Track", VideoStream, AudioStream)

#: Packets with their decode times in seconds, rising.
Timed: TypeAlias = "Iterator[tuple[Fraction, Packet[Any]]]"

#: The packets of a part of a film, each with the frame of the part that it shows.
Numbered: TypeAlias = "Iterator[tuple[int, Packet[VideoStream]]]"

#: Opens a file without its decoder: headers are enough for later segments, and probing would
#: decode a frame of each.
_HEADER_ONLY: Final = {"codec_whitelist": "none"}

#: Codecs whose own headers lack the chroma location: the container must state it.
_SITES_UNSAID: Final = frozenset({"ffv1", "vp9"})

#: The finest time scale for a film, in ticks per second.
_FINEST: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """The pictures of a film: segments in order, ``frames[k]`` of them in ``segments[k]``. Those of
    the store were made with ``settings``; the others are copied from footage that suits them."""

    segments: Sequence[Path | CopiedPart]
    frames: Sequence[int]
    settings: VideoSettings

    def __post_init__(self) -> None:
        if not self.segments or len(self.segments) != len(self.frames):
            raise InternalError(f"{len(self.segments)} segments and {len(self.frames)} counts")


@dataclass(frozen=True, slots=True)
class Chapters:
    """A chapter lasts until the next one, the last until the film ends, after ``length`` frames."""

    markers: Sequence[Marker]
    length: int
    rate: Fraction

    def listed(self) -> list[Chapter]:
        ends = (*(marker.frame for marker in self.markers[1:]), self.length)
        return [
            {
                "id": number,
                "start": marker.frame,
                "end": end,
                "time_base": 1 / self.rate,
                "metadata": {"title": marker.name},
            }
            for number, (marker, end) in enumerate(zip(self.markers, ends, strict=True), 1)
        ]


def mux(
    target: Path,
    picture: Picture | None,
    audio: Path | None,
    metadata: Mapping[str, str] | None = None,
    mark: Mark | None = None,
    chapters: Chapters | None = None,
    captions: Sequence[CaptionStream] = (),
    cover: Path | None = None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Write ``target`` from encoded segments, encoded sound, or both.

    Frame n of the film is exactly at n / rate and sample 0 of ``audio`` at 0; the container cuts
    off priming samples before it. ``metadata`` are tags of the file, by FFmpeg's
    names; ``mark`` becomes its comment, where the container has tags. Each of ``captions`` becomes
    a stream. ``cover`` is a JPEG or PNG file. ``check`` may refuse the result before it
    replaces ``target``.

    The file is replaced atomically. Raises RenderError if the disk (``cannot-write``) or the
    container (``cannot-mux``) refuses, and InternalError for an unexpected segment.
    """
    kind = container_for_extension(extension(str(target)))
    if kind is None:
        raise RenderError.one(
            "unknown-container",
            f"cannot tell the container of {target} from its extension",
            hint=f"use one of {', '.join(known_extensions())}",
        )
    if picture is None and audio is None:
        raise InternalError(f"nothing to mux into {target}")
    codec = picture.settings.codec if picture is not None else "the sound"
    try:
        with whole_file(target) as part:
            mark = mark if kind.tagged != "nothing" else None
            tags = dict(metadata or {}) | ({"comment": mark.text()} if mark else {})
            _write(part, kind, picture, audio, tags, chapters, captions, cover)
            if mark:
                seal(part, mark)
            check()
    except FFmpegError as error:
        raise _cannot_mux(codec, kind, str(error.strerror)) from error


def stored(path: Path, **options: str) -> InputContainer:
    """A file of the segment store, opened as media and nothing else."""
    return av.open(str(path), options=local_only() | options)


def _write(
    part: Path,
    kind: Container,
    picture: Picture | None,
    audio: Path | None,
    metadata: dict[str, str],
    chapters: Chapters | None,
    captions: Sequence[CaptionStream],
    cover: Path | None,
) -> None:
    with ExitStack() as stack:
        source, rates = None, [picture.settings.rate.numerator] if picture is not None else []
        if audio is not None:
            with _reading(audio):
                source = stack.enter_context(stored(audio))
                rates.append(source.streams.audio[0].rate)
        # No random ids, no dates: the same segments make the same file.
        options = {"fflags": "+bitexact", **dict(kind.options)}
        options |= _faststart(rates) if kind.faststart else {}
        output = av.open(str(part), "w", format=kind.muxer, options=options)
        stack.push(closing(output))
        if chapters is not None and kind.chapters:
            output.set_chapters(chapters.listed())
        tracks = [] if picture is None else [picture_track(output, kind, picture)]
        if source is not None and audio is not None:
            tracks.append(sound_track(output, kind, source, audio))
        if kind.tagged != "nothing":
            tagged = output if kind.tagged == "file" else output.streams[0]
            tagged.metadata.update(metadata)
        if captions:
            from vedc.media.caption_streams import add_captions

            tracks += [add_captions(output, kind, stream) for stream in captions]
        if cover is not None:
            add_cover(output, kind, cover, stack)()
        # In order of decode time, so that the muxer need not buffer one track for the other.
        for _time, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            output.mux_one(packet)


def _faststart(rates: Sequence[int]) -> dict[str, str]:
    """Options of MP4 and MOV: index first, edit lists exact to the frame and sample.

    By default edit lists count milliseconds, which truncates tracks.
    """
    scale = math.lcm(*rates)
    if scale > _FINEST:  # unusual rates: exact for the picture only
        scale = rates[0]
    return {"movflags": "+faststart", "movie_timescale": str(scale)}


def closing(output: OutputContainer) -> Callable[..., None]:
    """Close at the end of a block without letting a second error hide the first."""

    def close(kind: type[BaseException] | None, *_rest: object) -> None:
        with suppress(*(() if kind is None else (FFmpegError,))):
            output.close()

    return close


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Attribute errors in the block to reading ``path``, not to writing the film."""
    try:
        yield
    except FFmpegError as error:
        raise RenderError.one(
            "cannot-read",
            f"cannot read {path}: {error.strerror}",
            hint="render again; vedc cache verify removes what is damaged",
        ) from error


def _cannot_mux(codec: str, kind: Container, reason: str) -> RenderError:
    return RenderError.one(
        "cannot-mux",
        f"cannot store {codec} in {kind.name}: {reason}",
        hint="choose another codec, or another container by the extension of the path",
    )


def _stream_like(output: OutputContainer, template: _Track, kind: Container) -> _Track:
    """A stream for copied packets, without an encoder that would write its own headers."""
    try:
        return output.add_stream_from_template(template, opaque=True)
    except ValueError as error:  # PyAV's word for it
        name = template.codec_context.codec.canonical_name
        raise _cannot_mux(name, kind, "the container does not take it") from error


def _picture_stream(
    output: OutputContainer, kind: Container, template: VideoStream, settings: VideoSettings
) -> VideoStream:
    stream = _stream_like(output, template, kind)
    stream.time_base = 1 / settings.rate
    stream.codec_context.framerate = settings.rate
    if (kind.faststart or kind is STREAM) and settings.codec == "hevc":
        stream.codec_context.codec_tag = "hvc1"  # parameter sets in the header only: Apple's rule
    elif settings.codec == "prores" or (kind.faststart and settings.codec == "dnxhr"):
        stream.codec_context.codec_tag = template.codec_context.codec_tag  # names the profile
    if FORMATS[settings.pix_fmt].alpha and settings.codec == "vp9":
        stream.metadata["alpha_mode"] = "1"  # where FFmpeg looks for it
    if settings.codec in _SITES_UNSAID and FORMATS[settings.pix_fmt].sub_y:
        # PyAV can set a stream's chroma location only by opening it as a decoder.
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"chroma_sample_location": "left"}
        stream.codec_context.open()
    return stream


def picture_track(output: OutputContainer, kind: Container, picture: Picture) -> Timed:
    """Add a stream for pictures; returns the packets to mux into it, in order."""
    stored_ones = [path for path in picture.segments if isinstance(path, Path)]
    if len(stored_ones) < len(picture.segments):
        return _mixed_track(output, kind, picture)
    path = stored_ones[0]
    # The first segment is opened in full: its decoder knows how far frames are reordered.
    with _reading(path), stored(path) as first:
        template = first.streams.video[0]
        delay = template.codec_context.reorder_depth
        extradata = template.codec_context.extradata
        stream = _picture_stream(output, kind, template, picture.settings)

    def part(index: int) -> Numbered:
        path = stored_ones[index]
        with _reading(path), stored(path, **_HEADER_ONLY) as source:
            if source.streams.video[0].codec_context.extradata != extradata:
                raise InternalError(f"{path} has other parameter sets than the first segment")
            yield from stored_packets(source, path, picture.settings.rate, picture.frames[index])

    return _packets(stream, picture, delay, map(part, range(len(stored_ones))))


def _mixed_track(output: OutputContainer, kind: Container, picture: Picture) -> Timed:
    """As ``picture_track``, where some parts are copied from footage."""
    from vedc.media.copying.joined import Joined

    with ExitStack() as stack:
        settings, color = picture.settings, numbers_of(picture.settings.color)
        parts = picture.segments, picture.frames
        joined = stack.enter_context(Joined(*parts, settings.codec, color, settings.rate))
        stream = _picture_stream(output, kind, joined.template, settings)
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = color[:3]
        context.color_range = 2 if color[3] else 1
        context.sample_aspect_ratio = Fraction(1)
        if joined.record is not None:
            context.extradata = joined.record
        closing_all = stack.pop_all()

    def each() -> Iterator[Numbered]:
        with closing_all:
            for index in range(len(picture.segments)):
                yield map(_as_packet, joined.part(index))

    return _packets(stream, picture, joined.reorder, each())


def _as_packet(coded: Coded) -> tuple[int, Packet[VideoStream]]:
    packet: Packet[Any] = Packet(coded.data)
    packet.is_keyframe = coded.key
    return coded.shown, packet


def _packets(stream: VideoStream, picture: Picture, delay: int, parts: Iterable[Numbered]) -> Timed:
    """The packets of all segments, with times in frames of the film.

    Decode times are recounted, one frame apart and ``delay`` ahead of the frame count: an encoder
    that saw only a frame or two starts too late to follow the previous segment.
    """
    done, rate = 0, picture.settings.rate
    tick = 1 / rate
    for part, count in zip(parts, picture.frames, strict=True):
        for index, (shown, packet) in enumerate(part):
            pts, dts = done + shown, done + index - delay
            if pts < dts:
                raise InternalError(f"packet {index} of a part shows frame {shown} of {count}")
            packet.stream = stream
            packet.time_base = tick
            packet.pts, packet.dts, packet.duration = pts, dts, 1
            yield dts / rate, packet
        done += count


def sound_track(
    output: OutputContainer, kind: Container, source: InputContainer, path: Path
) -> Timed:
    """Add a stream for the sound of ``source``, which is the file at ``path``."""
    origin = source.streams.audio[0]
    stream = _stream_like(output, origin, kind)

    def packets() -> Timed:
        with _reading(path):
            for packet in source.demux(origin):
                if packet.size == 0 or packet.dts is None:
                    continue
                time = packet.dts * packet.time_base
                packet.stream = stream
                yield time, packet

    return packets()
