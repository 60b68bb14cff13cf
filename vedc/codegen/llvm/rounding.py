"""The value added before truncation to integers: 1/2, or the threshold of an ordered dither.

The thresholds of a row of samples repeat, so a vector of them is constant for the row: one load
from a table in the module.
"""

from __future__ import annotations

from vedc.codegen.llvm.context import FunctionContext
from vedc.codegen.llvm.vector import Builder, literal
from vedc.expr.program import BAYER

PERIOD = len(BAYER)


class Rounding:
    """Code for the value added to a vector of code values before truncation."""

    def __init__(self, c: FunctionContext) -> None:
        self.c = c
        self.dither = c.program.dither and not c.program.out.floating
        self._rows: dict[tuple[int, int, str], str] = {}

    def at(self, step: int, offset: int, row: str) -> str:
        """For samples in columns ``step * (%group + k) + offset`` of a plane, with k the lane,
        and in row ``row``, a value of the head block.
        """
        c = self.c
        if not self.dither:
            return c.body.const(0.5)
        key = step, offset, row
        # If groups may begin at any column of the matrix, the load belongs to the inner loop.
        fixed = step * c.module.lanes % PERIOD == 0
        if key not in self._rows:
            start = self._start(step, offset, row)
            self._rows[key] = _loaded(c.head, start) if fixed else start
        if fixed:
            return self._rows[key]
        column = c.body.emit(f"and i64 %group, {PERIOD - 1}")
        return _loaded(
            c.body, c.body.emit(f"getelementptr float, ptr {self._rows[key]}, i64 {column}")
        )

    def _start(self, step: int, offset: int, row: str) -> str:
        """The address of the row's thresholds in the table for these columns."""
        c = self.c
        name, count = f"dither.{step}.{offset}", c.module.lanes + PERIOD
        rows = [[t[(k * step + offset) % PERIOD] + 0.5 for k in range(count)] for t in BAYER]
        numbers = ", ".join(f"float {literal(value)}" for r in rows for value in r)
        c.module.declared[name] = (
            f"@{name} = private constant [{PERIOD * count} x float] [{numbers}], align 64"
        )
        number = c.head.emit(f"and i64 {row}, {PERIOD - 1}")
        at = c.head.emit(f"mul i64 {number}, {count}")
        return c.head.emit(f"getelementptr float, ptr @{name}, i64 {at}")


def _loaded(b: Builder, where: str) -> str:
    return b.emit(f"load {b.f}, ptr {where}, align 4")
