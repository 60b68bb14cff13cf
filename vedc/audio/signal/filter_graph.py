"""Sound through FFmpeg's filters, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import numpy as np

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


class FilterGraph:
    """A chain of libavfilter's filters, each a name and its options. Not for several threads."""

    def __init__(self, filters: Sequence[tuple[str, str]], rate: int, layout: str) -> None:
        """``layout`` names the channels as FFmpeg does."""
        self._rate, self._layout, self._at = rate, layout, 0
        self._graph = av.filter.Graph()
        self._graph.threads = 1
        tick = Fraction(1, rate)
        nodes = [
            self._graph.add_abuffer(
                sample_rate=rate, format="fltp", layout=self._layout, time_base=tick
            )
        ]
        nodes += [self._graph.add(name, options) for name, options in filters]
        self._filters = nodes[1:]
        same = f"sample_fmts=fltp:sample_rates={rate}:channel_layouts={self._layout}"
        nodes += [self._graph.add("aformat", same), self._graph.add("abuffersink")]
        self._graph.link_nodes(*nodes).configure()
        self._first, self._last = nodes[0], nodes[-1]

    def push(self, block: Samples) -> Iterator[tuple[Samples, Mapping[str, str]]]:
        """The output after a block of shape (channels, samples), with its metadata."""
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", self._layout)
        frame.sample_rate, frame.time_base = self._rate, Fraction(1, self._rate)
        frame.pts = self._at
        self._at += block.shape[1]
        self._first.push(frame)
        yield from self._pull()

    def command(self, name: str, value: str) -> None:
        """Give all filters a value for a parameter, from the next block on."""
        for node in self._filters:
            node.process_command(name, value)

    def end(self) -> Iterator[tuple[Samples, Mapping[str, str]]]:
        """What was held back."""
        self._first.push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[tuple[Samples, Mapping[str, str]]]:
        while True:
            try:
                frame = cast("AudioFrame", self._last.pull())
            except (av.BlockingIOError, av.EOFError):
                return
            yield cast("Samples", frame.to_ndarray()), frame.metadata
