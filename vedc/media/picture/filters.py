"""A libavfilter chain with one input and one output, built once and fed frame by frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import av
from av.filter import Graph
from av.video.frame import VideoFrame

from vedc.edit.media_info import VideoInfo
from vedc.errors import InternalError

FilterCall = tuple[str, Mapping[str, str]]
"""A filter's name and its options."""

_MATRIX_NAMES = {"rgb": "gbr"}


def buffer_options(frame: VideoFrame, info: VideoInfo) -> dict[str, str]:
    """FFmpeg's options of ``buffer`` for frames like ``frame``, in the colour of ``info``."""
    color = info.color
    return {
        "video_size": f"{frame.width}x{frame.height}",
        "pix_fmt": frame.format.name,
        "time_base": str(info.time_base),
        "pixel_aspect": "1/1",
        "colorspace": _MATRIX_NAMES.get(color.matrix, color.matrix),
        "range": "pc" if color.range == "full" else "tv",
    }


class VideoChain:
    """``buffer -> steps... -> buffersink``.

    Called, it gives one frame for each. A chain that looks ahead is fed by ``push`` and emptied by
    ``pull_all``.

    ``source`` are the options of FFmpeg's ``buffer`` filter. No filters are inserted between
    steps: each must accept what the previous one outputs.
    """

    def __init__(
        self, source: Mapping[str, str], steps: Sequence[FilterCall], threads: int = 0
    ) -> None:
        # The contexts point into the graph without owning it, so it must outlive them.
        self._graph = Graph()
        self._graph.threads = threads
        self._source = self._graph.add("buffer", **source)
        previous = self._source
        for name, options in steps:
            context = self._graph.add(name, **options)
            previous.link_to(context)
            previous = context
        self._sink = self._graph.add("buffersink")
        previous.link_to(self._sink)
        self._graph.configure()

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """Filter one frame, which is left unchanged."""
        self._source.push(frame)
        out = self._sink.pull()
        if not isinstance(out, VideoFrame):
            raise InternalError(f"a video chain gave {type(out).__name__}")
        return out

    def push(self, frame: VideoFrame | None) -> None:
        """Push a frame, which is left unchanged; None ends the stream."""
        self._source.push(frame)

    def pull_all(self) -> list[VideoFrame]:
        """The output so far."""
        out: list[VideoFrame] = []
        try:
            while True:
                frame = self._sink.pull()
                assert isinstance(frame, VideoFrame)
                out.append(frame)
        except (av.BlockingIOError, av.EOFError):
            return out
