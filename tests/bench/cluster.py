"""A Ray cluster on this machine: what two processes gain, and what handing out a segment costs.

The cluster starts before anything is measured; its start has a separate row. CPU time is that of
this process and all its children, Ray's included. As for worker processes, the ratio of
wall-clock times is meaningful only on idle cores.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from tests.bench.measure import MEDIA, row
from tests.bench.workers import CLIP, STRETCH, TINY, write_spec, write_tiny
from vedc.execute.cluster.pool import ClusterPool
from vedc.execute.cluster.ray_engine import RayEngine
from vedc.execute.shared.address import address_of
from vedc.execute.work import Turn
from vedc.execute.workers.crew import Crew
from vedc.execute.workers.pool import WorkerPool
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

STRETCHES, TIMES = 8, 3


class Spent(NamedTuple):
    wall: float
    cpu: float


def main(folder: Path) -> None:
    print(f"Ray on this machine: {STRETCH * STRETCHES} s of 720p, x264 veryfast, medians")
    if find_spec("ray") is None:
        print("  left out: Ray is not installed (pip install 'vedc[cluster]')")
        return
    if not Path("/proc/self/stat").exists() or len(os.sched_getaffinity(0)) < 2:
        print("  left out: it takes two cores, and a system that counts the CPU time of processes")
        return
    both = os.sched_getaffinity(0)
    first, second = sorted(both)[:2]
    os.sched_setaffinity(0, {first, second})
    tiny = folder / "tiny.vedc.yaml"
    write_tiny(tiny)
    try:
        with WorkerPool(2) as pipes, ClusterPool(RayEngine("local"), 2) as cluster:
            row(
                "until the first worker of a cluster that is started here",
                f"{_up(tiny, cluster):.1f} s",
            )
            _up(tiny, pipes)
            _segments(tiny, pipes, cluster)
            if CLIP.exists():
                _film(folder, cluster, first, {first, second})
            else:
                print(f"  the film is left out: {CLIP} is not there (set VEDC_MEDIA)")
    finally:
        os.sched_setaffinity(0, both)


def _film(folder: Path, cluster: WorkerPool, first: int, both: set[int]) -> None:
    (folder / CLIP.name).symlink_to(CLIP)
    spec = folder / "film.vedc.yaml"
    write_spec(spec, STRETCHES)
    films: set[bytes] = set()
    _spent(spec, None)  # fills the caches of probes and code
    one, two = list[Spent](), list[Spent]()
    for _ in range(TIMES):
        os.sched_setaffinity(0, {first})
        one.append(_spent(spec, None, threads=1))
        films.add((folder / "out.mp4").read_bytes())
        os.sched_setaffinity(0, both)
        two.append(_spent(spec, cluster))
        films.add((folder / "out.mp4").read_bytes())
    assert len(films) == 1, "the films differ"
    wall = statistics.median(s.wall for s in one) / statistics.median(s.wall for s in two)
    cpu = statistics.median(s.cpu for s in two) / statistics.median(s.cpu for s in one)
    row("one on one core over two, by the clock", f"{wall:.2f}x", "at least 1.7, on quiet cores")
    row("CPU time of two over that of one, Ray's included", f"{cpu:.3f}x")
    row("  so that two cores give at most", f"{2 / cpu:.2f}x")


def _segments(tiny: Path, pipes: WorkerPool, cluster: WorkerPool) -> None:
    with _others_only():
        runs = [
            (
                _spent(tiny, pipes).wall,
                _spent(tiny, cluster).wall,
                _spent(tiny, cluster, store=True).wall,
            )
            for _ in range(TIMES)
        ]
    by_pipe, by_ray, stored = (
        1000 * statistics.median(times) / TINY for times in zip(*runs, strict=True)
    )
    row(f"each of {TINY} segments of next to nothing, one worker by its pipe", f"{by_pipe:.1f} ms")
    row("  one worker by Ray", f"{by_ray:.1f} ms")
    row("  what Ray adds to a segment", f"{by_ray - by_pipe:.1f} ms", "at most 30 ms")
    row("  what a store in a folder adds besides", f"{stored - by_ray:.1f} ms")


def _up(tiny: Path, pool: WorkerPool) -> float:
    """Seconds until a worker of a new pool has begun."""
    began = time.monotonic()
    with _others_only() as come:
        _spent(tiny, pool)
    return come[0] - began


@contextmanager
def _others_only() -> Iterator[list[float]]:
    """This process renders nothing itself, once a worker has come; gives when that was."""
    usual, come = Crew._own_turns, list[float]()

    def waiting(crew: Crew) -> Iterator[Turn]:
        while not crew._took:
            time.sleep(0.005)
        come.append(time.monotonic())
        while crew._at_work() and crew._error is None:
            time.sleep(0.005)
        yield from usual(crew)

    Crew._own_turns = waiting  # type: ignore[method-assign]
    try:
        yield come
    finally:
        Crew._own_turns = usual  # type: ignore[method-assign]


def _spent(spec: Path, pool: WorkerPool | None, threads: int = 0, store: bool = False) -> Spent:
    """Of the film, from nothing; ``store``: through an empty store."""
    shared = spec.parent / "store"
    for folder in (spec.parent / ".vedc" / "cache" / "entries", shared):
        shutil.rmtree(folder, ignore_errors=True)
    address = address_of(str(shared), network=False) if store else None
    build = Build(spec, allow=[MEDIA], shared_store=address)
    clock, cpu = time.monotonic(), _cpu()
    deliver(build, replace=True, workers=pool, threads=threads)
    return Spent(time.monotonic() - clock, _cpu() - cpu)


def _cpu() -> float:
    """CPU seconds of this process and of those that it started, as far as they live."""
    ticks, parents = dict[int, int](), dict[int, int]()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(path.parent.name)
        parents[number], ticks[number] = int(fields[1]), int(fields[11]) + int(fields[12])

    def ours(number: int) -> bool:
        while number and number != os.getpid():
            number = parents.get(number, 0)
        return bool(number)

    return sum(spent for number, spent in ticks.items() if ours(number)) / os.sysconf("SC_CLK_TCK")
