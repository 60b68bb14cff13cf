"""A path as keyframes with easings, as few as keep the path's worth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.reframe.evidence import PLACES, PRESENT
from vedc.edit.easing import easing

MOST: Final = 4
"""The most keyframes of a shot of up to ``SECONDS``; a longer one has as many for each such
stretch."""
SECONDS: Final = 10.0

_CANDIDATES: Final = 48
"""The number of possible times of keyframes."""

_AS_GOOD: Final = 0.98
"""Share of the path's worth that keyframes must keep."""

_ABSENT: Final = 0.02
"""Share of the time for which the subject may be lost."""

_FINE: Final = 0.5
"""Distance, in places, between the positions to try for a keyframe."""
_SWEEPS: Final = 4
"""Times that each keyframe's place is chosen again, given the others."""

_STILL: Final = 1.5
"""Places below which a move does not count."""

#: The easing of a stretch by whether it begins and ends at rest.
_EASINGS: Final = {
    (True, True): "ease-in-out",
    (True, False): "ease-in",
    (False, True): "ease-out",
    (False, False): "linear",
}


@dataclass(frozen=True, slots=True)
class Point:
    """A keyframe."""

    index: int
    """The number of its sample on the path."""
    place: float
    """0 to PLACES - 1."""
    easing: str = "linear"
    """To the next one."""


def most_for(seconds: float) -> int:
    """The most keyframes of a shot."""
    return MOST * max(1, math.ceil(seconds / SECONDS - 1e-9))


def drawn(points: list[Point], count: int) -> Floats:
    """The path (count,) that keyframes draw."""
    path = np.full(count, points[0].place)
    for one, two in pairwise(points):
        shares = _curve(one.easing, two.index - one.index)
        path[one.index : two.index + 1] = one.place + (two.place - one.place) * shares
    path[points[-1].index :] = points[-1].place
    return path


def keyframed(path: Floats, places: Floats, worth: Floats, most: int) -> list[Point]:
    """At most ``most`` keyframes that approximate a smooth path (n,); a single one if it stands
    still.

    ``places`` (n,) is the path before smoothing, ``worth`` is (n, PLACES). As few keyframes are
    taken as keep the worth of the better of the two paths; among equal numbers, those that deviate
    least from the smooth one. That path has used all its slack, so keyframes then move to the
    places of greatest worth.
    """
    n = len(path)
    still = float(np.median(path))
    best = _placed([Point(0, still)], worth)
    if n < 3 or float(np.abs(path - still).max()) < _STILL:
        return best
    held = np.maximum(_along(worth, path), _along(worth, places))
    if _as_good(_along(worth, drawn(best, n)), held):
        return best
    at = np.unique(np.linspace(0, n - 1, min(n, _CANDIDATES)).round().astype(int))
    costs = _costs(path, at)
    for points in _by_count(path, at, costs, most):
        best = _placed(points, worth)
        if _as_good(_along(worth, drawn(best, n)), held):
            break
    return best


def _placed(points: list[Point], worth: Floats) -> list[Point]:
    """Keyframes at the same times, at the places of greatest worth; stretches at rest stay at
    rest."""
    n = len(worth)
    group = np.cumsum([0, *(one.place != two.place for one, two in pairwise(points))])
    values = np.array([points[int(np.argmax(group == k))].place for k in range(group[-1] + 1)])
    shares = np.stack(  # the weight of each place at each time: a path is their product
        [
            drawn(
                [
                    Point(p.index, float(g == k), p.easing)
                    for p, g in zip(points, group, strict=True)
                ],
                n,
            )
            for k in range(len(values))
        ],
        axis=1,
    )
    tried = np.arange(0, PLACES - 1 + _FINE / 2, _FINE)
    for _ in range(_SWEEPS):
        before = values.copy()
        for k in range(len(values)):
            mine = np.flatnonzero(shares[:, k])
            others = shares[mine] @ values - shares[mine, k] * values[k]
            options = np.append(tried, values[k])
            paths = others[:, None] + shares[mine, k][:, None] * options
            totals = _along(worth[mine], np.clip(paths, 0, PLACES - 1)).sum(axis=0)
            best = int(totals.argmax())
            if totals[best] > totals[-1] + 1e-9:
                values[k] = options[best]
        if np.abs(values - before).max() < _FINE / 2:
            break
    return [Point(p.index, float(values[g]), p.easing) for p, g in zip(points, group, strict=True)]


def _along(worth: Floats, path: Floats) -> Floats:
    """The worth of a path (n,) at each time, or of each of several (n, k)."""
    rows = np.arange(len(path)).reshape(-1, *[1] * (path.ndim - 1))
    low = np.clip(np.floor(path).astype(int), 0, PLACES - 2)
    share = path - low
    values: Floats = worth[rows, low] * (1 - share) + worth[rows, low + 1] * share
    return values


def _as_good(values: Floats, held: Floats) -> bool:
    """Whether a path keeps nearly all the worth of another, nearly all of the time."""
    lost = float((values < PRESENT * held).mean())
    return float(values.sum()) >= _AS_GOOD * float(held.sum()) and lost <= _ABSENT


def _costs(path: Floats, at: Floats) -> dict[tuple[bool, bool], Floats]:
    """Squared deviations from a path of eased stretches between candidates."""
    count = len(at)
    costs = {}
    for ends, name in _EASINGS.items():
        cost = np.full((count, count), np.inf)
        for i in range(count):
            for j in range(i + 1, count):
                first, last = int(at[i]), int(at[j])
                shares = _curve(name, last - first)
                line = path[first] + (path[last] - path[first]) * shares
                cost[i, j] = float(((path[first : last + 1] - line) ** 2).sum())
        costs[ends] = cost
    return costs


@lru_cache(maxsize=4096)
def _curve(name: str, length: int) -> Floats:
    """The share of the move after each of ``length`` samples, from 0 to 1."""
    along = easing(name)
    return np.array([along(k / length) for k in range(length + 1)])


def _by_count(
    path: Floats, at: Floats, costs: dict[tuple[bool, bool], Floats], most: int
) -> list[list[Point]]:
    """The best keyframes for each number of them, from two."""
    count = len(at)
    # By whether it is at rest there: the least cost of reaching each candidate, and the way there.
    total = {True: np.full(count, np.inf), False: np.full(count, np.inf)}
    total[True][0] = total[False][0] = 0.0
    steps: list[dict[bool, list[tuple[int, bool]]]] = []
    found = []
    for _ in range(most - 1):
        fresh, came = {}, {}
        for end in (True, False):
            options = np.stack(
                [total[start][:, None] + costs[start, end] for start in (True, False)]
            )
            flat = options.reshape(-1, count)
            chosen = flat.argmin(axis=0)
            fresh[end] = flat.min(axis=0)
            came[end] = [(int(c) % count, int(c) < count) for c in chosen]
        total = fresh
        steps.append(came)
        end = bool(total[True][-1] <= total[False][-1])
        if math.isinf(total[end][-1]):
            break
        found.append(_traced(path, at, steps, end))
    return found


def _traced(
    path: Floats, at: Floats, steps: list[dict[bool, list[tuple[int, bool]]]], rest: bool
) -> list[Point]:
    place = len(at) - 1
    ends = [(place, rest)]
    for came in reversed(steps):
        place, rest = came[rest][place]
        ends.append((place, rest))
    ends.reverse()
    points = []
    for number, (place, rest) in enumerate(ends):
        following = ends[number + 1] if number + 1 < len(ends) else None
        name = "linear" if following is None else _EASINGS[rest, following[1]]
        points.append(Point(int(at[place]), float(path[int(at[place])]), name))
    return _settled(points)


def _settled(points: list[Point]) -> list[Point]:
    """The keyframes, with negligible moves removed."""
    made = [points[0]]
    for point in points[1:]:
        last = made[-1]
        if abs(point.place - last.place) < _STILL:
            made[-1] = Point(last.index, last.place, "linear")
            point = Point(point.index, last.place, point.easing)
        made.append(point)
    # The value holds anyway before the first and after the last.
    while len(made) > 1 and made[-1].place == made[-2].place:
        made.pop()
    while len(made) > 1 and made[0].place == made[1].place:
        made.pop(0)
    return made
