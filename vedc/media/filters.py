"""One input, one output: a libavfilter chain that is built once and then fed frame by frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from av.filter import Graph
from av.video.frame import VideoFrame

from vedc.errors import InternalError

FilterCall = tuple[str, Mapping[str, str]]
"""A filter's name and its options."""


class VideoChain:
    """``buffer -> steps... -> buffersink``, one frame out for each frame in.

    ``source`` are the options of FFmpeg's ``buffer`` filter. No filter is inserted
    automatically between steps: each must take what the one before it gives.
    """

    def __init__(
        self, source: Mapping[str, str], steps: Sequence[FilterCall], threads: int = 0
    ) -> None:
        # The contexts point into the graph without owning it: it must live as long as they do.
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
        """Pass one frame through. The frame given stays as it is."""
        self._source.push(frame)
        out = self._sink.pull()
        if not isinstance(out, VideoFrame):
            raise InternalError(f"a video chain gave {type(out).__name__}")
        return out
