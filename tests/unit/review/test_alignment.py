"""Frames of two films are lined up: every frame once, in order, equal where it says so."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.review.compare.alignment import Run, align

FRAMES = st.lists(st.integers(0, 12), max_size=40)


def _check(before: list[int], after: list[int]) -> list[Run]:
    runs = align(before, after, before, after)
    a = b = 0
    for run in runs:
        assert (run.before[0], run.after[0]) == (a, b)
        old, new = before[slice(*run.before)], after[slice(*run.after)]
        match run.kind:
            case "same":
                assert old == new and old
            case "paired":
                assert len(old) == len(new) > 0
            case "inserted":
                assert new and not old
            case "removed":
                assert old and not new
        a, b = run.before[1], run.after[1]
    assert (a, b) == (len(before), len(after))
    return runs


@given(FRAMES, FRAMES)
@settings(max_examples=200, deadline=None)
def test_any_two_films(before: list[int], after: list[int]) -> None:
    _check(before, after)


@given(st.integers(0, 50), st.integers(1, 20), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_an_insertion_is_found_where_it_is(at: int, length: int, seed: int) -> None:
    before = list(range(50))
    after = [*before[:at], *range(1000, 1000 + length), *before[at:]]
    wanted = [
        Run("same", (0, at), (0, at)),
        Run("inserted", (at, at), (at, at + length)),
        Run("same", (at, 50), (at + length, 50 + length)),
    ]
    assert _check(before, after) == [run for run in wanted if run.length]
    back = [
        Run("removed" if r.kind == "inserted" else r.kind, r.after, r.before)
        for r in wanted
        if r.length
    ]
    assert _check(after, before) == back


def test_a_still_that_lasts_longer() -> None:
    assert [run.kind for run in _check([1, 7, 7, 7, 2, 3], [1, 7, 7, 7, 7, 7, 2, 3])] == [
        "same",
        "inserted",
        "same",
    ]


def test_a_graded_and_trimmed_clip_is_compared_with_itself() -> None:
    """Frames that show the same moment are paired, whatever was done to them."""
    before = [("plain", n) for n in range(10)]
    after = [("graded", n) for n in range(3, 10)]
    runs = align(before, after, list(range(10)), list(range(3, 10)))
    assert runs == [Run("removed", (0, 3), (0, 0)), Run("paired", (3, 10), (0, 7))]


def test_inserts_without_a_key_are_recognised_at_both_ends() -> None:
    """As of a film that was encoded again, with something taken out."""
    before, after = list(range(100, 120)), [*range(8), *range(13, 20)]
    runs = align(
        before,
        after,
        [("old", n) for n in before],
        [("new", n) for n in after],
        lambda a, b: before[a] - 100 == after[b],
    )
    assert runs == [
        Run("paired", (0, 8), (0, 8)),
        Run("removed", (8, 13), (8, 8)),
        Run("paired", (13, 20), (8, 15)),
    ]


def test_what_blinks_for_long_ends_soon() -> None:
    """Without unique frames the work is limited."""
    before = [n * n * 7919 % 3 for n in range(6000)]
    after = [n * n * 104729 % 3 for n in range(1, 6001)]
    _check(before, after)
