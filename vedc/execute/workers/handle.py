"""The distributing process's view of a worker, wherever it runs."""

from __future__ import annotations

from typing import Any, Protocol


class WorkerHandle(Protocol):
    """A worker. Its messages and its end are reported to its starter."""

    @property
    def number(self) -> int:
        """Its number among all workers; above 0."""

    @property
    def pid(self) -> int:
        """The id of its process on its machine; 0 while unknown."""

    idle: bool
    """Whether it has nothing to do."""

    def send(self, *message: Any) -> None:
        """Send a message; does nothing if the worker is gone."""

    def how_it_ended(self) -> tuple[bool, str]:
        """Whether it was killed from outside or ran out of memory, for which its turns are not to
        blame; and how it ended, in words that follow "a worker process"."""

    def hang_up(self) -> None:
        """Ask it to end. It drops its current work and leaves nothing behind."""

    def close(self) -> None:
        """Wait for its end after ``hang_up``."""
