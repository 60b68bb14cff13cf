"""Whether a render takes long enough for worker processes to be worth their start."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: The least seconds of remaining work. A worker takes about one to start, at the expense of busy
#: ones.
WORTH: Final = 6.0
#: Seconds after the first frame before the pace is measured: until then, the queues between the
#: stages determine it.
MEASURED: Final = 1.0
#: Seconds of further films ahead for which workers are started however short this film is.
AHEAD: Final = 30.0


class Pace:
    """The pace of a process from its first frame, after kernels have been compiled.

    Only seconds in which the process works count. If other programs keep the machine busy it mostly
    waits for them, and so would any worker.
    """

    def __init__(
        self,
        frames: int,
        ahead: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
    ) -> None:
        """``frames``: the total; ``ahead``: seconds of work expected after them; ``worked``: this
        process's CPU time."""
        self._frames, self._ahead, self._clock, self._worked = frames, ahead, clock, worked
        self._done, self._began, self._had_worked = 0, 0.0, 0.0

    def count(self) -> None:
        """One more frame is done."""
        if not self._done:
            self._began, self._had_worked = self._clock(), self._worked()
        self._done += 1

    def is_long(self) -> bool:
        """Whether the remaining work takes one process long."""
        if not self._done:
            return False
        # With several threads, CPU time exceeds elapsed time.
        spent = min(self._clock() - self._began, self._worked() - self._had_worked)
        left = spent / self._done * (self._frames - self._done)
        return self._ahead >= AHEAD or (spent >= MEASURED and left + self._ahead >= WORTH)
