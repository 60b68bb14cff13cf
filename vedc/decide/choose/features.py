"""Raw measures of one source's features, for all places and for any set of pieces at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vedc.decide.arrays import Floats, Ints
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES

_AROUND: Final = 0.5
"""Seconds on each side of a place with which a cut there is compared."""


class Features:
    """The features of one source: for every place, and for any piece."""

    def __init__(self, footage: AnalyzedSource) -> None:
        self.footage = footage

    # -- places --------------------------------------------------------------------------------

    @cached_property
    def ins(self) -> Mapping[str, Floats]:
        """Raw measures of a piece's beginning at each place, (count + 1,) each."""
        return {**self._cuts, "stub": self._stub(after=True)}

    @cached_property
    def outs(self) -> Mapping[str, Floats]:
        """As ``ins``, for its end."""
        return {**self._cuts, "stub": self._stub(after=False)}

    @cached_property
    def _cuts(self) -> Mapping[str, Floats]:
        footage = self.footage
        unknown = np.full(footage.count + 1, np.nan)
        made: dict[str, Floats | None] = {
            "still": self._still(), "blur": self._blur(), "quiet": self._quiet(),
            "boundary": self._boundary(), "stub": self._boundary(),
        }  # fmt: skip
        made["in_word"], made["pause"] = self._speech()
        beats = footage.moments("beats")
        made["beat"] = _nearest(footage.times, beats) if beats is not None and len(beats) else None
        return {name: _or(made.get(name), unknown) for name in CUTS}

    def _speech(self) -> tuple[Floats | None, Floats | None]:
        spans = self.footage.spans("speech")
        if spans is None or not len(spans):
            return None, None
        times = self.footage.times
        before = np.searchsorted(spans[:, 0], times, side="right") - 1
        span = spans[np.maximum(before, 0)]
        inside = np.where(before >= 0, np.minimum(times - span[:, 0], span[:, 1] - times), -1.0)
        inside = np.where(inside > 1e-9, inside, 0.0)
        outside = _nearest(times, spans.reshape(-1))
        return inside, np.where(inside > 0, 0.0, outside)

    def _still(self) -> Floats | None:
        motion = self.footage.curve("measures", "motion")
        if motion is None:
            return None
        low, high = self._around(motion)
        at = np.append(motion, motion[-1])
        return np.where(high - low > 1e-3, (at - low) / np.maximum(high - low, 1e-3), 0.0)

    def _blur(self) -> Floats | None:
        sharp = self.footage.curve("measures", "sharpness")
        if sharp is None:
            return None
        _, high = self._around(sharp)
        at = np.minimum(np.append(sharp, sharp[-1]), np.insert(sharp, 0, sharp[0]))
        less: Floats = np.where(high > 1e-3, 1.0 - at / np.maximum(high, 1e-3), 0.0)
        return less

    def _quiet(self) -> Floats | None:
        level = self.footage.curve("level", "rms")
        if level is None:
            return None
        _, high = self._around(level)
        below: Floats = high - np.append(level, level[-1])
        return below

    def _around(self, curve: Floats) -> tuple[Floats, Floats]:
        """Least and greatest within half a second of every place."""
        half = max(1, int(_AROUND * float(self.footage.rate)))
        padded = np.pad(curve, half, mode="edge")
        windows = sliding_window_view(padded, 2 * half)
        return windows.min(axis=1), windows.max(axis=1)

    @cached_property
    def _inner(self) -> Floats:
        """Places where one shot ends and another begins; none if shots were not analysed.

        The ends of the source are excluded: a camera that starts is not a cut.
        """
        edges = {s.start for s in self.footage.shot_intervals} - {0}
        return np.array(sorted(edges), np.float64)

    def _boundary(self) -> Floats | None:
        inner = self._inner
        if not len(inner):
            return None
        places = np.arange(self.footage.count + 1, dtype=np.float64)
        distance: Floats = _nearest(places, inner) / float(self.footage.rate)
        return distance

    def _stub(self, *, after: bool) -> Floats:
        """Seconds to the next shot boundary after each place, or from the last one before it."""
        places = np.arange(self.footage.count + 1, dtype=np.float64)
        inner = self._inner
        if not len(inner):
            return np.full(len(places), np.nan)
        if after:
            far = np.append(inner, np.inf)[np.searchsorted(inner, places, side="right")] - places
        else:
            far = places - np.insert(inner, 0, -np.inf)[np.searchsorted(inner, places)]
        seconds: Floats = far / float(self.footage.rate)
        return seconds

    # -- pieces --------------------------------------------------------------------------------

    def pieces(self, starts: Ints, ends: Ints, shots: tuple[Ints, Ints]) -> Mapping[str, Floats]:
        """Raw measures of pieces from place to place, (n,) each.

        ``shots``: start and end of the shot that contains each.
        """
        sizes = np.maximum(ends - starts, 1)
        made: dict[str, Floats] = {}
        for name, sums in self._sums.items():
            made[name] = (sums[ends] - sums[starts]) / sizes
        made["length"] = sizes / float(self.footage.rate)
        made["whole"] = sizes / np.maximum(shots[1] - shots[0], 1)
        if self._interest is not None:
            wide = max(1, int(5 * float(self.footage.rate)))
            low, high = np.maximum(starts - wide, 0), np.minimum(ends + wide, self.footage.count)
            sums = self._interest
            around = (sums[high] - sums[low]) / np.maximum(high - low, 1)
            made["peak"] = (sums[ends] - sums[starts]) / sizes - around
        unknown = np.full(len(starts), np.nan)
        return {name: made.get(name, unknown) for name in PIECES}

    def peaks(self, starts: Ints, ends: Ints) -> Floats:
        """The value of ``peak`` for each piece, 0 to 1."""
        raw = self.pieces(starts, ends, (starts, ends))["peak"]
        return FEATURES["peak"].value(raw)

    @cached_property
    def _sums(self) -> Mapping[str, Floats]:
        """Cumulative sums of the measures that a piece averages, (count + 1,) each."""
        footage = self.footage
        curves: dict[str, Floats] = {}
        for name, measure in (
            ("sharpness", "sharpness"), ("contrast", "contrast"), ("colour", "colorfulness"),
            ("motion", "motion"), ("novelty", "novelty"), ("exposure", "brightness"),
            ("shake", "shake"),
        ):  # fmt: skip
            curve = footage.curve("measures", measure)
            if curve is not None:
                curves[name] = curve
        if "exposure" in curves:
            curves["exposure"] = np.maximum(1.0 - np.abs(curves["exposure"] - 0.45) / 0.4, 0.0)
        spans = footage.spans("speech")
        if spans is not None:
            curves["speech"] = _inside(footage.times[:-1], spans)
        level = footage.curve("level", "rms")
        if level is not None:
            low, high = np.percentile(level, (10, 90))
            curves["loudness"] = np.clip((level - low) / max(float(high - low), 3.0), 0.0, 1.0)
        return {name: np.concatenate([[0.0], np.cumsum(curve)]) for name, curve in curves.items()}

    @cached_property
    def _interest(self) -> Floats | None:
        """Cumulative sums of the mean of the attention measures, each scaled to its range in the
        source."""
        parts = []
        for name in ("motion", "loudness", "novelty", "colour"):
            if name in self._sums:
                curve = np.diff(self._sums[name])
                low, high = np.percentile(curve, (5, 95))
                parts.append(np.clip((curve - low) / max(float(high - low), 1e-3), 0.0, 1.0))
        if not parts:
            return None
        return np.concatenate([[0.0], np.cumsum(np.mean(parts, axis=0))])


def _or(found: Floats | None, other: Floats) -> Floats:
    return other if found is None else found


def _nearest(values: Floats, marks: Floats) -> Floats:
    """Distance of each value to the nearest of ``marks`` (sorted)."""
    right = np.searchsorted(marks, values)
    after = np.abs(marks[np.minimum(right, len(marks) - 1)] - values)
    before = np.abs(values - marks[np.maximum(right - 1, 0)])
    nearest: Floats = np.minimum(before, after)
    return nearest


def _inside(times: Floats, spans: Floats) -> Floats:
    """1 where a time is inside a span, else 0."""
    if not len(spans):
        return np.zeros(len(times))
    before = np.searchsorted(spans[:, 0], times + 1e-9, side="right") - 1
    inside = (before >= 0) & (times + 1e-9 < spans[np.maximum(before, 0), 1])
    return np.asarray(inside, np.float64)
