"""Progress on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from vedc.report.tables import plural

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


@dataclass(frozen=True, slots=True)
class Unit:
    """What progress counts."""

    amount: str
    """Words for an amount done of a total."""
    speed: str
    """Words for an amount per second of wall time."""


#: Frames of a render.
FRAMES: Final = Unit("{:.0f}/{:.0f} frames", "{:.1f} fps")
#: Seconds of media that analyses have decoded; their speed is relative to playback.
SECONDS: Final = Unit("analysed {:.0f} of {:.0f} s", "{:.1f}x")

_STAGES: Final = {"render": "rendering", "sound": "mixing the sound", "write": "writing"}


class Bar:
    """A live bar with the amount done, the speed, the time left and the stage."""

    def __init__(self, unit: Unit, no_color: bool) -> None:
        self._unit, self._no_color = unit, no_color
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def start(self, name: str, total: float, done: int = 0) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text

        unit = self._unit

        class Amount(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(unit.amount.format(task.completed, task.total))

        class Speed(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(unit.speed.format(task.speed) if task.speed else "")

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            Amount(),
            Speed(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[stage]}"),
            console=Console(stderr=True, no_color=self._no_color),
            transient=True,
        )
        self._task = self._bar.add_task(Path(name).name, total=total, completed=done, stage="")
        self._bar.start()

    def stage(self, name: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, stage=_STAGES[name])

    def advance(self, amount: float) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, amount)

    def note(self, text: str) -> None:
        if self._bar is None:
            print(f"note: {text}", file=sys.stderr, flush=True)
        else:
            self._bar.console.print(f"note: {text}", markup=False, highlight=False)

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class Lines:
    """Log lines: a start, each stage, and the amount done at most every ``every`` seconds."""

    def __init__(self, unit: Unit, stream: TextIO, every: float = 5.0) -> None:
        self._unit, self._stream, self._every = unit, stream, every
        self._name, self._total, self._done, self._reused = "", 0.0, 0.0, 0.0
        self._began = self._last = 0.0

    def start(self, name: str, total: float, done: int = 0) -> None:
        self._name, self._total, self._done, self._reused = Path(name).name, total, done, done
        self._began = self._last = time.monotonic()
        if self._unit is FRAMES:
            reused = f", {done:.0f} of them already rendered" if done else ""
            self._print(f"{plural(round(total), 'frame')}{reused}")

    def stage(self, name: str) -> None:
        self._print(_STAGES[name])

    def advance(self, amount: float) -> None:
        self._done += amount
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        speed = (self._done - self._reused) / max(now - self._began, 1e-6)
        left = max(self._total - self._done, 0.0) / speed if speed else 0.0
        amounts = self._unit.amount.format(self._done, self._total)
        self._print(f"{amounts}, {self._unit.speed.format(speed)}, {left:.0f} s left")

    def note(self, text: str) -> None:
        self._print(f"note: {text}")

    def finish(self) -> None:
        self._stream.flush()

    def _print(self, text: str) -> None:
        name = f"{self._name}: " if self._name else ""
        print(f"{name}{text}", file=self._stream, flush=True)


def progress_for(unit: Unit, *, quiet: bool, no_color: bool) -> Bar | Lines | None:
    """The progress that suits standard error; None if ``quiet``."""
    if quiet:
        return None
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Bar(unit, no_color)
    return Lines(unit, sys.stderr)
