"""A plugin with its own filter: the mean of a square."""

from functools import cache

import numpy as np

from vedc.ops.core.filters import Filter
from vedc.ops.core.registry import op, param


def reference(layer, *, radius):
    _, rows, columns = layer.shape
    padded = np.pad(layer, ((0, 0), (radius, radius), (radius, radius)), mode="edge")
    steps = range(2 * radius + 1)
    copies = [padded[:, y : y + rows, x : x + columns] for y in steps for x in steps]
    return np.mean(copies, axis=0)


def cpu(layer, *, radius):
    size = 2 * radius + 1
    for axis in (1, 2):
        around = [(radius, radius) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(layer, around, mode="edge")
        window = np.lib.stride_tricks.sliding_window_view(padded, size, axis=axis)
        layer = window.mean(axis=-1, dtype=np.float32)
    return layer


@cache
def _triton():
    import triton
    import triton.language as tl

    @triton.jit
    def box(source, target, rows, columns, radius, count, BLOCK: tl.constexpr):
        n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
        valid = n < count
        x, y, plane = n % columns, n // columns % rows, n // (columns * rows)
        total = tl.zeros((BLOCK,), tl.float32)
        for dy in range(-radius, radius + 1):
            for dx in range(-radius, radius + 1):
                row = tl.minimum(tl.maximum(y + dy, 0), rows - 1)
                column = tl.minimum(tl.maximum(x + dx, 0), columns - 1)
                total += tl.load(source + (plane * rows + row) * columns + column, valid, 0.0)
        tl.store(target + n, total / ((2 * radius + 1) * (2 * radius + 1)), valid)

    return box


def gpu(layer, *, radius):
    target = layer.new_empty(layer.shape)
    _, rows, columns = layer.shape
    grid = (-(-layer.numel() // 256),)
    _triton()[grid](layer, target, rows, columns, radius, layer.numel(), BLOCK=256)
    return target


@op(
    "stencil",
    space="display",
    use="Soften a picture.",
    filter=Filter(reference, cpu, gpu, version=3, tolerance=2e-6),
)
def soft_box(m, pixel, filtered, *, radius=param(1, kind="integer", low=0, high=9)):
    """Replace each pixel by the mean of the square around it."""
    return filtered
