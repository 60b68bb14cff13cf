"""Dilation and erosion: the maximum or minimum over a disc, channel by channel.

    out(x, y) = max of in(x + i, y + j) over i**2 + j**2 <= radius**2      (radius > 0: dilate)
    out(x, y) = min of the same                                            (radius < 0: erode)

Between two integer radii their results are mixed. Beyond the edges, the outermost pixels are
repeated.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
#: For values in 0..1.
TOLERANCE = 1e-6


def widths(radius: int) -> list[int]:
    """Half the width of the disc's rows, by their distance 0..radius from the middle."""
    return [math.isqrt(radius * radius - y * y) for y in range(radius + 1)]


def reference(layer: NDArray[np.float64], *, radius: float) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns)."""
    whole, part = _split(radius)
    small = _reference(layer, whole, radius > 0)
    return small * (1 - part) + _reference(layer, whole + 1, radius > 0) * part if part else small


def _reference(layer: NDArray[np.float64], radius: int, grow: bool) -> NDArray[np.float64]:
    _, rows, columns = layer.shape
    padded = np.pad(layer, ((0, 0), (radius, radius), (radius, radius)), mode="edge")
    copies = [
        padded[:, radius + dy : radius + dy + rows, radius + dx : radius + dx + columns]
        for dy in range(-radius, radius + 1)
        for dx in range(-radius, radius + 1)
        if dx * dx + dy * dy <= radius * radius
    ]
    return np.asarray(np.max(copies, axis=0) if grow else np.min(copies, axis=0))


def cpu(layer: NDArray[np.float32], *, radius: float) -> NDArray[np.float32]:
    """The disc is a union of rectangles, for which OpenCV's filters are separable."""
    import cv2

    whole, part = _split(radius)
    small = _cpu(layer, whole, radius > 0)
    if not part:
        return small
    for plane, large in zip(small, _cpu(layer, whole + 1, radius > 0), strict=True):
        cv2.addWeighted(plane, 1 - part, large, part, 0.0, plane)
    return small


def _cpu(layer: NDArray[np.float32], radius: int, grow: bool) -> NDArray[np.float32]:
    import cv2

    out = layer.copy()
    extreme, join = (cv2.dilate, np.maximum) if grow else (cv2.erode, np.minimum)
    # Among rows of equal width, the outermost determines the height of the rectangle.
    tallest = {width: height for height, width in enumerate(widths(radius))}
    for plane, target in zip(layer, out, strict=True):
        for width, height in tallest.items():
            shape = np.ones((2 * height + 1, 2 * width + 1), np.uint8)
            join(target, extreme(plane, shape, borderType=cv2.BORDER_REPLICATE), out=target)
    return out


def gpu(layer: Any, *, radius: float) -> Any:
    """``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    whole, part = _split(radius)
    small = launch.extreme(layer, widths(whole), radius > 0)
    if not part:
        return small
    return small * (1 - part) + launch.extreme(layer, widths(whole + 1), radius > 0) * part


def _split(radius: float) -> tuple[int, float]:
    """The absolute radius: its integer part and its fraction."""
    whole = math.floor(abs(radius))
    return whole, abs(radius) - whole
