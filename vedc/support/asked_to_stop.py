"""Work that runs on a thread is asked to stop: long loops look up whether it is.

A command line is interrupted by a signal. A server runs several calls in one process, and ends one
of them by what it gives to :func:`stoppable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_check: Final[ContextVar[Callable[[], None] | None]] = ContextVar("check", default=None)


@contextmanager
def stoppable(check: Callable[[], None]) -> Iterator[None]:
    """While the block runs, ``check`` is called often on this thread; to stop, it raises."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def stop_if_asked() -> None:
    """Raise what ends the work of this thread, if somebody asked for it."""
    check = _check.get()
    if check is not None:
        check()
