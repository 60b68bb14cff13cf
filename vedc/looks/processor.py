"""From an OpenColorIO processor to a chain: its ops as steps and tables.

Matrices, ranges, powers, logarithms, CDLs and tables become steps with the same formulas. Ops
without a step (fixed functions, grading curves, inverted tables) are measured by OpenColorIO's own
CPU processor and become tables, with a note on their distance from the processor.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from vedc.color import Mat3, Vec3f
from vedc.expr.chain import (
    Clamp,
    Curves,
    Interpolation,
    Lattice,
    Log,
    Matrix,
    Negatives,
    Power,
    PowerWithLine,
    Step,
    correction,
    shifted,
)
from vedc.looks import aces, bake
from vedc.looks.run import run
from vedc.ops.looks.look_file import Compiled
from vedc.ops.shared.cube import SIZES, Cube

Domain = tuple[float, float]

_FORWARD: Final = ocio.TRANSFORM_DIR_FORWARD
_OPEN: Final = (-math.inf, math.inf)
#: Of a 1D table: entries for each half-precision number, and the first that is not a number.
_HALVES, _INFINITY = 65536, 31744


def transforms_of(processor: Any) -> list[Any]:
    """The ops of a processor after OpenColorIO's lossless optimisations."""
    depth = ocio.BIT_DEPTH_F32
    optimised = processor.getOptimizedProcessor(depth, depth, ocio.OPTIMIZATION_LOSSLESS)
    return list(optimised.createGroupTransform())


def chain_of(processor: Any, domain: Domain = (0.0, 1.0)) -> Compiled:
    """A processor as a chain.

    ``domain``: the range of its input, R, G and B alike, for tables of ops without a
    step; values are clamped to it there. If all ops have a step, every number is computed.
    Alpha is taken to be 1 and is left alone.
    """
    return chain_of_transforms(transforms_of(processor), domain)


def with_steps(transforms: Sequence[Any], domain: Domain) -> tuple[Compiled, int]:
    """The chain of the first transforms that all have steps or are curves, and how many these
    are; ``domain`` as for :func:`chain_of`."""
    made, count = _Builder(), 0
    for transform in transforms:
        if not (made.add(transform) or made.tabulate(transforms[: count + 1], domain)):
            break
        count += 1
    return Compiled(tuple(made.steps), tuple(made.tables), tuple(made.notes)), count


def chain_of_transforms(transforms: Sequence[Any], domain: Domain = (0.0, 1.0)) -> Compiled:
    """As :func:`chain_of`, of the ops themselves."""
    made = _Builder()
    for index, transform in enumerate(transforms):
        if not (made.add(transform) or made.tabulate(transforms[: index + 1], domain)):
            # Steps before the last op without one need not be kept: they are in the table.
            last = max(i for i, t in enumerate(transforms) if not _Builder().add(t))
            return _best_of_lattices(transforms, last + 1, domain)
    return Compiled(tuple(made.steps), tuple(made.tables), tuple(made.notes))


def _best_of_lattices(transforms: Sequence[Any], least: int, domain: Domain) -> Compiled:
    """A lattice in place of the first ``least`` transforms, or of all, whichever is nearer in the
    end.

    Its input is display or log values, in which even spacing is fine enough.
    """
    colors = bake.colors(domain)
    exact = bake.evaluate(transforms, colors)

    def made(count: int, size: int) -> tuple[Compiled, NDArray[np.float64]]:
        rest = chain_of_transforms(transforms[count:])
        steps = (Lattice(0), *(shifted(step, 1) for step in rest.steps))
        cube = bake.lattice(transforms[:count], domain, size)
        chain = Compiled(steps, (cube, *rest.tables))
        return chain, bake.distances(run(chain, colors), exact)

    def usual(count: int) -> float:
        return float(np.percentile(made(count, bake.LATTICES[0])[1], 99))

    count = min({least, len(transforms)}, key=usual)
    for size in bake.LATTICES:
        chain, off = made(count, size)
        if off.max() <= bake.ENOUGH:
            break
    note = (
        f"{bake.name(transforms[least - 1])} has no formula here: a table of {size} points a side "
        f"is within {off.max():.2g} of OpenColorIO, for 99% of colours within "
        f"{np.percentile(off, 99):.2g}"
    )
    return Compiled(chain.steps, chain.tables, (note,))


class _Builder:
    """A chain under construction."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.tables: list[Cube] = []
        self.notes: list[str] = []

    def add(self, transform: Any) -> bool:
        """Add the steps of a transform; whether it has any."""
        reader = _READERS.get(type(transform).__name__)
        return reader is not None and reader(self, transform)

    def table(self, cube: Cube) -> int:
        self.tables.append(cube)
        return len(self.tables) - 1

    def tabulate(self, transforms: Sequence[Any], domain: Domain) -> bool:
        """Add curves in place of the last transform, unless it mixes channels."""
        baked = bake.curves(transforms, domain)
        if baked is None:
            return False
        self.steps.append(Curves(self.table(baked.cube)))
        self.notes.append(baked.note)
        return True


# ---------------------------------------------------------------- a reader for each transform


def _matrix(made: _Builder, transform: Any) -> bool:
    whole: NDArray[Any] = np.array(transform.getMatrix(), np.float64).reshape(4, 4)
    offset: NDArray[Any] = np.array(transform.getOffset(), np.float64)
    if transform.getDirection() != _FORWARD:
        whole = np.linalg.inv(whole)
        offset = -whole @ offset
    made.steps.append(Matrix(_rows(whole), _vec(offset[:3] + whole[:3, 3])))
    return True


def _range(made: _Builder, transform: Any) -> bool:
    ins: list[float | None] = [
        transform.getMinInValue() if transform.hasMinInValue() else None,
        transform.getMaxInValue() if transform.hasMaxInValue() else None,
    ]
    outs: list[float | None] = [
        transform.getMinOutValue() if transform.hasMinOutValue() else None,
        transform.getMaxOutValue() if transform.hasMaxOutValue() else None,
    ]
    if transform.getDirection() != _FORWARD:
        ins, outs = outs, ins
    pairs = [(i, o) for i, o in zip(ins, outs, strict=True) if i is not None and o is not None]
    scale, shift = 1.0, 0.0
    if len(pairs) == 2:
        (low_in, low_out), (high_in, high_out) = pairs
        scale = (high_out - low_out) / (high_in - low_in)
        shift = low_out - scale * low_in
    elif pairs:
        shift = pairs[0][1] - pairs[0][0]
    if scale != 1.0 or shift != 0.0:
        made.steps.append(Matrix(_diagonal((scale,) * 3), (shift,) * 3))
    if transform.getStyle() == ocio.RANGE_CLAMP:
        low, high = (edge if out is None else out for out, edge in zip(outs, _OPEN, strict=True))
        made.steps.append(Clamp((low,) * 3, (high,) * 3))
    return True


def _exponent(made: _Builder, transform: Any) -> bool:
    exponent = _vec(transform.getValue()[:3])
    if transform.getDirection() != _FORWARD:
        if not all(exponent):
            return False
        exponent = _vec([1.0 / e for e in exponent])
    style = transform.getNegativeStyle()
    kinds: dict[Any, Negatives] = {
        ocio.NEGATIVE_CLAMP: "zero",
        ocio.NEGATIVE_MIRROR: "mirror",
        ocio.NEGATIVE_PASS_THRU: "keep",
    }
    if style not in kinds:
        return False
    made.steps.append(Power(exponent, kinds[style]))
    return True


def _exponent_with_line(made: _Builder, transform: Any) -> bool:
    mirror = transform.getNegativeStyle() == ocio.NEGATIVE_MIRROR
    gamma, offset = _vec(transform.getGamma()[:3]), _vec(transform.getOffset()[:3])
    inverse = transform.getDirection() != _FORWARD
    made.steps.append(PowerWithLine(gamma, offset, inverse, mirror))
    return True


def _log(made: _Builder, transform: Any) -> bool:
    scale = 1.0 / math.log2(transform.getBase())
    inverse = transform.getDirection() != _FORWARD
    made.steps.append(Log((scale,) * 3, inverse=inverse))
    return True


def _log_affine(made: _Builder, transform: Any) -> bool:
    made.steps.append(_log_step(transform))
    return True


def _log_camera(made: _Builder, transform: Any) -> bool:
    step = _log_step(transform)
    cut = _vec(transform.getLinSideBreakValue())
    if transform.isLinearSlopeValueSet():
        slope = _vec(transform.getLinearSlopeValue())
    else:  # the slope of the logarithm where the line begins
        at_cut = [step.gain[i] * cut[i] + step.bias[i] for i in range(3)]
        slope = _vec([step.scale[i] * step.gain[i] / (at_cut[i] * math.log(2.0)) for i in range(3)])
    made.steps.append(Log(step.scale, step.shift, step.gain, step.bias, cut, slope, step.inverse))
    return True


def _log_step(transform: Any) -> Log:
    base = math.log2(transform.getBase())
    return Log(
        _vec([s / base for s in transform.getLogSideSlopeValue()]),
        _vec(transform.getLogSideOffsetValue()),
        _vec(transform.getLinSideSlopeValue()),
        _vec(transform.getLinSideOffsetValue()),
        inverse=transform.getDirection() != _FORWARD,
    )


def _cdl(made: _Builder, transform: Any) -> bool:
    clamped = transform.getStyle() == ocio.CDL_ASC
    slope, offset, power = (
        _vec(values)
        for values in (transform.getSlope(), transform.getOffset(), transform.getPower())
    )
    saturation = float(transform.getSat())
    steps = correction(slope, offset, power, saturation, clamped)
    if transform.getDirection() != _FORWARD:
        undone = [_undone(step) for step in reversed(steps)]
        undone += [Clamp((0.0,) * 3, (1.0,) * 3)] if clamped else []
        if None in undone:
            return False
        steps = [step for step in undone if step is not None]
    made.steps += steps
    return True


def _undone(step: Step) -> Step | None:
    """The step that undoes one of a CDL; a clamp is its own."""
    if isinstance(step, Clamp):
        return step
    if isinstance(step, Power):
        return Power(_vec([1.0 / e for e in step.exponent]), step.negatives)
    if isinstance(step, Matrix) and abs(np.linalg.det(np.array(step.rows))) > 1e-12:
        inverse = np.linalg.inv(np.array(step.rows))
        return Matrix(_rows(inverse), _vec(-inverse @ np.array(step.offset)))
    return None


def _curves(made: _Builder, transform: Any) -> bool:
    if transform.getDirection() != _FORWARD:
        return False
    values = np.array(transform.getData(), np.float32).reshape(-1, 3)
    half = bool(transform.getInputHalfDomain())
    if half:
        values = _finite_halves(values)
    elif not SIZES[1][0] <= len(values) <= SIZES[1][1]:
        return False
    hue = transform.getHueAdjust() != ocio.HUE_NONE
    number = made.table(_cube(1, len(values), values))
    made.steps.append(Curves(number, half, hue))
    return True


def _finite_halves(values: NDArray[Any]) -> NDArray[Any]:
    """A half-float table whose entries for infinities and NaN repeat the last number before
    them."""
    whole = values.copy()
    for start in (0, _HALVES // 2):
        whole[start + _INFINITY : start + _HALVES // 2] = whole[start + _INFINITY - 1]
    return whole


def _lattice(made: _Builder, transform: Any) -> bool:
    size = transform.getGridSize()
    if transform.getDirection() != _FORWARD or not SIZES[3][0] <= size <= SIZES[3][1]:
        return False
    values = np.array(transform.getData(), np.float32).reshape(size, size, size, 3)
    ways: dict[Any, Interpolation] = {
        ocio.INTERP_TETRAHEDRAL: "tetrahedral",
        ocio.INTERP_BEST: "tetrahedral",
        ocio.INTERP_LINEAR: "trilinear",
        ocio.INTERP_NEAREST: "nearest",
    }
    way = ways.get(transform.getInterpolation(), "auto")
    number = made.table(_cube(3, size, values.transpose(2, 1, 0, 3)))  # blue is fastest there
    made.steps.append(Lattice(number, way))
    return True


def _exposure(made: _Builder, transform: Any) -> bool:
    """Exposure in linear light is a factor; with contrast or in other styles it is baked."""
    plain = transform.getContrast() == 1.0 and transform.getGamma() == 1.0
    if not plain or transform.getStyle() != ocio.EXPOSURE_CONTRAST_LINEAR:
        return False
    stops = transform.getExposure()
    factor = 2.0 ** (stops if transform.getDirection() == _FORWARD else -stops)
    made.steps.append(Matrix(_diagonal((factor,) * 3)))
    return True


def _fixed_function(made: _Builder, transform: Any) -> bool:
    step = aces.fixed_function(transform)
    if step is not None:
        made.steps.append(step)
    return step is not None


def _tone_scale(made: _Builder, transform: Any) -> bool:
    cube, beyond = aces.tone_scale(transform)
    made.steps.append(Curves(made.table(cube), beyond=beyond))
    return True


_READERS: Final[dict[str, Callable[[_Builder, Any], bool]]] = {
    "MatrixTransform": _matrix,
    "RangeTransform": _range,
    "ExponentTransform": _exponent,
    "ExponentWithLinearTransform": _exponent_with_line,
    "LogTransform": _log,
    "LogAffineTransform": _log_affine,
    "LogCameraTransform": _log_camera,
    "CDLTransform": _cdl,
    "Lut1DTransform": _curves,
    "Lut3DTransform": _lattice,
    "ExposureContrastTransform": _exposure,
    "FixedFunctionTransform": _fixed_function,
    "GradingRGBCurveTransform": _tone_scale,
}


def _cube(dims: int, size: int, values: NDArray[Any]) -> Cube:
    data = array("f", np.ascontiguousarray(values, np.float32).tobytes())
    return Cube(dims, size, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), data)


def _vec(values: Any) -> Vec3f:
    r, g, b = (float(v) for v in values)
    return r, g, b


def _rows(matrix: NDArray[Any]) -> Mat3:
    return _vec(matrix[0, :3]), _vec(matrix[1, :3]), _vec(matrix[2, :3])


def _diagonal(values: Sequence[float]) -> Mat3:
    return _rows(np.diag(np.array(values, np.float64)))
