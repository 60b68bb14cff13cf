"""The pipeline: order, bounds, and how the stages end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from vedc.execute.pipeline import Pipeline, Stopped


def _nothing() -> None:
    pass


def _ignore(job: object) -> None:
    pass


def each(change: Callable[[Any], Any]) -> Callable[[Iterator[Any]], Iterator[tuple[int, Any]]]:
    """A transform that changes jobs one by one, for the first consumer."""
    return lambda jobs: ((0, change(job)) for job in jobs)


def test_jobs_come_out_in_order() -> None:
    done: list[int] = []
    Pipeline(lambda: (n for n in range(100)), each(lambda n: n * n), [done.append]).run(_nothing)
    assert done == [n * n for n in range(100)]


def test_what_computes_nothing_has_no_thread_of_its_own() -> None:
    names: set[str] = set()
    ended: list[bool] = []
    done: list[int] = []

    def produce() -> Generator[int, None, None]:
        try:
            yield from range(20)
        finally:
            ended.append(True)

    def named(n: int) -> int:
        names.add(threading.current_thread().name)
        return n

    Pipeline(produce, each(named), [done.append], computes=False).run(_nothing)
    assert done == list(range(20)) and ended == [True]
    assert names == {"vedc-fetch"}


def test_errors_of_what_computes_nothing_end_the_run() -> None:
    def refuse(n: int) -> int:
        raise ValueError("no")

    jobs = (n for n in range(20))
    with pytest.raises(ValueError, match="no"):
        Pipeline(lambda: jobs, each(refuse), [_ignore], computes=False).run(_nothing)


def test_a_slow_consumer_holds_the_producer_back() -> None:
    made = 0
    gate = threading.Event()

    def produce() -> Generator[int, None, None]:
        nonlocal made
        for n in range(50):
            made += 1
            yield n

    ahead: list[int] = []

    def consume(n: int) -> None:
        if n == 0:
            gate.wait(5)
            ahead.append(made)

    pipeline = Pipeline(produce, each(lambda n: n), [consume], depth=2)
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 3:
            gate.set()

    pipeline.run(tick)
    # One in each stage's hands and two in each queue, and the one being offered.
    assert ahead[0] <= 2 + 2 + 3
    assert made == 50


@pytest.mark.parametrize("stage", ["produce", "transform", "consume"])
def test_the_first_error_ends_all_stages(stage: str) -> None:
    closed = threading.Event()

    def fail(where: str, n: int) -> int:
        if where == stage and n == 7:
            raise ValueError(where)
        return n

    def produce() -> Generator[int, None, None]:
        try:
            for n in range(10_000):
                yield fail("produce", n)
        finally:
            closed.set()

    def consume(n: int) -> None:
        fail("consume", n)

    with pytest.raises(ValueError, match=stage):
        Pipeline(produce, each(lambda n: fail("transform", n)), [consume]).run(_nothing)
    assert closed.is_set(), "the producer was told to close its readers"
    assert not [t for t in threading.enumerate() if t.name.startswith("vedc-")]


def test_an_error_of_the_caller_stops_the_stages() -> None:
    def produce() -> Generator[int, None, None]:
        n = 0
        while True:
            yield n
            n += 1

    began = time.monotonic()

    def tick() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Pipeline(produce, each(lambda n: n), [lambda n: None]).run(tick)
    assert time.monotonic() - began < 30
    assert not [t for t in threading.enumerate() if t.name.startswith("vedc-")]


def test_an_interrupt_while_the_stages_start(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        if thread.name == "vedc-encode":
            raise KeyboardInterrupt
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Pipeline(lambda: (n for n in range(100)), each(lambda n: n), [lambda n: None]).run(_nothing)
    assert not [t for t in threading.enumerate() if t.name.startswith("vedc-")]


def test_stopped_is_not_an_error_to_report() -> None:
    def consume(n: int) -> None:
        raise Stopped

    Pipeline(lambda: (n for n in range(3)), each(lambda n: n), [consume]).run(_nothing)


def test_a_transform_may_hold_jobs_together() -> None:
    done: list[int] = []

    def pairs(jobs: Iterator[int]) -> Iterator[tuple[int, int]]:
        held: list[int] = []
        for job in jobs:
            held.append(job)
            if len(held) == 2:
                yield from ((0, job) for job in held)
                held.clear()
        yield from ((0, job) for job in held)

    Pipeline(lambda: (n for n in range(7)), pairs, [done.append]).run(_nothing)
    assert done == list(range(7))


def test_consumers_get_what_is_theirs_in_order_and_at_the_same_time() -> None:
    even: list[int] = []
    odd: list[int] = []
    both = threading.Barrier(2, timeout=30)

    def consumer(done: list[int]) -> Callable[[int], None]:
        def consume(n: int) -> None:
            if n < 2:
                both.wait()  # would time out if one waited for the other
            done.append(n)

        return consume

    def sorted_out(jobs: Iterator[int]) -> Iterator[tuple[int, int]]:
        return ((n % 2, n) for n in jobs)

    Pipeline(lambda: (n for n in range(40)), sorted_out, [consumer(even), consumer(odd)]).run(
        _nothing
    )
    assert (even, odd) == (list(range(0, 40, 2)), list(range(1, 40, 2)))
