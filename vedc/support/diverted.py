"""Keeping third-party code off standard output: its output goes to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, Final

_STDOUT: Final = 1
_STDERR: Final = 2


@contextmanager
def diverted() -> Iterator[None]:
    """Redirect standard output to standard error, from Python and from C.

    The whole process is affected, and several threads may be inside at once: the last one to leave
    restores the streams, whatever the code inside has done to them.
    """
    _diversion.enter()
    try:
        yield
    finally:
        _diversion.leave()


class _Diversion:
    def __init__(self) -> None:
        self._lock, self._inside = Lock(), 0
        self._streams: tuple[Any, Any] = (None, None)
        self._stdout: int | None = None

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return
            _flush()
            self._streams = sys.stdout, sys.stderr
            sys.stdout = sys.stderr
            with suppress(OSError):  # either may be closed
                self._stdout = os.dup(_STDOUT)
                os.dup2(_STDERR, _STDOUT)

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside:
                return
            sys.stdout, sys.stderr = self._streams
            _flush()  # output that bypassed sys.stdout
            if self._stdout is not None:
                os.dup2(self._stdout, _STDOUT)
                os.close(self._stdout)
                self._stdout = None


def _flush() -> None:
    """Flush the streams of Python and C."""
    from ctypes import CDLL

    for stream in (sys.stdout, sys.__stdout__):
        with suppress(OSError, ValueError, AttributeError):  # full, closed, none
            stream.flush()  # type: ignore[union-attr]  # an AttributeError is expected
    with suppress(OSError, AttributeError, TypeError):  # the C library is not reachable
        CDLL(None).fflush(None)


_diversion: Final = _Diversion()
