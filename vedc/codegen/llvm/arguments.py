"""The argument block: one record of 64-bit fields that a kernel's call points to.

Python packs it with one ``struct`` call; the kernel's entry block reads each field once.
Order: width, height, first and last block row; address and bytes per row of each output
plane; for each leaf the same for its planes, then x, y, width, height; table addresses;
memo table addresses; the parameters as float64.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from vedc.expr.program import Program


@dataclass(frozen=True)
class Arguments:
    """Field numbers within a program's argument block."""

    program: Program
    out: int = field(init=False)
    leaves: tuple[int, ...] = field(init=False)
    tables: int = field(init=False)
    memos: int = field(init=False)
    params: int = field(init=False)

    WIDTH, HEIGHT, FIRST, LAST = range(4)

    def __post_init__(self) -> None:
        program = self.program
        at = self.LAST + 1
        put = object.__setattr__
        put(self, "out", at)
        at += 2 * program.out.planes
        leaves = []
        for leaf in program.leaves:
            leaves.append(at)
            at += 2 * leaf.format.planes + 4
        put(self, "leaves", tuple(leaves))
        put(self, "tables", at)
        at += len(program.tables)
        put(self, "memos", at)
        at += len(program.memos)
        put(self, "params", at)

    def leaf_plane(self, leaf: int, plane: int) -> int:
        """The field of the plane's address; its bytes per row follow."""
        return self.leaves[leaf] + 2 * plane

    def leaf_place(self, leaf: int) -> int:
        """The field of the leaf's x; y, width and height follow."""
        return self.leaves[leaf] + 2 * self.program.leaves[leaf].format.planes

    def packer(self) -> struct.Struct:
        return struct.Struct(f"<{self.params}q{self.program.params}d")
