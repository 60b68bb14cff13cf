"""Clipping: samples that were cut off at full scale."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.review.check.core.check import Base, Check, Film, Limit, Sound
from vedc.review.check.core.finding import Finding

_FULL: Final = 32766 / 32768
"""Where 16 bits end, less a step."""

_APART: Final = 1.0
"""Clipped peaks that are no further apart than this, in seconds, are one finding."""

_MANY: Final = 10
"""Clipped peaks in one place that everybody hears."""


class _Clipping(Base):
    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._least = round(film.limit("clipping.samples"))
        self._carried: list[int] = []
        self._rate = 48_000
        self._places: list[list[int]] = []
        """First sample, end, number of peaks and longest of each place."""

    def push(self, part: Sound, /) -> None:
        self._rate = part.rate
        if not self._carried:
            self._carried = [0] * len(part.samples)
        for channel, samples in enumerate(part.samples):
            self._channel(channel, samples, part.first)

    def _channel(self, channel: int, samples: NDArray[Any], first: int) -> None:
        """Runs of samples at full scale; those at the end of a block are carried to the next."""
        carried, full = self._carried[channel], np.abs(samples) >= _FULL
        if not carried and not full.any():
            return
        edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
        for begin, end in edges.reshape(-1, 2).tolist():
            start = first + begin - (carried if begin == 0 else 0)
            length = first + end - start
            if end == len(full):
                self._carried[channel] = length
                return
            self._add(start, length)
        if carried and not full[0]:
            self._add(first - carried, carried)
        self._carried[channel] = 0

    def _add(self, start: int, length: int) -> None:
        if length < self._least:
            return
        for place in reversed(self._places[-4:]):
            if start <= place[1] + _APART * self._rate:
                place[1] = max(place[1], start + length)
                place[0] = min(place[0], start)
                place[2] += 1
                place[3] = max(place[3], length)
                return
        self._places.append([start, start + length, 1, length])

    def finish(self) -> Iterable[Finding]:
        film = self.film
        begin = film.media.audio.start if film.media.audio else Fraction(0)
        for start, end, peaks, longest in self._places:
            words = "a peak is" if peaks == 1 else f"{peaks} peaks are"
            yield film.found(
                "clipping", "error" if peaks >= _MANY else "warning",
                f"{words} cut off at full scale, for up to {longest} samples",
                times=(begin + Fraction(start, self._rate), begin + Fraction(end, self._rate)),
                measured=float(longest), limit=film.limit("clipping.samples"), unit="samples",
                cure="lower the level before the limiter, and mix it again: volume: -3dB",
            )  # fmt: skip

    def measured(self) -> dict[str, float | None]:
        return {"clipped_peaks": float(sum(place[2] for place in self._places))}


CLIPPING: Final = Check(
    "clipping",
    "sound that was cut off at full scale",
    "sound",
    "Successive samples of a channel at full scale or above, within a step of 16 bits. A sample "
    "alone may be a peak; several in a row are flat. Ten such peaks in one place are an error.",
    "vedc's own, as audio editors do it",
    _Clipping,
    (Limit("samples", 3.0, "samples", "successive samples at full scale that are clipping"),),
)
