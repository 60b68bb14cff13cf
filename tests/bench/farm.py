"""A ten-hour film and 100,000 films on many cores, simulated: failures and slow processes.

vedc itself hands out the segments (``vedc.execute.workers.shares``); the clock, failures and work
are simulated: segments of four seconds whose cost varies, processes that die at random and are
started again, and some that are slower than the others. Nothing is rendered.
"""

from __future__ import annotations

import random
import statistics
from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import Path
from typing import Final

from tests.bench.measure import row
from vedc.execute.work import Turn
from vedc.execute.workers.shares import Shares
from vedc.plan.plan import Segment

SEGMENTS: Final = 9000
FRAMES: Final = 100
#: Average CPU seconds for a segment of 720p with two grades, x264 veryfast.
COST: Final = 0.8
#: The spread of costs: of the logarithm.
SPREAD: Final = 0.5
#: Seconds until a process that died takes part again.
RESTART: Final = 60.0


@dataclass(frozen=True, slots=True)
class Farm:
    processes: int
    lifetime: float = float("inf")
    """Seconds until a process dies, on average."""
    slow: float = 0.0
    """The part of the processes that is slow, ..."""
    slowness: float = 4.0
    """... and how much longer they take."""


def simulate(farm: Farm, seed: int = 1, segments: int = SEGMENTS) -> tuple[float, float]:
    """The time relative to a run without losses, and the share of the work that was lost."""
    draw = random.Random(seed)
    turns: list[Turn] = [
        ((0, Segment(n, n * FRAMES, FRAMES, f"{n:04}", None)),) for n in range(segments)
    ]
    cost = [COST * draw.lognormvariate(-(SPREAD**2) / 2, SPREAD) for _ in turns]
    pace = [1 / farm.slowness if draw.random() < farm.slow else 1.0 for _ in range(farm.processes)]
    shares, waiting = Shares(turns), list[int]()
    events: list[tuple[float, int, int]] = [(0.0, p, -1) for p in range(farm.processes)]
    end = lost = 0.0
    done = 0
    while done < segments:
        now, process, finished = heappop(events)
        if finished >= 0:
            done, end = done + 1, now
        number = shares.take(process, alone=True)
        if number is None:
            waiting.append(process)
            continue
        takes = cost[number] / pace[process]
        dies = draw.expovariate(1 / farm.lifetime) if farm.lifetime < float("inf") else takes
        if dies >= takes:
            heappush(events, (now + takes, process, number))
            continue
        lost += dies * pace[process]
        shares.give_back(process, {number: turns[number]}, risky=False)
        heappush(events, (now + dies + RESTART, process, -1))
        for idle in waiting:
            heappush(events, (now + dies, idle, -1))
        waiting.clear()
    return end / (sum(cost) / sum(pace)), lost / sum(cost)


FARMS: Final = {
    "16 processes": Farm(16),
    "128 processes": Farm(128),
    "128, each dies every five minutes": Farm(128, lifetime=300),
    "128, a tenth of them four times slower": Farm(128, slow=0.1),
    "128, both": Farm(128, lifetime=300, slow=0.1),
    "1024 processes": Farm(1024),
    "1024, both": Farm(1024, lifetime=300, slow=0.1),
}


#: Films of a table, and CPU seconds for each, as ``tests.bench.batch`` has them.
FILMS: Final = 100_000
FILM: Final = 0.67
#: Processes that a batch keeps busy, and CPU seconds until it begins its first film: its start, and
#: checking each of its rows.
TOGETHER: Final = 2
START: Final = 1.0
CHECK: Final = 0.005


def simulate_films(
    farm: Farm, ranges: int, seed: int = 1, films: int = FILMS
) -> tuple[float, float]:
    """As :func:`simulate`, of batches with ``ranges`` of rows: whoever is done begins the next one.

    ``farm.processes`` are batches at a time, each of ``TOGETHER`` processes. One that dies is
    started again, checks its rows again and continues with the film that it was at.
    """
    draw = random.Random(seed)
    cost = [FILM * draw.lognormvariate(-(SPREAD**2) / 2, SPREAD) / TOGETHER for _ in range(films)]
    each = -(-films // ranges)
    left = deque(range(0, films, each))
    pace = [1 / farm.slowness if draw.random() < farm.slow else 1.0 for _ in range(farm.processes)]
    free = [(0.0, number) for number in range(farm.processes)]
    end = lost = 0.0
    while left:
        now, number = heappop(free)
        first = left.popleft()
        rows = cost[first : first + each]
        begins = (START + CHECK * len(rows)) / pace[number]

        def lives() -> float:
            return draw.expovariate(1 / farm.lifetime) if farm.lifetime < float("inf") else 1e18

        dies = now + lives()
        now += begins
        for film in rows:
            takes = film / pace[number]
            while now + takes > dies:
                lost += max(0.0, dies - now) * pace[number]
                now = max(now, dies) + RESTART + begins
                dies = now + lives()
            now += takes
        end = max(end, now)
        heappush(free, (now, number))
    return end / (sum(cost) / sum(pace)), lost / sum(cost)


#: Batches at a time, of two processes each, and into how many ranges the rows are divided.
BATCHES: Final = {
    "8 batches, a range each": (Farm(8), 8),
    "8 batches, 200 ranges": (Farm(8), 200),
    "8, a range each, each dies every hour": (Farm(8, lifetime=3600), 8),
    "8, 200 ranges, each dies every hour": (Farm(8, lifetime=3600), 200),
    "64 batches, a range each, a tenth of them slow": (Farm(64, slow=0.1), 64),
    "64 batches, 1,000 ranges, a tenth of them slow": (Farm(64, slow=0.1), 1000),
    "64, 1,000 ranges, both": (Farm(64, lifetime=3600, slow=0.1), 1000),
}


def main(folder: Path) -> None:
    hours = SEGMENTS * COST / 3600
    print(f"Ten hours in {SEGMENTS} segments, {hours:.1f} hours of CPU time: simulated, 9 draws")
    for name, farm in FARMS.items():
        results = [simulate(farm, seed) for seed in range(9)]
        over = statistics.median(time for time, _ in results)
        lost = statistics.median(part for _, part in results)
        row(f"{name}: time over the ideal", f"{over:.3f}x", f"{lost:.2%} of the work lost")
    hours = FILMS * FILM / 3600
    print(f"{FILMS} films, {hours:.1f} hours of CPU time: simulated, 5 draws")
    for name, (farm, ranges) in BATCHES.items():
        results = [simulate_films(farm, ranges, seed) for seed in range(5)]
        over = statistics.median(time for time, _ in results)
        lost = statistics.median(part for _, part in results)
        row(f"{name}: time over the ideal", f"{over:.3f}x", f"{lost:.2%} of the work lost")
