"""Analyses of files for commands that read no spec: where results are kept, what is told.

Results lie with those of specs, in ``.vedc/cache/analyses`` beside the file, where there is a
``.vedc`` already: nothing is left behind in folders of media that vedc was only shown. Else
they lie in the user's cache folder; and where that cannot be written, nothing is kept.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from vedc.decide.analyses.analysis import Progress
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.edit.media_info import MediaInfo, ProbeError
from vedc.errors import MissingError, RenderError
from vedc.media.digest import file_digest
from vedc.workspace.build import CACHE

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


def opened(file: Path) -> MediaInfo:
    """What a file holds. Raises MissingError, or RenderError where it is no sound media file."""
    from vedc.media.probe import probe

    try:
        return probe(file)
    except ProbeError as error:
        kind = MissingError if error.code == "no-such-file" else RenderError
        raise kind.one(error.code, error.message, hint=error.hint) from None


def cache_for(file: Path, given: Path | None = None) -> Path | None:
    """The folder that keeps what is found out about ``file``; None where none can be written."""
    if given is not None:
        return given
    beside = file.absolute().parent / CACHE.parent
    if beside.is_dir() and os.access(beside, os.W_OK):
        return beside / CACHE.name
    from platformdirs import user_cache_path

    folder = user_cache_path("vedc", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def analyst_for(
    file: Path, cache: Path | None = None, progress: Progress | None = None
) -> AnalysisRunner:
    """An analyst for ``file`` whose results are kept in ``cache``, else as said above."""
    folder = cache_for(file, cache)

    def digest(path: str) -> str:
        return file_digest(Path(path), folder / "digests" if folder else None)

    return AnalysisRunner(folder / "analyses" if folder else None, digest, progress)


def analysis_progress(*, quiet: bool, no_color: bool) -> Progress | None:
    """Progress that fits the terminal; None where nothing is to be said."""
    if quiet:
        return None
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Bar(no_color)
    return Lines(sys.stderr)


class Bar:
    """A live bar: how much of the file has been looked at, how many times faster than it plays."""

    def __init__(self, no_color: bool) -> None:
        self._no_color = no_color
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def start(self, what: str, total: float) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            ProgressColumn,
            Task,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text

        class Speed(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(f"{task.speed:.0f}x" if task.speed else "-x")

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            Speed(),
            TimeRemainingColumn(),
            console=Console(stderr=True, no_color=self._no_color),
            transient=True,
        )
        self._task = self._bar.add_task(f"looking at {what}", total=total)
        self._bar.start()

    def advance(self, seconds: float) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, seconds)

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class Lines:
    """A line now and then, for logs: none for what is done within ``every`` seconds."""

    def __init__(self, stream: TextIO, every: float = 5.0) -> None:
        self._stream, self._every = stream, every
        self._what, self._total, self._done = "", 0.0, 0.0
        self._began = self._last = 0.0

    def start(self, what: str, total: float) -> None:
        self._what, self._total, self._done = what, total, 0.0
        self._began = self._last = time.monotonic()

    def advance(self, seconds: float) -> None:
        self._done += seconds
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        speed = self._done / max(now - self._began, 1e-6)
        left = max(self._total - self._done, 0.0) / speed if speed else 0.0
        print(
            f"{self._what}: looked at {self._done:.0f} of {self._total:.0f} s, "
            f"{speed:.1f}x, {left:.0f} s left",
            file=self._stream,
            flush=True,
        )

    def finish(self) -> None:
        self._stream.flush()
