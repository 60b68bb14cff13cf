"""Titles and stills in memory: made once, dropped when they are many, never under a frame."""

from __future__ import annotations

import pytest

from vedc.execute import bitmaps
from vedc.execute.bitmaps import Bitmaps
from vedc.ir.graph import Node, node
from vedc.plan.chain import Fetch, Rect
from vedc.text.bitmap import Bitmap

SIZE = 4 * 4 * 4


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Digests of the stills that were made, where two of them fill the memory."""
    names: list[str] = []

    def make(self: Bitmaps, still: Node) -> object:
        names.append(still.text("digest"))
        return bitmaps._wrap(Bitmap(4, 4, bytes(SIZE)))

    monkeypatch.setattr(Bitmaps, "_make", make)
    monkeypatch.setattr(bitmaps, "LIMIT", 2 * SIZE)
    return names


def still(name: str) -> Fetch:
    params = {"digest": name, "width": 4, "height": 4, "primaries": "bt709", "transfer": "bt709"}
    return Fetch(node("still", (), params), Rect(0, 0, 4, 4), covers=True)


A, B, C, D = (still(name) for name in "abcd")


def test_the_ones_used_longest_ago_are_dropped(made: list[str]) -> None:
    kept = Bitmaps({})
    for fetch in (A, B, A, C, A, B):
        kept.images([fetch])
    assert made == ["a", "b", "c", "b"]


def test_a_frame_of_more_than_fits_is_not_made_again(made: list[str]) -> None:
    kept = Bitmaps({})
    for _ in range(3):
        assert len(kept.images([A, B, C, D])) == 4
    assert made == ["a", "b", "c", "d"]
    kept.images([D])
    kept.images([A])
    assert made == ["a", "b", "c", "d", "a"]
