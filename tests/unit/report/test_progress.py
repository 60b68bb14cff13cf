"""Progress and the time left, with a clock of our own."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from vedc.report.estimate import Estimate
from vedc.report.progress import FRAMES, Lines, clock


class Clock:
    """Seconds that pass on request."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def course(steps: int, seconds: float, start: float, amount: float = 1.0) -> list[float | None]:
    """The estimate after each of even steps of a hundred, ``start`` seconds late."""
    time, total = Clock(), 100.0
    estimate = Estimate(time)
    time.now += start
    found = []
    for number in range(1, steps + 1):
        estimate.step(number * amount)
        found.append(estimate.left(total))
        time.now += seconds
    return found


def test_nothing_is_shown_before_it_means_something() -> None:
    assert course(3, seconds=10.0, start=0) == [None] * 3  # too few steps
    assert course(30, seconds=0.1, start=0) == [None] * 30  # too little time
    assert course(0, seconds=1, start=60) == []


@pytest.mark.parametrize("start", [0.0, 30.0, 600.0])
def test_what_comes_before_the_first_step_does_not_count(start: float) -> None:
    """Compiling takes time: the first estimate shown is right to the second."""
    found = course(40, seconds=0.5, start=start)
    first = next(i for i, left in enumerate(found) if left is not None)
    assert first == 6  # three seconds after the first step
    for number, left in enumerate(found[first:], first + 1):
        assert left == pytest.approx((100 - number) * 0.5)


def test_the_speed_is_the_recent_one() -> None:
    time = Clock()
    estimate = Estimate(time)
    done = 0.0
    for seconds in (1.0,) * 100 + (0.1,) * 100:
        time.now += seconds
        done += 1
        estimate.step(done)
    assert estimate.speed() == pytest.approx(10.0)
    time.now += 2.0  # the time left runs down between steps
    assert estimate.left(300) == pytest.approx(8.0)
    time.now += 100.0
    assert estimate.left(300) == 0.0


def test_a_job_that_stands_still_has_no_estimate() -> None:
    time = Clock()
    estimate = Estimate(time)
    for _ in range(10):
        time.now += 1
        estimate.step(0.0)
    assert estimate.left(10) is None


def lines(tick: Callable[[int], float]) -> list[str]:
    out, time = io.StringIO(), Clock()
    shown = Lines(FRAMES, out, every=5.0, clock=time)
    shown.start("film.mp4", 1000, 200)
    for step in range(1, 9):
        time.now += tick(step)
        shown.advance(10)
    return [line.removeprefix("film.mp4: ") for line in out.getvalue().splitlines()[1:]]


def test_lines_show_the_time_left_once_it_is_known() -> None:
    """Ten seconds of compiling, then 10 frames every two seconds."""
    assert lines(lambda step: 10 if step == 1 else 2) == [
        "210/1000 frames",
        "240/1000 frames, 5.0 fps, 2:32 left",
        "270/1000 frames, 5.0 fps, 2:26 left",
    ]


def test_times_as_people_read_them() -> None:
    assert [clock(s) for s in (0.2, 59.4, 59.6, 200, 3900)] == [
        "0 s", "59 s", "1:00", "3:20", "1:05:00",
    ]  # fmt: skip
