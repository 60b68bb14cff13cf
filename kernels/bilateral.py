"""Bilateral filter: a blur that preserves edges (Tomasi and Manduchi, 1998).

    out(p) = sum of w(q) in(q) / sum of w(q),   |q - p| <= radius
    w(q) = exp(-|q - p|**2 / (2 spatial**2) - distance(p, q)**2 / (2 tonal**2))

``distance`` is the sum of the channels' absolute differences, as in OpenCV, alpha included;
``radius`` is 1.5 ``spatial``, rounded, at least 1. Beyond the edges, the outermost pixels are
repeated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
#: For values in 0..1: OpenCV reads its exponentials from a table.
TOLERANCE = 1e-4

#: Rows processed together, so that they stay in the CPU's cache.
_BAND = 32


def reach(spatial: float) -> int:
    """The radius, in pixels."""
    return max(1, math.floor(1.5 * spatial + 0.5))


def offsets(spatial: float) -> Iterator[tuple[int, int, float]]:
    """(dy, dx, spatial weight) of every neighbour and of the pixel itself."""
    radius = reach(spatial)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            square = dy * dy + dx * dx
            if square <= radius * radius:
                yield dy, dx, math.exp(-square / (2.0 * spatial * spatial))


def reference(layer: NDArray[np.float64], *, spatial: float, tonal: float) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns); both deviations are above 0."""
    _, rows, columns = layer.shape
    r = reach(spatial)
    padded = np.pad(layer, ((0, 0), (r, r), (r, r)), mode="edge")
    total, weight = np.zeros_like(layer), np.zeros(layer.shape[1:])
    for dy, dx, near in offsets(spatial):
        seen = padded[:, r + dy : r + dy + rows, r + dx : r + dx + columns]
        distance = np.abs(seen - layer).sum(axis=0)
        w = near * np.exp(-0.5 * (distance / tonal) ** 2)
        total += w * seen
        weight += w
    return np.asarray(total / weight)


def cpu(layer: NDArray[np.float32], *, spatial: float, tonal: float) -> NDArray[np.float32]:
    """OpenCV's filter on three channels; a plain sum with alpha, which OpenCV does not support."""
    import cv2

    r = reach(spatial)
    if len(layer) == 3:
        packed = cv2.merge(list(layer))
        made = cv2.bilateralFilter(
            packed, 2 * r + 1, tonal, spatial, borderType=cv2.BORDER_REPLICATE
        )
        return np.ascontiguousarray(np.moveaxis(made, -1, 0))
    out = np.empty_like(layer)
    padded = [cv2.copyMakeBorder(p, r, r, r, r, cv2.BORDER_REPLICATE) for p in layer]
    for top in range(0, layer.shape[1], _BAND):
        end = min(top + _BAND, layer.shape[1])
        _band([p[top : end + 2 * r] for p in padded], r, spatial, tonal, out[:, top:end])
    return out


def _band(
    planes: list[Any], r: int, spatial: float, tonal: float, out: NDArray[np.float32]
) -> None:
    """A band of the result; ``planes`` have ``r`` more rows and columns on every side."""
    import cv2

    _, rows, columns = out.shape
    middle = [p[r : r + rows, r : r + columns] for p in planes]
    total = [np.zeros((rows, columns), np.float32) for _ in planes]
    weight = np.zeros((rows, columns), np.float32)
    for dy, dx, near in offsets(spatial):
        seen = [p[r + dy : r + dy + rows, r + dx : r + dx + columns] for p in planes]
        distance = cv2.absdiff(seen[0], middle[0])
        for a, b in zip(seen[1:], middle[1:], strict=True):
            distance += cv2.absdiff(a, b)
        w = cv2.exp(cv2.multiply(distance, distance, scale=-0.5 / tonal**2)) * np.float32(near)
        weight += w
        for one, sum_ in zip(seen, total, strict=True):
            cv2.accumulateProduct(one, w, sum_)
    for sum_, target in zip(total, out, strict=True):
        np.divide(sum_, weight, out=target)


def gpu(layer: Any, *, spatial: float, tonal: float) -> Any:
    """``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    return launch.bilateral(layer, reach(spatial), spatial, tonal)
