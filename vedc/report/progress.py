"""Progress on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from vedc.report.estimate import Estimate
from vedc.report.tables import plural
from vedc.support.lazy_dataclass import dataclass
from vedc.support.printable import printable

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

#: Megabytes of a remote file that is fetched.
MEGABYTES: Final = Unit("fetched {:.0f} of {:.0f} MB", "{:.1f} MB/s")

#: Checked rows of a table.
ROWS: Final = Unit("checked {:.0f} of {:.0f} rows", "{:.0f} rows/s")
#: Films made from them.
FILMS: Final = Unit("{:.0f}/{:.0f} films", "{:.2f} films/s")

#: Words for the stages of a render.
STAGES: Final = {
    "compositions": "rendering compositions",
    "render": "rendering",
    "sound": "mixing the sound",
    "write": "writing",
}


class Bar:
    """A live bar with the amount done, the speed, the time left and the stage."""

    def __init__(self, unit: Unit, no_color: bool) -> None:
        self._unit, self._no_color = unit, no_color
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._done, self._estimate = 0.0, Estimate(time.monotonic)

    def start(self, name: str, total: float, done: int = 0) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
        )
        from rich.text import Text

        unit, estimate = self._unit, Estimate(time.monotonic)

        class Amount(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(unit.amount.format(task.completed, task.total))

        class Speed(ProgressColumn):
            def render(self, task: Task) -> Text:
                speed = estimate.speed()
                return Text(unit.speed.format(speed) if speed else "")

        class Left(ProgressColumn):
            def render(self, task: Task) -> Text:
                left = estimate.left(task.total or 0.0)
                return Text("" if left is None or task.finished else f"{clock(left)} left")

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            Amount(),
            Speed(),
            Left(),
            TextColumn("{task.fields[stage]}"),
            console=Console(stderr=True, no_color=self._no_color),
            transient=True,
        )
        self._task = self._bar.add_task(
            printable(Path(name).name), total=total, completed=done, stage=""
        )
        self._done, self._estimate = float(done), estimate
        self._bar.start()

    def stage(self, name: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, stage=STAGES[name])

    def advance(self, amount: float) -> None:
        if self._bar is not None and self._task is not None:
            self._done += amount
            self._estimate.step(self._done)
            self._bar.advance(self._task, amount)

    def note(self, text: str) -> None:
        if self._bar is None:
            print(printable(f"note: {text}"), file=sys.stderr, flush=True)
        else:
            self._bar.console.print(printable(f"note: {text}"), markup=False, highlight=False)

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class Lines:
    """Log lines: a start, each stage, and the amount done at most every ``every`` seconds."""

    def __init__(
        self,
        unit: Unit,
        stream: TextIO,
        every: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._unit, self._stream, self._every, self._clock = unit, stream, every, clock
        self._name, self._total, self._done = "", 0.0, 0.0
        self._last, self._estimate = 0.0, Estimate(clock)

    def start(self, name: str, total: float, done: int = 0) -> None:
        self._name, self._total, self._done = Path(name).name, total, done
        self._last, self._estimate = self._clock(), Estimate(self._clock)
        if self._unit is FRAMES and total:
            left = f", {total - done:.0f} to render" if done else ""
            self._print(f"{plural(round(total), 'frame')}{left}")

    def stage(self, name: str) -> None:
        self._print(STAGES[name])

    def advance(self, amount: float) -> None:
        self._done += amount
        self._estimate.step(self._done)
        now = self._clock()
        if now - self._last < self._every:
            return
        self._last = now
        parts = [self._unit.amount.format(self._done, self._total)]
        speed, left = self._estimate.speed(), self._estimate.left(self._total)
        if speed is not None and left is not None:
            parts += [self._unit.speed.format(speed), f"{clock(left)} left"]
        self._print(", ".join(parts))

    def note(self, text: str) -> None:
        self._print(f"note: {text}")

    def finish(self) -> None:
        self._stream.flush()

    def _print(self, text: str) -> None:
        name = f"{self._name}: " if self._name else ""
        print(printable(f"{name}{text}"), file=self._stream, flush=True)


def clock(seconds: float) -> str:
    """A duration as people read it: 42 s, 3:20, 1:05:00."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def progress_for(unit: Unit, *, quiet: bool, no_color: bool) -> Bar | Lines | None:
    """The progress that suits standard error; None if ``quiet``."""
    if quiet:
        return None
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Bar(unit, no_color)
    return Lines(unit, sys.stderr)
