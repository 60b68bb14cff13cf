"""Buses: pieces that are summed, filtered and ducked together.

To compensate for filter latency, all others wait. A clip that is ducked under a track must know
that track before its own track is filtered, so buses come in stages: those of a stage arrive
together, later than the stage before by the latency of its filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vedc.audio.downmix import LAYOUTS
from vedc.audio.duck import Ducker
from vedc.audio.gain import level, pan
from vedc.audio.signal.chain import Chain
from vedc.audio.signal.reverb import Reverb
from vedc.plan.settings import AudioSettings, Bus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.audio.decode import Samples


class Strip:
    """A sum with its own strip of controls: a bus, or the whole film."""

    def __init__(self, bus: Bus, settings: AudioSettings) -> None:
        self._bus = bus
        self._chain = Chain(bus.filters, settings.rate, LAYOUTS[settings.channels])
        room, rate, channels = bus.room, settings.rate, settings.channels
        self._reverb = None if room is None else Reverb(room, rate, channels)

    @property
    def latency(self) -> int:
        return self._chain.latency

    def filtered(self, samples: Samples) -> Samples:
        """The output of its filters, late by their latency."""
        return self._chain.process(samples)

    def play(self, samples: Samples, start: int) -> None:
        """Set the level and the pan of samples from ``start`` on, and add the reverb, in place."""
        bus = self._bus
        factor = level(bus.gain_db, bus.fades, start, samples.shape[1])
        if isinstance(factor, np.ndarray) or factor != 1.0:
            samples *= factor
        pan(samples, bus.pan, start, mono=False)
        if self._reverb is not None:
            samples += self._reverb.process(samples)


class Delay:
    """Samples held until others have come as far."""

    def __init__(self, length: int, channels: int) -> None:
        self._kept = np.zeros((channels, length), np.float32)

    def process(self, block: Samples) -> Samples:
        """The block from as many samples ago."""
        if not self._kept.shape[1]:
            return block
        both = np.concatenate((self._kept, block), axis=1)
        count = block.shape[1]
        self._kept = both[:, count:]
        return both[:, :count]


class Buses:
    """Sums the buses of a plan into the film, block by block."""

    def __init__(self, buses: Sequence[Bus], settings: AudioSettings) -> None:
        self._buses, self._channels = buses, settings.channels
        self._strips = [Strip(bus, settings) for bus in buses]
        self._inner = [
            [n for n, bus in enumerate(buses) if bus.within == number]
            for number in range(len(buses))
        ]
        self._stages = stages(buses)
        self._late = [0]
        """By stage, the latency of the input of its buses; last, the latency of all of them."""
        for stage in range(max(self._stages, default=0) + 1):
            held = [
                strip.latency
                for strip, own in zip(self._strips, self._stages, strict=True)
                if own == stage
            ]
            self._late.append(self._late[-1] + max(held, default=0))
        self._enter = [Delay(self._late[stage], self._channels) for stage in self._stages]
        self._wait = [
            Delay(self._late[stage + 1] - self._late[stage] - strip.latency, self._channels)
            for strip, stage in zip(self._strips, self._stages, strict=True)
        ]
        self._direct = Delay(self.latency, self._channels)
        self._duckers = [None if b.ducking is None else Ducker(b.ducking) for b in buses]
        self._lines = [_Line(self.latency, self._channels) for _ in buses]

    @property
    def latency(self) -> int:
        """Samples by which what :meth:`mixed` returns is late."""
        return self._late[-1]

    def mixed(self, direct: Samples, sums: list[Samples], start: int) -> Samples:
        """All buses and the pieces on none, from sample ``start``.

        ``sums`` holds the sum of the pieces of each bus. All blocks are of shape (channels,
        samples).
        """
        for number, bus in enumerate(self._buses):
            if bus.within is not None:
                self._lines[number].push(sums[number])
        order = sorted(range(len(sums)), key=lambda number: self._stages[number])
        for number in order:
            if self._buses[number].within is None:
                self._lines[number].push(self._played(number, sums[number], start))
        total = self._direct.process(direct)
        for number, bus in enumerate(self._buses):
            if bus.within is None:
                total += self._ducked(number, self.latency)
        return total

    def _played(self, number: int, samples: Samples, start: int) -> Samples:
        """A bus before it is ducked."""
        stage, strip = self._stages[number], self._strips[number]
        samples = self._enter[number].process(samples)
        for inner in self._inner[number]:
            samples += self._ducked(inner, self._late[stage])
        samples = self._wait[number].process(strip.filtered(samples))
        strip.play(samples, start - self._late[stage + 1])
        return samples

    def _ducked(self, number: int, late: int) -> Samples:
        """A bus at that latency, lowered under the sounds it is ducked under."""
        samples = self._as_late(number, late)
        ducker, ducking = self._duckers[number], self._buses[number].ducking
        if ducker is None or ducking is None:
            return samples
        above = [self._as_late(other, late) for other in ducking.under]
        factor: float | NDArray[np.float32]
        factor = ducker.gain(above[0] if len(above) == 1 else np.sum(above, axis=0))
        return samples * factor

    def _as_late(self, number: int, late: int) -> Samples:
        inner = self._buses[number].within is not None
        own = 0 if inner else self._late[self._stages[number] + 1]
        return self._lines[number].ago(late - own)


class _Line:
    """The output of a bus, kept for as many samples as needed."""

    def __init__(self, most: int, channels: int) -> None:
        self._most, self._count = most, 0
        self._held = np.zeros((channels, most), np.float32)

    def push(self, block: Samples) -> None:
        self._count = block.shape[1]
        before = self._held[:, self._held.shape[1] - self._most :]
        self._held = np.concatenate((before, block), axis=1) if self._most else block

    def ago(self, delay: int) -> Samples:
        """The last block as it was so many samples ago."""
        end = self._held.shape[1] - delay
        return self._held[:, end - self._count : end]


def stages(buses: Sequence[Bus]) -> list[int]:
    """The stage of each bus: how many dependencies deep it is.

    A bus depends on the outer buses under which a bus within it is ducked. Buses inside another are
    known from the start.
    """
    needs: dict[int, set[int]] = {number: set() for number in range(len(buses))}
    for bus in buses:
        if bus.within is not None and bus.ducking is not None:
            needs[bus.within] |= {n for n in bus.ducking.under if buses[n].within is None}
    found: dict[int, int] = {}

    def stage(number: int) -> int:
        if number not in found:
            found[number] = max((stage(other) + 1 for other in needs[number]), default=0)
        return found[number]

    return [stage(number) for number in range(len(buses))]
