"""The canvas of a style at the size of a picture: repeated, moved, enlarged and turned."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np

#: The arguments of a network with a canvas, and their defaults.
ARGUMENTS: Final[Mapping[str, Any]] = {
    "strokes": 0.0,
    "position": (0.5, 0.5),
    "scale": 1.0,
    "angle": 0.0,
}
_KEPT: Final = 2
"""Canvases kept: for as long as nothing moves, all frames share one."""
_ROWS: Final = 64
"""Rows made at a time."""


def laid(canvas: Any, size: tuple[int, int], arguments: Mapping[str, Any]) -> Any:
    """The canvas (rows, columns) over a picture (h, w), float32, times ``strokes``.

    ``position`` is where its middle lies, in fractions of the picture's width and height;
    ``scale`` its enlargement; ``angle`` its clockwise turn in degrees. What ``arguments`` lacks has
    the default. The result may be shared: do not write to it.
    """
    given = {name: arguments.get(name, default) for name, default in ARGUMENTS.items()}
    x, y = map(float, given["position"])
    numbers = (float(given[name]) for name in ("strokes", "scale", "angle"))
    return _laid(_Canvas(canvas), size, (x, y), *numbers)


class _Canvas:
    """An array that is the same key as long as it is the same object."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __hash__(self) -> int:
        return id(self.array)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Canvas) and self.array is other.array


@lru_cache(maxsize=_KEPT)
def _laid(
    canvas: _Canvas,
    size: tuple[int, int],
    position: tuple[float, float],
    strokes: float,
    scale: float,
    angle: float,
) -> Any:
    height, width = size
    found = np.zeros(size, np.float32)
    if strokes:
        source = _reduced(canvas.array, scale) * np.float32(strokes)
        turn = math.radians(angle)
        # Pixels of the canvas for each pixel of the picture, to the right and down.
        share = source.shape[0] / canvas.array.shape[0] / scale
        right, down = math.cos(turn) * share, math.sin(turn) * share
        across = np.arange(width) + 0.5 - position[0] * width
        for top in range(0, height, _ROWS):
            part = found[top : top + _ROWS]
            rows = np.arange(top, top + len(part))[:, np.newaxis] + 0.5 - position[1] * height
            x, y = right * across + down * rows, right * rows - down * across
            part[:] = _sampled(source, x, y)
    found.flags.writeable = False
    return found


def _reduced(canvas: Any, scale: float) -> Any:
    """The canvas, halved by averaging as often as ``scale`` reduces it to less than 0.7."""
    while scale < 0.7 and not (canvas.shape[0] % 2 or canvas.shape[1] % 2):
        rows, columns = canvas.shape
        canvas = canvas.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))
        scale *= 2
    return canvas


def _sampled(canvas: Any, x: Any, y: Any) -> Any:
    """Values at points from the middle of a periodic picture, linear between its pixels."""
    rows, columns = canvas.shape
    x, y = x + (columns / 2 - 0.5), y + (rows / 2 - 0.5)
    left, top = np.floor(x), np.floor(y)
    beside, below = (x - left).astype(np.float32), (y - top).astype(np.float32)
    left, top = left.astype(np.int64) % columns, top.astype(np.int64) % rows
    right, bottom = (left + 1) % columns, (top + 1) % rows
    upper = canvas[top, left] * (1 - beside) + canvas[top, right] * beside
    lower = canvas[bottom, left] * (1 - beside) + canvas[bottom, right] * beside
    return upper * (1 - below) + lower * below
