"""What the process that shares out a film knows of a worker, wherever that runs."""

from __future__ import annotations

from typing import Any, Protocol


class WorkerHandle(Protocol):
    """A worker. Its messages, and its end, go to whoever started it."""

    @property
    def number(self) -> int:
        """Its own among all workers; above 0."""

    @property
    def pid(self) -> int:
        """Of its process, on the machine where it runs; 0 while that is not known."""

    idle: bool
    """Whether it has nothing to do."""

    def send(self, *message: Any) -> None:
        """One that is gone gets nothing."""

    def how_it_ended(self) -> tuple[bool, str]:
        """Whether it was ended from outside or for want of memory, which is no fault of what it
        rendered; and how, in words that follow "a worker process"."""

    def hang_up(self) -> None:
        """Tell it to end. What it is rendering is dropped, and leaves nothing behind."""

    def close(self) -> None:
        """Wait for its end after it was told."""
