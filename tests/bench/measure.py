"""Measuring whole processes: CPU seconds and peak memory as the operating system counts them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Real clips, where they are at hand; the benchmarks that need them say so and are left out.
MEDIA = Path(os.environ.get("VEDC_MEDIA", ROOT.parent / "shared" / "media"))


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process."""

    cpu: float
    """Seconds, user and system, children included."""
    wall: float
    peak: int
    """Bytes of resident memory."""
    output: str


def run(command: Sequence[str | os.PathLike[str]]) -> Run:
    """Run a command to its end; raises if it fails."""
    began = time.monotonic()
    # Compiled modules are cached for every user who has not forbidden it; so they are here.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [os.fspath(c) for c in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    out, err = process.communicate()
    wall = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{out}{err}")
    return Run(0.0, wall, 0, out)


def measured(command: Sequence[str | os.PathLike[str]]) -> Run:
    """Like :func:`run`, with CPU time and peak memory, through a small separate parent."""
    code = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "sys.stdout.buffer.write(done.stdout)\n"
        "print(f'\\n{used.ru_utime + used.ru_stime} {used.ru_maxrss}')\n"
        "sys.exit(done.returncode)\n"
    )
    done = run([sys.executable, "-c", code, *command])
    body, _, last = done.output.rstrip("\n").rpartition("\n")
    cpu, peak = last.split()
    return Run(float(cpu), done.wall, int(peak) * 1024, body)


def vedc(*arguments: str | os.PathLike[str]) -> list[str]:
    """The command line of this checkout."""
    return [sys.executable, "-m", "vedc", *map(os.fspath, arguments)]


def in_turn(first: Callable[[], Run], second: Callable[[], Run], times: int) -> tuple[float, float]:
    """Median CPU seconds of two commands run in turn, so that a drifting machine hits both."""
    pairs = [(first().cpu, second().cpu) for _ in range(times)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def row(name: str, value: str, asked: str = "") -> None:
    print(f"  {name:<52} {value:>10}   {asked}", flush=True)
