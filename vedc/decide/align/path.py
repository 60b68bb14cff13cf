"""The course of the film through its sources: which line explains which frames.

Each frame has a cost under each line (robust: a single picture that fits badly says little), and
under none; going from one to another costs as well. The cheapest course is found by dynamic
programming; then its lines are fitted anew to what they were found to explain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from vedc.decide.align.lines import Line, Matcher
from vedc.decide.align.pictures import Index
from vedc.decide.analyses.results import Float

_WEIGHT: Final = 15.0
"""Half the number of parts of a picture that differ independently."""

_SWITCH: Final = 25.0
"""What going to another line costs."""

_OTHER_SPEED: Final = (20.0, 0.4)
"""What another speed than 1 costs, a run and a frame: where little moves the frames of a run are
no independent witnesses, since compression repeats what it has."""

_SLOWEST: Final = 0.45
_FASTEST: Final = 2.2

_UNUSUAL: Final = 20.0
"""What another crop than the film's usual one costs, a run."""

_NOTHING: Final = 0.3
"""A picture of which more is left than this part of its variance is not explained."""

#: Speeds that people choose; others have to explain clearly more.
_PLAIN: Final = (
    0.5, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.9, 1.0, 1.1, 1.2, 1.25, 4 / 3, 1.5, 1.6, 1.75, 1.8, 2.0,
    -1.0, -0.5, -2.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """A line and the frames of the film, half open, for which it is considered."""

    line: Line
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """Frames of the film, half open, that a line explains; None: that nothing does."""

    start: int
    end: int
    line: Line | None


class PathScorer(Protocol):
    """Tells how badly raw frames explain frames of the film."""

    noise: float

    def left(self, film: Index, raw: Index) -> Float: ...


def likelihood(left: Float, noise: float | Float) -> Float:
    """The cost of a frame of which ``left`` (mean square) is left: heavy-tailed."""
    return np.asarray(_WEIGHT * np.log1p(left / noise), np.float32)


def merged(reaches: Sequence[Reach]) -> list[Reach]:
    """Lines that say the same made one, which reaches as far as all of them."""
    held: dict[tuple[int, float, int], list[Reach]] = {}
    for reach in reaches:
        line = reach.line
        key = (line.place, line.slope, round(line.at - line.slope * line.origin))
        same = held.setdefault(key, [])
        for k, other in enumerate(same):
            if reach.start <= other.end and other.start <= reach.end:
                start, end = min(reach.start, other.start), max(reach.end, other.end)
                same[k] = Reach(other.line, start, end)
                break
        else:
            same.append(reach)
    return [reach for same in held.values() for reach in same]


def course(
    judges: Sequence[PathScorer], reaches: Sequence[Reach], count: int, blank: Float
) -> list[Run]:
    """The cheapest course through ``count`` frames. ``blank``: the cost of no line, each frame."""
    # Each line's own costs; a frame that it does not reach has none.
    costs = [_costs(judges, reach) for reach in reaches]
    begins: dict[int, list[int]] = {}
    for k, reach in enumerate(reaches):
        begins.setdefault(reach.start, []).append(k)
    total = {-1: 0.0}
    back: list[dict[int, int]] = []
    for j in range(count):
        cheapest = min(total, key=lambda s: total[s])
        entered = total[cheapest] + _SWITCH
        now: dict[int, float] = {}
        came: dict[int, int] = {}
        active = [k for k in total if k >= 0 and reaches[k].end > j] + begins.get(j, [])
        for state in (-1, *active):
            stay = total.get(state, np.inf)
            price = float(blank[j]) if state < 0 else float(costs[state][j - reaches[state].start])
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
    runs: list[Run] = []
    for j, state in enumerate(states):
        line = None if state < 0 else reaches[state].line
        if runs and runs[-1].line is line:
            runs[-1] = Run(runs[-1].start, j + 1, line)
        else:
            runs.append(Run(j, j + 1, line))
    return runs


def _costs(judges: Sequence[PathScorer], reach: Reach) -> Float:
    judge = judges[reach.line.place]
    frames = np.arange(reach.start, reach.end)
    return likelihood(judge.left(frames, reach.line.frames(frames)), judge.noise)


def blank_costs(spread: Float, noise: float) -> Float:
    """What it costs that no line explains frames of such variances."""
    return likelihood(np.maximum(_NOTHING * spread, 6.0), noise)


def settled(matchers: Sequence[Matcher], run: Run, lines: Sequence[Line]) -> Line:
    """The best line of a run, of its own and others that were found, fitted to its frames.

    Under another crop than the film's usual one, the first, it has to be clearly better."""
    assert run.line is not None
    frames = np.unique(np.linspace(run.start, run.end - 1, 48).astype(np.int64))
    part = (run.end - run.start) / len(frames)

    def price(line: Line) -> float:
        matcher = matchers[line.place]
        left = np.minimum(matcher.left(frames, line.frames(frames)), 1e6)
        return float(likelihood(left, matcher.noise).sum()) * part + _UNUSUAL * (line.place > 0)

    def exact(line: Line) -> tuple[Line, float]:
        found, cost = fitted(matchers[line.place], run.start, run.end, line)
        return found, cost + _UNUSUAL * (line.place > 0)

    ranked = sorted(lines, key=price)[:4]
    return min((exact(line) for line in (run.line, *ranked)), key=lambda t: t[1])[0]


def fitted(
    matcher: Matcher, start: int, end: int, line: Line, reach: int = 4
) -> tuple[Line, float]:
    """A line fitted to all frames of the film that it is to explain: its place to a quarter of a
    frame, its speed as plain as may be. With its cost."""
    frames = np.unique(np.linspace(start, end - 1, 160).astype(np.int64))
    middle = (start + end - 1) // 2
    at = line.at + line.slope * (middle - line.origin)
    half = max(1.0, (end - start) / 2)
    offsets = np.arange(-reach, reach + 1)
    base = line.frames(frames)
    raw = base[:, None] + offsets[None]
    left = matcher.left(np.repeat(frames, len(offsets)), raw.ravel()).reshape(raw.shape)
    cost = likelihood(left, matcher.noise)
    cost[~np.isfinite(cost)] = _WEIGHT * 12

    def price(at_: float, slope: float) -> float:
        wanted = np.floor(at_ + slope * (frames - middle) + 1e-6).astype(np.int64) - base
        outside = np.abs(wanted) > reach
        k = np.clip(wanted, -reach, reach) + reach
        return float(cost[np.arange(len(frames)), k].sum()) + 10.0 * float(outside.sum())

    ratio = float(matcher.raw.rate / matcher.film.rate)
    plain = [s * ratio for s in _PLAIN if abs(s * ratio - line.slope) * half < reach - 0.5]
    step = 0.25 / half
    free = [line.slope + step * k for k in range(-4 * (reach - 1), 4 * (reach - 1) + 1)]
    # What stands still on the film is a still raw picture's equal: no speed is near zero.
    free = [slope for slope in free if _SLOWEST <= abs(slope) / ratio <= _FASTEST]
    shifts = [0.25 * k for k in range(-4 * (reach - 1), 4 * (reach - 1) + 1)]
    whole = np.floor(at) + 0.5
    prices = {
        (slope, shift): price(whole + shift, slope) for slope in (*plain, *free) for shift in shifts
    }

    def best(slopes: Sequence[float], extra: float) -> tuple[float, float, float]:
        found = (np.inf, line.slope, 0.0)
        for slope in slopes:
            row = np.array([prices[slope, shift] for shift in shifts])
            low = float(row.min())
            if low + extra < found[0]:
                # Equally good places lie side by side: their middle is the safest.
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
    return Line(line.place, middle, whole + choice[2], choice[1]), cost_
