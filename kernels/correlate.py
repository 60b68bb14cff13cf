"""Weighted sum of shifted copies: any small linear filter, given by its taps.

    out(x, y) = sum over the taps of weight * in(x + dx, y + dy)

Taps are rows (dy, dx, weight) with integer dy and dx. Beyond the edges, the outermost pixels
are repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
#: For values in 0..1 and weights whose magnitudes add up to 1.
TOLERANCE = 1e-5

Taps = NDArray[np.float64]
"""Shape (count, 3)."""
Implementation = Callable[..., Any]

#: For larger float kernels OpenCV uses a Fourier transform on some CPUs; up to this many entries
#: it sums the taps that are not 0.
_DIRECT = 49
#: With more taps than this, the Fourier transform is faster.
_MANY = 150


def reference(layer: NDArray[np.float64], *, taps: Taps) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns)."""
    _, rows, columns = layer.shape
    reach = _reach(taps)
    padded = np.pad(layer, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    out = np.zeros_like(layer)
    for dy, dx, weight in taps:
        top, left = reach + int(dy), reach + int(dx)
        out += weight * padded[:, top : top + rows, left : left + columns]
    return out


def along(
    layer: NDArray[np.float64], weights: NDArray[np.float64], axis: int
) -> NDArray[np.float64]:
    """The sum for an odd number of weights centred on the pixel, down the columns (axis 1) or along
    the rows (axis 2): one pass of a separable filter's definition."""
    reach, size = len(weights) // 2, layer.shape[axis]
    around = [(reach, reach) if a == axis else (0, 0) for a in range(3)]
    padded = np.pad(layer, around, mode="edge")
    out = np.zeros_like(layer)
    for k, weight in enumerate(weights):
        out += weight * np.take(padded, np.arange(k, k + size), axis=axis)
    return out


def cpu(layer: NDArray[np.float32], *, taps: Taps) -> NDArray[np.float32]:
    """Few taps are summed in compact groups; many use a Fourier transform."""
    import cv2

    reach = _reach(taps)
    groups = list(_groups(taps)) if len(taps) <= _MANY else [taps]
    out = np.empty_like(layer)
    for plane, target in zip(layer, out, strict=True):
        padded: Any = cv2.copyMakeBorder(plane, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
        for number, group in enumerate(groups):
            part = _filtered(padded, group, reach, plane.shape)
            if number:
                target += part
            else:
                target[...] = part
    return out


def _filtered(
    padded: NDArray[np.float32], taps: Taps, reach: int, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """A group's part of the sum."""
    import cv2

    dy, dx = taps[:, 0].astype(int), taps[:, 1].astype(int)
    first, left = int(dy.min()), int(dx.min())
    kernel = np.zeros((int(dy.max()) - first + 1, int(dx.max()) - left + 1), np.float32)
    kernel[dy - first, dx - left] = taps[:, 2]
    rows, columns = shape
    height, width = rows + kernel.shape[0] - 1, columns + kernel.shape[1] - 1
    top, begin = reach + first, reach + left
    seen = padded[top : top + height, begin : begin + width]
    made = cv2.filter2D(seen, -1, kernel, anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(made[:rows, :columns], np.float32)


def _groups(taps: Taps) -> Iterator[Taps]:
    """The taps in order, split where their bounding rectangle grows too large."""
    start = 0
    for end in range(1, len(taps) + 1):
        if end == len(taps) or _area(taps[start : end + 1]) > _DIRECT:
            yield taps[start:end]
            start = end


def _area(taps: Taps) -> int:
    height, width = np.ptp(taps[:, :2], axis=0).astype(int) + 1
    return int(height * width)


def gpu(layer: Any, *, taps: Taps) -> Any:
    """One loop over the taps. ``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    return launch.correlated(layer, taps)


def _reach(taps: Taps) -> int:
    return int(np.abs(taps[:, :2]).max())


def implementations(taps: Callable[..., Taps]) -> tuple[Implementation, ...]:
    """Reference, CPU and GPU of a weighted sum whose ``taps`` follow from a filter's arguments."""

    def implementation(run: Implementation) -> Implementation:
        return lambda layer, **arguments: run(layer, taps=taps(**arguments))

    return tuple(implementation(run) for run in (reference, cpu, gpu))
