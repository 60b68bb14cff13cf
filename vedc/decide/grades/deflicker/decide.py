"""Whether a shot breathes, and keyframes of exposure that steady it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.choose.reasons import Reason
from vedc.decide.grades.deflicker.breathing import LEAST_STILL, Curve
from vedc.decide.grades.deflicker.trend import fitted, knots, l1_trend
from vedc.decide.grades.shot import Decision, Shot

#: The most keyframes per second.
RATE: Final = 2
#: Stops of breathing (rms) below which a shot counts as steady: less is invisible.
SEEN: Final = 0.03
#: Stops that keyframes may leave beyond the best possible fit.
_LEAST: Final = 0.01
_SAMPLES: Final = 8
"""Samples per second of the curve to which the trend is fitted."""
_SLOW: Final = 15.0
"""Seconds: slower changes are light, and stay."""
_EVIDENT: Final = 0.7
"""The least change of light, relative to breathing, that is distinguishable from it."""
_SHORTEST: Final = 1.5
"""Seconds of the shortest shot in which breathing is distinguishable from a change of light."""
_MOST: Final = 3.0
"""The largest correction in stops."""


@dataclass(frozen=True, slots=True, eq=False)
class Steadied:
    """A correction of a shot."""

    times: Floats
    """(k,) seconds after the shot's start, rising."""
    stops: Floats
    """(k,) of exposure; linear between them."""
    before: float
    after: float
    """Breathing in stops, rms, without and with it."""


def decide_deflicker(
    shots: Sequence[Shot],
    curves: Sequence[Curve | None],
    rates: Sequence[float],
    *,
    strength: float,
) -> list[Decision]:
    """Keyframes of exposure for the shots that breathe.

    ``curves`` hold the brightness of every frame of each shot, ``rates`` their frames a second;
    None for a still. Times of keyframes are seconds of the source.
    """
    return [
        _decision(shot, curve, rate, strength)
        for shot, curve, rate in zip(shots, curves, rates, strict=True)
    ]


def steadied(curve: Curve, rate: float) -> Steadied:
    """The correction that follows the breathing of a shot by at most two keyframes a second."""
    times = np.arange(len(curve.stops)) / rate
    breath = curve.stops - _slow(times, curve.stops)
    before = float(np.sqrt(np.mean(breath**2)))
    coarse_t, coarse = _thinned(times, breath, rate)
    best: tuple[Floats, Floats, float] | None = None
    for weight in np.geomspace(200, 0.01, 24) * max(before, 1e-3):
        trend = l1_trend(coarse, weight)
        places = _apart(coarse_t, trend, knots(trend, 1e-4 * max(before, 1e-3)))
        at = coarse_t[places].copy()
        at[0], at[-1] = times[0], times[-1]
        if len(at) < 2:
            continue
        value = fitted(times, breath, at)
        left = float(np.sqrt(np.mean((breath - np.interp(times, at, value)) ** 2)))
        # Fewer keyframes, unless more make it visibly steadier.
        if best is None or left < best[2] - max(_LEAST, 0.1 * best[2]):
            best = (at, value, left)
    if best is None:
        return Steadied(np.empty(0), np.empty(0), before, before)
    return Steadied(best[0], -best[1], before, best[2])


def _slow(times: Floats, stops: Floats) -> Floats:
    """The part of the brightness that is a change of light: a straight line or, in long shots, one
    that bends at most every 15 seconds. Approximately a fit of least absolute differences."""
    pieces = max(1, int(times[-1] / _SLOW))
    at = np.linspace(0, times[-1], pieces + 1)
    weights = np.ones(len(times))
    line = np.zeros(len(times))
    for _ in range(12):
        line = np.interp(times, at, fitted(times, stops, at, weights))
        weights = 1 / np.maximum(np.abs(stops - line), 0.01)
    # A few breaths alone have a slope, which is not a change of light.
    if line.std() < _EVIDENT * (stops - line).std():
        return np.full(len(times), float(np.median(stops)))
    return line


def _thinned(times: Floats, values: Floats, rate: float) -> tuple[Floats, Floats]:
    """Means over enough samples to leave about eight a second."""
    step = max(1, round(rate / _SAMPLES))
    count = max(1, len(values) // step)
    edges = np.linspace(0, len(values), count + 1).round().astype(int)
    means = [(times[a:b].mean(), values[a:b].mean()) for a, b in pairwise(edges)]
    found = np.array(means)
    return found[:, 0], found[:, 1]


def _apart(times: Floats, trend: Floats, places: Any) -> list[int]:
    """Knots at least half a second apart: the sharpest of any that are closer, and always the
    ends."""
    bend = np.zeros(len(trend))
    bend[1:-1] = np.abs(np.diff(trend, 2))
    kept = [0, len(trend) - 1]
    for place in sorted((int(p) for p in places), key=lambda p: -bend[p]):
        if all(abs(times[place] - times[other]) >= 1 / RATE - 1e-9 for other in kept):
            kept.append(place)
    return sorted(set(kept))


def _decision(shot: Shot, curve: Curve | None, rate: float, strength: float) -> Decision:
    if curve is None:
        return _kept("a still does not breathe", 0.1)
    if curve.unmeasured:
        return _kept(curve.unmeasured, 0.1)
    length = float(shot.end - shot.begin)
    if length < _SHORTEST or 0 < len(curve.stops) < 3:
        return _kept(f"{length:.1f} s are too short to tell", 0.1)
    if curve.still < LEAST_STILL:
        value = f"{curve.still:.0%} of the picture holds still to compare"
        return _kept(value, 0.1, "moves all over")
    found = steadied(curve, rate)
    share = found.before / (found.before + SEEN)
    if found.before < max(SEEN, 3 * curve.noise):
        return _kept(f"varies by {found.before:.2f} stops", share, "steady")
    if found.after > 0.7 * found.before:
        value = (
            f"{found.after:.2f} of {found.before:.2f} stops are faster than two keyframes a second"
        )
        return _kept(value, share, "too fast to follow")
    stops = np.clip(found.stops * strength, -_MOST, _MOST)
    points = [
        {"time": _exact(shot.begin, at), "value": round(float(value), 2)}
        for at, value in zip(found.times, stops, strict=True)
    ]
    if len({point["value"] for point in points}) == 1:
        return _kept(f"varies by {found.before:.2f} stops", share, "steady")
    left = found.before + (found.after - found.before) * strength
    gained = 1 - left / found.before
    reasons = (
        Reason("breathes", gained, f"{found.before:.2f} stops, {left:.2f} with these keyframes"),
    )
    step = {"op": "exposure", "stops": {"keyframes": points}}
    return Decision((step,), gained, reasons, ("as it is, score 0.00",))


def _exact(begin: Fraction, seconds: float) -> str:
    """Seconds of the source as text, to a millisecond."""
    return f"{float(begin) + seconds:.3f}s"


def _kept(why: str, share: float, name: str = "") -> Decision:
    """A shot that stays unchanged: any breathing found, and why it is not corrected."""
    name = name or "cannot be told"
    return Decision((), 0.0, (Reason("breathing", share), Reason(name, -share, why)))
