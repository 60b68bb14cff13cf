"""The resources that Linux control groups leave a process: containers are such groups.

Both versions are read: of the second each group has its files in one folder, of the first one in
a folder for each resource.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_ROOT: Final = Path("/sys/fs/cgroup")
#: For no memory limit, the first version gives about 2 to the 63rd.
_UNLIMITED: Final = 1 << 60


def cores() -> int:
    """CPU cores that this process may use: those that it is bound to, but no more than its
    container's quota, to the nearest core."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, round(min(bound or 1, quota())))


def quota() -> float:
    """Seconds of CPU time in each second that this process may take; infinite without a limit."""
    found = [float("inf")]
    for folder in _groups("cpu"):
        with suppress(OSError, ValueError):
            if (folder / "cpu.max").exists():
                part, period = (folder / "cpu.max").read_text().split()
            else:
                part = (folder / "cpu.cfs_quota_us").read_text()
                period = (folder / "cpu.cfs_period_us").read_text()
            if int(part) > 0 and int(period) > 0:  # else "max" or -1: no limit
                found.append(int(part) / int(period))
    return min(found)


def memory_left() -> int | None:
    """Bytes of memory that the groups leave; None without a limit."""
    found = []
    for folder in _groups("memory"):
        second = (folder / "memory.max").exists()
        names = ("memory.max", "memory.current") if second else _FIRST
        with suppress(OSError, ValueError):
            limit, used = (int((folder / name).read_text()) for name in names)
            if limit < _UNLIMITED:
                found.append(max(0, limit - used + _cached(folder)))
    return min(found, default=None)


#: The limit and the use of memory in the first version.
_FIRST: Final = ("memory.limit_in_bytes", "memory.usage_in_bytes")


def _groups(resource: str) -> list[Path]:
    """The folders of the groups that limit a resource of this process, the innermost first.

    Within a container the path of a group may be the host's, which does not exist there; the
    container's own group is then the root.
    """
    with suppress(OSError):
        for line in (_PROC / "self" / "cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            if resource in names.split(","):
                root = next((r for r in (_ROOT / names, _ROOT / resource) if r.is_dir()), None)
            else:
                root = _ROOT if not names and (_ROOT / "cgroup.controllers").exists() else None
            if root is not None:
                inner = root / path.strip().lstrip("/")
                return [inner, *(p for p in inner.parents if p.is_relative_to(root))]
    return []


def _cached(folder: Path) -> int:
    """Bytes of cached files that the system drops when memory is short."""
    for line in (folder / "memory.stat").read_text().splitlines():
        name, _, count = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file"):
            return int(count)
    return 0
