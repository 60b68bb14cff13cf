"""A bounded cache of made values that drops the least recently used ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """Values by key, up to a total size of ``limit``. Not safe for concurrent threads."""

    def __init__(
        self,
        limit: int,
        size: Callable[[V], int] = lambda value: 1,
        on_evict: Callable[[V], object] = lambda value: None,
    ) -> None:
        """``size`` weighs a value against ``limit``; by default ``limit`` counts entries.

        ``on_evict`` is called for every value that is dropped, by :meth:`clear` too.
        """
        self._limit, self._size, self._on_evict = limit, size, on_evict
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._total = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get_or_make(self, key: K, make: Callable[[], V], pinned: Container[object] = ()) -> V:
        """The value of ``key``, which ``make`` provides if it is not cached.

        This value and those of ``pinned`` keys are not evicted now, even beyond the limit.
        """
        if key in self._entries:
            self._entries.move_to_end(key)
        else:
            self._entries[key] = make()
            self._total += self._size(self._entries[key])
        if self._total > self._limit:
            for old in [k for k in self._entries if k != key and k not in pinned]:
                self._evict(old)
                if self._total <= self._limit:
                    break
        return self._entries[key]

    def clear(self) -> None:
        for key in list(self._entries):
            self._evict(key)

    def _evict(self, key: K) -> None:
        value = self._entries.pop(key)
        self._total -= self._size(value)
        self._on_evict(value)
