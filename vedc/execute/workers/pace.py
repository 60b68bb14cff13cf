"""Whether a render takes long enough for worker processes to be worth their start."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: Seconds that have to be left. A worker takes about one to start, at the expense of those that
#: are at work.
WORTH: Final = 6.0
#: Seconds after the first frame in which the pace is measured: until then it is that of the
#: queues between the stages.
MEASURED: Final = 1.0
#: Seconds of other films that are ahead for which workers are started whatever this film takes.
AHEAD: Final = 30.0


class Pace:
    """The pace of a process, from the first frame on: kernels are compiled before that.

    Seconds count in which the process is at work. Where other programs have the machine it waits
    for them most of the time, and so would any worker.
    """

    def __init__(
        self,
        frames: int,
        ahead: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
    ) -> None:
        """``frames`` in all; ``ahead``: seconds that are to come after them; ``worked``: the
        processor time of this process."""
        self._frames, self._ahead, self._clock, self._worked = frames, ahead, clock, worked
        self._done, self._began, self._had_worked = 0, 0.0, 0.0

    def count(self) -> None:
        """One more frame is done."""
        if not self._done:
            self._began, self._had_worked = self._clock(), self._worked()
        self._done += 1

    def is_long(self) -> bool:
        """Whether what is left takes long, for one process."""
        if not self._done:
            return False
        # Threads that work at one time are worth more processor time than time goes by.
        spent = min(self._clock() - self._began, self._worked() - self._had_worked)
        left = spent / self._done * (self._frames - self._done)
        return self._ahead >= AHEAD or (spent >= MEASURED and left + self._ahead >= WORTH)
