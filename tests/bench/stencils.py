"""The stencil kernels' time on the CPU: each relative to a copy of the layer.

One thread, 1080p, three float32 planes of a real frame where a clip is at hand, else of noise.
Where OpenCV has an equivalent function, it is measured beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from tests.bench.measure import MEDIA, row

WIDTH, HEIGHT = 1920, 1080
RUNS = 5

KERNELS: list[tuple[str, dict[str, Any]]] = [
    ("gaussian", {"sigma": 2.0}),
    ("gaussian", {"sigma": 10.0}),
    ("gaussian", {"sigma": 50.0}),
    ("gaussian", {"sigma": 200.0}),
    ("box", {"radius": 10.0}),
    ("box", {"radius": 10.0, "iterations": 3}),
    ("box", {"radius": 9.5}),
    ("directional", {"length": 30.0, "angle": 0.0}),
    ("directional", {"length": 30.0, "angle": 30.0}),
    ("lens", {"radius": 12.0}),
    ("lens", {"radius": 40.0, "blades": 6}),
    ("zoom", {"amount": 0.2}),
    ("spin", {"angle": 10.0}),
    ("median", {"radius": 1}),
    ("median", {"radius": 2}),
    ("median", {"radius": 5}),
    ("morphology", {"radius": 4.0}),
    ("morphology", {"radius": -16.5}),
    ("bilateral", {"spatial": 3.0, "tonal": 0.1}),
    ("denoise.nlm", {"strength": 0.05, "patch": 2, "search": 5}),
    ("denoise.wavelet", {"strength": 0.05}),
]


def picture() -> np.ndarray[Any, np.dtype[np.float32]]:
    """Three planes, 0..1."""
    clip = MEDIA / "video" / "monster.mp4"
    if not clip.exists():
        return np.random.default_rng(0).random((3, HEIGHT, WIDTH), np.float32)
    with av.open(str(clip)) as container:
        frame = next(container.decode(video=0)).to_ndarray(
            width=WIDTH, height=HEIGHT, format="rgb24"
        )
    return np.ascontiguousarray(frame.transpose(2, 0, 1), np.float32) / 255


def milliseconds(call: Callable[[], object]) -> float:
    """Processor time, the least of some runs after a first one that does not count."""
    call()
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
        if sum(times) > 3.0:
            break
    return min(times) * 1e3


def main(folder: Path) -> None:
    print(f"stencil kernels, {WIDTH}x{HEIGHT}, three float planes, one thread: times a copy")
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        layer = picture()
        copy = milliseconds(layer.copy)
        row("copy of the layer", f"{copy:.1f} ms")
        opencv = milliseconds(
            lambda: [
                cv2.GaussianBlur(p, (0, 0), 10.0, borderType=cv2.BORDER_REPLICATE) for p in layer
            ]
        )
        row("OpenCV's GaussianBlur, sigma 10", f"{opencv / copy:.1f}x", f"{opencv:.0f} ms")
        for kernel, arguments in KERNELS:
            module = import_module(f"vedc.kernels.{kernel}")
            spent = milliseconds(lambda: module.cpu(layer, **arguments))  # noqa: B023
            name = " ".join([kernel, *(f"{k} {v}" for k, v in arguments.items())])
            row(name, f"{spent / copy:.1f}x", f"{spent:.0f} ms")
    finally:
        cv2.setNumThreads(before)
