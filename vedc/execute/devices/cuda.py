"""Frames computed by a GPU: the same pieces, run by Triton kernels, several frames at once.

Frames are decoded and encoded on the CPU. The inputs of a run of frames are copied into page-locked
memory and sent on one stream, computed on a second, and fetched back on a third, so that the copies
of one run overlap with the computation of another. Stills, titles and tables stay on the GPU. Free
memory decides how many frames form a run; if it turns out to be too little, the run is halved and
the user is notified.

With Triton's interpreter all of this runs on the CPU, on small frames: this is how it is tested
without a GPU.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch

from vedc.codegen.image import Image
from vedc.codegen.tables import PackedTable
from vedc.codegen.triton.compile import Launch, TritonKernel, compile_program, upload_table
from vedc.color import FORMATS, PixelFormat
from vedc.errors import RenderError
from vedc.execute.devices.bitmaps import Bitmaps
from vedc.execute.devices.compiled import CACHED, CompiledPiece, Compiler
from vedc.execute.devices.device import Device
from vedc.execute.devices.executor import FrameJob
from vedc.execute.devices.layers import arguments
from vedc.execute.devices.staging import Block, copy_in, copy_out, layout
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import (
    CaptionSource,
    ComputedPiece,
    FetchRef,
    FilterStep,
    Kernel,
    LayerRef,
    Source,
    TitleSource,
    VideoSource,
)
from vedc.support.lru import LruCache

#: Frames in one launch, if memory allows: more do not make the GPU busier.
MOST_FRAMES = 8
#: The part of the GPU's free memory that one run of frames may take. Two runs are under way
#: at a time, and torch caches allocations.
SHARE = 0.2

Compiled = CompiledPiece[TritonKernel]
Sent = tuple[Image, torch.Tensor]
"""A picture on the GPU, and its memory."""
Layers = dict[int, torch.Tensor]
"""Layers by step. A layer in plane space is one row of all its samples, plane by plane."""


class CudaExecutor:
    """Compiles pieces and computes runs of frames. Used by one thread at a time."""

    def __init__(
        self,
        device: Device,
        files: Mapping[str, str],
        tables: Mapping[str, Cube | LookFile],
        cache: Path | None,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        """``files``: digest -> path; ``tables``: digest -> content; ``cache``: the folder for
        compiled code; ``note`` shows a message to the user."""
        self._note = note
        if cache is not None:  # Triton stores machine code too
            os.environ.setdefault("TRITON_CACHE_DIR", str(cache / "triton"))
        self._cuda = device.kind == "cuda"
        self._where = torch.device(str(device) if self._cuda else "cpu")
        self._upload, self._compute, self._download = (
            torch.cuda.Stream(self._where) if self._cuda else None  # type: ignore[no-untyped-call]
            for _ in range(3)
        )
        self._most = MOST_FRAMES
        self._compiler: Compiler[TritonKernel, PackedTable] = Compiler(
            compile_program,
            lambda table, data: upload_table(table, data, str(self._where)),
            tables,
            cache,
        )
        self._resident: LruCache[Source, tuple[Image, torch.Tensor]] = LruCache(CACHED)
        self._bitmaps, self._files = Bitmaps(files), files
        self._constant: dict[int, tuple[Compiled, Layers, set[int]]] = {}
        """The constant layers of the current piece, by output."""

    # ------------------------------------------------------------ runs of frames

    def run(self, jobs: Iterator[FrameJob]) -> Iterator[FrameJob]:
        held: dict[tuple[int, ...], list[FrameJob]] = {}
        """Runs being gathered, by the outputs that show them."""
        for job in jobs:
            for outputs in [other for other in held if _comes_after(job, held[other][0])]:
                yield from self._computed(held.pop(outputs))
            if job.piece is None:
                yield job
                continue
            run = held.setdefault(job.outputs, [])
            run.append(job)
            if len(run) >= self._run_length(job.piece, job):
                yield from self._computed(held.pop(job.outputs))
        for run in held.values():
            yield from self._computed(run)

    def _run_length(self, piece: ComputedPiece, job: FrameJob) -> int:
        """How many frames of a piece are computed at once."""
        if not self._cuda:
            return min(2, self._most)
        assert job.out is not None
        free, _ = torch.cuda.mem_get_info(self._where)
        # Memory that torch reserves but does not use counts as free: it is used first.
        free += torch.cuda.memory_reserved(self._where) - torch.cuda.memory_allocated(self._where)
        each = frame_memory(piece, layout(piece.last.program.out, job.out))
        return max(1, min(self._most, int(free * SHARE) // each))

    def _computed(self, run: list[FrameJob]) -> Iterator[FrameJob]:
        """The run, computed in as many parts as memory requires."""
        start = 0
        while start < len(run):
            part = run[start : start + self._most]
            try:
                self._compute_run(part)
            except torch.OutOfMemoryError:
                self._shrink(len(part))
                continue
            start += len(part)
        yield from run

    def _shrink(self, frames: int) -> None:
        if self._cuda:
            torch.cuda.synchronize(self._where)
            torch.cuda.empty_cache()
        self._forget()
        if frames == 1:
            raise RenderError.one(
                "out-of-device-memory",
                "the GPU's memory does not hold one frame of this film",
                hint="close what else uses the GPU, render smaller, or use --device cpu",
            )
        self._most = frames // 2
        self._note(
            f"GPU memory is short: computing {self._most} at a time instead of {frames} frames"
        )

    def _compute_run(self, run: list[FrameJob]) -> None:
        assert run[0].piece is not None
        piece = self._compiler.piece(run[0].piece)
        pictures = [self._uploaded(piece.piece, job) for job in run]
        self._then(self._upload, self._compute)
        constant, unlike = self._constant_of(piece, run[0].outputs[0])
        layers = [dict(constant) for _ in run]
        outs: list[tuple[Block, torch.Tensor]] = []
        with self._on(self._compute):
            for index in range(len(piece.steps)):
                if index in constant:
                    continue
                plan = piece.piece.layers[index : index + 1]
                if plan and plan[0].constant:  # computed with the first frame, for all
                    first, run[0].unlike = run[0].unlike, False
                    self._step(piece, index, run[:1], pictures[:1], layers[:1])
                    constant[index] = layers[0][index]
                    if run[0].unlike:
                        unlike.add(index)
                    run[0].unlike |= first
                    for held in layers:
                        held[index] = constant[index]
                else:
                    outs = self._step(piece, index, run, pictures, layers)
                for dead in piece.piece.dead_after(index):
                    for held in layers:
                        del held[dead]
        for job in run:
            job.unlike |= bool(unlike)
        self._then(self._compute, self._download)
        for job, sent, (block, memory) in zip(run, pictures, outs, strict=True):
            self._fetch(job, block, memory)
            for _, held_memory in sent:
                self._used(held_memory, self._compute)
            job.pictures = ()

    def _constant_of(self, piece: Compiled, output: int) -> tuple[Layers, set[int]]:
        """The constant layers of a piece made so far, for one output, and those of them that found
        nothing in common between two pictures."""
        if output not in self._constant or self._constant[output][0] is not piece:
            self._constant[output] = piece, {}, set()
        return self._constant[output][1:]

    def _step(
        self,
        piece: Compiled,
        index: int,
        run: list[FrameJob],
        pictures: list[list[Sent]],
        layers: list[Layers],
    ) -> list[tuple[Block, torch.Tensor]]:
        """One step of a run: adds to ``layers``, or returns the film's frames."""
        step = piece.steps[index]
        if isinstance(step, FilterStep):
            for held, job, sent in zip(layers, run, pictures, strict=True):
                if isinstance(step.source, FetchRef):
                    held[index] = _filtered_planes(step, job.frame, sent[step.source.fetch])
                    continue
                sources = [held[each.step].contiguous() for each in step.sources]
                given = sources if step.filter.several else sources[0]
                held[index] = step.filter.gpu(
                    given, **arguments(step, job.frame, self._files)
                ).contiguous()
                if step.filter.pair and not bool(held[index].any()):
                    job.unlike |= not torch.equal(*sources)
            return []
        kernel = step.kernel
        last = index == len(piece.steps) - 1
        targets = self._targets(kernel, run, last)
        if not last:
            for held, (_, memory) in zip(layers, targets, strict=True):
                held[index] = _layer(memory, kernel)
        launches = [
            Launch(
                [self._leaf(ref, held, sent) for ref in kernel.inputs],
                step.params(job.frame),
                self._compiler.tables(kernel),
                block.image(memory.data_ptr()),
            )
            for job, sent, held, (block, memory) in zip(run, pictures, layers, targets, strict=True)
        ]
        step.code(launches, self._compute)
        return targets

    # ------------------------------------------------------------ memory

    def _uploaded(self, piece: ComputedPiece, job: FrameJob) -> list[Sent]:
        """Everything that a frame reads from outside, on the GPU, by fetch."""
        images = self._bitmaps.complete(piece.fetches, job.pictures, job.frame)
        return [
            self._sent_at(fetch.source, image)
            for fetch, image in zip(piece.fetches, images, strict=True)
        ]

    def _sent_at(self, source: Source, image: Image) -> Sent:
        """A picture on the GPU at its place; constant ones are sent once."""

        def sent() -> Sent:
            return self._sent(FORMATS[source.format], image)

        there, memory = sent() if source.moves else self._resident.get_or_make(source, sent)
        placed = Image(there.planes, there.width, there.height, image.x, image.y, memory)
        return placed, memory

    def _sent(self, format: PixelFormat, image: Image) -> tuple[Image, torch.Tensor]:
        block = layout(format, image)
        host = torch.empty(block.size, dtype=torch.uint8, pin_memory=self._cuda)
        copy_in(block, format, image, host.data_ptr())
        with self._on(self._upload):
            memory = host.to(self._where, non_blocking=True)
        return block.image(memory.data_ptr()), memory

    def _targets(
        self, kernel: Kernel, run: list[FrameJob], last: bool
    ) -> list[tuple[Block, torch.Tensor]]:
        """A kernel's targets, by frame of the run."""
        targets = []
        for job in run:
            size = job.out if last else Image((), kernel.width, kernel.height)
            assert size is not None
            block = layout(kernel.program.out, size)
            memory = torch.empty(block.size, dtype=torch.uint8, device=self._where)
            targets.append((block, memory))
        return targets

    def _leaf(self, ref: FetchRef | LayerRef, layers: Layers, sent: list[Sent]) -> Image:
        if isinstance(ref, FetchRef):
            return sent[ref.fetch][0]
        layer = layers[ref.step]
        if ref.planes:
            return _image_of_planes(ref, layer)
        plane, stride = layer.stride(0) * 4, layer.stride(1) * 4
        address = layer.data_ptr()
        planes = tuple((address + c * plane, stride) for c in range(layer.shape[0]))
        return Image(planes, ref.width, ref.height, owner=layer)

    def _forget(self) -> None:
        """Drop the pictures and layers that stay on the GPU."""
        self._resident.clear()
        self._constant.clear()

    def _fetch(self, job: FrameJob, block: Block, memory: torch.Tensor) -> None:
        """Queue the transfer of the frame back; ``ready`` waits for it and copies it into
        place."""
        host = torch.empty(block.size, dtype=torch.uint8, pin_memory=self._cuda)
        with self._on(self._download):
            host.copy_(memory, non_blocking=True)
            done = torch.cuda.Event() if self._cuda else None  # type: ignore[no-untyped-call]
            if done is not None:
                done.record()
        self._used(memory, self._download)
        out = job.out
        assert out is not None

        def ready() -> None:
            if done is not None:
                done.synchronize()
            copy_out(block, host.data_ptr(), out)

        job.ready = ready

    # ------------------------------------------------------------ streams

    def _on(self, stream: torch.cuda.Stream | None) -> Any:
        return nullcontext() if stream is None else torch.cuda.stream(stream)

    def _then(self, first: torch.cuda.Stream | None, second: torch.cuda.Stream | None) -> None:
        """Make everything queued on ``second`` from now on wait for the current work of
        ``first``."""
        if first is not None and second is not None:
            second.wait_stream(first)

    def _used(self, memory: torch.Tensor, stream: torch.cuda.Stream | None) -> None:
        """Mark memory of one stream as read by another: torch keeps it until that is done."""
        if stream is not None:
            memory.record_stream(stream)

    def close(self) -> None:
        if self._cuda:
            torch.cuda.synchronize(self._where)
        self._forget()
        self._compiler.clear()


def _comes_after(job: FrameJob, held: FrameJob) -> bool:
    """Whether a job cannot join a run, and has an output that must receive the run first."""
    joins = job.outputs == held.outputs and job.piece is held.piece
    return not joins and not set(job.outputs).isdisjoint(held.outputs)


def _layer(memory: torch.Tensor, step: Kernel) -> torch.Tensor:
    """A kernel's target as planes of numbers, shape (channels, rows, columns)."""
    shape = (step.program.out.channels, step.height, -1)
    return memory.view(torch.float32).view(shape)[:, :, : step.width]


def _filtered_planes(step: FilterStep, frame: int, sent: Sent) -> torch.Tensor:
    """The result of a filter in plane space, for each plane of a picture."""
    (image, memory), format, given = sent, FORMATS[step.planes], arguments(step, frame)
    kind = {1: torch.uint8, 2: torch.int16, 4: torch.float32}[format.bytes]
    made = []
    for plane, (address, stride) in enumerate(image.planes[: format.planes]):
        columns, rows = format.plane_size(plane, image.width, image.height)
        begin = address - memory.data_ptr()
        whole = memory[begin : begin + stride * rows].view(kind).view(rows, -1)[:, :columns]
        # torch supports few operations on uint16: negative int16 values are mapped back.
        codes = whole.int() & 0xFFFF if format.bytes == 2 else whole
        coarse = format.subsampling(plane)
        filtered = step.filter.gpu(codes.float()[None].contiguous(), coarse=coarse, **given)
        made.append(filtered.reshape(-1))
    return torch.cat(made)


def _image_of_planes(ref: LayerRef, layer: torch.Tensor) -> Image:
    at, planes = layer.data_ptr(), []
    for plane in range(ref.format.planes):
        columns, rows = ref.format.plane_size(plane, ref.width, ref.height)
        planes.append((at, 4 * columns))
        at += 4 * columns * rows
    return Image(tuple(planes), ref.width, ref.height, owner=layer)


def frame_memory(piece: ComputedPiece, out: Block) -> int:
    """The most bytes on the GPU that computing one frame takes."""
    sources = [f.source for f in piece.fetches]
    uploads = sum(8 * s.width * s.height for s in sources if isinstance(s, VideoSource))
    titles = (s for s in sources if isinstance(s, (TitleSource, CaptionSource)) and s.moves)
    uploads += sum(4 * title.canvas[0] * title.canvas[1] for title in titles)
    return out.size + uploads + sum(layer.size for layer in piece.layers)
