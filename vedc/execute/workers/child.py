"""The program of a worker process: it renders the turns that it is given.

::

    worker -> vedc   ready; next: requests a turn; frames: number newly encoded; stored: a segment;
                     note: a text; idle: all turns are rendered; failed: an error; lacks: a file
                     that the shared store does not have either
    vedc -> worker   job: plans and settings; turn: segments, or none for now; run: there are turns
                     again; there: the file is in the store; over: the job has ended

Everything but ``ready`` carries the number of its job. The worker ends with its pipe, so it never
outlives the process that started it.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from vedc.errors import RenderError, as_errors
from vedc.execute.pipeline import Stopped
from vedc.execute.work import Job, SegmentWork, Turn
from vedc.execute.workers.process import NO_MEMORY
from vedc.execute.workers.wire import Channel, packed
from vedc.plan.plan import Segment


def main() -> None:
    """Serve the process at the other end of standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    with suppress(OSError):  # standard error may be closed
        os.dup2(2, 1)  # printed text must not be mistaken for messages
    channel = Channel(incoming, outgoing)
    with suppress(OSError):  # if the other end is gone already, serving ends at once
        channel.greet()
    worker = Worker(channel)
    signal.signal(signal.SIGTERM, lambda number, frame: worker.end(128 + number))
    sys.exit(worker.serve())


class Worker:
    """Renders turns until the channel ends."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._inbox: queue.Queue[tuple[Any, ...] | None] = queue.Queue()
        self._answers: queue.Queue[tuple[int, Any]] = queue.Queue()
        self._code: int | None = None
        """The exit code, once it is time to end."""
        self._number = 0
        """The number of the job."""
        self._over = 0
        """The number of the last job that is over; so are all before it."""
        self._job: Job | None = None
        self._threads = 1
        self._work: SegmentWork | None = None
        self._fresh, self._decoded = 0, 0
        self._lock = threading.Lock()

    def end(self, code: int) -> None:
        """Drop everything soon. May be called by a signal handler."""
        self._code = code

    def serve(self) -> int:
        """Serve until the end; returns the exit code."""
        threading.Thread(target=self._listen, name="vedc-listen", daemon=True).start()
        try:
            self._send("ready", 0)
            while self._code is None:
                try:
                    message = self._inbox.get(timeout=0.1)
                except queue.Empty:
                    continue
                if message is not None:
                    self._obey(*message)
        except Stopped:
            pass
        except MemoryError:
            self._code = NO_MEMORY
        finally:
            self._close()
        return self._code or 0

    def _listen(self) -> None:
        while (message := self._channel.receive()) is not None:
            kind, number, *rest = message
            if kind in ("turn", "there"):
                self._answers.put((number, rest[0]))
                continue
            if kind == "over":
                self._over = max(self._over, number)
            self._inbox.put(message)
        self.end(self._code or 0)
        self._inbox.put(None)

    def _obey(self, kind: str, number: int, *rest: Any) -> None:
        if kind == "over" or (kind == "run" and number != self._number):
            if number == self._number:
                self._close()
            return
        try:
            if kind == "job":
                self._close()
                self._number = number
                self._job = self._read(*rest)
            self._run()
        except Stopped:
            self._close()
            if self._code is None:
                self._send("idle", number)
        except MemoryError:
            raise
        except Exception as error:  # raised again in the process that the user started
            self._close()
            self._send("failed", number, packed(error))

    def _read(self, threads: int, plugins: Any, data: bytes, witness: str | None) -> Job:
        """A job from its message. ``witness``: a file that proves its store, if this is another
        machine, which may lack the job's files."""
        if plugins:
            from vedc.lang.plugins.activate import bring_back

            bring_back(plugins)
        job: Job = pickle.loads(data)
        if witness is not None:
            from vedc.execute.workers.visible import at_home

            job = at_home(job, witness, self._ask_for)
        self._threads, number = threads, self._number
        return replace(
            job,
            encoded=self._encoded,
            note=lambda text: self._send("note", number, text),
            stored=lambda output, segment: self._stored(number, output, segment),
        )

    def _ask_for(self, digest: str) -> None:
        """Ask for a file to be put into the shared store."""
        self._send("lacks", self._number, digest)
        self._answer()

    def _run(self) -> None:
        if self._job is None:
            return
        if self._work is None:
            self._work = SegmentWork(self._job, self._threads)
        self._work.run(self._turns(self._job), self._tick)
        # Others rely on segments stored here: failing to share them is more than a warning.
        problems = [p for p in self._job.store.settle() if p.code != "mixed-machines"]
        if problems:
            raise RenderError(as_errors(problems))
        self._report()
        self._send("idle", self._number)

    def _turns(self, job: Job) -> Iterator[Turn]:
        """The turns to render; each is requested when the previous one is fully decoded."""
        while True:
            self._send("next", self._number)
            if (given := self._answer()) is None:
                return
            yield tuple((output, job.outputs[output].plan.segments[i]) for output, i in given)

    def _answer(self) -> Any:
        while True:
            self._go_on()
            try:
                number, given = self._answers.get(timeout=0.1)
            except queue.Empty:
                continue
            if number == self._number:
                return given

    def _go_on(self) -> None:
        if self._code is not None or self._over >= self._number:
            raise Stopped

    def _tick(self) -> None:
        self._go_on()
        self._report()

    def _report(self) -> None:
        with self._lock:
            fresh, self._fresh = self._fresh, 0
        decoded = self._work.decoded if self._work is not None else 0
        if fresh or decoded > self._decoded:
            self._send("frames", self._number, fresh, decoded - self._decoded)
            self._decoded = decoded

    def _encoded(self) -> None:
        with self._lock:
            self._fresh += 1

    def _stored(self, number: int, output: int, segment: Segment) -> None:
        self._send("stored", number, output, segment.index)

    def _send(self, *message: Any) -> None:
        try:
            self._channel.send(*message)
        except (OSError, ValueError):
            self.end(self._code or 0)
            raise Stopped from None

    def _close(self) -> None:
        """Drop everything that the current job has open."""
        work, self._work, self._job = self._work, None, None
        self._fresh, self._decoded = 0, 0
        if work is not None:
            work.close()
