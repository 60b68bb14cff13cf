"""Zoom blur: the mean of the picture at all magnifications from 1 to 1 + ``amount``.

The magnifications are 2**k, in a geometric row, around ``center`` (parts of the width and of
the height); k is such that at the farthest corner they are a pixel apart. See
:mod:`vedc.kernels.halves`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc.kernels import halves

VERSION = halves.VERSION
#: Of values in 0..1.
TOLERANCE = halves.TOLERANCE


def maps(shape: Sequence[int], amount: float, center: tuple[float, float]) -> list[halves.Map]:
    """The passes. ``amount`` >= 0."""
    octaves = math.log(1.0 + amount)
    count = halves.passes(halves.farthest(shape, center) * octaves)
    step = octaves / max(2**count - 1, 1)
    return [halves.about(shape, center, math.exp(-step * 2**k)) for k in range(count)]


def reference(
    layer: NDArray[np.float64], *, amount: float, center: tuple[float, float] = (0.5, 0.5)
) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns)."""
    return halves.reference(layer, maps=maps(layer.shape, amount, center))


def cpu(
    layer: NDArray[np.float32], *, amount: float, center: tuple[float, float] = (0.5, 0.5)
) -> NDArray[np.float32]:
    return halves.cpu(layer, maps=maps(layer.shape, amount, center))


def gpu(layer: Any, *, amount: float, center: tuple[float, float] = (0.5, 0.5)) -> Any:
    """``layer``: float32 tensor (channels, rows, columns)."""
    return halves.gpu(layer, maps=maps(layer.shape, amount, center))
