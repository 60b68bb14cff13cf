"""Grades as tables: the effect of any chain of colour ops on the colours of a lattice.

A table is an array (17, 17, 17, 3), indexed by red, green and blue of the picture before, each from
0 to 1; its entries are graded display values, in 0..1. Between the points of the lattice it is
interpolated tetrahedrally, as ``lut`` reads a .cube file. Grades are judged, estimated and compared
as tables, whatever their origin.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.color import Color
from vedc.decide.arrays import Float, Floats, Ints
from vedc.decide.grades.shot import Step
from vedc.errors import InternalError
from vedc.expr.math import Lut, Scalar, Vec3
from vedc.looks import read as look_files
from vedc.looks.run import lut_of, samples
from vedc.ops.core.registry import Op, Param
from vedc.ops.shared import color_conversion, cube, curve

SIZE: Final = 17
"""Points of a table along each axis."""
POINTS: Final = SIZE**3

Table = Float
"""(17, 17, 17, 3); see the module."""


@lru_cache(maxsize=1)
def _lattice() -> Floats:
    axis = np.linspace(0.0, 1.0, SIZE)
    points = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    points.setflags(write=False)
    return points


def identity() -> Table:
    """The table that changes nothing."""
    return _lattice().astype(np.float32)


def is_pointwise(op: Op) -> bool:
    """Whether an op's result depends on the colour alone, so that a table can hold it."""
    return op.kind == "grade" and not (op.positional or op.timed)


def graded(
    steps: Sequence[Step], pixels: NDArray[Any], matrix: str = "bt709", transfer: str = "bt709"
) -> Floats:
    """Colours (..., 3) after steps with constant values, through the ops' own bodies.

    ``pixels`` are display values of a canvas with that matrix and transfer. The result is not
    clamped. Raises InternalError for an op that a table cannot hold.
    """
    flat = np.asarray(pixels, np.float64).reshape(-1, 3)
    color = Vec3(*cast("tuple[Scalar, ...]", tuple(flat.T)))
    with np.errstate(all="ignore"):
        for step in steps:
            color = _stepped(step, color, matrix, transfer)
        channels = np.broadcast_arrays(*(np.asarray(c, np.float64) for c in color.channels))
    return np.stack(channels, -1).reshape(np.shape(pixels))


def _stepped(step: Step, color: Vec3, matrix: str, transfer: str) -> Vec3:
    op = ops.get(step["op"])
    if not is_pointwise(op):
        raise InternalError(f"{op.name} looks at more than the colour")
    tables: list[Floats] = []
    m = NumpyMath(matrix, tables=tables)
    given = {p.name: _argument(p, step.get(p.name, p.default), tables) for p in op.params}
    if op.colored:
        primaries = "bt2020" if matrix == "bt2020nc" else "bt709"
        given["canvas"] = Color(primaries, transfer)
    if op.space == "display":
        return cast(Vec3, op.body(m, color, **given))
    light = color_conversion.linearize(m, color, transfer)
    return color_conversion.delinearize(m, op.body(m, light, **given), transfer)


def _argument(param: Param, value: Any, tables: list[Floats]) -> Any:
    """A plain value as an op's body takes it."""
    match param.kind:
        case "rgb" | "color":
            return Vec3(*cast("tuple[Scalar, ...]", tuple(np.broadcast_to(value, 3))))
        case "number":
            return np.float64(value)
        case "curve":
            points = tuple(float(v) for v in np.ravel(value))
            read = _curve(points, param.periodic)
        case "table":
            held = look_files.read(Path(value))
            if not isinstance(held, cube.Cube):
                parts = held.tables
                return held.bound(lambda number: _lut(parts[number], tables))
            read = held
        case "enum" | "boolean" | "integer" | "text" | "correction":
            return value
        case _:
            raise InternalError(f"a grade has no parameter of kind {param.kind}")
    return _lut(read, tables)


def _lut(read: cube.Cube, tables: list[Floats]) -> Lut:
    """The handle of a table, which is added to ``tables``."""
    tables.append(samples(read))
    return lut_of(len(tables) - 1, read)


@lru_cache(maxsize=64)
def _curve(points: tuple[float, ...], periodic: bool) -> cube.Cube:
    """Cached, since the same steps are examined several times."""
    return curve.table(points, periodic)


def table_of(steps: Sequence[Step], matrix: str = "bt709", transfer: str = "bt709") -> Table:
    """The table of a chain of steps; see :func:`graded`. No steps give the identity."""
    return as_table(graded(steps, _lattice(), matrix, transfer))


def as_table(values: NDArray[Any]) -> Table:
    """Display values at the points of the lattice as a table: clamped to 0..1, NaN to 0."""
    finite = np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0)
    table: Table = np.clip(finite, 0.0, 1.0).astype(np.float32)
    return table.reshape(SIZE, SIZE, SIZE, 3)


def sampled(grade: Callable[[Floats], NDArray[Any]]) -> Table:
    """The table of any function of display values (n, 3)."""
    return as_table(grade(_lattice().reshape(-1, 3).copy()))


def corners(pixels: NDArray[Any]) -> tuple[Ints, Float]:
    """Where colours (n, 3) lie in the lattice: points (n, 4) and their shares (n, 4).

    The points index a table reshaped to (17 ** 3, ...); shares add up to 1.
    """
    scaled = np.clip(np.nan_to_num(np.asarray(pixels, np.float32)), 0.0, 1.0) * (SIZE - 1)
    cell = np.minimum(scaled.astype(np.int64), SIZE - 2)
    fraction = scaled - cell
    order = np.argsort(-fraction, axis=1, kind="stable")
    steps = np.array((SIZE * SIZE, SIZE, 1), np.int64)
    points = np.empty((len(scaled), 4), np.int64)
    points[:, 0] = cell @ steps
    np.cumsum(steps[order], axis=1, out=points[:, 1:])
    points[:, 1:] += points[:, :1]
    by_size = np.take_along_axis(fraction, order, 1)
    shares = np.empty((len(scaled), 4), np.float32)
    shares[:, 0] = 1.0 - by_size[:, 0]
    shares[:, 1:3] = by_size[:, :2] - by_size[:, 1:]
    shares[:, 3] = by_size[:, 2]
    return points, shares


def apply(table: Table, pixels: NDArray[Any]) -> Float:
    """Colours (..., 3) through a table."""
    flat = np.asarray(pixels, np.float32).reshape(-1, 3)
    points, shares = corners(flat)
    values = table.reshape(POINTS, 3)
    result = np.zeros((len(flat), 3), np.float32)
    for i in range(4):
        result += values[points[:, i]] * shares[:, i, np.newaxis]
    return result.reshape(np.shape(pixels))


def composed(first: Table, second: Table) -> Table:
    """One table for two grades, one after the other."""
    return apply(second, first)


def as_cube(table: Table, title: str = "") -> cube.Cube:
    """A table as the ``lut`` op reads it."""
    ordered = np.ascontiguousarray(table.transpose(2, 1, 0, 3), np.float32)  # red fastest
    data = array("f", ordered.tobytes())
    return cube.Cube(3, SIZE, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), data, title)


def of_cube(held: cube.Cube) -> Table:
    """The table of a .cube file over display values."""
    m, lut = NumpyMath(tables=[samples(held)]), lut_of(0, held)
    at = Vec3(*cast("tuple[Scalar, ...]", tuple(_lattice().reshape(-1, 3).T)))
    return as_table(np.stack([np.asarray(c) for c in m.lookup(lut, at).channels], -1))
