"""Grades beside the same grades by OpenColorIO and FFmpeg."""

from __future__ import annotations

from typing import Any

import numpy as np
import PyOpenColorIO as ocio

from tests.ops_support import Array, apply
from tests.oracles import record
from tests.parity.oracles.test_ops_oracles import by_ffmpeg, frame_of, planar

RNG = np.random.default_rng(23)
UNIT = np.concatenate(
    [
        RNG.uniform(0.0, 1.0, (900, 3)),
        np.stack(np.meshgrid([0, 0.5, 1], [0, 0.5, 1], [0, 0.5, 1]), -1).reshape(-1, 3),
        np.repeat(np.linspace(0, 1, 33)[:, None], 3, 1),
    ]
).reshape(30, 32, 3)
"""Colours of the unit cube: random ones, its corners and edges, greys."""
WIDE = np.concatenate([UNIT * 4.0 - 1.0, UNIT], 0)
"""Below black and above white too."""


def graded(name: str, colors: Array, **params: Any) -> Array:
    """An op of ours on colours of shape (rows, columns, 3), opaque."""
    opaque = np.concatenate([colors, np.ones((*colors.shape[:2], 1))], -1)
    result: Array = apply(name, opaque, **params)[..., :3]
    return result


def by_ocio(transform: ocio.Transform, colors: Array) -> Array:
    """In OpenColorIO's float32, without any optimisation."""
    processor = ocio.Config.CreateRaw().getProcessor(transform)
    cpu = processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE)
    pixels = np.ascontiguousarray(colors.reshape(-1, 3), np.float32)
    cpu.applyRGB(pixels)
    return pixels.reshape(colors.shape).astype(np.float64)


def by_filter(filters: str, colors: Array, format: str = "gbrpf32le") -> Array:
    """Through an FFmpeg filter that works in ``format`` itself: nothing is converted."""
    if format == "gbrpf32le":
        coded, peak = colors.astype(np.float32), 1.0
    else:
        bits = {"gbrp": 8, "gbrp10le": 10, "gbrp12le": 12, "gbrp16le": 16}[format]
        peak = float((1 << bits) - 1)
        coded = np.rint(colors.clip(0, 1) * peak).astype(np.uint8 if bits == 8 else np.uint16)
    (result,) = by_ffmpeg(filters, [frame_of([coded[..., c] for c in (1, 2, 0)], format)])
    assert result.format.name == format
    return np.stack([planar(result)[p] for p in (2, 0, 1)], -1).astype(np.float64) / peak


def agree(op: str, oracle: str, ours: Array, theirs: Array, within: float) -> None:
    """Record the largest difference, and hold it to a limit (relative above 1)."""
    difference = np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1.0)
    worst = float(difference.max())
    record(op, oracle, worst, "of white")
    where = np.unravel_index(difference.argmax(), difference.shape)
    assert worst <= within, f"{worst} at {where}: {ours[where]} not {theirs[where]}"
