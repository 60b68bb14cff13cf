"""Gapless sound, converted from its own rate and layout to the wanted ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import av
import numpy as np

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from numpy.typing import NDArray

    Samples: TypeAlias = NDArray[np.float32]
    """Shape (channels, samples); full scale is 1."""

_BATCH: Final = Fraction(1, 2)
"""Seconds that go through the filters at once."""


class Stretch:
    """Frames that follow one another without a gap, through one filter graph.

    Silence is put before the first frame so that the graph begins at a source sample whose
    time is that of a wanted sample. The resampler's own start-up delay is made up by
    libswresample. ``mixing`` holds the options of the ``pan`` filter.
    """

    def __init__(self, index: int, frame: AudioFrame, rate: int, mixing: str) -> None:
        common = math.gcd(frame.sample_rate, rate)
        every = frame.sample_rate // common
        pad = index % every
        self._position = (index - pad) // every * (rate // common)
        self._expected = index
        self._kind = _kind(frame)
        self._waiting, self._batch = 0, int(_BATCH * frame.sample_rate)
        self._graph = av.filter.Graph()
        self._graph.threads = 1
        chain = [
            self._graph.add(
                "abuffer",
                sample_rate=str(frame.sample_rate),
                sample_fmt=frame.format.name,
                channel_layout=frame.layout.name,
                time_base=f"1/{frame.sample_rate}",
            )
        ]
        if pad:
            chain.append(self._graph.add("adelay", f"delays={pad}S:all=1"))
        chain.append(self._graph.add("aresample", f"sample_rate={rate}:out_sample_fmt=fltp"))
        chain.append(self._graph.add("pan", mixing))
        chain.append(self._graph.add("asetnsamples", f"n={int(_BATCH * rate)}:p=0"))
        chain.append(self._graph.add("abuffersink"))
        self._graph.link_nodes(*chain)
        self._graph.configure()
        self._first, self._last = chain[0], chain[-1]

    def takes(self, index: int, frame: AudioFrame) -> bool:
        """Whether a frame continues where the last one ended, in the same format."""
        return index == self._expected and _kind(frame) == self._kind

    def push(self, frame: AudioFrame) -> Iterator[tuple[int, Samples]]:
        self._expected += frame.samples
        self._waiting += frame.samples
        frame.pts = None  # positions are counted here: no filter should correct them
        self._first.push(frame)
        if self._waiting >= self._batch:
            self._waiting = 0
            yield from self._pull()

    def end(self) -> Iterator[tuple[int, Samples]]:
        self._first.push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[tuple[int, Samples]]:
        while True:
            try:
                frame = self._last.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            block = cast("Samples", cast("AudioFrame", frame).to_ndarray())
            yield self._position, block
            self._position += block.shape[1]


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate
