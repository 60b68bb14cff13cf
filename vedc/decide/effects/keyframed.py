"""Values of every frame as few keyframes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Floats

#: Attempts at a longer stretch that may fail before the search ends.
_MISSES: Final = 8


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


def fewest(
    points: Any, off: Callable[[Any, slice], Floats], tolerance: float
) -> tuple[list[int], Any]:
    """Frames and values of few keyframes, between which points (n, dims) are off by ``tolerance``
    at most; unlike those of :func:`kept`, the values need not be points.

    Each stretch is as long as a least-squares line from the end of the one before allows, as far as
    a galloping search finds. ``off`` takes values (k, dims) of the frames in a slice and returns
    how far each is off.
    """
    last = len(points) - 1
    frames, values = [0], [points[0]]

    def line(end: int) -> Any | None:
        first, start = frames[-1], values[-1]
        share = ((np.arange(first + 1, end + 1) - first) / (end - first))[:, np.newaxis]
        way = (share * (points[first + 1 : end + 1] - start)).sum(axis=0) / np.square(share).sum()
        errors = off(start + way * share, slice(first + 1, end + 1))
        return start + way if errors.max() <= tolerance else None

    while frames[-1] < last:
        first = frames[-1]
        best, value = first + 1, points[first + 1]
        reach, missed, beyond = 2, 0, last + 1
        while missed < _MISSES and first + reach <= last:
            end = first + reach
            found = line(end)
            if found is None:
                beyond = min(beyond, end) if missed else end
                missed += 1
            else:
                best, value, missed, beyond = end, found, 0, last + 1
            reach += max(1, reach // 8)
        while beyond - best > 1:
            end = (best + beyond) // 2
            found = line(end)
            if found is None:
                beyond = end
            else:
                best, value = end, found
        frames.append(best)
        values.append(value)
    return frames, np.array(values)


def moving(
    times: Sequence[Fraction], values: Sequence[Any], frames: Sequence[int] | None = None
) -> Any:
    """Keyframes at some frames, by default all, in seconds; the value itself if all are equal."""
    frames = range(len(values)) if frames is None else frames
    if all(values[n] == values[0] for n in frames):
        return _plain(values[0])
    return {"keyframes": [{"time": f"{times[n]}s", "value": _plain(values[n])} for n in frames]}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
