"""A pool whose workers are on the machines of a cluster.

This process renders, too, so the film is finished even if all machines are lost. Workers join as
their machines have room for them, and lost ones are replaced.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from vedc.errors import Problem, RenderError, UserError, as_errors
from vedc.execute.cluster.link import Engine, RemoteWorker
from vedc.execute.shared.machine import Machine, incompatible, mixed, this_machine
from vedc.execute.workers.pool import WorkerPool

if TYPE_CHECKING:
    from vedc.execute.work import Job, Turn
    from vedc.execute.workers.crew import Crew
    from vedc.execute.workers.handle import WorkerHandle
    from vedc.execute.workers.wire import Message

#: Seconds for a cluster to find a place for a worker. Later ones are not waited for.
_SOON: Final = 60.0
#: Replacements per available place, while no worker stores a segment.
_FRUITLESS: Final = 3
#: Seconds until entries stored by another machine can be read here. NFS clients refresh a folder
#: after a minute at most.
_ARRIVAL: Final = 90.0


class ClusterPool(WorkerPool):
    """Up to ``count`` processes render, including this one; by default as many as the cluster has
    CPUs. A context manager: its exit ends the workers."""

    def __init__(self, engine: Engine, count: int | None = None, strict: bool = False) -> None:
        """``strict``: machines of other kinds end the render instead of causing a warning."""
        super().__init__(count)
        self._engine, self._strict = engine, strict
        self._here: Machine | None = None
        self._memory, self._room = 0, 0
        self._fruitless = 0
        """Workers lost since a segment was last stored."""
        self._job: Job | None = None
        self._lending = threading.Lock()
        self._unlike: dict[int, Problem] = {}
        """Warnings about workers' machines, by worker number."""

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._engine.close()

    def _most(self, job: Job, turns: Sequence[Turn]) -> int:
        from vedc.execute.workers.budget import memory_of

        if len(turns) < 2 or self.count == 1:
            return 1
        self._here = self._here or this_machine()
        self._memory = max(self._memory, memory_of([output.plan for output in job.outputs]))
        self._room = max(0, self._engine.connect(self.count, self._memory))
        if not self._room:
            job.note("the cluster has no room for a worker: this machine renders alone")
        wanted = self._room + 1 if self.count is None else self.count
        return min(wanted, len(turns)) if self._room else 1

    def _at_once(self) -> bool:
        return True

    def _threads(self, most: int) -> int:
        return 1

    def _others(self) -> int:
        now = time.monotonic()
        return sum(
            process in self._ready or now - process.asked < _SOON
            for process in self._processes
            if isinstance(process, RemoteWorker)
        )

    def _witness(self, job: Job) -> str:
        self._job = job
        return job.store.witness()

    def _end(self) -> None:
        super()._end()
        if self._job is not None:
            self._job.store.forget_witness()
            self._job = None

    def _create(self, number: int) -> WorkerHandle:
        remote = self._engine.start(number, self._memory)
        return RemoteWorker(number, remote, self._on_message, self._gone)

    def _is_replaced(self, process: WorkerHandle) -> bool:
        self._fruitless += 1
        return self._fruitless <= _FRUITLESS * max(1, self._room)

    def _on_message(self, process: WorkerHandle, message: Message) -> None:
        kind, _, *rest = message
        if kind == "machine":
            self._meet(process, rest[0])
        elif kind == "unfit":
            self._refuse(process, rest[0])
        elif kind == "lacks":
            self._lend(process, rest[0])
        else:
            if kind == "stored":
                self._fruitless = 0
            super()._on_message(process, message)

    def _lend(self, process: WorkerHandle, digest: str) -> None:
        """Put a file that a machine lacks into the shared store. Runs on its worker's thread."""
        from vedc.execute.shared.layered import SharedStore
        from vedc.execute.shared.sources import send_source

        job, number = self._job, self._jobs
        with self._lending:  # another machine may lack it, too
            if job is None or not isinstance(job.store, SharedStore):
                return
            path = next((o.plan.files[digest] for o in job.outputs if digest in o.plan.files), None)
            try:
                if path is not None:
                    send_source(job.store.objects, digest, path, job.store.folder / "drafts")
            except UserError as error:
                self._refuse(process, RenderError(error.problems))
                return
            except OSError:
                pass  # the worker reports the missing file
        process.send("there", number, digest)

    def _meet(self, process: WorkerHandle, there: Machine) -> None:
        """Compare a machine with this one."""
        here = self._here or this_machine()
        if differs := incompatible(there, here):
            message = f"machine {there.name} has {' and '.join(map(str, differs))}"
            hint = "install the same vedc and Python on all machines"
            self._refuse(process, RenderError.one("unfit-machine", message, hint=hint))
        elif (warning := mixed(there, here)) is not None:
            if self._strict:
                self._refuse(process, RenderError(as_errors([warning])))
                return
            with self._lock:
                self._unlike[process.number] = warning

    def _let_join(self, crew: Crew, process: WorkerHandle) -> None:
        if process.number in self._unlike:
            crew.warn(self._unlike[process.number])
        super()._let_join(crew, process)

    def _refuse(self, process: WorkerHandle, error: RenderError) -> None:
        with self._lock:
            if self._crew is not None:
                self._crew.end(error)
        process.hang_up()

    def _arrive(self, job: Job, turns: Sequence[Turn], crew: Crew) -> None:
        until, missing = time.monotonic() + _ARRIVAL, sorted(crew.elsewhere)
        job.store.fetch(missing)
        while missing := [key for key in missing if not job.store.has(key)]:
            if time.monotonic() > until:
                raise RenderError.one(
                    "cache-changed",
                    f"{len(missing)} segments that workers stored do not arrive in the cache"
                    f" {job.store.folder}",
                    hint="see that all machines see the same folder, and render again",
                )
            job.store.look_again(missing)
            time.sleep(0.2)
