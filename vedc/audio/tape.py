"""The sound of a file at any position, for readers that go backwards or overlap."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.audio.decode import SoundReader

if TYPE_CHECKING:
    from vedc.audio.decode import Samples

_HELD: Final = 3
"""Seconds kept in memory."""


class Tape:
    """Samples of a :class:`SoundReader` by position, decoded a second at a time.

    Going back costs one seek a second. Raises what reading raises.
    """

    def __init__(self, reader: SoundReader) -> None:
        self._reader, self._length = reader, reader.rate
        self._held: OrderedDict[int, Samples] = OrderedDict()

    @property
    def channels(self) -> int:
        return self._reader.channels

    def read(self, begin: int, count: int) -> Samples:
        """Shape (channels, count), from position ``begin``; silence where the file has none."""
        out = np.zeros((self.channels, count), np.float32)
        at = max(begin, 0)
        while at < begin + count:
            second, offset = divmod(at, self._length)
            taken = min(self._length - offset, begin + count - at)
            samples = self._second(second)[:, offset : offset + taken]
            out[:, at - begin : at - begin + taken] = samples
            at += taken
        return out

    def _second(self, number: int) -> Samples:
        if number in self._held:
            self._held.move_to_end(number)
            return self._held[number]
        self._reader.seek(number * self._length)
        samples = self._held[number] = self._reader.read(self._length)
        if len(self._held) > _HELD:
            self._held.popitem(last=False)
        return samples
