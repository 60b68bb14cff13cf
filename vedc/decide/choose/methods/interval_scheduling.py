"""Which pieces to keep: the best set of an exact total length, by dynamic programming.

A film of exactly N units is assembled from pieces that do not overlap. With pieces sorted by their
beginnings, and ``after`` giving the first beginning that is free once a piece is taken,

    best(k, n) = max(best(k + 1, n), max over pieces p of k: value(p) + best(after(p), n - size(p)))

is the best value of n units from beginning k: weighted interval scheduling with a knapsack's second
dimension. It is exact, takes O(pieces x N) steps of vector arithmetic and O(beginnings x N) numbers
of memory, and one more factor if the number of pieces is limited. Among equally good films, the one
whose first piece (then second, ...) is listed earliest is taken; pieces are listed by their
beginnings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vedc.decide.arrays import Bools, Floats, Ints


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
    """(pieces,): the first beginning that a piece leaves free; greater than its own."""

    @property
    def beginnings(self) -> int:
        return len(self.first) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Beginnings ``start <= k < end``, which belong to one source."""

    start: int
    end: int
    bonus: Floats
    """(total + 1,): the film's gain, by the number of its units that come from this group."""


def select(
    pieces: Pieces, total: int, count: int | None = None, groups: Sequence[Group] = ()
) -> list[int] | None:
    """Indices of the best pieces whose sizes add up to exactly ``total``, in order.

    At most ``count`` of them. None if no choice of pieces does. ``groups``, which cover all
    beginnings in order, add a value for how much of the film each fills; this costs another
    O(groups x N x N), and twice the square of ``count`` if that limits the choice.
    """
    solve = _solve_groups if groups else _solve
    free = solve(pieces, total, None, groups)
    if free is None or count is None or len(free) <= count:
        return free
    return solve(pieces, total, count, groups)


def _solve(
    pieces: Pieces, total: int, count: int | None, groups: Sequence[Group] = ()
) -> list[int] | None:
    best = _table(pieces, total, count)
    if best[0, -1, total] == -np.inf:
        return None
    return _trace(pieces, best, total, count)


def _table(pieces: Pieces, total: int, count: int | None) -> Floats:
    """``best``: rows are beginnings, planes the number of pieces left to take, columns units."""
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
        for plane in range(0 if count is None else 1, planes):  # nothing follows these
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
    return best


def _solve_groups(
    pieces: Pieces, total: int, count: int | None, groups: Sequence[Group]
) -> list[int] | None:
    """As ``_solve``: a table for each group and, from the last group to the first, the best film of
    the following groups, by its units and the pieces left to take."""
    tables = [_table(_of_group(pieces, group, last=False), total, count) for group in groups]
    ends = tables
    if any(_closing(pieces, group).any() for group in groups):
        ends = [_table(_of_group(pieces, group, last=True), total, count) for group in groups]
    planes = tables[0].shape[1]
    films = np.full((len(groups) + 1, planes, total + 1), -np.inf)
    films[-1, :, 0] = 0.0
    idle = 0.0
    """The bonus of later groups from which the film takes nothing."""
    for g in range(len(groups) - 1, -1, -1):
        bonus = groups[g].bonus
        for used in range(1 if count is None else planes):
            for n in np.flatnonzero(tables[g][0, used] > -np.inf).tolist():
                value = tables[g][0, used, n] + bonus[n]
                made = films[g + 1, : planes - used, : total + 1 - n] + value
                target = films[g, used:, n:]
                np.maximum(target, made, out=target)
        np.maximum(films[g], ends[g][0] + bonus + idle, out=films[g])
        idle += float(bonus[0])
    if films[0, -1, total] == -np.inf:
        return None
    return _trace_groups(pieces, groups, (tables, ends), films, count)


def _of_group(pieces: Pieces, group: Group, *, last: bool) -> Pieces:
    """The pieces of one group. Those that must end the film are left out unless ``last``."""
    first, end = int(pieces.first[group.start]), int(pieces.first[group.end])
    after, size = pieces.after[first:end], pieces.size[first:end]
    if not last:  # too long for any film
        size = np.where(_closing(pieces, group), np.iinfo(np.int64).max, size)
    return Pieces(
        pieces.first[group.start : group.end + 1] - first,
        size,
        pieces.value[first:end],
        np.minimum(after, group.end) - group.start,
    )


def _closing(pieces: Pieces, group: Group) -> Bools:
    """Which pieces of a group must end the film: they leave no beginning free in later groups."""
    some = slice(int(pieces.first[group.start]), int(pieces.first[group.end]))
    closing: Bools = (pieces.after[some] == pieces.beginnings) & (group.end < pieces.beginnings)
    return closing


def _trace_groups(
    pieces: Pieces,
    groups: Sequence[Group],
    tables: tuple[Sequence[Floats], Sequence[Floats]],
    films: Floats,
    count: int | None,
) -> list[int]:
    """Trace the choice back through the tables of ``_solve_groups``."""
    chosen: list[int] = []
    left, plane = films.shape[2] - 1, films.shape[1] - 1
    for g, group in enumerate(groups):
        offset = int(pieces.first[group.start])
        idle = sum(float(other.bonus[0]) for other in groups[g + 1 :])
        closing = tables[1][g][0, plane, left] + group.bonus[left] + idle
        last = bool(closing == films[g, plane, left])
        n, used = left, plane
        if not last:
            n, used = _part(tables[0][g][0], group.bonus, films[g : g + 2], left, plane, count)
        own = _of_group(pieces, group, last=last)
        table = tables[last][g]
        chosen += [offset + p for p in _trace(own, table, n, None if count is None else used)]
        if last:
            break
        left, plane = left - n, plane - (0 if count is None else used)
    return chosen


def _part(
    table: Floats, bonus: Floats, films: Floats, left: int, plane: int, count: int | None
) -> tuple[int, int]:
    """Units and pieces of a group in the best film of ``left`` units from this group onwards."""
    for used in range(1 if count is None else plane + 1):
        rest = plane if count is None else plane - used
        n = np.arange(left + 1)
        reached = films[1, rest, left - n] + (table[used, n] + bonus[n]) == films[0, plane, left]
        if reached.any():
            return int(np.argmax(reached)), used
    raise AssertionError("no part of a film that the table holds")


def _trace(pieces: Pieces, best: Floats, total: int, count: int | None) -> list[int]:
    """Trace the choice back through a table: the earliest piece that reaches the best value.

    ``total`` and ``count`` may be smaller than the table's.
    """
    chosen: list[int] = []
    k, left, plane = 0, total, 0 if count is None else count
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
    """One option from each group, with sizes that add up to exactly ``total``, at the best value.

    ``options``: sizes and values of each group. Sums stay within ``reach`` of a straight path to
    the total (the middle size of each group), which bounds work and memory: O(groups x options x
    reach). None if nothing fits.
    """
    middles = [int(sizes[len(sizes) // 2]) for sizes, _ in options]
    drift = total - sum(middles)
    reach = max(reach, abs(drift))
    wide = 2 * reach + 1
    # best[g][reach + d]: for groups from g, whose sizes sum to d more than their middles.
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


@dataclass(frozen=True, slots=True, eq=False)
class SlotGroup:
    """Beginnings ``start <= k < end``, which belong to one source."""

    start: int
    end: int
    bonus: Floats
    """(slots + 1, most + 1): the film's gain, by slot and by the number of slots that this group
    fills from there."""


def assign(value: Floats, after: Ints, groups: Sequence[SlotGroup] = ()) -> list[int] | None:
    """A beginning for each slot, in order and without overlap, at the best value.

    ``value[k, s]``: the value of filling slot ``s`` from beginning ``k``, minus infinity if it does
    not fit; ``after[k, s]``: the first beginning that is then free. None if not all slots can be
    filled. O(beginnings x slots). ``groups``, which cover all beginnings in order, add a value for
    how many slots each fills; this costs another factor, the most slots in a group.
    """
    if groups:
        return _assign_groups(value, after, groups)
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


def _assign_groups(value: Floats, after: Ints, groups: Sequence[SlotGroup]) -> list[int] | None:
    """As ``assign``; from the last group to the first, the best film of the following groups.

    A group's table is computed twice, so that only one is in memory.
    """
    slots = value.shape[1]
    films = np.full((len(groups) + 1, slots + 1), -np.inf)
    films[-1, slots] = 0.0
    for g in range(len(groups) - 1, -1, -1):
        made = _slot_table(value, after, groups[g])[0] + groups[g].bonus
        for n in range(min(made.shape[1], slots + 1)):
            film = made[: slots + 1 - n, n] + films[g + 1, n:]
            np.maximum(films[g, : slots + 1 - n], film, out=films[g, : slots + 1 - n])
    if films[0, 0] == -np.inf:
        return None
    chosen: list[int] = []
    slot = 0
    for g, group in enumerate(groups):
        best = _slot_table(value, after, group)
        most = min(group.bonus.shape[1], slots + 1 - slot)
        reached = best[0, slot, :most] + group.bonus[slot, :most] + films[g + 1, slot:][:most]
        n = int(np.argmax(reached == films[g, slot]))
        k = 0
        for s in range(slot, slot + n):
            left = slot + n - s
            while True:
                following = min(int(after[group.start + k, s]), group.end) - group.start
                rest = best[following, s + 1, left - 1]
                if rest + value[group.start + k, s] == best[k, s, left]:
                    break
                k += 1
            chosen.append(group.start + k)
            k = following
        slot += n
    return chosen


def _slot_table(value: Floats, after: Ints, group: SlotGroup) -> Floats:
    """``best[k, s, n]``: the value of ``n`` slots from ``s``, filled from beginnings from ``k``."""
    slots, most = value.shape[1], group.bonus.shape[1] - 1
    best = np.full((group.end - group.start + 1, slots + 1, most + 1), -np.inf)
    best[:, :, 0] = 0.0
    columns = np.arange(1, slots + 1)
    for k in range(group.end - group.start - 1, -1, -1):
        following = np.minimum(after[group.start + k], group.end) - group.start
        taken = best[following, columns, :-1] + value[group.start + k, :, None]
        best[k, :, 1:] = best[k + 1, :, 1:]
        np.maximum(best[k, :-1, 1:], taken, out=best[k, :-1, 1:])
    return best


def split(scores: Floats, low: int, high: int) -> list[int] | None:
    """Places at which to cut a stretch into parts of ``low`` to ``high`` frames.

    ``scores[i]`` is the score of a cut at place ``i``, (frames + 1,). As few parts as possible,
    then the best cuts. None if no parts of such lengths fill it. O(frames x (high - low)).
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
