"""The math namespace on float64 arrays: op bodies run directly, without tracing.

This is the oracle for tracing, rewriting and code generation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vedc.errors import InternalError
from vedc.expr.array_ops import FUNCTIONS, Floats
from vedc.expr.math import Math, Number, Scalar
from vedc.expr.nodes import Attr
from vedc.expr.taps import TAPS, Look, written_out


def texels(plane: NDArray[Any], x: Floats, y: Floats) -> Floats:
    """Samples of a plane at columns floor(x) and rows floor(y); 0 outside."""
    rows, columns = plane.shape
    x, y = np.broadcast_arrays(np.floor(x), np.floor(y))
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)  # false for NaN
    column = np.where(inside, x, 0.0).astype(np.intp)
    row = np.where(inside, y, 0.0).astype(np.intp)
    return np.where(inside, plane[row, column].astype(np.float64), 0.0)


def look_up(table: Floats, channel: int, *at: Floats) -> Floats:
    """One channel of a table: linear in a curve (size, 3), tetrahedral in a cube
    (blue, green, red, 3). Coordinates are clamped to 0..1; NaN counts as 0.
    """
    values, last = table[..., channel], len(table) - 1
    scaled = [np.fmin(np.fmax(x, 0.0), 1.0) * last for x in np.broadcast_arrays(*at)]
    cell = np.stack([np.minimum(np.floor(s), last - 1) for s in scaled]).astype(np.intp)
    fraction = np.stack(scaled) - cell
    if len(at) == 1:
        low, high = values[cell[0]], values[cell[0] + 1]
        return cast(Floats, low + (high - low) * fraction[0])
    # From the cell's lower corner to its upper one along the edges, the axis with the largest
    # fraction first: these four corners form the tetrahedron that contains the point.
    order = np.argsort(-fraction, axis=0, kind="stable")
    corner = cell.copy()
    result = values[corner[2], corner[1], corner[0]]
    for step in range(3):
        axis = order[step][np.newaxis]
        before = values[corner[2], corner[1], corner[0]]
        np.put_along_axis(corner, axis, np.take_along_axis(corner, axis, 0) + 1, 0)
        after = values[corner[2], corner[1], corner[0]]
        result = result + (after - before) * np.take_along_axis(fraction, axis, 0)[0]
    return cast(Floats, result)


class NumpyMath(Math):
    """Runs op bodies directly on float64 arrays.

    ``tables`` are indexed by ``Lut.index``; ``samples`` answers ``load``; ``layers`` are read by
    ``texel``: one array of shape (channels, rows, columns) per leaf.
    """

    def __init__(
        self,
        matrix: str = "bt709",
        tables: Sequence[Floats] = (),
        samples: Callable[[int, int], Floats] | None = None,
        layers: Sequence[NDArray[Any]] = (),
    ) -> None:
        super().__init__(matrix)
        self.tables, self.samples, self.layers = tables, samples, layers

    def apply(self, op: str, *args: Number, attr: Attr = None) -> Scalar:
        # Bodies are typed for Expr but also run on arrays: both have the operators they use.
        return cast(Scalar, self._array(op, [np.asarray(a, np.float64) for a in args], attr))

    def number(self, value: float) -> Scalar:
        return cast(Scalar, np.float64(value))

    def _array(self, op: str, args: list[Floats], attr: Attr) -> Floats:
        if op in FUNCTIONS:
            return FUNCTIONS[op](*args)
        if isinstance(attr, tuple):
            first, second = attr
            if op in ("lut1d", "lut3d"):
                return look_up(self.tables[first], second, *args)
            if op == "texel":
                return texels(self.layers[first][second], *args)
            if op in TAPS:
                look = Look(*(cast(Scalar, a) for a in args))
                return cast(Floats, written_out(self, op, first, second, look))
            if op == "load" and self.samples is not None:
                return self.samples(first, second)
        raise InternalError(f"{op} has no meaning outside a program")
