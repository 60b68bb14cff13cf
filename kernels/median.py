"""Median filter.

    out(x, y) = median of in(x + i, y + j), |i|, |j| <= radius, channel by channel

The number of samples is odd, so the result is always one of them. On premultiplied samples, the
median of a colour never exceeds the median of alpha. Beyond the edges, the outermost pixels are
repeated.

Radii 1 and 2 are exact. Beyond, the CPU works on integers: the median commutes with any monotonic
map, so 8-bit medians of floor(255 x + n / 4), n = 0..3, have the sum floor(1020 median)
(Hermite's identity). Values are then clamped to 0..1 and exact to half of 1/1020.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
#: For values in 0..1.
TOLERANCE = 0.51 / 1020

#: The number of 8-bit medians that form a fine one.
_PARTS = 4
#: How often the GPU halves the range of the window's values.
_BISECTIONS = 16


def reference(layer: NDArray[np.float64], *, radius: int) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns); ``radius`` >= 0, pixels."""
    size = 2 * radius + 1
    padded = np.pad(layer, ((0, 0), (radius, radius), (radius, radius)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return np.asarray(np.median(windows, axis=(3, 4)))


def cpu(layer: NDArray[np.float32], *, radius: int) -> NDArray[np.float32]:
    """OpenCV's median: a sorting network up to radius 2, sliding histograms above."""
    import cv2

    if radius == 0:
        return layer.copy()
    out = np.empty_like(layer)
    size = 2 * radius + 1
    for plane, target in zip(layer, out, strict=True):
        if radius <= 2:
            target[...] = cv2.medianBlur(plane, size)
            continue
        fine = np.clip(plane, 0.0, 1.0) * np.float32(255)
        total = np.zeros(plane.shape, np.uint16)
        for part in range(_PARTS):
            coarse = np.floor(fine + np.float32(part / _PARTS)).astype(np.uint8)
            total += cv2.medianBlur(coarse, size)
        # The middle of each step, except at the ends, which are common and exact.
        steps = 255 * _PARTS
        middle = (total + np.float32(0.5)) / np.float32(steps)
        target[...] = np.where(total == 0, 0.0, np.where(total == steps, 1.0, middle))
    return out


def gpu(layer: Any, *, radius: int) -> Any:
    """Bisection between the window's smallest and largest value. ``layer``: float32 tensor
    (channels, rows, columns)."""
    from vedc.kernels import launch

    return launch.median(layer, radius, _BISECTIONS) if radius else layer
