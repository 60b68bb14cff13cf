"""Spin blur: the mean of the picture at all rotations from 0 to ``angle`` degrees, clockwise.

There are 2**k rotations, evenly spaced, about ``center`` (fractions of width and height); k is
chosen so that they are at most a pixel apart at the farthest corner. See
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
    shape: Sequence[int], angle: float, center: tuple[float, float] = (0.5, 0.5)
) -> list[halves.Map]:
    """The passes. ``shape``: (channels, rows, columns); ``angle`` in degrees."""
    arc = math.radians(angle)
    count = halves.passes(halves.farthest(shape, center) * abs(arc))
    step = arc / max(2**count - 1, 1)
    # A pixel of a picture rotated clockwise comes from further counterclockwise (y points down).
    return [halves.about(shape, center, 1.0, -step * 2**k) for k in range(count)]


reference, cpu, gpu = halves.along(maps)
