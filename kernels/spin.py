"""Spin blur: the mean of the picture at all rotations from 0 to ``angle`` degrees, clockwise.

The rotations are 2**k, evenly spaced, around ``center`` (parts of the width and of the
height); k is such that at the farthest corner they are a pixel apart. See
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


def maps(shape: Sequence[int], angle: float, center: tuple[float, float]) -> list[halves.Map]:
    """The passes."""
    arc = math.radians(angle)
    count = halves.passes(halves.farthest(shape, center) * abs(arc))
    step = arc / max(2**count - 1, 1)
    # A picture turned clockwise shows what lies counterclockwise (y points down).
    return [halves.about(shape, center, 1.0, -step * 2**k) for k in range(count)]


def reference(
    layer: NDArray[np.float64], *, angle: float, center: tuple[float, float] = (0.5, 0.5)
) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns)."""
    return halves.reference(layer, maps=maps(layer.shape, angle, center))


def cpu(
    layer: NDArray[np.float32], *, angle: float, center: tuple[float, float] = (0.5, 0.5)
) -> NDArray[np.float32]:
    return halves.cpu(layer, maps=maps(layer.shape, angle, center))


def gpu(layer: Any, *, angle: float, center: tuple[float, float] = (0.5, 0.5)) -> Any:
    """``layer``: float32 tensor (channels, rows, columns)."""
    return halves.gpu(layer, maps=maps(layer.shape, angle, center))
