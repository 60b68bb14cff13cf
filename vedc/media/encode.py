"""Encoding closed segments of film.

A segment is a small, playable MP4 (MOV for ProRes and DNxHR): of the containers tried, only this
preserves exact timestamps, B-frame decode times, parameter sets and colour tags for all codecs.
(NUT drops decode times and tags and refuses ProRes; Matroska rounds to milliseconds.) It starts
with a key frame, and frame n is at time n / rate.

Only Matroska keeps the transparency of VP9. There frame n is at the millisecond next to n / rate.
"""

from __future__ import annotations

import ctypes
import logging
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path

import av
from av.codec.context import Flags, ThreadType
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from vedc.codegen.cpu_flags import cpu_flags
from vedc.color import FORMATS
from vedc.edit.tables.codecs import PILLOW
from vedc.errors import InternalError, MissingError, RenderError
from vedc.media.files import cannot_write
from vedc.media.picture.filters import VideoChain
from vedc.plan.settings import VideoSettings
from vedc.support.threads.usual_priority import usual_priority

# SVT-AV1 writes its banner to stderr past every logging callback; 0 leaves fatal errors only.
os.environ.setdefault("SVT_LOG", "0")
# PyAV hands libav's messages to this logger; without a handler Python prints them.
logging.getLogger("libav").addHandler(logging.NullHandler())

#: With AVX-512, x264's macroblock-tree is not deterministic: at most sizes its bytes vary from run
#: to run. These presets do not use it, and take a twentieth less time with AVX-512. They write the
#: same bytes without it.
_X264_TREELESS = frozenset({"ultrafast", "superfast"})
_X264_ASM = "asm=avx2,fma3,bmi1,bmi2,lzcnt"

#: The most frames between decoding and showing a frame: x264 and x265 have one level of
#: reference B-frames.
_REORDER = {"h264": 2, "hevc": 2}

_log_lock = threading.Lock()


def segment_format(settings: VideoSettings) -> str:
    """FFmpeg's name for the container of a codec's segments."""
    if settings.codec == "vp9" and FORMATS[settings.pix_fmt].alpha:
        return "matroska"
    return "mov" if settings.codec in ("prores", "dnxhr") else "mp4"


class FramePool:
    """Reusable frames of one format and size.

    A new 1080p frame costs about a millisecond of page faults. Thread-safe.
    """

    def __init__(self, settings: VideoSettings) -> None:
        self._shape = (settings.width, settings.height, settings.pix_fmt)
        self._free: deque[VideoFrame] = deque()
        self._lent: dict[int, VideoFrame] = {}
        """Frames in use, by id."""
        self._readers: dict[int, int] = {}
        """How often they must still be given back."""
        self._lock = threading.Lock()

    def take(self, readers: int = 1) -> VideoFrame:
        """A frame that nobody else reads, with undefined contents. It is free again once it has
        been given back as often as it has ``readers``."""
        try:
            frame = self._free.pop()
        except IndexError:
            frame = VideoFrame(*self._shape)
        frame.make_writable()  # copies only if an encoder still holds the planes
        self._lent[id(frame)], self._readers[id(frame)] = frame, readers
        return frame

    def has_lent(self, frame: VideoFrame) -> bool:
        return self._lent.get(id(frame)) is frame

    def give_back(self, frame: VideoFrame) -> None:
        with self._lock:
            self._readers[id(frame)] -= 1
            if self._readers[id(frame)] == 0:
                self._free.append(self._lent.pop(id(frame)))


class Bare:
    """Frames of other owners as an encoder may have them: the samples and nothing else.

    What a decoder says of a frame changes what encoders write: its type becomes theirs, its
    duration counts in their rate control, and captions and light levels go into the stream.
    """

    def __init__(self, settings: VideoSettings) -> None:
        size, rate = f"{settings.width}x{settings.height}", settings.rate
        self._source = {
            "video_size": size,
            "pix_fmt": settings.pix_fmt,
            "time_base": f"{rate.denominator}/{rate.numerator}",
        }
        self._chain: VideoChain | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """Another frame with the samples of this one, which are not copied."""
        if self._chain is None:
            steps = [("sidedata", {"mode": "delete"}), ("setfield", {"mode": "prog"})]
            self._chain = VideoChain(self._source, steps, 1)
        bare = self._chain(frame)
        bare.pict_type, bare.duration = PictureType.NONE, 0
        return bare


class SegmentEncoder:
    """Encodes one closed segment to ``path``: ``write`` each frame in order, then ``finish``.

    Raises MissingError if this build of FFmpeg lacks the encoder, RenderError if the encoder
    refuses the settings or the disk cannot be written. Call ``abort`` after any error, or if the
    segment is no longer wanted.
    """

    def __init__(self, settings: VideoSettings, path: Path, pool: FramePool | None = None) -> None:
        self._settings, self._path = settings, path
        self._pool = pool if pool is not None else FramePool(settings)
        self._frames = self._packets = 0
        self._tick = 1 / settings.rate
        require(settings)
        # By default MP4's edit list, which holds the duration, counts milliseconds.
        kind = segment_format(settings)
        options = {"movie_timescale": str(settings.rate.numerator)} if kind != "matroska" else {}
        self._container = av.open(str(path), "w", format=kind, options=options)
        stream = self._container.add_stream(settings.encoder, rate=settings.rate)
        assert isinstance(stream, VideoStream)
        self._stream = stream
        self._bare = Bare(settings)
        # Parameter sets go into the container once, not into every key frame.
        stream.codec_context.flags |= Flags.global_header | Flags.closed_gop
        _configure(stream.codec_context, settings, settings.pix_fmt)
        open_encoder(stream.codec_context, settings)

    def new_frame(self) -> VideoFrame:
        """A writable frame of the settings' format and size, to be filled and written."""
        return self._pool.take()

    def write(self, frame: VideoFrame) -> None:
        """Encode a frame.

        One from ``new_frame`` returns to the pool: the caller must not touch it again. Any other
        frame, such as a decoder's, is left unchanged.
        """
        check_shape(frame, self._settings)
        lent = self._pool.has_lent(frame)
        if not lent:
            frame = self._bare(frame)
        tag(frame, self._stream.codec_context)
        frame.pts = self._frames
        frame.time_base = self._tick
        self._frames += 1
        with self._guard():
            # libav's encoders have copied or consumed the planes when this returns.
            self._encode(frame)
        if lent:
            self._pool.give_back(frame)

    def finish(self) -> int:
        """Flush the encoder and close the file. Returns the number of frames written."""
        if self._frames == 0:
            raise InternalError("a segment without frames was encoded")
        with self._guard():
            self._encode(None)
            self._container.close()
        return self._frames

    def _encode(self, frame: VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            # x265 leaves decode times uninitialised if a film is shorter than its reordering,
            # and x264 sets no durations; both follow from the count.
            packet.dts = self._packets - _REORDER.get(self._settings.codec, 0)
            packet.duration = 1
            self._packets += 1
            self._container.mux_one(packet)

    def abort(self) -> None:
        """Close and remove the file, whatever its state."""
        with suppress(FFmpegError, OSError):
            self._container.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise cannot_write(self._path, error.errno) from error
        except FFmpegError as error:
            raise failed(self._settings, f"frame {self._frames}: {error.strerror}") from error


def require(settings: VideoSettings) -> None:
    if settings.encoder != PILLOW and settings.encoder not in av.codecs_available:
        raise MissingError.one(
            "missing-encoder",
            f"{settings.codec}: this build of FFmpeg has no encoder {settings.encoder}",
            hint="install PyAV from its wheel (pip install --force-reinstall av), "
            "or choose another codec",
        )


def _configure(context: VideoCodecContext, settings: VideoSettings, pix_fmt: str) -> None:
    """Apply settings to a context that is not open yet."""
    color, layout = settings.color, FORMATS[settings.pix_fmt]
    context.width, context.height, context.pix_fmt = settings.width, settings.height, pix_fmt
    context.framerate = settings.rate
    context.time_base = 1 / settings.rate
    context.sample_aspect_ratio = Fraction(1)
    context.thread_count = settings.threads
    # With slice threads, PyAV's default, x264 cuts frames into slices that cannot predict from
    # each other.
    context.thread_type = ThreadType.FRAME if settings.codec == "h264" else ThreadType.SLICE
    context.options = {
        **dict(settings.options),
        "color_primaries": color.primaries,
        "color_trc": color.transfer,
        "colorspace": color.matrix,
        "color_range": "tv" if color.range == "limited" else "pc",
    }
    if settings.encoder == "libx264" and _avx512_harms(settings) and _has_avx512():
        given = context.options.get("x264-params")
        context.options["x264-params"] = f"{given}:{_X264_ASM}" if given else _X264_ASM
    if (layout.sub_x, layout.sub_y) == (1, 1):
        context.options["chroma_sample_location"] = "left"


def _avx512_harms(settings: VideoSettings) -> bool:
    """Whether x264 would not be deterministic with AVX-512."""
    return dict(settings.options).get("preset") not in _X264_TREELESS


@cache
def _has_avx512() -> bool:
    """Whether x264 may use AVX-512."""
    flags = cpu_flags()
    if flags is None:  # LLVM knows as well
        from vedc.codegen.llvm.host import host

        return host().avx512
    return "avx512f" in flags


def open_encoder(context: VideoCodecContext, settings: VideoSettings) -> None:
    try:
        with usual_priority():
            context.open()
    except (FFmpegError, ValueError) as error:
        assert context.pix_fmt is not None
        reason = _reason(settings, context.pix_fmt) or str(error)
        raise RenderError.one(
            "encoder-refused",
            f"{settings.codec}: {settings.encoder} refuses {settings.width}x{settings.height} "
            f"{settings.pix_fmt} at {settings.rate} frames a second: {reason}",
            hint="change the size, pix_fmt, preset, crf or bitrate of the output",
        ) from error
    if context.options:
        unknown = ", ".join(f"{k}={v}" for k, v in sorted(context.options.items()))
        raise InternalError(f"{settings.encoder} does not know the options {unknown}")


def _reason(settings: VideoSettings, pix_fmt: str) -> str:
    """The encoder's log when the refused settings are tried again.

    libav's log is switched on only here: its callback takes the GIL on whatever thread libav
    uses, which would stall encoding.
    """
    context = new_context(settings, pix_fmt)
    with _log_lock:
        level, repeated = av.logging.get_level(), av.logging.get_skip_repeated()
        av.logging.set_level(av.logging.ERROR)
        av.logging.set_skip_repeated(False)
        try:
            with (
                usual_priority(),
                av.logging.Capture() as logs,
                suppress(FFmpegError, ValueError),
            ):
                context.open()
        finally:
            av.logging.set_level(level)
            av.logging.set_skip_repeated(repeated)
    lines = dict.fromkeys(text.strip() for _level, _name, text in logs)
    return "; ".join(line for line in lines if line)


def new_context(settings: VideoSettings, pix_fmt: str) -> VideoCodecContext:
    context = av.CodecContext.create(settings.encoder, "w")
    assert isinstance(context, VideoCodecContext)
    _configure(context, settings, pix_fmt)
    return context


def tag(frame: VideoFrame, context: VideoCodecContext) -> None:
    """Tag a frame like its encoder: ProRes tags its bitstream from the frame."""
    frame.color_primaries, frame.color_trc = context.color_primaries, context.color_trc
    frame.colorspace, frame.color_range = context.colorspace, context.color_range


def copied(source: VideoFrame, target: VideoFrame) -> VideoFrame:
    """``target`` with the samples of ``source``."""
    sizes = _used(target.format.name, target.width, target.height)
    for read, written, (used, height) in zip(source.planes, target.planes, sizes, strict=True):
        pitch = read.line_size, written.line_size
        if pitch[0] == pitch[1]:  # in one copy, including row padding
            used, height = pitch[0] * (height - 1) + used, 1
        for y in range(height):
            ctypes.memmove(written.buffer_ptr + y * pitch[1], read.buffer_ptr + y * pitch[0], used)
    return target


@lru_cache(maxsize=16)
def _used(format_name: str, width: int, height: int) -> tuple[tuple[int, int], ...]:
    """For each plane of a picture: the bytes of a row that hold samples, and the rows."""
    layout = FORMATS[format_name]
    sizes = (layout.plane_size(k, width, height) for k in range(layout.planes))
    return tuple((w * layout.element_bytes(k), h) for k, (w, h) in enumerate(sizes))


def failed(settings: VideoSettings, reason: str) -> RenderError:
    message = f"{settings.codec}: {settings.encoder} failed: {reason}"
    hint = "try another preset or codec; if it happens again, please report it"
    return RenderError.one("encode-failed", message, hint=hint)


def check_shape(frame: VideoFrame, settings: VideoSettings) -> None:
    shape = (frame.width, frame.height, frame.format.name)
    if shape != (settings.width, settings.height, settings.pix_fmt):
        raise InternalError(f"a frame of {shape} was passed to an encoder of {settings}")
