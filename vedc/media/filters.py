"""A libavfilter chain with one input and one output, built once and fed frame by frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from av.filter import Graph
from av.video.frame import VideoFrame

from vedc.errors import InternalError

FilterCall = tuple[str, Mapping[str, str]]
"""A filter's name and its options."""


class VideoChain:
    """``buffer -> steps... -> buffersink``, one frame out for each frame in.

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
