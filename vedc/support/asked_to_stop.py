"""Cooperative cancellation of work on a thread: long loops check for it.

A command line is interrupted by a signal. A server runs several calls in one process, and ends one
of them through :func:`stoppable`.
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
    """Raise the exception that ends this thread's work, if a stop was requested."""
    check = _check.get()
    if check is not None:
        check()
