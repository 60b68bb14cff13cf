"""Chains of colour files, run in float64, and the same by OpenColorIO."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from tests import look_files
from tests.parity.llvm.llvm_support import Picture
from vedc import ops
from vedc.expr.uniforms import evaluator
from vedc.ir.graph import node
from vedc.looks.read import read
from vedc.looks.run import samples
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.passes import optimise
from vedc.plan.executable import ComputedPiece, Kernel
from vedc.plan.fusion.fuse import fuse
from vedc.plan.tables import table_content

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
    """The largest difference where theirs is finite, relative to the largest channel where that is
    above 1; with a ``share``, of that percentage of the colours."""
    known = np.isfinite(theirs).all(axis=1)
    ours, theirs = ours[known], theirs[known]
    assert np.isfinite(ours).all()
    size = np.maximum(1.0, np.abs(theirs).max(axis=1))
    return float(np.percentile(np.abs(ours - theirs).max(axis=1) / size, share))


WIDTH, HEIGHT = 64, 24


def codes() -> Array:
    """8-bit R, G, B (height, width, 3): random, with whole areas of extremes and a ramp."""
    found = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3))
    found[:6] = np.random.default_rng(4).choice([0, 255], (6, WIDTH, 3))
    found[6:10] = np.linspace(0, 255, 4 * WIDTH).astype(int).reshape(4, WIDTH, 1)
    return found.astype(np.uint8)


def picture_of(rgb: Array) -> Picture:
    planes = [np.ascontiguousarray(rgb[..., channel]) for channel in (1, 2, 0)]
    return Picture(planes, WIDTH, HEIGHT)


def rgb_of(planes: Sequence[Array]) -> Array:
    green, blue, red = planes
    return np.stack([red, green, blue], -1)


def kernel_of(
    path: Path, shape: tuple[int, int] = (WIDTH, HEIGHT), **params: object
) -> tuple[Kernel, list[Array]]:
    """The kernel of `lut` with a file, over a picture of 8-bit R, G, B, and its tables."""
    color = {"primaries": "bt709", "transfer": "bt709", "matrix": "rgb", "range": "full"}
    of = {"digest": "film", "start": Fraction(0), "step": Fraction(1, 25), "format": "gbrp"}
    size = {"width": shape[0], "height": shape[1]}
    call = {p.name: params.get(p.name, p.default) for p in ops.get("lut").params}
    call["src"] = str(path)
    source: Any = {**of, **size, **color}
    graded = node("lut", (node("decode", (node("source", (), source),)),), call)
    out: Any = {"matrix": "rgb", "range": "full", "format": "gbrp"}
    root = optimise(node("encode", (graded,), out))

    def read_look(digest: str) -> Cube | LookFile:
        return read(Path(digest))

    piece = fuse(root, read_look)
    assert isinstance(piece, ComputedPiece)
    (kernel,) = piece.steps
    assert isinstance(kernel, Kernel)
    contents = [table_content(source, read_look) for source in kernel.tables]
    return kernel, [samples(content).astype(np.float32) for content in contents]


def params_of(kernel: Kernel) -> list[float]:
    return evaluator(kernel.uniforms)([value.at(0) for value in kernel.values])


def expected(path: Path, rgb: Array) -> Array:
    """OpenColorIO's result for 8-bit codes, not rounded, in codes."""
    shown = by_ocio(look_files.processor(path), rgb.reshape(-1, 3) / np.float32(255))
    return np.clip(np.nan_to_num(shown), 0, 1).reshape(rgb.shape) * 255
