"""Pace: the distribution of the shot lengths of some films, and a film's distance from it.

Lengths are compared on a log2 scale. A density is a sum of normal densities around the observed
lengths (Silverman, "Density Estimation", 1986), with a small uniform share over all lengths, so
that no length is impossible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats, Ints

SHORTEST: Final = 0.2
LONGEST: Final = 60.0
"""The range of shot lengths that a pace covers, in seconds."""
PARTS: Final = 5
"""Parts of a pace; a film gets equal numbers of shots from each."""
_EVEN: Final = 0.05
_GRID: Final = 512
_NARROW: Final = 0.08
"""Least standard deviation of the normal densities, in doublings: about 5 %."""


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    octaves: Floats
    density: Floats
    share: Floats


@dataclass(frozen=True)
class Pace:
    """The lengths of shots in seconds, in order: the observed ones, or quantiles of them."""

    lengths: tuple[float, ...]

    @classmethod
    def of(cls, seconds: Sequence[float], most: int = 41) -> Pace:
        """The pace of one or more lengths; of many, ``most`` quantiles are kept."""
        seen = np.sort(np.clip(np.asarray(seconds, np.float64), SHORTEST, LONGEST))
        if len(seen) > most:
            seen = np.quantile(seen, np.linspace(0.0, 1.0, most))
        return cls(tuple(round(float(s), 3) for s in seen))

    @cached_property
    def _table(self) -> _Table:
        seen = np.log2(np.asarray(self.lengths))
        low, high = np.percentile(seen, (25, 75))
        spread = min(float(seen.std()), float(high - low) / 1.34) or float(seen.std())
        width = max(0.9 * spread * len(seen) ** -0.2, _NARROW)
        octaves = np.linspace(np.log2(SHORTEST), np.log2(LONGEST), _GRID)
        bells = np.exp(-((octaves[:, np.newaxis] - seen) ** 2) / (2 * width**2))
        density = bells.sum(1)
        step = octaves[1] - octaves[0]
        density = (1 - _EVEN) * density / (density.sum() * step) + _EVEN / (_GRID * step)
        return _Table(octaves, density, np.cumsum(density) * step)

    def density(self, seconds: Floats) -> Floats:
        """The density of lengths per doubling."""
        at = np.log2(np.clip(seconds, SHORTEST, LONGEST))
        return np.asarray(np.interp(at, self._table.octaves, self._table.density))

    def fit(self, seconds: Floats) -> Floats:
        """How common lengths are: 1 for the most common, down to 0."""
        return self.density(seconds) / float(self._table.density.max())

    def share_below(self, seconds: Floats) -> Floats:
        """The share of shorter shots, 0 to 1."""
        at = np.log2(np.clip(seconds, SHORTEST, LONGEST))
        return np.asarray(np.interp(at, self._table.octaves, self._table.share))

    def quantile(self, share: float) -> float:
        """The length in seconds below which this share of shots lies."""
        return float(np.quantile(np.asarray(self.lengths), share))

    def parts(self, seconds: Floats) -> Ints:
        """The equal part of the pace that each length is in: 0 the shortest, to ``PARTS - 1``."""
        edges = np.quantile(np.asarray(self.lengths), np.arange(1, PARTS) / PARTS)
        return np.asarray(np.searchsorted(edges, seconds, side="right"), np.int64)

    def distance(self, seconds: Sequence[float]) -> float:
        """The distance of some shots' lengths from the pace: Kolmogorov's, 0 to 1."""
        found = np.sort(np.asarray(seconds, np.float64))
        below = self.share_below(found)
        rank = np.arange(len(found))
        above = np.maximum((rank + 1) / len(found) - below, below - rank / len(found))
        return float(above.max())
