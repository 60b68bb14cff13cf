"""Reverb: convolution with decaying noise.

The response begins after a pause, the way of the first reflections, and decays by 60 dB in the time
of the room. High notes decay faster, as air and walls absorb them. Each channel has its own noise,
which spreads the room between the speakers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.plan.settings import Room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Floats = NDArray[np.float64]

_SPLIT: Final = 3000.0
"""Crossover in Hz between slow and fast decay."""

_FAST: Final = 0.4
"""Decay time of high notes relative to the others."""

_SEED: Final = 20110501


def response(room: Room, rate: int, channels: int) -> Floats:
    """Shape (channels, samples), of unit energy in each channel."""
    before, length = room.pause, max(1, room.decay)
    # The stream of RandomState never changes.
    noise = np.random.RandomState(_SEED).standard_normal((channels, length))
    lines = np.fft.rfft(noise)
    frequencies = np.fft.rfftfreq(length, 1 / rate)
    share = 1 / (1 + (frequencies / _SPLIT) ** 2)
    low, high = np.fft.irfft(lines * share, length), np.fft.irfft(lines * (1 - share), length)
    along = np.arange(length) / length
    sound = low * np.power(10.0, -3 * along) + high * np.power(10.0, -3 * along / _FAST)
    sound /= np.sqrt(np.sum(sound**2, axis=1, keepdims=True))
    return np.pad(sound, ((0, 0), (before, 0)))


class Reverb:
    """The reverb of blocks of shape (channels, samples), given in order."""

    def __init__(self, room: Room, rate: int, channels: int) -> None:
        self._amount, self._response = room.amount, response(room, rate, channels)
        self._lines: tuple[int, NDArray[np.complex128]] | None = None
        self._tail: Floats = np.zeros((channels, self.length))

    @property
    def length(self) -> int:
        """Samples for which the room sounds on."""
        return int(self._response.shape[1])

    def process(self, block: Samples) -> Samples:
        """The reverb for a block, with the tail of earlier ones."""
        count = block.shape[1]
        whole = count + self.length
        size = 1 << math.ceil(math.log2(max(whole, 2)))
        if self._lines is None or self._lines[0] != size:
            self._lines = size, np.fft.rfft(self._response, size)
        wet = np.fft.irfft(np.fft.rfft(block.astype(np.float64), size) * self._lines[1], size)
        wet = wet[:, :whole]
        wet[:, : self.length] += self._tail
        self._tail = wet[:, count:].copy()
        output: Samples = (self._amount * wet[:, :count]).astype(np.float32)
        return output
