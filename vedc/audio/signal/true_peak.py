"""Peaks of a sound, at its samples or between them.

Between samples the sound is interpolated at four times its rate, as ITU-R BS.1770 measures true
peaks, by a windowed sinc.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

    Floats = NDArray[np.float64]

_REACH: Final = 16
"""Samples on either side that count for a value between two."""

_SOFT: Final = 0.25
"""Where no sample exceeds this share of the ceiling, nothing between samples exceeds it."""


def _taps() -> list[Floats]:
    """Of a value a quarter, a half and three quarters after a sample; last first, to convolve."""
    made = []
    for phase in (0.25, 0.5, 0.75):
        away = np.arange(1 - _REACH, _REACH + 1) - phase
        taps = np.sinc(away) * np.i0(8 * np.sqrt(np.maximum(1 - (away / _REACH) ** 2, 0)))
        made.append((taps / taps.sum())[::-1])
    return made


def sample_peaks(blocks: Iterable[Samples]) -> Iterator[tuple[Samples, Floats]]:
    """Each block with the level of each of its samples, over all channels."""
    for block in blocks:
        yield block, np.abs(block).max(axis=0, initial=0.0).astype(np.float64)


def true_peaks(blocks: Iterable[Samples], ceiling: float) -> Iterator[tuple[Samples, Floats]]:
    """Each block with the level at and around each of its samples: a value between two samples
    counts for both. Far below ``ceiling``, only sample levels are computed.

    One block is held back. All blocks but the last have at least ``_REACH`` samples.
    """
    taps = _taps()
    left: Samples | None = None
    waiting: Samples | None = None
    for block in _with_end(blocks):
        if waiting is not None:
            if left is None:
                left = np.zeros((waiting.shape[0], _REACH + 1), np.float32)
            right = np.zeros((waiting.shape[0], _REACH), np.float32)
            if block is not None:
                beyond = block[:, :_REACH]
                right[:, : beyond.shape[1]] = beyond
            run = np.concatenate((left, waiting, right), axis=1)
            yield waiting, _levels(run, waiting.shape[1], taps, ceiling)
            left = np.concatenate((left, waiting), axis=1)[:, -(_REACH + 1) :]
        waiting = block


def _with_end(blocks: Iterable[Samples]) -> Iterator[Samples | None]:
    yield from blocks
    yield None


def _levels(run: Samples, count: int, taps: list[Floats], ceiling: float) -> Floats:
    sizes = np.abs(run).max(axis=0)
    levels: Floats = sizes[_REACH + 1 :][:count].astype(np.float64)
    if sizes.max(initial=0.0) <= ceiling * _SOFT:
        return levels
    between = np.zeros(count + 1)
    for channel in run.astype(np.float64):
        for phase in taps:
            # Element 0 is between the sample before the block and its first.
            values = np.convolve(channel[1:], phase, "valid")[: count + 1]
            np.maximum(between, np.abs(values), out=between)
    return np.maximum(levels, np.maximum(between[:-1], between[1:]))
