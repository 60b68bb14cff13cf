"""The float64 reference: it defines a pixel program, and every kernel is tested against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vedc.codegen.reference.numpy_math import look_up, texels
from vedc.color import PixelFormat
from vedc.errors import InternalError
from vedc.expr.array_ops import FUNCTIONS, Floats
from vedc.expr.nodes import Expr, walk
from vedc.expr.program import BAYER, FLOAT_LIMIT, Program
from vedc.expr.taps import without_taps


@dataclass(frozen=True)
class LeafArrays:
    """An input image: planes of shape (rows, columns), in its format's order; ``rgba`` is one array
    of shape (rows, columns, 4), a semi-planar format's second plane has shape (rows, columns, 2).

    ``x``, ``y`` place its top left pixel on the canvas; a covering leaf is at 0, 0.
    """

    planes: Sequence[NDArray[Any]]
    x: int = 0
    y: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        rows, columns = self.planes[0].shape[:2]
        return columns, rows


def run(
    program: Program,
    leaves: Sequence[LeafArrays],
    params: Sequence[float],
    tables: Sequence[NDArray[Any]],
    width: int,
    height: int,
) -> list[NDArray[Any]]:
    """Run a program on one picture; returns the output's planes.

    ``tables`` are shaped as ``program.Table`` says. Memos are computed, never quantised.
    """
    out = program.out
    planes = run_unrounded(program, leaves, params, tables, width, height)
    codes = [_rounded(p, out, program.dither) for p in planes]
    if out.layout == "rgba":
        return [np.stack(codes, axis=-1)]
    if out.semi:
        return [codes[0], np.stack(codes[1:], axis=-1)]
    return codes


def run_unrounded(
    program: Program,
    leaves: Sequence[LeafArrays],
    params: Sequence[float],
    tables: Sequence[NDArray[Any]],
    width: int,
    height: int,
) -> list[Floats]:
    """The same before rounding: the averaged roots, neither clamped nor rounded."""
    with np.errstate(all="ignore"):  # infinities and NaN are part of the contract
        canvas = _Canvas(program, leaves, params, tables, width, height)
        roots = canvas.evaluate(without_taps(program.roots))
        return [_averaged(root, program.out, plane) for plane, root in enumerate(roots)]


def _averaged(root: Floats, format: PixelFormat, plane: int) -> Floats:
    """Block means of a root, if its plane is subsampled; odd edges count twice."""
    sub_x, sub_y = format.subsampling(plane)
    height, width = root.shape
    bx, by = 1 << sub_x, 1 << sub_y
    padded = np.pad(root, ((0, -height % by), (0, -width % bx)), mode="edge")
    rows, columns = padded.shape[0] // by, padded.shape[1] // bx
    return cast(Floats, padded.reshape(rows, by, columns, bx).mean(axis=(1, 3)))


def _rounded(values: Floats, format: PixelFormat, dither: bool) -> NDArray[Any]:
    """Samples as stored in memory."""
    if format.floating:
        numbers = np.where(np.isnan(values), 0.0, np.clip(values, -FLOAT_LIMIT, FLOAT_LIMIT))
        return numbers.astype(np.float32)
    clamped = np.fmin(np.fmax(values, 0.0), float(format.peak)) + 0.5
    if dither:
        rows, columns = values.shape
        clamped = clamped + np.tile(BAYER, (-(-rows // 8), -(-columns // 8)))[:rows, :columns]
    codes = np.floor(clamped).astype(np.uint8 if format.depth == 8 else np.uint16)
    return np.left_shift(codes, format.shift) if format.shift else codes


class _Canvas:
    """The pixels of one call and the values of nodes at them."""

    def __init__(
        self,
        program: Program,
        leaves: Sequence[LeafArrays],
        params: Sequence[float],
        tables: Sequence[NDArray[Any]],
        width: int,
        height: int,
    ) -> None:
        if len(leaves) != len(program.leaves) or len(params) != program.params:
            raise InternalError(
                f"the program takes {len(program.leaves)} leaves and {program.params} params, "
                f"got {len(leaves)} and {len(params)}"
            )
        self.program, self.leaves, self.params = program, leaves, params
        self.tables = [np.asarray(t, np.float64) for t in tables]
        self.shape = (height, width)
        self.rows, self.columns = np.arange(height), np.arange(width)
        self.values: dict[Expr, Floats] = {}

    def evaluate(self, exprs: Sequence[Expr]) -> list[Floats]:
        """Values over the canvas, shape (height, width)."""
        for e in walk(exprs):
            if e not in self.values:
                self.values[e] = self._value(e)
        return [np.broadcast_to(self.values[e], self.shape) for e in exprs]

    def _value(self, e: Expr) -> Floats:
        if e.op in FUNCTIONS:
            return FUNCTIONS[e.op](*(self.values[a] for a in e.args))
        if e.op == "const":
            return np.asarray(e.value)
        if e.op == "x":
            return cast(Floats, self.columns[np.newaxis] + 0.5)
        if e.op == "y":
            return cast(Floats, self.rows[:, np.newaxis] + 0.5)
        if isinstance(e.attr, tuple):
            first, second = e.attr
            if e.op == "load":
                return self._samples(first, second)
            if e.op == "texel":
                return texels(self._plane(first, second), *(self.values[a] for a in e.args))
            if e.op == "memo":
                return self.evaluate([self.program.memos[first].exprs[second]])[0]
            if e.op in ("lut1d", "lut3d"):
                return look_up(self.tables[first], second, *(self.values[a] for a in e.args))
        if isinstance(e.attr, int):
            if e.op == "param":
                return np.asarray(self.params[e.attr], np.float64)
            if e.op == "cover":
                return self._inside(e.attr).astype(np.float64)
        raise InternalError(f"the reference does not know {e!r}")

    def _own(self, leaf: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns of the canvas in the leaf's coordinates."""
        image = self.leaves[leaf]
        return self.rows - image.y, self.columns - image.x

    def _inside(self, leaf: int) -> NDArray[np.bool_]:
        width, height = self.leaves[leaf].size
        rows, columns = self._own(leaf)
        inside_y, inside_x = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
        return inside_y[:, np.newaxis] & inside_x[np.newaxis]

    def _plane(self, leaf: int, channel: int) -> NDArray[Any]:
        """The code values of a channel."""
        planes, format = self.leaves[leaf].planes, self.program.leaves[leaf].format
        if format.layout == "rgba":
            return planes[0][..., channel]
        if format.semi and channel:
            return planes[1][..., channel - 1] >> format.shift
        return planes[channel] >> format.shift if format.shift else planes[channel]

    def _samples(self, leaf: int, plane: int) -> Floats:
        """Code values; 0 outside. All pixels of a block share its chroma sample."""
        image, format = self.leaves[leaf], self.program.leaves[leaf].format
        samples = self._plane(leaf, plane)
        sub_x, sub_y = format.subsampling(plane)
        rows, columns = self._own(leaf)
        width, height = image.size
        row = np.clip(rows, 0, height - 1) >> sub_y
        column = np.clip(columns, 0, width - 1) >> sub_x
        found = samples[row[:, np.newaxis], column[np.newaxis]].astype(np.float64)
        return cast(Floats, np.where(self._inside(leaf), found, 0.0))
