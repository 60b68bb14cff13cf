"""Similarities of the plane, and the one that most of some points follow.

A point is a complex number, x + iy, with y down; a similarity maps p to ``gain * p + shift``. The
gain's length is the enlargement, its angle the turn, clockwise.
"""

from __future__ import annotations

import cmath
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Bools

#: Pixels within which a point follows a motion.
NEAR: Final = 1.0
#: Pixels beyond which a point has no weight, at least.
_LEAST_REACH: Final = 0.5
_ROUNDS: Final = 8
#: How many times the support of a guess, such as a camera that goes on as before, makes another
#: motion likelier: something large that comes into the picture is no motion of the camera.
_CLEARLY: Final = 1.5


class Similarity(NamedTuple):
    """p to ``gain * p + shift``."""

    gain: complex = 1 + 0j
    shift: complex = 0j

    def __call__(self, points: Any) -> Any:
        return self.gain * points + self.shift

    def after(self, first: Similarity) -> Similarity:
        """``first``, then this one."""
        return Similarity(self.gain * first.gain, self.gain * first.shift + self.shift)

    def back(self) -> Similarity:
        """The inverse."""
        return Similarity(1 / self.gain, -self.shift / self.gain)

    @property
    def scale(self) -> float:
        return abs(self.gain)

    @property
    def turn(self) -> float:
        """Radians, clockwise."""
        return cmath.phase(self.gain)

    def reach(self, corner: complex) -> float:
        """How far it moves anything between the middle and a corner at that distance, at most."""
        return abs(self.shift) + abs(self.gain - 1) * abs(corner)

    def matrix(self) -> Any:
        """(2, 3), on x and y."""
        (a, b), (x, y) = ((c.real, c.imag) for c in self)
        return np.array([[a, -b, x], [b, a, y]])


STILL: Final = Similarity()


def least_squares(before: Any, after: Any, weights: Any, firm: float = 0.0) -> Similarity:
    """The similarity that takes ``before`` nearest to ``after``, both (n,).

    ``firm``, in squared pixels, holds the gain at 1: the moment of inertia of as many points that
    neither turn nor move apart.
    """
    total = weights.sum()
    a, b = (before * weights).sum() / total, (after * weights).sum() / total
    from_, to = before - a, after - b
    spread = (weights * (from_ * from_.conj()).real).sum()
    turned = (weights * to * from_.conj()).sum() + firm
    gain = complex(turned / (spread + firm)) if spread + firm > 0 else 1 + 0j
    return Similarity(gain, complex(b - gain * a))


def followed(
    before: Any,
    after: Any,
    area: Any,
    trust: Any,
    guesses: Sequence[Similarity],
    firm: float = 0.0,
) -> tuple[Similarity, Bools]:
    """The similarity that most of the points (n,) follow, each counted by its ``area``, and which
    do.

    It starts from the best of ``guesses``, unless what RANSAC finds is clearly better. The rest is
    least squares with Tukey's weights, times ``trust``; ``firm`` as in :func:`least_squares`.
    """

    def support(similarity: Similarity) -> float:
        return float(area[_close(similarity, before, after)].sum())

    found, sampled = max(guesses, key=support), _sampled(before, after)
    if support(sampled) > _CLEARLY * support(found):
        found = sampled
    for _ in range(_ROUNDS):
        off = np.abs(found(before) - after)
        inner = off[off < 3 * NEAR]
        middle = float(np.median(inner)) if len(inner) else NEAR
        reach = min(max(4.685 * 1.4826 * middle, _LEAST_REACH), 3 * NEAR)
        weights = trust * np.square(np.clip(1 - np.square(off / reach), 0, 1))
        if (weights > 0).sum() < 3:
            break
        made = least_squares(before, after, weights, firm)
        if made == found:
            break
        found = made
    return found, _close(found, before, after)


def _close(similarity: Similarity, before: Any, after: Any) -> Bools:
    close: Bools = np.abs(similarity(before) - after) < NEAR
    return close


def _sampled(before: Any, after: Any) -> Similarity:
    import cv2

    first, second = (np.stack([p.real, p.imag], 1).astype(np.float32) for p in (before, after))
    matrix, _ = cv2.estimateAffinePartial2D(
        first, second, method=cv2.RANSAC, ransacReprojThreshold=NEAR, maxIters=300, refineIters=0
    )
    if matrix is None or not np.isfinite(matrix).all():
        return STILL
    return Similarity(complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2]))
