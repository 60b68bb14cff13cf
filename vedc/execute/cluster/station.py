"""A station on a machine of a cluster: it starts a worker process there and relays messages.

The worker is the same program that ``vedc render`` starts locally. It can crash without its
station, which reports how it ended; if the station is killed, the worker's pipe closes and it ends,
too. Methods are called by several threads.
"""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from typing import Final

from vedc.execute.shared.machine import Machine, this_machine
from vedc.execute.workers.process import WorkerProcess
from vedc.execute.workers.wire import Message

#: Seconds after which ``receive`` returns empty: the caller may be gone.
_PATIENCE: Final = 10.0


class Station:
    def __init__(self, number: int) -> None:
        """``number``: the worker's."""
        self._number = number
        self._worker: WorkerProcess | None = None
        self._outbox: queue.Queue[Message] = queue.Queue()
        self._early: dict[int, Message] = {}
        self._next = 0
        self._lock = threading.Lock()

    def begin(self) -> Machine:
        """Start the worker. Raises OSError."""
        machine = this_machine()
        self._worker = WorkerProcess(self._number, self._on_message, self._ended)
        self._worker.idle = False  # the distributing process keeps track, and kills idle workers
        return machine._replace(pid=self._worker.pid)

    def relay(self, place: int, message: Message) -> None:
        """Relay a message. Calls can overtake each other: ``place`` numbers messages from 0."""
        with self._lock:
            self._early[place] = message
            while self._next in self._early:
                message = self._early.pop(self._next)
                self._next += 1
                if self._worker is not None:
                    self._worker.send(*message)

    def receive(self) -> list[Message]:
        """The worker's messages since the last call, once there are any. The last message is
        ``gone``, with the result of ``how_it_ended``."""
        found = []
        with suppress(queue.Empty):
            found.append(self._outbox.get(timeout=_PATIENCE))
            while True:
                found.append(self._outbox.get_nowait())
        return found

    def hang_up(self) -> None:
        """Ask the worker to abandon its work and to end."""
        if self._worker is not None:
            self._worker.hang_up()

    def _on_message(self, worker: WorkerProcess, message: Message) -> None:
        self._outbox.put(message)

    def _ended(self, worker: WorkerProcess) -> None:
        self._outbox.put(("gone", 0, *worker.how_it_ended()))
