"""Where a sound begins suddenly: drums, plucked strings, consonants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vedc.audio.tape import Tape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.audio.decode import Samples

_STEP: Final = 1000
"""Parts of a second whose power is compared."""

_BEFORE, _AFTER = 20, 3
"""How many of them before an attack, and from its start."""

_SHORTLY: Final = 5
"""How many of them just before it."""

_RISE: Final = 16.0
_SHARP: Final = 8.0
"""How much the power of the high frequencies rises at an attack: 12 dB above the level before, and
9 dB above the level just before."""

_FULL: Final = 0.25
"""The share of its greatest power, in the next 20 ms, that an attack has at once."""

_KNOWN: Final = 8
"""Seconds for which attacks are remembered."""

_FLOOR: Final = 1e-7
"""Power, of full scale, below which nothing counts."""


class Attacks:
    """The attacks on a tape, found a second at a time. They are 20 ms apart at least.

    ``backwards``: those heard in backwards playback, which are sudden ends.
    """

    def __init__(self, tape: Tape, rate: int, *, backwards: bool = False) -> None:
        self._tape, self._rate, self._backwards = tape, rate, backwards
        self._step = max(1, rate // _STEP)
        self._found: dict[int, list[int]] = {}

    def near(self, position: int, reach: int) -> int | None:
        """The attack nearest to a sample, if there is one less than ``reach`` samples away."""
        seconds = range((position - reach) // self._rate, (position + reach) // self._rate + 1)
        places = [place for second in seconds for place in self._second(second)]
        nearest = min(places, key=lambda place: abs(place - position), default=None)
        return None if nearest is None or abs(nearest - position) >= reach else nearest

    def _second(self, number: int) -> list[int]:
        if number not in self._found:
            if len(self._found) > _KNOWN:
                self._found.clear()
            self._found[number] = self._search(number * self._rate)
        return self._found[number]

    def _search(self, begin: int) -> list[int]:
        """The attacks in a second that begins at a sample."""
        beside = 2 * _BEFORE * self._step
        parts = self._rate // self._step + 4 * _BEFORE + 1
        first, count = begin - beside, parts * self._step
        samples = self._tape.read(first, count + 1)
        change = np.diff(samples[:, ::-1] if self._backwards else samples, axis=1)
        places = []
        for place in _rises(change, self._step):
            place = first + (count - place if self._backwards else place)
            if begin <= place < begin + self._rate:
                places.append(place)
        return places


def _rises(change: Samples, step: int) -> list[int]:
    """Where the power of the wave's differences, which emphasise high frequencies, rises
    suddenly."""
    parts = change.shape[1] // step
    power = np.mean(change.reshape(len(change), parts, step) ** 2, axis=(0, 2))
    sums = np.concatenate(([0.0], np.cumsum(power)))
    at = np.arange(_BEFORE, parts - _BEFORE)
    after = (sums[at + _AFTER] - sums[at]) / _AFTER
    rise: NDArray[np.float64] = after / ((sums[at] - sums[at - _BEFORE]) / _BEFORE + _FLOOR)
    shortly = (sums[at] - sums[at - _SHORTLY]) / _SHORTLY + _FLOOR
    coming = sliding_window_view(power, _BEFORE)[at].max(axis=1)
    sudden = (rise > _RISE) & (after > _SHARP * shortly) & (after > _FULL * coming)
    found = []
    for index in np.flatnonzero(sudden):
        if rise[index] < rise[max(0, index - _BEFORE) : index + _BEFORE + 1].max():
            continue
        begin = (int(at[index]) - 1) * step
        moves = np.abs(change[:, begin : begin + (_AFTER + 1) * step]).max(axis=0)
        found.append(begin + int(np.argmax(moves > moves.max() / 4)))
    return found
