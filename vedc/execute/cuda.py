"""Drawing on a graphics card: the same chains, run by Triton kernels, several frames at once.

Frames are decoded and encoded on the processor. What a run of frames needs is copied into
page-locked memory and sent on one stream, drawn on a second, and fetched back on a third, so
that the copies of one run overlap with the drawing of another. Stills, titles and tables stay
on the card. How many frames make a run follows from the memory that is free; where it turns
out too little, the run is halved and the user is told.

With Triton's interpreter the whole of this runs on the processor, on small frames: that is how
it is tested where there is no card.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import torch

from vedc.codegen.image import Image
from vedc.codegen.tables import PackedTable
from vedc.codegen.triton.compile import Launch, compile_program, upload_table
from vedc.codegen.triton.compile import TritonKernel as Code
from vedc.color import FORMATS, PixelFormat
from vedc.errors import RenderError
from vedc.execute.bitmaps import Bitmaps
from vedc.execute.device import Device
from vedc.execute.executor import Drawing
from vedc.execute.layers import arguments
from vedc.execute.staging import Block, copy_in, copy_out, layout
from vedc.expr.uniforms import evaluator
from vedc.ir.graph import Node
from vedc.lru import LruCache
from vedc.ops.shared.cube import Cube, read
from vedc.plan.chain import Chain, Copy, Fetch, FilterStep, Kernel, LayerRef, TableSource
from vedc.plan.fusion.fuse import fuse
from vedc.plan.fusion.param_binder import table_of

#: Frames in one launch, if memory allows: more do not make the card busier.
MOST_FRAMES = 8
#: The part of the card's free memory that one run of frames may take. Two runs are under way
#: at a time, and torch keeps what it was given.
SHARE = 0.2
#: Pieces, stills and tables kept on the card.
KEPT = 64


@dataclass(frozen=True, slots=True)
class CompiledPiece:
    """A piece that can be drawn on the card."""

    chain: Chain
    codes: Mapping[int, Code]
    """By step."""
    uniforms: Mapping[int, Callable[..., list[float]]]

    def memory(self, out: Block) -> int:
        """Bytes on the card that one frame takes while it is drawn."""
        total = out.size
        for step in self.chain.steps[:-1]:
            planes = step.program.out.channels if isinstance(step, Kernel) else 4
            total += 4 * planes * step.width * step.height
        for fetch in self.chain.fetches:
            if fetch.moves:
                total += fetch.node.type.width * fetch.node.type.height * 8
        return total


class CudaExecutor:
    """Compiles pieces and draws runs of frames. Used by one thread at a time."""

    def __init__(
        self,
        device: Device,
        files: Mapping[str, str],
        cache: Path | None,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        """``files``: digest -> path; ``cache``: where kernels are kept; ``note`` tells the user."""
        self._files, self._cache, self._note = files, cache, note
        if cache is not None:  # Triton stores machine code too
            os.environ.setdefault("TRITON_CACHE_DIR", str(cache / "triton"))
        self._cuda = device.kind == "cuda"
        self._where = torch.device(str(device) if self._cuda else "cpu")
        self._upload, self._compute, self._download = (
            torch.cuda.Stream(self._where) if self._cuda else None  # type: ignore[no-untyped-call]
            for _ in range(3)
        )
        self._most = MOST_FRAMES
        self._pieces: LruCache[Node, CompiledPiece | Copy] = LruCache(KEPT)
        self._resident: LruCache[Node, tuple[Image, torch.Tensor]] = LruCache(KEPT)
        self._tables: LruCache[TableSource, PackedTable] = LruCache(KEPT)
        self._cubes: LruCache[str, Cube] = LruCache(KEPT)
        self._bitmaps = Bitmaps(files)
        self._steady_of: CompiledPiece | None = None
        self._steady: dict[int, torch.Tensor] = {}
        """Layers of the piece at hand that are the same in every frame, by step."""

    # ------------------------------------------------------------ pieces

    def chain(self, graph: Node) -> Chain | Copy:
        piece = self.compile(graph)
        return piece if isinstance(piece, Copy) else piece.chain

    def compile(self, graph: Node) -> CompiledPiece | Copy:
        return self._pieces.get_or_make(graph, lambda: self._compile(graph))

    def _compile(self, graph: Node) -> CompiledPiece | Copy:
        chain = fuse(graph, self._cube)
        if isinstance(chain, Copy):
            return chain
        kernels = {i: s for i, s in enumerate(chain.steps) if isinstance(s, Kernel)}
        try:
            codes = {i: compile_program(s.program, self._cache) for i, s in kernels.items()}
        except OSError as error:
            raise RenderError.one(
                "cannot-use-cache",
                f"kernels cannot be kept in {self._cache}: {error.strerror}",
                hint="free some space there, or name another folder with --cache",
            ) from error
        return CompiledPiece(chain, codes, {i: evaluator(s.uniforms) for i, s in kernels.items()})

    # ------------------------------------------------------------ runs of frames

    def draw_all(self, drawings: Iterator[Drawing]) -> Iterator[Drawing]:
        for graph, frames in groupby(drawings, key=lambda drawing: drawing.graph):
            if graph is None:
                yield from frames
                continue
            piece = self.compile(graph)
            assert isinstance(piece, CompiledPiece)
            held: list[Drawing] = []
            for drawing in frames:
                held.append(drawing)
                if len(held) >= self._run_length(piece, held[0]):
                    yield from self._drawn(piece, held)
                    held = []
            yield from self._drawn(piece, held)

    def _run_length(self, piece: CompiledPiece, first: Drawing) -> int:
        """How many frames of a piece are drawn at once."""
        if not self._cuda:
            return min(2, self._most)
        assert first.out is not None
        free, _ = torch.cuda.mem_get_info(self._where)
        # What torch holds and does not use counts as free: it will be used first.
        free += torch.cuda.memory_reserved(self._where) - torch.cuda.memory_allocated(self._where)
        each = piece.memory(layout(piece.chain.last.program.out, first.out))
        return max(1, min(self._most, int(free * SHARE) // each))

    def _drawn(self, piece: CompiledPiece, run: list[Drawing]) -> Iterator[Drawing]:
        """The run, drawn in as many parts as memory asks for."""
        start = 0
        while start < len(run):
            part = run[start : start + self._most]
            try:
                self._draw(piece, part)
            except torch.OutOfMemoryError:
                self._shrink(len(part))
                continue
            start += len(part)
        yield from run

    def _shrink(self, frames: int) -> None:
        if self._cuda:
            torch.cuda.synchronize(self._where)
            torch.cuda.empty_cache()
        self._resident.clear()
        self._steady_of, self._steady = None, {}
        if frames == 1:
            raise RenderError.one(
                "out-of-device-memory",
                "the card's memory does not hold one frame of this film",
                hint="close what else uses the card, render smaller, or use --device cpu",
            )
        self._most = frames // 2
        self._note(f"the card's memory is short: {self._most} frames at a time instead of {frames}")

    def _draw(self, piece: CompiledPiece, run: list[Drawing]) -> None:
        chain = piece.chain
        pictures = [self._uploaded(chain, drawing) for drawing in run]
        self._then(self._upload, self._compute)
        if self._steady_of is not piece:
            self._steady_of, self._steady = piece, {}
        still = chain.still
        made: list[dict[int, torch.Tensor]] = [dict(self._steady) for _ in run]
        outs: list[tuple[Block, torch.Tensor]] = []
        with self._on(self._compute):
            for index in range(len(chain.steps)):
                if index in self._steady:
                    continue
                if index in still:  # the same in every frame: drawn with the first
                    self._step(piece, index, run[:1], pictures[:1], made[:1])
                    self._steady[index] = made[0][index]
                    for layers in made:
                        layers[index] = self._steady[index]
                    continue
                outs = self._step(piece, index, run, pictures, made)
        self._then(self._compute, self._download)
        for drawing, known, (block, memory) in zip(run, pictures, outs, strict=True):
            self._fetch(drawing, block, memory)
            for _, sent in known.values():
                self._used(sent, self._compute)
            drawing.pictures = {}

    def _step(
        self,
        piece: CompiledPiece,
        index: int,
        run: list[Drawing],
        pictures: list[dict[Fetch, tuple[Image, torch.Tensor]]],
        made: list[dict[int, torch.Tensor]],
    ) -> list[tuple[Block, torch.Tensor]]:
        """One step of a run: its layers go into ``made``, or the film's frames are returned."""
        step = piece.chain.steps[index]
        if isinstance(step, FilterStep):
            for layers, drawing in zip(made, run, strict=True):
                given = arguments(step, drawing.frame)
                source = layers[step.source.step].contiguous()
                layers[index] = step.filter.gpu(source, **given).contiguous()
            return []
        last = index == len(piece.chain.steps) - 1
        targets = self._targets(step, run, last)
        if not last:
            for layers, (_, memory) in zip(made, targets, strict=True):
                layers[index] = _layer(memory, step)
        launches = [
            Launch(
                [self._leaf(given, layers, known) for given in step.inputs],
                piece.uniforms[index]([v.at(drawing.frame) for v in step.values]),
                [self._table(step, i) for i in range(len(step.tables))],
                block.image(memory.data_ptr()),
            )
            for drawing, known, layers, (block, memory) in zip(
                run, pictures, made, targets, strict=True
            )
        ]
        piece.codes[index](launches, self._compute)
        return targets

    # ------------------------------------------------------------ memory

    def _uploaded(self, chain: Chain, drawing: Drawing) -> dict[Fetch, tuple[Image, torch.Tensor]]:
        """Everything that a frame reads from outside, on the card."""
        drawn = [fetch for fetch in chain.fetches if fetch not in drawing.pictures]
        images = dict(zip(drawn, self._bitmaps.images(drawn), strict=True))
        found = {}
        for fetch in chain.fetches:
            if fetch in images:
                image, memory = self._kept(fetch.node, images[fetch])
            else:
                image, memory = self._sent(fetch.format, drawing.pictures[fetch])
            placed = images.get(fetch) or drawing.pictures[fetch]
            found[fetch] = (
                Image(image.planes, image.width, image.height, placed.x, placed.y, memory),
                memory,
            )
        return found

    def _kept(self, node: Node, image: Image) -> tuple[Image, torch.Tensor]:
        """A still or a title: sent once."""
        return self._resident.get_or_make(node, lambda: self._sent(FORMATS["rgba"], image))

    def _sent(self, format: PixelFormat, image: Image) -> tuple[Image, torch.Tensor]:
        block = layout(format, image)
        host = torch.empty(block.size, dtype=torch.uint8, pin_memory=self._cuda)
        copy_in(block, format, image, host.data_ptr())
        with self._on(self._upload):
            memory = host.to(self._where, non_blocking=True)
        return block.image(memory.data_ptr()), memory

    def _targets(
        self, step: Kernel, run: list[Drawing], last: bool
    ) -> list[tuple[Block, torch.Tensor]]:
        """Where a kernel writes, by frame of the run."""
        targets = []
        for drawing in run:
            size = drawing.out if last else Image((), step.width, step.height)
            assert size is not None
            block = layout(step.program.out, size)
            memory = torch.empty(block.size, dtype=torch.uint8, device=self._where)
            targets.append((block, memory))
        return targets

    def _leaf(
        self,
        given: Fetch | LayerRef,
        layers: Mapping[int, torch.Tensor],
        known: Mapping[Fetch, tuple[Image, torch.Tensor]],
    ) -> Image:
        if isinstance(given, Fetch):
            return known[given][0]
        layer = layers[given.step]
        plane, stride = layer.stride(0) * 4, layer.stride(1) * 4
        address = layer.data_ptr()
        planes = tuple((address + c * plane, stride) for c in range(layer.shape[0]))
        return Image(planes, given.width, given.height, owner=layer)

    def _fetch(self, drawing: Drawing, block: Block, memory: torch.Tensor) -> None:
        """Have the frame brought back; ``ready`` waits for it and puts it in its place."""
        host = torch.empty(block.size, dtype=torch.uint8, pin_memory=self._cuda)
        with self._on(self._download):
            host.copy_(memory, non_blocking=True)
            done = torch.cuda.Event() if self._cuda else None  # type: ignore[no-untyped-call]
            if done is not None:
                done.record()
        self._used(memory, self._download)
        out = drawing.out
        assert out is not None

        def ready() -> None:
            if done is not None:
                done.synchronize()
            copy_out(block, host.data_ptr(), out)

        drawing.ready = ready

    def _table(self, step: Kernel, index: int) -> PackedTable:
        source = step.tables[index]

        def prepared() -> PackedTable:
            data = table_of(source, self._cube).data
            return upload_table(step.program.tables[index], data, str(self._where))

        return self._tables.get_or_make(source, prepared)

    def _cube(self, digest: str) -> Cube:
        return self._cubes.get_or_make(digest, lambda: read(Path(self._files[digest])))

    # ------------------------------------------------------------ streams

    def _on(self, stream: torch.cuda.Stream | None) -> Any:
        return nullcontext() if stream is None else torch.cuda.stream(stream)

    def _then(self, first: torch.cuda.Stream | None, second: torch.cuda.Stream | None) -> None:
        """What is put on ``second`` from now on waits for what ``first`` holds."""
        if first is not None and second is not None:
            second.wait_stream(first)

    def _used(self, memory: torch.Tensor, stream: torch.cuda.Stream | None) -> None:
        """Memory of one stream that another still reads: torch keeps it until that is done."""
        if stream is not None:
            memory.record_stream(stream)

    def close(self) -> None:
        if self._cuda:
            torch.cuda.synchronize(self._where)
        self._resident.clear()
        self._steady_of, self._steady = None, {}
        self._tables.clear()
        self._pieces.clear()


def _layer(memory: torch.Tensor, step: Kernel) -> torch.Tensor:
    """A kernel's target as planes of numbers, shape (channels, rows, columns)."""
    shape = (step.program.out.channels, step.height, -1)
    return memory.view(torch.float32).view(shape)[:, :, : step.width]
