"""Values that move over samples.

They depend on the sample's number alone, so the division into blocks makes no difference.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.edit.easing import easing, step_times
from vedc.plan.settings import Curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_GRID: Final = 32
"""Samples between those at which an easing is computed; it is a straight line between them."""


def amplitude(decibels: float) -> float:
    """The factor of a gain; 0 for ``-inf``."""
    return 0.0 if decibels == -math.inf else float(10.0 ** (decibels / 20.0))


def values(curve: Curve, start: int, count: int) -> Floats:
    """A curve at samples ``start <= s < start + count``."""
    return _stretches(curve, start, count, in_decibels=False)


def moving_level(curve: Curve, start: int, count: int) -> Floats:
    """The factors of a curve of decibels at samples ``start <= s < start + count``."""
    return _stretches(curve, start, count, in_decibels=True)


def _stretches(curve: Curve, start: int, count: int, *, in_decibels: bool) -> Floats:
    as_value = amplitude if in_decibels else float
    at = np.arange(start, start + count, dtype=np.float64)
    found = np.full(count, as_value(curve.points[-1].value))
    found[at < float(curve.points[0].sample)] = as_value(curve.points[0].value)
    low, high = curve.limits
    for before, after in itertools.pairwise(curve.points):
        begin, end = float(before.sample), float(after.sample)
        first = min(max(math.ceil(begin) - start, 0), count)
        last = min(max(math.ceil(end) - start, 0), count)
        if first == last:
            continue
        along = _progress(before.easing, at[first:last], begin, end, curve.glide)
        one, other = before.value, after.value
        if in_decibels and -math.inf in (one, other):
            one, other = amplitude(one), amplitude(other)
            found[first:last] = np.clip(one + (other - one) * along, 0.0, amplitude(high))
        else:
            reached = np.clip(one + (other - one) * along, low, high)
            found[first:last] = 10.0 ** (reached / 20.0) if in_decibels else reached
    return found


def _progress(word: str, at: Floats, begin: float, end: float, glide: int) -> Floats:
    """Eased progress of samples between two points. A jump takes ``glide`` samples."""
    if word == "linear":
        return (at - begin) / (end - begin)
    jumps = step_times(word)
    if jumps is not None:
        # A jump ends on its time, but for one at the very start.
        total = np.zeros(at.size)
        reached = 0.0
        for when, to in jumps:
            time = begin + float(when) * (end - begin)
            ramp = min(float(glide), (end - begin) / len(jumps))
            from_ = max(time - ramp, begin)
            total += (float(to) - reached) * np.clip((at - from_) / ramp, 0.0, 1.0)
            reached = float(to)
        return total
    ease = easing(word)
    knots = np.arange(int(at[0]) // _GRID, int(at[-1]) // _GRID + 2) * float(_GRID)
    times = np.clip((knots - begin) / (end - begin), 0.0, 1.0)
    return np.interp(at, knots, [ease(float(time)) for time in times])
