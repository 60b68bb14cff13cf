"""Pictures whose rows are produced on demand, by the code of ``row_code``.

Such a picture is never completely in memory unless :meth:`Rows.whole` is called: a kernel requests
the rows at its position, which are still in the fastest cache when it uses them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from vedc.codegen.code_cache import code_folder
from vedc.codegen.filters.row_code import text
from vedc.codegen.filters.row_memory import floats
from vedc.codegen.filters.row_state import (
    FIELDS,
    ROW,
    ROWS,
    SLACK,
    STORE,
    UNIT,
    Kind,
    Way,
)
from vedc.codegen.llvm.compile import linked, object_code
from vedc.codegen.llvm.host import Host, host
from vedc.support.lazy_dataclass import dataclass

Floats = NDArray[np.float32]
Weights = NDArray[np.float64]
_Store = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)
_All = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)

#: Rows available to a reader at once: those of a 4:2:0 block. A power of 2.
KEPT: Final = 2
_BINOMIAL: Final = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 256.0
_BETWEEN: Final = np.array([1.0, 6.0, 1.0, 4.0, 4.0, 0.0]) / 64.0


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane in memory. ``stride``: bytes from row to row, negative if rows run upwards."""

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
    """A reader's access to rows: ``address`` and ``entry`` are valid while this object lives."""

    address: int
    entry: int
    owner: Any


class Rows:
    """A picture of ``columns`` x ``rows`` floats that is made from a plane row by row."""

    def __init__(
        self,
        way: Way,
        source: Plane,
        columns: int,
        rows: int,
        down: Weights | Floats,
        along: Weights | Floats | None = None,
        target: Host | None = None,
        **places: int,
    ) -> None:
        """``places``: the fields ``taps``, ``shift``, ``start``, ``left`` and ``right``."""
        self.source, self.columns, self.rows = source, columns, rows
        self._code = _code(way, source.kind, target or host())
        self._down = np.asarray(down, np.float32)
        self._along = np.zeros(1, np.float32) if along is None else np.asarray(along, np.float32)
        self._places = places
        self.held: Any = None
        """The owner of the memory that ``places`` refers to."""

    def opened(self) -> State:
        """The state for one reader, which keeps up to ``KEPT`` rows."""
        stride = self.columns + SLACK
        out = np.empty(KEPT * stride, np.float32)
        return self._state(out, 4 * stride, KEPT - 1)

    def whole(self) -> Floats:
        """All rows, in an array whose stride may exceed its row length."""
        stride = self.columns + SLACK
        out = floats(self.rows * stride).reshape(self.rows, stride)
        self.into(out, 4 * stride)
        return out[:, : self.columns]

    def into(self, out: Floats, stride: int) -> None:
        """Write all rows to memory with ``SLACK`` spare floats after them; ``stride`` in bytes."""
        state = self._state(out, stride, -1)
        self._code.all(state.address, 0, self.rows)

    def stored(self, address: int, stride: int, peak: int) -> None:
        """Write all rows to a plane of samples like the source's, rounded and clamped to
        0..``peak``. For :func:`resampled` only."""
        assert self._code.store is not None
        state = self._state(np.empty(self.columns + SLACK, np.float32), 0, 0)
        self._code.store(state.address, self.rows, address, stride, peak)

    def _state(self, out: Floats, stride: int, mask: int) -> State:
        source, at = self.source, self._places
        reach = at["left"] + source.columns + max(at["right"], 0)
        # Memory beyond the line may be read, with weight 0.
        line = np.zeros(max(reach, 2 * self.columns) + 2 * SLACK, np.float32)
        rows = np.empty(at["taps"], np.uint64)
        values = {
            "in": source.address, "stride": source.stride, "rows": source.rows,
            "columns": source.columns, "down": self._down.ctypes.data,
            "along": self._along.ctypes.data, "run": self._along.shape[-1],
            "line": line.ctypes.data, "places": rows.ctypes.data, "out": out.ctypes.data,
            "out_stride": stride, "mask": mask, "width": self.columns, "firsts": 0,
            "starts": 0, **at,
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
    samples; its first sample lies ``before`` samples of the plane (an even number) above and to the
    left of the plane's first."""
    right = 2 * columns + 3 - before - 2 - source.columns
    return Rows(
        "halve", source, columns, rows, _BINOMIAL, None, target,
        taps=5, shift=before + 2, start=0, left=before + 2, right=right,
    )  # fmt: skip


def doubled(
    source: Plane, before: int, columns: int, rows: int, target: Host | None = None
) -> Rows:
    """Twice as large, by the same filter, without the first ``before`` rows and columns (an even
    number)."""
    return Rows(
        "double", source, columns, rows, _BETWEEN, None, target,
        taps=3, shift=before, start=before // 2, left=1, right=1,
    )  # fmt: skip


class Runs:
    """Resampling along one axis, with a separate run of weights for each sample."""

    def __init__(self, starts: NDArray[np.int64], weights: Weights) -> None:
        """``weights``: (samples, taps); each run begins at its entry of ``starts``, which may lie
        outside the picture, where the outermost sample is repeated."""
        self.count, self.taps = weights.shape
        self.before = max(0, -int(starts.min()))
        self.end = int(starts.max()) + self.taps
        more = ((0, -self.count % UNIT), (0, -self.taps % UNIT))
        # In the forms used down the columns, and along the rows.
        self.rows = np.ascontiguousarray(starts), weights.astype(np.float32)
        self.columns = (
            np.pad(starts + self.before, more[0], mode="edge"),
            np.pad(weights, more).astype(np.float32),
        )


def resampled(source: Plane, down: Runs, along: Runs, target: Host | None = None) -> Rows:
    """As many rows and columns as there are runs."""
    firsts, starts = down.rows[0], along.columns[0]
    made = Rows(
        "resample", source, along.count, down.count, down.rows[1], along.columns[1], target,
        taps=down.taps, shift=0, start=0, left=along.before,
        right=max(0, along.end - source.columns),
        firsts=firsts.ctypes.data, starts=starts.ctypes.data,
    )  # fmt: skip
    made.held = down, along
    return made


@dataclass(frozen=True, slots=True)
class _Code:
    owner: llvm.ResourceTracker
    """Owns the machine code; must outlive all calls."""
    row: int
    """The address of ``ROW``."""
    all: Callable[..., None]
    store: Callable[..., None] | None


@cache
def _code(way: Way, kind: Kind, target: Host) -> _Code:
    stores = way == "resample" and kind != "f32"
    names = (ROW, ROWS, STORE) if stores else (ROW, ROWS)
    module = text(way, kind, target)
    # Other targets than this machine are those of tests, which compile.
    folder = code_folder() if target == host() else None
    made = object_code(module, lambda: module, target, folder)
    code = linked(f"{way}-{kind}", made, *names)
    return _Code(code, code[ROW], _All(code[ROWS]), _Store(code[STORE]) if stores else None)
