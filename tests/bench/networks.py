"""What networks cost: the denoiser by each runtime, against the op `denoise` on the same frame, and
the same network as a user's model, in a separate process.

720p, one thread, a real frame where a clip is at hand, else noise. CPU seconds, so that other work
on the machine matters little. The gain in decibels is in the card, models/clean/clean.md, which
`vedc train clean` measures. CPU seconds of a user's model include both processes; its memory is the
peak of its own process.
"""

from __future__ import annotations

import os
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from tests.bench.measure import MEDIA, row
from vedc.kernels.denoise import nlm
from vedc.nn.choice import PACKAGES
from vedc.nn.foreign import run as foreign
from vedc.nn.run import cost, run
from vedc.workspace.models.files import exported

WIDTH, HEIGHT, RUNS = 1280, 720, 3
STRENGTH = 20 / 255


def frames() -> list[Any]:
    """Three frames (3, rows, columns), 0..1, with noise of 20 of 255."""
    clip, random = MEDIA / "video" / "monster.mp4", np.random.default_rng(0)
    clean = [np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)] * 3
    if clip.exists():
        with av.open(str(clip)) as container:
            decoded = container.decode(video=0)
            clean = [
                next(decoded).to_ndarray(width=WIDTH, height=HEIGHT, format="rgb24")
                / np.float32(255)
                for _ in range(3)
            ]
    noisy = [f + random.normal(0, 20 / 255, f.shape).astype(np.float32) for f in clean]
    return [np.ascontiguousarray(f.transpose(2, 0, 1).clip(0, 1)) for f in noisy]


def cpu_seconds(call: Any) -> float:
    """The least of a few runs, after one that prepares."""
    call()
    best = float("inf")
    for _ in range(RUNS):
        begin = time.process_time()
        call()
        best = min(best, time.process_time() - begin)
    return best


def main(folder: Path) -> None:
    cv2.setNumThreads(1)
    window = frames()
    other = cpu_seconds(lambda: nlm.cpu(window[1], strength=STRENGTH))
    row("denoise, 720p", f"{other:.2f} CPU s a frame")
    gmac = cost("clean", HEIGHT, WIDTH)
    for backend, package in PACKAGES.items():
        if find_spec(package.module) is None:
            continue
        arguments = {"strength": STRENGTH}

        def once(backend: str = backend, arguments: Any = arguments) -> None:
            run("clean", window, arguments, backend, 1)

        taken = cpu_seconds(once)
        reported = (
            f"{taken:.2f} CPU s, {gmac / taken:.0f} GMAC/s, {other / taken:.1f} times as fast"
        )
        row(f"clean by {backend}, {gmac:.1f} GMAC", reported)
    if Path("/proc/self/stat").exists():
        _as_foreign(folder, window)


def _as_foreign(folder: Path, window: list[Any]) -> None:
    """The denoiser, exported, as `model_3` draws it: beside the same graph in vedc's process."""
    file = folder / "net.onnx"
    exported("clean", file, {"strength": STRENGTH}, replace=True)
    given = {"weights": str(file), "memory": 4, "seconds": 120}
    backend = foreign.runtime()
    inside = cpu_seconds(lambda: run("clean", window, {"strength": STRENGTH}, backend, 1))
    began = time.perf_counter()
    foreign.run(window, given)  # starts it
    first = time.perf_counter() - began
    process = foreign.started(window, given)
    own = [_cpu_of(process.pid)]
    outside = cpu_seconds(lambda: foreign.run(window, given))
    own.append(_cpu_of(process.pid))
    began = time.perf_counter()
    foreign.run(window, given)
    next_ = time.perf_counter() - began
    # cpu_seconds runs it once more often than it measures.
    whole = outside + (own[1] - own[0]) / (RUNS + 1)
    row(
        f"clean as a user's model by {backend}",
        f"{whole:.2f} CPU s",
        f"{whole / inside:.2f} of in process",
    )
    row("its first frame, in frames of wall time", f"{first / next_:.1f}")
    row("memory of its process", f"{process.most_memory() / 2**20:.0f} MiB")


def _cpu_of(process: int) -> float:
    """CPU seconds that a running process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
