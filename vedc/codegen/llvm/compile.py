"""The CPU code generator: a pixel program in, a callable kernel out.

``compile_program`` writes the program as LLVM IR (``module``), lets LLVM compile it, caches
the object code on disk (``object_cache``) and links it into this process. Kernels are called
through ctypes, which releases the GIL: split a frame over threads by ``rows``.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from pathlib import Path

import llvmlite.binding as llvm

from vedc.codegen.arguments import ArgumentLayout
from vedc.codegen.image import Image
from vedc.codegen.llvm import object_cache
from vedc.codegen.llvm.host import Host, host
from vedc.codegen.llvm.memo import MemoTable
from vedc.codegen.llvm.module import ENTRY_POINT, module_text
from vedc.codegen.llvm.opcodes import HEADER
from vedc.errors import InternalError
from vedc.expr.nodes import walk
from vedc.expr.program import Program
from vedc.expr.taps import TAPS

_Entry = ctypes.CFUNCTYPE(None, ctypes.c_char_p)


class CompiledKernel:
    """Machine code of one program. Any number of threads may call it at once."""

    program_digest: str

    def __init__(self, program: Program, code: llvm.ResourceTracker) -> None:
        self.program = program
        self.program_digest = program.digest()
        self._code = code  # owns the machine code
        self._entry = _Entry(code[ENTRY_POINT])
        self._layout = layout = ArgumentLayout(program, HEADER)
        self._pack = struct.Struct(f"<{layout.params}q{program.params}d").pack
        self._taps = _taps(program)
        self._sub_y = program.out.sub_y if program.out.layout == "yuv" else 0

    def block_rows(self, height: int) -> int:
        """The number of block rows of a canvas of ``height`` pixel rows."""
        return -(-height >> self._sub_y)

    def __call__(
        self,
        leaves: Sequence[Image],
        params: Sequence[float],
        tables: Sequence[int],
        out: Image,
        memos: Sequence[MemoTable] = (),
        rows: tuple[int, int] | None = None,
    ) -> None:
        """Compute the block rows ``rows`` of ``out``, half-open; all of them if None.

        A block row is a row of the output's chroma: two pixel rows for 4:2:0, else one.
        ``tables`` are addresses of prepared tables. The result does not depend on how a frame
        is split.
        """
        program = self.program
        given = (len(leaves), len(params), len(tables), len(memos))
        wanted = (len(program.leaves), program.params, len(program.tables), len(program.memos))
        if given != wanted:
            raise InternalError(f"a kernel of (leaves, params, tables, memos) {wanted} got {given}")
        first, last = rows or (0, self.block_rows(out.height))
        if not 0 <= first <= last <= self.block_rows(out.height):
            raise InternalError(f"rows {first}..{last} of {self.block_rows(out.height)}")
        for index, (leaf, image) in enumerate(zip(program.leaves, leaves, strict=True)):
            if leaf.sampled:
                _check_sampled(image, self._taps.get(index, 1))
        fields = [out.width, out.height, first, last]
        fields += self._layout.image_fields(leaves, out)
        fields += tables
        fields += [memo.address for memo in memos]
        self._entry(self._pack(*fields, *params))


def _taps(program: Program) -> dict[int, int]:
    """The number of columns that looks at each leaf read at once."""
    found: dict[int, int] = {}
    for e in walk(program.roots):
        if e.op in TAPS and isinstance(e.attr, tuple):
            found[e.attr[0]] = max(found.get(e.attr[0], 1), TAPS[e.op])
    return found


def _check_sampled(image: Image, columns: int) -> None:
    """Refuse leaves whose texel indices would overflow 32 bits, and leaves narrower than a single
    read."""
    if image.width < columns:
        raise InternalError(f"a leaf of {image.width} columns, of which {columns} are read at once")
    for _, pitch in image.planes:
        if pitch % 4 or abs(pitch) // 4 * image.height >= 1 << 31:
            raise InternalError(
                f"a sampled leaf of {image.width}x{image.height} has rows of {pitch} bytes"
            )


def compile_program(
    program: Program, cache: Path | None = None, target: Host | None = None
) -> CompiledKernel:
    """The kernel of ``program``.

    ``cache`` is a folder of object code, from which previously compiled programs are loaded.
    ``target`` defaults to this machine, which must be able to run its code.
    """
    for leaf in program.leaves:
        if leaf.sampled and not (leaf.covers and leaf.format.floating):
            raise InternalError(f"a sampled leaf is floating and covers, unlike {leaf}")
        if leaf.streamed and not (leaf.covers and leaf.format.floating and not leaf.sampled):
            raise InternalError(f"a streamed leaf is floating, covers and stays, unlike {leaf}")
    target = target or host()
    code = object_code(program.text(), lambda: module_text(program, target), target, cache)
    return CompiledKernel(program, linked(program.digest(), code))


def object_code(listing: str, module: Callable[[], str], target: Host, cache: Path | None) -> bytes:
    """The machine code of a module, which ``listing`` determines, from the folder ``cache`` if it
    was compiled before."""
    name = object_cache.key(listing, target)
    code = object_cache.load(cache, name) if cache else None
    if code is None:
        with llvm.parse_assembly(module()) as parsed:
            code = bytes(_machine(target).emit_object(parsed))
        if cache:
            object_cache.store(cache, name, code)
    return code


@cache
def _machine(target: Host) -> llvm.TargetMachine:
    # Code emission runs no vectoriser; level 2 schedules and allocates registers well.
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=2, reloc="pic", codemodel="jitdefault"
    )


@cache
def _linker() -> llvm.LLJIT:
    return llvm.create_lljit_compiler()


_serial = count()


def linked(name: str, code: bytes, *entries: str) -> llvm.ResourceTracker:
    """Object code linked into this process, with the addresses of its entry points."""
    host()  # initialises LLVM: code from the disk cache may be the first to be linked
    builder = llvm.JITLibraryBuilder().add_object_img(code)
    for entry in entries or (ENTRY_POINT,):
        builder = builder.export_symbol(entry)
    # A program may be compiled twice in one process, so its name alone is not unique.
    return builder.link(_linker(), f"{name}-{next(_serial)}")
