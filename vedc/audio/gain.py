"""How loud and where a sound is heard at each sample: levels, fades and pan, moving or not.

All values follow from the sample's number alone, so that it makes no difference in which parts a
sound is read.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.audio.fades import gain
from vedc.edit.easing import easing, step_times
from vedc.plan.settings import Curve, Fade

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.audio.decode import Samples

    Floats = NDArray[np.float64]

_GRID: Final = 32
"""Samples between those at which an easing is computed; it is a straight line between them."""


def amplitude(decibels: float) -> float:
    """The factor of a gain; 0 for ``-inf``."""
    return 0.0 if decibels == -math.inf else float(10.0 ** (decibels / 20.0))


def level(
    gain_db: float | Curve, fades: Iterable[Fade], start: int, count: int
) -> float | NDArray[np.float32]:
    """The factor of samples ``start <= s < start + count``: a gain and fades.

    A gain that moves is linear in decibels, as a fader is; from or to silence it is linear in
    amplitude, as a fade is. An out and an in over the same samples sum to 1 in amplitude (tri,
    hsin) or in power (qsin), at each sample.
    """
    ramps = [
        _ramp(fade, start, count) for fade in fades if not _complete(fade, start, start + count)
    ]
    if isinstance(gain_db, Curve):
        ramps.append(moving_level(gain_db, start, count))
        scale = 1.0
    else:
        scale = amplitude(gain_db)
    if not ramps:
        return scale
    curve: NDArray[np.float32] = (scale * np.prod(ramps, axis=0)).astype(np.float32)
    return curve


def pan(samples: Samples, position: float | Curve, start: int, *, mono: bool) -> None:
    """Move two channels to the left (-1) or the right (1), in place, at constant power.

    A stereo sound follows the StereoPannerNode of the W3C's Web Audio API: the channel that is left
    behind moves over to the other. A ``mono`` one, the same in both channels, is spread over them
    by cosine and sine, with both at full level in the middle.
    """
    if samples.shape[0] != 2:
        return  # one speaker has no sides
    count = samples.shape[1]
    if isinstance(position, Curve):
        at = values(position, start, count)
    elif position:
        at = np.array([position])
    else:
        return
    left, right = samples.astype(np.float64)
    if mono:
        angle = (at + 1.0) * (math.pi / 4.0)
        samples[0] = math.sqrt(2.0) * np.cos(angle) * left
        samples[1] = math.sqrt(2.0) * np.sin(angle) * right
        return
    # What moves over, and what stays, of the channel that is left behind.
    angle = np.abs(at) * (math.pi / 2.0)
    moved, stays = np.sin(angle), np.cos(angle)
    samples[0] = np.where(at <= 0, left + right * moved, left * stays)
    samples[1] = np.where(at <= 0, right * stays, right + left * moved)


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


def _complete(fade: Fade, start: int, end: int) -> bool:
    """Whether a fade leaves samples ``start <= s < end`` at full level."""
    return end <= fade.start if fade.kind == "out" else start >= fade.start + fade.length


def _ramp(fade: Fade, start: int, count: int) -> Floats:
    along = (np.arange(start, start + count) - fade.start) / fade.length
    along = along if fade.kind == "in" else 1.0 - along
    return np.where(along < 0.0, 0.0, gain(fade.curve, np.clip(along, 0.0, 1.0)))
