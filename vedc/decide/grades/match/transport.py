"""A grade that moves the distribution of one shot's colours to another's.

Sliced optimal transport (Rabin and others, "Wasserstein Barycenter and Its Application to Texture
Mixing", 2011) gives each colour's target: along a direction, the n-th smallest goes to the n-th
smallest. Averaged over directions, that is a target for every colour; the likeliest grade for those
targets is taken, and the targets are found again for the resulting colours. So the transport never
exceeds a grade, however different the contents are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Floats
from vedc.decide.grades.space import GradeSpace

COLORS: Final = 1200
"""The most colours of each side to compare."""
_BASES: Final = 8
_ROUNDS: Final = 8
_COUNT: Final = 20.0
"""Colours that count as one observation: errors of neighbouring targets are correlated."""
_NOISE: Final = 0.1
"""Standard deviation of a target, in display values: contents differ."""


def sampled(pictures: NDArray[Any]) -> Floats:
    """Colours (n, 3) of pictures (..., 3), at most ``COLORS``, chosen deterministically."""
    flat = np.asarray(pictures, np.float64).reshape(-1, 3)
    if len(flat) <= COLORS:
        return flat
    chosen: Floats = flat[np.random.default_rng(0).permutation(len(flat))[:COLORS]]
    return chosen


@lru_cache(maxsize=1)
def _bases() -> tuple[Floats, ...]:
    """Orthogonal bases of directions, uniformly at random."""
    draw = np.random.default_rng(0)
    return tuple(np.linalg.qr(draw.standard_normal((3, 3)))[0] for _ in range(_BASES))


def _quantiles(values: Floats, count: int) -> Floats:
    """Sorted columns of values (n, 3), resampled to ``count`` rows."""
    ordered = np.sort(values, axis=0)
    if len(ordered) == count:
        return ordered
    at, own = (np.arange(count) + 0.5) / count, (np.arange(len(values)) + 0.5) / len(values)
    return np.stack([np.interp(at, own, ordered[:, c]) for c in range(3)], -1)


def distance(first: Floats, second: Floats) -> float:
    """The sliced Wasserstein distance between colours (n, 3) and (m, 3), in display values."""
    total = 0.0
    for basis in _bases():
        away = _quantiles(first @ basis, len(first)) - _quantiles(second @ basis, len(first))
        total += float(np.square(away).mean())
    return float(np.sqrt(total / _BASES))


def moved(colors: Floats, wanted: Floats) -> Floats:
    """Where each colour (n, 3) goes so that all are distributed like ``wanted`` (m, 3)."""
    result = np.zeros_like(colors)
    rows = np.arange(len(colors))
    for basis in _bases():
        along = colors @ basis
        order = np.argsort(along, axis=0, kind="stable")
        targets = _quantiles(wanted @ basis, len(colors))
        step = np.empty_like(along)
        for c in range(3):
            step[order[:, c], c] = targets[rows, c] - along[order[:, c], c]
        result += step @ basis.T
    return np.asarray(colors + result / _BASES, np.float64)


def transported(source: Floats, reference: Floats, space: GradeSpace) -> Floats:
    """The weights of the grade that brings colours (n, 3) nearest to a reference (m, 3)."""
    design, mean = space.rows(source)
    flat = design.reshape(-1, space.size)
    share = 1 / (3 * _NOISE**2 * _COUNT)
    system = flat.T @ flat * share + np.eye(space.size)
    w: Floats = np.zeros(space.size)
    for number in range(_ROUNDS):
        shown = np.clip(source + mean + design @ w, 0.0, 1.0) if number else source
        target = moved(shown, reference) - source - mean
        w = np.asarray(np.linalg.solve(system, flat.T @ target.ravel() * share), np.float64)
    return w
