"""Box blur: the mean of a square, applied several times.

    out(x) = (sum of in(x + i) for -r <= i <= r, + t (in(x - r - 1) + in(x + r + 1)))
             / (2 r + 1 + 2 t),      r = floor(radius), t = radius - r

along the rows, then along the columns, ``iterations`` times; three approximate a Gaussian. An
integer ``radius`` gives the mean of (2 radius + 1)**2 pixels; a fractional part fades the next ring
in (the extended box filter of Gwosdek et al., 2011), so that an animated radius does not jump.
Beyond the edges, the outermost pixels are repeated, in each iteration again.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc.kernels import correlate

VERSION = 1
#: For values in 0..1.
TOLERANCE = 2e-6


def weights(radius: float) -> NDArray[np.float64]:
    """The box with faded ends: an odd number of weights with sum 1. ``radius`` >= 0, in pixels."""
    whole = math.floor(radius)
    part = radius - whole
    inner = np.ones(2 * whole + 1)
    return (np.array([part, *inner, part]) if part else inner) / (2.0 * radius + 1.0)


def reference(
    layer: NDArray[np.float64], *, radius: float, iterations: int = 1
) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns)."""
    box = weights(radius)
    for axis in (2, 1) * iterations:
        layer = correlate.along(layer, box, axis)
    return layer


def cpu(layer: NDArray[np.float32], *, radius: float, iterations: int = 1) -> NDArray[np.float32]:
    """Running sums in double precision: the time does not grow with the radius."""
    import cv2

    if radius != math.floor(radius):
        for axis in (2, 1) * iterations:
            layer = along(layer, radius, axis)
        return layer
    size = 2 * math.floor(radius) + 1
    out = np.empty_like(layer)
    for plane, target in zip(layer, out, strict=True):
        smooth = plane
        for _ in range(iterations):
            smooth = cv2.blur(smooth, (size, size), borderType=cv2.BORDER_REPLICATE)
        target[...] = smooth
    return out


def along(layer: NDArray[np.float32], radius: float, axis: int) -> NDArray[np.float32]:
    """One pass, along the rows (axis 2) or the columns (axis 1)."""
    import cv2

    def mean(plane: NDArray[np.float32], size: int) -> Any:
        shape = (size, 1) if axis == 2 else (1, size)
        return cv2.blur(plane, shape, borderType=cv2.BORDER_REPLICATE)

    whole = math.floor(radius)
    part, size = radius - whole, 2 * whole + 1
    inner, outer = (1.0 - part) * size / (size + 2 * part), part * (size + 2) / (size + 2 * part)
    out = np.empty_like(layer)
    for plane, target in zip(layer, out, strict=True):
        if part:
            cv2.addWeighted(mean(plane, size), inner, mean(plane, size + 2), outer, 0.0, target)
        else:
            target[...] = mean(plane, size)
    return out


def gpu(layer: Any, *, radius: float, iterations: int = 1) -> Any:
    """One weighted sum per pass. ``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    box = weights(radius)
    for _ in range(iterations):
        layer = launch.along(launch.along(layer, box, 2), box, 1)
    return layer
