"""What runs on a machine of a cluster: it starts a worker process there and passes messages on.

The worker is the one that ``vedc render`` starts on its own machine. So it can crash without its
station, which says how it ended; and where the station is killed, the worker's pipe closes and it
ends, too. Methods are called by several threads.
"""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from typing import Final

from vedc.execute.shared.machine import Machine, this_machine
from vedc.execute.workers.process import WorkerProcess
from vedc.execute.workers.wire import Message

#: Seconds after which ``heard`` returns with nothing: whoever asked may be gone.
_PATIENCE: Final = 10.0


class Station:
    def __init__(self, number: int) -> None:
        """``number``: that of the worker."""
        self._number = number
        self._worker: WorkerProcess | None = None
        self._outbox: queue.Queue[Message] = queue.Queue()
        self._early: dict[int, Message] = {}
        self._next = 0
        self._lock = threading.Lock()

    def begin(self) -> Machine:
        """Start the worker. Raises OSError."""
        machine = this_machine()
        self._worker = WorkerProcess(self._number, self._hear, self._ended)
        self._worker.idle = False  # whoever shares out the film knows, and kills it if it is
        return machine._replace(pid=self._worker.pid)

    def tell(self, place: int, message: Message) -> None:
        """Pass a message on. Calls can overtake each other: ``place`` counts messages from 0."""
        with self._lock:
            self._early[place] = message
            while self._next in self._early:
                message = self._early.pop(self._next)
                self._next += 1
                if self._worker is not None:
                    self._worker.send(*message)

    def heard(self) -> list[Message]:
        """What the worker has said since the last time, once there is something. The last message
        is ``gone``, with what ``how_it_ended`` gives."""
        found = []
        with suppress(queue.Empty):
            found.append(self._outbox.get(timeout=_PATIENCE))
            while True:
                found.append(self._outbox.get_nowait())
        return found

    def hang_up(self) -> None:
        """Tell the worker to drop what it renders and to end."""
        if self._worker is not None:
            self._worker.hang_up()

    def _hear(self, worker: WorkerProcess, message: Message) -> None:
        self._outbox.put(message)

    def _ended(self, worker: WorkerProcess) -> None:
        self._outbox.put(("gone", 0, *worker.how_it_ended()))
