"""Tables for transforms of scene light that mix channels and have no formula.

A table is as fine as needed for the colours of a scene: the smallest of ``SIZES`` with which 99 of
100 of them are within ``BOUND`` of OpenColorIO's result. Colours far outside every camera's gamut
may be further off: there ACES 2 itself has steps, which no table follows.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from vedc.expr.aces import LogShaper
from vedc.expr.chain import Lattice, Log, Step
from vedc.looks import bake
from vedc.looks.run import run
from vedc.ops.looks.look_file import Compiled
from vedc.ops.shared.camera_log import CURVES
from vedc.ops.shared.cube import Cube

Exact = NDArray[np.float64]

#: Points along an axis of a table.
SIZES: Final = (49, 65, 81)
#: In code values of 0..1: half of one of 8 bits.
BOUND: Final = 0.5 / 255.0
#: Near black the shaper of light is straight up to about this.
UNIT: Final = 2.0**-7
#: The largest number that a table holds: the largest half float.
_MOST: Final = 65504.0
#: Colours that stand for those of a scene.
_DRAWN: Final = 1 << 15

_CURVE: Final = CURVES["acescct"]
#: Tables of light hold the code values of ACEScct: this converts them to light.
TO_LIGHT: Final = Log(
    (_CURVE.scale,) * 3,
    (_CURVE.shift,) * 3,
    (_CURVE.gain,) * 3,
    (_CURVE.bias,) * 3,
    (_CURVE.cut,) * 3,
    (_CURVE.slope,) * 3,
    inverse=True,
)
_FROM_LIGHT: Final = replace(TO_LIGHT, inverse=False)


@dataclass(frozen=True, slots=True)
class Ends:
    """Input and output of a transform: light, or code values of 0..1."""

    from_light: bool
    to_light: bool


def scene(ends: Ends) -> Exact:
    """Colours (n, 3) such as films have: code values, or light from 8 stops below middle grey to 4
    above, more and less colourful."""
    draw = np.random.default_rng(18)
    if not ends.from_light:
        grey, spread = draw.random((_DRAWN, 1)), draw.normal(0.0, 0.15, (_DRAWN, 3))
        return np.asarray(np.clip(grey + spread, 0.0, 1.0))
    grey = 0.18 * 2.0 ** draw.uniform(-8.0, 4.0, (_DRAWN, 1))
    return np.asarray(grey * 2.0 ** draw.normal(0.0, 0.6, (_DRAWN, 3)))


def block(
    transforms: Sequence[Any], bounds: tuple[float, float], seen: Exact, ends: Ends
) -> Compiled:
    """Transforms as a table over ``bounds``; ``seen`` is the input for colours of a scene."""
    low, high = bounds
    shaper = None if high - low <= 2.0 else LogShaper(UNIT)
    ends_at = _applied(shaper, np.array([[low] * 3, [high] * 3]))[:, 0]
    measured = _Measure(transforms, seen, ends)
    size = SIZES[0]
    while True:
        made = _table(transforms, shaper, (float(ends_at[0]), float(ends_at[1])), size, ends)
        off = measured.off(run(made, seen))
        most = float(np.quantile(off, 0.99))
        finer = [s for s in SIZES if s > size]
        if most <= BOUND or not finer:
            break
        # The error of linear interpolation falls with the square of the distance of its points.
        size = next((s for s in finer if most * (size / s) ** 2 <= BOUND), finer[-1])
    note = (
        f"{bake.name(transforms[-1 if len(transforms) == 1 else _mixing(transforms)])} has no "
        f"formula here: a table of {size} points a side is on average {off.mean() * 255:.2f} and "
        f"for 99% of colours within {most * 255:.1f} codes of 8 bits of OpenColorIO"
    )
    return Compiled(made.steps, made.tables, (note,))


class _Measure:
    """The error of a table, in code values of 0..1.

    For output in light, it is measured after conversion back to code values: errors in light that
    are invisible, as beyond white, do not count.
    """

    def __init__(self, transforms: Sequence[Any], seen: Exact, ends: Ends) -> None:
        self._exact = _evaluated(transforms, seen)
        self._back: Any = None
        if ends.to_light and not ends.from_light:
            self._back = ocio.GroupTransform(list(transforms))
            self._back.setDirection(ocio.TRANSFORM_DIR_INVERSE)
            try:
                self._exact = _evaluated([self._back], self._exact)
            except (ocio.Exception, ocio.ExceptionMissingFile):  # it cannot be inverted
                self._back = None
        self._light = ends.to_light and self._back is None
        self._exact = _held(self._exact, ends) if self._light else self._exact

    def off(self, made: Exact) -> Exact:
        if self._back is not None:
            made = _evaluated([self._back], made)
        elif self._light:
            made = run(Compiled((_FROM_LIGHT,)), made)
        return np.asarray(np.abs(made - self._exact).max(1))


def _mixing(transforms: Sequence[Any]) -> int:
    """The first transform that is not a matrix."""
    kinds = [type(transform).__name__ for transform in transforms]
    return next((i for i, kind in enumerate(kinds) if kind != "MatrixTransform"), 0)


def _table(
    transforms: Sequence[Any],
    shaper: LogShaper | None,
    bounds: tuple[float, float],
    size: int,
    ends: Ends,
) -> Compiled:
    low, high = bounds
    at = np.linspace(low, high, size)
    if shaper is not None:
        at = np.copysign((2.0 ** np.abs(at) - 1.0) * shaper.unit, at)
    blue, green, red = np.meshgrid(at, at, at, indexing="ij")
    values = _held(_evaluated(transforms, np.stack([red, green, blue], -1).reshape(-1, 3)), ends)
    data = array("f", np.ascontiguousarray(values, np.float32).tobytes())
    steps: list[Step] = [] if shaper is None else [shaper]
    steps.append(Lattice(0, "tetrahedral"))
    if ends.to_light:
        steps.append(TO_LIGHT)
    return Compiled(tuple(steps), (Cube(3, size, (low,) * 3, (high,) * 3, data),))


def _evaluated(transforms: Sequence[Any], colors: NDArray[Any]) -> Exact:
    """By OpenColorIO; infinities become large, NaN 0."""
    made = bake.evaluate(transforms, colors).astype(np.float64)
    return np.nan_to_num(made, nan=0.0, posinf=_MOST, neginf=-_MOST)


def _held(colors: Exact, ends: Ends) -> Exact:
    """As a table holds them: light as code values."""
    return run(Compiled((_FROM_LIGHT,)), colors) if ends.to_light else colors


def _applied(shaper: LogShaper | None, colors: Exact) -> Exact:
    return colors if shaper is None else run(Compiled((shaper,)), colors)
