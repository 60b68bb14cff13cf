"""The limiter of the mix: it lowers the sound where it would exceed a ceiling, and only there.

The gain is that of a look-ahead peak limiter, the same for all channels. It begins to fall 5 ms
before a peak, reaches the peak's reciprocal there, stays for 15 ms after it, and rises at a steady
rate of 1 in 0.5 s. The way down is smooth (a triangular window), and tones above 25 Hz are scaled
without ripple. The ceiling is full scale as samples count it; for a loudness target it is a true
peak, which includes values between samples.

Everywhere else the gain is exactly 1, and samples pass unchanged. Gains are computed in integers,
so the division into blocks makes no difference.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vedc.audio.signal.true_peak import sample_peaks, true_peaks
from vedc.edit.timecode import clock_time

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.audio.decode import Samples

    Floats = NDArray[np.float64]

ATTACK: Final = Fraction(5, 1000)
HOLD: Final = Fraction(15, 1000)
RELEASE: Final = Fraction(1, 2)
"""Seconds for a gain of 0 to return to 1."""

_UNIT: Final = 1 << 30
"""Reductions (1 minus the gain) are integers in this unit."""

_NAMED: Final = 4
"""The most places that a message names."""


@dataclass(slots=True)
class Overload:
    """Where a mix exceeds the ceiling, and its highest level."""

    rate: int
    places: list[tuple[int, int]] = field(default_factory=list)
    """Ranges of samples, half-open, in order; those less than a second apart are one."""
    peak: float = 0.0
    """The ceiling is 1."""

    def add(self, loud: NDArray[np.intp], peak: float) -> None:
        """Record samples above the ceiling, given in order, and the highest level among them."""
        self.peak = max(self.peak, peak)
        for part in np.split(loud, np.flatnonzero(np.diff(loud) > self.rate) + 1):
            first, end = int(part[0]), int(part[-1]) + 1
            if self.places and first - self.places[-1][1] < self.rate:
                first, _ = self.places.pop()
            self.places.append((first, end))

    def text(self) -> str:
        """One line for the user."""
        return f"the sound exceeds full scale by {self.by()}; it is lowered at {self.where()}"

    def by(self) -> str:
        """How much it exceeds the ceiling."""
        by = 20 * math.log10(self.peak)
        return f"up to {by:.1f} dB" if by >= 0.05 else "less than 0.1 dB"

    def where(self) -> str:
        """The first places, and how many more there are."""
        named = [self._range(*place) for place in self.places[:_NAMED]]
        if len(self.places) > _NAMED:
            more, last = len(self.places) - _NAMED, self._clock(self.places[-1][1])
            named.append(f"{more} more places up to {last}")
        return ", ".join(named[:-1]) + " and " + named[-1] if named[1:] else named[0]

    def _range(self, first: int, end: int) -> str:
        begin, until = self._clock(first), self._clock(end)
        return begin if begin == until else f"{begin}-{until}"

    def _clock(self, sample: int) -> str:
        return clock_time(Fraction(sample, self.rate), places=1, short=True)

    def to_meta(self) -> dict[str, Any]:
        """As metadata of a stored sound."""
        return {"limited": {"rate": self.rate, "peak": self.peak, "places": self.places}}

    @classmethod
    def from_meta(cls, meta: object) -> Overload | None:
        """From what ``to_meta`` gives, read from a file; ``None`` for anything else."""
        data = meta.get("limited") if isinstance(meta, Mapping) else None
        if not isinstance(data, Mapping):
            return None
        try:
            places = [(int(first), int(end)) for first, end in data["places"]]
            found = cls(int(data["rate"]), places, float(data["peak"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        return found if places and found.rate > 0 and 1 < found.peak < math.inf else None


def limit(
    blocks: Iterable[Samples], rate: int, overload: Overload, true_peak: float | None = None
) -> Iterator[Samples]:
    """Blocks of the same sizes without a sample above full scale. ``overload`` is filled in.

    With ``true_peak`` the ceiling is that level, between samples too. One block is held back, or
    several if they are shorter than the attack. NaN samples become 0, and infinite ones full scale.
    """
    ceiling = 1.0 if true_peak is None else true_peak
    limiter = _Limiter(rate, overload, ceiling)
    waiting: deque[Samples] = deque()
    finite = map(_finite, blocks)
    found = sample_peaks(finite) if true_peak is None else true_peaks(finite, ceiling)
    for block, peaks in found:
        limiter.take(peaks)
        waiting.append(block)
        while waiting and limiter.ready(waiting[0].shape[1]):
            yield limiter.give(waiting.popleft())
    limiter.finish()
    for block in waiting:
        yield limiter.give(block)


class _Limiter:
    def __init__(self, rate: int, overload: Overload, ceiling: float) -> None:
        self._overload, self._ceiling = overload, ceiling
        self._ahead = max(2, round(ATTACK * rate))
        self._hold = round(HOLD * rate)
        self._fall = _UNIT // round(RELEASE * rate)
        """The decrease of a reduction per sample."""
        self._position = 0
        """Samples taken."""
        self._wanted = np.zeros(self._ahead + self._hold, np.int64)
        """The reductions needed, released but not smoothed: of the waiting samples, and of the
        ``_ahead + _hold`` before them."""

    def take(self, peaks: Floats) -> None:
        """Record the reductions for a block whose samples reach these levels."""
        peaks = peaks / self._ceiling
        highest = float(peaks.max(initial=0.0))
        count = peaks.size
        needed = np.zeros(count, np.int64)
        if highest > 1.0:
            loud = np.flatnonzero(peaks > 1.0)
            self._overload.add(loud + self._position, highest)
            needed[loud] = np.ceil((1.0 - 1.0 / peaks[loud]) * _UNIT).astype(np.int64)
        before = int(self._wanted[-1])
        if highest > 1.0 or before:
            ramp = self._fall * np.arange(1, count + 1, dtype=np.int64)
            needed = np.maximum(np.maximum.accumulate(needed + ramp), before) - ramp
        self._wanted = np.concatenate([self._wanted, needed])
        self._position += count

    def finish(self) -> None:
        self._wanted = np.concatenate([self._wanted, np.zeros(self._ahead, np.int64)])

    def ready(self, count: int) -> bool:
        """Whether everything that the next ``count`` samples depend on is known."""
        return self._wanted.size >= 2 * self._ahead + self._hold + count

    def give(self, block: Samples) -> Samples:
        """The next block, lowered where it must be."""
        count = block.shape[1]
        wanted = self._wanted[: 2 * self._ahead + self._hold + count]
        self._wanted = self._wanted[count:]
        if not wanted.any():
            return block
        held = _sliding_max(wanted, self._ahead + self._hold + 1)
        # Two boxes make a triangle of ``_ahead + 1`` samples. Each of the values that it weighs
        # is at least what the sample needs, and so is their mean.
        first, second = self._ahead // 2 + 1, self._ahead - self._ahead // 2 + 1
        reduction = _sliding_sum(_sliding_sum(held, first), second)
        gain = 1.0 - reduction / (first * second * _UNIT)
        lowered = (block * gain).astype(np.float32)
        ceiling = self._ceiling
        return np.clip(lowered, -ceiling, ceiling, out=lowered)  # products are rounded


def _finite(block: Samples) -> Samples:
    if np.isfinite(block).all():
        return block
    return np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)


def _sliding_max(values: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """The highest of each ``width`` values in a row."""
    covered = 1
    while covered < width:
        step = min(covered, width - covered)
        values = np.maximum(values[:-step], values[step:])
        covered += step
    return values


def _sliding_sum(values: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """The sum of each ``width`` values in a row."""
    sums = np.zeros(values.size + 1, np.int64)
    np.cumsum(values, out=sums[1:])
    return sums[width:] - sums[:-width]
