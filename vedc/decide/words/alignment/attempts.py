"""First attempts: sounds that somebody makes twice in a row, found without knowing any words.

A repetition sounds like the first time: the same voice, the same words. Both are compared by their
cepstra along the best time warp (dynamic time warping; Sakoe and Chiba, 1978), and count as alike
if they differ clearly less than other stretches of the recording do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from vedc.decide.analyses.decode_sound import VOICE_RATE
from vedc.decide.arrays import Bools, Float, Floats, true_runs

#: Samples of a frame and of its window; number of mel bands, their range in Hz, and number of
#: cepstra.
HOP, _WINDOW = VOICE_RATE // 100, VOICE_RATE * 25 // 1000
_BANDS, _LOW, _HIGH, _CEPSTRA = 24, 100.0, 6500.0, 13
#: Frames read at a time.
_BLOCK: Final = 3000
#: Decibels above pauses, and below speech, at which sound begins; frames of the shortest gap
#: between two sounds.
_ABOVE, _BELOW, _GAP = 8.0, 22.0, 3
#: For steady sounds: frames at the ends to ignore, frames over which a change is measured, and the
#: largest changes as shares of the usual distance: for four fifths of the sound, and for half.
#: Measured: for four fifths, uh and er 0.12 to 0.33, single words 0.42 and more; for half, um 0.17,
#: most words above 0.3.
_RISE, _CHANGE, _STEADY, _CALM = 3, 6, 0.37, 0.3
#: Frames of the shortest and the longest steady sound.
_HELD: Final = (24, 120)
#: Frames by which an aligner may miss the edge of an island.
_EDGE: Final = 5
#: Frames of a gap longer than any within a word: the closure of a consonant is shorter.
_WITHIN: Final = 11
#: Frames of the shortest and the longest attempt, and of the longest pause after it.
_SHORTEST, _LONGEST, _PAUSE = 15, 300, 150
#: The largest ratio of lengths between both times.
_WARP: Final = 1.6
#: Distance below which two stretches are the same, as a share of that between unrelated ones: by
#: least length in frames, and for attempts that an aligner found.
_FOUND: Final = ((20, 0.15), (35, 0.25), (50, 0.33), (60, 0.34), (100, 0.25))
_BELIEVED: Final = 0.4
#: A longer attempt is preferred to one of its parts up to this multiple of the part's distance, or
#: this share of the usual one.
_PART, _PART_SHARE = 1.6, 0.16
#: The number of stretches, and frames of each, from which the usual distance is measured.
_SAMPLES, _LENGTH = 24, 40


@dataclass(frozen=True, slots=True)
class Attempt:
    """Frames ``first`` to ``end`` that are repeated from ``again`` to ``until``; for a hesitation,
    which is not repeated, both are its end."""

    first: int
    end: int
    again: int
    until: int

    def overlaps(self, other: Attempt) -> bool:
        """Whether the first times share a frame."""
        return self.first < other.end and other.first < self.end


class Sounds:
    """The sound of a recording, for comparisons."""

    def __init__(self, read: Callable[[int, int], Float], powers: Float) -> None:
        """``read`` returns the samples from one frame to another, mono at 16 kHz; ``powers`` is the
        power of each frame."""
        self.powers = powers
        self.cepstra = _cepstra(read, len(powers))

    @cached_property
    def islands(self) -> list[tuple[int, int]]:
        """Stretches of sound between gaps."""
        return [(int(a), int(b)) for a, b in true_runs(self._audible())]

    def _audible(self) -> Bools:
        if not len(self.powers):
            return np.zeros(0, bool)
        decibels = 10 * np.log10(np.maximum(self.powers, 1e-10))
        quiet, loud = np.percentile(decibels, (10, 90))
        limit = min(quiet + _ABOVE, loud - _BELOW) if loud - quiet > 2 * _ABOVE else quiet + _ABOVE
        audible: Bools = decibels > max(limit, quiet + 3)
        for begin, end in true_runs(~audible):
            if end - begin < _GAP:
                audible[begin:end] = True
        return audible

    def alone(self, first: int, end: int) -> bool:
        """Whether there is a gap before some frames, and one after them."""
        starts = any(abs(a - first) <= _EDGE for a, _ in self.islands)
        return starts and any(abs(b - end) <= _EDGE for _, b in self.islands)

    def whole(self, first: int, end: int) -> bool:
        """Whether a stretch has no gap longer than those within words."""
        inside = [(a, b) for a, b in self.islands if a < end - _EDGE and b > first + _EDGE]
        return all(b[0] - a[1] < _WITHIN for a, b in pairwise(inside))

    def steady(self, first: int, end: int) -> bool:
        """Whether a stretch keeps one sound, which no single word does."""
        return self._changes(first, end, 80) < _STEADY * self.usual

    def calm(self, first: int, end: int) -> bool:
        """Whether a stretch keeps one sound for most of its time, as um and few words do."""
        return self._changes(first, end, 50) < _CALM * self.usual

    def _changes(self, first: int, end: int, share: int) -> float:
        """A percentile of the short-term change of a stretch's sound."""
        inner = self.cepstra[first + _RISE : end - _RISE, 1:]
        if len(inner) <= 2 * _CHANGE:
            return float("inf")
        changes = np.sqrt(np.square(inner[_CHANGE:] - inner[:-_CHANGE]).sum(axis=1))
        return float(np.percentile(changes, share))

    def distance(self, first: int, end: int, again: int) -> tuple[float, int]:
        """The distance of a stretch from the sound that begins at frame ``again``, and where that
        ends."""
        mine = self.cepstra[first:end]
        theirs = self.cepstra[again : again + int(len(mine) * _WARP) + 1]
        least = int(len(mine) / _WARP)
        if len(theirs) <= least or not len(mine):
            return float("inf"), again
        row = _warped(mine, theirs)
        ends = np.arange(len(row)) + 1
        row = np.where(ends >= max(least, 1), row, np.inf)
        best = int(np.argmin(row))
        return float(row[best]) / len(mine), again + best + 1

    @cached_property
    def usual(self) -> float:
        """The distance between unrelated stretches."""
        starts = [a for a, b in self.islands if b - a >= _LENGTH]
        step = max(1, len(starts) // _SAMPLES)
        pairs = zip(starts[::step], [*starts[::step][1:], *starts[:1]], strict=True)
        found = [self.distance(a, a + _LENGTH, b)[0] for a, b in pairs if a != b]
        known = [each for each in found if np.isfinite(each)]
        return float(np.median(known)) if known else 0.0

    def alike(self, first: int, end: int, again: int) -> bool:
        """Whether the sound that begins at ``again`` may be the same as a stretch."""
        return self.distance(first, end, again)[0] < _BELIEVED * self.usual

    def held(self) -> list[Attempt]:
        """Islands that keep one sound, such as uh."""
        least, most = _HELD
        return [
            Attempt(a, b, b, b)
            for a, b in self.islands
            if least <= b - a <= most and self.steady(a, b)
        ]

    def attempts(self) -> list[Attempt]:
        """Islands that are repeated immediately, or after another island, in order and without
        overlap."""
        found: list[tuple[float, Attempt]] = []
        for n in range(len(self.islands)):
            found += self._from(n)
        taken: list[Attempt] = []
        while found:
            far, best = min(found, key=lambda each: each[0])
            limit = max(_PART * far, _PART_SHARE * self.usual)
            whole = [pair for pair in found if pair[0] <= limit and pair[1].overlaps(best)]
            taken.append(max(whole, key=self._worth)[1])
            found = [each for each in found if not each[1].overlaps(taken[-1])]
        return sorted(taken, key=lambda each: each.first)

    def _worth(self, found: tuple[float, Attempt]) -> float:
        """The length of an attempt in frames, reduced with the distance of the second time."""
        far, attempt = found
        return (attempt.end - attempt.first) * (1 - far / self.usual)

    def _from(self, n: int) -> Iterator[tuple[float, Attempt]]:
        """Attempts that begin with island ``n``, and the distance of each from the second time."""
        islands = self.islands
        first = islands[n][0]
        frames, shares = zip(*_FOUND, strict=True)
        for m in range(n, len(islands)):
            end = islands[m][1]
            if end - first > _LONGEST:
                break
            if end - first < _SHORTEST:
                continue
            share = float(np.interp(end - first, frames, shares))
            for following in islands[m + 1 : m + 3]:  # a hesitation may lie between
                if following[0] - end > _PAUSE:
                    break
                far, until = self.distance(first, end, following[0])
                if far < share * self.usual:
                    yield far, Attempt(first, end, following[0], until)


def _warped(mine: Floats, theirs: Floats) -> Floats:
    """The cost of the best warp of all of ``mine`` to a beginning of ``theirs``, by its end. Each
    frame of ``mine`` is one step, which advances ``theirs`` by none, one or two frames."""
    apart = np.sqrt(np.square(mine[:, None] - theirs[None]).sum(axis=2))
    row = np.full(len(theirs), np.inf)
    row[0] = apart[0, 0]
    for costs in apart[1:]:
        stays, one, two = row, np.full_like(row, np.inf), np.full_like(row, np.inf)
        one[1:], two[2:] = row[:-1], row[:-2]
        row = costs + np.minimum(np.minimum(stays, two) + 0.1 * costs, one)
    return row


def _cepstra(read: Callable[[int, int], Float], frames: int) -> Floats:
    """Mel cepstra without their mean, and the level, (frames, 13)."""
    window = np.hanning(_WINDOW)
    banks = _mel_bands()
    order = np.arange(1, _CEPSTRA)[:, None] * (np.arange(_BANDS) + 0.5)[None] * np.pi / _BANDS
    cosines = np.cos(order) * np.sqrt(2 / _BANDS)
    found = []
    for first in range(0, frames, _BLOCK):
        end = min(first + _BLOCK, frames)
        samples = np.asarray(read(first, min(end + 2, frames)), np.float64)
        samples = np.concatenate([samples, np.zeros(_WINDOW + HOP)])
        samples = samples - 0.97 * np.concatenate([samples[:1], samples[:-1]])
        pieces = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::HOP][: end - first]
        power = np.square(np.abs(np.fft.rfft(pieces * window, 512)))
        bands = np.log(power @ banks.T + 1e-7)
        found.append(np.concatenate([bands.mean(axis=1, keepdims=True), bands @ cosines.T], axis=1))
    whole = np.concatenate(found) if found else np.zeros((0, _CEPSTRA))
    return whole - whole.mean(axis=0) if len(whole) else whole


def _mel_bands() -> Floats:
    """Triangles of the mel scale (O'Shaughnessy, 1987), (bands, bins)."""
    low, high = (2595 * math.log10(1 + edge / 700) for edge in (_LOW, _HIGH))
    mel = np.linspace(low, high, _BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    bins = np.arange(257) * VOICE_RATE / 512
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    made: Floats = np.maximum(np.minimum(rise, fall), 0)
    return made
