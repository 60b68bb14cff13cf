"""The speed of a backend on this machine, for ``vedc plan``: measured once, then stored."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.nn import backends
from vedc.nn.run import cost, run
from vedc.support.atomic_write import write_whole

_SIDE: Final = 384
_RUNS: Final = 3


def speed(name: str, backend: str, threads: int, cache: Path, weights: str = "") -> float:
    """The speed of a network on a backend in 10**9 multiply-adds per second, with the shipped
    weights or with ``weights`` from a file.

    Measured in under a second, and stored in the folder ``cache``.
    """
    file = cache / "network-speed.json"
    key = f"{name} {backends.engine(backend)} {threads}"
    if weights:  # weights of one network may have different sizes
        key += f" {cost(name, _SIDE, _SIDE, weights):.6g}"
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if not isinstance(known, dict):
        known = {}
    found = known.get(key)
    if isinstance(found, float) and found > 0:
        return found
    known[key] = _measured(name, backend, threads, weights)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(known, indent=1).encode())
    return float(known[key])


def _measured(name: str, backend: str, threads: int, weights: str) -> float:
    from vedc.nn.architectures import ARCHITECTURES

    of = ARCHITECTURES[name]
    layers = [np.full((3, _SIDE, _SIDE), 0.5, np.float32)] * of.frames
    arguments: dict[str, Any] = {**dict.fromkeys(of.maps, 0.1), "weights": weights}
    run(name, layers, arguments, backend, threads)  # the first run also prepares
    best = float("inf")
    for _ in range(_RUNS):
        begin = time.perf_counter()
        run(name, layers, arguments, backend, threads)
        best = min(best, time.perf_counter() - begin)
    return cost(name, _SIDE, _SIDE, weights) / best
