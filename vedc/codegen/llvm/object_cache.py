"""Compiled code on disk: one file per kernel, named by a hash of its inputs.

The name hashes the listing of a program or module, the sources of this generator, the versions of
llvmlite and LLVM, and the CPU, so a stale file is never read.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from vedc.codegen import code_cache
from vedc.codegen.llvm.host import Host

#: Sources below this package that affect the generated code.
_BELOW = (
    "codegen/arguments.py", "codegen/block_average.py", "codegen/block_terms.py",
    "codegen/coefficients.py",
    "codegen/tables.py", "color.py", "expr/affine.py", "expr/nodes.py", "expr/polynomial.py",
    "expr/program.py", "expr/rules.py", "expr/scalar_ops.py", "expr/taps.py",
)  # fmt: skip


def key(listing: str, host: Host) -> str:
    """The name of the object code for ``host`` of what has this listing, as hexadecimal."""
    parts = (
        listing,
        _generator(),
        llvmlite.__version__,
        repr(llvm.llvm_version_info),
        repr(host),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def load(folder: Path, name: str) -> bytes | None:
    """The object code stored under ``name``; None if there is none or it is damaged."""
    return code_cache.load(folder, f"{name}.o")


def store(folder: Path, name: str, code: bytes) -> None:
    """Store object code under ``name``; see :func:`vedc.codegen.code_cache.store`."""
    code_cache.store(folder, f"{name}.o", code)


@cache
def _generator() -> str:
    """The digest of the generator's own sources: an edit makes new kernels."""
    total = hashlib.sha256()
    package = Path(__file__).parent
    product = package.parents[1]
    for file in (*sorted(package.glob("*.py")), *(product / name for name in _BELOW)):
        total.update(file.read_bytes())
    return total.hexdigest()
