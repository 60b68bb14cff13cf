"""Directional blur: the mean along a straight line through each pixel, as in motion blur.

The line is ``length`` pixels long and centred. It is sampled where it crosses the columns (the
rows, if it is steeper than 45 degrees), by linear interpolation between the two nearest pixels.
Samples are 1 apart on that axis and have equal weights, except the two outermost, whose weights are
the length of line that they represent. ``angle`` is in degrees, clockwise from the right. Beyond
the edges, the outermost pixels are repeated.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vedc.kernels import box, correlate

VERSION = 1 + correlate.VERSION
#: For values in 0..1.
TOLERANCE = 1e-5


def taps(length: float, angle: float) -> correlate.Taps:
    """Rows (dy, dx, weight), in order along the line; the weights add up to 1."""
    along_x, along_y = _direction(angle)
    steep = abs(along_y) > abs(along_x)
    main, cross = (along_y, along_x) if steep else (along_x, along_y)
    line = box.weights(_half(length * abs(main)))
    reach = len(line) // 2
    found: dict[tuple[int, int], float] = {}
    for step, weight in zip(range(-reach, reach + 1), line, strict=True):
        aside = step * cross / main
        low = math.floor(aside)
        for place, share in ((low, low + 1 - aside), (low + 1, aside - low)):
            if share > 0.0:
                key = (step, place) if steep else (place, step)
                found[key] = found.get(key, 0.0) + share * weight
    return np.array([(dy, dx, weight) for (dy, dx), weight in found.items()])


reference, _sum, gpu = correlate.implementations(taps)


def cpu(layer: NDArray[np.float32], *, length: float, angle: float) -> NDArray[np.float32]:
    """Horizontal and vertical lines use running sums, others a sum of taps."""
    along_x, along_y = _direction(angle)
    if along_x and along_y:
        return np.asarray(_sum(layer, length=length, angle=angle))
    return box.along(layer, _half(length), axis=2 if along_x else 1)


def _half(length: float) -> float:
    """The radius of a box of that length: a single pixel has length 1."""
    return max(length - 1.0, 0.0) / 2.0


def _direction(angle: float) -> tuple[float, float]:
    """The unit vector; multiples of 90 degrees are exact."""
    quarter = angle % 180.0
    if quarter in (0.0, 90.0):
        return (1.0, 0.0) if quarter == 0.0 else (0.0, 1.0)
    turned = math.radians(quarter)
    return math.cos(turned), math.sin(turned)
