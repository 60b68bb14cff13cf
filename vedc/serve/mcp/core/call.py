"""One running call of a tool: its progress and cancellation."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import TypeVar

from vedc.errors import Interrupted
from vedc.report.progress import STAGES, Unit
from vedc.support.asked_to_stop import stoppable

T = TypeVar("T")

#: Calls run one after the other: each uses all cores, and they share a cache.
_ONE_AT_A_TIME = threading.Lock()
_running: weakref.WeakSet[Call] = weakref.WeakSet()


def stop_all(seconds: float) -> None:
    """Ask all calls to stop, and wait at most that long for them."""
    for call in list(_running):
        call.cancel()
    _ONE_AT_A_TIME.acquire(timeout=seconds)


class Call:
    """The context of a call besides its arguments. Its methods are called on the call's thread,
    those for the server on the server's."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._done = self._total = 0.0
        self._message = ""
        self._last_news: tuple[float, float | None, str] | None = None
        _running.add(self)

    def run(self, work: Callable[[Call], T]) -> T:
        """Do the work, once no other call runs. Raises Interrupted if it is cancelled."""
        with self._turn(), stoppable(self.check):
            self.check()
            return work(self)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        while not _ONE_AT_A_TIME.acquire(timeout=0.05):
            self.check()
        try:
            yield
        finally:
            _ONE_AT_A_TIME.release()

    def cancel(self) -> None:
        """Ask the work to stop: it does at the next frame, or within a tenth of a second."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise Interrupted if the call is cancelled."""
        if self._cancelled.is_set():
            raise Interrupted.one("interrupted", "the call was cancelled")

    def news(self) -> tuple[float, float | None, str] | None:
        """The amount done, the total, and words for it; None if unchanged.

        The amount never falls, not even from one piece of work to the next.
        """
        with self._lock:
            now = (self._done, self._total or None, self._message)
            if not now[2] or now == self._last_news:
                return None
            self._last_news = now
            return now

    def progress(self, unit: Unit) -> Shown:
        """The receiver of the progress of a render or an analysis."""
        return Shown(self, unit)

    def add(self, done: float, total: float, message: str) -> None:
        with self._lock:
            self._done += done
            self._total += total
            self._message = message


class Shown:
    """Progress as notifications: the interface of the terminal's bar."""

    def __init__(self, call: Call, unit: Unit) -> None:
        self._call, self._unit = call, unit
        self._name, self._stage = "", ""
        self._done = self._total = 0.0

    def start(self, name: str, total: float, done: float = 0) -> None:
        self._call.check()
        self._name, self._stage = PurePath(name).name, ""
        self._done, self._total = done, total
        self._report(done, total)

    def stage(self, name: str) -> None:
        self._call.check()
        self._stage = STAGES[name]
        self._report()

    def advance(self, amount: float) -> None:
        self._call.check()
        self._done += amount
        self._report(amount)

    def note(self, text: str) -> None:
        self._call.add(0, 0, text)

    def finish(self) -> None:
        """Count the rest of an overestimated amount as done."""
        left = max(0.0, self._total - self._done)
        self._done += left
        self._report(left)

    def _report(self, done: float = 0, total: float = 0) -> None:
        amount = self._unit.amount.format(self._done, self._total)
        stage = f", {self._stage}" if self._stage else ""
        self._call.add(done, total, f"{self._name}: {amount}{stage}")
