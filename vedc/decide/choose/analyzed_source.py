"""One source on its frame grid, with the results of its analyses.

Places on the grid are integers: place ``i`` is the time ``begin + i / rate``, where frame ``i``
of the source's range begins and a cut may fall. A source without a picture uses the film's grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np

from vedc.decide.analyses.results import (
    Curve,
    Curves,
    Events,
    KeyFrames,
    Result,
    Shot,
    Shots,
    Spans,
    Thumbs,
)
from vedc.decide.arrays import Floats, Ints
from vedc.decide.choose.reasons import Source
from vedc.decide.choose.time_text import source_time

#: Signatures per second, for comparing pieces.
_PER_SECOND: Final = 2
_SIGNATURE: Final = 9 * 12 * 3 + 4**3


@dataclass(frozen=True, slots=True)
class ShotInterval:
    """Places ``start`` to ``end`` of one shot; ``clear`` excludes its transitions."""

    start: int
    end: int
    clear: tuple[int, int]
    shot: Shot | None = None


class AnalyzedSource:
    """A source, its grid and its results by the name of the analysis (``found``)."""

    def __init__(self, source: Source, film_rate: Fraction, found: Mapping[str, Result]) -> None:
        self.source, self.found = source, found
        video = source.media.video
        self.rate = video.rate if video is not None else film_rate
        self.pictured = video is not None
        self.count = max(0, int((source.end - source.begin) * self.rate // 1))
        """Number of frames; places run from 0 to this."""
        self.ratio = self.rate / film_rate
        """Places per frame of the film."""
        self._curves: dict[tuple[str, str], Floats | None] = {}

    def time(self, place: int | Fraction) -> Fraction:
        """Seconds of the source at a place."""
        return self.source.begin + place / self.rate

    def text(self, place: int | Fraction) -> str:
        return source_time(self.time(place), self.source.media)

    def place(self, seconds: Fraction) -> int:
        """The place nearest to a time, rounded half up, within the range."""
        exact = (seconds - self.source.begin) * self.rate
        return min(max(int((exact + Fraction(1, 2)) // 1), 0), self.count)

    @cached_property
    def times(self) -> Floats:
        """The source time of every place, in seconds, (count + 1,)."""
        return float(self.source.begin) + np.arange(self.count + 1) / float(self.rate)

    # -- results -------------------------------------------------------------------------------

    def curve(self, analysis: str, name: str) -> Floats | None:
        """A curve at every frame, (count,), with its end values held; None if there is none."""
        key = (analysis, name)
        if key not in self._curves:
            found = self.found.get(analysis)
            if isinstance(found, Curves) and name in found:
                found = found[name]
            self._curves[key] = self._sampled(found) if isinstance(found, Curve) else None
        return self._curves[key]

    def _sampled(self, curve: Curve) -> Floats | None:
        if not len(curve.values) or not self.count:
            return None
        first = (self.times[:-1] - float(curve.start)) * float(curve.rate)
        index = np.floor(first + 1e-6).astype(np.int64)
        return np.asarray(curve.values, np.float64)[np.clip(index, 0, len(curve.values) - 1)]

    def spans(self, analysis: str) -> Floats | None:
        """Starts and ends in seconds, (n, 2); None if the analysis did not run."""
        found = self.found.get(analysis)
        if not isinstance(found, Spans):
            return None
        return np.array([[float(s.start), float(s.end)] for s in found.spans]).reshape(-1, 2)

    def moments(self, analysis: str) -> Floats | None:
        """Times of events in seconds, (n,); None if the analysis did not run."""
        found = self.found.get(analysis)
        if not isinstance(found, Events):
            return None
        return np.array([float(e.time) for e in found.events])

    @property
    def keyframes(self) -> KeyFrames | None:
        found = self.found.get("keyframes")
        return found if isinstance(found, KeyFrames) else None

    @cached_property
    def shot_intervals(self) -> tuple[ShotInterval, ...]:
        """The shots within the source's range, in order; without an analysis, one for the whole
        range."""
        found = self.found.get("shots")
        if not isinstance(found, Shots) or not self.count:
            return (ShotInterval(0, self.count, (0, self.count)),) if self.count else ()
        origin = int(self.source.begin * self.rate)
        shots = found.shots
        out: list[ShotInterval] = []
        for i, shot in enumerate(shots):
            start, end = max(shot.start - origin, 0), min(shot.end - origin, self.count)
            if i == len(shots) - 1:
                end = self.count  # analyses may find one frame fewer than the container claims
            if start >= end:
                continue
            clear = [start, end]
            if shot.boundary not in ("start", "cut"):
                clear[0] = min(max(start, shot.boundary_range[1] - origin), end)
            if i + 1 < len(shots) and shots[i + 1].boundary not in ("start", "cut"):
                clear[1] = max(min(end, shots[i + 1].boundary_range[0] - origin), clear[0])
            out.append(ShotInterval(start, end, (clear[0], clear[1]), shot))
        return tuple(out)

    # -- signatures ----------------------------------------------------------------------------

    @cached_property
    def picture_signatures(self) -> Floats | None:
        """Cumulative sums of signatures taken twice a second, (n + 1, 388).

        The mean signature of any range is a difference of two rows.
        """
        from vedc.decide.analyses.picture_signatures import picture_signatures

        thumbs = self.found.get("thumbs")
        if not isinstance(thumbs, Thumbs) or not len(thumbs) or not self.count:
            return None
        origin, step = int(self.source.begin * self.rate), self.signature_step
        places = origin + np.arange(step // 2, max(self.count, step // 2 + 1), step)
        frames = np.clip(places, 0, len(thumbs) - 1).tolist()
        rows = [np.zeros((1, _SIGNATURE), np.float64)]
        for first in range(0, len(frames), 64):
            some = [thumbs.read(frame, frame + 1) for frame in frames[first : first + 64]]
            seen = picture_signatures(np.concatenate(some))
            rows.append(np.concatenate([seen.layouts.reshape(len(some), -1), seen.shares], axis=1))
        return np.cumsum(np.concatenate(rows), axis=0)

    @property
    def signature_step(self) -> int:
        """Frames from one signature to the next."""
        return max(1, int(self.rate / _PER_SECOND))

    def mean_signature(self, starts: Ints, ends: Ints) -> Floats | None:
        """The mean signature of each range of places, (n, 388)."""
        signatures = self.picture_signatures
        if signatures is None:
            return None
        last = len(signatures) - 1
        low = np.minimum(starts // self.signature_step, last - 1)
        high = np.minimum(np.maximum(-(-ends // self.signature_step), low + 1), last)
        mean: Floats = (signatures[high] - signatures[low]) / (high - low)[:, None]
        return mean


def signature_distance(signatures: Floats, other: Floats) -> Floats:
    """Distances, 0 (identical) to 1, between signatures (n, 388) and one signature (388,)."""
    from vedc.decide.analyses.picture_signatures import PictureSignatures, signature_distance

    def parts(rows: Floats) -> PictureSignatures:
        split = _SIGNATURE - 64
        layouts = rows[:, :split].reshape(len(rows), -1, 3).astype(np.float32)
        return PictureSignatures(layouts, rows[:, split:].astype(np.float32))

    return np.asarray(signature_distance(parts(other[None]), parts(signatures))[0], np.float64)
