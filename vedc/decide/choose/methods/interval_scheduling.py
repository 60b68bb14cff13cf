"""Which pieces to keep: the best ones of an exact length together, by dynamic programming.

A film of exactly N units is put together from pieces that do not overlap. With pieces sorted by
where they begin, and ``after`` naming the first beginning that is free once a piece is taken,

    best(k, n) = max(best(k + 1, n), max over pieces p of k: value(p) + best(after(p), n - size(p)))

is the best value that n units can have from beginning k on: weighted interval scheduling with a
knapsack's second dimension. It is exact, takes O(pieces x N) steps of vector arithmetic and
O(beginnings x N) numbers of memory, and one factor more where the number of pieces is limited.
Of equally good films the one whose first piece (then second, ...) is listed earliest is taken;
they are listed by where they begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vedc.decide.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Candidates, by beginning: those of beginning ``k`` are ``first[k]`` to ``first[k + 1]``."""

    first: Ints
    """(beginnings + 1,)."""
    size: Ints
    """(pieces,): units, at least 1."""
    value: Floats
    """(pieces,)."""
    after: Ints
    """(pieces,): the first beginning that a piece leaves free; more than its own."""

    @property
    def beginnings(self) -> int:
        return len(self.first) - 1


def select(pieces: Pieces, total: int, count: int | None = None) -> list[int] | None:
    """Indices of the best pieces whose sizes add up to exactly ``total``, in order.

    At most ``count`` of them. None where no choice of pieces does it.
    """
    free = _solve(pieces, total, None)
    if free is None or count is None or len(free) <= count:
        return free
    return _solve(pieces, total, count)


def _solve(pieces: Pieces, total: int, count: int | None) -> list[int] | None:
    """As :func:`select`; the table's rows are beginnings, its planes pieces left to take."""
    planes = 1 if count is None else count + 1
    best = np.full((pieces.beginnings + 1, planes, total + 1), -np.inf)
    best[-1, :, 0] = 0.0
    into, out_of = (slice(None), slice(None)) if count is None else (slice(1, None), slice(0, -1))
    room = np.empty((planes, total + 1))
    for k in range(pieces.beginnings - 1, -1, -1):
        row = best[k]
        row[:] = best[k + 1]
        first, end = int(pieces.first[k]), int(pieces.first[k + 1])
        ending = np.flatnonzero(pieces.after[first:end] == pieces.beginnings) + first
        ending = ending[pieces.size[ending] <= total]
        for plane in range(0 if count is None else 1, planes):  # nothing comes after these
            np.maximum.at(row[plane], pieces.size[ending], pieces.value[ending])
        for p in np.flatnonzero(pieces.after[first:end] < pieces.beginnings) + first:
            size = int(pieces.size[p])
            if size > total:
                continue
            rest = best[pieces.after[p], out_of, : total + 1 - size]
            made = room[: len(rest), : rest.shape[1]]
            np.add(rest, pieces.value[p], out=made)
            target = row[into, size:]
            np.maximum(target, made, out=target)
    if best[0, -1, total] == -np.inf:
        return None
    return _trace(pieces, best, total, None if count is None else count)


def _trace(pieces: Pieces, best: Floats, total: int, count: int | None) -> list[int]:
    """The choice behind the table: the earliest piece that reaches the best value."""
    chosen: list[int] = []
    k, left, plane = 0, total, best.shape[1] - 1
    below = 0 if count is None else 1
    while left:
        some = slice(int(pieces.first[k]), int(pieces.first[k + 1]))
        rest = left - pieces.size[some]
        known = best[pieces.after[some], plane - below, np.maximum(rest, 0)] + pieces.value[some]
        reached = np.flatnonzero((rest >= 0) & (known == best[k, plane, left]))
        if plane < below or not len(reached):
            k += 1
            continue
        chosen.append(some.start + int(reached[0]))
        k, left = int(pieces.after[chosen[-1]]), int(rest[reached[0]])
        plane -= below
    return chosen


def fit(options: Sequence[tuple[Ints, Floats]], total: int, reach: int) -> list[int] | None:
    """One option of each group, their sizes adding up to exactly ``total``, at the best value.

    ``options``: sizes and values of each group. Sums stay within ``reach`` of a straight way to
    the total (the middle size of each group), which bounds work and memory: O(groups x options x
    reach). None where nothing fits.
    """
    middles = [int(sizes[len(sizes) // 2]) for sizes, _ in options]
    drift = total - sum(middles)
    reach = max(reach, abs(drift))
    wide = 2 * reach + 1
    # best[g][reach + d]: of the groups from g on, which are d more than their middles together.
    best = np.full((len(options) + 1, wide), -np.inf)
    best[-1, reach] = 0.0
    for g in range(len(options) - 1, -1, -1):
        sizes, values = options[g]
        for size, value in zip(sizes.tolist(), values.tolist(), strict=True):
            off = size - middles[g]
            if abs(off) >= wide:
                continue
            low, high = max(0, off), min(wide, wide + off)
            np.maximum(
                best[g, low:high], best[g + 1, low - off : high - off] + value,
                out=best[g, low:high],
            )  # fmt: skip
    if best[0, reach + drift] == -np.inf:
        return None
    chosen: list[int] = []
    at = reach + drift
    for g, (sizes, values) in enumerate(options):
        for i, (size, value) in enumerate(zip(sizes.tolist(), values.tolist(), strict=True)):
            before = at - (size - middles[g])
            if 0 <= before < wide and best[g + 1, before] + value == best[g, at]:
                chosen.append(i)
                at = before
                break
    return chosen


def assign(value: Floats, after: Ints) -> list[int] | None:
    """A beginning for each slot, in order and without overlap, at the best value.

    ``value[k, s]``: of slot ``s`` filled from beginning ``k``, minus infinity where it does not
    fit; ``after[k, s]``: the first beginning that is then free. None where not all can be filled.
    O(beginnings x slots).
    """
    count, slots = value.shape
    best = np.full((count + 1, slots + 1), -np.inf)
    best[:, slots] = 0.0
    columns = np.arange(slots)
    for k in range(count - 1, -1, -1):
        taken = value[k] + best[after[k], columns + 1]
        best[k, :slots] = np.maximum(best[k + 1, :slots], taken)
    if best[0, 0] == -np.inf:
        return None
    chosen: list[int] = []
    k = 0
    for s in range(slots):
        while value[k, s] + best[after[k, s], s + 1] != best[k, s]:
            k += 1
        chosen.append(k)
        k = int(after[k, s])
    return chosen


def split(scores: Floats, low: int, high: int) -> list[int] | None:
    """Places at which to cut a stretch into parts of ``low`` to ``high`` frames.

    ``scores[i]`` is that of a cut at place ``i``, (frames + 1,). The fewest parts, and of as few
    the best cuts. None where no parts of such lengths fill it. O(frames x (high - low)).
    """
    frames = len(scores) - 1
    span = float(np.abs(scores).sum()) + 1.0
    best = np.full(frames + 1, -np.inf)
    best[frames] = 0.0
    for i in range(frames - 1, -1, -1):
        near, far = i + low, min(i + high, frames)
        if near <= far:
            best[i] = best[near : far + 1].max() - span + (scores[i] if i else 0.0)
    if best[0] == -np.inf:
        return None
    cuts: list[int] = []
    at = 0
    while True:
        near, far = at + low, min(at + high, frames)
        at = near + int(np.argmax(best[near : far + 1]))
        if at == frames:
            return cuts
        cuts.append(at)
