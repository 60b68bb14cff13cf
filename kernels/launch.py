"""Launching the filters' Triton kernels: one function for each kernel in ``jit.py``.

Imported only where a GPU or Triton's interpreter is used. Layers are contiguous float32 tensors
(channels, rows, columns); every function returns a new one. Beyond the edges, the outermost
pixels are repeated. Axis 1 runs down the columns, axis 2 along the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc.kernels import jit

Array = NDArray[Any]

BLOCK = 512


def extended(layer: Any, above: int, below: int, left: int, right: int) -> Any:
    """The layer with that many more rows and columns, copies of the outermost."""
    _, rows, columns = layer.shape
    row = np.clip(np.arange(-above, rows + below), 0, rows - 1)
    column = np.clip(np.arange(-left, columns + right), 0, columns - 1)
    return layer[:, _whole(layer, row).long()][:, :, _whole(layer, column).long()].contiguous()


def along(layer: Any, weights: Array, axis: int, step: int = 1, gap: int = 1) -> Any:
    """Weighted sum of neighbours ``gap`` pixels apart along an axis, at every ``step``-th pixel."""
    length, inner = _axes(layer, axis)
    target = _like(layer, axis, -(-length // step))
    _launch(
        jit.convolve, target, layer, target, _floats(layer, weights),
        length, target.shape[axis], inner, len(weights), gap, target.numel(), STEP=step,
    )  # fmt: skip
    return target


def doubled(layer: Any, axis: int) -> Any:
    """Twice as long along an axis, by the binomial filter 1 4 6 4 1."""
    length, inner = _axes(layer, axis)
    target = _like(layer, axis, 2 * length)
    _launch(jit.double, target, layer, target, length, inner, target.numel())
    return target


def correlated(layer: Any, taps: Array) -> Any:
    """Sum of the taps (dy, dx, weight)."""
    target = layer.new_empty(layer.shape)
    dy, dx = _whole(layer, taps[:, 0]), _whole(layer, taps[:, 1])
    _, rows, columns = layer.shape
    _launch(
        jit.correlate, target, layer, target, dy, dx, _floats(layer, taps[:, 2]),
        rows, columns, len(taps), target.numel(),
    )  # fmt: skip
    return target


def halved_with_moved(layer: Any, map_: Sequence[float]) -> Any:
    """The mean of the layer and of its copy moved by an affine map."""
    target = layer.new_empty(layer.shape)
    _, rows, columns = layer.shape
    _launch(jit.mean_with_moved, target, layer, target, *map_, rows, columns, target.numel())
    return target


def median(layer: Any, radius: int, bisections: int) -> Any:
    """The median of a square, by bisecting the range of its values."""
    target = layer.new_empty(layer.shape)
    _, rows, columns = layer.shape
    _launch(
        jit.bisect_median, target, layer, target, rows, columns, radius, bisections, target.numel()
    )
    return target


def extreme(layer: Any, widths: Sequence[int], largest: bool) -> Any:
    """The maximum or minimum over a disc, given by half the widths of its rows."""
    target = layer.new_empty(layer.shape)
    _, rows, columns = layer.shape
    _launch(
        jit.disc_extreme, target, layer, target, _whole(layer, widths), rows, columns,
        len(widths) - 1, target.numel(), LARGEST=largest,
    )  # fmt: skip
    return target


def bilateral(layer: Any, radius: int, spatial: float, tonal: float) -> Any:
    """See :mod:`vedc.kernels.bilateral`."""
    target = layer.new_empty(layer.shape)
    channels, rows, columns = layer.shape
    _launch(
        jit.bilateral_mean, target[0], layer, target, rows, columns, radius,
        -0.5 / spatial**2, -0.5 / tonal**2, rows * columns, CHANNELS=channels,
    )  # fmt: skip
    return target


def nlm(layer: Any, strength: float, patch: int, search: int) -> Any:
    """See :mod:`vedc.kernels.denoise.nlm`."""
    target = layer.new_empty(layer.shape)
    channels, rows, columns = layer.shape
    scale = -1.0 / (3.0 * (2 * patch + 1) ** 2 * strength**2)
    _launch(
        jit.non_local_mean, target[0], layer, target, rows, columns, patch, search, scale,
        rows * columns, CHANNELS=channels,
    )  # fmt: skip
    return target


def even_sectors(
    seen: Any, turned: Any, ways: Any, radius: float, stretch: float, flat: float
) -> Any:
    """See :mod:`vedc.kernels.paint`. ``seen``: the channels' means, then the variance."""
    target = seen.new_empty((seen.shape[0] - 1, *seen.shape[1:]))
    channels, rows, columns = target.shape
    count = rows * columns
    _launch(
        jit.even_sectors, target[0], seen.contiguous(), turned.contiguous(),
        _floats(seen, np.array(ways).ravel()), target, rows, columns, len(ways), radius, stretch,
        flat, count, CHANNELS=channels,
    )  # fmt: skip
    return target


def line_mean(
    layer: Any,
    along: Any,
    places: Sequence[tuple[float, float]],
    length: float,
    cell: float | None = None,
) -> Any:
    """The mean of a layer over lines of ``length`` along each pixel's vector, sampled at ``places``
    with their weights. With ``cell`` the layer is a grid of points that many pixels apart, starting
    in a corner."""
    rows, columns = along.shape[1:]
    channels, high, wide = layer.shape
    target = layer.new_empty((channels, rows, columns))
    where, weights = (_floats(layer, np.array(each)) for each in zip(*places, strict=True))
    _launch(
        jit.line_mean, target, layer, along.contiguous(), where, weights, target, rows, columns,
        high, wide, len(places), length, cell or 1.0, 0.5 if cell else 0.0, target.numel(),
    )  # fmt: skip
    return target


def _axes(layer: Any, axis: int) -> tuple[int, int]:
    """An axis's length, and the stride along it."""
    _, rows, columns = layer.shape
    return (rows, columns) if axis == 1 else (columns, 1)


def _like(layer: Any, axis: int, length: int) -> Any:
    channels, rows, columns = layer.shape
    return layer.new_empty((channels, length, columns) if axis == 1 else (channels, rows, length))


def _floats(layer: Any, values: Array) -> Any:
    return layer.new_tensor(np.asarray(values, np.float32))


def _whole(layer: Any, values: Array | Sequence[int]) -> Any:
    # Exact up to 2**24, more than any picture has rows or columns.
    return layer.new_tensor(np.asarray(values, np.float32)).int()


def _launch(kernel: Any, samples: Any, *arguments: Any, **constants: Any) -> None:
    grid = (-(-samples.numel() // BLOCK),)
    kernel[grid](*arguments, BLOCK=BLOCK, **constants)
