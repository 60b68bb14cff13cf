"""Gaussian blur.

    out(x, y) = sum over i, j of w(i) w(j) in(x + i, y + j),   w(i) ~ exp(-i**2 / (2 sigma**2))

for -r <= i <= r with r = ceil(4 sigma); the weights add up to 1. Beyond the edges, the outermost
pixels are repeated. In a subsampled plane, halved ``coarse`` times across and down, sigma is scaled
accordingly, separately on each axis.

For ``sigma`` of 4.82 or more the blur is computed on a smaller picture: the layer is halved a few
times and the result doubled as often, each time with the binomial filter 1 4 6 4 1 of Burt and
Adelson's pyramid (1983); the variance of these filters is subtracted from the Gaussian in between.
The remaining error, from the binomials' smaller fourth moment, is at most 1.3e-4 of a step's
height.
"""

from __future__ import annotations

import math
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc.kernels import correlate

VERSION = 3
#: For values in 0..1.
TOLERANCE = 3e-4

#: The smallest deviation of the Gaussian on a halved picture.
_LEAST = 2.3
#: Padding of the smallest picture at each edge, in pixels.
_MARGIN = 6
#: The module of the generated code, in a lower package; imported only when used.
_ROWS = "vedc.codegen.filters.rows"

Coarse = tuple[int, int]


def weights(sigma: float) -> NDArray[np.float64]:
    """The Gaussian: 2 r + 1 weights with sum 1. ``sigma`` >= 0, in pixels."""
    if sigma < 1e-3:
        return np.ones(1)
    radius = math.ceil(4.0 * sigma)
    bell = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return np.asarray(bell / bell.sum())


def plan(sigma: float) -> tuple[int, float]:
    """How often the picture is halved, and the remaining deviation, in pixels of the smallest."""
    levels = 0
    while _left(sigma, levels + 1) >= _LEAST:
        levels += 1
    return levels, _left(sigma, levels)


def _left(sigma: float, levels: int) -> float:
    """The remaining deviation for a picture halved ``levels`` times, in its pixels."""
    if not levels:
        return sigma
    # Halving and doubling once adds a variance of 1 each, in pixels of the larger picture.
    variance = sigma**2 - 2.0 * (4.0**levels - 1.0) / 3.0
    return float(math.sqrt(max(variance, 0.0)) / 2.0**levels)


def _deviations(sigma: float, of_height: float, rows: int, coarse: Coarse) -> tuple[float, float]:
    """The deviations down the columns and along the rows of a plane, in its samples."""
    across, down = coarse
    whole = sigma + of_height * (rows << down)
    return whole / 2.0**down, whole / 2.0**across


@lru_cache(maxsize=64)
def _reduced(down: float, along: float) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """How often a plane is halved, and the weights down and along the smallest one; read-only."""
    levels = min(plan(down)[0], plan(along)[0])
    return levels, weights(_left(down, levels)), weights(_left(along, levels))


def reference(
    layer: NDArray[np.float64],
    *,
    sigma: float = 0.0,
    of_height: float = 0.0,
    coarse: Coarse = (0, 0),
) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns); ``sigma`` in pixels and ``of_height``,
    a fraction of the picture's height, add up."""
    down, along = _deviations(sigma, of_height, layer.shape[1], coarse)
    return correlate.along(correlate.along(layer, weights(down), 1), weights(along), 2)


def rows(plane: Any, *, sigma: float = 0.0, of_height: float = 0.0, coarse: Coarse = (0, 0)) -> Any:
    """The blurred plane, row by row; both as in ``vedc.codegen.filters.rows``."""
    code = import_module(_ROWS)
    levels, down, along = _reduced(*_deviations(sigma, of_height, plane.rows, coarse))
    if not levels:
        return code.convolved(plane, down, along)
    before, below, right = _frame(plane.rows, plane.columns, levels)
    height, width = plane.rows + before + below, plane.columns + before + right
    small = plane
    for level in range(1, levels + 1):
        margin = before if level == 1 else 0
        made = code.halved(small, margin, width >> level, height >> level)
        small = code.of_array(made.whole())
    small = code.of_array(code.convolved(small, down, along).whole())
    for level in range(levels - 1, 0, -1):
        small = code.of_array(code.doubled(small, 0, width >> level, height >> level).whole())
    return code.doubled(small, before, plane.columns, plane.rows)


def cpu(
    layer: NDArray[np.float32], *, sigma: float = 0.0, of_height: float = 0.0
) -> NDArray[np.float32]:
    """All rows of all planes, by generated code."""
    code = import_module(_ROWS)
    source = np.ascontiguousarray(layer, np.float32)
    count, height, width = source.shape
    memory = np.empty(source.size + code.SLACK, np.float32)
    for number, plane in enumerate(source):
        made = rows(code.of_array(plane), sigma=sigma, of_height=of_height)
        made.into(memory[number * height * width :], 4 * width)
    return memory[: source.size].reshape(count, height, width)


def gpu(layer: Any, *, sigma: float = 0.0, of_height: float = 0.0, coarse: Coarse = (0, 0)) -> Any:
    """The same steps in Triton. ``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    _, height, width = layer.shape
    levels, down, along = _reduced(*_deviations(sigma, of_height, height, coarse))
    before, below, right = _frame(height, width, levels)
    small = launch.extended(layer, before, below, before, right) if levels else layer
    binomial = np.array([1, 4, 6, 4, 1]) / 16.0
    for _ in range(levels):
        small = launch.along(launch.along(small, binomial, 2, step=2), binomial, 1, step=2)
    for bell, axis in ((along, 2), (down, 1)):
        if len(bell) > 1:
            small = launch.along(small, bell, axis)
    for _ in range(levels):
        small = launch.doubled(launch.doubled(small, 2), 1)
    if not levels:
        return small
    return small[:, before : before + height, before : before + width].contiguous()


def _frame(rows: int, columns: int, levels: int) -> tuple[int, int, int]:
    """Pixels to add above and left, below, and right, so that every size halves evenly."""
    before, unit = _MARGIN << levels, 1 << levels
    return before, before + -rows % unit, before + -columns % unit
