"""Frames computed by the CPU: fetched pictures in, the encoder's planes out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vedc.codegen.image import Image
from vedc.codegen.llvm.compile import CompiledKernel, compile_program
from vedc.codegen.llvm.memo import MemoTable
from vedc.codegen.tables import PackedTable, prepare_table
from vedc.execute.devices.bitmaps import Bitmaps
from vedc.execute.devices.compiled import BoundKernel, Compiler
from vedc.execute.devices.executor import FrameJob
from vedc.execute.devices.layers import LayerBuffers
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import ComputedPiece, FilterStep, LayerRef
from vedc.support.lru import LruCache

#: Memo tables that stay in memory between pieces. Each may grow to 64 MiB.
MEMO_TABLES = 3
#: Frames with fewer block rows than this are not worth splitting over threads.
BAND_ROWS = 64


class CpuExecutor:
    """Compiles pieces and computes their frames. Used by one thread at a time."""

    def __init__(
        self,
        files: Mapping[str, str],
        tables: Mapping[str, Cube | LookFile],
        cache: Path | None,
        threads: int,
        networks: str = "cv",
    ) -> None:
        """``files``: digest -> path; ``tables``: digest -> content; ``cache``: the folder for
        compiled code; ``networks``: the backend of networks."""
        self._networks, self._files = networks, files
        self._threads = max(1, threads)
        self._pool = ThreadPoolExecutor(self._threads, "vedc-band") if threads > 1 else None
        self._compiler: Compiler[CompiledKernel, PackedTable] = Compiler(
            compile_program, prepare_table, tables, cache
        )
        self._memos: LruCache[object, MemoTable] = LruCache(MEMO_TABLES, on_evict=MemoTable.close)
        self._layers: dict[int, LayerBuffers] = {}
        """Layers by output: outputs take turns, and each has constant layers."""
        self._bitmaps = Bitmaps(files)

    def run(self, jobs: Iterator[FrameJob]) -> Iterator[FrameJob]:
        for job in jobs:
            if job.piece is not None and job.out is not None:
                job.unlike = self.compute(
                    job.piece, job.frame, job.pictures, job.out, job.outputs[0]
                )
                job.pictures = ()  # returns the decoder's memory
            yield job

    def compute(
        self,
        piece: ComputedPiece,
        frame: int,
        decoded: Sequence[Image | None],
        out: Image,
        output: int = 0,
    ) -> bool:
        """Compute frame ``frame`` of a piece into ``out``; ``decoded`` and the result, ``unlike``,
        as in a job."""
        pictures = self._bitmaps.complete(piece.fetches, decoded, frame)
        layers = self._layers.setdefault(
            output, LayerBuffers(self._threads, self._networks, self._files)
        )
        layers.begin(piece)
        steps, unlike = self._compiler.piece(piece).steps, False
        for index, step in enumerate(steps):
            if layers.holds(index):
                unlike |= layers.unlike(index)
                continue
            if isinstance(step, FilterStep) and step.planes:
                layers.stream(index, step, frame, pictures)
            elif isinstance(step, FilterStep):
                layers.run_filter(index, step, frame)
                unlike |= layers.unlike(index)
            else:
                last = index == len(steps) - 1
                target = out if last else layers.target(index)
                self._run(step, frame, pictures, layers, target)
            layers.release(index)
        return unlike

    def _run(
        self,
        step: BoundKernel[CompiledKernel],
        frame: int,
        pictures: Sequence[Image],
        layers: LayerBuffers,
        out: Image,
    ) -> None:
        code = step.code
        inputs = step.kernel.inputs
        params = step.params(frame)
        tables = [table.address for table in self._compiler.tables(step.kernel)]
        keys = [self._memo_key(step, i, params) for i in range(len(step.kernel.memos))]
        memos = [self._memos.get_or_make(key, MemoTable, pinned=keys) for key in keys]
        rows = code.block_rows(out.height)

        def draw(band: tuple[int, int]) -> None:
            # Each band has its own streamed layers, which hold the rows at its position.
            leaves = [
                layers.image(i) if isinstance(i, LayerRef) else pictures[i.fetch] for i in inputs
            ]
            code(leaves, params, tables, out, memos, band)

        if self._pool is None or rows < BAND_ROWS:
            draw((0, rows))
            return
        edges = [rows * i // self._threads for i in range(self._threads + 1)]
        bands = [self._pool.submit(draw, band) for band in itertools.pairwise(edges)]
        for band in bands:
            band.result()

    def _memo_key(
        self, step: BoundKernel[CompiledKernel], index: int, params: Sequence[float]
    ) -> object:
        inputs = step.kernel.memos[index]
        return (
            step.code.program_digest,
            index,
            tuple(params[i] for i in inputs.params),
            tuple(step.kernel.tables[i] for i in inputs.tables),
        )

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self._memos.clear()
