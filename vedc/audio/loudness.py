"""A film's sound at a given loudness: measured, then scaled as a whole.

The mix is kept in a temporary file and measured. One gain for all of it brings it to its integrated
loudness. If its true peaks would then exceed their ceiling, a limiter lowers those,
and the gain compensates. If its loudness range is too wide, a gain that follows the short-term
loudness narrows it first. The file itself counts: lossy codecs raise peaks, so the written file
is measured and, if it exceeds its ceiling, made again under a lower one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from vedc.audio.limiter import Overload, limit
from vedc.audio.meter import STEP, Loudness, Meter
from vedc.audio.signal.curves import amplitude
from vedc.edit.sounds import LoudnessTarget

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.audio.decode import Samples

_CLOSE: Final = 0.02
"""Accepted error of a gain in LU."""

_TURNS: Final = 8
"""The most gains tried under a limiter."""

_MOST_LIMITED: Final = 20.0
"""The most decibels a limiter may take: beyond that, the result sounds bad."""

_MARGIN: Final = 0.05
"""Decibels of the limiter's ceiling below the requested true peak."""

_SHORT_TERM: Final = 3.0
"""Seconds that a short-term loudness covers."""

_GATE: Final = 20.0
"""The range's gate, in LU below the integrated loudness: softer sound is raised no further."""

TOLERANCE: Final = 0.1
"""LU and dB by which a written file may miss its target."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """The result of normalising a film's loudness."""

    target: LoudnessTarget
    mixed: Loudness
    """Of the mix."""
    gain_db: float
    written: Loudness
    """Of the file."""
    narrowed: bool = False
    """Whether its range was narrowed."""
    peaks: Overload | None = None
    """Where the limiter acts."""

    @property
    def known(self) -> bool:
        return self.mixed.known

    def text(self) -> str:
        """One line for the user."""
        if not self.known:
            return "the sound is too short or too soft for its loudness to be measured"
        way = "raised" if self.gain_db >= 0 else "lowered"
        line = (
            f"the loudness of the mix is {self.mixed.integrated:.1f} LUFS; it is {way} by "
            f"{abs(self.gain_db):.1f} dB to {self.written.integrated:.1f} LUFS with a true peak of "
            f"{self.written.true_peak:.1f} dBTP"
        )
        if self.narrowed:
            line += (
                f", and its range is narrowed from {self.mixed.range:.1f} to "
                f"{self.written.range:.1f} LU"
            )
        if self.peaks is not None and self.peaks.places:
            line += f"; peaks are lowered by {self.peaks.by()} at {self.peaks.where()}"
        return line

    def missed(self) -> str | None:
        """How the file misses its target."""
        wanted, got = self.target, self.written
        found = []
        if abs(got.integrated - wanted.integrated) > TOLERANCE:
            found.append(f"{got.integrated:.1f} LUFS instead of {wanted.integrated:g}")
        if got.true_peak > wanted.true_peak + 2 * TOLERANCE:
            found.append(f"a true peak of {got.true_peak:.1f} dBTP instead of {wanted.true_peak:g}")
        if wanted.range is not None and got.range > wanted.range + 0.5:
            found.append(f"a range of {got.range:.1f} LU instead of {wanted.range:g}")
        return "the file has " + " and ".join(found) if found else None

    def to_meta(self) -> dict[str, Any]:
        """As metadata of a stored sound."""
        return {
            "target": asdict(self.target),
            "mixed": self.mixed._asdict() | {"true_peak": _finite(self.mixed.true_peak)},
            "gain_db": self.gain_db,
            "written": self.written._asdict() | {"true_peak": _finite(self.written.true_peak)},
            "narrowed": self.narrowed,
            "peaks": self.peaks and self.peaks.to_meta(),
        }

    def summary(self) -> dict[str, Any]:
        """As documented JSON."""

        def rounded(found: Loudness) -> dict[str, float]:
            return {name: round(_finite(value), 2) for name, value in found._asdict().items()}

        gain = round(self.gain_db, 2)
        return {"gain_db": gain, "mix": rounded(self.mixed), "file": rounded(self.written)}

    @classmethod
    def from_meta(cls, meta: object) -> Normalised | None:
        """From what ``to_meta`` gives, read from a file; None for anything else."""
        if not isinstance(meta, Mapping):
            return None
        try:
            return cls(
                LoudnessTarget(**meta["target"]),
                Loudness(**{name: float(value) for name, value in meta["mixed"].items()}),
                float(meta["gain_db"]),
                Loudness(**{name: float(value) for name, value in meta["written"].items()}),
                bool(meta["narrowed"]),
                Overload.from_meta(meta["peaks"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            return None


def _finite(decibels: float) -> float:
    """A level as JSON can hold it."""
    return max(decibels, -200.0)


class Master:
    """The mix of a film, kept in ``scratch``, at a loudness.

    ``tick`` is called after each block that is mixed or measured.
    """

    def __init__(
        self,
        blocks: Iterable[Samples],
        target: LoudnessTarget,
        rate: int,
        channels: int,
        scratch: IO[bytes],
        tick: Callable[[], None],
    ) -> None:
        self._target, self._rate, self._channels = target, rate, channels
        self._scratch, self._tick = scratch, tick
        self._lengths: list[int] = []
        self._curve: NDArray[np.float64] | None = None
        """Decibels that narrow the range, at each tenth of a second."""
        self._gain = 0.0
        self._ceiling = target.true_peak - _MARGIN
        self._aim = target.integrated
        self._overload: Overload | None = None
        self._mixed, short_term = self._measure(self._kept(blocks))
        self._now = self._mixed
        """The measured sound before the gain."""
        if self._mixed.known:
            if target.range is not None and self._mixed.range > target.range:
                self._narrow(target.range, short_term)
            self._find_gain()

    def play(self) -> Iterator[Samples]:
        """The sound to write."""
        self._overload = Overload(self._rate)
        return self._limited(self._overload)

    def correct(self, written: Loudness, *, whole: bool) -> bool:
        """Whether another attempt by ``play`` is likely to come closer to the target.

        ``written`` is the loudness of the file that holds the last; ``whole``: all of it.
        """
        over = written.true_peak - self._target.true_peak
        off = self._target.integrated - written.integrated if whole else 0.0
        if not self._mixed.known or (over <= TOLERANCE and abs(off) <= TOLERANCE / 2):
            return False
        if over > TOLERANCE:
            self._ceiling -= over + _MARGIN
        if abs(off) > TOLERANCE / 2:
            self._aim += off
        self._find_gain()
        return True

    def report(self, written: Loudness) -> Normalised:
        return Normalised(
            self._target,
            self._mixed,
            self._gain,
            written,
            self._curve is not None,
            self._overload,
        )

    # Sound

    def _kept(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        for block in blocks:
            self._lengths.append(block.shape[1])
            self._scratch.write(np.ascontiguousarray(block, np.float32).tobytes())
            yield block

    def _mix(self) -> Iterator[Samples]:
        self._scratch.seek(0)
        at = 0
        for length in self._lengths:
            data = self._scratch.read(4 * self._channels * length)
            block = np.frombuffer(data, np.float32).reshape(self._channels, length).copy()
            if self._curve is not None:
                block *= self._steadying(at, length)
            at += length
            yield block

    def _steadying(self, start: int, count: int) -> Samples:
        assert self._curve is not None
        times = np.arange(start, start + count) / self._rate
        # A value stands for the middle of the three seconds that it covers.
        middles = (np.arange(self._curve.size) + 1) / STEP - _SHORT_TERM / 2
        decibels = np.interp(times, middles, self._curve)
        factors: Samples = np.power(10.0, decibels / 20).astype(np.float32)
        return factors

    def _limited(self, overload: Overload) -> Iterator[Samples]:
        factor = np.float32(amplitude(self._gain))
        blocks = (block * factor for block in self._mix())
        if self._needs_limiter:
            return limit(blocks, self._rate, overload, amplitude(self._ceiling))
        return limit(blocks, self._rate, overload)  # exceeds full scale nowhere

    @property
    def _needs_limiter(self) -> bool:
        return self._now.true_peak + self._gain > self._ceiling

    # Levels

    def _measure(
        self, blocks: Iterable[Samples], *, peaks: bool = True
    ) -> tuple[Loudness, list[float]]:
        meter = Meter(self._rate, self._channels, peaks=peaks)
        for block in blocks:
            meter.add(block)
            self._tick()
        return meter.result(), meter.short_term

    def _find_gain(self) -> None:
        linear = self._gain = self._aim - self._now.integrated
        if not self._needs_limiter:
            return
        slope, before = 1.0, (self._gain, self._aim)
        for turn in range(_TURNS):
            limited = self._limited(Overload(self._rate))
            reached = self._measure(limited, peaks=False)[0].integrated
            off = self._aim - reached
            if abs(off) <= _CLOSE or self._gain >= linear + _MOST_LIMITED:
                return
            if turn and self._gain != before[0]:
                # The more is limited, the less a decibel of gain raises the loudness.
                slope = (reached - before[1]) / (self._gain - before[0])
            before = self._gain, reached
            self._gain += off / min(max(slope, 0.1), 1.0)
            self._gain = min(self._gain, linear + _MOST_LIMITED)

    def _narrow(self, wanted: float, short_term: list[float]) -> None:
        """Compress the short-term loudness about the integrated one until the range is narrow."""
        first = round(_SHORT_TERM * STEP) - 1
        levels = np.array(short_term)
        levels[:first] = levels[min(first, levels.size - 1)]  # of a window that is not yet full
        levels = np.maximum(levels, self._mixed.integrated - _GATE) - self._mixed.integrated
        share = 1.0
        for _ in range(_TURNS):
            share *= wanted / max(self._now.range, wanted)
            self._curve = (share - 1.0) * levels
            self._now, _ = self._measure(self._mix())
            if self._now.range <= wanted + TOLERANCE:
                return
