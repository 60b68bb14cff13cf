"""Mosaic: every pixel takes the mean of its cell of a grid.

One cell is centred on the layer, so that cells grow and shrink evenly on all sides. A pixel belongs
to the cell that contains its centre; cells at the border are truncated.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

VERSION: Final = 1
#: Largest difference from the reference, for values around 1 and cells of any size.
TOLERANCE: Final = 2e-5

Number = TypeVar("Number", np.float32, np.float64)


def starts(length: int, cell: float) -> NDArray[np.intp]:
    """The first pixel of each cell along a side of ``length`` pixels; ``cell`` is at least 1."""
    place = (np.arange(length) + 0.5 - length / 2) / max(cell, 1.0)
    return np.flatnonzero(np.diff(np.floor(place + 0.5), prepend=-np.inf))


def reference(
    layer: NDArray[np.float64], *, across: float = 1.0, down: float = 1.0
) -> NDArray[np.float64]:
    """The layer, shape (channels, rows, columns), with cells ``across`` by ``down`` pixels."""
    return _means(layer, across, down, np.float64)


def cpu(
    layer: NDArray[np.float32], *, across: float = 1.0, down: float = 1.0
) -> NDArray[np.float32]:
    """:func:`reference` in float32."""
    return _means(layer, across, down, np.float32)


def _means(
    layer: NDArray[Number], across: float, down: float, dtype: type[Number]
) -> NDArray[Number]:
    _, rows, columns = layer.shape
    for axis, length, cell in ((1, rows, down), (2, columns, across)):
        first = starts(length, cell)
        counts = np.diff(first, append=length)
        shape = (-1, 1) if axis == 1 else (1, -1)
        sums = np.add.reduceat(layer, first, axis=axis, dtype=np.float64)
        layer = (sums / counts.reshape(shape)).astype(dtype)
    tall = np.diff(starts(rows, down), append=rows)
    wide = np.diff(starts(columns, across), append=columns)
    return layer.repeat(tall, axis=1).repeat(wide, axis=2)


@cache
def _triton() -> Any:
    """The Triton kernel: one program per cell and channel."""
    import triton
    import triton.language as tl

    @triton.jit  # type: ignore[untyped-decorator]
    def cells(  # type: ignore[no-untyped-def]
        source, target, tops, lefts, rows, columns, block: tl.constexpr
    ):
        j, i, channel = tl.program_id(0), tl.program_id(1), tl.program_id(2).to(tl.int64)
        top, bottom = tl.load(tops + j), tl.load(tops + j + 1)
        left, right = tl.load(lefts + i), tl.load(lefts + i + 1)
        plane = channel * rows * columns
        total = tl.zeros((block,), tl.float32)
        for y in range(top, bottom):
            for begin in range(left, right, block):
                x = begin + tl.arange(0, block)
                total += tl.load(source + plane + y * columns + x, mask=x < right, other=0.0)
        mean = tl.sum(total, 0) / ((bottom - top) * (right - left)).to(tl.float32)
        for y in range(top, bottom):
            for begin in range(left, right, block):
                x = begin + tl.arange(0, block)
                tl.store(target + plane + y * columns + x, mean, mask=x < right)

    return cells


def gpu(layer: torch.Tensor, *, across: float = 1.0, down: float = 1.0) -> torch.Tensor:
    """:func:`reference` in float32, by Triton, on the layer's device."""
    import torch

    layer = layer.contiguous()
    channels, rows, columns = layer.shape
    limits = [
        torch.tensor([*starts(length, cell).tolist(), length], dtype=torch.int32)
        for length, cell in ((rows, down), (columns, across))
    ]
    tops, lefts = (limit.to(layer.device) for limit in limits)
    made = torch.empty_like(layer)
    block = min(128, 1 << int(max(across, 1.0)).bit_length())
    _triton()[(len(tops) - 1, len(lefts) - 1, channels)](
        layer, made, tops, lefts, rows, columns, block
    )
    return made
