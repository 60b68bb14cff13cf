"""Sound at another speed, with its pitch kept or following the speed.

A phase vocoder keeps the pitch. Each of its blocks is the stretch of source around the time that
the map names, so sound stays in step with the picture whatever the map. Blocks are joined by phase:
that of the last block output, plus the source's own advance over one hop, at each peak of the
spectrum and the bins around it (identity phase locking: Laroche and Dolson, "Improved phase vocoder
time-scale modification of audio", 1999). One rotation serves all channels, which keeps their image.

Attacks play at their own speed around the moment when they are due: blocks at other distances would
repeat or smear them.

A pitch that follows the speed is resampling by a windowed sinc at the positions of the map.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vedc.audio.attacks import Attacks
from vedc.audio.seam import Seams
from vedc.audio.tape import Tape
from vedc.edit.time_map import TimeMap
from vedc.edit.times import round_half_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.audio.decode import Samples

    Floats = NDArray[np.float64]
    Spectra = NDArray[np.complex128]

_BLOCK: Final = Fraction(2048, 48000)
"""Seconds of a block: long enough to resolve low notes, short enough for speech."""

_OVERLAP: Final = 4
"""Blocks that overlap at each sample."""

_ZEROS: Final = 24
"""Zero crossings of the resampler's sinc on either side."""

_TABLE: Final = 1 << 18
"""Taps in the table of the sinc: at speed 1, 4096 phases."""

_AT_ONCE: Final = 1 << 19
"""Taps that are applied at once."""


def retimed(
    time_map: TimeMap, tape: Tape, rate: int, pitch: Literal["keep", "follow"]
) -> Straight | Stretcher:
    """A reader of a piece that plays ``tape`` along ``time_map``."""
    if all(abs(ramp.slope) in (0, 1) for ramp in time_map.ramps):
        return Straight(time_map, tape, rate)
    return (Stretcher if pitch == "keep" else Resampler)(time_map, tape, rate)


class Straight:
    """Sound at its own speed, forwards or backwards, sample by sample; silent where it stands.

    Joins of parts do not click.

    As for the other classes here, ``time_map`` maps samples of the piece to samples of ``tape``.
    """

    def __init__(self, time_map: TimeMap, tape: Tape, rate: int) -> None:
        self._map, self._tape, self._at = time_map, tape, 0
        self._seams = Seams(tape.channels, rate)
        self._line: tuple[Fraction, Fraction] | None = None
        """The linear map of the last part read: its slope, and its source time at 0."""

    def read(self, count: int) -> Samples:
        """The next samples of the piece, shape (channels, count)."""
        out = np.zeros((self._tape.channels, count), np.float32)
        begin, self._at = self._at, self._at + count
        joins = []
        for part in self._map.parts(begin, self._at):
            assert part.end is not None
            first, end = math.ceil(part.begin), math.ceil(part.end)
            if first >= end:
                continue
            line = part.slope, part.source - part.slope * part.begin
            if self._line not in (None, line):
                joins.append(first - begin)
            self._line = line
            if part.slope:
                source = part.source + part.slope * (first - part.begin)
                out[:, first - begin : end - begin] = self._run(source, part.slope, end - first)
        self._seams.smooth(out, joins)
        return out

    def _run(self, source: Fraction, slope: Fraction, count: int) -> Floats | Samples:
        """Samples that begin at ``source``, ``source + slope``, ...: an odd one lies half-way."""
        if slope > 0:
            return self._tape.read(round_half_up(source), count)
        last = math.ceil(source - Fraction(1, 2))
        return np.ascontiguousarray(self._tape.read(last - count, count)[:, ::-1])


class Resampler(Straight):
    """The pitch follows the speed: at half of it, all sounds an octave lower."""

    _taps: Samples = np.zeros((1, 0), np.float32)
    _cutoff = 0.0

    def _run(self, source: Fraction, slope: Fraction, count: int) -> Floats | Samples:
        cutoff = min(1.0, 1 / abs(float(slope)))
        width = math.ceil(_ZEROS / cutoff)
        if self._taps.shape[1] != 2 * width or self._cutoff != cutoff:
            self._taps, self._cutoff = _sinc(cutoff, width), cutoff
        out = np.empty((self._tape.channels, count), np.float32)
        centre = source + slope / 2 - Fraction(1, 2)  # a sample stands for its whole interval
        step = max(1, _AT_ONCE // (2 * width))
        for start in range(0, count, step):
            end = min(start + step, count)
            whole = math.floor(centre + slope * start)
            places = float(centre + slope * start - whole) + float(slope) * np.arange(end - start)
            nearest = np.floor(places).astype(np.int64)
            phases = np.rint((places - nearest) * (len(self._taps) - 1)).astype(np.int64)
            low, high = int(nearest.min()) - width + 1, int(nearest.max()) + width + 1
            windows = sliding_window_view(self._tape.read(whole + low, high - low), 2 * width, 1)
            taps = self._taps[phases]
            for channel, rows in enumerate(windows):
                out[channel, start:end] = np.einsum("nt,nt->n", rows[nearest - nearest.min()], taps)
        return out


def _sinc(cutoff: float, width: int) -> Samples:
    """Taps by phase, from 0 to 1: a sinc under a Blackman window, of unit gain at 0 Hz."""
    phases = np.linspace(0, 1, max(64, _TABLE // (2 * width)) + 1)
    away = (np.arange(1 - width, width + 1) - phases[:, None]) * cutoff
    along = np.clip(away / _ZEROS, -1, 1) * math.pi
    taps: Floats = np.sinc(away) * (0.42 + 0.5 * np.cos(along) + 0.08 * np.cos(2 * along))
    taps /= taps.sum(axis=1, keepdims=True)
    return taps.astype(np.float32)


class Stretcher:
    """The pitch stays as it is."""

    def __init__(self, time_map: TimeMap, tape: Tape, rate: int) -> None:
        self._map, self._tape = time_map, tape
        self._hop = round(_BLOCK * rate / _OVERLAP)
        self._size = self._hop * _OVERLAP
        self._window = np.hanning(self._size + 1)[:-1]
        self._gain = 1 / np.sum(self._window[:: self._hop] ** 2)
        self._block = 1 - _OVERLAP // 2
        """The number of the next block, which lies around sample ``_block * _hop``."""
        self._sum = np.zeros((tape.channels, self._size))
        """The overlap-add sum, from the first sample of the next block."""
        self._ready = np.zeros((tape.channels, 0))
        self._last: Spectra | None = None
        """The last output; None at the start."""
        self._attacks = [Attacks(tape, rate, backwards=way) for way in (False, True)]
        self._attack: int | None = None
        """The attack that the last block was aligned to, ..."""
        self._struck: NDArray[np.bool_] | None = None
        """... and the bins in which it is."""

    def read(self, count: int) -> Samples:
        """The next samples of the piece, shape (channels, count)."""
        while self._ready.shape[1] < count:
            begin = self._block * self._hop - self._size // 2
            self._sum += self._next()
            done = self._sum[:, : self._hop].copy()
            self._sum[:, : -self._hop] = self._sum[:, self._hop :]
            self._sum[:, -self._hop :] = 0
            self._ready = np.concatenate((self._ready, done[:, max(0, -begin) :]), axis=1)
        out, self._ready = self._ready[:, :count], self._ready[:, count:]
        return out.astype(np.float32)

    def _next(self) -> Floats:
        """The next block, weighted to be added."""
        at = Fraction(self._block * self._hop)
        self._block += 1
        slope = self._map.slope_at(at)
        if not slope:
            self._last = None
            return np.zeros_like(self._sum)
        centre, backwards = round_half_up(self._map.source_at(at)), slope < 0
        aligned = self._aligned(centre, abs(slope), backwards)
        centre = centre if aligned is None else aligned
        here = self._spectra(centre, backwards)
        if self._last is not None:
            before = self._spectra(centre + (self._hop if backwards else -self._hop), backwards)
            rotation = self._rotation(here, before, self._last)
            if self._struck is not None and not isinstance(rotation, float):
                rotation[self._struck] = 1.0
            here = here * rotation
        self._last = here
        block: Floats = np.fft.irfft(here, self._size) * self._window * self._gain
        return block

    def _aligned(self, centre: int, speed: Fraction, backwards: bool) -> int | None:
        """Around an attack, the centre of the block that plays it at its own speed, when it is due.

        Otherwise each block that contains it would place it differently. Its bins have the phases
        of the source, so it keeps its shape.
        """
        attack = self._attacks[backwards].near(centre, int(self._size * speed / 2))
        if attack != self._attack:
            self._attack, self._struck = attack, None
            if attack is not None:
                powers = [
                    np.sum(np.abs(self._spectra(place, backwards=False)) ** 2, axis=0)
                    for place in (attack, attack + (self._size if backwards else -self._size))
                ]
                self._struck = powers[0] > 4 * powers[1]
        return None if attack is None else attack - round_half_up((attack - centre) / speed)

    def _spectra(self, centre: int, backwards: bool) -> Spectra:
        block = self._tape.read(centre - self._size // 2, self._size)
        spectra: Spectra = np.fft.rfft((block[:, ::-1] if backwards else block) * self._window)
        return spectra

    @staticmethod
    def _rotation(here: Spectra, before: Spectra, last: Spectra) -> Spectra | float:
        """The rotation of each bin that continues the phase of the last block."""
        power = np.sum(np.abs(here) ** 2, axis=0)
        beside = np.pad(power, 2, constant_values=-1.0)
        highest = np.max([beside[i : i + len(power)] for i in (0, 1, 3, 4)], axis=0)
        peaks = np.flatnonzero(power > highest)
        if not len(peaks):
            return 1.0
        turn = np.sum(last[:, peaks] * np.conj(before[:, peaks]), axis=0)
        size = np.abs(turn)
        turn = np.where(size > 0, turn / np.where(size > 0, size, 1), 1)
        between = (peaks[1:] + peaks[:-1]) / 2
        owner = np.searchsorted(between, np.arange(len(power)))
        rotation: Spectra = turn[owner]
        return rotation
