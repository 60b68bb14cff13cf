"""Three stages that overlap: fetch, compute, encode, joined by bounded queues.

Each stage is one thread of this process; its libraries (decoder, kernels, encoder) release the
GIL while they work and use threads of their own. The first error of any stage stops all of them
and is raised by :meth:`Pipeline.run`.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any

#: Frames that may wait between two stages: enough to even out a slow one, few enough that memory
#: does not grow with the film.
DEPTH = 4

_END = object()


class Stopped(Exception):
    """Raised inside a stage when another stage has failed or the user interrupted."""


class Pipeline:
    """Runs ``produce -> transform -> consume`` over a stream of jobs, in order.

    ``transform`` takes jobs as they arrive and yields them as they are done; it may hold a few
    at a time.
    """

    def __init__(
        self,
        produce: Callable[[], Generator[Any, None, None]],
        transform: Callable[[Iterator[Any]], Iterator[Any]],
        consume: Callable[[Any], None],
        depth: int = DEPTH,
    ) -> None:
        self._produce, self._transform, self._consume = produce, transform, consume
        self._fetched: queue.Queue[Any] = queue.Queue(depth)
        self._computed: queue.Queue[Any] = queue.Queue(depth)
        self._stop = threading.Event()
        self._error: BaseException | None = None

    def run(self, tick: Callable[[], None]) -> None:
        """Run to the end. Calls ``tick`` several times a second on this thread."""
        threads = [
            threading.Thread(target=self._guard, args=(body,), name=name, daemon=True)
            for name, body in (
                ("vedc-fetch", self._fetch),
                ("vedc-compute", self._compute),
                ("vedc-encode", self._encode),
            )
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.1)
                    tick()
        except BaseException:
            self._stop.set()
            raise
        finally:
            for thread in threads:
                if thread.ident is not None:  # an interrupt may come before all have started
                    thread.join()
        if self._error is not None:
            raise self._error

    def _guard(self, body: Callable[[], None]) -> None:
        try:
            body()
        except Stopped:
            pass
        except BaseException as error:  # handed to the caller of run(), whatever it is
            if self._error is None:
                self._error = error
            self._stop.set()

    def _fetch(self) -> None:
        jobs = self._produce()
        try:
            for job in jobs:
                self._put(self._fetched, job)
        finally:
            jobs.close()  # what it holds open is closed now, not when it is collected
        self._put(self._fetched, _END)

    def _compute(self) -> None:
        for job in self._transform(iter(lambda: self._take(self._fetched), _END)):
            self._put(self._computed, job)
        self._put(self._computed, _END)

    def _encode(self) -> None:
        while (job := self._take(self._computed)) is not _END:
            self._consume(job)

    def _put(self, target: queue.Queue[Any], job: Any) -> None:
        while not self._stop.is_set():
            try:
                return target.put(job, timeout=0.1)
            except queue.Full:
                continue
        raise Stopped

    def _take(self, source: queue.Queue[Any]) -> Any:
        while not self._stop.is_set():
            try:
                return source.get(timeout=0.1)
            except queue.Empty:
                continue
        raise Stopped
