"""Animations: GIF, PNG and WebP files, made from the pictures of all segments.

The encoding of one frame depends on the others (the colours of a GIF, the parts that stay), so the
file is encoded as a whole, once its pictures are there. They are read one by one: memory does not
grow with the length, except for the encoded frames that libwebp keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import av
from av.error import FFmpegError
from av.filter import Graph
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from vedc.errors import InternalError, RenderError
from vedc.media.files import whole_file
from vedc.media.image_files.encode import pictures_of
from vedc.media.mark import Mark, can_be_marked, mark_image
from vedc.media.picture.filters import VideoChain
from vedc.plan.settings import AnimationSettings

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Frames = Callable[[], Iterator[VideoFrame]]
"""Gives the frames from the first, on each call."""

#: The encoder's format for each format that a PNG is decoded to; by default the same.
_TAKEN: Final = {"libwebp_anim": {"rgb24": "bgra", "rgba": "bgra"}}

_OPAQUE_FROM: Final = 128
"""Alpha, of 255, from which a pixel of a GIF is opaque: GIF has no partial alpha."""


def write_animation(
    target: Path,
    segments: Iterable[Path],
    rate: Fraction,
    settings: AnimationSettings,
    mark: Mark | None,
) -> None:
    """Write the pictures of segments, in order, as an animation, atomically.

    ``mark`` is written where the format has a place for it. Raises RenderError
    (``encode-failed``, ``cannot-write``).
    """
    paths = tuple(segments)

    def frames() -> Iterator[VideoFrame]:
        return _decoded(paths, rate)

    try:
        with whole_file(target) as part:
            shown = _in_few_colors(frames, settings) if settings.codec == "gif" else frames()
            _write(part, shown, rate, settings)
            if mark is not None and can_be_marked(part):
                mark_image(part, mark)
    except FFmpegError as error:
        message = f"{settings.codec}: {settings.encoder} failed: {error.strerror}"
        hint = "try another format; if it happens again, please report it"
        raise RenderError.one("encode-failed", message, hint=hint) from error


def _decoded(paths: Iterable[Path], rate: Fraction) -> Iterator[VideoFrame]:
    number = 0
    for path in paths:
        for data in pictures_of(path):
            decoder = av.CodecContext.create("png", "r")
            assert isinstance(decoder, VideoCodecContext)
            for frame in (*decoder.decode(Packet(data)), *decoder.decode(None)):
                frame.pts, frame.time_base = number, 1 / rate
                number += 1
                yield frame


def _in_few_colors(frames: Frames, settings: AnimationSettings) -> Iterator[VideoFrame]:
    """The frames in the colours that suit all of them best, and the nearest of these."""
    palette = _palette(frames, settings.colors)
    graph = Graph()
    first = next(frames())
    palette.pts, palette.time_base = 0, first.time_base
    pictures, colors = (
        graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        for frame in (first, palette)
    )
    mapped = graph.add("paletteuse", dither=settings.dither, alpha_threshold=str(_OPAQUE_FROM))
    sink = graph.add("buffersink")
    pictures.link_to(mapped, 0, 0)
    colors.link_to(mapped, 0, 1)
    mapped.link_to(sink)
    graph.configure()
    colors.push(palette)
    colors.push(None)

    def finished() -> Iterator[VideoFrame]:
        try:
            while True:
                out = sink.pull()
                assert isinstance(out, VideoFrame)
                yield out
        except (av.BlockingIOError, av.EOFError):
            return

    for frame in frames():
        pictures.push(frame)
        yield from finished()
    pictures.push(None)
    yield from finished()


def _palette(frames: Frames, colors: int) -> VideoFrame:
    """The colours of all frames in a picture of 16 x 16; one of them is clear if the frames have
    alpha."""
    chain = None
    for frame in frames():
        if chain is None:
            source = {
                "video_size": f"{frame.width}x{frame.height}",
                "pix_fmt": frame.format.name,
                "time_base": str(frame.time_base),
            }
            clear = "1" if frame.format.name == "rgba" else "0"
            options = {"max_colors": str(colors), "reserve_transparent": clear}
            chain = VideoChain(source, [("palettegen", options)])
        chain.push(frame)
    if chain is None:
        raise InternalError("an animation without pictures")
    chain.push(None)
    (palette,) = chain.pull_all()
    return palette


def _write(
    part: Path, frames: Iterable[VideoFrame], rate: Fraction, settings: AnimationSettings
) -> None:
    taken = _TAKEN.get(settings.encoder, {})
    muxer = {"fflags": "+bitexact", **dict(settings.muxer_options)}
    with av.open(str(part), "w", format=settings.muxer, options=muxer) as file:
        stream: VideoStream | None = None
        for frame in frames:
            format = taken.get(frame.format.name, frame.format.name)
            if format != frame.format.name:
                pts, base = frame.pts, frame.time_base
                frame = frame.reformat(format=format)
                frame.pts, frame.time_base = pts, base
            if stream is None:
                stream = cast("VideoStream", file.add_stream(settings.encoder, rate=rate))
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, format
                stream.codec_context.options = {"flags": "+bitexact", **dict(settings.options)}
                stream.codec_context.thread_count = 1
            file.mux(stream.encode(frame))
        if stream is not None:
            file.mux(stream.encode(None))
