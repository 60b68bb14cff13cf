"""Silence: stretches without sound, and channels that have none."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.review.check.core.check import Base, Check, Film, Limit, Sound
from vedc.review.check.core.finding import Finding, Runs

_WINDOWS: Final = 100
"""Windows a second, each silent or not."""


class _Silence(Base):
    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._level = 10 ** (film.limit("silence.level") / 20)
        self._runs = Runs(least=round(film.limit("silence.longest") * _WINDOWS))
        self._window = Fraction(1, _WINDOWS)
        """Seconds; rates such as 22.05 kHz have no whole number of samples in 10 ms."""
        self._rest: NDArray[Any] | None = None
        self._at = 0
        self._loudest: NDArray[Any] | None = None
        """By channel."""

    def push(self, part: Sound, /) -> None:
        samples = np.abs(part.samples)
        if not samples.shape[1]:
            return
        top = samples.max(1)
        self._loudest = top if self._loudest is None else np.maximum(self._loudest, top)
        size = max(1, part.rate // _WINDOWS)
        self._window = Fraction(size, part.rate)
        peaks = samples.max(0)
        if self._rest is not None:
            peaks = np.concatenate([self._rest, peaks])
        count = len(peaks) // size
        for quiet in peaks[: count * size].reshape(count, size).max(1) < self._level:
            self._runs.add(self._at, bool(quiet))
            self._at += 1
        self._rest = peaks[count * size :]

    def finish(self) -> Iterable[Finding]:
        self._runs.close()
        film = self.film
        if self._loudest is None:
            return
        audible = self._loudest >= self._level
        if not audible.any():
            yield film.found(
                "silence", "error", "the sound is silent throughout",
                cure="look at the sources of the mix", unit="s",
                measured=float(self._at * self._window),
            )  # fmt: skip
            return
        for channel in np.flatnonzero(~audible):
            name = _channel(int(channel), len(audible))
            yield film.found(
                "silence", "error" if len(audible) == 2 else "note", f"{name} is silent throughout",
                cure="give the sound both channels: channels: left, right or mono",
            )  # fmt: skip
        start = film.media.audio.start if film.media.audio else Fraction(0)
        longest = film.limit("silence.longest")
        for first, end in self._runs.closed:
            seconds = float((end - first) * self._window)
            if seconds >= longest:
                where = _where(first == 0, end >= self._at)
                yield film.found(
                    "silence", "warning", f"{seconds:.1f} s of silence{where}",
                    times=(start + first * self._window, start + end * self._window),
                    measured=seconds, limit=longest, unit="s",
                    cure="add room tone or music, or shorten it",
                )  # fmt: skip


def _where(first: bool, last: bool) -> str:
    return " at the start" if first else " at the end" if last else ""


def _channel(number: int, channels: int) -> str:
    names = ("the left channel", "the right channel")
    return names[number] if channels == 2 else f"channel {number + 1}"


SILENCE: Final = Check(
    "silence",
    "stretches of silence, and channels without sound",
    "sound",
    "Sound is silent where no sample of any channel reaches the level, in windows of 10 ms.",
    "level and length are those of FFmpeg's silencedetect",
    _Silence,
    (
        Limit("level", -60.0, "dB", "below it, of full scale, sound is silent"),
        Limit("longest", 2.0, "s", "silence that is reported"),
    ),
)
