"""The level and place of a sound at each sample: levels, fades and pan, moving or not.

All values depend on the sample's number alone, so the division into blocks makes no difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from vedc.audio.signal.curves import amplitude, moving_level, values
from vedc.audio.signal.fades import gain
from vedc.plan.settings import Curve, Fade

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.audio.decode import Samples

    Floats = NDArray[np.float64]


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

    A stereo sound follows the StereoPannerNode of the W3C's Web Audio API: the channel on the far
    side moves over to the other. A ``mono`` one, the same in both channels, is spread over them by
    cosine and sine, with both at full level in the middle.
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
    # The parts of the far-side channel that move over and stay.
    angle = np.abs(at) * (math.pi / 2.0)
    moved, stays = np.sin(angle), np.cos(angle)
    samples[0] = np.where(at <= 0, left + right * moved, left * stays)
    samples[1] = np.where(at <= 0, right * stays, right + left * moved)


def _complete(fade: Fade, start: int, end: int) -> bool:
    """Whether a fade leaves samples ``start <= s < end`` at full level."""
    return end <= fade.start if fade.kind == "out" else start >= fade.start + fade.length


def _ramp(fade: Fade, start: int, count: int) -> Floats:
    along = (np.arange(start, start + count) - fade.start) / fade.length
    along = along if fade.kind == "in" else 1.0 - along
    return np.where(along < 0.0, 0.0, gain(fade.curve, np.clip(along, 0.0, 1.0)))
