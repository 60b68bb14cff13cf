"""Progress: a bar on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_STAGES = {
    "render": "rendering",
    "sound": "mixing the sound",
    "write": "writing",
}


class Bar:
    """A live bar: frames, frames a second, time left, stage."""

    def __init__(self, no_color: bool) -> None:
        self._no_color = no_color
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def start(self, target: str, frames: int, reused: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text

        class Speed(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(f"{task.speed:.0f} fps" if task.speed else "- fps")

        console = Console(stderr=True, no_color=self._no_color)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            Speed(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[stage]}"),
            console=console,
            transient=True,
        )
        name = Path(target).name
        self._task = self._bar.add_task(name, total=frames, completed=reused, stage="")
        self._bar.start()

    def stage(self, name: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, stage=_STAGES[name])

    def advance(self, frames: int) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, frames)

    def note(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(f"note: {text}", markup=False, highlight=False)

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class Lines:
    """A line now and then, for logs: at most one every ``every`` seconds."""

    def __init__(self, stream: TextIO, every: float = 5.0) -> None:
        self._stream, self._every = stream, every
        self._name, self._frames, self._done, self._reused = "", 0, 0, 0
        self._began = self._last = 0.0

    def start(self, target: str, frames: int, reused: int) -> None:
        self._name, self._frames, self._done = Path(target).name, frames, reused
        self._reused = reused
        self._began = self._last = time.monotonic()
        kept = f", {reused} of them already rendered" if reused else ""
        self._say(f"{frames} frames{kept}")

    def stage(self, name: str) -> None:
        self._say(_STAGES[name])

    def advance(self, frames: int) -> None:
        self._done += frames
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        speed = (self._done - self._reused) / max(now - self._began, 1e-6)
        left = (self._frames - self._done) / speed if speed else 0.0
        self._say(f"{self._done}/{self._frames} frames, {speed:.1f} fps, {left:.0f} s left")

    def note(self, text: str) -> None:
        self._say(f"note: {text}")

    def finish(self) -> None:
        self._stream.flush()

    def _say(self, text: str) -> None:
        print(f"{self._name}: {text}", file=self._stream, flush=True)


def render_progress(*, quiet: bool, no_color: bool) -> Bar | Lines | None:
    """What fits the terminal; None where nothing is to be said."""
    if quiet:
        return None
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Bar(no_color)
    return Lines(sys.stderr)
