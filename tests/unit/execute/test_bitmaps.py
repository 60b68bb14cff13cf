"""Titles and stills in memory: made once, dropped when they are many, never under a frame."""

from __future__ import annotations

import pytest

from vedc.execute.devices import bitmaps
from vedc.execute.devices.bitmaps import Bitmaps
from vedc.plan.executable import Fetch, Rect, StillSource
from vedc.text.bitmap import Bitmap

SIZE = 4 * 4 * 4


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Digests of the stills that were made, where two of them fill the memory."""
    names: list[str] = []

    def make(self: Bitmaps, still: StillSource) -> object:
        names.append(still.digest)
        return bitmaps._wrap(Bitmap(4, 4, bytes(SIZE)))

    monkeypatch.setattr(Bitmaps, "_make", make)
    monkeypatch.setattr(bitmaps, "LIMIT", 2 * SIZE)
    return names


def still(name: str) -> Fetch:
    return Fetch(StillSource(name, 4, 4), Rect(0, 0, 4, 4))


A, B, C, D = (still(name) for name in "abcd")


def test_the_ones_used_longest_ago_are_dropped(made: list[str]) -> None:
    kept = Bitmaps({})
    for fetch in (A, B, A, C, A, B):
        kept.complete([fetch], ())
    assert made == ["a", "b", "c", "b"]


def test_a_frame_of_more_than_fits_is_not_made_again(made: list[str]) -> None:
    kept = Bitmaps({})
    for _ in range(3):
        assert len(kept.complete([A, B, C, D], ())) == 4
    assert made == ["a", "b", "c", "d"]
    kept.complete([D], ())
    kept.complete([A], ())
    assert made == ["a", "b", "c", "d", "a"]
