"""The signal of a picture, as scopes show it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.color import MATRICES, Color, PixelFormat
from vedc.ops.shared.color_conversion import decode_samples

Values = NDArray[np.float32]

MOST: Final = 1 << 21
"""Pixels that are measured, at most: of larger pictures whole rows and columns are left out."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The labels of levels: 0 and 1 as 10-bit codes, and the range of codes."""

    black: int
    white: int

    @property
    def low(self) -> float:
        """The level of code 0."""
        return -self.black / (self.white - self.black)

    @property
    def high(self) -> float:
        """The level of code 1023."""
        return (1023 - self.black) / (self.white - self.black)

    def code(self, level: float) -> int:
        """The code of 10 bits of a level."""
        return round(self.black + level * (self.white - self.black))


LIMITED: Final = Scale(64, 940)
FULL: Final = Scale(0, 1023)


@dataclass(frozen=True)
class Signal:
    """A picture's samples before any display: without clamping or tone mapping."""

    rgb: Values
    """(height, width, 3) R'G'B', 0 black, 1 white."""
    color: Color
    """What the samples mean; ``matrix`` relates luma and chroma to R, G and B."""
    scale: Scale
    depth: int
    """Bits of the samples."""
    size: tuple[int, int]
    """Width and height of the whole picture."""

    @classmethod
    def of(cls, rgb: NDArray[Any], color: Color, depth: int) -> Signal:
        """Of R'G'B' (height, width, 3). A matrix without luma weights counts as that of the
        primaries."""
        full = color.range == "full"
        if color.matrix not in MATRICES:
            matrix = "bt2020nc" if color.primaries == "bt2020" else "bt709"
            color = color.with_(matrix=matrix)
        height, width = rgb.shape[:2]
        kept = np.asarray(rgb[thinned(height, width)], np.float32)
        return cls(kept, color, FULL if full else LIMITED, depth, (width, height))

    @cached_property
    def luma(self) -> Values:
        """(height, width) Y', 0 black, 1 white."""
        kr, kb = MATRICES[self.color.matrix]
        weights = np.array((kr, 1 - kr - kb, kb), np.float32)
        return np.asarray(self.rgb @ weights, np.float32)

    @cached_property
    def chroma(self) -> Values:
        """(height, width, 2) Cb and Cr, -0.5..0.5 for what R'G'B' from 0 to 1 can be."""
        kr, kb = MATRICES[self.color.matrix]
        cb = (self.rgb[..., 2] - self.luma) / (2 * (1 - kb))
        cr = (self.rgb[..., 0] - self.luma) / (2 * (1 - kr))
        return np.stack([cb, cr], -1)


def thinned(height: int, width: int) -> tuple[slice, slice]:
    """Every n-th row and column, so that at most ``MOST`` pixels are left."""
    step = max(1, int(np.ceil(np.sqrt(height * width / MOST))))
    return slice(0, None, step), slice(0, None, step)


def chroma_of(rgb: tuple[float, float, float], matrix: str) -> tuple[float, float]:
    """Cb and Cr of one colour."""
    kr, kb = MATRICES[matrix]
    luma = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2]
    return (rgb[2] - luma) / (2 * (1 - kb)), (rgb[0] - luma) / (2 * (1 - kr))


def decoded(planes: list[NDArray[Any]], format: PixelFormat, color: Color) -> Values:
    """R'G'B' (height, width, 3) of the planes of a frame, one for each of the format's channels.

    Subsampled chroma is repeated: scopes show stored values, not interpolated ones.
    """
    height, width = planes[0].shape
    samples: list[Any] = []
    for channel, plane in enumerate(planes):
        across, down = format.subsampling(channel)
        whole = plane.repeat(1 << down, 0).repeat(1 << across, 1)[:height, :width]
        samples.append(whole.astype(np.float64))
    pixel = decode_samples(NumpyMath(), samples, format, color)
    channels = [
        np.broadcast_to(np.asarray(c, np.float32), (height, width)) for c in pixel.rgb.channels
    ]
    return np.stack(channels, -1)
