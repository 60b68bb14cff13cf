"""What a progress callback receives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Literal

from vedc.support.lazy_dataclass import dataclass

Unit = Literal["frames", "seconds"]

#: Notes that the command line prints, such as that a GPU is not used and why.
LOG: Final = logging.getLogger("vedc")


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a render or an analysis.

    A render counts the frames of all outputs together, an analysis seconds of media. ``done``
    starts with the reused part, so ``fraction`` is of the whole.
    """

    stage: str
    """``render``, ``compositions``, ``sound`` or ``write``; ``analyse`` before a decision."""
    target: str
    """The output or outputs, or the file that is analysed."""
    done: float
    total: float
    unit: Unit

    @property
    def fraction(self) -> float:
        """From 0 to 1; 0 where the total is unknown."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


Callback = Callable[[Progress], object]


class Frames:
    """The progress of a render, as ``vedc.execute.progress`` wants it."""

    def __init__(self, callback: Callback | None) -> None:
        self._callback = callback
        self._now = Progress("render", "", 0, 0, "frames")

    def _report(self, now: Progress) -> None:
        self._now = now
        if self._callback is not None:
            self._callback(now)

    def start(self, target: str, frames: int, reused: int) -> None:
        self._report(Progress("render", target, reused, frames, "frames"))

    def stage(self, name: str) -> None:
        now = self._now
        self._report(Progress(name, now.target, now.done, now.total, now.unit))

    def advance(self, frames: int) -> None:
        now = self._now
        self._report(Progress(now.stage, now.target, now.done + frames, now.total, now.unit))

    def note(self, text: str) -> None:
        LOG.info(text)

    def finish(self) -> None: ...


class Analyses:
    """The progress of analyses, as ``vedc.decide.analyses`` wants it."""

    def __init__(self, callback: Callback | None) -> None:
        self._callback = callback
        self._now = Progress("analyse", "", 0.0, 0.0, "seconds")

    def start(self, what: str, total: float) -> None:
        self._report(what, 0.0, total)

    def advance(self, seconds: float) -> None:
        self._report(self._now.target, self._now.done + seconds, self._now.total)

    def note(self, text: str) -> None:
        LOG.info(text)

    def finish(self) -> None: ...

    def _report(self, target: str, done: float, total: float) -> None:
        self._now = Progress(self._now.stage, target, done, total, self._now.unit)
        if self._callback is not None:
            self._callback(self._now)
