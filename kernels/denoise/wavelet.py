"""Wavelet denoising: details at each scale are kept as far as they rise above the noise.

The picture is decomposed by an undecimated wavelet transform with a B3 spline (Holschneider and
others 1989), along each axis separately. With X and Y for smoothing along the rows and down the
columns by [1, 4, 6, 4, 1] / 16, its taps 2**j apart, the picture c[j] becomes c[j + 1] = X Y c[j]
and three layers of details, which separate vertical from horizontal edges:

    Y c - X Y c    X c - X Y c    c - X c - Y c + X Y c

The picture is the sum of all these and of the last c. Each detail w is multiplied by

    max(0, m - t**2) / m,    m: the mean of w**2 over 7 by 7 pixels

the Wiener filter for details whose variance is estimated around each pixel (Mihcak and others
1999). t is the standard deviation in w of white noise with deviation ``strength``: ``strength``
times HIGH[j] LOW[j] or, in the last layer, HIGH[j]**2. Colours are first transformed into
brightness and two differences by an orthonormal matrix, which keeps white noise white; noise in the
differences counts ``chroma`` times. Beyond the edges, the outermost pixels are repeated.

In a layer with alpha, which is unchanged, the straight (not premultiplied) colours are filtered;
transparent pixels count as their mean. Values are not clipped.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

VERSION = 1
#: For values in 0..1.
TOLERANCE = 1e-4

SPLINE: Final = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
#: Deviations of one-dimensional white noise with deviation 1 after smoothing, at each scale...
LOW: Final = (0.522913, 0.351389, 0.245682)
#: ... and of the removed detail.
HIGH: Final = (0.723490, 0.285450, 0.177948)
#: Brightness, red minus blue, and green against both.
MATRIX: Final = np.array(
    [
        [3**-0.5, 3**-0.5, 3**-0.5],
        [2**-0.5, 0.0, -(2**-0.5)],
        [6**-0.5, -2 * 6**-0.5, 6**-0.5],
    ]
)
#: Side of the square of pixels for the mean m.
AROUND: Final = 7
#: Keeps divisors above 0.
_LEAST: Final = 1e-20


def reference(
    layer: NDArray[np.float64], *, strength: float, chroma: float = 1.5
) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns)."""
    planes = np.tensordot(MATRIX, _straight(layer), 1)
    for number, plane in enumerate(planes):
        sigma = strength * (chroma if number else 1.0)
        rest, kept = plane, np.zeros_like(plane)
        for scale, (low, high) in enumerate(zip(LOW, HIGH, strict=True)):
            along, down = (_smooth(rest, 2**scale, axis) for axis in (1, 0))
            both = _smooth(along, 2**scale, 0)
            for detail, noise in (
                (down - both, high * low),
                (along - both, high * low),
                (rest - along - down + both, high**2),
            ):
                around = np.pad(detail**2, AROUND // 2, mode="edge")
                windows = np.lib.stride_tricks.sliding_window_view(around, (AROUND, AROUND))
                mean = windows.mean(axis=(2, 3))
                kept += detail * np.maximum(mean - (sigma * noise) ** 2, 0) / (mean + _LEAST)
            rest = both
        planes[number] = kept + rest
    out = layer.copy()
    out[:3] = np.tensordot(MATRIX.T, planes, 1)
    if len(layer) == 4:
        out[:3] *= layer[3]
    return out


def _straight(layer: NDArray[Any]) -> NDArray[Any]:
    """The colours, not premultiplied."""
    if len(layer) == 3 or layer[3].min() == 1.0:
        return layer[:3]
    seen = layer[3] > 0
    total = max(float(layer[3].sum(dtype=np.float64)), _LEAST)
    mean = layer[:3].sum(axis=(1, 2), dtype=np.float64) / total
    made = layer[:3] / np.where(seen, layer[3], 1)
    return np.where(seen, made, mean.astype(layer.dtype)[:, None, None])


def _smooth(plane: NDArray[np.float64], step: int, axis: int) -> NDArray[np.float64]:
    rims = [(0, 0), (0, 0)]
    rims[axis] = (2 * step, 2 * step)
    padded, length = np.pad(plane, rims, mode="edge"), plane.shape[axis]
    taps = (
        weight * padded.take(range(n * step, n * step + length), axis)
        for n, weight in enumerate(SPLINE)
    )
    return sum(taps, np.zeros_like(plane))


def cpu(layer: NDArray[np.float32], *, strength: float, chroma: float = 1.5) -> NDArray[np.float32]:
    """With OpenCV's separable filters."""
    import cv2

    turn = MATRIX.astype(np.float32)
    planes = cv2.split(cv2.transform(cv2.merge(list(_straight(layer))), turn))
    kept, *arrays = (np.empty_like(planes[0]) for _ in range(6))
    for number, plane in enumerate(planes):
        kept[:] = 0
        _keep(plane, strength * (chroma if number else 1.0), kept, arrays)
        plane[:] = kept
    out = layer.copy()
    made = cv2.transform(cv2.merge(planes), np.ascontiguousarray(turn.T))
    for number in range(3):
        cv2.extractChannel(made, number, out[number])
    if len(layer) == 4:
        out[:3] *= layer[3]
    return out


def _keep(plane: Any, sigma: float, kept: Any, arrays: list[Any]) -> None:
    """Add the denoised plane to ``kept``.

    ``arrays`` are five work arrays of the plane's size: new memory for each step costs as much as
    its arithmetic. ``plane`` is overwritten.
    """
    import cv2

    edge, one = cv2.BORDER_REPLICATE, np.ones(1, np.float32)
    even = np.full(AROUND, 1 / AROUND, np.float32)
    rest, (along, both, down, mean, share) = plane, arrays
    for scale, (low, high) in enumerate(zip(LOW, HIGH, strict=True)):
        taps = np.zeros(4 * 2**scale + 1, np.float32)
        taps[:: 2**scale] = SPLINE
        cv2.sepFilter2D(rest, cv2.CV_32F, taps, one, along, borderType=edge)
        cv2.sepFilter2D(rest, cv2.CV_32F, one, taps, down, borderType=edge)
        cv2.sepFilter2D(along, cv2.CV_32F, one, taps, both, borderType=edge)
        # In place: all three layers of details.
        cv2.subtract(rest, along, rest)
        cv2.subtract(down, both, down)
        cv2.subtract(along, both, along)
        cv2.subtract(rest, down, rest)
        for detail, noise in ((down, high * low), (along, high * low), (rest, high**2)):
            cv2.multiply(detail, detail, share)
            cv2.sepFilter2D(share, cv2.CV_32F, even, even, mean, borderType=edge)
            np.subtract(mean, np.float32((sigma * noise) ** 2), out=share)
            cv2.threshold(share, 0.0, 0.0, cv2.THRESH_TOZERO, share)
            np.add(mean, np.float32(_LEAST), out=mean)
            cv2.divide(share, mean, share)
            cv2.accumulateProduct(detail, share, kept)
        rest, both = both, rest
    cv2.add(kept, rest, kept)


def gpu(layer: Any, *, strength: float, chroma: float = 1.5) -> Any:
    """``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    sigma = layer.new_tensor([strength, strength * chroma, strength * chroma])[:, None, None]
    spline, even = np.array(SPLINE), np.full(AROUND, 1 / AROUND)
    colors = layer[:3]
    if len(layer) == 4:
        seen = layer[3] > 0
        mean = colors.sum((1, 2)) / layer[3].sum().clamp(min=_LEAST)
        straight = colors / layer[3].where(seen, layer.new_tensor(1.0))
        colors = straight.where(seen, mean[:, None, None])
    rest = _turned(colors, MATRIX)
    kept = rest * 0.0
    for scale, (low, high) in enumerate(zip(LOW, HIGH, strict=True)):
        down, along = (launch.along(rest, spline, axis, gap=2**scale) for axis in (1, 2))
        both = launch.along(along, spline, 1, gap=2**scale)
        for detail, noise in (
            (down - both, high * low),
            (along - both, high * low),
            (rest - along - down + both, high**2),
        ):
            mean = launch.along(launch.along(detail * detail, even, 1), even, 2)
            kept += detail * (mean - (sigma * noise) ** 2).clamp(min=0.0) / (mean + _LEAST)
        rest = both
    out = layer.clone()
    out[:3] = _turned(kept + rest, MATRIX.T)
    if len(layer) == 4:
        out[:3] *= layer[3]
    return out


def _turned(planes: Any, matrix: NDArray[np.float64]) -> Any:
    """Three planes times a matrix, without a GPU's matrix products, which round more."""
    out = planes.clone()
    for number, (r, g, b) in enumerate(matrix.tolist()):
        out[number] = r * planes[0] + g * planes[1] + b * planes[2]
    return out
