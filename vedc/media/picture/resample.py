"""Scaling of decoded pictures: each plane in its own samples, in generated code.

    out(i) = sum over k of w((k - p) / s) in(k) / sum over k of w((k - p) / s)

along the rows and down the columns, where p is the position of sample i among those of the picture,
s is the number of them that it covers, at least 1, and w is Keys' cubic (1981) with a = -0.6,
FFmpeg's ``bicubic``. Samples lie where their format sites them; beyond the edges, the outermost are
repeated. Results are rounded once. No bit depends on the width of the CPU's vectors.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from vedc.codegen.filters.row_state import Kind
from vedc.codegen.filters.rows import Plane, Runs, resampled
from vedc.codegen.image import of_frame
from vedc.color import FORMATS

#: Slope of Keys' cubic at 1.
_SLOPE: Final = -0.6

Site = tuple[int, int]
"""Where chroma lies, x and y, in 1/256 luma samples from the first one of its block."""


def cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weight of a sample at a distance; 0 from 2 on."""
    d, a = np.abs(distance), _SLOPE
    near = ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
    far = ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a
    return np.where(d < 1.0, near, np.where(d < 2.0, far, 0.0))


def runs(count: int, ratio: float, first: float) -> Runs:
    """The weights of ``count`` samples that lie ``ratio`` apart among those of the picture, from
    ``first`` on."""
    spread = max(1.0, ratio)
    places = first + ratio * np.arange(count)
    starts = np.ceil(places - 2.0 * spread).astype(np.int64)
    taps = starts[:, np.newaxis] + np.arange(math.ceil(4.0 * spread) + 1)
    weights = cubic((taps - places[:, np.newaxis]) / spread)
    return Runs(starts, weights / weights.sum(axis=1, keepdims=True))


class Scaler:
    """Scales a part of frames of one size and one format, whose planes hold one channel each, in
    whole numbers; called, it gives a new frame."""

    def __init__(
        self, format: str, part: tuple[int, int, int, int], size: tuple[int, int], site: Site
    ) -> None:
        """``part``: x, y, width, height, where x and y are those of a chroma sample; ``site`` is
        that of the picture and of the result."""
        self._format, self._name, self._size, self._part = FORMATS[format], format, size, part
        self._kind: Kind = "u8" if self._format.bytes == 1 else "u16"
        self._runs = [
            tuple(
                _axis(size[axis], part[2 + axis], self._format.subsampling(plane)[axis], site[axis])
                for axis in (1, 0)
            )
            for plane in range(self._format.planes)
        ]

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        format, (x, y, across, down) = self._format, self._part
        out = VideoFrame(*self._size, self._name)
        out.pts = frame.pts
        if frame.time_base is not None:
            out.time_base = frame.time_base
        out.colorspace, out.color_range = frame.colorspace, frame.color_range
        seen, made = of_frame(frame), of_frame(out)
        for plane, (rows, columns) in enumerate(self._runs):
            (address, stride), (to, step) = seen.planes[plane], made.planes[plane]
            sub_x, sub_y = format.subsampling(plane)
            address += (y >> sub_y) * stride + (x >> sub_x) * format.bytes
            size = format.plane_size(plane, across, down)
            source = Plane(address, stride, *size, self._kind, frame)
            resampled(source, rows, columns).stored(to, step, format.peak)
        return out


def _axis(count: int, length: int, sub: int, site: int) -> Runs:
    """One axis of a plane: ``count`` luma samples out of ``length``."""
    ratio = length / count
    # Luma samples lie in the middle of their pixels, chroma samples ``at`` beyond the first one.
    at = site / 256.0 if sub else 0.0
    first = ((at + 0.5) * ratio - 0.5 - at) / (1 << sub)
    return runs(-(-count >> sub), ratio, first)
