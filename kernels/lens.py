"""Lens blur: every point becomes an image of the aperture.

The mean over a disc of ``radius`` pixels or, with three ``blades`` or more, over the regular
polygon inscribed in that circle, with a corner ``rotation`` degrees clockwise from the right.
A pixel's weight is the share of it that the shape covers, measured on 16 x 16 points. Beyond the
edges, the outermost pixels are repeated.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from vedc.kernels import correlate

VERSION = 1 + correlate.VERSION
#: For values in 0..1.
TOLERANCE = 2e-5

_POINTS = 16


@lru_cache(maxsize=16)
def taps(radius: float, blades: int = 0, rotation: float = 0.0) -> correlate.Taps:
    """Rows (dy, dx, weight) of the aperture; the weights add up to 1."""
    reach = math.ceil(radius)
    places = (np.arange((2 * reach + 1) * _POINTS) + 0.5) / _POINTS - reach - 0.5
    y, x = places[:, np.newaxis], places[np.newaxis]
    distance = np.hypot(x, y)
    if blades >= 3:
        wedge = 2.0 * math.pi / blades
        from_corner = (np.arctan2(y, x) - math.radians(rotation)) % wedge
        inside = distance * np.cos(from_corner - wedge / 2.0) <= radius * math.cos(wedge / 2.0)
    else:
        inside = distance <= radius
    size = 2 * reach + 1
    covered = inside.reshape(size, _POINTS, size, _POINTS).mean(axis=(1, 3))
    if not covered.any():
        covered[reach, reach] = 1.0
    rows, columns = np.nonzero(covered)
    weights = covered[rows, columns]
    return np.stack([rows - reach, columns - reach, weights / weights.sum()], axis=1)


reference, cpu, gpu = correlate.implementations(taps)
