"""Worker processes: one on one core beside two on two, and the cost of sharing a film.

No two frames of the film are alike: stretches of a clip that begin at different times, each with
its own grade. The ratio of wall-clock times is meaningful only on idle cores; the ratio of CPU
times of all processes is meaningful on any machine: if two workers take no more CPU time than one,
they finish in half the time on two cores.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import MEDIA, Run, in_turn, measured, row, vedc

CLIP = MEDIA / "video" / "talk.mp4"
STRETCH, STRETCHES = 6, 16
TIMES = 5
#: Segments of the film used to measure the cost of handing one out.
TINY = 600


def write_spec(
    path: Path, stretches: int = STRETCHES, size: str = "width: 1280, height: 720"
) -> None:
    lines = [
        "version: 1",
        f"profile: {{{size}, fps: 30}}",
        "outputs: [{path: out.mp4, preset: veryfast, audio_codec: none}]",
        "timeline:",
    ]
    lines += [
        f"  - {{clip: {CLIP.name}, in: {n * 7 % 30 + n / 10:.1f}s, duration: {STRETCH}s, "
        f"grade: [{{op: exposure, stops: {0.1 + 0.01 * n:.2f}}}, {{op: saturation, amount: 1.1}}]}}"
        for n in range(stretches)
    ]
    path.write_text("\n".join(lines) + "\n")


def write_tiny(path: Path) -> None:
    """Many segments of half a second that cost next to nothing to draw."""
    lines = [
        "version: 1",
        "profile: {width: 64, height: 48, fps: 25}",
        "outputs: [{path: out.mkv, codec: ffv1, audio_codec: none}]",
        "timeline:",
        *(f"  - {{color: '#{n:06x}', duration: 13f}}" for n in range(TINY)),
    ]
    path.write_text("\n".join(lines) + "\n")


def on_cores(cores: Sequence[int], command: list[str]) -> list[str]:
    """The command, kept to some cores."""
    code = (
        "import os, sys\n"
        f"os.sched_setaffinity(0, {list(cores)!r})\n"
        "os.execv(sys.argv[1], sys.argv[1:])\n"
    )
    return [sys.executable, "-c", code, *command]


def main(folder: Path) -> None:
    print(f"Worker processes: {STRETCH * STRETCHES} s of 720p, x264 veryfast, medians of {TIMES}")
    if not CLIP.exists():
        print(f"  left out: {CLIP} is not there (set VEDC_MEDIA)")
        return
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        print("  left out: it takes two cores, and a system that keeps a process to one of them")
        return
    (folder / CLIP.name).symlink_to(CLIP)
    spec = folder / "workers.vedc.yaml"
    write_spec(spec)
    measured(vedc("plan", "--allow-path", MEDIA, spec))  # fills the caches of probes and code
    first, second = sorted(os.sched_getaffinity(0))[:2]
    ways = {
        "one on one core": ([first], "1"),
        "one on both": ([first, second], "1"),
        "two": ([first, second], "2"),
        "default": ([first, second], "0"),
    }
    films: set[bytes] = set()
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    for _ in range(TIMES):
        for name, (cores, workers) in ways.items():
            options = ("--workers", workers, "--allow-path", MEDIA)
            command = on_cores(cores, vedc("render", "-q", "-y", *options, spec))
            runs[name].append(_from_nothing(folder, command))
            films.add((folder / "out.mp4").read_bytes())
    assert len(films) == 1, "the films differ"

    def clock(name: str) -> float:
        return statistics.median(run.wall for run in runs[name])

    def cpu(name: str) -> float:
        return statistics.median(run.cpu for run in runs[name])

    row(
        "one on one core over two on two, by the clock",
        f"{clock('one on one core') / clock('two'):.2f}x",
        "at least 1.85, on quiet cores",
    )
    row("one on both cores over two, by the clock", f"{clock('one on both') / clock('two'):.2f}x")
    row("one on both cores over the default", f"{clock('one on both') / clock('default'):.2f}x")
    row("CPU time of two over that of one", f"{cpu('two') / cpu('one on one core'):.3f}x")
    row("  so that two cores give at most", f"{2 * cpu('one on one core') / cpu('two'):.2f}x")
    tiny = folder / "tiny.vedc.yaml"
    write_tiny(tiny)

    def alone() -> Run:
        return _from_nothing(folder, vedc("render", "-q", "-y", "--workers", "1", tiny))

    def shared() -> Run:
        return _from_nothing(folder, vedc("render", "-q", "-y", "--workers", "2", tiny))

    alone()
    one, two = in_turn(alone, shared, TIMES)
    each = 1000 * (two - one) / TINY
    row(f"CPU time of a worker for each of {TINY} segments, its start included", f"{each:.1f} ms")


def _from_nothing(folder: Path, command: list[str]) -> Run:
    shutil.rmtree(folder / ".vedc" / "cache" / "entries", ignore_errors=True)
    return measured(command)
