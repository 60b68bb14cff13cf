"""Worker processes that are kept from one render to the next.

This process renders, too, as the first worker, so a short film never waits for a process to start.
The others are started at once if the user says how many; otherwise once the rest of the film is
expected to take much longer than a start, judging by the pace so far.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from vedc.support.control_groups import cores

if TYPE_CHECKING:
    from vedc.execute.work import Job, Turn
    from vedc.execute.workers.crew import Crew
    from vedc.execute.workers.handle import WorkerHandle
    from vedc.execute.workers.wire import Message
    from vedc.lang.plugins.activate import Active

_GB: Final = 10**9


class WorkerPool:
    """Up to ``count`` processes render, including this one; by default as many as the machine has
    cores and memory for. A context manager: its exit ends the processes.

    Rendering modules are imported with the first frame to render.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count
        self.ahead = 0.0
        """Seconds of rendering expected after the current render."""
        self._lock = threading.Condition()
        self._processes: list[WorkerHandle] = []
        self._ready: list[WorkerHandle] = []
        self._crew: Crew | None = None
        self._jobs, self._started = 0, 0
        self._lost = 0
        """Workers killed from outside, most likely for lack of memory."""
        self._sent: tuple[int, Active, bytes, str | None] = 1, (), b"", None
        self._closing = False

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """The ids of the current worker processes."""
        with self._lock:
            return [process.pid for process in self._processes]

    def close(self) -> None:
        """End the worker processes. Unfinished work leaves nothing behind."""
        with self._lock:
            self._closing = True
            processes, self._processes = self._processes, []
        for process in processes:
            process.hang_up()
        for process in processes:
            process.close()

    def render(
        self, job: Job, turns: Sequence[Turn], threads: int, tick: Callable[[int], None]
    ) -> int:
        """As :class:`vedc.execute.work.Workers` says."""
        from vedc.execute.work import SegmentWork
        from vedc.execute.workers.crew import Crew
        from vedc.execute.workers.pace import Pace
        from vedc.execute.workers.shares import Shares

        most = self._most(job, turns)
        if most == 1:
            return _alone(job, turns, threads or cores(), tick)
        each = threads or self._threads(most)
        pace = Pace(sum(s.frames for turn in turns for _, s in turn), self.ahead)
        encoded = job.encoded

        def counted() -> None:
            pace.count()
            encoded()

        at_once = self._at_once()
        lacking = max(0, most - 1 - len(self._processes))
        own = SegmentWork(replace(job, encoded=counted), each if at_once else threads or cores())
        crew = Crew(
            self._lock,
            Shares(turns),
            job,
            self._others,
            lambda: self._start(1, job.note),
        )
        try:
            self._begin(crew, job, each)
            if at_once:
                self._start(lacking, job.note)

            def watched() -> None:
                nonlocal at_once
                tick(crew.newly_encoded())
                if not at_once and pace.is_long():
                    at_once = True
                    self._start(lacking, job.note)

            crew.run(own, watched)
            self._arrive(job, turns, crew)
            return own.decoded + crew.decoded
        finally:
            self._end()
            own.close()

    # -- overridden by other kinds of workers ------------------------------------------------------

    def _at_once(self) -> bool:
        """Whether workers are started before the film's duration can be estimated."""
        return self.count is not None or bool(self._processes)

    def _threads(self, most: int) -> int:
        """The threads of each process, for ``most`` processes."""

        return max(1, cores() // most)

    def _others(self) -> int:
        """The number of workers, including starting ones. The lock is held."""
        return len(self._processes)

    def _witness(self, job: Job) -> str | None:
        """A file that workers must find in the store, to prove that it is the same one."""
        return None

    def _arrive(self, job: Job, turns: Sequence[Turn], crew: Crew) -> None:
        """Wait until all segments that workers have stored can be read here."""

    def _is_replaced(self, process: WorkerHandle) -> bool:
        """Whether a worker killed from outside is replaced. The lock is held."""
        return False

    def _create(self, number: int) -> WorkerHandle:
        """Start a worker. Raises OSError."""
        from vedc.execute.workers.process import WorkerProcess

        return WorkerProcess(number, self._on_message, self._gone)

    def _most(self, job: Job, turns: Sequence[Turn]) -> int:
        """How many processes may render, including this one."""
        from vedc.execute.workers.budget import affordable, free_memory, memory_of

        plans = [output.plan for output in job.outputs]
        if self.count is not None:
            most = min(self.count, len(turns))
            if most > 1 and most > affordable(plans, free_memory()):
                each, free = memory_of(plans) / _GB, (free_memory() or 0) / _GB
                job.note(
                    f"{most} workers may take {most * each:.1f} GB of memory, and {free:.1f} GB are"
                    " free: a lower --workers takes less"
                )
            return most
        if job.device.kind != "cpu":
            return 1
        most = min(cores() - self._lost, affordable(plans, free_memory()))
        return max(1, min(most, len(turns)))

    def _begin(self, crew: Crew, job: Job, threads: int) -> None:
        """Let the existing processes join."""
        from vedc.lang.plugins.activate import active

        plain = replace(job, encoded=_nothing, note=_nothing, stored=_nothing)
        data = pickle.dumps(plain, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._jobs += 1
            self._crew, self._sent = crew, (threads, active(), data, self._witness(job))
            for process in self._ready:
                self._let_join(crew, process)

    def _let_join(self, crew: Crew, process: WorkerHandle) -> None:
        crew.joined(process)
        process.send("job", self._jobs, *self._sent)

    def _end(self) -> None:
        with self._lock:
            self._crew = None
            for process in self._ready:
                process.send("over", self._jobs)

    def _start(self, count: int, note: Callable[[str], None]) -> None:
        with self._lock:
            for _ in range(0 if self._closing else count):
                self._started += 1
                try:
                    process = self._create(self._started)
                except OSError as error:
                    reason = (error.strerror or str(error)).lower()
                    note(f"no worker process could be started: {reason}")
                    return
                self._processes.append(process)

    def _on_message(self, process: WorkerHandle, message: Message) -> None:
        kind, number, *rest = message
        with self._lock:
            if kind == "ready":
                self._ready.append(process)
                if self._crew is not None:
                    self._let_join(self._crew, process)
            elif kind in ("idle", "failed") and number == self._jobs:
                process.idle = True  # a report about an earlier job does not count
            if number == self._jobs and self._crew is not None:
                self._crew.on_message(process, kind, rest, self._jobs)

    def _gone(self, process: WorkerHandle) -> None:
        with self._lock:
            if self._closing:
                return
            for processes in (self._processes, self._ready):
                if process in processes:
                    processes.remove(process)
        gently, how = process.how_it_ended()
        with self._lock:
            self._lost += gently
            if self._crew is not None:
                self._crew.tidy()
                replaced = self._is_replaced(process)
                self._crew.left(process, gently, how, self._jobs, replaced)


def _alone(job: Job, turns: Sequence[Turn], threads: int, tick: Callable[[int], None]) -> int:
    """Render all turns in this process."""
    from vedc.execute.work import SegmentWork

    own = SegmentWork(job, threads)
    try:
        own.run(iter([tuple(one for turn in turns for one in turn)]), lambda: tick(0))
        tick(0)
        return own.decoded
    finally:
        own.close()


def _nothing(*given: object) -> None:
    """Ignore a report."""
