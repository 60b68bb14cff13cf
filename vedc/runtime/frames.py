"""Computing frames: fetched pictures in, the encoder's planes out."""

from __future__ import annotations

import itertools
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from vedc.codegen.image import Image
from vedc.codegen.llvm import Kernel as Code
from vedc.codegen.llvm import compile_program
from vedc.codegen.tables import MemoTable, Prepared, prepare_table
from vedc.errors import RenderError
from vedc.expr.uniforms import evaluator
from vedc.ir.graph import Node
from vedc.ops.cube import Cube, read
from vedc.plan.fuse import Copy, Kernel, fuse
from vedc.runtime.bitmaps import Bitmaps

#: Memo tables kept between pieces. Each may grow to 64 MiB with the colours that turn up.
MEMO_TABLES = 3
#: Frames with fewer block rows than this are not worth splitting over threads.
BAND_ROWS = 64


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Compiled:
    """A piece's kernel with everything that stays the same from frame to frame."""

    kernel: Kernel
    code: Code
    uniforms: Callable[[Sequence[float]], list[float]]


class Computer:
    """Compiles pieces and draws their frames. Used by one thread at a time."""

    def __init__(self, files: Mapping[str, str], cache: Path | None, threads: int) -> None:
        """``files``: digest -> path; ``cache``: where compiled objects are kept."""
        self._files, self._cache, self._threads = files, cache, max(1, threads)
        self._pool = ThreadPoolExecutor(self._threads, "vedc-band") if threads > 1 else None
        self._pieces: OrderedDict[Node, Compiled | Copy] = OrderedDict()
        self._code: dict[str, Code] = {}
        self._cubes: dict[str, Cube] = {}
        self._tables: dict[str, Prepared] = {}
        self._memos: OrderedDict[object, MemoTable] = OrderedDict()
        self.bitmaps = Bitmaps(files)

    def compile(self, graph: Node) -> Compiled | Copy:
        """The kernel of a piece's graph, made once and kept for the next piece like it."""
        found = self._pieces.get(graph)
        if found is None:
            found = self._pieces[graph] = self._compile(graph)
            if len(self._pieces) > 64:
                self._pieces.popitem(last=False)
        return found

    def _compile(self, graph: Node) -> Compiled | Copy:
        kernel = fuse(graph, self._cube)
        if isinstance(kernel, Copy):
            return kernel
        digest = kernel.program.digest()
        if digest not in self._code:
            try:
                self._code[digest] = compile_program(kernel.program, self._cache)
            except OSError as error:
                raise RenderError.one(
                    "cannot-use-cache",
                    f"compiled kernels cannot be kept in {self._cache}: {error.strerror}",
                    hint="free some space there, or name another folder with --cache",
                ) from error
        return Compiled(kernel, self._code[digest], evaluator(kernel.uniforms))

    def draw(self, piece: Compiled, frame: int, sources: Mapping[int, Image], out: Image) -> None:
        """Draw frame ``frame`` of a piece into ``out``.

        ``sources`` maps the index of a fetch to the decoded picture, already placed.
        """
        kernel = piece.kernel
        drawn = {i: fetch for i, fetch in enumerate(kernel.fetches) if i not in sources}
        images = dict(zip(drawn, self.bitmaps.images(drawn.values()), strict=True))
        leaves = [sources[i] if i in sources else images[i] for i in range(len(kernel.fetches))]
        params = piece.uniforms([value.at(frame) for value in kernel.values])
        tables = [self._table(kernel, i).address for i in range(len(kernel.tables))]
        memos = [self._memo(piece, i, params) for i in range(len(kernel.memos))]
        rows = -(-out.height >> kernel.program.out.sub_y)
        if self._pool is None or rows < BAND_ROWS:
            piece.code(leaves, params, tables, out, memos)
            return
        edges = [rows * i // self._threads for i in range(self._threads + 1)]
        bands = [
            self._pool.submit(piece.code, leaves, params, tables, out, memos, band)
            for band in itertools.pairwise(edges)
        ]
        for band in bands:
            band.result()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        for memo in self._memos.values():
            memo.close()
        self._memos.clear()

    def _cube(self, digest: str) -> Cube:
        if digest not in self._cubes:
            self._cubes[digest] = read(Path(self._files[digest]))
        return self._cubes[digest]

    def _table(self, kernel: Kernel, index: int) -> Prepared:
        digest = kernel.tables[index]
        if digest not in self._tables:
            table = kernel.program.tables[index]
            self._tables[digest] = prepare_table(table, self._cube(digest).data)
        return self._tables[digest]

    def _memo(self, piece: Compiled, index: int, params: Sequence[float]) -> MemoTable:
        kernel = piece.kernel
        inputs = kernel.memos[index]
        key = (
            piece.code.program_digest,
            index,
            tuple(params[i] for i in inputs.params),
            tuple(kernel.tables[i] for i in inputs.tables),
        )
        if key in self._memos:
            self._memos.move_to_end(key)
            return self._memos[key]
        while len(self._memos) >= max(MEMO_TABLES, len(kernel.memos)):
            self._memos.popitem(last=False)[1].close()
        made = self._memos[key] = MemoTable()
        return made
