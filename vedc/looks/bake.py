"""Tables for transforms without a formula here, measured by OpenColorIO's CPU processor."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from vedc.ops.shared.cube import Cube

Floats = NDArray[np.float32]

#: Points of lattices and of curves: the first that is exact enough is used.
LATTICES: Final = (65, 97)
_CURVES: Final = (4096, 65536)
#: Exact enough: a quarter of an 8-bit code.
ENOUGH: Final = 1.0 / 1024.0
#: Points along each axis, and random colours, that stand for the input.
_PROBED, _RANDOM = 17, 20_000
#: Transforms that change each channel by itself.
_SEPARABLE: Final = frozenset(
    {"GradingRGBCurveTransform", "Lut1DTransform", "ExposureContrastTransform", "ExponentTransform"}
)


@dataclass(frozen=True, slots=True)
class Baked:
    """A table, and its loss."""

    cube: Cube
    note: str


def evaluate(transforms: Sequence[Any], pixels: NDArray[Any]) -> Floats:
    """Colours (n, 3) after transforms, by OpenColorIO in single precision without shortcuts."""
    if not transforms:
        return np.array(pixels, np.float32)
    whole = ocio.GroupTransform(list(transforms))
    processor = ocio.Config.CreateRaw().getProcessor(whole)
    depth = ocio.BIT_DEPTH_F32
    cpu = processor.getOptimizedCPUProcessor(depth, depth, ocio.OPTIMIZATION_NONE)
    held = np.array(pixels, np.float32, order="C")
    cpu.applyRGB(held)
    return held


def curves(transforms: Sequence[Any], domain: tuple[float, float]) -> Baked | None:
    """A 1D table of the last transform over its actual input; None if its channels mix.

    Exact if it is constant beyond the input from colours in ``domain``.
    """
    last = transforms[-1]
    if type(last).__name__ not in _SEPARABLE or _adjusts_hue(last):
        return None
    reached = evaluate(transforms[:-1], colors(domain))
    reached = reached[np.isfinite(reached).all(axis=1)]
    if not len(reached):
        return None
    low, high = reached.min(axis=0), reached.max(axis=0)
    high = np.where(high > low, high, low + 1.0)
    best: Baked | None = None
    for size in _CURVES:
        share = np.linspace(0.0, 1.0, size)[:, None]
        values = np.nan_to_num(evaluate([last], low + (high - low) * share))
        between = (np.arange(size - 1) + 0.5)[:, None] / (size - 1)
        exact = np.nan_to_num(evaluate([last], low + (high - low) * between))
        worst = float(np.abs((values[1:] + values[:-1]) / 2.0 - exact).max())
        data = array("f", np.ascontiguousarray(values, np.float32).tobytes())
        cube = Cube(1, size, _vec(low), _vec(high), data)
        best = Baked(cube, f"{name(last)} is a table of {size:,} points, within {worst:.2g} of it")
        if worst <= ENOUGH:
            break
    return best


def lattice(transforms: Sequence[Any], domain: tuple[float, float], size: int) -> Cube:
    """A 3D table of all transforms over colours in ``domain``."""
    low, high = domain
    axis = np.linspace(low, high, size, dtype=np.float64)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    points = np.stack([red, green, blue], -1).reshape(-1, 3)
    values = np.nan_to_num(evaluate(transforms, points))
    data = array("f", np.ascontiguousarray(values, np.float32).tobytes())
    return Cube(3, size, (low,) * 3, (high,) * 3, data)


def colors(domain: tuple[float, float]) -> NDArray[np.float64]:
    """Colours that stand for the input: a lattice, greys, and random ones."""
    low, high = domain
    axis = np.linspace(0.0, 1.0, _PROBED)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    greys = np.repeat(np.linspace(0.0, 1.0, 1001)[:, None], 3, 1)
    random = np.random.default_rng(0).random((_RANDOM, 3))
    found: NDArray[np.float64] = low + (high - low) * np.concatenate([grid, greys, random])
    return found


def distances(ours: NDArray[Any], theirs: NDArray[Any]) -> NDArray[np.float64]:
    """The largest channel difference of each colour, where finite."""
    known = np.isfinite(theirs).all(axis=1)
    found: NDArray[np.float64] = np.abs(ours[known] - theirs[known]).max(axis=1, initial=0.0)
    return found if len(found) else np.zeros(1)


def _adjusts_hue(transform: Any) -> bool:
    return (
        type(transform).__name__ == "Lut1DTransform" and transform.getHueAdjust() != ocio.HUE_NONE
    )


def name(transform: Any) -> str:
    """The name of a transform in notes."""
    kind = type(transform).__name__.removesuffix("Transform")
    if kind != "FixedFunction":
        return kind
    return str(transform.getStyle()).rpartition("FIXED_FUNCTION_")[2]


def _vec(values: NDArray[Any]) -> tuple[float, float, float]:
    r, g, b = (float(v) for v in values)
    return r, g, b
