"""How a film is shared out among processes, and when there are any."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import pytest

from tests.bench.farm import Farm, simulate, simulate_films
from vedc.errors import InternalError, Problem, RenderError, SourceLocation
from vedc.execute.devices.device import Device
from vedc.execute.progress import Silent
from vedc.execute.render import _Render
from vedc.execute.store import Store
from vedc.execute.work import Job, Turn, frames_of, turns_of
from vedc.execute.workers import budget
from vedc.execute.workers.crew import Crew
from vedc.execute.workers.pace import AHEAD, MEASURED, WORTH, Pace
from vedc.execute.workers.pool import WorkerPool
from vedc.execute.workers.process import WorkerProcess
from vedc.execute.workers.shares import HERE, Shares
from vedc.execute.workers.wire import packed, unpacked
from vedc.plan.plan import Piece, Plan, Segment


class Film:
    """The parts of turns."""

    def __init__(self, fps: Fraction | int, *lengths: int) -> None:
        self.fps, self.segments, at = Fraction(fps), list[Segment](), 0
        for index, length in enumerate(lengths):
            pieces = (Piece(at, length, 0, ()),)
            self.segments.append(Segment(index, at, length, f"{index:04}", pieces))
            at += length


def turns(*films: Film) -> list[Turn]:
    return turns_of([(cast(Plan, film), film.segments) for film in films])


def reported(made: list[Turn]) -> list[list[tuple[int, int]]]:
    return [[(output, segment.index) for output, segment in turn] for turn in made]


def test_each_segment_of_one_film_is_a_turn() -> None:
    assert reported(turns(Film(25, 10, 20, 5))) == [[(0, 0)], [(0, 1)], [(0, 2)]]


def test_what_several_outputs_show_at_one_time_is_one_turn() -> None:
    made = turns(Film(25, 25, 50), Film(50, 50, 100), Film(25, 75))
    assert reported(made) == [[(0, 0), (1, 0), (2, 0), (0, 1), (1, 1)]]
    assert reported(turns(Film(25, 25, 50), Film(50, 50, 100))) == [
        [(0, 0), (1, 0)],
        [(0, 1), (1, 1)],
    ]


def test_outputs_that_overlap_on_and_on_are_cut_all_the_same() -> None:
    ragged = turns(Film(25, *[100] * 30), Film(Fraction(30000, 1001), *[120] * 30))
    assert len(ragged) > 10
    parts = sorted(part for turn in reported(ragged) for part in turn)
    assert parts == sorted((output, n) for output in (0, 1) for n in range(30))


def film(count: int) -> Shares:
    return Shares(turns(Film(25, *[10] * count)))


def test_one_process_gets_the_film_in_order() -> None:
    shares = film(5)
    assert [shares.take(HERE) for _ in range(6)] == [0, 1, 2, 3, 4, None]


def test_another_one_gets_the_second_half_of_what_is_left() -> None:
    shares = film(9)
    assert shares.take(HERE) == 0
    assert [shares.take(1), shares.take(HERE), shares.take(2)] == [5, 1, 4]
    rest = [shares.take(HERE) for _ in range(6)]
    assert sorted(n for n in rest if n is not None) == [2, 3, 6, 7, 8]


def test_halves_are_measured_in_frames() -> None:
    shares = Shares(turns(Film(25, 10, 10, 10, 10, 100)))
    assert shares.take(HERE) == 0
    assert shares.take(1) == 4
    assert frames_of(shares.turns[4]) == 100


@pytest.mark.parametrize("seed", range(8))
def test_every_turn_is_taken_once(seed: int) -> None:
    draw = random.Random(seed)
    shares = Shares(turns(Film(25, *[draw.randint(1, 200) for _ in range(40)])))
    taken: list[int] = []
    while shares.left(HERE, alone=True):
        process = draw.randrange(4)
        number = shares.take(process, alone=True)
        if number is None:
            continue
        if process and draw.random() < 0.2:  # it dies, with this turn
            shares.give_back(process, {number: shares.turns[number]}, risky=draw.random() < 0.5)
        else:
            taken.append(number)
    assert sorted(taken) == list(range(40))


def test_what_a_killed_worker_had_is_for_anybody() -> None:
    shares = film(6)
    assert (shares.take(HERE), shares.take(1)) == (0, 4)
    shares.give_back(1, {4: shares.turns[4]}, risky=False)
    assert [shares.take(HERE) for _ in range(6)] == [1, 2, 3, 4, 5, None]


def test_what_ended_a_worker_is_not_tried_here_while_there_are_others() -> None:
    shares = film(2)
    assert (shares.take(HERE), shares.take(1)) == (0, 1)
    shares.give_back(1, {1: shares.turns[1]}, risky=True)
    assert shares.take(HERE) is None and not shares.left(HERE, alone=False)
    assert shares.left_for_others()
    assert shares.take(2) == 1
    shares.give_back(2, {1: shares.turns[1]}, risky=True)
    assert shares.take(HERE, alone=True) == 1


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("frames", "done", "seconds", "ahead", "expected"),
    [
        (1000, 100, MEASURED + 0.1, 0.0, True),
        (1000, 100, MEASURED - 0.1, 0.0, False),  # too soon to say
        (150, 100, MEASURED + 0.1, 0.0, False),  # nearly done
        (150, 100, MEASURED + 0.1, WORTH, True),  # but there are other films
        (150, 1, 0.0, AHEAD, True),
        (1000, 0, 9.0, AHEAD, False),  # not one frame: kernels are compiled
    ],
)
def test_workers_are_started_where_much_is_left(
    frames: int, done: int, seconds: float, ahead: float, expected: bool
) -> None:
    clock = Clock()
    pace = Pace(frames, ahead, clock, clock)
    for _ in range(done):
        pace.count()
    clock.now += seconds
    assert pace.is_long() is expected


def test_time_that_other_programs_take_starts_no_workers() -> None:
    clock, worked = Clock(), Clock()
    pace = Pace(1000, 0.0, clock, worked)
    for _ in range(100):
        pace.count()
    clock.now += 10 * MEASURED
    worked.now += MEASURED / 2
    assert not pace.is_long()
    worked.now += MEASURED
    assert pace.is_long()


def test_errors_say_the_same_in_another_process() -> None:
    problem = Problem("damaged-media", "it is", SourceLocation("a.yaml", 3, 5), "use another")
    sent = unpacked(packed(RenderError((problem,))))
    assert isinstance(sent, RenderError) and sent.problems == (problem,)
    full = unpacked(packed(OSError(28, "No space left on device", "film.mp4")))
    assert isinstance(full, OSError) and (full.errno, full.filename) == (28, "film.mp4")
    try:
        raise KeyError("inside")
    except KeyError as error:
        bug = unpacked(packed(error))
    assert isinstance(bug, InternalError) and "KeyError: 'inside'" in str(bug)


def test_errors_of_ffmpeg_are_sent_too() -> None:
    """They are OSErrors with their own constructor."""
    full = av.error.OSError(28, "No space left on device", "film.mp4")
    sent = unpacked(packed(full))
    assert type(sent) is av.error.OSError and str(sent) == str(full)


class Fake:
    """A worker process that only notes what it is sent."""

    def __init__(self, number: int) -> None:
        self.number, self.idle, self.sent = number, True, list[tuple[object, ...]]()

    def send(self, *message: object) -> None:
        self.sent.append(message)


def crew_of(count: int, *others: Fake) -> tuple[Crew, WorkerPool]:
    pool = WorkerPool(1 + len(others))
    crew = Crew(pool._lock, film(count), cast(Job, None), lambda: len(others), lambda: None)
    pool._crew, pool._jobs = crew, 7
    for process in cast(list[WorkerProcess], others):
        crew.joined(process)
    return crew, pool


def test_a_worker_that_is_done_with_one_film_is_not_idle_in_the_next() -> None:
    """Its word of the film before may come after it was sent the next one."""
    fake = Fake(1)
    _, pool = crew_of(2, fake)
    pool._on_message(cast(WorkerProcess, fake), ("idle", 6))
    assert not fake.idle
    pool._on_message(cast(WorkerProcess, fake), ("next", 7))
    pool._on_message(cast(WorkerProcess, fake), ("next", 7))
    pool._on_message(cast(WorkerProcess, fake), ("idle", 7))
    assert fake.idle


def test_a_worker_that_becomes_idle_is_given_what_another_one_left() -> None:
    """Between its last question and its end there is time for another worker to crash."""
    fakes = Fake(1), Fake(2)
    crew, pool = crew_of(2, *fakes)
    one, two = cast(tuple[WorkerProcess, WorkerProcess], fakes)
    pool._on_message(one, ("next", 7))
    pool._on_message(two, ("next", 7))
    pool._on_message(one, ("next", 7))
    assert [message[2] is None for message in fakes[0].sent] == [False, True]
    with pool._lock:
        crew.left(two, gently=False, how="died", job=7)
    pool._on_message(one, ("idle", 7))
    assert fakes[0].sent[-1] == ("run", 7) and not one.idle
    pool._on_message(one, ("next", 7))
    assert fakes[0].sent[-1] == ("turn", 7, [(0, 1)])


class Frames(Silent):
    def __init__(self) -> None:
        self.reported = list[int]()

    def advance(self, frames: int) -> None:
        self.reported.append(frames)


def test_frames_lost_with_a_worker_count_once_wherever_they_are_encoded_again() -> None:
    fake, progress = Fake(1), Frames()
    crew, pool = crew_of(2, fake)
    worker = cast(WorkerProcess, fake)
    render = _Render((), cast(Store, None), 1, progress, cast(Device, None), None, pool)
    pool._on_message(worker, ("next", 7))
    pool._on_message(worker, ("frames", 7, 11, 11))
    render.tick(crew.newly_encoded())
    with pool._lock:
        crew.left(worker, gently=False, how="died", job=7)
    render.tick(crew.newly_encoded())
    for _ in range(15):  # here, not in another worker
        render.encoded()
        render.tick(crew.newly_encoded())
    assert progress.reported == [11, 1, 1, 1, 1]


def test_memory_is_limited_to_the_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9000000 kB\nMemAvailable:    8000000 kB\n")
    monkeypatch.setattr(budget, "_PROC", tmp_path)
    for left, free in ((None, 8_000_000 * 1024), (10**12, 8_000_000 * 1024), (300, 300)):
        monkeypatch.setattr(budget, "memory_left", lambda left=left: left)
        assert budget.free_memory() == free


def test_nothing_is_assumed_of_a_machine_that_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "_PROC", tmp_path)
    monkeypatch.setattr(budget, "memory_left", lambda: None)
    assert budget.free_memory() is None
    assert budget.affordable([], None) > 1000
    assert budget.affordable([], 1) == 1


def test_failures_and_slow_processes_cost_little() -> None:
    """In the simulation of the benchmark, on a smaller film."""
    calm, lost = simulate(Farm(8), segments=600)
    assert lost == 0 and 1 <= calm < 1.05
    hard, lost = simulate(Farm(8, lifetime=300, slow=0.2), segments=600)
    assert 0 < lost < 0.02 and calm < hard < 1.6


def test_films_that_go_to_whoever_is_free_do_not_wait_for_slow_machines() -> None:
    calm, lost = simulate_films(Farm(8), 40, films=2000)
    assert lost == 0 and 1 <= calm < 1.2
    fixed, _ = simulate_films(Farm(16, slow=0.2), 16, films=4000)
    shared, _ = simulate_films(Farm(16, slow=0.2), 200, films=4000)
    assert shared < fixed / 2
    _, lost = simulate_films(Farm(8, lifetime=100), 40, films=2000)
    assert 0 < lost < 0.02
