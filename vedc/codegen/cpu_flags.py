"""This CPU's features, as reported by Linux: LLVM knows them, too, but takes long to load."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_CPUS = Path("/proc/cpuinfo")


def cpu_flags() -> frozenset[str] | None:
    """The first CPU's features by Linux's names, such as ``avx2``; None where they are not listed,
    as on ARM and other systems."""
    with suppress(OSError), _CPUS.open() as cpus:
        for line in cpus:  # line by line: the file grows with the number of cores
            name, _, flags = line.partition(":")
            if name.strip() == "flags":
                return frozenset(flags.split())
    return None
