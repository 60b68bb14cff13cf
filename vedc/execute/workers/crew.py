"""One render shared by several processes: who renders which turns, and with what result."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from vedc.errors import Problem, RenderError
from vedc.execute.work import Job, SegmentWork, Turn
from vedc.execute.workers.handle import WorkerHandle
from vedc.execute.workers.shares import HERE, Shares
from vedc.execute.workers.wire import unpacked

#: Worker processes that one turn may kill before the render ends.
_MOST_DEATHS: Final = 2


class Crew:
    """The processes that render some turns, including this one.

    Callers of methods that say so must hold ``lock``.
    """

    def __init__(
        self,
        lock: threading.Condition,
        shares: Shares,
        job: Job,
        others: Callable[[], int],
        replace: Callable[[], None],
    ) -> None:
        """``others`` gives the number of workers, including starting ones; ``replace`` starts
        another one."""
        self._lock, self._shares, self._job = lock, shares, job
        self._others, self._replace = others, replace
        self._begun: dict[WorkerHandle, dict[int, Turn]] = {}
        """The turns that each worker has begun, with their missing segments."""
        self._took: set[WorkerHandle] = set()
        """The workers that have begun any turn."""
        self._unstored: Counter[WorkerHandle] = Counter()
        """Frames that each worker has reported but not yet stored."""
        self.elsewhere: set[str] = set()
        """The keys of segments that workers have stored."""
        self._deaths: Counter[int] = Counter()
        self._replacements = 0
        self._notes: list[str] = []
        self._fresh = 0
        self._error: BaseException | None = None
        self.decoded = 0
        """Source frames decoded by workers."""

    def run(self, own: SegmentWork, tick: Callable[[], None]) -> None:
        """Render here until nothing is left, and wait for the others. Raises the error that ends
        any of them."""

        def checked() -> None:
            self._check()
            tick()

        while True:
            own.run(self._own_turns(), checked)
            while self._waits():
                checked()
            checked()
            with self._lock:
                if not self._left_here():
                    return

    def newly_encoded(self) -> int:
        """How many frames the workers have encoded since the last call. Negative where more were
        lost with a worker: another process encodes them again."""
        with self._lock:
            fresh, self._fresh = self._fresh, 0
        return fresh

    def _check(self) -> None:
        with self._lock:
            notes, self._notes = self._notes, []
            error, missing = self._error, self._replacements
            self._replacements = 0
        for text in notes:
            self._job.note(text)
        if error is not None:
            raise error
        for _ in range(missing):
            self._replace()

    def _waits(self) -> bool:
        """Whether only the others have work left; waits a moment if so."""
        with self._lock:
            if self._at_work() and not self._left_here() and self._error is None:
                self._lock.wait(0.1)
                return True
            return False

    def _own_turns(self) -> Iterator[Turn]:
        while True:
            with self._lock:
                number = self._shares.take(HERE, self._alone())
                turn = None if number is None else self._shares.turns[number]
            if turn is None:
                return
            yield turn

    # -- with the lock held: messages of the workers ------------------------------------------

    def warn(self, warning: Problem) -> None:
        """Report a warning with the first output, once."""
        report = self._job.outputs[0].report
        if warning not in report.warnings:
            report.warnings.append(warning)

    def note(self, text: str) -> None:
        """Show a text to the user."""
        self._notes.append(text)

    def end(self, error: BaseException) -> None:
        """End the render."""
        self._error = self._error or error
        self._lock.notify_all()

    def joined(self, process: WorkerHandle) -> None:
        self._begun[process] = {}
        process.idle = False

    def on_message(self, process: WorkerHandle, kind: str, rest: Sequence[Any], job: int) -> None:
        """Handle a worker's message about the job numbered ``job``."""
        match kind:
            case "next":
                self._answer(process, job)
            case "frames":
                fresh, decoded = rest
                self._fresh += fresh
                self._unstored[process] += fresh
                self.decoded += decoded
            case "stored":
                self._stored(process, *rest)
            case "note":
                self._notes += rest
            case "idle":
                if not self._error:  # new turns may have appeared since it got none
                    self._wake(process, job)
            case "failed":
                self._error = self._error or unpacked(rest[0])
                self._begun.pop(process, None)
        self._lock.notify_all()

    def tidy(self) -> None:
        """Remove the leftovers of a lost worker."""
        self._job.store.tidy()

    def left(
        self, process: WorkerHandle, gently: bool, how: str, job: int, replaced: bool = False
    ) -> None:
        """A worker is gone, and its turns go back to the others. If it did not end ``gently``, its
        begun turns may kill others, too. ``replaced``: another worker is started in any case."""
        begun = self._begun.pop(process, None)
        self._fresh -= self._unstored.pop(process, 0)
        self._took.discard(process)
        if begun is None:
            self._notes.append(f"a worker process {how} before it could begin")
        else:
            begun = {number: turn for number, turn in begun.items() if turn}
            self._shares.give_back(process.number, begun, risky=not gently)
            again = "; its segments are rendered again" if begun else ""
            self._notes.append(f"a worker process {how}{again}")
        if begun and not gently:
            self._deaths.update(begun.keys())
            number = max(begun, key=lambda number: self._deaths[number])
            if self._deaths[number] >= _MOST_DEATHS:
                self._error = self._error or self._fatal(begun[number], how)
        if replaced or (begun and not gently):
            self._replacements += 1
        for other in self._begun:
            if other.idle:
                self._wake(other, job)
        self._lock.notify_all()

    def _wake(self, process: WorkerHandle, job: int) -> None:
        if process in self._begun and self._shares.left(process.number, alone=False):
            process.idle = False
            process.send("run", job)

    def _answer(self, process: WorkerHandle, job: int) -> None:
        number = None if self._error else self._shares.take(process.number)
        if number is None or process not in self._begun:
            process.send("turn", job, None)
            return
        turn = self._shares.turns[number]
        self._begun[process][number] = turn
        self._took.add(process)
        process.send("turn", job, [(output, segment.index) for output, segment in turn])

    def _stored(self, process: WorkerHandle, output: int, index: int) -> None:
        begun = self._begun.get(process, {})
        for number, turn in [*begun.items()]:
            for segment in [s for o, s in turn if (o, s.index) == (output, index)]:
                report = self._job.outputs[output].report
                report.rendered_segments += 1
                report.rendered_frames += segment.frames
                self._unstored[process] -= segment.frames
                self.elsewhere.add(segment.key)
                self._job.store.expect(segment.key)
                begun[number] = tuple(one for one in turn if one != (output, segment))
                if not begun[number]:
                    del begun[number]

    # -- with the lock held: remaining work ----------------------------------------------------

    def _alone(self) -> bool:
        return not self._replacements and not self._others()

    def _at_work(self) -> bool:
        """Whether a worker is rendering, or turns remain that only a worker may render."""
        at_work = any(turns or (p in self._took and not p.idle) for p, turns in self._begun.items())
        return at_work or (self._shares.left_for_others() and not self._alone())

    def _left_here(self) -> bool:
        return self._shares.left(HERE, self._alone())

    def _fatal(self, turn: Turn, how: str) -> RenderError:
        output, segment = turn[0]
        plan = self._job.outputs[output].plan
        first, last = segment.start, max(s.start + s.frames for _, s in turn) - 1
        times = f"{float(first / plan.fps):.2f} s to {float((last + 1) / plan.fps):.2f} s"
        message = f"a worker process {how} twice while it rendered {times} of the film"
        hint = (
            "to find the cause, take out what the film shows at that time, one item after another"
        )
        return RenderError.one("worker-died", message, plan.location, hint)
