"""Lookup tables of kernels: where their numbers come from, and the numbers themselves."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

from vedc.expr.intervals import Interval
from vedc.expr.nodes import Expr, node
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vedc.expr.array_ops import Floats

ReadTable = Callable[[str], Cube | LookFile]
"""The content of the colour file with a digest."""


@dataclass(frozen=True, slots=True)
class LookTable:
    """One of the tables of a colour file that has more than a single table."""

    digest: str
    number: int


@dataclass(frozen=True, slots=True)
class CurveTable:
    """A table of the points of a curve."""

    points: tuple[float, ...]
    periodic: bool


@dataclass(frozen=True, slots=True)
class TabulatedFunctions:
    """Up to three functions of one number each, to be sampled over intervals."""

    chains: tuple[Expr, ...]
    atoms: tuple[Expr, ...]
    spans: tuple[Interval, ...]
    values: tuple[float, ...]
    """The values of their uniforms, by parameter."""
    size: int

    def cube(self) -> Cube:
        """The functions' values, each over its interval."""
        columns = [self._sampled(i, self.size) for i in range(len(self.chains))]
        columns += [columns[0]] * (3 - len(columns))
        rows = (value for row in zip(*columns, strict=True) for value in row)
        return Cube(1, self.size, (0.0,) * 3, (1.0,) * 3, array("f", rows))

    def _sampled(self, index: int, count: int) -> list[float]:
        import numpy as np

        low, high = self.spans[index]
        sampled: list[float] = self._at(index, np.linspace(low, high, count)).tolist()
        return sampled

    def _at(self, index: int, at: Floats) -> Floats:
        import numpy as np

        from vedc.expr.array_ops import evaluate_on_arrays

        given = {node("param", attr=i): value for i, value in enumerate(self.values)}
        (found,) = evaluate_on_arrays([self.chains[index]], {self.atoms[index]: at, **given})
        return np.broadcast_to(found, at.shape)

    def error(self) -> float:
        """The largest deviation of the tables from the functions, on a grid 8 times finer."""
        import numpy as np

        worst = 0.0
        for index, (low, high) in enumerate(self.spans):
            coarse = np.linspace(low, high, self.size)
            fine = np.linspace(low, high, (self.size - 1) * 8 + 1)
            table = self._at(index, coarse).astype(np.float32)
            exact = self._at(index, fine)
            if not np.isfinite(exact).all():
                return math.inf
            worst = max(worst, float(np.abs(np.interp(fine, coarse, table) - exact).max()))
        return worst


TableSource = str | LookTable | CurveTable | TabulatedFunctions
"""The digest of a .cube file, a table of another colour file, a curve, or functions."""


def file_of(source: TableSource) -> str | None:
    """The digest of the colour file that a table comes from, if it comes from one."""
    if isinstance(source, LookTable):
        return source.digest
    return source if isinstance(source, str) else None


def table_content(source: TableSource, read_table: ReadTable) -> Cube:
    """The numbers of a kernel's table."""
    if isinstance(source, str):
        held = read_table(source)
        assert isinstance(held, Cube)
        return held
    if isinstance(source, LookTable):
        look = read_table(source.digest)
        assert isinstance(look, LookFile)
        return look.tables[source.number]
    if isinstance(source, TabulatedFunctions):
        return source.cube()
    from vedc.ops.shared import curve

    return curve.table(source.points, periodic=source.periodic)
