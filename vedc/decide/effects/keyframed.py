"""Values of every frame as few keyframes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from vedc.decide.arrays import Floats


def simplified(points: Any, tolerance: float) -> list[int]:
    """Which of the points (n, dims) to keep so that linear interpolation between them is never
    farther than ``tolerance`` from a point at its time."""

    def off(first: int, last: int, share: Floats) -> Floats:
        way = points[first] + (points[last] - points[first]) * share[:, np.newaxis]
        return np.asarray(np.linalg.norm(points[first + 1 : last] - way, axis=1))

    return kept(len(points), off, tolerance)


def kept(count: int, off: Callable[[int, int, Floats], Floats], tolerance: float) -> list[int]:
    """Which of ``count`` frames to keep so that what lies between is off by ``tolerance`` at most
    (Douglas and Peucker 1973, in time).

    ``off`` takes two frames and, for each frame between them, its share of the way from the first
    to the last; it returns how far each is off if only these two are kept.
    """
    found, stack = {0, count - 1}, [(0, count - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        errors = off(first, last, (np.arange(first + 1, last) - first) / (last - first))
        worst = int(errors.argmax())
        if errors[worst] > tolerance:
            middle = first + 1 + worst
            found.add(middle)
            stack += [(first, middle), (middle, last)]
    return sorted(found)


def moving(times: Sequence[Fraction], values: Sequence[Any], frames: Sequence[int]) -> Any:
    """Keyframes at some frames, in seconds; the value itself if all are equal."""
    if all(values[n] == values[0] for n in frames):
        return _plain(values[0])
    return {"keyframes": [{"time": f"{times[n]}s", "value": _plain(values[n])} for n in frames]}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
