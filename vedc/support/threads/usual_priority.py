"""Undoing real-time priority set by libraries: SVT-AV1 sets it in a root process, as in a
container.

Such threads, the caller's among them, keep every other process from the cores while they have work.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_TASKS: Final = "/proc/self/task"

Schedule = tuple[int, Any]
"""A policy and its parameters."""


@contextmanager
def usual_priority() -> Iterator[None]:
    """Threads made real-time within the block are restored after it; new threads are like the
    caller.

    Does nothing on systems that have no such threads, or do not list them.
    """
    before = _schedules()
    try:
        yield
    finally:
        if before:
            _restore(before)


def _restore(before: dict[int, Schedule]) -> None:
    own = before.get(threading.get_native_id(), (os.SCHED_OTHER, os.sched_param(0)))
    for thread, (policy, _) in _schedules().items():
        was = before.get(thread, own)
        if policy in (os.SCHED_FIFO, os.SCHED_RR) and policy != was[0]:
            with suppress(OSError):  # it has ended
                os.sched_setscheduler(thread, *was)


def _schedules() -> dict[int, Schedule]:
    """The scheduling of each thread of this process."""
    found: dict[int, Schedule] = {}
    if hasattr(os, "sched_getscheduler") and os.path.isdir(_TASKS):
        for name in os.listdir(_TASKS):
            with suppress(OSError):
                thread = int(name)
                found[thread] = os.sched_getscheduler(thread), os.sched_getparam(thread)
    return found
