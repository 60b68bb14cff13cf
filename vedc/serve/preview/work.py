"""The order of rendering: visible parts first, then onwards.

Requested pictures come before everything else, newest first; then the segment under the playhead,
those after it, and finally those before it. Work that is no longer the most urgent is abandoned,
which loses at most part of one segment.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: The most waiting pictures; older requests are dropped.
MOST_STILLS: Final = 4


@dataclass(frozen=True, slots=True)
class Still:
    """The picture of one frame."""

    revision: int
    frame: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A segment, by its index."""

    revision: int
    index: int


Job = Still | Stretch


class WorkList:
    """The work on the film of one revision. Any thread may call any method."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._revision = 0
        self._starts: Sequence[int] = ()
        self._left: set[int] = set()
        self._playhead = 0
        self._stills: list[Still] = []
        self._closed = False

    def show(self, revision: int, starts: Sequence[int], left: set[int]) -> None:
        """Work on another film: its segments begin at the frames ``starts``, and those with the
        indices ``left`` must be rendered. Work for an older film is abandoned."""
        with self._changed:
            self._revision, self._starts, self._left = revision, starts, set(left)
            self._stills = []
            self._changed.notify_all()

    def look_at(self, frame: int) -> None:
        """The playhead stands at a frame."""
        with self._changed:
            self._playhead = frame
            self._changed.notify_all()

    @property
    def playhead(self) -> int:
        return self._playhead

    def want(self, still: Still) -> list[Still]:
        """Request a picture. Returns the requests that are dropped."""
        with self._changed:
            if still.revision != self._revision:
                return [still]
            self._stills = [each for each in self._stills if each != still] + [still]
            given_up, self._stills = self._stills[:-MOST_STILLS], self._stills[-MOST_STILLS:]
            self._changed.notify_all()
            return given_up

    def take(self, timeout: float | None = None) -> Job | None:
        """The most urgent work, as soon as there is any; None at the end, or after ``timeout``
        seconds without any."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next() is not None, timeout)
            return None if self._closed else self._next()

    def done(self, job: Job) -> None:
        """A job is done or has failed."""
        with self._changed:
            if job.revision != self._revision:
                return
            if isinstance(job, Still):
                self._stills = [each for each in self._stills if each != job]
            else:
                self._left.discard(job.index)

    def is_stale(self, job: Job) -> bool:
        """Whether to abandon a running job.

        Pictures are cheap, and are abandoned only with their film. A segment gives way to a
        picture, and to the segment under the playhead.
        """
        with self._changed:
            if self._closed or job.revision != self._revision:
                return True
            if isinstance(job, Still):
                return False
            seen = self._seen()
            return bool(self._stills) or (seen in self._left and seen != job.index)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _next(self) -> Job | None:
        if self._stills:
            return self._stills[-1]
        if not self._left:
            return None
        seen = self._seen()
        ahead = [index for index in self._left if index >= seen]
        return Stretch(self._revision, min(ahead or self._left))

    def _seen(self) -> int:
        """The segment under the playhead."""
        return max(0, bisect_right(self._starts, self._playhead) - 1)
