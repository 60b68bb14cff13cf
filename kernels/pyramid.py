"""A picture and successively smaller copies of it in one layer, for maps that minify it.

Each level is half the size of the previous one in each direction. The filter is a two-lobed Lanczos
kernel (Duchon, 1979) at the scale of the coarser pixels: eight taps, symmetric about the two pixels
that become one. ``vedc.expr.picture.Atlas`` gives the position of each level; the rest is 0.

Layers are premultiplied, so transparent neighbours darken nothing. Beyond the edges, the picture
continues with its outermost pixels, its mirror image or itself, as given by ``edge`` (``clear``
repeats the outermost pixels: the outline is drawn when the picture is sampled). The same applies to
rows and columns beyond an odd edge.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.expr.picture import MOST_LEVELS, Edge, atlas

if TYPE_CHECKING:
    import torch

VERSION: Final = 2
#: For values around 1: float32 against float64, level upon level.
TOLERANCE: Final = 2e-6

TAPS: Final = 8
#: The filter's extent in pixels before and after the first of the two that become one.
BEFORE, AFTER = TAPS // 2 - 1, TAPS // 2
#: NumPy's names of the edges.
_PAD: Final = {"clamp": "edge", "clear": "edge", "mirror": "symmetric", "repeat": "wrap"}
#: The module of the generated code, in a lower package; imported only when used.
_ROWS: Final = "vedc.codegen.filters.rows"


@cache
def weights() -> tuple[float, ...]:
    """The taps, with sum 1: the Lanczos window at (n - 3.5) / 2 coarse pixels."""
    at = (np.arange(TAPS) - (TAPS - 1) / 2) / 2
    values = np.sinc(at) * np.sinc(at / 2)
    return tuple((values / values.sum()).tolist())


def reference(
    layer: NDArray[np.float64], *, levels: int | None = None, edge: Edge = "clamp"
) -> NDArray[np.float64]:
    """The layer, shape (channels, rows, columns), as a pyramid of shape (channels, *atlas size)."""
    channels, height, width = layer.shape
    where = atlas(height, width, levels)
    made = np.zeros((channels, *where.size))
    for level in range(where.levels + 1):
        if level:
            layer = _halved(_halved(layer, edge).swapaxes(1, 2), edge).swapaxes(1, 2)
        top, left, rows, columns = where.place(level)
        made[:, top : top + rows, left : left + columns] = layer
    return made


def _halved(layer: NDArray[np.float64], edge: Edge) -> NDArray[np.float64]:
    """Half the rows, rounded up."""
    rows = layer.shape[1]
    padded = np.pad(layer, ((0, 0), (BEFORE, AFTER + 1), (0, 0)), mode=_PAD[edge])  # type: ignore[call-overload]
    half = -(-rows // 2)
    taps = [padded[:, n : n + 2 * half : 2] * w for n, w in enumerate(weights())]
    total: NDArray[np.float64] = np.sum(taps, axis=0)
    return total


def cpu(
    layer: NDArray[np.float32], *, levels: int | None = None, edge: Edge = "clamp"
) -> NDArray[np.float32]:
    """:func:`reference` in float32, by generated code."""
    code = import_module(_ROWS)
    channels, height, width = layer.shape
    where = atlas(height, width, levels)
    made = np.zeros((channels, *where.size), np.float32)
    made[:, :height, :width] = layer
    for each in made:
        plane = each[:height, :width]
        for level in range(1, where.levels + 1):
            top, left, rows, columns = where.place(level)
            skipped = 0
            if _PAD[edge] != "edge":  # the code repeats the outermost samples
                plane = np.pad(plane, (BEFORE, AFTER + 1), mode=_PAD[edge])  # type: ignore[call-overload]
                skipped = BEFORE
            half = code.resampled(code.of_array(plane), *_runs(rows, columns, skipped))
            plane = each[top : top + rows, left : left + columns]
            plane[...] = half.whole()
    return made


@lru_cache(maxsize=2 * MOST_LEVELS)
def _runs(rows: int, columns: int, skipped: int) -> tuple[Any, Any]:
    """The samples that become one, down and along; ``skipped`` lie before the first."""
    code, taps = import_module(_ROWS), np.array(weights())
    down, along = (
        code.Runs(2 * np.arange(count) - BEFORE + skipped, np.tile(taps, (count, 1)))
        for count in (rows, columns)
    )
    return down, along


@cache
def _triton() -> Any:
    """The Triton kernel: one program per tile of a level."""
    import triton
    import triton.language as tl

    @triton.jit  # type: ignore[untyped-decorator]
    def halve(  # type: ignore[no-untyped-def]
        layer, channel_stride, row_stride, from_top, from_left, from_rows, from_columns,
        to_top, to_left, to_rows, to_columns, taps, edge: tl.constexpr, lines: tl.constexpr,
        block: tl.constexpr,
    ):  # fmt: skip
        channel = tl.program_id(2)
        row = (tl.program_id(1) * lines + tl.arange(0, lines))[:, None]
        column = (tl.program_id(0) * block + tl.arange(0, block))[None, :]
        inside = (row < to_rows) & (column < to_columns)
        plane = layer + channel.to(tl.int64) * channel_stride
        total = tl.zeros((lines, block), tl.float32)
        for j in tl.static_range(8):
            y = 2 * row + (j - 3)
            if edge == "wrap":
                y = (y % from_rows + from_rows) % from_rows
            elif edge == "symmetric":
                y = (y % (2 * from_rows) + 2 * from_rows) % (2 * from_rows)
                y = tl.minimum(y, 2 * from_rows - 1 - y)
            else:
                y = tl.minimum(tl.maximum(y, 0), from_rows - 1)
            line = plane + (from_top + y) * row_stride + from_left
            across = tl.zeros((lines, block), tl.float32)
            for i in tl.static_range(8):
                x = 2 * column + (i - 3)
                if edge == "wrap":
                    x = (x % from_columns + from_columns) % from_columns
                elif edge == "symmetric":
                    x = (x % (2 * from_columns) + 2 * from_columns) % (2 * from_columns)
                    x = tl.minimum(x, 2 * from_columns - 1 - x)
                else:
                    x = tl.minimum(tl.maximum(x, 0), from_columns - 1)
                across += tl.load(line + x, mask=inside, other=0.0) * tl.load(taps + i)
            total += across * tl.load(taps + j)
        place = plane + (to_top + row) * row_stride + to_left + column
        tl.store(place, total, mask=inside)

    return halve


def gpu(layer: torch.Tensor, *, levels: int | None = None, edge: Edge = "clamp") -> torch.Tensor:
    """:func:`reference` in float32, by Triton, on the layer's device."""
    import torch

    channels, height, width = layer.shape
    where = atlas(height, width, levels)
    made = torch.zeros((channels, *where.size), dtype=torch.float32, device=layer.device)
    made[:, :height, :width] = layer
    taps = torch.tensor(weights(), dtype=torch.float32, device=layer.device)
    for level in range(1, where.levels + 1):
        from_top, from_left, from_rows, from_columns = where.place(level - 1)
        to_top, to_left, rows, columns = where.place(level)
        block = min(128, 1 << max(4, (columns - 1).bit_length()))
        lines = min(8, 1 << (rows - 1).bit_length())
        _triton()[(-(-columns // block), -(-rows // lines), channels)](
            made, made.stride(0), made.stride(1), from_top, from_left, from_rows, from_columns,
            to_top, to_left, rows, columns, taps, _PAD[edge], lines, block,
        )  # fmt: skip
    return made
