"""Chains of colour files, run in float64, and the same by OpenColorIO."""

from __future__ import annotations

from typing import Any

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

Array = NDArray[Any]

RNG = np.random.default_rng(12)
#: Display values; beyond them; light from next to nothing to a thousand; corners.
UNIT = RNG.random((3000, 3)).astype(np.float32)
BEYOND = RNG.uniform(-0.5, 2.0, (2000, 3)).astype(np.float32)
LIGHT = (10.0 ** RNG.uniform(-5, 3, (1000, 3))).astype(np.float32)
EXTREME = np.array(
    [[0, 0, 0], [1, 1, 1], [0, 1, 0], [-1, 5, 0.5], [1e-6, 1e-3, 100], [-1e3, 0.5, 1e4]], np.float32
)
WIDE = np.concatenate([UNIT, BEYOND, LIGHT, EXTREME])


def by_ocio(processor: Any, pixels: Array) -> Array:
    """Colours (n, 3) after a processor, in single precision without its shortcuts."""
    depth = ocio.BIT_DEPTH_F32
    held = np.ascontiguousarray(pixels, np.float32).copy()
    processor.getOptimizedCPUProcessor(depth, depth, ocio.OPTIMIZATION_NONE).applyRGB(held)
    return held


def processor_of(transform: Any) -> Any:
    return ocio.Config.CreateRaw().getProcessor(transform)


def furthest(ours: Array, theirs: Array, share: float = 100.0) -> float:
    """The largest difference where theirs is finite, in parts of the largest channel where that is
    above 1; with a ``share``, of so many per cent of the colours."""
    known = np.isfinite(theirs).all(axis=1)
    ours, theirs = ours[known], theirs[known]
    assert np.isfinite(ours).all()
    size = np.maximum(1.0, np.abs(theirs).max(axis=1))
    return float(np.percentile(np.abs(ours - theirs).max(axis=1) / size, share))
