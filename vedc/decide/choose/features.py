"""Named features of a place to cut and of a piece: what a score is made of.

Each has a raw measure with a unit (seconds, decibels, a share), a scale that brings it to 0..1,
and words for people. What cannot be measured (no sound, no picture) is NaN and counts
nothing. Everything is computed for all places of a source at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vedc.decide.arrays import Floats, Ints
from vedc.decide.choose.analyzed_source import AnalyzedSource

_AROUND: Final = 0.5
"""Seconds on each side that a place to cut is compared with."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A named measure. ``scale`` maps the raw measure to 0..1; ``say`` puts it in words."""

    of: Literal["cut", "piece"]
    doc: str
    scale: Callable[[Floats], Floats]
    say: Callable[[float], str]

    def value(self, raw: Floats) -> Floats:
        """0 to 1; 0 where the raw measure is not known."""
        scaled: Floats = np.nan_to_num(np.clip(self.scale(raw), 0.0, 1.0), nan=0.0)
        return scaled


def _s(value: float) -> str:
    return f"{value:.2f} s"


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _same(raw: Floats) -> Floats:
    return raw


def _ramp(low: float, high: float) -> Callable[[Floats], Floats]:
    """0 at ``low``, 1 at ``high``, straight between."""

    def scale(raw: Floats) -> Floats:
        return (raw - low) / (high - low)

    return scale


def _length_fit(raw: Floats) -> Floats:
    """1 from 2.5 to 5 seconds, 0 at one and at twelve, straight on a scale of doublings."""
    octaves = np.log2(np.maximum(raw, 1e-3))
    up, down = octaves / np.log2(2.5), (np.log2(12.0) - octaves) / np.log2(12.0 / 5.0)
    fit: Floats = np.minimum(up, down)
    return fit


FEATURES: Final[Mapping[str, Feature]] = {
    "in_word": Feature(
        "cut",
        "The cut falls while somebody speaks: seconds to the nearer end of the speech; "
        "0.5 at its very edge, 1 from 0.3 s on.",
        lambda raw: np.where(raw > 0, 0.5 + raw / 0.6, 0.0),
        lambda raw: f"{_s(raw)} inside speech",
    ),
    "pause": Feature(
        "cut",
        "The cut falls in a pause: seconds to the nearest speech, 1 from 0.25 s on.",
        _ramp(0.0, 0.25),
        lambda raw: f"{_s(raw)} from the nearest word" if raw < 60 else "nobody speaks near it",
    ),
    "beat": Feature(
        "cut",
        "Seconds to the nearest beat: 1 on it, 0 from 0.12 s on.",
        _ramp(0.12, 0.0),
        lambda raw: "on the beat" if raw < 0.005 else f"{_s(raw)} off the beat",
    ),
    "still": Feature(
        "cut",
        "Motion at the cut within the range of the half second around it: 1 at its minimum.",
        _ramp(1.0, 0.0),
        lambda raw: (
            "motion at its least" if raw < 0.02 else f"motion {_share(raw)} up from its least"
        ),
    ),
    "blur": Feature(
        "cut",
        "How much less sharp the frame at the cut is than those around it: 1 at half as sharp.",
        _ramp(0.0, 0.5),
        lambda raw: f"{_share(raw)} less sharp than around it",
    ),
    "quiet": Feature(
        "cut",
        "How far the sound at the cut lies below its loudest within half a second: 1 at 20 dB.",
        _ramp(0.0, 20.0),
        lambda raw: f"{raw:.0f} dB below the sound around it",
    ),
    "boundary": Feature(
        "cut",
        "The cut is where one shot of the source ends and another begins: 1 there, else 0.",
        lambda raw: np.where(raw < 1e-6, 1.0, 0.0),
        lambda raw: "on a shot boundary",
    ),
    "stub": Feature(
        "cut",
        "A few frames of another shot flash: seconds from a piece's beginning to the next shot "
        "boundary, or from the last one to its end; 1 at a frame, 0 from 0.5 s on.",
        _ramp(0.5, 0.0),
        lambda raw: f"{_s(raw)} of another shot",
    ),
    "sharpness": Feature(
        "piece", "Mean sharpness within its file, 0 to 1.", _same,
        lambda raw: f"sharpness {raw:.2f}",
    ),
    "exposure": Feature(
        "piece",
        "How near the mean brightness of its frames is to middle grey (0.45 of the code range); "
        "0 when 0.4 away.",
        _same,
        lambda raw: f"exposure {_share(raw)}",
    ),
    "contrast": Feature(
        "piece",
        "Mean contrast of its frames (deviation of luma): 1 from 0.25 on.",
        _ramp(0.0, 0.25),
        lambda raw: f"contrast {raw:.2f}",
    ),
    "colour": Feature(
        "piece",
        "Mean colourfulness (Hasler and Suesstrunk): 1 from 0.6 on.",
        _ramp(0.0, 0.6),
        lambda raw: f"colourfulness {raw:.2f}",
    ),
    "motion": Feature(
        "piece",
        "Mean motion: 1 from 0.2 longer sides a second on.",
        _ramp(0.0, 0.2),
        lambda raw: f"motion {raw:.2f}",
    ),
    "shake": Feature(
        "piece",
        "How the camera's speed strays, in longer sides a second: 0 up to 0.05, as a steady hand "
        "does, 1 from 0.3 on.",
        _ramp(0.05, 0.3),
        lambda raw: f"the camera shakes by {raw:.2f}",
    ),
    "novelty": Feature(
        "piece",
        "How unlike the seconds before it is: 1 from 0.4 on.",
        _ramp(0.0, 0.4),
        lambda raw: f"novelty {raw:.2f}",
    ),
    "speech": Feature(
        "piece", "Share of its time in which somebody speaks.", _same,
        lambda raw: f"speech for {_share(raw)} of it",
    ),
    "loudness": Feature(
        "piece",
        "Mean level between the file's softest and loudest tenth: 0 to 1.",
        _same,
        lambda raw: f"louder than {_share(raw)} of the file's range",
    ),
    "length": Feature(
        "piece",
        "Seconds: 1 from 2.5 to 5, 0 at one and at twelve, straight in doublings.",
        _length_fit,
        lambda raw: f"{raw:.1f} s long",
    ),
    "whole": Feature(
        "piece", "Share of its shot that is kept.", _same,
        lambda raw: "the whole shot" if raw > 0.995 else f"{_share(raw)} of its shot",
    ),
    "peak": Feature(
        "piece",
        "How far motion, sound, novelty and colour rise above the ten seconds around it; "
        "1 at a quarter of their range.",
        _ramp(0.0, 0.25),
        lambda raw: f"stands out by {_share(raw)} from what is around it",
    ),
    "central": Feature(
        "piece",
        "How much of the film the key frame in it stands for: share covered.",
        _same,
        lambda raw: f"stands for {_share(raw)} of the film",
    ),
    "alike": Feature(
        "piece",
        "How like a better piece that was chosen it looks: 0 to 1.",
        _same,
        lambda raw: f"{_share(raw)} like another piece",
    ),
}  # fmt: skip

CUTS: Final = tuple(name for name, f in FEATURES.items() if f.of == "cut")
PIECES: Final = tuple(name for name, f in FEATURES.items() if f.of == "piece")


class Features:
    """The features of one source: of every place, and of any piece."""

    def __init__(self, footage: AnalyzedSource) -> None:
        self.footage = footage

    # -- places --------------------------------------------------------------------------------

    @cached_property
    def ins(self) -> Mapping[str, Floats]:
        """Raw measures of a piece's beginning at each place, (count + 1,) each."""
        return {**self._cuts, "stub": self._stub(after=True)}

    @cached_property
    def outs(self) -> Mapping[str, Floats]:
        """As ``ins``, of its end."""
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
        """Places where one shot ends and another begins; none where none were looked for.

        The ends of the source are not among them: a camera that starts is no cut.
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

        ``shots``: start and end of the shot that each lies in.
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
        """The value of ``peak`` of pieces, 0 to 1."""
        raw = self.pieces(starts, ends, (starts, ends))["peak"]
        return FEATURES["peak"].value(raw)

    @cached_property
    def _sums(self) -> Mapping[str, Floats]:
        """Sums from the beginning of what a piece takes the mean of, (count + 1,) each."""
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
        """Summed mean of what draws attention, each brought to its own range in the source."""
        parts = []
        for name in ("motion", "loudness", "novelty", "colour"):
            if name in self._sums:
                curve = np.diff(self._sums[name])
                low, high = np.percentile(curve, (5, 95))
                parts.append(np.clip((curve - low) / max(float(high - low), 1e-3), 0.0, 1.0))
        if not parts:
            return None
        return np.concatenate([[0.0], np.cumsum(np.mean(parts, axis=0))])


def phrase(name: str, raw: float) -> str:
    """A feature's raw measure as a person would say it."""
    return "" if math.isnan(raw) else FEATURES[name].say(raw)


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
    """1 where a time lies in a span, else 0."""
    if not len(spans):
        return np.zeros(len(times))
    before = np.searchsorted(spans[:, 0], times + 1e-9, side="right") - 1
    inside = (before >= 0) & (times + 1e-9 < spans[np.maximum(before, 0), 1])
    return np.asarray(inside, np.float64)
