"""Computing frames: fetched pictures in, the encoder's planes out."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from vedc.codegen.image import Image
from vedc.codegen.llvm.compile import CompiledKernel as Code
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.memo import MemoTable
from vedc.codegen.tables import PackedTable, prepare_table
from vedc.errors import RenderError
from vedc.execute.bitmaps import Bitmaps
from vedc.execute.executor import Drawing
from vedc.execute.layers import LayerBuffers
from vedc.expr.uniforms import evaluator
from vedc.ir.graph import Node
from vedc.lru import LruCache
from vedc.ops.shared.cube import Cube, read
from vedc.plan.chain import Chain, Copy, Fetch, FilterStep, Kernel, LayerRef, TableSource
from vedc.plan.fusion.fuse import fuse
from vedc.plan.fusion.param_binder import table_of

#: Memo tables kept between pieces. Each may grow to 64 MiB with the colours that turn up.
MEMO_TABLES = 3
#: Frames with fewer block rows than this are not worth splitting over threads.
BAND_ROWS = 64
#: Pieces, kernels and tables that are kept for what comes next.
KEPT = 64


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class BoundKernel:
    """A kernel of a piece with everything that stays the same from frame to frame."""

    kernel: Kernel
    code: Code
    uniforms: Callable[[Sequence[float]], list[float]]


@dataclass(frozen=True, slots=True)
class CompiledPiece:
    """A piece that can be drawn."""

    chain: Chain
    steps: tuple[BoundKernel | FilterStep, ...]


class CpuExecutor:
    """Compiles pieces and draws their frames. Used by one thread at a time."""

    def __init__(self, files: Mapping[str, str], cache: Path | None, threads: int) -> None:
        """``files``: digest -> path; ``cache``: where compiled objects are kept."""
        self._files, self._cache, self._threads = files, cache, max(1, threads)
        self._pool = ThreadPoolExecutor(self._threads, "vedc-band") if threads > 1 else None
        self._pieces: LruCache[Node, CompiledPiece | Copy] = LruCache(KEPT)
        self._code: LruCache[str, Code] = LruCache(KEPT)
        self._cubes: LruCache[str, Cube] = LruCache(KEPT)
        self._tables: LruCache[TableSource, PackedTable] = LruCache(KEPT)
        self._memos: LruCache[object, MemoTable] = LruCache(MEMO_TABLES, on_evict=MemoTable.close)
        self._layers = LayerBuffers(self._threads)
        self.bitmaps = Bitmaps(files)

    def compile(self, graph: Node) -> CompiledPiece | Copy:
        """The kernels of a piece's graph, made once and kept for the next piece like it."""
        return self._pieces.get_or_make(graph, lambda: self._compile(graph))

    def _compile(self, graph: Node) -> CompiledPiece | Copy:
        chain = fuse(graph, self._cube)
        if isinstance(chain, Copy):
            return chain
        return CompiledPiece(
            chain,
            tuple(
                step if isinstance(step, FilterStep) else self._ready(step) for step in chain.steps
            ),
        )

    def _ready(self, kernel: Kernel) -> BoundKernel:
        def compiled() -> Code:
            try:
                return compile_program(kernel.program, self._cache)
            except OSError as error:
                raise RenderError.one(
                    "cannot-use-cache",
                    f"compiled kernels cannot be kept in {self._cache}: {error.strerror}",
                    hint="free some space there, or name another folder with --cache",
                ) from error

        code = self._code.get_or_make(kernel.program.digest(), compiled)
        return BoundKernel(kernel, code, evaluator(kernel.uniforms))

    def chain(self, graph: Node) -> Chain | Copy:
        piece = self.compile(graph)
        return piece if isinstance(piece, Copy) else piece.chain

    def draw_all(self, drawings: Iterator[Drawing]) -> Iterator[Drawing]:
        for drawing in drawings:
            if drawing.graph is not None and drawing.out is not None:
                piece = self.compile(drawing.graph)
                assert isinstance(piece, CompiledPiece)
                self.draw(piece, drawing.frame, drawing.pictures, drawing.out)
                drawing.pictures = {}  # the decoder wants its memory back
            yield drawing

    def draw(
        self, piece: CompiledPiece, frame: int, sources: Mapping[Fetch, Image], out: Image
    ) -> None:
        """Draw frame ``frame`` of a piece into ``out``; ``sources`` are what was decoded."""
        drawn = [fetch for fetch in piece.chain.fetches if fetch not in sources]
        pictures = {**sources, **dict(zip(drawn, self.bitmaps.images(drawn), strict=True))}
        self._layers.begin(piece.chain)
        for index, step in enumerate(piece.steps):
            if self._layers.holds(index):
                continue
            if isinstance(step, FilterStep):
                self._layers.filter(index, step, frame)
            else:
                last = index == len(piece.steps) - 1
                target = out if last else self._layers.target(index, step.kernel)
                self._run(step, frame, pictures, target)

    def _run(
        self, step: BoundKernel, frame: int, pictures: Mapping[Fetch, Image], out: Image
    ) -> None:
        kernel, code = step.kernel, step.code
        leaves = [
            self._layers.image(given) if isinstance(given, LayerRef) else pictures[given]
            for given in kernel.inputs
        ]
        params = step.uniforms([value.at(frame) for value in kernel.values])
        tables = [self._table(kernel, i).address for i in range(len(kernel.tables))]
        keys = [self._memo_key(step, i, params) for i in range(len(kernel.memos))]
        memos = [self._memos.get_or_make(key, MemoTable, pinned=keys) for key in keys]
        rows = code.block_rows(out.height)
        if self._pool is None or rows < BAND_ROWS:
            code(leaves, params, tables, out, memos)
            return
        edges = [rows * i // self._threads for i in range(self._threads + 1)]
        bands = [
            self._pool.submit(code, leaves, params, tables, out, memos, band)
            for band in itertools.pairwise(edges)
        ]
        for band in bands:
            band.result()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self._memos.clear()

    def _cube(self, digest: str) -> Cube:
        return self._cubes.get_or_make(digest, lambda: read(Path(self._files[digest])))

    def _table(self, kernel: Kernel, index: int) -> PackedTable:
        source = kernel.tables[index]

        def prepared() -> PackedTable:
            data = table_of(source, self._cube).data
            return prepare_table(kernel.program.tables[index], data)

        return self._tables.get_or_make(source, prepared)

    def _memo_key(self, step: BoundKernel, index: int, params: Sequence[float]) -> object:
        kernel = step.kernel
        inputs = kernel.memos[index]
        return (
            step.code.program_digest,
            index,
            tuple(params[i] for i in inputs.params),
            tuple(kernel.tables[i] for i in inputs.tables),
        )
