"""Threads that wait for other machines. Python does not wait for them at exit."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeVar

from vedc.support.asked_to_stop import stop_if_asked

Result = TypeVar("Result")

#: Concurrent requests.
_AT_ONCE: Final = 16


#: Seconds after which an idle thread ends.
_IDLE: Final = 5.0


class Threads:
    """Up to ``count`` threads, started and ended as work requires."""

    def __init__(self, count: int, name: str) -> None:
        self._count, self._name = count, name
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._started = 0
        self._lock = threading.Lock()

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        future: Future[Result] = Future()
        self._work.put((future, call))
        with self._lock:
            if self._started < self._count:
                self._started += 1
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
        return future

    def drop(self) -> None:
        """Cancel submitted work that has not begun, and do not wait for the rest."""
        with suppress(queue.Empty):
            while True:
                self._work.get_nowait()[0].cancel()

    def _run(self) -> None:
        while True:
            try:
                future, call = self._work.get(timeout=_IDLE)
            except queue.Empty:
                with self._lock:
                    if self._work.empty():
                        self._started -= 1
                        return
                continue
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # raised in the waiting thread
                future.set_exception(error)


def wait_for(future: Future[Result]) -> Result:
    """The future's result; stops waiting if this work is asked to stop."""
    while not future.done():
        with suppress(TimeoutError):
            future.exception(0.1)
        stop_if_asked()
    return future.result()


def for_all(ask: Callable[[str], Result], names: Iterable[str]) -> list[Result]:
    """Answers for all names, in order, requested concurrently. Raises the first error."""
    names = list(names)
    if len(names) < 2:
        return [ask(name) for name in names]
    threads = Threads(min(_AT_ONCE, len(names)), "vedc-fetch")
    try:
        going = [threads.submit(lambda name=name: ask(name)) for name in names]  # type: ignore[misc]
        return [wait_for(future) for future in going]
    finally:
        threads.drop()
