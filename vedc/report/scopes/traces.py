"""The brightness of a scope's trace: the number of pixels at each place."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedc.color import MATRICES
from vedc.report.scopes.signal import Scale, Values

Light = NDArray[np.float32]

REACH: Final = 0.56
"""Chroma at the edge of a vectorscope: bars of full amplitude fit in."""

_WAVE_LIGHT: Final = 0.34
"""Brightness of a waveform whose column's pixels are spread evenly over all levels."""
_VECTOR_LIGHT: Final = 0.34
_HUE_LUMA: Final = 0.62


def waveform(levels: Values, scale: Scale, width: int, height: int) -> Light:
    """(height, width) 0..1 of levels (rows, columns): each column of the picture in its place."""
    rows, columns = levels.shape
    across = np.arange(columns) * width // columns
    down = np.clip((scale.high - levels) / (scale.high - scale.low), 0, 1) * (height - 1)
    counts = _splat(down, np.broadcast_to(across, levels.shape), width, height)
    share = np.bincount(across, minlength=width) * rows / height
    if columns < width:  # a column of the picture is several wide
        counts = counts[:, across[np.arange(width) * columns // width]]
        share = np.full(width, rows / height)
    density = _soft(counts / np.maximum(share, 1e-9), 0.6)
    return np.asarray(1 - np.exp(-_WAVE_LIGHT * density**0.65), np.float32)


def _splat(
    down: Values,
    across: NDArray[np.int64],
    width: int,
    height: int,
    weights: Values | float = 1.0,
) -> NDArray[np.float64]:
    """Sums (height, width): each sample is shared by the two rows that it lies between."""
    first = np.minimum(down.astype(np.int64), height - 2)
    rest = down - first
    place = (first * width + across).ravel()
    counts = np.bincount(place, (weights * (1 - rest)).ravel(), height * width)
    counts += np.bincount(place + width, (weights * rest).ravel(), height * width)
    return np.asarray(counts.reshape(height, width), np.float64)


def vectorscope(chroma: Values, size: int) -> Light:
    """(size, size) 0..1 of chroma (rows, columns, 2): Cb to the right, Cr upwards."""
    x, y = (np.clip(v, 0, size - 1) for v in place_of(chroma[..., 0], chroma[..., 1], size))
    first = np.minimum(x.astype(np.int64), size - 2)
    part = x - first
    counts = _splat(y, first, size, size, 1 - part) + _splat(y, first + 1, size, size, part)
    share = _soft(counts, 1.0) * size * size / max(x.size, 1)
    return np.asarray(np.clip(_VECTOR_LIGHT * share**0.4, 0, 1), np.float32)


def _soft(light: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """A trace as wide as a beam: codes of 8 bits are further apart than rows."""
    import cv2

    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def place_of(cb: Values, cr: Values, size: int) -> tuple[Values, Values]:
    """Column and row of chroma in a vectorscope of that size; its centre is in the middle."""
    half = (size - 1) / 2
    return half + np.asarray(cb) / REACH * half, half - np.asarray(cr) / REACH * half


def hues(size: int, matrix: str) -> Values:
    """(size, size, 3) the colour of each place of a vectorscope, R'G'B' 0..1."""
    kr, kb = MATRICES[matrix]
    axis = np.linspace(-REACH, REACH, size, dtype=np.float32)
    cb, cr = np.meshgrid(axis, -axis)
    red = _HUE_LUMA + cr * 2 * (1 - kr)
    blue = _HUE_LUMA + cb * 2 * (1 - kb)
    green = (_HUE_LUMA - kr * red - kb * blue) / (1 - kr - kb)
    return np.clip(np.stack([red, green, blue], -1), 0, 1).astype(np.float32)


def histogram(levels: Values, scale: Scale, bins: int) -> Light:
    """(bins,) heights 0..1 of levels, from code 0 to code 1023.

    The highest bin is 1, unless it is an end bin with all clipped values.
    """
    counts, _ = np.histogram(np.clip(levels, scale.low, scale.high), bins, (scale.low, scale.high))
    inner = counts[1:-1]
    usual = np.sort(inner)[-max(3, bins // 64) :].mean() if inner.any() else counts.max()
    return np.asarray(np.clip(counts / max(float(usual), 1.0), 0, 1), np.float32)
