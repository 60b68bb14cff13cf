"""A worker on another machine, seen from the process that distributes a film."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from vedc.errors import RenderError
from vedc.execute.shared.machine import Machine
from vedc.execute.workers.wire import Message

#: Seconds for a busy worker to abandon its work.
_PATIENCE: Final = 12.0


class Lost(Exception):
    """A station no longer answers; the message says why."""


class Remote(Protocol):
    """Calls methods of a :class:`vedc.execute.cluster.station.Station`, wherever it is."""

    def ask(self, method: str, *given: Any) -> Any:
        """The method's result; waits for the station to start. Raises Lost, and RenderError if the
        machine cannot run a station."""

    def notify(self, method: str, *given: Any) -> None:
        """Call a method without waiting for it."""

    def kill(self) -> None:
        """End the station, and with it its worker."""


class Engine(Protocol):
    """Starts stations on machines."""

    def connect(self, count: int | None, memory: int) -> int:
        """The number of workers that fit, each of ``memory`` bytes; ``count``: the number of
        processes that the user asked for. Raises RenderError."""

    def start(self, number: int, memory: int) -> Remote:
        """Request a station. It may start much later. Raises OSError."""

    def close(self) -> None: ...


class RemoteWorker:
    """A :class:`vedc.execute.workers.handle.WorkerHandle`."""

    def __init__(
        self,
        number: int,
        remote: Remote,
        on_message: Callable[[RemoteWorker, Message], None],
        ended: Callable[[RemoteWorker], None],
    ) -> None:
        """``on_message`` is called for each message, and ``ended`` after the last one, both on this
        worker's thread. The first message is ``machine``, with a :class:`Machine`, or ``unfit``,
        with a RenderError."""
        self._number, self._remote = number, remote
        self._on_message, self._ended = on_message, ended
        self.idle = True
        self.asked = time.monotonic()
        self.machine: Machine | None = None
        self._places = 0
        self._lock = threading.Lock()
        self._how = True, "did not start"
        self._thread = threading.Thread(
            target=self._listen, name=f"vedc-remote-{number}", daemon=True
        )
        self._thread.start()

    @property
    def number(self) -> int:
        return self._number

    @property
    def pid(self) -> int:
        return self.machine.pid if self.machine is not None else 0

    def send(self, *message: Any) -> None:
        with self._lock, suppress(Lost):
            self._remote.notify("relay", self._places, message)
            self._places += 1

    def how_it_ended(self) -> tuple[bool, str]:
        gently, how = self._how
        place = "of the cluster" if self.machine is None else f"on {self.machine.name}"
        return gently, f"{place} {how}"

    def hang_up(self) -> None:
        if self.idle:
            self._remote.kill()
            return
        with suppress(Lost):
            self._remote.notify("hang_up")

    def close(self) -> None:
        self._thread.join(_PATIENCE)
        self._remote.kill()

    def _listen(self) -> None:
        try:
            self.machine = self._remote.ask("begin")
            self._on_message(self, ("machine", 0, self.machine))
            while True:
                for message in self._remote.ask("receive"):
                    if message[0] == "gone":
                        self._how = message[2], message[3]
                        return
                    self._on_message(self, message)
        except Lost as error:
            # The segments are not to blame for a lost machine: a worker that crashes leaves its
            # station alive.
            self._how = True, str(error)
        except RenderError as error:
            self._on_message(self, ("unfit", 0, error))
        finally:
            self._remote.kill()
            self._ended(self)
