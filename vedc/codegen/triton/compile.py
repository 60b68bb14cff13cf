"""The GPU code generator: a pixel program in, a kernel for many frames out.

``compile_program`` writes the program as Triton source (``source``) to a file named by its content
hash, and loads it. A call computes several frames in one asynchronous launch on a CUDA stream.
Triton compiles when a class of shapes first occurs (``tuning``); new values, addresses or sizes
within a class never cause recompilation.

With TRITON_INTERPRET=1 set before Triton is imported, the same source runs on the CPU and its
memory: slowly, for tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import tempfile
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import triton
from numpy.typing import NDArray

from vedc.codegen.arguments import ArgumentLayout
from vedc.codegen.image import Image
from vedc.codegen.tables import PackedTable, prepare_table
from vedc.codegen.triton.memory import HEADER
from vedc.codegen.triton.source import KernelSource
from vedc.codegen.triton.tuning import LaunchChoice, PlaneShape, Tuner, candidates, shape_class
from vedc.color import PixelFormat
from vedc.errors import InternalError
from vedc.expr.program import Program, Table
from vedc.support.atomic_write import write_whole


@dataclass(frozen=True, slots=True)
class Launch:
    """One frame: its kernel's inputs and outputs. Addresses are on the device."""

    leaves: Sequence[Image]
    params: Sequence[float]
    tables: Sequence[PackedTable]
    out: Image


def source(program: Program) -> str:
    """The kernel's source; equal programs have equal sources except for their titles."""
    return KernelSource(program).text()


def interpreted() -> bool:
    """Whether Triton runs kernels on the CPU in this process."""
    return bool(triton.knobs.runtime.interpret)


def compile_program(program: Program, cache: Path | None = None) -> TritonKernel:
    """The kernel of ``program``.

    ``cache`` is the folder for sources and tuned choices; without one they last only for this
    process.
    """
    text = source(program)
    name = hashlib.sha256("\0".join((text, _prelude(), triton.__version__)).encode()).hexdigest()
    folder = cache if cache is not None else _scratch()
    path = folder / f"{name}.py"
    try:
        _store(path, text)
    except OSError:  # the folder cannot be written: Triton still needs a file to read
        folder = _scratch()
        path = folder / f"{name}.py"
        _store(path, text)
    return TritonKernel(program, path, text)


class TritonKernel:
    """One program on the GPU. Several threads may call it, each on its own stream."""

    def __init__(self, program: Program, path: Path, text: str) -> None:
        """``text`` is the content of ``path``."""
        self.program = program
        self.program_digest = program.digest()
        self.path = path
        made = KernelSource(program)
        self._layout = ArgumentLayout(program, HEADER)
        self._rates = made.rates
        self._planes = self._streams()
        self._entry = _load(path, text)
        self._tuner = Tuner(path.with_suffix(".json"))
        self._candidates = candidates(len(made.order) * made.rates.columns * made.rates.rows)

    def __call__(self, frames: Sequence[Launch], stream: torch.cuda.Stream | None = None) -> None:
        """Compute the frames in one launch, queued on the stream.

        ``stream`` defaults to the current one. All canvases must have the same size. The call
        returns at once: everything the frames refer to must stay alive and unchanged until the
        stream has passed this launch. Only the first call of a class of shapes waits, to measure
        which launch is fastest.
        """
        if not frames:
            return
        if interpreted():
            with np.errstate(all="ignore"):  # infinities and NaN are part of the contract
                self._launch(frames, "cpu")
            return
        with torch.cuda.stream(stream) if stream is not None else contextlib.nullcontext():
            self._launch(frames, "cuda")

    def _launch(self, frames: Sequence[Launch], device: str) -> None:
        width, height = frames[0].out.width, frames[0].out.height
        blocks = -(-width >> self._rates.sub_x)
        lines = -(-height >> self._rates.sub_y)
        fields = np.array([self._fields(frame, frames[0]) for frame in frames], np.int64)
        vector = self._class(fields)
        desc, params = self._arguments(fields, frames, device)

        def run(choice: LaunchChoice) -> None:
            grid = (-(-blocks // choice.block), -(-lines // choice.lines), len(frames))
            self._entry[grid](
                desc,
                params,
                VECTOR=vector,
                BLOCK=choice.block,
                LINES=choice.lines,
                num_warps=choice.warps,
                # No implicit contraction: fma is written where it is meant.
                enable_fp_fusion=False,
            )

        if device == "cpu":
            run(LaunchChoice(block=1 << (blocks - 1).bit_length(), lines=lines, warps=1))
        else:
            run(self._tuner.choice(f"{vector} {(blocks - 1).bit_length()}", self._candidates, run))

    def _streams(self) -> list[tuple[int, int]]:
        """Field and bytes per lane of each plane that is read or written in long runs."""
        program, layout, r = self.program, self._layout, self._rates
        planes = [(program.out, p, layout.out_plane(p)) for p in range(program.out.planes)]
        for i in r.loaded:
            if program.leaves[i].covers:
                fmt = program.leaves[i].format
                planes += [(fmt, p, layout.leaf_plane(i, p)) for p in range(fmt.planes)]
        return [
            (at, fmt.element_bytes(p) * (1 if fmt.subsampling(p)[0] else r.columns))
            for fmt, p, at in planes
        ]

    def _class(self, fields: NDArray[np.int64]) -> int:
        """The class of shapes that fits all frames."""
        low = np.bitwise_or.reduce(fields, axis=0).tolist()  # bits that any frame has set
        planes = [PlaneShape(low[at], low[at + 1], share) for at, share in self._planes]
        width = int(fields[0, ArgumentLayout.WIDTH])
        return shape_class(-(-width >> self._rates.sub_x), width, self._rates.columns, planes)

    def _arguments(
        self, fields: NDArray[np.int64], frames: Sequence[Launch], device: str
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Descriptors and parameters on the device, in one copy."""
        params = self.program.params
        total = fields.nbytes + 4 * params * len(frames)
        host = torch.empty(total or 1, dtype=torch.uint8, pin_memory=device != "cpu")
        memory = host.numpy()
        split = fields.nbytes
        memory[:split].view(np.int64)[:] = fields.reshape(-1)
        with np.errstate(over="ignore"):
            values = np.array([p for f in frames for p in f.params], np.float64)
            memory[split : split + 4 * values.size].view(np.float32)[:] = values
        # The allocators of both memories keep a block until its stream has passed this copy.
        there = host.to(device, non_blocking=True)
        numbers = there[split:] if params else there[:4]  # an address, even if nothing reads it
        return there[:split].view(torch.int64), numbers.view(torch.float32)

    def _fields(self, frame: Launch, first: Launch) -> list[int]:
        """One frame's descriptor."""
        program, out = self.program, frame.out
        given = (len(frame.leaves), len(frame.params), len(frame.tables))
        wanted = (len(program.leaves), program.params, len(program.tables))
        if given != wanted:
            raise InternalError(f"a kernel of (leaves, params, tables) {wanted} got {given}")
        if (out.width, out.height) != (first.out.width, first.out.height):
            raise InternalError("the frames of a launch differ in size")
        formats = (leaf.format for leaf in program.leaves)
        images = ((out, program.out), *zip(frame.leaves, formats, strict=True))
        for image, fmt in images:
            _check_aligned(image, fmt)
        numbers = [out.width, out.height, *self._layout.image_fields(frame.leaves, out)]
        return numbers + [table.address for table in frame.tables]


def upload_table(
    table: Table, data: array[float] | bytes, device: str | None = None
) -> PackedTable:
    """Lay out a table's samples for kernels, on the device.

    ``data`` and the layout are as for ``prepare_table``: packing a node's three channels into one
    64-bit word halves the fetches of four float32, and a 33-point cube, 288 KB, stays in cache.
    """
    memory = prepare_table(table, data).owner
    assert isinstance(memory, np.ndarray)
    where = device or ("cpu" if interpreted() else "cuda")
    there = torch.from_numpy(memory.view(np.int64)).to(where)
    return PackedTable(there.data_ptr(), there)


def _check_aligned(image: Image, fmt: PixelFormat) -> None:
    for plane, (address, stride) in enumerate(image.planes[: fmt.planes]):
        if (address | stride) % fmt.element_bytes(plane):
            raise InternalError(
                f"plane {plane} of a {fmt.name} image is not aligned to its samples"
            )


# ---------------------------------------------------------------- files


def _store(path: Path, text: str) -> None:
    """Write ``text`` unless ``path`` already holds it; a damaged file is replaced."""
    with suppress(OSError):
        if path.read_text() == text:
            return
    write_whole(path, text.encode())


def _load(path: Path, text: str) -> Any:
    """The kernel of a source file, executed from the text in memory, not from disk."""
    spec = importlib.util.spec_from_loader(f"vedc_kernel_{path.stem}", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    exec(compile(text, str(path), "exec"), module.__dict__)
    return module.__dict__["kernel"]


@cache
def _prelude() -> str:
    """The source of the module that generated code imports: editing it makes new files."""
    return Path(__file__).with_name("prelude.py").read_text()


@cache
def _scratch() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="vedc-triton-")
    _kept.append(folder)
    return Path(folder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []
