"""Zoom blur: the mean of the picture at all magnifications from 1 to 1 + ``amount``.

There are 2**k magnifications, in geometric progression, about ``center`` (fractions of width and
height); k is chosen so that they are at most a pixel apart at the farthest corner. See
:mod:`vedc.kernels.halves`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from vedc.kernels import halves

VERSION = halves.VERSION
#: For values in 0..1.
TOLERANCE = halves.TOLERANCE


def maps(
    shape: Sequence[int], amount: float, center: tuple[float, float] = (0.5, 0.5)
) -> list[halves.Map]:
    """The passes. ``shape``: (channels, rows, columns); ``amount`` >= 0."""
    octaves = math.log(1.0 + amount)
    count = halves.passes(halves.farthest(shape, center) * octaves)
    step = octaves / max(2**count - 1, 1)
    return [halves.about(shape, center, math.exp(-step * 2**k)) for k in range(count)]


reference, cpu, gpu = halves.along(maps)
