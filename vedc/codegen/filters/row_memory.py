"""Reusable memory for whole planes of rows.

The system clears every page that it hands out. For a plane of a few hundred thousand samples that
takes as long as computing it, in every frame; so released memory is kept for the next plane.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: The most bytes kept for reuse.
LIMIT: Final = 64 << 20


class _Lent:
    """Memory in use: it is returned when the last array in it is gone."""

    def __init__(self, memory: NDArray[np.float32], waiting: Waiting) -> None:
        self._memory, self._waiting = memory, waiting

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return self._memory.__array_interface__

    def __del__(self) -> None:
        self._waiting.give_back(self._memory)


class Waiting:
    """Unused memory, by size. Thread-safe."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._free: dict[int, list[NDArray[np.float32]]] = {}
        self.bytes = 0
        """The total size."""
        self._lock = threading.RLock()  # garbage collection may return memory during ``take``

    def take(self, size: int) -> NDArray[np.float32]:
        """``size`` floats with undefined contents."""
        with self._lock:
            free = self._free.get(size)
            memory = free.pop() if free else None
            self.bytes -= 0 if memory is None else memory.nbytes
        if memory is None:
            memory = np.empty(size, np.float32)
        return np.asarray(_Lent(memory, self))

    def give_back(self, memory: NDArray[np.float32]) -> None:
        with self._lock:
            if self.bytes + memory.nbytes > self._limit:  # of sizes that are no longer used
                self._free.clear()
                self.bytes = 0
            if memory.nbytes <= self._limit:
                self._free.setdefault(memory.size, []).append(memory)
                self.bytes += memory.nbytes


_waiting: Final = Waiting()


def floats(size: int) -> NDArray[np.float32]:
    """``size`` floats with undefined contents."""
    return _waiting.take(size)
