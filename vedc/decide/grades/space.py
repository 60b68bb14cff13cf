"""The space of grades: the common structure of thousands of grades, and the likeliest one for a
pair.

A grade's table differs from the identity by a mean and a weighted sum of principal directions. The
weights ``w`` of everyday grades follow a normal distribution with unit deviations in the
directions' units, except for heavier tails. An estimate is the mode of the posterior (MAP):
weighted least squares with the prior as a ridge. That gives colours missing from the pair the
values that grades with the same effect on the others usually give them.

It is done twice: with the covariance of all grades, and with that of the known grades which have
nearly the same effect on the given colours (Cleveland, "Robust Locally Weighted Regression", 1979,
in its idea). In trials the second round reduced the error on footage outside the pair by 7%.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Float, Floats, Ints
from vedc.decide.grades.tables import POINTS, Table, as_table, corners, identity
from vedc.models import network_weights

DIRECTIONS: Final = 96
KNOWN: Final = 6000
"""Grades whose weights are stored for the second round."""
SHAPES: Final[Mapping[str, tuple[int, ...]]] = {
    "mean": (POINTS, 3),
    "directions": (DIRECTIONS, POINTS, 3),
    "scales": (DIRECTIONS,),
    "known": (KNOWN, DIRECTIONS),
    "known_scales": (DIRECTIONS,),
}
"""The file's contents: ``mean``, and ``directions`` times ``scales``, as displacements in display
values; ``known`` times ``known_scales`` in deviations. Both are stored as bytes."""

_BINS: Final = 14
"""Cells per axis of the colours before, over which a pair is first averaged."""
_CAP: Final = 400.0
"""Pixels beyond which a cell's weight no longer grows: its error is the space's, not the
pixels'."""
_NOISE: Final = 0.01
"""Expected deviation of a cell's mean, from the limits of the space and from codecs."""
_FLOOR: Final = 0.004
"""The least deviation by which residuals are judged: a code value of 8 bits."""
_TAIL: Final = 3.0
"""Deviations beyond which a cell loses weight, as titles and effects must."""
_ROUNDS: Final = 6
_NEAR: Final = 300
"""Known grades from which the second round's covariance is computed."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The colours of a pair, averaged over cells of the picture before."""

    before: Floats
    """(n, 3) display values."""
    after: Floats
    counts: Floats
    """(n,) pixels, or shares of them where pixels have weights."""

    @classmethod
    def of(
        cls, before: NDArray[Any], after: NDArray[Any], weights: NDArray[Any] | None = None
    ) -> Cells:
        """Average pixels (n, 3) of both pictures in the same order; see :class:`Cells`.

        Pixels that changed differently from most of their colour count little.
        """
        x, y = (np.asarray(v, np.float64).reshape(-1, 3) for v in (before, after))
        key = np.minimum((np.clip(x, 0, 1) * _BINS).astype(np.int64), _BINS - 1)
        _, cell = np.unique(key @ np.array((_BINS * _BINS, _BINS, 1)), return_inverse=True)
        share = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
        usual = _medians(y - x, cell)[cell]
        stray = np.square(y - x - usual).mean(1)
        share = share / (1 + stray / (_TAIL * max(float(np.sqrt(np.median(stray))), _NOISE)) ** 2)
        counts = np.bincount(cell, share)
        held = counts > 1e-9
        x, y = (
            np.stack([np.bincount(cell, v[:, c] * share)[held] for c in range(3)], -1)
            / counts[held, np.newaxis]
            for v in (x, y)
        )
        return cls(x, y, np.asarray(counts[held], np.float64))


def _medians(values: Floats, cell: Ints) -> Floats:
    """The median of each cell's values, by channel."""
    starts = np.searchsorted(np.sort(cell), np.arange(cell.max() + 2))
    middle = (starts[:-1] + starts[1:] - 1) // 2
    columns = [column[np.lexsort((column, cell))][middle] for column in values.T]
    return np.stack(columns, -1)


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A grade in the space."""

    w: Floats
    """(96,) deviations along the directions."""
    covariance: Floats
    """(96, 96), of ``w``: what the pair leaves uncertain."""
    noise: float
    """Robust deviation of the residuals, in display values."""
    trust: Floats
    """(n,) 0..1 for each cell: low where it does not follow the grade."""


class GradeSpace:
    """Mean, directions and known weights of grades."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], digest: str = "") -> None:
        self.mean: Float = np.asarray(arrays["mean"], np.float32)
        scales = np.asarray(arrays["scales"], np.float32)[:, np.newaxis, np.newaxis]
        self.directions: Float = np.asarray(arrays["directions"], np.float32) * scales
        self._known = arrays["known"], arrays["known_scales"]
        self.digest = digest

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> GradeSpace:
        """The space that comes with vedc. Raises what ``network_weights.load`` raises."""
        held = network_weights.load(network_weights.shipped("grades"), SHAPES)
        return cls(held.arrays, held.digest)

    @property
    def size(self) -> int:
        """The number of directions."""
        return len(self.directions)

    def table(self, w: Floats) -> Table:
        """The grade with weights (96,)."""
        moved = self.mean + np.tensordot(np.asarray(w, np.float32), self.directions, 1)
        return as_table(identity().reshape(POINTS, 3) + moved)

    def drawn(self, rng: np.random.Generator, count: int) -> Floats:
        """Weights (count, 96) of known grades, drawn at random."""
        return self._known_weights[rng.choice(len(self._known_weights), count, replace=False)]

    def weights_of(self, table: Table, counts: Floats | None = None) -> Floats:
        """The weights (96,) with the closest table; ``counts`` (17 ** 3,) weight its points."""
        share = self._shares if counts is None else np.asarray(counts, np.float64)
        moved = (table - identity()).reshape(POINTS, 3) - self.mean
        basis = self.directions.reshape(self.size, -1).astype(np.float64)
        weighted = basis * np.repeat(share, 3)
        return _solved(weighted @ basis.T + 1e-6 * np.eye(self.size), weighted @ moved.ravel())

    @cached_property
    def _shares(self) -> Floats:
        return np.full(POINTS, 1.0 / POINTS)

    @cached_property
    def _known_weights(self) -> Floats:
        values, scales = self._known
        return np.asarray(values, np.float64) * np.asarray(scales, np.float64)

    @cached_property
    def _by_point(self) -> Float:
        """The directions as (17 ** 3, 3 * 96)."""
        return np.ascontiguousarray(self.directions.transpose(1, 2, 0)).reshape(POINTS, -1)

    def rows(self, pixels: NDArray[Any]) -> tuple[Floats, Floats]:
        """The linear effect of weights on colours (n, 3): the design (n, 3, 96), and the mean's
        part (n, 3)."""
        points, shares = corners(pixels)
        design = np.zeros((len(points), 3 * self.size), np.float32)
        mean = np.zeros((len(points), 3), np.float32)
        for i in range(4):
            share = shares[:, i, np.newaxis]
            design += self._by_point[points[:, i]] * share
            mean += self.mean[points[:, i]] * share
        return design.reshape(-1, 3, self.size).astype(np.float64), mean.astype(np.float64)

    def estimate(self, cells: Cells, prior: tuple[Floats, Floats] | None = None) -> Estimate:
        """The likeliest grade of a pair.

        ``prior``: mean (96,) and covariance (96, 96) of ``w`` known from elsewhere; without one,
        those of all grades. Cells that do not follow the others (titles, effects, unaligned moving
        objects) lose weight, as under a Cauchy distribution.
        """
        design, moved = self.rows(cells.before)
        solve = _Regression(
            design, cells.after - np.asarray(cells.before) - moved, np.minimum(cells.counts, _CAP)
        )
        if prior is not None:
            return solve.robust(prior[0], _inverse(prior[1]))
        first = solve.robust(np.zeros(self.size), np.eye(self.size))
        return solve.robust(*self._near(first), start=first.trust)

    def _near(self, first: Estimate) -> tuple[Floats, Floats]:
        """Mean and inverse covariance of the known grades that agree with a first estimate."""
        away = self._known_weights - first.w
        distance = np.einsum("ij,ij->i", away @ _inverse(first.covariance), away)
        near: Ints = np.argpartition(distance, _NEAR)[:_NEAR]
        rank = distance[near] - distance[near].min()
        share = np.exp(-3 * rank / max(rank.max(), 1e-9))
        share /= share.sum()
        weights = self._known_weights[near]
        mean: Floats = share @ weights
        apart = (weights - mean) * np.sqrt(share)[:, np.newaxis]
        spread = apart.T @ apart + 0.05 * np.eye(self.size)
        return mean, _inverse(spread)


class _Regression:
    """Weighted least squares with a normal prior, and weights that discount outliers."""

    def __init__(self, design: Floats, target: Floats, counts: Floats) -> None:
        self.count = len(design)
        self.design, self.target = design.reshape(self.count * 3, -1), target.ravel()
        self.base = np.sqrt(counts) / _NOISE**2

    def robust(self, mean: Floats, inverse: Floats, start: Floats | None = None) -> Estimate:
        trust: Floats = np.ones(self.count) if start is None else start
        pull = inverse @ mean
        for _ in range(_ROUNDS):
            each = np.repeat(self.base * trust, 3)
            weighted = self.design * each[:, np.newaxis]
            precision = weighted.T @ self.design + inverse
            w = _solved(precision, weighted.T @ self.target + pull)
            left = (self.target - self.design @ w).reshape(-1, 3)
            noise = max(1.4826 * float(np.median(np.abs(left))), _FLOOR)
            trust = np.asarray(1 / (1 + (left**2).mean(1) / (_TAIL * noise) ** 2), np.float64)
        return Estimate(w, _inverse(precision), noise, trust)


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _solved(matrix: Floats, target: Floats) -> Floats:
    return np.asarray(np.linalg.solve(matrix, target), np.float64)
