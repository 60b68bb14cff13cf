"""Level of the sound, a hundred times a second, and silence.

``level`` gives three curves in decibels, none below ``FLOOR``:

- ``rms`` and ``peak`` of the following ten milliseconds, in dBFS (a full-scale square wave has
  0 dB in both), of the louder channel: a voice on one channel is as loud as on both.
- ``loudness``: momentary loudness by ITU-R BS.1770-5 in LUFS: K-weighted, both channels added,
  over the 400 ms around the moment (meters show the 400 ms before).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from vedc.decide.analyses.analysis import SoundBlock, audio_of, derived, sound
from vedc.decide.analyses.decode_sound import RATE
from vedc.decide.analyses.results import Curve, Curves, Span, Spans, merged
from vedc.decide.arrays import Array, Bools, Float, true_runs
from vedc.edit.media_info import MediaInfo
from vedc.errors import InternalError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

PER_SECOND: Final = 100
HOP: Final = RATE // PER_SECOND

FLOOR: Final = -100.0
"""The least level in decibels. The noise of 16 bits has -98 dB."""

#: BS.1770-5, tables 1 and 2: the coefficients of the two filters at 48 kHz.
_SHELF: Final = {
    "b0": 1.53512485958697, "b1": -2.69169618940638, "b2": 1.19839281085285,
    "a0": 1.0, "a1": -1.69065929318241, "a2": 0.73248077421585,
}  # fmt: skip
_HIGH_PASS: Final = {
    "b0": 1.0, "b1": -2.0, "b2": 1.0,
    "a0": 1.0, "a1": -1.99004745483398, "a2": 0.99007225036621,
}  # fmt: skip
_OFFSET: Final = -0.691
"""Its equation 2: makes a tone of 997 Hz read as its level."""
_HISS: Final = np.float32(1e-15)
"""Added to every second sample: denormals, to which the filters decay in digital silence, take
twenty times as long to compute with."""
_MOMENT: Final = 40
"""Hops in 400 ms."""


@sound("level", version=1, gives=Curves)
class Level:
    """Watches the sound for :class:`Curves` ``rms``, ``peak`` and ``loudness``."""

    def __init__(self, media: MediaInfo) -> None:
        self._start = audio_of(media).start
        self._weigh = _Weighting()
        self._carry = np.zeros((2, 0), np.float32)
        self._carry_weighted = np.zeros((2, 0), np.float32)
        self._mean: list[Float] = []
        self._peak: list[Float] = []
        self._power: list[Float] = []

    def push(self, block: SoundBlock) -> None:
        plain = np.concatenate([self._carry, block.samples], axis=1)
        weighted = np.concatenate([self._carry_weighted, self._weigh(block.samples)], axis=1)
        whole = plain.shape[1] // HOP * HOP
        self._measure(plain[:, :whole], weighted[:, :whole], HOP)
        self._carry, self._carry_weighted = plain[:, whole:], weighted[:, whole:]

    def finish(self) -> Curves:
        if self._carry.shape[1]:
            self._measure(self._carry, self._carry_weighted, self._carry.shape[1])
        power = np.concatenate([np.zeros(0, np.float32), *self._power])
        values = {
            "rms": _decibels(np.concatenate([np.zeros(0, np.float32), *self._mean]), 10),
            "peak": _decibels(np.concatenate([np.zeros(0, np.float32), *self._peak]), 20),
            "loudness": _momentary(power),
        }
        return Curves(values, Fraction(PER_SECOND), self._start)

    def _measure(self, plain: Float, weighted: Float, length: int) -> None:
        """Append the measures of hops of ``length`` samples."""
        hops = plain.reshape(2, -1, length)
        self._mean.append(np.square(hops).mean(axis=2).max(axis=0))
        self._peak.append(np.abs(hops).max(axis=(0, 2)))
        self._power.append(np.square(weighted.reshape(2, -1, length)).mean(axis=2).sum(axis=0))


class _Weighting:
    """The K filter on two channels, block by block, by libavfilter, without delay."""

    def __init__(self) -> None:
        import av

        self._graph = av.filter.Graph()
        self._graph.threads = 1
        source = f"sample_rate={RATE}:sample_fmt=fltp:channel_layout=stereo:time_base=1/{RATE}"
        chain = [
            self._graph.add("abuffer", source),
            *(self._graph.add("biquad", _options(part)) for part in (_SHELF, _HIGH_PASS)),
            self._graph.add("abuffersink"),
        ]
        self._graph.link_nodes(*chain)
        self._graph.configure()
        self._first, self._last = chain[0], chain[-1]

    def __call__(self, samples: Float) -> Float:
        from av.audio.frame import AudioFrame as Frame

        audible = samples.copy()
        audible[:, ::2] += _HISS
        frame = Frame.from_ndarray(audible, "fltp", "stereo")
        frame.sample_rate = RATE
        self._first.push(frame)
        weighted = cast("AudioFrame", self._last.pull()).to_ndarray()
        if weighted.shape != samples.shape:
            raise InternalError("the weighting filter changed the number of samples")
        return cast("Float", weighted)


def _options(coefficients: Mapping[str, float]) -> str:
    numbers = (f"{name}={value!r}" for name, value in coefficients.items())
    return ":".join((*numbers, "precision=f64"))  # 38 Hz is too low for 32 bits


def _decibels(values: Array, factor: int) -> Float:
    tiny = 10 ** (FLOOR / factor) / 2  # only so that the logarithm exists
    decibels = factor * np.log10(np.maximum(values, tiny))
    return cast("Float", np.maximum(decibels, FLOOR).astype(np.float32))


def _momentary(power: Float) -> Float:
    """Loudness of the 400 ms around each hop's start; outside the file is silence."""
    padded = np.pad(power.astype(np.float64), (_MOMENT // 2, _MOMENT // 2))
    sums = np.concatenate([[0.0], np.cumsum(padded)])
    mean = (sums[_MOMENT:] - sums[:-_MOMENT])[: len(power)] / _MOMENT
    return _decibels(mean * 10 ** (_OFFSET / 10), 10)


# -- silence ---------------------------------------------------------------------------------

MIN_SILENCE: Final = Fraction(1, 2)
"""Seconds: a pause between thoughts. Between words it is a tenth of a second."""

_AROUND: Final = 15
"""Seconds before and after a moment in which its noise is measured: several breaths."""
_QUIET: Final = 10.0
"""Percentile of a talk's level that counts as its noise: its pauses."""
_SHARE: Final = 0.3
"""Position of the threshold from noise to programme level: noise, which fluctuates by some dB,
stays below; soft consonants, some 25 dB softer than vowels, stay above."""
_LEAST_BELOW, _MOST_BELOW = 12.0, 45.0
"""Decibels below the programme level. Noise above the first leaves no way to find pauses; sound
below the second is masked."""
_NEVER: Final = -70.0
"""Decibels: the absolute gate of BS.1770; softer sound is never heard."""
_GATE: Final = 10.0
"""Decibels: its relative gate."""

_SLACK: Final = 6.0
"""Decibels below the threshold at which sound still belongs to an adjacent one."""
_ATTACK, _DECAY = 15, 25
"""The most hops of such sound: before it (s, f before a vowel), and after it (decay of words and
rooms)."""
_JOINED, _CLICK = 10, 5
"""Hops: sounds closer than the first count as one; a single one shorter than the second is a click
and does not end a silence."""


@derived("silence", version=1, gives=Spans, needs=("level",))
def silence(
    media: MediaInfo,
    level: Curves,
    threshold: float | None = None,
    min_silence: float | str = str(MIN_SILENCE),
) -> Spans:
    """Intervals of silence of at least ``min_silence`` seconds (a number, or ``"1/3"``).

    ``threshold``: dBFS that sound must reach (None: :func:`thresholds`). Edges are on the
    hundredths of ``level``; before and after the sound is silence too. The score is the mean depth
    below the threshold: 1 at 20 dB or more.
    """
    curve = level["rms"]
    high = thresholds(curve) if threshold is None else np.full_like(curve.values, threshold)
    audible = audible_in(curve, high)
    over = curve.end if media.duration is None else media.duration
    spans: list[Span] = []
    for first, end in true_runs(~audible):
        depth = float(np.mean(high[first:end] - curve.values[first:end]))
        score = round(min(max(depth / 20, 0.0), 1.0), 3)
        spans.append(Span(curve.time(first), min(curve.time(end), over), score))
    spans += Span(Fraction(0), curve.start), Span(curve.end, over)  # empty where it does not
    least = Fraction(min_silence)
    return Spans(tuple(s for s in merged(spans).spans if s.end - s.start >= least))


def thresholds(rms: Curve) -> Float:
    """For each value of ``rms``, the least audible level in dB.

    It is between the noise, the tenth percentile of the half minute around a moment, and the
    programme level, the mean power of the whole file gated twice as in BS.1770.
    """
    values = rms.values
    if not len(values):
        return values
    programme = _programme(values)
    per = int(rms.rate)
    centres = np.arange(0, len(values) + per, per)
    reach = _AROUND * per
    noise = [np.percentile(values[max(0, c - reach) : c + reach], _QUIET) for c in centres]
    floor = np.interp(np.arange(len(values)), centres, noise)
    low, high = max(programme - _MOST_BELOW, _NEVER), max(programme - _LEAST_BELOW, _NEVER)
    found = np.clip(floor + _SHARE * (programme - floor), low, high)
    return cast("Float", found.astype(np.float32))


def _programme(values: Float) -> float:
    """The programme level of a file in dB; ``FLOOR`` if it is silent."""
    power = 10 ** (values.astype(np.float64) / 10)
    loud = power[values > _NEVER]
    if not len(loud):
        return FLOOR
    gate = loud.mean() / 10 ** (_GATE / 10)
    return float(10 * np.log10(loud[loud >= gate].mean()))


def audible_in(rms: Curve, high: Float | None = None) -> Bools:
    """Which values are heard: those that reach ``high`` (None: :func:`thresholds`), and adjacent
    ones above a threshold 6 dB lower."""
    if high is None:
        high = thresholds(rms)
    audible = rms.values >= high
    near = rms.values >= high - _SLACK
    for _ in range(_ATTACK):
        audible[:-1] |= audible[1:] & near[:-1]
    for _ in range(_DECAY):
        audible[1:] |= audible[:-1] & near[1:]
    for first, end in true_runs(~audible):
        if end - first < _JOINED and first > 0 and end < len(audible):
            audible[first:end] = True
    for first, end in true_runs(audible):
        if end - first < _CLICK:
            audible[first:end] = False
    return audible
