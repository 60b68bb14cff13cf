"""The preview's next job, with a renderer that only records its jobs."""

from __future__ import annotations

import threading

from vedc.serve.preview.work import MOST_STILLS, Still, Stretch, WorkList

STARTS = [0, 10, 20, 30]


def work(left: set[int] | None = None, playhead: int = 0) -> WorkList:
    made = WorkList()
    made.show(1, STARTS, {0, 1, 2, 3} if left is None else left)
    made.look_at(playhead)
    return made


def drain(given: WorkList) -> list[Still | Stretch]:
    """Everything that there is to do, in order."""
    done = []
    while (job := given.take(0)) is not None:
        done.append(job)
        given.done(job)
    return done


def test_what_is_looked_at_comes_first_and_then_what_follows() -> None:
    assert drain(work(playhead=25)) == [Stretch(1, 2), Stretch(1, 3), Stretch(1, 0), Stretch(1, 1)]


def test_only_what_is_not_rendered_is() -> None:
    assert drain(work({1, 3}, playhead=20)) == [Stretch(1, 3), Stretch(1, 1)]


def test_a_requested_picture_comes_before_all_segments() -> None:
    given = work()
    given.want(Still(1, 5))
    given.want(Still(1, 35))
    assert drain(given)[:3] == [Still(1, 35), Still(1, 5), Stretch(1, 0)]


def test_a_picture_that_is_wanted_twice_is_drawn_once() -> None:
    given = work(set())
    given.want(Still(1, 5))
    given.want(Still(1, 5))
    assert drain(given) == [Still(1, 5)]


def test_pictures_that_nobody_can_still_be_looking_at_are_abandoned() -> None:
    given = work(set())
    lost = [each for frame in range(MOST_STILLS + 2) for each in given.want(Still(1, frame))]
    assert lost == [Still(1, 0), Still(1, 1)]
    assert len(drain(given)) == MOST_STILLS


def test_a_picture_of_an_older_film_is_refused() -> None:
    given = work()
    given.show(2, STARTS, {0})
    assert given.want(Still(1, 5)) == [Still(1, 5)]
    assert drain(given) == [Stretch(2, 0)]


def test_a_segment_yields_to_a_picture_and_continues_after_it() -> None:
    given = work()
    job = given.take(0)
    assert job == Stretch(1, 0) and not given.is_stale(job)
    given.want(Still(1, 33))
    assert given.is_stale(job)
    assert drain(given)[:2] == [Still(1, 33), Stretch(1, 0)]


def test_a_segment_yields_to_the_one_under_the_playhead() -> None:
    given = work()
    job = given.take(0)
    assert job is not None
    given.look_at(31)
    assert given.is_stale(job)
    assert given.take(0) == Stretch(1, 3)


def test_a_segment_does_not_yield_to_a_playhead_on_a_rendered_one() -> None:
    given = work({1, 2})
    job = given.take(0)
    assert job == Stretch(1, 1)
    given.look_at(35)
    assert not given.is_stale(job)


def test_a_picture_is_abandoned_with_its_film_alone() -> None:
    given = work()
    given.want(Still(1, 5))
    job = given.take(0)
    assert job is not None
    given.want(Still(1, 6))
    given.look_at(31)
    assert not given.is_stale(job)
    given.show(2, STARTS, set())
    assert given.is_stale(job)


def test_what_was_done_for_an_older_film_does_not_count() -> None:
    given = work({0})
    job = given.take(0)
    assert job is not None
    given.show(2, STARTS, {0})
    given.done(job)
    assert drain(given) == [Stretch(2, 0)]


def test_a_renderer_that_waits_is_woken_by_work_and_by_the_end() -> None:
    given, got = work(set()), []

    def render() -> None:
        while (job := given.take()) is not None:
            got.append(job)
            given.done(job)

    renderer = threading.Thread(target=render)
    renderer.start()
    given.want(Still(1, 7))
    given.show(2, STARTS, {1})
    given.look_at(12)
    for _ in range(200):
        if Stretch(2, 1) in got:
            break
        renderer.join(0.02)
    given.close()
    renderer.join(5)
    assert not renderer.is_alive()
    assert Stretch(2, 1) in got
