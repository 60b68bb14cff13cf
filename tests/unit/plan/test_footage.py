"""The part of a stretch that can be copied, against a search through all its packets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vedc.plan.footage import IN_PLACE, Footage, Group

#: Frames in storage order: patterns of a group.
PATTERNS = ([0], [0, 1], [0, 2, 1], [0, 4, 2, 1, 3], [0, 3, 1, 2, 6, 4, 5], [0, 1, 5, 2, 4, 3])


def footage(patterns: list[int], gaps: list[int], intra: bool = False) -> tuple[Footage, list[int]]:
    """Groups one after the other, with gaps; and the frame of every packet."""
    groups: list[Group] = []
    order, numbers, frame = "", [], 0
    for pattern, gap in zip(patterns, gaps, strict=True):
        shown = sorted(PATTERNS[pattern]) if intra else PATTERNS[pattern]
        frame += gap
        groups.append(Group(frame, len(shown), len(order), 40 * frame))
        order += "".join(chr(IN_PLACE + n - index) for index, n in enumerate(shown))
        numbers += [frame + n for n in shown]
        frame += len(shown)
    return Footage(None, tuple(groups), "" if intra else order, (40, 1)), numbers


CASES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0, 0, 0, 2])), min_size=1)


@given(CASES, st.integers(0, 30), st.integers(1, 30), st.integers(1, 6))
def test_copies_are_complete_and_as_long_as_can_be(
    case: list[tuple[int, int]], begin: int, length: int, least: int
) -> None:
    found, numbers = footage([p for p, _ in case], [g for _, g in case])
    keys = {group.first for group in found.groups}
    end = begin + length
    copied: set[int] = set()
    for first, frames, pts, leads in found.copies(begin, end, least):
        assert not leads
        assert begin <= first
        assert first + frames <= end
        assert frames >= least
        assert first in keys
        assert pts == 40 * first
        assert not copied & set(range(first, first + frames))
        copied |= set(range(first, first + frames))
        at = numbers.index(first)
        assert sorted(numbers[at : at + frames]) == list(range(first, first + frames))
        # Not one more packet could be taken.
        longer = [
            more
            for more in range(frames + 1, end - first + 1)
            if sorted(numbers[at : at + more]) == list(range(first, first + more))
        ]
        assert not longer
    for key in keys:
        if begin <= key < end and key not in copied:
            at = numbers.index(key)
            counts = range(least, end - key + 1)
            assert not any(
                sorted(numbers[at : at + n]) == list(range(key, key + n)) for n in counts
            )


@given(CASES, st.integers(0, 30), st.integers(1, 30))
def test_pictures_that_stand_by_themselves_begin_anywhere(
    case: list[tuple[int, int]], begin: int, length: int
) -> None:
    found, numbers = footage([p for p, _ in case], [g for _, g in case], intra=True)
    copied = [
        first + n for first, frames, _, _ in found.copies(begin, begin + length, 1)
        for n in range(frames)
    ]  # fmt: skip
    assert copied == [n for n in numbers if begin <= n < begin + length]
    assert all(pts == 40 * first for first, _, pts, _ in found.copies(begin, begin + length, 1))
