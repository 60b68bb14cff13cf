"""Which process renders which turns of a film.

The first process to ask gets all turns; each later one gets the second half of the largest
remaining share. So each process works through a stretch of the film in order, its decoders hardly
ever seek, and no process waits while another has turns it has not begun.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from vedc.execute.work import Turn, frames_of

#: The number of the process that the user started.
HERE: Final = 0


class Shares:
    """The turns not begun yet. Not thread-safe."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = dict(enumerate(turns))
        self._loose = deque(self.turns)
        self._shares: dict[int, deque[int]] = {}
        self._risky: deque[int] = deque()

    def left(self, process: int, alone: bool) -> bool:
        """Whether there is a turn for a process."""
        waiting = self._loose or any(self._shares.values())
        return bool(waiting or (self._risky and (process != HERE or alone)))

    def left_for_others(self) -> bool:
        """Whether there is a turn that only a worker process may take."""
        return bool(self._risky)

    def take(self, process: int, alone: bool = False) -> int | None:
        """The next turn of a process, by number. ``alone``: there is no other process."""
        if self._risky and (process != HERE or alone):
            return self._risky.popleft()
        share = self._shares.setdefault(process, deque())
        if not share and self._loose:
            share, self._loose = self._loose, share
            self._shares[process] = share
        if not share:
            share.extend(self._half_of_the_largest())
        return share.popleft() if share else None

    def give_back(self, process: int, begun: dict[int, Turn], risky: bool) -> None:
        """A process is gone: its unbegun and unfinished turns go to others.

        ``begun``: the missing segments of its turns. ``risky``: these may have killed it, so
        another worker process tries them, and not this one.
        """
        self.turns |= begun
        loose = [*self._loose, *self._shares.pop(process, ())]
        if risky:
            self._risky.extend(sorted(begun))
        else:
            loose += begun
        self._loose = deque(sorted(loose))

    def _half_of_the_largest(self) -> list[int]:
        share = max(self._shares.values(), key=self._frames)
        taken: deque[int] = deque()
        frames = half = self._frames(share)
        while share and (not taken or frames_of(self.turns[share[-1]]) <= frames - half // 2):
            frames -= frames_of(self.turns[share[-1]])
            taken.appendleft(share.pop())
        return list(taken)

    def _frames(self, share: deque[int]) -> int:
        return sum(frames_of(self.turns[number]) for number in share)
