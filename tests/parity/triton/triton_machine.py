"""Machine code of GPU kernels for sm_90, made without a GPU: ``python -m`` this prints what it
is like, as JSON, by the names in ``KERNELS``.

Triton's own launcher does it, up to the launch, with a driver that only says what the target
is. That has to be another process than the interpreter's.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import torch
import triton
from triton.backends.compiler import GPUTarget

from tests.parity.llvm.llvm_chains import Chain, cdl, exposure, saturation, whole
from tests.parity.llvm.llvm_support import EVERY
from tests.parity.llvm.test_llvm_opcodes import CASES
from vedc.codegen.triton.compile import compile_program
from vedc.color import FORMATS, LAYER
from vedc.expr.nodes import const, cover, load, node
from vedc.expr.program import Leaf, Program

FMT = FORMATS["yuv420p"]


def _all_opcodes() -> Program:
    """Every opcode once, so that none is only understood by the interpreter."""
    x, y = node("x"), node("y")
    more = [
        node("atan2", x - 9.0, y - 4.0),
        node("hash", x, y, const(3.0)),
        node("texel", x * 0.5, y, attr=(1, 1)) + node("texel", const(2.0), y, attr=(1, 0)),
        node("select", cover(2), load(2, 1), const(0.0)),
    ]
    total = sum([*CASES.values(), *more], const(0.0))
    leaves = (Leaf(FORMATS["yuv444p12le"]), Leaf(LAYER, sampled=True), Leaf(EVERY["p010le"], False))
    roots = tuple(total * scale for scale in (1.0, 2.0, 3.0))
    return Program(leaves, (), (), FMT, roots, 3, dither=True)


def _straight(source: str, out: str) -> Program:
    return Chain((saturation,)).program(EVERY[source], EVERY[out])


#: Name -> program, class of shapes, lanes, rows of blocks, warps.
KERNELS: dict[str, tuple[Program, int, int, int, int]] = {
    "exposure": (Chain((exposure,)).program(FMT, FMT), 16, 512, 1, 4),
    "exposure, four rows": (Chain((exposure,)).program(FMT, FMT), 16, 512, 4, 4),
    "exposure, any shape": (Chain((exposure,)).program(FMT, FMT), 0, 256, 1, 4),
    "cdl": (Chain((cdl,)).program(FMT, FMT), 16, 512, 1, 4),
    "whole": (whole(64, 32).program(FMT, FMT), 16, 256, 1, 4),
    "p010le": (_straight("p010le", "p010le"), 16, 512, 1, 4),
    "yuv422p10le": (_straight("yuv422p10le", "yuv422p10le"), 16, 512, 1, 4),
    "yuv444p": (_straight("yuv444p", "yuv444p"), 16, 512, 1, 4),
    "float": (_straight("opaque layer", "yuv420p"), 16, 256, 1, 4),
    "all opcodes": (_all_opcodes(), 0, 128, 1, 4),
}


class Driver:
    """The compiling part of a GPU driver."""

    def get_current_target(self) -> GPUTarget:
        return GPUTarget("cuda", 90, 32)

    def get_current_device(self) -> int:
        return 0

    def get_current_stream(self, device: int) -> int:
        return 0


def resources(cubin: bytes) -> dict[str, int]:
    """A thread's needs: registers, bytes of stack, shared and local memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.cubin"
        path.write_bytes(cubin)
        tool = triton.knobs.nvidia.cuobjdump.path
        command = [tool, "--dump-resource-usage", path]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {k: int(v) for k, v in re.findall(r"(REG|STACK|SHARED|LOCAL):(\d+)", text)}


def machine_code(
    program: Program, vector: int, block: int, lines: int, warps: int
) -> dict[str, Any]:
    """The properties of the kernel's machine code; launched twice, at different addresses."""
    entry = compile_program(program)._entry
    memory = torch.zeros(64, dtype=torch.int64)
    for start in (0, 1):
        made = entry.run(
            memory[start:], memory[start + 8 :].view(torch.float32),
            grid=(1, 1, 1), warmup=True, VECTOR=vector, BLOCK=block, LINES=lines,
            num_warps=warps, enable_fp_fusion=False,
        )  # fmt: skip
    ptx: str = made.asm["ptx"]
    words = r"(?:ld|st)\.(?:global|shared|local)[\w.]*|bar\.sync|lg2[\w.]*|ex2[\w.]*"
    return {
        "variants": sum(len(c[0]) for c in entry.device_caches.values()),
        "instructions": Counter(re.findall(words, ptx)),
        **resources(made.asm["cubin"]),
    }


if __name__ == "__main__":
    triton.runtime.driver.set_active(Driver())
    print(json.dumps({name: machine_code(*given) for name, given in KERNELS.items()}))
