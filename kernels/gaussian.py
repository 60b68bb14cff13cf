"""Gaussian blur.

    out(x, y) = sum over i, j of w(i) w(j) in(x + i, y + j),   w(i) ~ exp(-i**2 / (2 sigma**2))

for -r <= i <= r with r = ceil(4 sigma); the weights add up to 1. Beyond the edges, the outermost
pixels are repeated.

From ``sigma`` 4.82 on the blur is computed on a smaller picture: the layer is halved a few times
and the result doubled as often, each time with the binomial filter 1 4 6 4 1 of Burt and
Adelson's pyramid (1983); the variance of these filters is taken off the bell in between. The
remaining error, from the binomials' smaller fourth moment, is at most 1.3e-4 of a step's height.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc.kernels import correlate

VERSION = 2
#: For values in 0..1.
TOLERANCE = 3e-4

#: The smallest deviation of the bell on a halved picture.
_LEAST = 2.3
#: Pixels of the smallest picture beyond each edge.
_MARGIN = 6


def weights(sigma: float) -> NDArray[np.float64]:
    """The bell: 2 r + 1 weights with sum 1. ``sigma`` >= 0, pixels."""
    if sigma < 1e-3:
        return np.ones(1)
    radius = math.ceil(4.0 * sigma)
    bell = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return np.asarray(bell / bell.sum())


def plan(sigma: float) -> tuple[int, float]:
    """How often the picture is halved, and the deviation left to apply, in halved pixels."""
    levels, rest = 0, sigma
    while True:
        # Halving and doubling once adds a variance of 1 each, in pixels of the larger picture.
        variance = sigma**2 - 2.0 * (4.0 ** (levels + 1) - 1.0) / 3.0
        further = math.sqrt(max(variance, 0.0)) / 2.0 ** (levels + 1)
        if further < _LEAST:
            return levels, rest
        levels, rest = levels + 1, further


def reference(
    layer: NDArray[np.float64], *, sigma: float = 0.0, of_height: float = 0.0
) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns); ``sigma`` in pixels and ``of_height``,
    in rows of the layer, add up."""
    bell = weights(sigma + of_height * layer.shape[1])
    return correlate.along(correlate.along(layer, bell, 1), bell, 2)


def cpu(
    layer: NDArray[np.float32], *, sigma: float = 0.0, of_height: float = 0.0
) -> NDArray[np.float32]:
    """OpenCV's pyramid, plane by plane, around a convolution in generated code."""
    levels, rest = plan(sigma + of_height * layer.shape[1])
    bell = weights(rest)
    if not levels:
        return correlate.along_both(layer, bell)
    import cv2

    _, rows, columns = layer.shape
    before, below, right = _frame(rows, columns, levels)
    out = np.empty_like(layer)
    for plane, target in zip(layer, out, strict=True):
        small: Any = cv2.copyMakeBorder(plane, before, below, before, right, cv2.BORDER_REPLICATE)
        for _ in range(levels):
            small = cv2.pyrDown(small, borderType=cv2.BORDER_REPLICATE)
        small = correlate.along_both(small[np.newaxis], bell)[0]
        for _ in range(levels):
            small = cv2.pyrUp(small)
        target[...] = small[before : before + rows, before : before + columns]
    return out


def gpu(layer: Any, *, sigma: float = 0.0, of_height: float = 0.0) -> Any:
    """The same steps in Triton. ``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    levels, rest = plan(sigma + of_height * layer.shape[1])
    bell = weights(rest)
    _, rows, columns = layer.shape
    before, below, right = _frame(rows, columns, levels)
    small = launch.extended(layer, before, below, before, right) if levels else layer
    binomial = np.array([1, 4, 6, 4, 1]) / 16.0
    for _ in range(levels):
        small = launch.along(launch.along(small, binomial, 2, step=2), binomial, 1, step=2)
    if len(bell) > 1:
        small = launch.along(launch.along(small, bell, 2), bell, 1)
    for _ in range(levels):
        small = launch.doubled(launch.doubled(small, 2), 1)
    if not levels:
        return small
    return small[:, before : before + rows, before : before + columns].contiguous()


def _frame(rows: int, columns: int, levels: int) -> tuple[int, int, int]:
    """Pixels to add above and left, below, and right, so that every size halves evenly."""
    before, unit = _MARGIN << levels, 1 << levels
    return before, before + -rows % unit, before + -columns % unit
