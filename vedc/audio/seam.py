"""Joins within a sound: where a loop begins again, or a jump or a stop in time cuts a wave.

A step in the wave is heard as a click. Fading out and in would leave a gap in every turn of a
seamless loop. So a join is left alone where its step is no larger than those of the sound beside
it; otherwise the step is removed by an offset that decays after the join.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from vedc.audio.decode import Samples

_BESIDE: Final = 200
"""Seconds of sound examined beside a join, and length of the offset."""


class Seams:
    """Removes the steps at joins of a sound given block by block."""

    def __init__(self, channels: int, rate: int) -> None:
        length = max(2, rate // _BESIDE)
        self._decay = (0.5 + 0.5 * np.cos(np.arange(length) * np.pi / length)).astype(np.float32)
        self._offset = np.zeros((channels, 1), np.float32)
        self._at = length
        """Samples since the last join that had a step, as far as the decay goes."""
        self._before = np.zeros((channels, length), np.float32)
        """The last samples output."""

    def smooth(self, samples: Samples, joins: Iterable[int]) -> None:
        """Change the next block, of shape (channels, samples), in place. ``joins``: samples of it
        that do not follow from the one before, in order."""
        start = 0
        for join in joins:
            self._let_out(samples[:, start:join])
            self._meet(samples[:, join:])
            start = join
        self._let_out(samples[:, start:])

    def _meet(self, after: Samples) -> None:
        """Bridge a join."""
        step = after[:, :1] - self._before[:, -1:]
        beside = self._before, after[:, : len(self._decay)]
        usual = np.max([np.abs(np.diff(each)).max(initial=0) for each in beside])
        if np.abs(step).max() > usual:
            self._offset, self._at = step, 0

    def _let_out(self, samples: Samples) -> None:
        count = samples.shape[1]
        left = self._decay[self._at : self._at + count]
        samples[:, : len(left)] -= self._offset * left
        self._at += len(left)
        kept = np.concatenate((self._before, samples[:, -len(self._decay) :]), axis=1)
        self._before = kept[:, -len(self._decay) :]
