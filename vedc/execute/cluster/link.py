"""A worker on another machine, seen from the process that shares out a film."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from vedc.errors import RenderError
from vedc.execute.shared.machine import Machine
from vedc.execute.workers.wire import Message

#: Seconds in which a worker that is at work has to drop it.
_PATIENCE: Final = 12.0


class Lost(Exception):
    """A station does not answer any more; says why."""


class Remote(Protocol):
    """Calls methods of a :class:`vedc.execute.cluster.station.Station`, wherever it is."""

    def ask(self, method: str, *given: Any) -> Any:
        """What it returns; waits for the station to start. Raises Lost, and RenderError where the
        machine cannot run one."""

    def tell(self, method: str, *given: Any) -> None:
        """Does not wait."""

    def kill(self) -> None:
        """End the station, and so its worker."""


class Engine(Protocol):
    """What starts stations on machines."""

    def connect(self, count: int | None, memory: int) -> int:
        """How many workers there is room for, of so many bytes each; ``count``: how many
        processes the user asked for. Raises RenderError."""

    def start(self, number: int, memory: int) -> Remote:
        """Ask for a station. It may start much later. Raises OSError."""

    def close(self) -> None: ...


class RemoteWorker:
    """A :class:`vedc.execute.workers.handle.WorkerHandle`."""

    def __init__(
        self,
        number: int,
        remote: Remote,
        hear: Callable[[RemoteWorker, Message], None],
        ended: Callable[[RemoteWorker], None],
    ) -> None:
        """``hear`` is called for each message, and ``ended`` when there will be no more: both on
        a thread of this worker. The first message is ``machine``, with a :class:`Machine`; or
        ``unfit``, with a RenderError."""
        self._number, self._remote = number, remote
        self._hear, self._ended = hear, ended
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
            self._remote.tell("tell", self._places, message)
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
            self._remote.tell("hang_up")

    def close(self) -> None:
        self._thread.join(_PATIENCE)
        self._remote.kill()

    def _listen(self) -> None:
        try:
            self.machine = self._remote.ask("begin")
            self._hear(self, ("machine", 0, self.machine))
            while True:
                for message in self._remote.ask("heard"):
                    if message[0] == "gone":
                        self._how = message[2], message[3]
                        return
                    self._hear(self, message)
        except Lost as error:
            # That a machine is gone is not the fault of what it rendered: a worker that crashes
            # leaves its station.
            self._how = True, str(error)
        except RenderError as error:
            self._hear(self, ("unfit", 0, error))
        finally:
            self._remote.kill()
            self._ended(self)
