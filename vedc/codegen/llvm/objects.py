"""Compiled code on disk: one file a kernel, named by what the code was made from.

The name hashes the program's listing, the sources of this generator, the versions of
llvmlite and LLVM, and the processor; so a stale file is never asked for. A file is a mark,
the digest of the code and the code. One that was damaged reads as absent.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from vedc.codegen.llvm.host import Host
from vedc.expr.program import Program

_MARK = b"vedc object 1\n"
#: Sources outside this package that decide what code is made: layouts, thresholds, factors, rules.
_BELOW = ("color.py", "expr/nodes.py", "expr/program.py", "expr/rules.py", "expr/semantics.py")


def key(program: Program, host: Host) -> str:
    """What the object code of ``program`` for ``host`` is named by, as hexadecimal."""
    parts = (
        program.text(),
        _generator(),
        llvmlite.__version__,
        repr(llvm.llvm_version_info),
        repr(host),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def load(folder: Path, name: str) -> bytes | None:
    """The object code stored under ``name``; None if there is none or it is damaged."""
    try:
        data = (folder / f"{name}.o").read_bytes()
    except OSError:
        return None
    head = len(_MARK) + 32
    mark, digest, code = data[: len(_MARK)], data[len(_MARK) : head], data[head:]
    return code if mark == _MARK and hashlib.sha256(code).digest() == digest else None


def store(folder: Path, name: str, code: bytes) -> None:
    """Keep object code under ``name``: whole or not at all, whoever else does the same.

    Where the folder cannot be written nothing is kept: the next run compiles once more.
    """
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{name[:16]}-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MARK + hashlib.sha256(code).digest() + code)
            os.replace(temporary, folder / f"{name}.o")
        except BaseException:
            os.unlink(temporary)
            raise


@cache
def _generator() -> str:
    """The digest of the generator's own sources: an edit makes new kernels."""
    total = hashlib.sha256()
    package = Path(__file__).parent
    product = package.parents[1]
    for file in (*sorted(package.glob("*.py")), *(product / name for name in _BELOW)):
        total.update(file.read_bytes())
    return total.hexdigest()
