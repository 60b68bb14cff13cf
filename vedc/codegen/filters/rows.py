"""Pictures whose rows are made when they are asked for, by the code of ``row_code``.

Such a picture is never whole in memory unless :meth:`Rows.whole` is called: a kernel that reads it
asks for the rows that it is at, which are still in the fastest cache when it uses them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from vedc.codegen.filters.row_code import FIELDS, ROW, ROWS, SLACK, Kind, Way, text
from vedc.codegen.llvm.compile import linked, object_code
from vedc.codegen.llvm.host import Host, host
from vedc.support.lazy_dataclass import dataclass

Floats = NDArray[np.float32]
Weights = NDArray[np.float64]
_All = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)

#: Rows that a reader may look at together: those of a block of 4:2:0. A power of 2.
KEPT: Final = 2
_BINOMIAL: Final = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 256.0
_BETWEEN: Final = np.array([1.0, 6.0, 1.0, 4.0, 4.0, 0.0]) / 64.0


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane in memory. ``stride``: bytes from row to row, negative where they run upwards."""

    address: int
    stride: int
    columns: int
    rows: int
    kind: Kind = "f32"
    owner: Any = None
    """The object that owns the memory."""


def of_array(array: NDArray[Any]) -> Plane:
    """The plane of a two-dimensional array, whose rows are contiguous."""
    kind: Kind = {1: "u8", 2: "u16"}.get(array.itemsize, "f32")  # type: ignore[assignment]
    rows, columns = array.shape
    return Plane(array.ctypes.data, array.strides[0], columns, rows, kind, array)


@dataclass(frozen=True, slots=True)
class State:
    """Where a reader finds rows: it may use ``address`` with ``entry`` as long as this lives."""

    address: int
    entry: int
    owner: Any


class Rows:
    """A picture of ``columns`` x ``rows`` floats that is made of a plane row by row."""

    def __init__(
        self,
        way: Way,
        source: Plane,
        columns: int,
        rows: int,
        down: Weights,
        along: Weights | None = None,
        target: Host | None = None,
        **places: int,
    ) -> None:
        """``places``: the fields ``taps``, ``shift``, ``start``, ``left`` and ``right``."""
        self.source, self.columns, self.rows = source, columns, rows
        self._code = _code(way, source.kind, target or host())
        self._down = down.astype(np.float32)
        self._along = np.zeros(1, np.float32) if along is None else along.astype(np.float32)
        self._places = places

    def opened(self) -> State:
        """For one reader, that keeps up to ``KEPT`` rows."""
        stride = self.columns + SLACK
        out = np.empty(KEPT * stride, np.float32)
        return self._state(out, 4 * stride, KEPT - 1)

    def whole(self) -> Floats:
        """All rows, in an array whose rows may be further apart than they are long."""
        stride = self.columns + SLACK
        out = np.empty((self.rows, stride), np.float32)
        self.into(out, 4 * stride)
        return out[:, : self.columns]

    def into(self, out: Floats, stride: int) -> None:
        """All rows into memory that goes on for ``SLACK`` floats after them; ``stride`` in
        bytes."""
        state = self._state(out, stride, -1)
        self._code.all(state.address, 0, self.rows)

    def _state(self, out: Floats, stride: int, mask: int) -> State:
        source, at = self.source, self._places
        reach = at["left"] + source.columns + max(at["right"], 0)
        line = np.empty(max(reach, 2 * self.columns) + 2 * SLACK, np.float32)
        rows = np.empty(at["taps"], np.uint64)
        values = {
            "in": source.address, "stride": source.stride, "rows": source.rows,
            "columns": source.columns, "down": self._down.ctypes.data,
            "along": self._along.ctypes.data, "run": len(self._along), "line": line.ctypes.data,
            "places": rows.ctypes.data, "out": out.ctypes.data, "out_stride": stride,
            "mask": mask, "width": self.columns, **at,
        }  # fmt: skip
        fields = np.array([values[name] for name in FIELDS], np.int64)
        return State(fields.ctypes.data, self._code.row, (self, fields, line, rows, out))


def convolved(source: Plane, down: Weights, along: Weights, target: Host | None = None) -> Rows:
    """Odd numbers of weights, centred on the sample, down the columns and along the rows."""
    above, before = len(down) // 2, len(along) // 2
    return Rows(
        "convolve", source, source.columns, source.rows, down, along, target,
        taps=len(down), shift=above, start=0, left=before, right=before,
    )  # fmt: skip


def halved(source: Plane, before: int, columns: int, rows: int, target: Host | None = None) -> Rows:
    """Half as large, by the binomial filter 1 4 6 4 1. The result has ``columns`` x ``rows``
    samples; the first lies ``before`` samples of the plane, an even number, above and to the left
    of its first."""
    right = 2 * columns + 3 - before - 2 - source.columns
    return Rows(
        "halve", source, columns, rows, _BINOMIAL, None, target,
        taps=5, shift=before + 2, start=0, left=before + 2, right=right,
    )  # fmt: skip


def doubled(
    source: Plane, before: int, columns: int, rows: int, target: Host | None = None
) -> Rows:
    """Twice as large, by the same filter, without the first ``before`` rows and columns, an even
    number."""
    return Rows(
        "double", source, columns, rows, _BETWEEN, None, target,
        taps=3, shift=before, start=before // 2, left=1, right=1,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Code:
    owner: llvm.ResourceTracker
    """Holds the machine code, which must live as long as it is called."""
    row: int
    """The address of ``ROW``."""
    all: Callable[..., None]


@cache
def _code(way: Way, kind: Kind, target: Host) -> _Code:
    code = linked(f"{way}-{kind}", object_code(text(way, kind, target), target), ROW, ROWS)
    return _Code(code, code[ROW], _All(code[ROWS]))
