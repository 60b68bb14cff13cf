"""Ducking: a sound is lowered while another is heard.

The other is heard from its first sample above the threshold until ``hold`` after the last, so that
the pauses between words do not count. The gain falls and rises linearly in decibels.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.audio.decode import Samples
    from vedc.plan.settings import Ducking


class Ducker:
    """The gain of one ducked bus. Takes the sound it is ducked under in order, without gaps."""

    def __init__(self, ducking: Ducking) -> None:
        self._ducking = ducking
        self._at = 0
        """Samples taken."""
        self._last_loud: int | None = None
        self._lowered = 0.0
        """1 at full depth."""

    def gain(self, above: Samples) -> float | NDArray[np.float32]:
        """The factor at each sample of ``above``, shape (channels, samples)."""
        count = above.shape[1]
        lowered = np.empty(count)
        active = self._active(above)
        edges = [0, *(np.flatnonzero(np.diff(active)) + 1).tolist(), count]
        for first, end in itertools.pairwise(edges):
            along = np.arange(1, end - first + 1)
            if active[first]:
                part = self._lowered + along / self._ducking.attack
            else:
                part = self._lowered - along / self._ducking.release
            lowered[first:end] = np.clip(part, 0.0, 1.0)
            self._lowered = float(lowered[end - 1])
        if not lowered.any():
            return 1.0
        factors: NDArray[np.float32]
        factors = (10.0 ** (-self._ducking.by_db / 20.0 * lowered)).astype(np.float32)
        return factors

    def _active(self, above: Samples) -> NDArray[np.bool_]:
        """The samples at which the other is heard."""
        count = above.shape[1]
        loud = np.abs(above).max(axis=0) > 10.0 ** (self._ducking.threshold_db / 20.0)
        never = -self._ducking.hold
        before = never if self._last_loud is None else self._last_loud - self._at
        here = np.arange(count)
        last = np.maximum.accumulate(np.where(loud, here, max(before, never)))
        self._at += count
        if loud.any():
            self._last_loud = self._at - count + int(last[-1])
        active: NDArray[np.bool_] = here - last < self._ducking.hold
        return active
