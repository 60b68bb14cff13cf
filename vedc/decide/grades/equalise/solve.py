"""The numbers of all shots at once, by robust least squares over shared colours.

Each link between two shots requires that their common colours become equal. The Gauss-Newton method
makes that a linear system with a block for each shot and each link; Cauchy weights, updated in
every round, discount cells that moved between the two and links that contradict the others. A small
penalty on every number keeps those without evidence at 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.equalise.controls import SIZE, Colors
from vedc.decide.grades.equalise.scenes import Link
from vedc.decide.grades.shot import BT709, Canvas

_PRICE: Final = 0.06
"""Penalty of a number of one spread, as a squared colour difference."""
_ROUNDS: Final = 7
_STEP: Final = 1.5
"""The largest change of a number in a round, in spreads."""
_MOST: Final = 5.0
_DOUBTED: Final = 2.5
"""Multiples of the usual difference beyond which a cell, or a link, counts little."""
_FLOOR: Final = 0.7
"""The least usual difference: that of codecs and grain."""


class _Terms:
    """A link with the effect of both shots' numbers on its colours."""

    def __init__(self, link: Link, canvas: Canvas) -> None:
        self.i, self.j = link.first, link.second
        self.first, self.second = (
            Colors(colors, canvas) for colors in (link.cells.before, link.cells.after)
        )
        # Large areas count more, but not in proportion: a wall is no better evidence than a face.
        share = np.sqrt(link.cells.counts)
        self.share = share / share.sum()
        self.sure = 0.3 + 0.7 * (link.agreement - 0.6) / 0.4

    def at(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        """Differences (n, 3) and their derivatives (n, 3, 6) by either side's numbers."""
        a, along_a = self.first.at(values[self.i])
        b, along_b = self.second.at(values[self.j])
        # Differences between strong colours are less visible (as in CIE94).
        chroma = np.hypot(a[:, 1:], b[:, 1:]).max(1) / np.sqrt(2)
        scale = np.ones((len(a), 3))
        scale[:, 1:] = 1 / (1 + 0.045 * chroma[:, np.newaxis])
        each = scale[..., np.newaxis]
        return (b - a) * scale, -along_a * each, along_b * each


def solve(
    count: int, links: Sequence[Link], fixed: Collection[int], canvas: Canvas = BT709
) -> Floats:
    """Numbers (count, 6) in spreads; those of ``fixed`` shots, and of unlinked ones, are 0."""
    values = np.zeros((count, SIZE))
    terms = [_Terms(link, canvas) for link in links]
    free = np.ones(count, bool)
    free[list(fixed)] = False
    if not terms:
        return values
    for _ in range(_ROUNDS):
        diagonal = np.tile(_PRICE * np.eye(SIZE), (count, 1, 1))
        right = -_PRICE * values
        found = [term.at(values) for term in terms]
        squares = [np.square(left).sum(1) for left, _, _ in found]
        means = np.array([t.share @ np.sqrt(s) for t, s in zip(terms, squares, strict=True)])
        usual = max(float(np.median(means)), _FLOOR)
        across = np.zeros((len(terms), SIZE, SIZE))
        for n, (term, (left, by_i, by_j)) in enumerate(zip(terms, found, strict=True)):
            typical = max(float(np.sqrt(np.median(squares[n]))), _FLOOR)
            trust = term.share / (1 + squares[n] / (_DOUBTED * typical) ** 2)
            trust *= term.sure / (1 + (means[n] / (_DOUBTED * usual)) ** 2)
            each = np.repeat(trust, 3)[:, np.newaxis]
            one, two = (by.reshape(-1, SIZE) for by in (by_i, by_j))
            flat = left.ravel()
            diagonal[term.i] += one.T @ (each * one)
            diagonal[term.j] += two.T @ (each * two)
            across[n] = one.T @ (each * two)
            right[term.i] -= one.T @ (each[:, 0] * flat)
            right[term.j] -= two.T @ (each[:, 0] * flat)
        moved = _solved(diagonal, across, [(t.i, t.j) for t in terms], right, free)
        values = np.clip(values + np.clip(moved, -_STEP, _STEP), -_MOST, _MOST)
        if np.abs(moved).max() < 1e-3:
            break
    return values


def _solved(
    diagonal: Floats,
    across: Floats,
    pairs: Sequence[tuple[int, int]],
    right: Floats,
    free: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Floats:
    """The solution of the blocks' system over the free shots, by conjugate gradients.

    ``across[n]`` is the block of row ``pairs[n][0]`` and column ``pairs[n][1]``; the other half is
    its mirror image.
    """
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    mask = free[:, np.newaxis].astype(np.float64)
    inverse = np.linalg.inv(diagonal)

    def times(x: Floats) -> Floats:
        y = np.einsum("nab,nb->na", diagonal, x)
        np.add.at(y, first, np.einsum("nab,nb->na", across, x[second]))
        np.add.at(y, second, np.einsum("nab,na->nb", across, x[first]))
        return np.asarray(y * mask)

    x = np.zeros_like(right)
    left = right * mask
    ready = np.einsum("nab,nb->na", inverse, left)
    along, energy = ready, float((left * ready).sum())
    goal = 1e-16 * max(energy, 1e-300)
    for _ in range(20 * len(right) + 20):
        if energy <= goal:
            break
        image = times(along)
        size = energy / float((along * image).sum())
        x = x + size * along
        left = left - size * image
        ready = np.einsum("nab,nb->na", inverse, left)
        before, energy = energy, float((left * ready).sum())
        along = ready + energy / before * along
    return np.asarray(x, np.float64)
