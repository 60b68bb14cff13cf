# ruff: noqa: E402 - what follows the environment may import Triton
"""GPU kernels run by Triton's interpreter, and the float64 reference beside them.

Importing this turns the interpreter on for the whole process, so it must come before anything
that imports Triton. With VEDC_TEST_GPU=1 the same tests run on the CUDA device instead.
"""

from __future__ import annotations

import os

ON_GPU = os.environ.get("VEDC_TEST_GPU") == "1"
if not ON_GPU:
    os.environ["TRITON_INTERPRET"] = "1"  # Triton reads it once, when it is imported

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tests.interpreter import patch_once_a_launch
from tests.parity.llvm.llvm_support import Picture, blank
from vedc.codegen.image import Image
from vedc.codegen.reference.run_program import run
from vedc.codegen.tables import PackedTable
from vedc.codegen.triton.compile import (
    Launch,
    TritonKernel,
    compile_program,
    interpreted,
    upload_table,
)
from vedc.expr.program import Program

Array = NDArray[Any]

assert interpreted() != ON_GPU, "Triton was imported before its interpreter was asked for"
if not ON_GPU:
    patch_once_a_launch()


@dataclass
class Frame:
    """A launch's arguments for one frame, in this process's memory."""

    leaves: Sequence[Picture]
    out: Picture
    params: Sequence[float] = ()
    tables: Sequence[PackedTable] = ()


@dataclass
class _There:
    """A picture on the GPU: the same rows, padding and alignment."""

    picture: Picture
    planes: list[torch.Tensor] = field(default_factory=list)

    def image(self) -> Image:
        p, rows = self.picture, []
        for plane in p.planes:
            raw, start = _bytes_of(plane), plane.ctypes.data % 64
            memory = torch.empty(start + raw.size, dtype=torch.uint8, device="cuda")
            memory[start:].copy_(torch.from_numpy(raw.copy()))
            self.planes.append(memory[start:])
            rows.append((memory.data_ptr() + start, plane.strides[0]))
        return Image(tuple(rows), p.width, p.height, p.x, p.y, owner=self)

    def fetch(self) -> None:
        for plane, memory in zip(self.picture.planes, self.planes, strict=True):
            _bytes_of(plane)[:] = memory.cpu().numpy()


def _bytes_of(plane: Array) -> Array:
    """A plane's memory from its first sample to its last, padding of rows included."""
    size = plane.strides[0] * (len(plane) - 1) + plane[0].nbytes
    return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(plane.ctypes.data))


def draw(kernel: TritonKernel, *frames: Frame) -> None:
    """Compute the frames in one launch."""
    if not ON_GPU:
        images = [([p.image() for p in f.leaves], f.out.image()) for f in frames]
    else:
        there = [([_There(p) for p in f.leaves], _There(f.out)) for f in frames]
        images = [([p.image() for p in leaves], out.image()) for leaves, out in there]
    kernel(
        [
            Launch(leaves, f.params, f.tables, out)
            for f, (leaves, out) in zip(frames, images, strict=True)
        ]
    )
    if ON_GPU:
        for _, out in there:
            out.fetch()


def render(
    program: Program,
    leaves: Sequence[Picture],
    width: int,
    height: int,
    *,
    params: Sequence[float] = (),
    tables: Sequence[Array] = (),
    kernel: TritonKernel | None = None,
    out: Picture | None = None,
) -> list[Array]:
    """The kernel's output planes, of one frame."""
    kernel = kernel or compile_program(program)
    out = out or blank(program.out, width, height)
    prepared = [
        upload_table(t, np.ascontiguousarray(data, np.float32).tobytes())
        for t, data in zip(program.tables, tables, strict=True)
    ]
    draw(kernel, Frame(leaves, out, params, prepared))
    return out.planes


def errors(
    program: Program,
    leaves: Sequence[Picture],
    width: int,
    height: int,
    *,
    params: Sequence[float] = (),
    tables: Sequence[Array] = (),
    kernel: TritonKernel | None = None,
) -> float:
    """The largest distance between the kernel and the reference: in code values, or, of
    floating planes, in units of a number's own size or 1, whichever is more."""
    got = render(program, leaves, width, height, params=params, tables=tables, kernel=kernel)
    want = run(program, [leaf.arrays() for leaf in leaves], params, tables, width, height)
    worst = 0.0
    for g, w in zip(got, want, strict=True):
        assert g.shape == w.shape and g.dtype == w.dtype
        unit = np.maximum(np.abs(w), 1.0) if program.out.floating else 1 << program.out.shift
        apart = np.abs(g.astype(np.float64) - w.astype(np.float64)) / unit
        worst = max(worst, float(apart.max(initial=0.0)))
    return worst
