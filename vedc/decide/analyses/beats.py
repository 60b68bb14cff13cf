"""Onsets of sounds, and the beats of music.

``flux`` is the spectral flux (SuperFlux: S. Böck, G. Widmer, "Maximum filter vibrato
suppression for onset detection", DAFx 2013): the rise of log magnitudes in quarter-tone bands,
each compared with the largest of its neighbours a moment earlier, so that glides and vibrato
do not count.

``onsets`` are its peaks. ``beats`` are placed by dynamic programming over it (D. Ellis, "Beat
tracking by dynamic programming", JNMR 2007); the tempo comes from the autocorrelation of a
moving window, so it may change.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Final, cast

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vedc.decide.analyses.analysis import SoundBlock, audio_of, derived, sound
from vedc.decide.analyses.decode_sound import RATE
from vedc.decide.analyses.results import Curve, Event, Events
from vedc.decide.arrays import Float, Floats, Ints
from vedc.edit.media_info import MediaInfo

PER_SECOND: Final = 100
HOP: Final = RATE // PER_SECOND
_WINDOW: Final = 2048
_BANDS_PER_OCTAVE: Final = 24
_LOWEST, _HIGHEST = 30.0, 17_000.0
_BACK: Final = 1
"""How many hops earlier the spectrum is compared. Windows a hop apart overlap by 3/4."""


@sound("flux", version=1, gives=Curve)
class Flux:
    """Computes the onset strength, 100 times a second."""

    def __init__(self, media: MediaInfo) -> None:
        self._start = audio_of(media).start
        # The first window is centred on the first sample.
        self._carry = np.zeros(_WINDOW // 2, np.float32)
        self._last = np.zeros((_BACK, _filters().shape[1]), np.float32)
        self._values: list[Float] = []
        self._total = 0

    def push(self, block: SoundBlock) -> None:
        self._total += block.samples.shape[1]
        self._add(block.samples.mean(axis=0))

    def finish(self) -> Curve:
        self._add(np.zeros(_WINDOW, np.float32))
        values = np.concatenate([np.zeros(0, np.float32), *self._values])
        count = -(-self._total // HOP)
        return Curve(values[:count], Fraction(PER_SECOND), self._start)

    def _add(self, samples: Float) -> None:
        wave = np.concatenate([self._carry, samples])
        count = max((len(wave) - _WINDOW) // HOP + 1, 0)
        self._carry = wave[count * HOP :]
        if not count:
            return
        windows = sliding_window_view(wave, _WINDOW)[::HOP][:count] * _hann()
        bands = np.log10(1 + np.abs(np.fft.rfft(windows)).astype(np.float32) @ _filters())
        known = np.concatenate([self._last, bands])
        self._last = known[-_BACK:]
        before = np.pad(known[:-_BACK], ((0, 0), (1, 1)), mode="edge")
        widest = np.maximum(np.maximum(before[:, :-2], before[:, 1:-1]), before[:, 2:])
        self._values.append(np.maximum(known[_BACK:] - widest, 0).sum(axis=1))


@cache
def _hann() -> Float:
    return cast("Float", np.hanning(_WINDOW + 1)[:-1].astype(np.float32))


@cache
def _filters() -> Float:
    """Triangles a quarter tone apart, (bins, bands); one per bin where bins are coarser."""
    octaves = np.log2(_HIGHEST / _LOWEST)
    steps = np.arange(int(octaves * _BANDS_PER_OCTAVE) + 1) / _BANDS_PER_OCTAVE
    centres = np.unique(np.rint(_LOWEST * 2**steps * _WINDOW / RATE).astype(int))
    bins = np.arange(_WINDOW // 2 + 1)
    bank = [np.interp(bins, centres[i : i + 3], [0, 1, 0]) for i in range(len(centres) - 2)]
    return np.stack(bank, axis=1).astype(np.float32)


# -- onsets ----------------------------------------------------------------------------------

_MEAN: Final = (10, 7)
"""Hops before and after a peak over which the mean is taken; the peak must exceed it."""
_PEAK: Final = (3, 3)
"""Hops before and after within which a peak is the largest. Closer onsets are merged."""
_STANDS_OUT: Final = 1.25
"""Flux above the mean that makes an onset: a band of noise at -60 dB, or a soft note."""


@derived("onsets", version=1, gives=Events, needs=("flux",))
def onsets(media: MediaInfo, flux: Curve, threshold: float = _STANDS_OUT) -> Events:
    """Onsets of sounds. The strength reaches 1 at the 95th percentile."""
    values = flux.values.astype(np.float64)
    if not len(values):
        return Events()
    before, after = _MEAN
    mean = sliding_window_view(np.pad(values, (before, after)), before + after + 1).mean(axis=1)
    before, after = _PEAK
    top = sliding_window_view(np.pad(values, (before, after)), before + after + 1).max(axis=1)
    places = np.flatnonzero((values == top) & (values >= mean + threshold))
    places = places[np.diff(places, prepend=-_PEAK[0] - 1) > _PEAK[0]]  # the first of equal ones
    if not len(places):
        return Events()
    scale = np.percentile(values[places], 95)
    return Events(
        tuple(
            Event(_fine(flux, values, int(i)), round(float(min(values[i] / scale, 1.0)), 3))
            for i in places
        )
    )


_EARLY: Final = Fraction(17, 2000)
"""Seconds by which the flux peaks before the sound begins."""


def _fine(flux: Curve, values: Floats, index: int) -> Fraction:
    """The time of a peak to a millisecond, from the parabola through it and its neighbours."""
    shift = 0.0
    if 0 < index < len(values) - 1:
        left, middle, right = values[index - 1 : index + 2]
        bend = left - 2 * middle + right
        shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return flux.time(index) + _EARLY + Fraction(round(1000 * shift / PER_SECOND), 1000)


# -- beats -----------------------------------------------------------------------------------

_SLOWEST, _FASTEST = 40.0, 240.0
"""Beats per minute."""
_PER_OCTAVE: Final = 48
"""Tempi tried per octave."""
_USUAL, _SPREAD = 120.0, 0.5
"""Preferred tapping tempo in beats per minute, and its standard deviation in octaves: music
that fits 75 as well as 150 is counted at 150, and at 100 rather than 200."""
_SPAN, _STRIDE = 8 * PER_SECOND, PER_SECOND // 2
"""Window and stride of the tempo measurement, in hops."""
_PULSE: Final = 0.25
"""Weight of the Fourier transform against the autocorrelation. The former is low at 2/5 and
1/2 of the tempo, where the latter is high, and high at twice the tempo, where it is low."""
_AT_LEAST_AGAIN, _AT_LEAST_PULSE = 0.05, 0.02
"""Floor of each: below it there is only noise."""
_STEADY: Final = 50.0
"""Cost of a tempo change of one octave, sudden or gradual."""
_TIGHT: Final = 100.0
"""Ellis's alpha: the cost of uneven spacing against onset strength."""
_NEAR, _WEAK = 5, 0.25
"""Hops around a beat within which its onset may lie, and its least strength relative to the
rest."""


def strength(flux: Curve) -> Floats:
    """Flux above its mean over half a second, in units of its deviation over six seconds."""
    values = flux.values.astype(np.float64)
    rise = np.maximum(values - _smooth(values, PER_SECOND // 4), 0)
    deviation = np.sqrt(_smooth(np.square(rise), 3 * PER_SECOND))
    floor = 0.1 * float(np.sqrt(np.mean(np.square(rise)))) + 1e-6  # near silence
    return rise / np.maximum(deviation, floor)


def _smooth(values: Floats, reach: int) -> Floats:
    """The mean of the values within ``reach`` of each."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(values))
    return cast("Floats", (sums[high] - sums[low]) / (high - low))


def tempi(onset: Floats) -> Floats:
    """The period of the beat, in hops, at every hop.

    In a window of eight seconds around every half second, a tempo is likelier the more the
    onsets repeat after its period, the stronger its Fourier component (G. Peeters,
    "Template-based estimation of time-varying tempo", EURASIP JASP 2007, combines both), and
    the nearer it is to the preferred tapping tempo. The likeliest path through all windows wins.
    """
    octaves = np.arange(round(np.log2(_FASTEST / _SLOWEST) * _PER_OCTAVE) + 1) / _PER_OCTAVE
    lags = 60 * PER_SECOND / (_SLOWEST * 2**octaves)
    usual = -0.5 * np.square((octaves - np.log2(_USUAL / _SLOWEST)) / _SPREAD)
    window, at = np.hanning(_SPAN), np.arange(_SPAN)
    waves = np.exp(-2j * np.pi * at[:, None] / lags[None, :])
    overlap = np.maximum(_same(window), 0.05 * _same(window)[0])
    padded = np.pad(onset, _SPAN // 2)
    centres = np.arange(0, len(onset), _STRIDE)
    like = np.empty((len(centres), len(lags)))
    for row, centre in enumerate(centres):
        part = padded[centre : centre + _SPAN] * window
        pulse = np.abs(part @ waves) / max(float(part.sum()), 1e-9)
        again = _same(part - part.mean() * window / window.mean()) / overlap
        again = np.interp(lags, at, again / max(again[0], 1e-9))
        like[row] = np.log(np.maximum(again, 0) + _AT_LEAST_AGAIN) + usual
        like[row] += _PULSE * np.log(pulse + _AT_LEAST_PULSE)
    path = _likeliest(like, octaves)
    return 2 ** np.interp(np.arange(len(onset)), centres, np.log2(lags[path]))


def _same(part: Floats) -> Floats:
    """The autocorrelation, for lags from 0."""
    power = np.square(np.abs(np.fft.rfft(part, 2 * len(part))))
    return np.fft.irfft(power)[: len(part)]


def _likeliest(like: Floats, octaves: Floats) -> Ints:
    """The best path through the rows, net of transition costs (Viterbi)."""
    cost = _STEADY * np.abs(octaves[:, None] - octaves[None, :])
    best = like[0]
    back: list[Ints] = []
    for row in like[1:]:
        ways = best[None, :] - cost
        back.append(ways.argmax(axis=1))
        best = ways.max(axis=1) + row
    path = [int(best.argmax())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    return np.array(path[::-1])


def follow(onset: Floats, period: Floats) -> list[int]:
    """Hops of the beats: strong onsets, spaced as evenly as possible (Ellis 2007)."""
    score, back = np.array(onset), np.full(len(onset), -1)
    for at in range(len(onset)):
        one = period[at]
        low, high = int(at - 2 * one), int(at - one / 2)
        if high < 0:
            continue
        low = max(low, 0)
        steps = np.log(np.arange(at - low, at - high - 1, -1) / one)
        ways = score[low : high + 1] - _TIGHT * np.square(steps)
        place = int(ways.argmax())
        if ways[place] > 0 or at > 4 * one:
            score[at] += ways[place]
            back[at] = low + place
    last = max(len(onset) - int(period[-1]), 0)
    at = last + int(score[last:].argmax())
    found = []
    while at >= 0:
        found.append(at)
        at = int(back[at])
    return _sounding(onset, found[::-1])


def _sounding(onset: Floats, found: list[int]) -> list[int]:
    """Drop beats before the first and after the last audible one."""
    near = sliding_window_view(np.pad(onset, _NEAR), 2 * _NEAR + 1).max(axis=1)[found]
    loud = np.flatnonzero(near >= _WEAK * np.sqrt(np.mean(np.square(near))))
    return found[loud[0] : loud[-1] + 1] if len(loud) else []


@derived("beats", version=1, gives=Events, needs=("flux",))
def beats(media: MediaInfo, flux: Curve) -> Events:
    """The beats with their strength; ``tempo`` is their median, in beats per minute."""
    if not flux.values.any():
        return Events()
    onset = strength(flux)
    found = follow(onset, tempi(onset))
    if not found:
        return Events()
    scale = max(float(np.percentile(onset[found], 95)), 1e-6)
    events = tuple(
        Event(_fine(flux, onset, i), round(float(min(onset[i] / scale, 1.0)), 3)) for i in found
    )
    times = np.array([float(event.time) for event in events])
    over = min(8, len(times) - 1)  # a single interval is only exact to some hundredths
    if over < 1:
        return Events(events)
    return Events(events, round(60 * over / float(np.median(times[over:] - times[:-over])), 2))
