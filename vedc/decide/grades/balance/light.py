"""Display values to linear light and back, by a canvas's transfer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.decide.arrays import Float
from vedc.expr.math import Vec3
from vedc.ops.shared import color_conversion


def light_of(values: NDArray[Any], transfer: str = "bt709") -> Float:
    """Linear light (..., 3), 0..1, of display values."""
    m = NumpyMath()
    clipped = np.clip(np.asarray(values, np.float32), 0.0, 1.0)
    light = color_conversion.linearize(m, Vec3(*np.moveaxis(clipped, -1, 0)), transfer)
    return np.stack([np.asarray(c, np.float32) for c in light.channels], -1)


def encoded(light: NDArray[Any], transfer: str = "bt709") -> Float:
    """Display values (..., 3) of linear light, clamped to 0..1."""
    m = NumpyMath()
    clipped = np.clip(np.asarray(light, np.float32), 0.0, 1.0)
    codes = color_conversion.delinearize(m, Vec3(*np.moveaxis(clipped, -1, 0)), transfer)
    return np.clip(np.stack([np.asarray(c, np.float32) for c in codes.channels], -1), 0.0, 1.0)
