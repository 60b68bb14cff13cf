"""Non-local means: noise is averaged over similar patches (Buades, Coll and Morel, 2005).

    out(p) = sum of w(q) in(q) / sum of w(q),   |qx - px|, |qy - py| <= search
    w(q) = exp(-d(p, q) / strength**2)

d is the mean, over the (2 patch + 1)**2 pixels around p and q, of a third of the sum of the
channels' squared differences, alpha included. Beyond the edges, the outermost pixels are
repeated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
#: For values in 0..1.
TOLERANCE = 1e-4

#: Rows processed together, so that they stay in the CPU's cache.
_BAND = 48


def reference(
    layer: NDArray[np.float64], *, strength: float, patch: int = 2, search: int = 5
) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns); ``strength`` is above 0."""
    _, rows, columns = layer.shape
    size, rim = 2 * patch + 1, patch + search
    padded = np.pad(layer, ((0, 0), (rim, rim), (rim, rim)), mode="edge")
    total, weight = np.zeros_like(layer), np.zeros(layer.shape[1:])

    def moved(dy: int, dx: int, rim: int) -> NDArray[np.float64]:
        top, left = patch + search + dy - rim, patch + search + dx - rim
        return padded[:, top : top + rows + 2 * rim, left : left + columns + 2 * rim]

    for dy in range(-search, search + 1):
        for dx in range(-search, search + 1):
            square = ((moved(dy, dx, patch) - moved(0, 0, patch)) ** 2).sum(axis=0) / 3
            patches = np.lib.stride_tricks.sliding_window_view(square, (size, size))
            w = np.exp(-patches.mean(axis=(2, 3)) / strength**2)
            total += w * moved(dy, dx, 0)
            weight += w
    return np.asarray(total / weight)


def cpu(
    layer: NDArray[np.float32], *, strength: float, patch: int = 2, search: int = 5
) -> NDArray[np.float32]:
    """Offset by offset on a band of rows; patch means are running sums."""
    import cv2

    rim = patch + search
    out = np.empty_like(layer)
    padded = [cv2.copyMakeBorder(p, rim, rim, rim, rim, cv2.BORDER_REPLICATE) for p in layer]
    for top in range(0, layer.shape[1], _BAND):
        end = min(top + _BAND, layer.shape[1])
        _band([p[top : end + 2 * rim] for p in padded], strength, patch, search, out[:, top:end])
    return out


def _band(
    planes: list[Any], strength: float, patch: int, search: int, out: NDArray[np.float32]
) -> None:
    """A band of the result; ``planes`` have patch + search more rows and columns on every side."""
    import cv2

    _, rows, columns = out.shape
    size = 2 * patch + 1
    total = [np.zeros((rows, columns), np.float32) for _ in planes]
    weight = np.zeros((rows, columns), np.float32)

    def moved(dy: int, dx: int, rim: int) -> list[Any]:
        top, left = patch + search + dy - rim, patch + search + dx - rim
        return [p[top : top + rows + 2 * rim, left : left + columns + 2 * rim] for p in planes]

    middle = moved(0, 0, patch)
    inner = (slice(patch, patch + rows), slice(patch, patch + columns))
    for dy in range(-search, search + 1):
        for dx in range(-search, search + 1):
            square = np.zeros(middle[0].shape, np.float32)
            for a, b in zip(moved(dy, dx, patch), middle, strict=True):
                cv2.accumulateSquare(cv2.subtract(a, b), square)
            mean = np.ascontiguousarray(cv2.blur(square, (size, size))[inner])
            w = cv2.exp(mean * np.float32(-1.0 / (3.0 * strength**2)))
            weight += w
            for one, sum_ in zip(moved(dy, dx, 0), total, strict=True):
                cv2.accumulateProduct(one, w, sum_)
    for sum_, target in zip(total, out, strict=True):
        np.divide(sum_, weight, out=target)


def gpu(layer: Any, *, strength: float, patch: int = 2, search: int = 5) -> Any:
    """``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    return launch.nlm(layer, strength, patch, search)
