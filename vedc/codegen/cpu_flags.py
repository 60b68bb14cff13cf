"""What this machine's CPU can do, as Linux says it: LLVM knows it, too, but takes long to load."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_CPUS = Path("/proc/cpuinfo")


def cpu_flags() -> frozenset[str] | None:
    """What the first CPU can do, by Linux's names, such as ``avx2``; None where Linux does not
    list it, as on other systems and on ARM."""
    with suppress(OSError), _CPUS.open() as cpus:
        for line in cpus:  # of many: the file is as long as the machine is large
            name, _, flags = line.partition(":")
            if name.strip() == "flags":
                return frozenset(flags.split())
    return None
