"""Piecewise linear curves through noisy ones: L1 trend filtering.

Kim, Koh, Boyd and Gorinevsky, "l1 Trend Filtering" (SIAM Review 51, 2009): the curve x that
minimises ``sum (y - x)^2 / 2 + weight * sum |x[i-1] - 2 x[i] + x[i+1]|``. Its second differences
are zero except at a few points, the knots. Solved, as there, by a primal-dual interior-point method
on the dual, whose steps are banded systems: linear in the number of samples.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vedc.decide.arrays import Floats, Ints

_STEPS: Final = 60
_TOLERANCE: Final = 1e-5
"""Tolerance of the duality gap, relative to the minimum's value plus 1e-6 for each sample."""


def l1_trend(y: Floats, weight: float) -> Floats:
    """The trend (n,) of samples (n,); fewer than three samples are returned unchanged."""
    n = len(y) - 2
    if n < 1 or weight <= 0:
        return y.astype(np.float64).copy()
    dy = np.diff(y, 2)
    z = np.zeros(n)  # dual variable, within -weight..weight
    above, below = np.ones(n), np.ones(n)  # multipliers of z <= weight and z >= -weight
    limit_above, limit_below = z - weight, -z - weight
    t, growth = 1e-10, 2.0
    for _ in range(_STEPS):
        product = _gram(z)
        gap, value = _gap(y, z, dy, product, weight)
        if gap <= _TOLERANCE * (value + 1e-6 * n):
            break
        if gap > 0:
            t = max(growth * n * 2 / gap, 1.2 * t)
        residual = dy - product + _inverse(limit_above, t) - _inverse(limit_below, t)
        diagonal = -above / limit_above - below / limit_below
        dz = _solve(diagonal, residual)
        d_above = -(above + (1 / t + dz * above) / limit_above)
        d_below = -(below + (1 / t - dz * below) / limit_below)
        step = 1.0
        for values, change in ((above, d_above), (below, d_below)):
            falling = change < 0
            if falling.any():
                step = min(step, 0.99 * float((-values[falling] / change[falling]).min()))
        before = _norm(z, above, below, dy, weight, t)
        for _ in range(20):
            fresh = (z + step * dz, above + step * d_above, below + step * d_below)
            inside = (np.abs(fresh[0]) < weight).all()
            if inside and _norm(*fresh, dy, weight, t) <= (1 - 0.01 * step) * before:
                break
            step /= 2
        z, above, below = fresh
        z = np.clip(z, -weight * (1 - 1e-12), weight * (1 - 1e-12))
        limit_above, limit_below = z - weight, -z - weight
    return y - _transposed(z)


def knots(trend: Floats, least: float) -> Ints:
    """Samples at which a trend bends by more than ``least`` a sample; ends included."""
    bends = np.abs(np.diff(trend, 2)) > least
    return np.concatenate([[0], np.flatnonzero(bends) + 1, [len(trend) - 1]]).astype(np.int64)


def fitted(times: Floats, values: Floats, at: Floats, weights: Floats | None = None) -> Floats:
    """Values (k,) at ``at`` of the piecewise linear curve closest to samples, by least squares.

    ``times`` lie within ``at``, which rises. Solved by elimination of a tridiagonal system.
    """
    held = np.ones(len(times)) if weights is None else weights
    k = len(at)
    i = np.clip(np.searchsorted(at, times, "right") - 1, 0, k - 2)
    f = (times - at[i]) / (at[i + 1] - at[i])
    diagonal = np.bincount(i, held * (1 - f) ** 2, k) + np.bincount(i + 1, held * f * f, k)
    beside = np.bincount(i, held * f * (1 - f), k)
    right = np.bincount(i, held * (1 - f) * values, k) + np.bincount(i + 1, held * f * values, k)
    diagonal = diagonal + 1e-9 * (1 + held.sum())
    d, e, y = diagonal.tolist(), beside.tolist(), right.tolist()
    for j in range(1, k):
        ratio = e[j - 1] / d[j - 1]
        d[j] -= ratio * e[j - 1]
        y[j] -= ratio * y[j - 1]
    y[-1] /= d[-1]
    for j in range(k - 2, -1, -1):
        y[j] = (y[j] - e[j] * y[j + 1]) / d[j]
    return np.array(y)


def _gap(y: Floats, z: Floats, dy: Floats, product: Floats, weight: float) -> tuple[float, float]:
    """The duality gap, and the primal objective."""
    x = y - _transposed(z)
    primal = 0.5 * float(((y - x) ** 2).sum()) + weight * float(np.abs(np.diff(x, 2)).sum())
    dual = float(dy @ z) - 0.5 * float(z @ product)
    return primal - dual, abs(primal)


def _inverse(limit: Floats, t: float) -> Floats:
    return (1 / t) / limit


def _norm(z: Floats, above: Floats, below: Floats, dy: Floats, weight: float, t: float) -> float:
    """Length of the residual of the optimality conditions."""
    dual = dy - _gram(z) - above + below
    central = np.concatenate([-above * (z - weight) - 1 / t, -below * (-z - weight) - 1 / t])
    return float(np.sqrt((dual**2).sum() + (central**2).sum()))


def _transposed(z: Floats) -> Floats:
    """The transpose of second differences, applied to (n,): (n + 2,)."""
    out = np.zeros(len(z) + 2)
    out[:-2] += z
    out[1:-1] -= 2 * z
    out[2:] += z
    return out


def _gram(z: Floats) -> Floats:
    """Second differences of their transpose: the band 1, -4, 6, -4, 1."""
    return np.diff(_transposed(z), 2)


def _solve(diagonal: Floats, right: Floats) -> Floats:
    """Solve ``(band + diag(diagonal)) x = right`` for the band of ``_gram``, by LDL'."""
    n = len(right)
    d, low, far = [0.0] * n, [0.0] * n, [0.0] * n
    y = [0.0] * n
    given, values = diagonal.tolist(), right.tolist()
    d1 = d2 = l1 = 0.0
    y1 = y2 = 0.0
    for i in range(n):
        f = 1.0 / d2 if i > 1 else 0.0
        near = (-4.0 - f * d2 * l1) / d1 if i > 0 else 0.0
        pivot = 6.0 + given[i] - near * near * d1 - f * f * d2
        far[i], low[i], d[i] = f, near, pivot
        y[i] = values[i] - near * y1 - f * y2
        y2, y1 = y1, y[i]
        d2, d1, l1 = d1, pivot, near
    x = [0.0] * n
    for i in range(n - 1, -1, -1):
        held = y[i] / d[i]
        if i + 1 < n:
            held -= low[i + 1] * x[i + 1]
        if i + 2 < n:
            held -= far[i + 2] * x[i + 2]
        x[i] = held
    return np.array(x)
