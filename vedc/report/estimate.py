"""Estimates of a job's remaining time from its progress so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

#: Least seconds, and least steps after the first one, before there is an estimate.
_SECONDS: Final = 3.0
_STEPS: Final = 3
#: Steps over which the speed is measured: jobs change speed on their way.
_WINDOW: Final = 64


class Estimate:
    """Speed and time left, counted from the first step that is done.

    The time before that step, for compiling and opening files, says nothing about the rest: an
    estimate that includes it starts several times too long. So there is none until three seconds
    and three more steps have passed. ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, float]] = deque(maxlen=_WINDOW)
        self._first: float | None = None
        self._steps = 0

    def step(self, done: float) -> None:
        """Note that ``done`` has been reached."""
        now = self._clock()
        if self._first is None:
            self._first = now
        self._steps += 1
        self._marks.append((now, done))

    def speed(self) -> float | None:
        """Amount per second; None while unknown."""
        if self._first is None or self._steps <= _STEPS:
            return None
        (begin, before), (end, after) = self._marks[0], self._marks[-1]
        if end - self._first < _SECONDS or end <= begin:
            return None
        return (after - before) / (end - begin)

    def left(self, total: float) -> float | None:
        """Seconds until ``total`` is done, counted from now; None while unknown."""
        speed = self.speed()
        if not speed:
            return None
        at, done = self._marks[-1]
        return max((total - done) / speed - (self._clock() - at), 0.0)
