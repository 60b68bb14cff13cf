"""Reports while a render is running."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives a render's progress; draws bars or prints lines."""

    def start(self, target: str, frames: int, reused: int) -> None:
        """``target`` names the output or outputs; ``reused`` of the ``frames`` come from the
        store."""

    def stage(self, name: str) -> None: ...

    def advance(self, frames: int) -> None:
        """``frames`` more are encoded."""

    def note(self, text: str) -> None:
        """A message for the user; the render continues."""

    def finish(self) -> None: ...


class Silent:
    """No progress at all."""

    def start(self, target: str, frames: int, reused: int) -> None:
        pass

    def stage(self, name: str) -> None:
        pass

    def advance(self, frames: int) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def finish(self) -> None:
        pass
