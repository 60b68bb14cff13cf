"""Pictures for kernels, and the float64 reference beside them."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc.codegen.image import Image
from vedc.codegen.llvm.compile import CompiledKernel, compile_program
from vedc.codegen.llvm.host import Host, host
from vedc.codegen.llvm.memo import MemoTable
from vedc.codegen.reference.run_program import LeafArrays, run
from vedc.codegen.tables import prepare_table
from vedc.color import FORMATS, LAYER, OPAQUE_LAYER, PixelFormat
from vedc.expr.program import Program

Array = NDArray[Any]
#: Everything that a kernel reads or writes.
EVERY = {**FORMATS, LAYER.name: LAYER, OPAQUE_LAYER.name: OPAQUE_LAYER}


def targets() -> list[Host]:
    """This machine, and the narrower ones that its processor can stand in for."""
    here = host()
    found = [here]
    if here.triple.startswith("x86_64"):
        if here.lanes == 16:
            found.append(replace(here, cpu="haswell", features="+avx2,+fma,+f16c,+bmi2", lanes=8))
        if here.lanes >= 8:
            found.append(replace(here, cpu="x86-64", features="+sse2", lanes=4))
    return found


@dataclass
class Picture:
    """Planes of a format, and the picture's place on the canvas."""

    planes: list[Array]
    width: int
    height: int
    x: int = 0
    y: int = 0

    def image(self) -> Image:
        rows = tuple((p.ctypes.data, p.strides[0]) for p in self.planes)
        return Image(rows, self.width, self.height, self.x, self.y, owner=self)

    def arrays(self) -> LeafArrays:
        return LeafArrays(self.planes, self.x, self.y)


def plane_shapes(fmt: PixelFormat, width: int, height: int) -> list[tuple[int, ...]]:
    shapes = []
    for plane in range(fmt.planes):
        size = fmt.plane_size(plane, width, height)[::-1]
        side_by_side = len(fmt.members(plane))
        shapes.append(size if side_by_side == 1 else (*size, side_by_side))
    return shapes


def dtype(fmt: PixelFormat) -> type[np.number[Any]]:
    return np.float32 if fmt.floating else np.uint8 if fmt.depth == 8 else np.uint16


def picture(
    fmt: PixelFormat, width: int, height: int, x: int = 0, y: int = 0, seed: int = 0
) -> Picture:
    """Random samples over the whole range, peaks and zeros among them.

    Floating ones are multiples of 2**-16 in -2..2, with NaN, infinities and large ones. Bits
    below a format's ``shift`` are noise, which no kernel may look at.
    """
    rng = np.random.default_rng([seed, width, height])
    planes = []
    for shape in plane_shapes(fmt, width, height):
        extreme = rng.random(shape)
        if fmt.floating:
            plane = rng.integers(-(2 << 16), (2 << 16) + 1, shape) * 2.0**-16
            for k, value in enumerate((0.0, 1.0, np.nan, np.inf, -np.inf, 98304.0)):
                plane[(extreme > k * 0.02) & (extreme < (k + 1) * 0.02)] = value
        else:
            plane = rng.integers(0, fmt.peak + 1, shape)
            plane[extreme < 0.05], plane[extreme > 0.95] = 0, fmt.peak
            plane = plane << fmt.shift | rng.integers(0, 1 << fmt.shift, shape)
        planes.append(plane.astype(dtype(fmt)))
    return Picture(planes, width, height, x, y)


def blank(fmt: PixelFormat, width: int, height: int) -> Picture:
    planes = [np.full(s, 7, dtype(fmt)) for s in plane_shapes(fmt, width, height)]
    return Picture(planes, width, height)


class Guarded:
    """Planes that end at the end of a page beyond which nothing is mapped.

    A kernel that touches a byte past a plane is killed by the system. Canaries before the
    planes show what was written there.
    """

    CANARY = 0xA5

    def __init__(self, source: Picture) -> None:
        self.source = source
        self._maps: list[mmap.mmap] = []
        planes = []
        for plane in source.planes:
            page = mmap.PAGESIZE
            room = -(-plane.nbytes // page) * page
            memory = mmap.mmap(-1, room + page)
            _protect(memory, room, page)
            self._maps.append(memory)
            whole = np.frombuffer(memory, np.uint8, room)
            whole[:] = self.CANARY
            own = whole[room - plane.nbytes :].view(plane.dtype).reshape(plane.shape)
            own[...] = plane
            planes.append(own)
        self.picture = replace(source, planes=planes)

    def intact(self) -> bool:
        """Whether nothing was written before the planes."""
        return all(
            bytes(m[: len(m) - mmap.PAGESIZE - p.nbytes]).strip(bytes([self.CANARY])) == b""
            for m, p in zip(self._maps, self.picture.planes, strict=True)
        )


def _protect(memory: mmap.mmap, offset: int, length: int) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    none = 0
    if libc.mprotect(ctypes.c_void_p(address + offset), ctypes.c_size_t(length), none):
        raise OSError(ctypes.get_errno(), "mprotect")


def render(
    program: Program,
    leaves: Sequence[Picture],
    width: int,
    height: int,
    *,
    params: Sequence[float] = (),
    tables: Sequence[Array] = (),
    memos: Sequence[MemoTable] = (),
    rows: Sequence[tuple[int, int] | None] = (None,),
    kernel: CompiledKernel | None = None,
) -> list[Array]:
    """The kernel's output planes."""
    kernel = kernel or compile_program(program)
    out = blank(program.out, width, height)
    prepared = [
        prepare_table(t, np.ascontiguousarray(data, np.float32).tobytes())
        for t, data in zip(program.tables, tables, strict=True)
    ]
    images = [leaf.image() for leaf in leaves]
    for band in rows:
        kernel(images, params, [p.address for p in prepared], out.image(), memos, band)
    return out.planes


def errors(
    program: Program,
    leaves: Sequence[Picture],
    width: int,
    height: int,
    *,
    params: Sequence[float] = (),
    tables: Sequence[Array] = (),
    memos: Sequence[MemoTable] = (),
    kernel: CompiledKernel | None = None,
) -> float:
    """The largest distance between the kernel and the reference: in code values, or, of
    floating planes, in units of a number's own size or 1, whichever is more.
    """
    got = render(
        program, leaves, width, height, params=params, tables=tables, memos=memos, kernel=kernel
    )
    want = run(program, [leaf.arrays() for leaf in leaves], params, tables, width, height)
    worst = 0.0
    for g, w in zip(got, want, strict=True):
        near, true = g.astype(np.float64), w.astype(np.float64)
        unit = np.maximum(np.abs(true), 1.0) if program.out.floating else 1 << program.out.shift
        worst = max(worst, float((np.abs(near - true) / unit).max()))
    return worst
