"""Means along curves, by doubling: the picture is averaged with a copy of itself moved along the
curve, the result with a copy moved twice as far, and so on. k passes give the mean of 2**k
positions (M. Kawase's streaks, GDC 2003; K. Mitchell's light shafts, GPU Gems 3, ch. 13).

Every pass interpolates again, which adds a slight blur in all directions to the one along the
curve: a deviation of about 0.8 pixels after eight passes.

A map is (xx, xy, x0, yx, yy, y0): column x and row y of the copy show column xx x + xy y + x0 and
row yx x + yy y + y0 of the picture, interpolated bilinearly between pixel centres, which have
integer coordinates here. Beyond the edges, the outermost pixels are repeated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
#: For values in 0..1; the CPU's coordinates are float32.
TOLERANCE = 2e-3

Map = tuple[float, float, float, float, float, float]
Implementation = Callable[..., Any]


def passes(way: float) -> int:
    """The number of passes until adjacent positions along ``way`` pixels are at most 1 apart."""
    return math.ceil(math.log2(way)) if way > 1.0 else int(way > 0.0)


def farthest(shape: Sequence[int], center: tuple[float, float]) -> float:
    """Distance in pixels from the centre, in fractions of width and height, to the farthest
    corner."""
    _, rows, columns = shape
    x, y = center
    return math.hypot(max(x, 1.0 - x) * columns, max(y, 1.0 - y) * rows)


def about(
    shape: Sequence[int], center: tuple[float, float], scale: float, turn: float = 0.0
) -> Map:
    """The map that scales and rotates (``turn``, radians) about the centre."""
    _, rows, columns = shape
    x, y = center[0] * columns - 0.5, center[1] * rows - 0.5
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    return cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y


def reference(layer: NDArray[np.float64], *, maps: Sequence[Map]) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns); one pass per map."""
    _, rows, columns = layer.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64)
    for xx, xy, x0, yx, yy, y0 in maps:
        u = np.clip(xx * x + xy * y + x0, 0, columns - 1)
        v = np.clip(yx * x + yy * y + y0, 0, rows - 1)
        left, top = np.floor(u).astype(int), np.floor(v).astype(int)
        right, below = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
        across, down = u - left, v - top
        upper = layer[:, top, left] * (1 - across) + layer[:, top, right] * across
        lower = layer[:, below, left] * (1 - across) + layer[:, below, right] * across
        layer = (layer + upper * (1 - down) + lower * down) * 0.5
    return layer


def cpu(layer: NDArray[np.float32], *, maps: Sequence[Map]) -> NDArray[np.float32]:
    import cv2

    _, rows, columns = layer.shape
    out = layer.copy()
    for plane in out:
        for one in maps:
            moved = cv2.warpAffine(
                plane,
                np.array(one).reshape(2, 3),
                (columns, rows),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            cv2.addWeighted(plane, 0.5, moved, 0.5, 0.0, plane)
    return out


def gpu(layer: Any, *, maps: Sequence[Map]) -> Any:
    """One launch per pass. ``layer``: float32 tensor (channels, rows, columns)."""
    from vedc.kernels import launch

    for one in maps:
        layer = launch.halved_with_moved(layer, one)
    return layer


def along(maps: Callable[..., Sequence[Map]]) -> tuple[Implementation, ...]:
    """Reference, CPU and GPU of the mean along a curve, whose ``maps`` follow from the layer's
    shape and the filter's arguments."""

    def implementation(run: Implementation) -> Implementation:
        return lambda layer, **arguments: run(layer, maps=maps(layer.shape, **arguments))

    return tuple(implementation(run) for run in (reference, cpu, gpu))
