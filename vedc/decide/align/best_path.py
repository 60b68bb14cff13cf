"""The cheapest path of the film through its sources: the mapping that explains each frame.

Each frame has a robust cost under each mapping and under none; switching also has a cost. Dynamic
programming finds the cheapest path; mappings are then fitted to the frames they explain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.matcher import Matcher
from vedc.decide.arrays import Float, Ints

_WEIGHT: Final = 15.0
"""Half the number of independent parts of a picture."""

_SWITCH: Final = 25.0
"""Cost of switching to another mapping."""

_OTHER_SPEED: Final = (20.0, 0.4)
"""Cost of a speed other than 1, per segment and per frame: where little moves, frames are not
independent evidence, since compression repeats them."""

_SLOWEST: Final = 0.45
_FASTEST: Final = 2.2

_UNUSUAL: Final = 20.0
"""Cost per segment of a crop other than the film's usual one."""

_NOTHING: Final = 0.3
"""Share of a picture's variance as residual above which it is unexplained."""

#: Speeds that people choose; other speeds must explain clearly more.
_PLAIN: Final = (
    0.5, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.9, 1.0, 1.1, 1.2, 1.25, 4 / 3, 1.5, 1.6, 1.75, 1.8, 2.0,
    -1.0, -0.5, -2.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mapping and the half-open range of film frames for which it is considered."""

    map: FrameMap
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A half-open range of film frames and the mapping that explains it, if any does."""

    start: int
    end: int
    map: FrameMap | None


class PathScorer(Protocol):
    """Measures the residual of raw frames as an explanation of film frames."""

    noise: float

    def residual(self, film: Ints, raw: Ints) -> Float: ...


def robust_cost(residual: Float, noise: float | Float) -> Float:
    """Heavy-tailed cost of a mean square residual."""
    return np.asarray(_WEIGHT * np.log1p(residual / noise), np.float32)


def merge_candidates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, with equal mappings merged if their ranges meet."""
    groups: dict[tuple[int, float, int], list[Candidate]] = {}
    for one in candidates:
        line = one.map
        key = (line.matcher, line.slope, round(line.at - line.slope * line.origin))
        group = groups.setdefault(key, [])
        for k, other in enumerate(group):
            if one.start <= other.end and other.start <= one.end:
                start, end = min(one.start, other.start), max(one.end, other.end)
                group[k] = Candidate(other.map, start, end)
                break
        else:
            group.append(one)
    return [one for group in groups.values() for one in group]


def best_path(
    scorers: Sequence[PathScorer], candidates: Sequence[Candidate], count: int, blank: Float
) -> list[Segment]:
    """The cheapest path through ``count`` frames. ``blank``: each frame's cost under no mapping."""
    costs = [_costs(scorers, candidate) for candidate in candidates]
    begins: dict[int, list[int]] = {}
    for k, candidate in enumerate(candidates):
        begins.setdefault(candidate.start, []).append(k)
    total = {-1: 0.0}
    back: list[dict[int, int]] = []
    for j in range(count):
        cheapest = min(total, key=lambda s: total[s])
        entered = total[cheapest] + _SWITCH
        now: dict[int, float] = {}
        came: dict[int, int] = {}
        active = [k for k in total if k >= 0 and candidates[k].end > j] + begins.get(j, [])
        for state in (-1, *active):
            stay = total.get(state, np.inf)
            cost = blank[j] if state < 0 else costs[state][j - candidates[state].start]
            price = float(cost)
            if stay <= entered:
                now[state], came[state] = stay + price, state
            else:
                now[state], came[state] = entered + price, cheapest
        total = now
        back.append(came)
    state = min(total, key=lambda s: total[s])
    states = [0] * count
    for j in range(count - 1, -1, -1):
        states[j] = state
        state = back[j][state]
    segments: list[Segment] = []
    for j, state in enumerate(states):
        mapping = None if state < 0 else candidates[state].map
        if segments and segments[-1].map is mapping:
            segments[-1] = Segment(segments[-1].start, j + 1, mapping)
        else:
            segments.append(Segment(j, j + 1, mapping))
    return segments


def _costs(scorers: Sequence[PathScorer], candidate: Candidate) -> Float:
    scorer = scorers[candidate.map.matcher]
    frames = np.arange(candidate.start, candidate.end)
    return robust_cost(scorer.residual(frames, candidate.map.frames(frames)), scorer.noise)


def unexplained_costs(spread: Float, noise: float) -> Float:
    """Cost of frames with these variances under no mapping."""
    return robust_cost(np.maximum(_NOTHING * spread, 6.0), noise)


def choose_map(
    matchers: Sequence[Matcher], segment: Segment, mappings: Sequence[FrameMap]
) -> FrameMap:
    """The best of a segment's mapping and some others, fitted to its frames.

    One under a crop other than the film's usual one (the first) must be clearly better.
    """
    assert segment.map is not None
    frames = np.unique(np.linspace(segment.start, segment.end - 1, 48).astype(np.int64))
    part = (segment.end - segment.start) / len(frames)

    def price(mapping: FrameMap) -> float:
        matcher = matchers[mapping.matcher]
        residual = np.minimum(matcher.residual(frames, mapping.frames(frames)), 1e6)
        return float(robust_cost(residual, matcher.noise).sum()) * part + _UNUSUAL * (
            mapping.matcher > 0
        )

    def exact(mapping: FrameMap) -> tuple[FrameMap, float]:
        found, cost = fit_map(matchers[mapping.matcher], segment.start, segment.end, mapping)
        return found, cost + _UNUSUAL * (mapping.matcher > 0)

    ranked = sorted(mappings, key=price)[:4]
    return min((exact(mapping) for mapping in (segment.map, *ranked)), key=lambda t: t[1])[0]


def fit_map(
    matcher: Matcher, start: int, end: int, mapping: FrameMap, reach: int = 4
) -> tuple[FrameMap, float]:
    """A mapping fitted to film frames ``start`` to ``end``, and its cost.

    Its offset is exact to a quarter of a frame, its speed as simple as the frames allow.
    """
    frames = np.unique(np.linspace(start, end - 1, 160).astype(np.int64))
    middle = (start + end - 1) // 2
    at = mapping.at + mapping.slope * (middle - mapping.origin)
    half = max(1.0, (end - start) / 2)
    offsets = np.arange(-reach, reach + 1)
    base = mapping.frames(frames)
    raw = base[:, None] + offsets[None]
    residual = matcher.residual(np.repeat(frames, len(offsets)), raw.ravel()).reshape(raw.shape)
    cost = robust_cost(residual, matcher.noise)
    cost[~np.isfinite(cost)] = _WEIGHT * 12

    def price(at_: float, slope: float) -> float:
        wanted = np.floor(at_ + slope * (frames - middle) + 1e-6).astype(np.int64) - base
        outside = np.abs(wanted) > reach
        k = np.clip(wanted, -reach, reach) + reach
        return float(cost[np.arange(len(frames)), k].sum()) + 10.0 * float(outside.sum())

    ratio = float(matcher.raw.rate / matcher.film.rate)
    plain = [s * ratio for s in _PLAIN if abs(s * ratio - mapping.slope) * half < reach - 0.5]
    step = 0.25 / half
    free = [mapping.slope + step * k for k in range(-4 * (reach - 1), 4 * (reach - 1) + 1)]
    # Near speed 0, a still raw picture would explain any still film.
    free = [slope for slope in free if _SLOWEST <= abs(slope) / ratio <= _FASTEST]
    shifts = [0.25 * k for k in range(-4 * (reach - 1), 4 * (reach - 1) + 1)]
    whole = np.floor(at) + 0.5
    prices = {
        (slope, shift): price(whole + shift, slope) for slope in (*plain, *free) for shift in shifts
    }

    def best(slopes: Sequence[float], extra: float) -> tuple[float, float, float]:
        found = (np.inf, mapping.slope, 0.0)
        for slope in slopes:
            row = np.array([prices[slope, shift] for shift in shifts])
            low = float(row.min())
            if low + extra < found[0]:
                # Equally good offsets are adjacent: their middle is the safest.
                equal = [s for s, p in zip(shifts, row, strict=True) if p <= low + 0.5]
                near = min(equal, key=lambda s: abs(s - sum(equal) / len(equal)))
                found = (low + extra, slope, near)
        return found

    one = [s for s in plain if abs(s - ratio) < 1e-9]
    each = len(frames)
    choice = min(
        best(one, 0.0),
        best(plain, _OTHER_SPEED[0] + _OTHER_SPEED[1] * each),
        best(free, 1.6 * _OTHER_SPEED[0] + 2 * _OTHER_SPEED[1] * each),
        key=lambda c: c[0],
    )
    back = _OTHER_SPEED[0] / 2 + _OTHER_SPEED[1] * each if choice[1] < 0 else 0.0
    cost_ = (choice[0] + back) * (end - start) / each
    return FrameMap(mapping.matcher, middle, whole + choice[2], choice[1]), cost_
