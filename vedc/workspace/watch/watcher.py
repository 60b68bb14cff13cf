"""Detecting changes of files by polling.

Operating systems have notifications, but each in its own way, and not over network file systems,
for folders that a container shares with its host, or for files that do not exist yet; and editors
replace files, which ends a watch. Polling a few dozen files costs some microseconds each and works
everywhere.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event
from typing import Final

Look = tuple[int, int, int]
"""Time of change in nanoseconds, bytes, and the number of the file."""

#: Seconds between two looks.
INTERVAL: Final = 0.1
#: Seconds for which nothing may change before a save counts as complete: an editor may empty a
#: file before it writes it.
SETTLED: Final = 0.04
#: Seconds after which a constantly changing file, such as a recording, counts as changed.
PATIENCE: Final = 2.0


class Watcher:
    """The files to follow. Not for several threads, except that any may set the event of
    :meth:`wait`."""

    def __init__(self, interval: float = INTERVAL, settled: float = SETTLED) -> None:
        self._interval, self._settled = interval, settled
        self._known: dict[Path, Look | None] = {}

    def follow(self, paths: Iterable[Path], since: int | None = None) -> None:
        """Follow these files, and no others.

        A file that is new counts as changed if it is not older than ``since``, in nanoseconds: the
        time when reading it began. Files followed before count as changed if they differ from the
        last report.
        """
        known = self._known
        self._known = {}
        for path in paths:
            if path in known:
                self._known[path] = known[path]
                continue
            look = look_at(path)
            fresh = since is not None and look is not None and look[0] >= since
            self._known[path] = (-1, -1, -1) if fresh else look

    def accept(self, paths: Iterable[Path]) -> None:
        """Accept these files as they are: the caller has changed them."""
        self._known.update((path, look_at(path)) for path in paths if path in self._known)

    def wait(self, stop: Event, tick: Callable[[], None] = lambda: None) -> set[Path]:
        """Wait for changes to settle, and return the changed files; nothing once ``stop`` is
        set. ``tick`` is called before every look."""
        while not stop.is_set():
            tick()
            changed = self._changed()
            if changed:
                return self._at_rest(changed, stop)
            stop.wait(self._interval)
        return set()

    def _at_rest(self, changed: set[Path], stop: Event) -> set[Path]:
        until = time.monotonic() + PATIENCE
        found = set(changed)
        while time.monotonic() < until and not stop.wait(self._settled):
            changed = self._changed()
            if not changed:
                break
            found |= changed
        return found

    def _changed(self) -> set[Path]:
        """The changed files, which become the new state."""
        looks = {path: look_at(path) for path in self._known}
        changed = {path for path, look in looks.items() if look != self._known[path]}
        self._known = dict(looks)
        return changed


def look_at(path: Path) -> Look | None:
    """The state of a file from outside; None if there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
