"""Whole pictures from the fields of interlaced frames, by libavfilter's bwdif.

An interlaced frame holds two moments, each in every other row. bwdif completes the rows of one
moment from those around it and from the frames before and after. So a picture depends on exactly
three frames: it is the same whether reached by reading on or by seeking.

Film that was telecined for video (3:2 pulldown) has its fields put together again by
libavfilter's fieldmatch; a frame for which no partner fits is deinterlaced.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence

from av.video.frame import VideoFrame

from vedc.edit.media_info import Fields, VideoInfo
from vedc.errors import InternalError
from vedc.media.picture.filters import FilterCall, VideoChain, buffer_options

#: Formats that bwdif reads; FFmpeg would silently convert others, with some loss.
_READ = (
    r"yuvj?4(10|11|20|22|40|44)p|yuv4(20|22|44)p(9|10|12|14|16)le|yuva4(20|22|44)p((9|10|16)le)?"
    r"|gbrp((9|10|12|14|16)le)?|gbrap(16le)?|gray(16le)?"
)
#: Formats of kernels whose samples are interleaved, and the same in planes.
PLANES = {"nv12": "yuv420p", "p010le": "yuv420p10le"}
#: Formats that fieldmatch reads.
MATCHED = frozenset({"yuv410p", "yuv411p", "yuv420p", "yuv422p", "yuv444p"})


def interlaced(frame: VideoFrame, info: VideoInfo) -> bool:
    """Whether a frame is interlaced: by its own flag, or because all frames of its file are."""
    return frame.interlaced_frame or (info.scan != "progressive" and info.scan_by != "frames")


class Deinterlacer:
    """The pictures of one source's interlaced frames. Not thread-safe.

    ``planar`` converts a frame to a format of planes, without any loss or change of size.
    """

    def __init__(
        self, info: VideoInfo, planar: Callable[[VideoFrame], VideoFrame], threads: int = 0
    ) -> None:
        self._info, self._threads, self._planar = info, threads, planar
        self._converted: deque[tuple[VideoFrame, VideoFrame]] = deque(maxlen=3)
        self._filters: dict[tuple[str, int, int, str], _Three] = {}

    def __call__(
        self, before: VideoFrame | None, frame: VideoFrame, after: VideoFrame | None, fields: Fields
    ) -> Sequence[VideoFrame]:
        """The pictures of ``frame``: one, or with ``fields`` two, in the order of their moments.

        ``before`` and ``after`` are its neighbours, None where the file begins or ends. The same
        objects come back while the three frames are the same objects. Raises av.FFmpegError.
        """
        if not _large_enough(frame):
            return (frame,)
        # A neighbour of another size or format, where a stream changes midway, is useless.
        before, after = (
            other if other is not None and _shape(other) == _shape(frame) else None
            for other in (before, after)
        )
        if not re.fullmatch(_READ, frame.format.name):
            frame = self._read(frame)
            before, after = (other and self._read(other) for other in (before, after))
        if self._info.pulldown == "hard" and frame.format.name in MATCHED:
            (film,) = self._filter("fieldmatch", frame)(before, frame, after)
            if not film.interlaced_frame:
                return (film,)
        return self._filter("fields" if fields == "fields" else "frames", frame)(
            before, frame, after
        )

    def _read(self, frame: VideoFrame) -> VideoFrame:
        """The frame in a format that bwdif reads; the same object for the same frame."""
        for stored, planar in self._converted:
            if stored is frame:
                return planar
        self._converted.append((frame, self._planar(frame)))
        return self._converted[-1][1]

    def _filter(self, name: str, frame: VideoFrame) -> _Three:
        key = name, *_shape(frame)
        if key not in self._filters:
            self._filters[key] = _Three(self._info, [self._step(name)], self._threads)
        return self._filters[key]

    def _step(self, name: str) -> FilterCall:
        by_flag = self._info.scan_by == "frames"
        first = {"top-first": "tff", "bottom-first": "bff"}.get(self._info.scan)
        order = "auto" if by_flag or first is None else first
        if name == "fieldmatch":
            return "fieldmatch", {"order": order}
        mode = "send_field" if name == "fields" else "send_frame"
        return "bwdif", {"mode": mode, "parity": order, "deint": "all"}


class _Three:
    """A filter of libavfilter that looks at three frames at a time and remembers no others."""

    def __init__(self, info: VideoInfo, steps: Sequence[FilterCall], threads: int) -> None:
        self._info, self._steps, self._threads = info, steps, threads
        self._chain: VideoChain | None = None
        self._pushed: list[VideoFrame | None] = []
        self._pictures: tuple[VideoFrame, ...] = ()

    def __call__(
        self, before: VideoFrame | None, frame: VideoFrame, after: VideoFrame | None
    ) -> tuple[VideoFrame, ...]:
        wanted = [before, frame, after]
        if _same(self._pushed, wanted):
            return self._pictures
        if self._chain is None or not _same(self._pushed[1:], wanted[:2]):
            # Its first output belongs to the second input frame. Flushed after each frame, or
            # fieldmatch would be one frame late.
            self._chain = VideoChain(buffer_options(frame, self._info), self._steps, self._threads)
            for earlier in (before, frame):
                if earlier is not None:
                    self._chain.push(earlier)
                    self._chain.pull_all()
        self._chain.push(after)
        self._pictures = tuple(self._chain.pull_all())
        if not self._pictures:
            raise InternalError("a filter gave no picture for a frame")
        self._pushed = wanted
        if after is None:  # nothing can follow the end
            self._chain = None
        return self._pictures


def _large_enough(frame: VideoFrame) -> bool:
    """Whether bwdif takes a picture: its chroma has at least three columns and four rows."""
    format = frame.format
    return format.chroma_width(frame.width) >= 3 and format.chroma_height(frame.height) >= 4


def _same(frames: Sequence[VideoFrame | None], others: Sequence[VideoFrame | None]) -> bool:
    return len(frames) == len(others) and all(
        one is other for one, other in zip(frames, others, strict=True)
    )


def _shape(frame: VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
