"""Where segments begin: on edits, stable when something far away changes."""

from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from vedc.ir.lower.film import FrameRange
from vedc.plan.segments import cut

FPS = Fraction(30)
lengths = st.lists(st.integers(1, 700), min_size=1, max_size=40)


def _pieces(lengths: list[int]) -> list[FrameRange]:
    pieces, start = [], 0
    for length in lengths:
        pieces.append(FrameRange(start, start + length))
        start += length
    return pieces


def _shapes(lengths: list[int]) -> list[tuple[int, ...]]:
    return [tuple(span.length for span in segment) for segment in cut(_pieces(lengths), FPS)]


@given(lengths)
def test_segments_cover_the_film_in_order(lengths: list[int]) -> None:
    spans = [span for segment in cut(_pieces(lengths), FPS) for span in segment]
    assert spans[0].start == 0
    assert spans[-1].end == sum(lengths)
    assert all(a.end == b.start for a, b in itertools.pairwise(spans))
    edges = {span.start for span in spans}
    assert edges >= {piece.start for piece in _pieces(lengths)}, "no span crosses an edit"


@given(lengths)
def test_no_segment_is_longer_than_needed(lengths: list[int]) -> None:
    for segment in cut(_pieces(lengths), FPS):
        longest = max(span.length for span in segment)
        assert longest <= 180
        if sum(lengths) >= 15:
            assert sum(span.length for span in segment) >= 15


@given(lengths, st.integers(15, 700), lengths)
def test_a_change_of_length_stays_where_it_is(
    before: list[int], length: int, after: list[int]
) -> None:
    """Two clips of 15 frames or more fence off the part between them."""
    first = _shapes([*before, 60, length, 60, *after])
    second = _shapes([*before, 60, length + 100, 60, *after])
    changed = len([s for s in first if s not in second])
    assert changed <= -(-length // 120) + 2
    head, tail = _shapes([*before, 60]), _shapes([60, *after])
    assert first[: len(head) - 1] == head[:-1] == second[: len(head) - 1]
    assert first[-len(tail) + 1 :] == tail[1:] == second[-len(tail) + 1 :] or len(tail) == 1


def test_short_pieces_are_gathered() -> None:
    assert _shapes([5, 5, 5, 5, 60, 3, 60, 4]) == [(5, 5, 5, 5), (60, 3), (60, 4)]
    assert _shapes([3, 60]) == [(3, 60)]
    assert _shapes([3]) == [(3,)]


def test_long_pieces_are_split_from_their_start() -> None:
    assert _shapes([300]) == [(120,), (180,)]
    assert _shapes([301]) == [(120,), (120,), (61,)]
