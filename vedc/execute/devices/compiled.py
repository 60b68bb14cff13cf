"""Compiled pieces, which executors make from a plan's pieces and cache for equal ones."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from vedc.errors import RenderError
from vedc.expr.program import Program, Table
from vedc.expr.uniforms import Evaluator, evaluator
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import ComputedPiece, FilterStep, Kernel
from vedc.plan.tables import TableSource, table_content
from vedc.support.lazy_dataclass import dataclass
from vedc.support.lru import LruCache

#: Pieces, kernels and tables kept in memory for reuse.
CACHED = 64

Code = TypeVar("Code")
Prepared = TypeVar("Prepared")


@dataclass(frozen=True, slots=True)
class BoundKernel(Generic[Code]):
    """A kernel of a piece with its machine code."""

    kernel: Kernel
    code: Code
    uniforms: Evaluator

    def params(self, frame: int) -> list[float]:
        """The program's parameters at a frame of the piece."""
        return self.uniforms([value.at(frame) for value in self.kernel.values])


@dataclass(frozen=True, slots=True)
class CompiledPiece(Generic[Code]):
    """A piece that is ready to run."""

    piece: ComputedPiece
    steps: tuple[BoundKernel[Code] | FilterStep, ...]


class Compiler(Generic[Code, Prepared]):
    """Compiles pieces and prepares lookup tables for one device. Used by one thread."""

    def __init__(
        self,
        compile_program: Callable[[Program, Path | None], Code],
        prepare_table: Callable[[Table, array[float]], Prepared],
        tables: Mapping[str, Cube | LookFile],
        cache: Path | None,
    ) -> None:
        """``tables``: digest -> content; ``cache``: the folder for compiled code."""
        self._compile_program, self._prepare_table = compile_program, prepare_table
        self._cubes, self._cache = tables, cache
        self._pieces: LruCache[int, CompiledPiece[Code]] = LruCache(CACHED)
        self._code: LruCache[str, Code] = LruCache(CACHED)
        self._tables: LruCache[TableSource, Prepared] = LruCache(CACHED)

    def piece(self, piece: ComputedPiece) -> CompiledPiece[Code]:
        # By identity, which the cached value keeps valid: hashing a piece takes too long.
        return self._pieces.get_or_make(id(piece), lambda: self._compiled(piece))

    def _compiled(self, piece: ComputedPiece) -> CompiledPiece[Code]:
        return CompiledPiece(
            piece,
            tuple(s if isinstance(s, FilterStep) else self._bound(s) for s in piece.steps),
        )

    def _bound(self, kernel: Kernel) -> BoundKernel[Code]:
        def compiled() -> Code:
            try:
                return self._compile_program(kernel.program, self._cache)
            except OSError as error:
                raise RenderError.one(
                    "cannot-use-cache",
                    f"compiled kernels cannot be stored in {self._cache}: {error.strerror}",
                    hint="free some space there, or choose another folder with --cache",
                ) from error

        code = self._code.get_or_make(kernel.program.digest(), compiled)
        return BoundKernel(kernel, code, evaluator(kernel.uniforms))

    def tables(self, kernel: Kernel) -> list[Prepared]:
        """The kernel's lookup tables in the device's layout."""
        return [self._table(kernel, index) for index in range(len(kernel.tables))]

    def _table(self, kernel: Kernel, index: int) -> Prepared:
        source = kernel.tables[index]

        def prepared() -> Prepared:
            content = table_content(source, self._cubes.__getitem__)
            return self._prepare_table(kernel.program.tables[index], content.data)

        return self._tables.get_or_make(source, prepared)

    def clear(self) -> None:
        for cached in (self._pieces, self._code, self._tables):
            cached.clear()
