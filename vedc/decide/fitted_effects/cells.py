"""Cells and lines: regular patterns over a picture, which the edit alone reveals.

In a pixelated picture, neighbours differ only at the borders of cells. A picture with scan lines
has a factor per row that repeats at a fixed distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Floats, Ints
from vedc.decide.fitted_effects.kinds import LUMA
from vedc.kernels import mosaic

LARGEST: Final = 64
"""The largest side of a cell, in pixels."""
_FOCUS: Final = 0.35
"""The least share of the differences between neighbours at the borders of cells."""
_SPACINGS: Final = (2.2, 40.0)
"""The range of line spacings, in pixels."""


_MEET: Final = 1.6
"""The least ratio of row differences where square cells meet to those elsewhere, beneath lines."""


class Cells(NamedTuple):
    """Cells of a pixelated picture."""

    across: float
    down: float
    flatness: float
    """0..1: how much less neighbours within cells differ than in the picture before; the smaller
    value of both directions."""
    flat_across: float
    """The same for horizontal neighbours alone."""
    columns_centered: bool
    """Whether columns begin where the op draws them."""
    centered: bool
    """Whether a cell lies in the middle, as the op `pixelate` draws them."""
    columns: Ints
    """Where each begins."""
    rows: Ints


def cells(before: Sequence[Floats], after: Sequence[Floats]) -> Cells:
    """The cells over which pictures (height, width, 3) were averaged; flatness 0 if there are
    none."""
    across, down = (
        _period(*(_steps(pictures, axis) for pictures in (before, after))) for axis in (1, 0)
    )
    return Cells(
        float(across.side), float(down.side), min(across.flatness, down.flatness), across.flatness,
        across.centered,
        across.centered and down.centered, across.starts, down.starts,
    )  # fmt: skip


def square(found: Cells, after: Sequence[Floats], factor: Floats) -> Cells:
    """Square cells, with known columns, beneath lines that multiplied rows by ``factor`` (height,).
    Residues of lines and codecs hide the flatness of cells, but rows still differ most where square
    cells meet."""
    height = len(factor)
    side = round(found.across)
    columns = found._replace(rows=np.arange(height))
    shown = [averaged(picture / factor[:, None, None], columns) for picture in after]
    steps = _steps(shown, 0)

    def stands_out(size: int) -> float:
        starts = mosaic.starts(height, size)
        borders = np.zeros(height - 1, bool)
        borders[starts[starts > 0] - 1] = True
        within = max(float(steps[~borders].mean()), 1e-9)
        return float(steps[borders].mean()) / within if borders.any() else 0.0

    near = [stands_out(size) for size in range(max(3, side - 4), side + 5) if size != side]
    if side < 3 or stands_out(side) < _MEET * max(1.0, max(near)) or not found.columns_centered:
        return found
    rows = mosaic.starts(height, side).astype(np.int64)
    return found._replace(down=float(side), flatness=found.flat_across, centered=True, rows=rows)


def averaged(picture: Floats, found: Cells) -> Floats:
    """A picture (height, width, 3) with each cell replaced by its mean."""
    for axis, starts in ((0, found.rows), (1, found.columns)):
        counts = np.diff(starts, append=picture.shape[axis])
        sums = np.add.reduceat(picture, starts, axis=axis)
        shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
        picture = (sums / counts.reshape(shape)).repeat(counts, axis=axis)
    return picture


def _steps(pictures: Sequence[Floats], axis: int) -> Floats:
    """(n - 1,): the difference of neighbours along an axis, at each border between two."""
    lumas = np.stack([p @ LUMA for p in pictures])
    steps = np.abs(np.diff(lumas, axis=axis + 1))
    other = 1 if axis == 1 else 2
    return np.asarray(steps.mean((0, other)), np.float64)


class _Grid(NamedTuple):
    """Cells along one direction."""

    side: int
    focus: float
    """0..1: the share of all differences at their borders, corrected for chance."""
    flatness: float
    centered: bool
    starts: Ints


def _period(before: Floats, after: Floats) -> _Grid:
    """The largest cells whose borders have nearly all differences."""
    usual, whole = max(float(before.mean()), 1e-4), max(float(after.sum()), 1e-9)
    size = len(after) + 1
    found = [_Grid(1, _FOCUS, 0.0, True, np.arange(size))]
    for side in range(3, min(LARGEST, size // 4) + 1):
        for centered in (True, False):
            starts = mosaic.starts(size, side) if centered else np.arange(0, size, side)
            borders = np.zeros(len(after), bool)
            borders[starts[starts > 0] - 1] = True
            share, chance = float(after[borders].sum()) / whole, float(borders.mean())
            flat = max(1.0 - float(after[~borders].mean()) / usual, 0.0)
            focus = (share - chance) / (1 - chance)
            found.append(_Grid(side, focus, flat, centered, starts.astype(np.int64)))
    best = max(grid.focus for grid in found)
    # Halves and thirds of a side also include all of its borders.
    return max((g for g in found if g.focus > best - 0.05), key=lambda g: (g.side, g.focus))


class Lines(NamedTuple):
    """Scan lines."""

    amount: float
    spacing: float
    strength: float
    """Height of the peak in the rows' spectrum, in medians of its surroundings."""
    locked: bool
    """Whether the first row is the brightest, as the op `scan_lines` draws them."""
    rows: Floats
    """(height,): the factor of each row."""


def lines(before: Sequence[Floats], after: Sequence[Floats]) -> Lines:
    """The scan lines of pictures ``after``; ``before`` are the same without lines, graded alike."""
    pairs = zip(after, before, strict=True)
    ratio = np.mean([_rows(a) / np.maximum(_rows(b), 0.02) for a, b in pairs], 0)
    ratio = ratio / np.maximum(_smooth(ratio), 0.05) - 1.0
    size = len(ratio)
    window = np.hanning(size)
    padded = 8 * size
    spectrum = np.abs(np.fft.rfft(ratio * window, padded)) / (window.sum() / 2)
    frequencies = np.fft.rfftfreq(padded)
    inside = (frequencies >= 1 / _SPACINGS[1]) & (frequencies <= 1 / _SPACINGS[0])
    at = int(np.argmax(np.where(inside, spectrum, 0)))
    near = inside & (np.abs(frequencies - frequencies[at]) > 4 / size)
    if not near.any():  # too few rows to tell
        return Lines(0.0, 1.0, 0.0, False, np.ones(size))
    usual = max(float(np.median(spectrum[near])), 1e-5)
    # A cosine between 1 and 1 - a has the amplitude (a / 2) / (1 - a / 2) relative to its mean.
    height = float(spectrum[at])
    spacing = float(1 / max(float(frequencies[at]), 1e-6))
    near, locked = _locked(ratio, spacing)
    first = locked > 0.7 * height
    if first:
        spacing, height = near, locked
    amount = float(np.clip(2 * height / (1 + height), 0, 1))
    return Lines(amount, spacing, height / usual, first, 1.0 + ratio)


def _locked(ratio: Floats, near: float) -> tuple[float, float]:
    """The spacing close to ``near``, and the amplitude, of the cosine whose first row is the
    brightest: over many lines a small error would accumulate."""
    rows = np.arange(len(ratio))
    # Frequencies to either side, within less than a line over the height.
    tried = 1 / (1 / near + np.linspace(-0.7, 0.7, 141) / len(rows))
    heights = 2 * np.cos(2 * np.pi * rows / tried[:, np.newaxis]) @ ratio / len(rows)
    best = int(np.argmax(heights))
    if float(heights[best]) <= 0:
        return near, 0.0
    low, middle, high = heights[[max(best - 1, 0), best, min(best + 1, len(tried) - 1)]]
    bend = float(low - 2 * middle + high)
    move = 0.5 * float(low - high) / bend if bend < 0 else 0.0
    inverse = 1 / tried[best] + np.clip(move, -0.5, 0.5) * 0.01 / len(rows)
    return float(1 / inverse), float(middle)


def _rows(picture: Floats) -> Floats:
    return np.asarray((picture @ LUMA).mean(1), np.float64)


def _smooth(rows: Floats) -> Floats:
    """A running mean over the longest spacing."""
    width = int(_SPACINGS[1])
    padded = np.pad(rows, width, mode="reflect")
    kernel = np.hanning(2 * width + 1)
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
