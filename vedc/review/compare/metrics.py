"""How much two pictures differ: the largest difference, PSNR and SSIM as in FFmpeg's filters.

PSNR is over the samples of all planes. SSIM follows FFmpeg's filter ``ssim``: windows of 8x8
samples, 4 apart, the planes weighted by their size. The constants are from Wang, Bovik, Sheikh and
Simoncelli, "Image quality assessment: from error visibility to structural similarity" (IEEE
Transactions on Image Processing 13, 2004).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Plane: TypeAlias = "NDArray[np.uint8] | NDArray[np.uint16]"
"""Samples of one plane, shape (rows, columns)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Of two pictures of one size and format."""

    largest: int
    """In code values."""
    error: float
    """Mean square of the differences, in code values."""
    ssim: float
    """1 for equal pictures."""
    depth: int
    """Bits of a code value."""

    @property
    def psnr(self) -> float:
        """In decibels; infinite for equal pictures."""
        return psnr(self.error, self.depth)


def psnr(error: float, depth: int) -> float:
    """The peak signal-to-noise ratio of a mean square error, in decibels."""
    peak = (1 << depth) - 1
    return 10 * math.log10(peak * peak / error) if error > 0 else math.inf


def difference(before: Sequence[Plane], after: Sequence[Plane], depth: int) -> Difference:
    """How much two pictures differ, given as planes of equal shapes."""
    samples = sum(plane.size for plane in before)
    largest, total, similar = 0, 0.0, 0.0
    for a, b in zip(before, after, strict=True):
        if np.array_equal(a, b):
            similar += a.size
            continue
        apart = a.astype(np.int64) - b
        largest = max(largest, int(np.abs(apart).max()))
        total += float((apart * apart).sum())
        similar += a.size * _ssim(a, b, depth)
    return Difference(largest, total / samples, similar / samples, depth)


def _ssim(a: Plane, b: Plane, depth: int) -> float:
    """Of a plane: the mean over windows of 8x8 samples that are 4 apart.

    A plane with less than 8 rows or columns is one window.
    """
    x, y = a.astype(np.float64), b.astype(np.float64)
    parts = [_window_sums(values) for values in (x, y, x * x + y * y, x * y)]
    (mean_x, count), (mean_y, _), (squares, _), (product, _) = parts
    peak = float((1 << depth) - 1)
    c1 = (0.01 * peak) ** 2 * count
    c2 = (0.03 * peak) ** 2 * count * (count - 1)
    variance = squares * count - mean_x * mean_x - mean_y * mean_y
    covariance = product * count - mean_x * mean_y
    found = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    found /= (mean_x * mean_x + mean_y * mean_y + c1) * (variance + c2)
    return float(found.mean())


def _window_sums(values: NDArray[np.float64]) -> tuple[Any, int]:
    """The sums over windows, and the samples of one."""
    rows, columns = (length // 4 * 4 for length in values.shape)
    if rows < 8 or columns < 8:
        return values.sum(keepdims=True), values.size
    blocks = values[:rows, :columns].reshape(rows // 4, 4, columns // 4, 4).sum(axis=(1, 3))
    across = blocks[:, 1:] + blocks[:, :-1]
    return across[1:] + across[:-1], 64
