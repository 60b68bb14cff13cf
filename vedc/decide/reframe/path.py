"""The path of a crop through a shot: the places of greatest worth, by dynamic programming, then
smoothed.

A smooth path is like a deliberate camera movement: it stands still, moves evenly, or starts and
stops gently. Such a path has few changes of place, speed and acceleration: it minimises the L1
norms of its first three derivatives within bounds that keep the subject in the crop (Grundmann,
Kwatra and Essa, "Auto-Directed Video Stabilization with Robust L1 Optimal Camera Paths", CVPR
2011). Their linear program is solved here by the alternating direction method of multipliers (Boyd
and others, 2011), whose steps are a fixed linear system and shrinkage.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats, Ints
from vedc.decide.reframe.evidence import PLACES, PRESENT, over_time

_STEADY: Final = 0.4
"""Seconds over which the worth of places is smoothed: standard deviation."""

_MOVE: Final = 0.5
"""Cost of a move over the whole room, in worth times seconds."""

_LOST: Final = 1.0
"""Additional cost of showing nothing of the subject, relative to the lost worth. Without it, a
subject that leaves is not followed at a shot's end, where a move gains little."""

_SLACK: Final = 0.05
"""Share of its worth that a place may lose for the sake of smoothness."""

_WEIGHTS: Final = (10.0, 1.0, 100.0)
"""Weights of changes of place, speed and acceleration, as in the paper."""

_ROUNDS: Final = 1500
_RELAXED: Final = 1.7
"""Over-relaxation of the method, 1 to 2."""
_STIFF: Final = 1.0
"""Its penalty, relative to the number of samples."""
_SAMPLES: Final = 300
"""The most samples of a path to solve at once; a longer shot is sampled less often."""


def best_places(worth: Floats, rate: float) -> Ints:
    """The place at each time (n,) on the path of greatest worth, less costs of moves and of moments
    at which the subject is lost.

    ``worth`` (n, PLACES), ``rate`` times a second.
    """
    smooth = over_time(worth, _STEADY * rate)
    n = len(smooth)
    short = np.maximum(PRESENT * smooth.max(axis=1, keepdims=True) - smooth, 0) / PRESENT
    smooth = smooth - _LOST * short
    step = _MOVE / (PLACES - 1)  # worth times seconds, for a place
    places = np.arange(PLACES)
    moves = step * rate * np.abs(places[:, None] - places[None])
    total = smooth[0].copy()
    came = np.zeros((n, PLACES), np.int64)
    for i in range(1, n):
        options = total[None] - moves
        came[i] = options.argmax(axis=1)
        total = options.max(axis=1) + smooth[i]
    path = np.empty(n, np.int64)
    path[-1] = int(total.argmax())
    for i in range(n - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return path


def bounds(worth: Floats, path: Ints, rate: float) -> tuple[Floats, Floats]:
    """The lowest and the highest place (n,) around a path with nearly the same worth."""
    smooth = over_time(worth, _STEADY * rate)
    low, high = path.astype(np.float64), path.astype(np.float64)
    for i, place in enumerate(path):
        enough = smooth[i] >= smooth[i, place] * (1 - _SLACK)
        below, above = np.flatnonzero(~enough[:place]), np.flatnonzero(~enough[place:])
        low[i] = below[-1] + 1 if len(below) else 0
        high[i] = place + above[0] - 1 if len(above) else PLACES - 1
    return low, high


def smooth_path(low: Floats, high: Floats) -> Floats:
    """The path (n,) within bounds that has the smallest weighted L1 norms of its derivatives."""
    n = len(low)
    if n == 1:
        return (low + high) / 2
    lowest, highest = float(low.max()), float(high.min())
    if lowest <= highest:  # it can stand still
        middle = float(np.clip(np.median((low + high) / 2), lowest, highest))
        return np.full(n, middle)
    every = -(-n // _SAMPLES)
    if every > 1:
        return _sampled(low, high, every)
    return _solved(low, high)


def _sampled(low: Floats, high: Floats, every: int) -> Floats:
    """A long path through every ``every``-th sample, with the bounds of all samples between."""
    n = len(low)
    at = np.unique(np.append(np.arange(0, n, every), n - 1))
    lows, highs = [], []
    for number in at:
        near = slice(max(number - every + 1, 0), number + every)
        inner = low[near].max(), high[near].min()
        own = low[number], high[number]
        lows.append(inner[0] if inner[0] <= inner[1] else own[0])
        highs.append(inner[1] if inner[0] <= inner[1] else own[1])
    made: Floats = np.interp(np.arange(n), at, _solved(np.array(lows), np.array(highs)))
    return made


def _solved(low: Floats, high: Floats) -> Floats:
    n = len(low)
    scale = max(float(high.max() - low.min()), 1e-9)
    low, high = low / scale, high / scale
    orders = [k for k in (1, 2, 3) if n > k]
    lengths = [math.comb(2 * k, k) ** 0.5 for k in orders]  # norms that equalise convergence
    shrinks = [w * length for w, length in zip(_WEIGHTS, lengths, strict=False)]
    shrinks = [each / (_WEIGHTS[-1] * _STIFF * n) for each in shrinks]

    def differences(x: Floats) -> list[Floats]:
        return [np.diff(x, k) / length for k, length in zip(orders, lengths, strict=True)]

    def transposed(parts: list[Floats]) -> Floats:
        total = np.zeros(n)
        for k, length, part in zip(orders, lengths, parts, strict=True):
            total += (-1) ** k * np.diff(np.pad(part, k), k) / length
        return total

    gram = np.eye(n)
    for k, length in zip(orders, lengths, strict=True):
        rows = np.diff(np.eye(n), k, axis=0) / length
        gram += rows.T @ rows
    inverse = np.linalg.inv(gram)
    x = (low + high) / 2
    z, held = differences(x), x.copy()
    u, v = [np.zeros_like(part) for part in z], np.zeros_like(x)
    for _ in range(_ROUNDS):
        x = inverse @ (transposed([a - b for a, b in zip(z, u, strict=True)]) + held - v)
        for k, made in enumerate(differences(x)):
            made = _RELAXED * made + (1 - _RELAXED) * z[k]
            sum_of = made + u[k]
            z[k] = np.sign(sum_of) * np.maximum(np.abs(sum_of) - shrinks[k], 0)
            u[k] = sum_of - z[k]
        near = _RELAXED * x + (1 - _RELAXED) * held
        held = np.clip(near + v, low, high)
        v += near - held
    return np.asarray(held * scale, np.float64)
