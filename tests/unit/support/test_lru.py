"""LruCache: what it makes, keeps and evicts."""

from __future__ import annotations

import pytest

from vedc.support.lru import LruCache


def test_a_value_is_made_once() -> None:
    cache: LruCache[str, list[int]] = LruCache(2)
    first = cache.get_or_make("a", list)
    assert cache.get_or_make("a", list) is first
    assert len(cache) == 1


def test_the_least_recently_used_value_is_evicted() -> None:
    evicted: list[str] = []
    cache: LruCache[str, str] = LruCache(2, on_evict=evicted.append)
    for key in ("a", "b", "a", "c"):
        cache.get_or_make(key, key.upper)
    assert evicted == ["B"]


def test_the_limit_counts_sizes_where_they_are_given() -> None:
    evicted: list[str] = []
    cache: LruCache[str, str] = LruCache(5, size=len, on_evict=evicted.append)
    for text in ("aa", "bb", "cccc", "ddddddd"):
        cache.get_or_make(text, text.lower)
    assert evicted == ["aa", "bb", "cccc"]  # and the last stays, although it is over the limit
    assert len(cache) == 1


def test_pinned_values_stay() -> None:
    cache: LruCache[int, int] = LruCache(1)
    for key in (1, 2, 3):
        cache.get_or_make(key, lambda: 0, pinned=(1, 2, 3))
    assert len(cache) == 3
    cache.get_or_make(4, lambda: 0, pinned=(2,))
    assert len(cache) == 2


def test_a_value_that_cannot_be_made_leaves_nothing() -> None:
    cache: LruCache[int, float] = LruCache(1)
    with pytest.raises(ZeroDivisionError):
        cache.get_or_make(1, lambda: 1 / 0)
    assert len(cache) == 0


def test_clearing_evicts_everything() -> None:
    evicted: list[int] = []
    cache: LruCache[int, int] = LruCache(5, on_evict=evicted.append)
    for key in (1, 2):
        cache.get_or_make(key, key.conjugate)
    cache.clear()
    assert evicted == [1, 2]
    assert len(cache) == 0
