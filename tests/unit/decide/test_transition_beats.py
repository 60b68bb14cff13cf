"""Edges of transitions on beats."""

from __future__ import annotations

import pytest

from vedc.decide.choose.transition_beats import Beats, OnBeats, on_beats

EVERY_12 = tuple(range(0, 200, 12))


def placed(
    at: int, before: int, after: int, usual: int = 15, step: int = 1, least: int = 8, most: int = 25
) -> OnBeats | None:
    return on_beats(Beats(EVERY_12, at, before, after, "song", step), usual, least, most)


def test_between_two_beats_it_takes_a_whole_number_of_them() -> None:
    found = placed(96, 40, 0)
    assert found is not None and (found.back, found.ahead) == (12, 0)
    assert found.reason.value == "begins and ends on beats of song: 1 beat"
    longer = placed(96, 40, 0, usual=20)
    assert longer is not None and longer.frames == 24 and "2 beats" in longer.reason.value


def test_where_only_its_begin_is_free_that_goes_to_a_beat() -> None:
    found = placed(100, 40, 0)
    assert found is not None and (found.back, found.ahead) == (16, 0)
    assert found.reason.value == "begins on a beat of song"


def test_it_shows_only_frames_that_are_there() -> None:
    ahead = placed(96, 5, 30)
    assert ahead is not None and (ahead.back, ahead.ahead) == (0, 12)
    assert placed(96, 5, 5) is None
    across = placed(100, 6, 30)
    assert across is not None and (across.back, across.ahead) == (4, 8)


@pytest.mark.parametrize(("least", "most"), [(13, 23), (1, 11)])
def test_limits_are_kept(least: int, most: int) -> None:
    assert placed(96, 40, 0, least=least, most=most) is None


def test_a_source_of_half_the_rate_begins_on_its_own_frames() -> None:
    found = on_beats(Beats((81, 90), 96, 40, 0, "song", 2), 15, 4, 25)
    assert found is not None and found.back == 6


def test_both_edges_count_for_more_than_one() -> None:
    one, both = placed(100, 40, 0), placed(96, 40, 0)
    assert one is not None and both is not None
    assert 0 < one.reason.points < both.reason.points < 0.05
