"""Filters in a row, kept in step with what they filter.

A filter may hold samples back. The output of a chain is ``Chain.latency`` samples late, whatever
the block sizes; its feeder reads that far ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.audio.signal.curves import amplitude, values
from vedc.audio.signal.filter_graph import FilterGraph
from vedc.plan.settings import SoundFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

_STEP: Final = 100
"""Values of a moving parameter in a second."""

_HOPS: Final = 80
"""Hops of afftdn in a second. Its window takes three; it is two late, and works hop by hop."""


def latency(sound_filter: SoundFilter, rate: int) -> int:
    """Latency in samples, and the block size that the filters wait for."""
    return 3 * (rate // _HOPS) if sound_filter.name == "afftdn" else 0


class Chain:
    """Filters of a sound whose first sample is number ``at``; their parameters move with the sample
    number."""

    def __init__(self, filters: Sequence[SoundFilter], rate: int, layout: str, at: int = 0) -> None:
        self.latency = 0
        self._stages: list[_Stage] = []
        for each in filters:
            self._stages.append(_Stage(each, rate, layout, at - self.latency))
            self.latency += latency(each, rate)

    def process(self, block: Samples) -> Samples:
        """As many samples as ``block`` has, those of ``latency`` samples ago."""
        for stage in self._stages:
            block = stage.process(block)
        return block


class _Stage:
    def __init__(self, sound_filter: SoundFilter, rate: int, layout: str, at: int) -> None:
        self._moving, self._at = sound_filter.moving, at
        self._step = max(1, rate // _STEP)
        self._graph = FilterGraph([(sound_filter.name, sound_filter.options)], rate, layout)
        channels = {"mono": 1, "stereo": 2}.get(layout, 6)
        late = latency(sound_filter, rate)
        self._ready = np.zeros((channels, late - _own_delay(sound_filter, rate)), np.float32)

    def process(self, block: Samples) -> Samples:
        count = block.shape[1]
        step = self._step if self._moving else max(count, 1)
        made = [self._ready]
        for begin in range(0, count, step):
            part = block[:, begin : begin + step]
            for command, curve, decibels in self._moving:
                value = float(values(curve, self._at, 1)[0])
                self._graph.command(command, repr(amplitude(value) if decibels else value))
            made += [out for out, _ in self._graph.push(part)]
            self._at += part.shape[1]
        ready = np.concatenate(made, axis=1)
        self._ready = ready[:, count:]
        return ready[:, :count]


def _own_delay(sound_filter: SoundFilter, rate: int) -> int:
    return 2 * (rate // _HOPS) if sound_filter.name == "afftdn" else 0
