"""State shared by the parts of one kernel function: builders, block geometry, rates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vedc.codegen.llvm.opcodes import Opcodes
from vedc.codegen.llvm.vector import Builder, Module
from vedc.expr.nodes import Expr, load, walk
from vedc.expr.program import Program

# Rates, as bits: a value varies with rows or columns within the block, or with the group.
ROW, COLUMN, GROUP = 1, 2, 4


class FunctionContext:
    """One kernel function under construction.

    Code goes to one of three builders: ``entry`` runs once per call, ``head`` once per block
    row, ``body`` once per group. Text attributes name values there.
    """

    def __init__(self, program: Program, module: Module) -> None:
        self.program = program
        self.module = module
        out = program.out
        self.sub_x, self.sub_y = out.subsampling(1)
        self.columns, self.rows = 1 << self.sub_x, 1 << self.sub_y
        self.group = module.lanes * self.columns
        self.entry, self.head, self.body = (Builder(module, []) for _ in range(3))
        self.opcodes = Opcodes(program, module, self.entry)
        self.placed = [i for i, leaf in enumerate(program.leaves) if not leaf.covers]
        self.fixed: dict[tuple[Expr, int], str] = {}
        """Values of the entry and head blocks, by expression and row of the block."""
        self.scratch = 0
        """Size of the scratch area so far, in bytes."""
        self._varies: dict[Expr, int] = {}

        entry, head = self.entry, self.head
        self.width, self.height, self.first, self.last = (
            self.opcodes.argument(k) for k in range(4)
        )
        self.last_column = entry.emit(f"sub i64 {self.width}, 1")
        last_row = entry.emit(f"sub i64 {self.height}, 1")
        blocks = entry.emit(f"add i64 {self.width}, {self.columns - 1}")
        self.blocks = entry.emit(f"lshr i64 {blocks}, {self.sub_x}")
        self.last_column_lanes = entry.splat("i32", truncate(entry, self.last_column))
        # A row beyond an odd height repeats the last one.
        top = head.emit(f"shl i64 %block, {self.sub_y}")
        self.row_numbers = [
            smaller(head, head.emit(f"add i64 {top}, {row}"), last_row) for row in range(self.rows)
        ]
        self.x = self.body.emit(f"shl i64 %group, {self.sub_x}")
        self.x_lanes = self.body.splat("i32", truncate(self.body, self.x))

    # -- memory -------------------------------------------------------------------------

    def row_pointer(self, field: int, row: str, shift: int = 0) -> str:
        """The address of a row of the plane whose description begins at argument ``field``."""
        base, stride = self.opcodes.argument(field, "ptr"), self.opcodes.argument(field + 1)
        if shift:
            row = self.head.emit(f"ashr i64 {row}, {shift}")
        offset = self.head.emit(f"mul i64 {row}, {stride}")
        return self.head.emit(f"getelementptr i8, ptr {base}, i64 {offset}")

    def streamed_row(self, field: int, row: str, shift: int = 0) -> str:
        """The same for a streamed leaf, whose plane is described by the addresses of a state and of
        the function that produces a row."""
        state, make = self.opcodes.argument(field, "ptr"), self.opcodes.argument(field + 1, "ptr")
        if shift:
            row = self.head.emit(f"ashr i64 {row}, {shift}")
        return self.head.emit(f"call ptr {make}(ptr {state}, i64 {row})")

    def area(self, size: int) -> str:
        """A part of the scratch area, rounded up to 64 bytes."""
        at = self.scratch
        self.scratch += -(-size // 64) * 64
        return self.entry.emit(f"getelementptr i8, ptr %scratch, i64 {at}")

    def sampling(self, leaf: int, plane: int) -> tuple[int, int]:
        """log2 of the subsampling of a leaf's plane."""
        return self.program.leaves[leaf].format.subsampling(plane)

    def subsampled(self, plane: int) -> bool:
        """Whether a plane of the output has one sample for a block of several pixels."""
        return self.program.out.subsampling(plane) != (0, 0)

    # -- rates --------------------------------------------------------------------------

    def loads(self, roots: Iterable[Expr]) -> Iterator[Expr]:
        """The loads below the roots, including those that index memo tables."""
        for e in walk(roots):
            if e.op == "load":
                yield e
            elif e.op == "memo":
                assert isinstance(e.attr, tuple)
                leaf = self.program.memos[e.attr[0]].leaf
                yield from (load(leaf, plane) for plane in range(3))

    def varies(self, e: Expr) -> int:
        """The rate of ``e``: bits of ``ROW``, ``COLUMN`` and ``GROUP``."""
        found = self._varies.get(e)
        if found is None:
            match e.op:
                case "x":
                    found = GROUP | COLUMN
                case "y":
                    found = ROW
                case "cover":
                    found = GROUP | COLUMN | ROW
                case "load":
                    assert isinstance(e.attr, tuple)
                    found = self.load_varies(*e.attr)
                case _:
                    found = 0
                    for a in self.loads([e]) if e.op == "memo" else e.args:
                        found |= self.varies(a)
            self._varies[e] = found
        return found

    def load_varies(self, leaf: int, plane: int) -> int:
        """The same for a sample: one shared by a whole block varies by group only."""
        shift_x, shift_y = self.sampling(leaf, plane)
        placed = not self.program.leaves[leaf].covers
        found = GROUP
        if self.columns > 1 and (placed or not shift_x):
            found |= COLUMN
        if self.rows > 1 and (placed or not shift_y):
            found |= ROW
        return found


def smaller(b: Builder, left: str, right: str) -> str:
    """The smaller of two i64."""
    b.module.declared["llvm.smin.i64"] = "declare i64 @llvm.smin.i64(i64, i64)"
    return b.emit(f"call i64 @llvm.smin.i64(i64 {left}, i64 {right})")


def truncate(b: Builder, value: str) -> str:
    return b.emit(f"trunc i64 {value} to i32")
