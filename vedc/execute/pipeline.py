"""Three overlapping stages, fetch, compute and encode, joined by bounded queues.

Fetching and computing have one thread each, encoding one per output; their libraries (decoder,
kernels, encoder) release the GIL while they work and start their own threads. If nothing is
computed, frames pass directly from the first stage to the last, which is cheaper than another
hand-over. The first error of any stage stops all of them and is raised by :meth:`Pipeline.run`.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import Any

from vedc.support.asked_to_stop import stop_if_asked

#: Frames that may wait between two stages: enough to absorb a slow one, few enough to bound memory.
DEPTH = 4

_END = object()


class Stopped(Exception):
    """Raised inside a stage when another stage has failed or the user interrupted."""


class Pipeline:
    """Runs ``produce -> transform -> consumers`` over a stream of jobs.

    ``transform`` takes jobs as they arrive and yields results, each with the index of its consumer;
    it may hold a few at a time. A consumer receives its results in order. With ``computes``,
    ``transform`` has its own thread.
    """

    def __init__(
        self,
        produce: Callable[[], Generator[Any, None, None]],
        transform: Callable[[Iterator[Any]], Iterator[tuple[int, Any]]],
        consumers: Sequence[Callable[[Any], None]],
        depth: int = DEPTH,
        *,
        computes: bool = True,
    ) -> None:
        self._produce, self._transform, self._consumers = produce, transform, consumers
        self._fetched: queue.Queue[Any] = queue.Queue(depth)
        self._computed: list[queue.Queue[Any]] = [queue.Queue(depth) for _ in consumers]
        self._computes = computes
        self._stop = threading.Event()
        self._error: BaseException | None = None

    def run(self, tick: Callable[[], None]) -> None:
        """Run to the end. Calls ``tick`` several times a second on this thread."""
        encoding = [partial(self._encode, index) for index in range(len(self._consumers))]
        threads = [
            threading.Thread(target=self._guard, args=(body,), name=name, daemon=True)
            for name, body in (
                ("vedc-fetch", self._fetch),
                *((("vedc-compute", self._compute),) if self._computes else ()),
                *(("vedc-encode", body) for body in encoding),
            )
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.1)
                    tick()
                    stop_if_asked()
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
        except BaseException as error:  # any error is passed to the caller of run()
            if self._error is None:
                self._error = error
            self._stop.set()

    def _fetch(self) -> None:
        jobs = self._produce()
        try:
            if not self._computes:
                self._transformed(jobs)
                return
            for job in jobs:
                self._put(self._fetched, job)
        finally:
            jobs.close()  # closes its files now, not when it is garbage collected
        self._put(self._fetched, _END)

    def _compute(self) -> None:
        self._transformed(iter(lambda: self._take(self._fetched), _END))

    def _transformed(self, jobs: Iterator[Any]) -> None:
        for index, job in self._transform(jobs):
            self._put(self._computed[index], job)
        for waiting in self._computed:
            self._put(waiting, _END)

    def _encode(self, index: int) -> None:
        while (job := self._take(self._computed[index])) is not _END:
            self._consumers[index](job)

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
