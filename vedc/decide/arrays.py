"""Types of the arrays of analyses, choices and training."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Byte = NDArray[np.uint8]
Float = NDArray[np.float32]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Array = NDArray[Any]
Generator = np.random.Generator


def true_runs(mask: Bools) -> list[tuple[int, int]]:
    """Half-open ranges in which ``mask`` holds, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
