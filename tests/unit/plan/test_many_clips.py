"""Films of many clips: visible items are found by order, and stages pause the collector."""

from __future__ import annotations

import gc
import random

import pytest

from vedc.edit.model import Transition
from vedc.ir.lower.film import _at
from vedc.support.gc_pause import without_gc


def stretch(start: int, end: int) -> Transition:
    return Transition("dissolve", start, end, None, None, "linear", (), None)


@pytest.mark.parametrize("seed", range(20))
def test_the_item_of_a_frame_is_the_first_that_holds_it(seed: int) -> None:
    rng = random.Random(seed)
    track: list[Transition] = []
    for _ in range(rng.randint(0, 12)):
        # As a transition overlaps them: no item ends before one that begins before it.
        start = max(track[-1].end - rng.randint(0, 3), track[-1].start + 1) if track else 0
        start += rng.choice([0, 0, 4])
        end = max(start + rng.randint(1, 9), track[-1].end if track else 0)
        track.append(stretch(start, end))
    for frame in range(-2, (track[-1].end if track else 0) + 3):
        scanned = next((s for s in track if s.start <= frame < s.end), None)
        assert _at(track, frame) is scanned


def test_the_collector_is_paused_and_goes_on() -> None:
    assert without_gc(gc.isenabled)() is False
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        without_gc(lambda: 1 // 0)()
    assert gc.isenabled()
    assert without_gc(lambda: (without_gc(int)(), gc.isenabled()))() == (0, False)
