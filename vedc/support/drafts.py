"""Drafts: files being written, which other processes can distinguish from leftovers of killed ones.

A draft is locked while it is in use; the system releases the lock when the process dies. Where
files cannot be locked, a draft counts as abandoned after a day.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

#: Seconds after which a draft that cannot be locked counts as abandoned.
STALE: Final = 24 * 3600.0


@contextmanager
def new_draft(name: Callable[[], Path], mode: int = 0o666) -> Iterator[Path]:
    """A new, empty file under a name that is not taken; it is in use until the block ends.

    The block renames or removes it. ``mode`` is its permissions before the umask. Raises OSError.
    """
    while True:
        path = name()
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode)
        _lock(handle, wait=True)
        if sys.platform == "win32" or os.fstat(handle).st_nlink:
            break
        os.close(handle)  # it was considered abandoned before it was locked
    try:
        yield path
    finally:
        os.close(handle)


def remove_abandoned(paths: Iterable[Path]) -> None:
    """Remove the drafts among ``paths`` that no process uses."""
    for path in paths:
        with suppress(OSError):
            handle = os.open(path, os.O_RDWR)
            try:
                unused = _lock(handle, wait=False)
                if unused is None:
                    unused = os.fstat(handle).st_mtime < time.time() - STALE
                if unused:
                    path.unlink()
            finally:
                os.close(handle)


def _lock(handle: int, wait: bool) -> bool | None:
    """Whether the file is now locked; None where files cannot be locked."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
