"""Classes of shapes and the fastest launch for each, measured once and stored beside the source.

A class states what code may assume about width and addresses. Its number is the number of lanes
that one memory access may serve: 16, 8, 4, 2 or 1. Class 0 guarantees nothing: odd widths, rows at
odd addresses.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import triton

from vedc.support.atomic_write import write_whole
from vedc.support.read_json import read_json
from vedc.support.regular_files import read_regular

#: Timed runs of one candidate, after an untimed first run.
_RUNS = 6


@dataclass(frozen=True, slots=True)
class PlaneShape:
    """A plane as a kernel accesses it: ``share`` bytes per lane."""

    address: int
    stride: int
    share: int


def shape_class(blocks: int, width: int, columns: int, planes: Iterable[PlaneShape]) -> int:
    """The class of a canvas ``blocks`` blocks of ``columns`` pixels wide, with its planes."""
    if width % columns:
        return 0
    lanes = 16
    while blocks % lanes:
        lanes //= 2
    for plane in planes:
        while lanes and (plane.address | plane.stride) % min(16, lanes * plane.share):
            lanes //= 2
    return lanes


@dataclass(frozen=True, slots=True)
class LaunchChoice:
    """How a kernel is launched."""

    block: int
    """Lanes per program of the grid."""
    lines: int
    """Rows of blocks per program."""
    warps: int


def candidates(work: int) -> tuple[LaunchChoice, ...]:
    """The launches to measure. ``work`` is the number of operations per block: if high, wide
    launches only cost registers."""
    narrow = [
        LaunchChoice(128, 1, 4),
        LaunchChoice(256, 1, 4),
        LaunchChoice(512, 1, 4),
        LaunchChoice(256, 1, 2),
    ]
    wide = [
        LaunchChoice(1024, 1, 4),
        LaunchChoice(512, 1, 2),
        LaunchChoice(512, 4, 4),
        LaunchChoice(1024, 4, 4),
    ]
    return tuple(narrow if work > 1200 else narrow + wide)


class Tuner:
    """The choices of one kernel, on disk by device and class of shapes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, LaunchChoice] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):
            self._known = {k: LaunchChoice(**v) for k, v in read_json(read_regular(path)).items()}

    def choice(
        self, shape: str, options: Sequence[LaunchChoice], run: Callable[[LaunchChoice], None]
    ) -> LaunchChoice:
        """The fastest option for a class, measured on the call's frames if unknown. Running a
        kernel again writes the same bytes."""
        key = f"{torch.cuda.get_device_name()} {triton.__version__} {shape}"
        found = self._known.get(key)
        if found is None or found not in options:
            found = min(options, key=lambda option: _milliseconds(option, run))
            self._known[key] = found
            self._store()
        return found

    def _store(self) -> None:
        """Store the choices; if the folder is not writable, the next process measures again."""
        text = json.dumps({k: asdict(v) for k, v in sorted(self._known.items())}, indent=1)
        with suppress(OSError):
            write_whole(self.path, (text + "\n").encode())


def _milliseconds(option: LaunchChoice, run: Callable[[LaunchChoice], None]) -> float:
    """The median time of a launch on the current stream; infinite if it cannot run."""
    try:
        run(option)
    except triton.runtime.errors.OutOfResources:
        return float("inf")
    times: list[float] = []
    for _ in range(_RUNS):
        start, end = _event(), _event()
        start.record()
        run(option)
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    return statistics.median(times)


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
