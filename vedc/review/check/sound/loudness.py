"""Loudness and true peak, by EBU R 128."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

import numpy as np

from vedc.audio.meter import Meter
from vedc.review.check.core.check import Base, Check, Film, Limit, Sound
from vedc.review.check.core.finding import Finding

_MEASURED: Final = (1, 2, 6)
"""Numbers of channels that have a place, and so a weight."""


class Loudness(Base):
    """Measures for both checks; each makes its own findings for a film."""

    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._meter: Meter | None = None
        self._loudest = (0.0, 0)
        """The greatest sample and its place."""
        self._rate = 48_000
        self._values: dict[str, float | None] = {}

    def push(self, part: Sound, /) -> None:
        channels = len(part.samples)
        if self._meter is None:
            assert channels in _MEASURED
            self._meter, self._rate = Meter(part.rate, channels), part.rate
        if part.samples.shape[1]:
            self._meter.add(part.samples)
            peaks = np.abs(part.samples).max(0)
            at = int(peaks.argmax())
            if peaks[at] > self._loudest[0]:
                self._loudest = float(peaks[at]), part.first + at

    def finish(self) -> Iterable[Finding]:
        if self._meter is None:
            return
        found, film = self._meter.result(), self.film
        self._values = {
            "integrated": found.integrated if found.known else None,
            "loudness_range": found.range if found.known else None,
            "true_peak": None if math.isinf(found.true_peak) else found.true_peak,
        }
        if found.known:
            yield from self._integrated(found.integrated, found.range)
        limit = film.limits["true-peak.highest"]
        if limit is None:
            limit = film.loudness.true_peak if film.loudness is not None else -1.0
        # True-peak meters differ by a few tenths (ITU-R BS.1770): the displayed value counts.
        if round(found.true_peak, 1) > limit:
            start = film.media.audio.start if film.media.audio else Fraction(0)
            at = start + Fraction(self._loudest[1], self._rate)
            yield film.found(
                "true-peak", "error" if film.loudness is not None else "warning",
                f"the true peak is {found.true_peak:.1f} dBTP, above {limit:g}",
                times=(at, at), measured=round(found.true_peak, 2), limit=limit, unit="dBTP",
                cure=f"limit it: master: {{limiter: {limit:g}dB}}, or a loudness with this tp",
            )  # fmt: skip

    def _integrated(self, integrated: float, width: float) -> Iterable[Finding]:
        film = self.film
        wanted = film.limits["loudness.integrated"]
        if wanted is None and film.loudness is not None:
            wanted = film.loudness.integrated
        tolerance = film.limit("loudness.tolerance")
        if wanted is not None and abs(integrated - wanted) > tolerance + 1e-6:
            way = "louder" if integrated > wanted else "softer"
            yield film.found(
                "loudness", "error",
                f"the loudness is {integrated:.1f} LUFS, {abs(integrated - wanted):.1f} LU {way} "
                f"than {wanted:g}",
                measured=round(integrated, 2), limit=wanted, unit="LUFS",
                cure=f"set loudness: {{i: {wanted:g}}} for the output",
            )  # fmt: skip
        widest = film.limits["loudness.range"]
        if widest is None and film.loudness is not None:
            widest = film.loudness.range
        if widest is not None and width > widest + 0.5:
            yield film.found(
                "loudness", "error", f"the loudness range is {width:.1f} LU, more than {widest:g}",
                measured=round(width, 2), limit=widest, unit="LU",
                cure=f"set loudness: {{lra: {widest:g}}} for the output",
            )  # fmt: skip

    def measured(self) -> dict[str, float | None]:
        return self._values


LOUDNESS: Final = Check(
    "loudness",
    "a loudness that is not the one asked for",
    "sound",
    "Integrated loudness and loudness range, as FFmpeg's ebur128 measures them. They are always "
    "measured, and compared with a target where the spec, --target or --limit names one. Less than "
    "3.4 seconds of sound have no loudness range.",
    "EBU R 128: -23 LUFS. Its version 3 allowed 0.5 LU; version 4 allows 0.2 LU for differences "
    "between meters, and 1 LU where a programme cannot be aimed exactly, as when it is live. Other "
    "targets as `loudness` has them",
    Loudness,
    (
        Limit("integrated", None, "LUFS", "the loudness of the film"),
        Limit("tolerance", 0.5, "LU", "how far it may be off"),
        Limit("range", None, "LU", "the greatest loudness range"),
    ),
)
TRUE_PEAK: Final = Check(
    "true-peak",
    "peaks between samples that are too high",
    "sound",
    "The highest true peak, as FFmpeg's ebur128 measures it, rounded to a tenth of a decibel. The "
    "time given is that of the highest sample.",
    "EBU R 128: -1 dBTP, unless the target has another",
    Loudness,
    (
        Limit(
            "highest", None, "dBTP", "the highest true peak; by default that of the target, or -1"
        ),
    ),
)
