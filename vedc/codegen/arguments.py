"""Kernel arguments: the record of 64-bit fields with a kernel's addresses and sizes.

Its order: a header that begins with width and height; the address and stride in bytes of each
output plane; the same for each plane of each leaf, followed by the leaf's x, y, width and height;
table addresses. The CPU's record continues with memo table addresses and the parameters as float64.
"""

from __future__ import annotations

from collections.abc import Sequence

from vedc.codegen.image import Image
from vedc.errors import InternalError
from vedc.expr.program import Program


class ArgumentLayout:
    """Field numbers within a program's record, whose header has ``header`` fields."""

    WIDTH, HEIGHT = range(2)

    def __init__(self, program: Program, header: int) -> None:
        self.program = program
        self.out = header
        self._leaves: list[int] = []
        at = self.out + 2 * program.out.planes
        for leaf in program.leaves:
            self._leaves.append(at)
            at += 2 * leaf.format.planes + 4
        self.tables = at
        self.memos = self.tables + len(program.tables)
        self.params = self.memos + len(program.memos)
        self._loaded = program.loaded_leaves()

    def out_plane(self, plane: int) -> int:
        """The field of the output plane's address; its stride follows."""
        return self.out + 2 * plane

    def leaf_plane(self, leaf: int, plane: int) -> int:
        """The field of the leaf plane's address; its stride follows."""
        return self._leaves[leaf] + 2 * plane

    def leaf_place(self, leaf: int) -> int:
        """The field of the leaf's x; y, width and height follow."""
        return self._leaves[leaf] + 2 * self.program.leaves[leaf].format.planes

    def image_fields(self, leaves: Sequence[Image], out: Image) -> list[int]:
        """The fields from the output's planes up to the tables.

        Raises InternalError if a loaded covering leaf differs in size from the canvas.
        """
        program = self.program
        numbers = out.plane_fields(program.out)
        for index, (leaf, image) in enumerate(zip(program.leaves, leaves, strict=True)):
            fits = (image.width, image.height) == (out.width, out.height)
            if leaf.covers and not fits and index in self._loaded:
                raise InternalError(
                    f"a leaf of {image.width}x{image.height} does not cover the canvas "
                    f"of {out.width}x{out.height}"
                )
            numbers += image.plane_fields(leaf.format)
            numbers += (image.x, image.y, image.width, image.height)
        return numbers
