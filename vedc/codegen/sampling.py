"""``texel``: a sampled leaf's plane at any place, one masked gather a value.

Rows and columns are found in integers and an index counts samples, not bytes, so 2**31 of
them are within reach. Lanes whose place lies outside the plane touch no memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vedc.codegen.arguments import Arguments
from vedc.codegen.vector import Builder

#: A field of the argument block, as a value of the entry block: its number and type.
Field = Callable[[int, str], str]


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """Where lanes stand along one axis: whole numbers, and whether they are inside."""

    number: str
    inside: str


class Sampler:
    """Code for the texels of one function; what taps have in common is computed once.

    ``argument`` reads the argument block, ``entry`` builds the function's first block. Taps
    share within one builder, and within it only up to ``forget``: code that follows there may
    belong to another branch.
    """

    def __init__(self, arguments: Arguments, argument: Field, entry: Builder) -> None:
        self.arguments, self.argument, self.entry = arguments, argument, entry
        self._uniform: dict[tuple[int, bool], str] = {}
        self._axes: dict[tuple[Builder, int, str], _Axis] = {}
        self._masks: dict[tuple[_Axis, _Axis], str] = {}
        self._rows: dict[tuple[int, _Axis], str] = {}

    def forget(self) -> None:
        for shared in (self._axes, self._masks, self._rows):
            shared.clear()

    def texel(self, b: Builder, leaf: int, plane: int, x: str, y: str) -> str:
        """The sample that holds the point (x, y) of the leaf's own pixels; 0 outside."""
        place = self.arguments.leaf_place(leaf)
        column, row = self._axis(b, place + 2, x), self._axis(b, place + 3, y)
        both = (column, row)
        if both not in self._masks:
            self._masks[both] = b.emit(f"and {b.b} {column.inside}, {row.inside}")
        field = self.arguments.leaf_plane(leaf, plane)
        start = (field, row)
        if start not in self._rows:
            self._rows[start] = b.imul(row.number, self._lanes(field + 1, samples=True))
        index = b.iadd(self._rows[start], column.number)
        return b.gather("float", self.argument(field, "ptr"), index, self._masks[both])

    def _axis(self, b: Builder, size: int, at: str) -> _Axis:
        """The lanes' whole numbers along the axis whose length is field ``size``."""
        key = (b, size, at)
        if key not in self._axes:
            above = b.compare("oge", at, b.const(0.0))  # false for NaN
            length = b.to_float(self._lanes(size, samples=False))
            below = b.compare("olt", at, length)
            inside = b.emit(f"and {b.b} {above}, {below}")
            self._axes[key] = _Axis(b.to_int(at), inside)
        return self._axes[key]

    def _lanes(self, field: int, *, samples: bool) -> str:
        """A field in every lane; of bytes per row, the number of ``samples``."""
        key = (field, samples)
        if key not in self._uniform:
            number = self.argument(field, "i64")
            if samples:
                number = self.entry.emit(f"ashr i64 {number}, 2")
            small = self.entry.emit(f"trunc i64 {number} to i32")
            self._uniform[key] = self.entry.splat("i32", small)
        return self._uniform[key]
