"""The frame rate of a stream, judged by its time stamps where its headers do not help.

The rate counts frames in ``in: 90f`` and becomes the canvas's. Which frame is shown at a time
depends on the frames' own times, not on the rate. So a stream of even times has the rate of those
times, and one of uneven times the usual rate nearest to its typical pace. No rate is above
``HIGHEST``; a slideshow's is raised to one at which all its pictures begin on a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median, pvariance
from typing import Final, NamedTuple

HIGHEST: Final = Fraction(240)
"""Frames per second: the fastest cameras whose files players show frame by frame."""

USUAL: Final = tuple(
    sorted(
        [
            *map(Fraction, (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60)),
            *map(Fraction, (72, 90, 100, 120, 144, 150, 200, 240)),
            Fraction(25, 2),
            *(Fraction(whole * 1000, 1001) for whole in (12, 15, 24, 30, 48, 60, 120, 240)),
        ]
    )
)
"""The rates of cameras, screens, films and animations."""

UNEVEN: Final = Fraction(1, 4)
"""Relative: how far the average of uneven frames may be off their rate without a note."""

_ROUNDED: Final = Fraction(1, 50_000)
"""Relative: an average that is off its nominal rate by less only rounds it."""

_SNAP: Final = Fraction(1, 20)
"""Relative: how far an uneven stream may run off a usual rate."""

_ALIKE: Final = Fraction(1, 500)
"""Relative: 30 and 30000/1001 are distinguished by all times together."""

_PULLED_DOWN: Final = 6
"""Gaps that must be long and short in turn before that counts as a rule."""

_SLIDES: Final = (10, 12, 15, 20, 25, 30, 50)
"""Rates for a stream of less than one frame per second."""


class Judged(NamedTuple):
    """A rate, and remarks about it."""

    rate: Fraction
    average: Fraction | None = None
    """The average rate of frames at uneven times."""
    capped: Fraction | None = None
    """The true rate, where it is above the highest."""


def declared(average: Fraction | None, base: Fraction | None) -> Fraction | None:
    """The rate that a stream's headers agree upon, if it is a usual one."""
    if not average or not base or abs(average / base - 1) > Fraction(1, 1000):
        return None
    rate = rounded(average)
    return rate if rate in USUAL else None


def rounded(average: Fraction) -> Fraction:
    """The nominal rate that an average rounds, else the average itself."""
    whole = round(average)
    for nominal in (Fraction(whole), Fraction(round(average * 1001 / 1000) * 1000, 1001)):
        if nominal > 0 and abs(average / nominal - 1) < _ROUNDED:
            return nominal
    return average


def judged(times: Sequence[Fraction], average: Fraction | None, tick: Fraction) -> Judged:
    """The rate of frames that begin at ``times`` (seconds, rising), which ``tick`` rounds.

    ``average`` is what the headers say.
    """
    gaps = [after - before for before, after in pairwise(times)]
    if not gaps:
        sane = average is not None and 1 <= average <= HIGHEST
        return Judged(rounded(average) if sane and average else Fraction(25))
    in_turn = _in_turn(gaps, 2 * tick)
    if in_turn:  # a whole number of pairs
        gaps = gaps[: len(gaps) // 2 * 2]
    span, shortest, longest = sum(gaps, Fraction(0)), min(gaps), max(gaps)
    mean = span / len(gaps)
    even = in_turn or longest - shortest <= max(2 * tick, mean / 50)
    if not even:
        own = 1 / median(gaps)
        near = min(USUAL, key=lambda rate: abs(own / rate - 1))
        rate = Fraction(max(1, round(own)))
        if abs(own / near - 1) <= _SNAP:
            alike = (other for other in USUAL if abs(other / near - 1) <= _ALIKE)
            rate = min(alike, key=lambda other: _misfit(times, other))
        return Judged(_bounded(rate, gaps, tick), average=1 / mean)
    doubt = tick / span + _ROUNDED
    if 1 / mean > HIGHEST * (1 + doubt):
        return Judged(HIGHEST, capped=1 / mean)
    if average and abs(average * mean - 1) <= doubt:
        return Judged(_bounded(rounded(average), gaps, tick))
    near = min(USUAL, key=lambda rate: abs(mean * rate - 1))
    if abs(mean * near - 1) <= max(doubt, Fraction(1, 2000)):
        return Judged(_bounded(near, gaps, tick))
    return Judged(_bounded((1 / mean).limit_denominator(1001), gaps, tick))


def _in_turn(gaps: Sequence[Fraction], slack: Fraction) -> bool:
    """Whether gaps are long and short in turn, as of film with repeat flags (3:2 pulldown)."""
    pairs = [one + other for one, other in pairwise(gaps)]
    return len(gaps) >= _PULLED_DOWN and max(pairs) - min(pairs) <= slack


def _misfit(times: Sequence[Fraction], rate: Fraction) -> float:
    """The distance of times from a frame grid of a rate at any offset: the variance, in frames."""
    frames = [float((time - times[0]) * rate) for time in times]
    return pvariance([frame - round(frame) for frame in frames])


def _bounded(rate: Fraction, gaps: Sequence[Fraction], tick: Fraction) -> Fraction:
    if rate > HIGHEST:
        return HIGHEST
    if rate >= 1:
        return rate
    for slides in _SLIDES:
        if all(abs(gap * slides - round(gap * slides)) <= 2 * tick * slides for gap in gaps):
            return Fraction(slides)
    return Fraction(25)
