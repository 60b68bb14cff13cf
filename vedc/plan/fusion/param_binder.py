"""The parameters of one kernel: literals, uniforms and tables.

A kernel has three kinds of parameters. *Literal*, part of its code: choices, integers, and the few
values (constant 0 and 1) that make parts of an op vanish. *Dynamic*, a uniform that is evaluated
once per frame: everything else, keyframed or not. *Specialised*: a constant built into a memo or a
table, once for the piece.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from vedc import ops
from vedc.edit.values import Keyframes
from vedc.expr import nodes
from vedc.expr.chain import Look
from vedc.expr.math import Lut, Math, Scalar, Vec3
from vedc.ir.image import Param
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import KernelParam
from vedc.plan.tables import CurveTable, LookTable, ReadTable, TableSource, table_content

LITERALS: Final = (0.0, 1.0)


class ParamBinder:
    """Turns the graph's parameters into arguments of op bodies; collects values and tables."""

    def __init__(self, math: Math, read_table: ReadTable) -> None:
        self.math, self.read_table = math, read_table
        self.values: list[KernelParam] = []
        self.tables: list[TableSource] = []
        self.cubes: list[Cube] = []

    def argument(self, param: ops.Param, value: Param) -> object:
        """The body's argument for a parameter."""
        if param.kind == "table":
            assert isinstance(value, str)
            return self.look(value)
        if param.kind == "palette":
            assert isinstance(value, str)
            return self.table(value) if value else None
        if param.kind == "curve":
            assert isinstance(value, tuple)
            if not param.periodic and _is_straight(value):
                return Lut(-1, 1, 2, straight=True)
            return self.table(CurveTable(value, param.periodic))
        if param.kind in ("enum", "boolean", "integer", "text", "weights", "correction"):
            return value
        if param.kind == "number":
            return self.number(value)
        assert isinstance(value, (tuple, Keyframes))
        if param.kind in ("rgb", "color"):
            return Vec3(*(self.uniform(KernelParam(value, i)) for i in range(3)))
        if param.kind == "pair":
            return tuple(self.uniform(KernelParam(value, i)) for i in range(2))
        assert isinstance(value, tuple)  # points do not move
        flat = [self.uniform(KernelParam(value, i)) for i in range(len(value))]
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    def number(self, value: Param) -> Scalar:
        assert isinstance(value, (float, int, Fraction, Keyframes))
        return self.uniform(KernelParam(value if isinstance(value, Keyframes) else float(value)))

    def uniform(self, value: KernelParam) -> Scalar:
        if not value.moves and value.at(0) in LITERALS:
            return self.math.number(value.at(0))
        self.values.append(value)
        return nodes.param(len(self.values) - 1)

    def constants(self) -> list[float | None]:
        """The value of each uniform; None if it is animated."""
        return [None if value.moves else value.at(0) for value in self.values]

    def look(self, digest: str) -> Lut | Look:
        """A colour file: a single table, or a look that needs more."""
        held = self.read_table(digest)
        if isinstance(held, Cube):
            return self.table(digest)
        return held.bound(lambda number: self.table(LookTable(digest, number)))

    def table(self, source: TableSource) -> Lut:
        if source not in self.tables:
            self.tables.append(source)
            self.cubes.append(table_content(source, self.read_table))
        index = self.tables.index(source)
        cube = self.cubes[index]
        return Lut(index, cube.dims, cube.size, cube.domain_min, cube.domain_max)


def _is_straight(points: tuple[float, ...]) -> bool:
    """Whether a curve is the line from (0, 0) to (1, 1)."""
    return points[::2] == points[1::2] and (points[0], points[-1]) == (0.0, 1.0)
