"""What networks cost: the denoiser by each runtime, against the op `denoise` on the same frame.

720p, one thread, a real frame where a clip is at hand, else noise. CPU seconds, so that other work
on the machine matters little. The gain in decibels is in the card, models/clean/clean.md, which
`vedc train clean` measures.
"""

from __future__ import annotations

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
from vedc.nn.run import cost, run

WIDTH, HEIGHT, RUNS = 1280, 720, 3


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
    other = cpu_seconds(lambda: nlm.cpu(window[1], strength=20 / 255))
    row("denoise, 720p", f"{other:.2f} CPU s a frame")
    gmac = cost("clean", HEIGHT, WIDTH)
    for backend, package in PACKAGES.items():
        if find_spec(package.module) is None:
            continue
        arguments = {"strength": 20 / 255}

        def once(backend: str = backend, arguments: Any = arguments) -> None:
            run("clean", window, arguments, backend, 1)

        taken = cpu_seconds(once)
        told = f"{taken:.2f} CPU s, {gmac / taken:.0f} GMAC/s, {other / taken:.1f} times as fast"
        row(f"clean by {backend}, {gmac:.1f} GMAC", told)
