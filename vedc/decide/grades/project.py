"""From a grade's table to steps that a person can read and change.

The Levenberg-Marquardt method finds the values of all named steps at once. Differences are weighted
as by CIEDE2000 near the wanted colour, so that the sum of squares is one of colour differences.
Then steps that hardly help are left out: the cost of leaving one out, with the others adjusted,
follows from the quadratic form at the solution (Wald's statistic), and a step that explains less
than its price is removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Floats
from vedc.decide.grades import perceived, tables
from vedc.decide.grades.chain import Chain, Named, parts_of
from vedc.decide.grades.named import NAMED
from vedc.decide.grades.shot import Step
from vedc.decide.grades.tables import Table

PRICE: Final = 0.2
"""The least colour difference that a step must explain to be worth reading."""
_SHARE: Final = 0.03
"""The least share of the grade's difference that it must explain."""
_RIDGE: Final = 2e-3
"""Cost of a value of one spread: decides between equivalent steps."""
_ITERATIONS: Final = 6
_ENOUGH: Final = 0.01
"""Share of the cost: the iteration ends once a step saves less."""
_SIMPLE: Final = 2
"""The most values of a simple step."""
_NEAR: Final = 0.1
"""While steps are chosen, values need only be accurate to this share of a step's least saving."""
_BINS: Final = 10
_COLORS: Final = 220
"""Colours of the footage that count, the most frequent ones."""
_REST: Final = 0.2
"""Weight of all other colours, represented by a coarse lattice."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Steps that approximate a table."""

    steps: tuple[Step, ...]
    shares: tuple[float, ...]
    """The share of the difference between before and after that each step explains. They add up to
    1 less the remaining share."""
    untouched: float
    """Mean CIEDE2000 between before and after, over the footage's colours."""
    remaining: float
    """Mean CIEDE2000 between the steps and the table."""
    worst: float
    """Its 95th percentile."""


def project(
    table: Table,
    pixels: NDArray[Any] | None = None,
    named: Sequence[Named] = NAMED,
    *,
    price: float = PRICE,
    matrix: str = "bt709",
    transfer: str = "bt709",
) -> Projection:
    """The named steps that come closest to a table over the colours of ``pixels`` (..., 3).

    Without pixels all colours count alike. A table that changes nothing gives no steps.
    """
    colors, share = _colors(pixels)
    wanted = tables.apply(table, colors).astype(np.float64)
    untouched = float(share @ perceived.delta_e(colors, wanted))
    fit = _Fit(colors, wanted, share, matrix, transfer)
    kept = tuple(named)
    floor = max(price, _SHARE * untouched) ** 2
    near = _NEAR * floor
    values, covariance = fit.solve(kept, _simple_first(fit, kept, near), near)
    while idle := _idle(kept, values, covariance, floor):
        parts = parts_of(kept)
        values = _without(values, covariance, np.concatenate([np.r_[parts[i]] for i in idle]))
        kept = tuple(step for i, step in enumerate(kept) if i not in idle)
        values, covariance = fit.solve(kept, values, near)
    values, covariance = fit.solve(kept, values)
    steps = tuple(
        step.written(values[part]) for step, part in zip(kept, parts_of(kept), strict=True)
    )
    shown = tables.graded(steps, colors, matrix, transfer)
    left = perceived.delta_e(np.clip(shown, 0, 1), wanted)
    remaining = float(share @ left)
    costs = [_cost_without(values, covariance, part) for part in parts_of(kept)]
    shares = _shares(costs, untouched, remaining)
    return Projection(steps, shares, untouched, remaining, _percentile(left, share, 0.95))


def _simple_first(fit: _Fit, steps: Sequence[Named], near: float) -> Floats:
    """Starting values: steps with one or two numbers do what they can, all others nothing.

    So a change with several possible forms takes the simplest.
    """
    simple = [step.size <= _SIMPLE for step in steps]
    values = np.zeros(sum(step.size for step in steps))
    chosen = tuple(step for step, is_simple in zip(steps, simple, strict=True) if is_simple)
    free = np.repeat(simple, [step.size for step in steps])
    values[free] = fit.solve(chosen, values[free], near)[0]
    return values


def _cost_without(values: Floats, covariance: Floats, part: slice | list[int]) -> float:
    """The increase in cost from leaving values out, with the others adjusted."""
    if isinstance(part, slice):
        part = list(range(part.start, part.stop))
    left = values[part]
    return float(left @ np.linalg.solve(covariance[np.ix_(part, part)], left))


def _without(values: Floats, covariance: Floats, out: NDArray[np.int64]) -> Floats:
    """The other values, adjusted for those left out by the quadratic form at the solution."""
    kept = np.setdiff1d(np.arange(len(values)), out)
    pull = np.linalg.solve(covariance[np.ix_(out, out)], values[out])
    return np.asarray(values[kept] - covariance[np.ix_(kept, out)] @ pull, np.float64)


def _idle(
    steps: Sequence[Named], values: Floats, covariance: Floats, floor: float
) -> frozenset[int]:
    """Steps that can be removed together. Hard ones to read, with many values, come first."""
    parts = parts_of(steps)
    found: list[int] = []
    taken: list[int] = []
    for i in sorted(range(len(steps)), key=lambda i: -steps[i].size):
        tried = taken + list(range(parts[i].start, parts[i].stop))
        if _cost_without(values, covariance, tried) < floor:
            found.append(i)
            taken = tried
    return frozenset(found)


def _shares(costs: Sequence[float], untouched: float, remaining: float) -> tuple[float, ...]:
    whole = sum(max(cost, 0.0) ** 0.5 for cost in costs)
    explained = max(0.0, 1 - remaining / untouched) if untouched else 0.0
    return tuple(explained * max(cost, 0.0) ** 0.5 / whole if whole else 0.0 for cost in costs)


def _percentile(values: Floats, share: Floats, at: float) -> float:
    order = np.argsort(values)
    reached = np.searchsorted(np.cumsum(share[order]), at * share.sum())
    return float(values[order[min(int(reached), len(values) - 1)]])


def _colors(pixels: NDArray[Any] | None) -> tuple[Floats, Floats]:
    """Colours (n, 3) that represent footage, and their weights, which add up to 1."""
    axis = np.linspace(0.0, 1.0, 5)
    rest = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    if pixels is None:
        return rest, np.full(len(rest), 1.0 / len(rest))
    flat = np.clip(np.asarray(pixels, np.float64).reshape(-1, 3), 0.0, 1.0)
    key = np.minimum((flat * _BINS).astype(np.int64), _BINS - 1) @ np.array((100, 10, 1))
    _, cell, counts = np.unique(key, return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(cell, flat[:, c]) / counts for c in range(3)], -1)
    frequent = np.argsort(-counts, kind="stable")[:_COLORS]
    weights = np.sqrt(counts[frequent].astype(np.float64))
    weights *= (1 - _REST) / weights.sum()
    share = np.concatenate([weights, np.full(len(rest), _REST / len(rest))])
    return np.concatenate([means[frequent], rest]), share


class _Fit:
    """Least squares between a chain and wanted colours."""

    def __init__(
        self, colors: Floats, wanted: Floats, share: Floats, matrix: str, transfer: str
    ) -> None:
        self._colors, self._wanted = colors, wanted
        self._color = matrix, transfer
        self._weigh = _metric(wanted) * np.sqrt(share)[:, np.newaxis, np.newaxis]

    def _chain(self, steps: Sequence[Named]) -> Chain:
        return Chain(steps, self._colors, *self._color)

    def _residual(self, graded: Floats) -> Floats:
        away = graded - self._wanted
        return np.asarray(np.einsum("nij,nj->ni", self._weigh, away).ravel(), np.float64)

    def _system(self, chain: Chain, values: Floats) -> tuple[Floats, Floats, float]:
        graded, slopes = chain.derived(values)
        residual = self._residual(graded)
        jacobian = np.einsum("nij,njk->nik", self._weigh, slopes).reshape(len(residual), -1)
        cost = float(residual @ residual + _RIDGE * values @ values)
        gradient = jacobian.T @ residual + _RIDGE * values
        return jacobian.T @ jacobian + _RIDGE * np.eye(len(values)), gradient, cost

    def solve(
        self, steps: Sequence[Named], values: Floats, near: float = 0.0
    ) -> tuple[Floats, Floats]:
        """Values (size,) of least cost near those given, and their covariance (size, size).

        The iteration ends once a step saves less than ``near``.
        """
        chain, damping = self._chain(steps), 1e-2
        hessian, gradient, cost = self._system(chain, values)
        for _ in range(_ITERATIONS if steps else 0):
            for _ in range(4):
                damped = hessian + damping * np.diag(np.diag(hessian))
                tried = values - np.clip(np.linalg.solve(damped, gradient), -3, 3)
                found = self._system(chain, tried)
                if found[2] < cost:
                    break
                damping *= 6
            else:
                break
            enough = cost - found[2] < max(_ENOUGH * cost, near)
            values, damping = tried, max(damping / 5, 1e-4)
            hessian, gradient, cost = found
            if enough:
                break
        return values, np.asarray(np.linalg.inv(hessian), np.float64)


def _metric(wanted: Floats) -> Floats:
    """(n, 3, 3): small differences of display values as CIEDE2000 weighs them."""
    step = 1e-3
    inside = np.clip(wanted, step, 1 - step)
    slopes = np.stack(
        [
            (perceived.lab(inside + move) - perceived.lab(inside - move)) / (2 * step)
            for move in step * np.eye(3)
        ],
        -1,
    )
    lab = perceived.lab(inside)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    away = (lab[:, 0] - 50) ** 2
    weights = np.stack([1 / (1 + 0.015 * away / np.sqrt(20 + away)), 1 / (1 + 0.045 * chroma)], -1)
    return np.asarray(slopes * weights[:, (0, 1, 1), np.newaxis], np.float64)
