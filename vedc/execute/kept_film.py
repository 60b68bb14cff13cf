"""Reading the film of a composition, which is stored as segments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from math import floor
from pathlib import Path

from av.video.frame import VideoFrame

from vedc.media.delivery import Delivery
from vedc.media.reading.frame_reader import FrameReader, open_reader
from vedc.plan.plan import Plan
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True)
class KeptFilm:
    """The segments of a plan; ``path_of`` gives the file that the store has for a key."""

    plan: Plan
    path_of: Callable[[str], Path]


class KeptReader:
    """The frames of a kept film by time, like ``VideoReader`` for a file.

    One segment is open at a time.
    """

    def __init__(self, film: KeptFilm, delivery: Delivery, threads: int) -> None:
        self._film, self._delivery, self._threads = film, delivery, threads
        self._starts = [0, *accumulate(segment.frames for segment in film.plan.segments)]
        self._open: tuple[int, FrameReader] | None = None
        self._closed_decoded = 0
        self.damage: tuple[Fraction, ...] = ()
        self.resized = False

    @property
    def decoded(self) -> int:
        return self._closed_decoded + (self._open[1].decoded if self._open else 0)

    def frame_at(self, time: Fraction, delivery: Delivery | None = None) -> VideoFrame:
        """The frame shown at ``time``; before the start the first, after the end the last."""
        reader, at = self._at(time)
        return reader.frame_at(at, delivery or self._delivery)

    def decoded_at(self, time: Fraction) -> VideoFrame:
        reader, at = self._at(time)
        return reader.decoded_at(at)

    def span_at(self, time: Fraction) -> tuple[Fraction, Fraction]:
        """The start of the frame at ``time`` and of the next one, even past the end."""
        plan = self._film.plan
        frame = min(max(floor(time * plan.fps), 0), plan.frames - 1)
        return frame / plan.fps, (frame + 1) / plan.fps

    def close(self) -> None:
        if self._open is not None:
            self._closed_decoded += self._open[1].decoded
            self._open[1].close()
            self._open = None

    def _at(self, time: Fraction) -> tuple[FrameReader, Fraction]:
        """The reader of the segment at a time, and the frame's time within it."""
        plan = self._film.plan
        frame = min(max(floor(time * plan.fps), 0), plan.frames - 1)
        index = bisect_right(self._starts, frame) - 1
        if self._open is None or self._open[0] != index:
            from vedc.media.probe import probe

            self.close()
            info = probe(self._film.path_of(plan.segments[index].key))
            self._open = index, open_reader(info, self._delivery, self._threads)
        return self._open[1], (frame - self._starts[index]) / plan.fps
