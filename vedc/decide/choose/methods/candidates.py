"""The best film of an exact length from some intervals.

Candidates begin on a regular grid within each interval and at the best cuts between grid points;
they end on any frame. Within a work budget the choice is exact (``interval_scheduling.select``);
beyond it sizes count in units of several frames, and the ends are then fitted to the frame
(``interval_scheduling.fit``). An hour takes seconds, in bounded memory.

A second stage (``variety``) avoids pieces that look alike and spreads them over the sources.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats, Ints
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.methods import interval_scheduling
from vedc.decide.choose.methods.variety import Beginnings, Shares, signatures_of, varied_film
from vedc.decide.choose.pace import PARTS
from vedc.decide.choose.pieces import Interval, Piece, PieceScorer

#: Limits on the cells of the dynamic programming table, and on its steps.
_CELLS: Final = 10_000_000
_STEPS: Final = 400_000_000
_BEGINNINGS: Final = 2000
_STEP: Final = Fraction(1, 4)
"""Seconds between beginnings on the regular grid, if the budget allows."""
_APART: Final = 0.2
"""Seconds within which only the best cut is a candidate."""
_GAP: Final = Fraction(1)
"""Least seconds between two pieces of one shot; a shorter jump looks like an error."""


_PACINGS: Final = 8
"""Iterations that bring lengths closer to a pace."""
_PACE_STEP: Final = 4.0
"""The first increase in a piece's worth if its part of the pace has no pieces at all."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Constraints on the pieces of a film, in frames of the film."""

    total: int
    low: int
    high: int
    count: int | None = None
    strict: bool = False
    """Whether ``high`` is the user's; otherwise pieces may get longer if necessary."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Candidates of one interval: ``begin`` is an index into ``places``, ``size`` in units."""

    interval: Interval
    places: Ints
    begin: Ints
    size: Ints
    last: Ints | None = None
    """1 for a piece that may only end the film."""


class Candidates:
    """Every possible piece of some intervals, with its worth.

    ``whole_words``: pieces fitted to an exact length, too, end outside words.
    """

    def __init__(
        self,
        scorer: PieceScorer,
        blocks: Sequence[Block],
        total: int,
        unit: int,
        gap: Fraction,
        *,
        whole_words: bool = False,
    ) -> None:
        self.scorer, self.total, self.unit = scorer, total, unit
        self.whole_words = whole_words
        self.blocks = [block for block in blocks if len(block.size)]
        empty = np.zeros(0, np.int64)
        places: list[Ints] = [empty]
        owner: list[Ints] = [empty]
        begin: list[Ints] = [empty]
        wanted: list[Ints] = [empty]
        worths: list[Floats] = [np.zeros(0)]
        far = 2 + max((f.count for f in scorer.footage), default=0)
        count = 0
        for r, block in enumerate(self.blocks):
            interval, footage = block.interval, scorer.footage[block.interval.source]
            start = block.places[block.begin]
            over = _ends(footage, start, block.size * unit)
            seconds = block.size * unit / float(film_rate(scorer))
            worths.append(scorer.worths(interval, start, np.minimum(over, footage.count), seconds))
            # Sources follow one another on one axis; the next piece of this shot leaves a gap.
            free = _ends(footage, start, block.size * unit, up=True)
            room = int(gap * footage.rate)
            apart = np.minimum(free + room, np.maximum(interval.end, free))
            wanted.append(apart + far * interval.source)
            places.append(block.places)
            owner.append(np.full(len(block.places), r))
            begin.append(block.begin + count)
            count += len(block.places)
        self.places = np.concatenate(places)
        """(beginnings,): the place in the source."""
        self.owner = np.concatenate(owner)
        """(beginnings,): the block's index."""
        self.begin = np.concatenate(begin)
        """(pieces,): the beginning's index."""
        self.size = np.concatenate([empty, *(block.size for block in self.blocks)])
        self.worth = np.concatenate(worths)
        """(pieces,): the addition of each to a film's score."""
        source = np.array([block.interval.source for block in self.blocks], np.int64)
        axis = self.places + far * source[self.owner] if count else empty
        self.after = np.searchsorted(axis, np.concatenate(wanted))
        lasts = [np.zeros(len(b.size), np.int64) if b.last is None else b.last for b in self.blocks]
        self.after = np.where(np.concatenate([empty, *lasts]) == 1, count, self.after)
        self.first = np.searchsorted(self.begin, np.arange(count + 1))

    @property
    def seconds(self) -> Floats:
        """The length of each piece."""
        return self.size * self.unit / float(film_rate(self.scorer))

    def interval(self, p: int) -> Interval:
        return self.blocks[int(self.owner[self.begin[p]])].interval

    def piece(self, p: int, frames: int | None = None) -> Piece:
        """The piece at an index, or one of another length from the same beginning."""
        interval = self.interval(p)
        footage = self.scorer.footage[interval.source]
        size = int(self.size[p]) * self.unit if frames is None else frames
        begin = footage.time(int(self.places[self.begin[p]]))
        end = begin + size / film_rate(self.scorer)
        return Piece(interval.source, begin, end, interval.shot, central=interval.central)

    def choose(
        self, value: Floats, count: int | None, groups: Sequence[interval_scheduling.Group]
    ) -> list[int] | None:
        pieces = interval_scheduling.Pieces(self.first, self.size, value, self.after)
        return interval_scheduling.select(pieces, self.total // self.unit, count, groups)


def film_rate(scorer: PieceScorer) -> Fraction:
    return scorer.footage[0].rate / scorer.footage[0].ratio


def _ends(footage: AnalyzedSource, start: Ints, frames: Ints, *, up: bool = False) -> Ints:
    """The place where this many frames of the film end, rounded down, or up."""
    exact = frames * footage.ratio.numerator
    if up:
        return np.asarray(start - (-exact // footage.ratio.denominator), np.int64)
    return np.asarray(start + exact // footage.ratio.denominator, np.int64)


def grid(
    scorer: PieceScorer, interval: Interval, low: int, high: int, unit: int, step: Fraction
) -> Block:
    """The pieces of ``low`` to ``high`` frames that an interval has room for."""
    footage = scorer.footage[interval.source]
    places = _beginnings(scorer, interval, step, low)
    least = -(-low // unit)
    room = (interval.end - places) * footage.ratio.denominator // footage.ratio.numerator // unit
    fits = np.maximum(np.minimum(room, high // unit) - least + 1, 0)
    begin = np.repeat(np.arange(len(places)), fits)
    first = np.concatenate([[0], np.cumsum(fits)])[:-1].astype(np.int64)
    size = least + np.arange(len(begin)) - first[begin]
    if interval.must is not None and len(size):
        over = _ends(footage, places[begin], size * unit)
        shows = (places[begin] <= interval.must) & (interval.must < over)
        begin, size = begin[shows], size[shows]
    return Block(interval, places, begin, size)


def between_words(scorer: PieceScorer, block: Block, unit: int) -> Block:
    """The pieces of a block that begin and end while nobody speaks."""
    interval, footage = block.interval, scorer.footage[block.interval.source]
    spoken = scorer.in_word(interval.source)
    starts = block.places[block.begin]
    ends = np.minimum(_ends(footage, starts, block.size * unit), footage.count)
    fit = ~spoken[starts] & ~spoken[ends]
    return replace(block, begin=block.begin[fit], size=block.size[fit])


def _beginnings(scorer: PieceScorer, interval: Interval, step: Fraction, low: int) -> Ints:
    """Places of an interval where pieces of at least ``low`` frames may begin, in order."""
    footage = scorer.footage[interval.source]
    last = interval.end - -(-low * footage.ratio.numerator // footage.ratio.denominator)
    if interval.must is not None:
        last = min(last, interval.must)
    if last < interval.start:
        return np.zeros(0, np.int64)
    stride = max(1, int(step * footage.rate))
    places = set(range(interval.start, last + 1, stride))
    cuts = scorer.ins(interval.source)[interval.start : last + 1]
    apart = max(1, int(max(_APART, float(step)) * float(footage.rate)))
    for first in range(0, len(cuts), apart):
        places.add(interval.start + first + int(np.argmax(cuts[first : first + apart])))
    return np.array(sorted(places), np.int64)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Search resolution: frames per unit, seconds between beginnings, longest piece, least gap."""

    unit: int
    step: Fraction
    high: int
    gap: Fraction


def best(
    scorer: PieceScorer,
    intervals: Sequence[Interval],
    limits: Limits,
    *,
    spread: bool,
    whole_words: bool,
) -> list[Piece] | None:
    """The pieces of the best film of exactly ``limits.total`` frames, in order.

    A film's score sums the quality of its pieces per second and the score of each cut. With
    ``whole_words``, no piece begins or ends in a word if any such film exists, whatever its score.
    ``spread``: every source gets a share of the film. None if no film meets the limits.
    """
    seconds = limits.total / float(film_rate(scorer))
    shares = Shares.of_seconds(scorer.footage, intervals, seconds) if spread else None
    sources = 0 if shares is None else int(np.count_nonzero(shares.due))
    attempts = _attempts(scorer, intervals, limits, sources)
    words = whole_words and any(
        scorer.in_word(source).any() for source in {r.source for r in intervals}
    )
    for whole, attempt in itertools.product((True, False) if words else (False,), attempts):
        unit = attempt.unit
        blocks = [
            grid(scorer, interval, limits.low, attempt.high, unit, attempt.step)
            for interval in intervals
        ]
        if whole:
            blocks = [between_words(scorer, block, unit) for block in blocks]
        candidates = Candidates(scorer, blocks, limits.total, unit, attempt.gap, whole_words=whole)
        chosen = varied(candidates, replace(limits, high=attempt.high), shares)
        if chosen is not None:
            return chosen
    return None


def _attempts(
    scorer: PieceScorer, intervals: Sequence[Interval], limits: Limits, sources: int
) -> list[_Attempt]:
    """Attempts in turn: within the budget, then longer pieces, no gaps, finer units.

    ``sources``: the number of sources to spread the film over, if any.
    """
    rates = {r.source: scorer.footage[r.source].rate for r in intervals}
    seconds = sum((Fraction(r.end - r.start) / rates[r.source] for r in intervals), Fraction(0))
    step = max(_STEP, seconds / _BEGINNINGS)
    planes = 1 if limits.count is None else min(limits.count, limits.total // limits.low) + 1

    def attempt(high: int, gap: Fraction) -> _Attempt:
        begins = float(seconds / step) * 2 + len(intervals)
        unit = 1
        while unit < limits.low:
            cells = begins * (limits.total / unit) * planes
            steps = cells * ((high - limits.low) / unit + 1)
            steps += sources * (planes * limits.total / unit) ** 2
            if cells <= _CELLS and steps <= _STEPS:
                break
            unit += max(1, unit // 4)
        return _Attempt(unit, step, high, gap)

    out = [attempt(limits.high, _GAP)]
    if not limits.strict and limits.high < limits.total:
        out.append(attempt(limits.total, _GAP))
    out.append(attempt(limits.high, Fraction(0)))
    unit = out[-1].unit
    while unit > 1:
        unit //= 2
        out.append(replace(out[-1], unit=unit))
    dense = sum(r.end - r.start for r in intervals) * limits.total * planes
    if dense <= 4 * _CELLS:
        finest = min((1 / rate for rate in rates.values()), default=step)
        out.append(replace(out[-1], step=finest))
    return out


def varied(
    candidates: Candidates, limits: Limits, shares: Shares | None = None
) -> list[Piece] | None:
    """The best film from some candidates whose pieces do not look alike, spread over the
    sources."""
    if not len(candidates.size):
        return None
    usual = min(limits.high, max(limits.low, int(3 * film_rate(candidates.scorer))))
    parts = [(block.interval, block.places) for block in candidates.blocks]

    source = np.array([b.interval.source for b in candidates.blocks], np.int64)[candidates.owner]
    beginnings = Beginnings(
        candidates.places, source, signatures_of(candidates.scorer, parts, usual)
    )
    groups: list[interval_scheduling.Group] = []
    if shares is not None:
        units = np.arange(candidates.total // candidates.unit + 1)
        seconds = units * candidates.unit / float(film_rate(candidates.scorer))
        for number, start, end in beginnings.runs():
            groups.append(interval_scheduling.Group(start, end, shares.bonus(number, seconds)))

    def choose(extra: Floats) -> list[Piece] | None:
        value = candidates.worth + extra[candidates.begin] * candidates.seconds
        indices = _paced(candidates, value, limits.count, groups)
        return None if indices is None else _fitted(candidates, indices, limits)

    return varied_film(candidates.scorer, choose, beginnings, shares)


def _paced(
    candidates: Candidates,
    value: Floats,
    count: int | None,
    groups: Sequence[interval_scheduling.Group],
) -> list[int] | None:
    """The best pieces whose lengths are distributed as in a pace, if there is one.

    A film gets equal numbers of pieces from each part of a pace. Pieces of a part with too many
    become worth less, those of the others more, and the choice is repeated: a subgradient method
    for that constraint (Fisher, "The Lagrangian relaxation method", 1981).
    """
    found = candidates.choose(value, count, groups)
    pace = candidates.scorer.pace
    if found is None or pace is None:
        return found
    part = pace.parts(candidates.seconds)
    bonus = np.zeros(PARTS)
    best = found, _uneven(part[found])
    for n in range(_PACINGS):
        share = np.bincount(part[found], minlength=PARTS) / len(found)
        if best[1] <= 1 / len(found):
            break
        bonus += _PACE_STEP / (1 + n) * (1 / PARTS - share)
        tried = candidates.choose(value + bonus[part], count, groups)
        if tried is None:
            break
        found = tried
        if _uneven(part[found]) < best[1] - 1e-9:
            best = found, _uneven(part[found])
    return best[0]


def _uneven(parts: Ints) -> float:
    """The largest difference between the cumulative shares of the parts and those due, 0 to 1."""
    share = np.cumsum(np.bincount(parts, minlength=PARTS)) / len(parts)
    return float(np.abs(share - np.arange(1, PARTS + 1) / PARTS).max())


def _fitted(candidates: Candidates, indices: list[int], limits: Limits) -> list[Piece] | None:
    """The chosen pieces at exact lengths, touching ones of a shot joined where allowed."""
    unit = candidates.unit
    pieces = [candidates.piece(p) for p in indices]
    if unit > 1:
        options = [_lengths(candidates, indices, i, limits) for i in range(len(indices))]
        exact = interval_scheduling.fit(options, limits.total, 8 * unit)
        if exact is None:
            return None
        sizes = [int(options[i][0][k]) for i, k in enumerate(exact)]
        pieces = [candidates.piece(p, size) for p, size in zip(indices, sizes, strict=True)]
    return pieces if limits.strict else joined(pieces)


def _lengths(
    candidates: Candidates, indices: list[int], i: int, limits: Limits
) -> tuple[Ints, Floats]:
    """Other lengths of a chosen piece, in frames, and its worth at each."""
    unit, p = candidates.unit, indices[i]
    interval, k = candidates.interval(p), int(candidates.begin[p])
    footage = candidates.scorer.footage[interval.source]
    start, stop = int(candidates.places[k]), interval.end
    if i + 1 < len(indices):
        following = int(candidates.begin[indices[i + 1]])
        if candidates.owner[following] == candidates.owner[k]:
            stop = int(candidates.places[following])
    room = (stop - start) * footage.ratio.denominator // footage.ratio.numerator
    size = int(candidates.size[p]) * unit
    sizes = np.arange(max(limits.low, size - unit), min(limits.high, room, size + unit) + 1)
    if candidates.whole_words:
        over = np.minimum(_ends(footage, np.full(len(sizes), start), sizes), footage.count)
        sizes = sizes[~candidates.scorer.in_word(interval.source)[over]]
    starts = np.full(len(sizes), start)
    seconds = sizes / float(film_rate(candidates.scorer))
    ends = np.minimum(_ends(footage, starts, sizes), footage.count)
    return sizes, candidates.scorer.worths(interval, starts, ends, seconds)


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, with touching ones of the same shot merged."""
    out: list[Piece] = []
    for piece in pieces:
        last = out[-1] if out else None
        if last and (last.source, last.shot, last.end) == (piece.source, piece.shot, piece.begin):
            out[-1] = replace(last, end=piece.end)
        else:
            out.append(piece)
    return out


def unused(
    scorer: PieceScorer, intervals: Sequence[Interval], chosen: Sequence[Piece], most: int
) -> list[Piece]:
    """The best pieces of median length that overlap neither a chosen one nor each other."""
    if not chosen:
        return []
    usual = sorted(p.length for p in chosen)[len(chosen) // 2]
    found: list[tuple[float, int, int, int, Interval]] = []
    for interval in intervals:
        footage = scorer.footage[interval.source]
        size = max(1, int(usual * footage.rate))
        places = np.arange(interval.start, interval.end - size + 1, max(1, size // 4))
        if len(places):
            scores = scorer.scores(interval, places, places + size)
            rows = zip(scores.tolist(), places.tolist(), strict=True)
            found += [(-score, interval.source, i, size, interval) for score, i in rows]
    out: list[Piece] = []
    for _, source, place, size, interval in sorted(found, key=lambda f: f[:3]):
        footage = scorer.footage[source]
        piece = Piece(source, footage.time(place), footage.time(place + size), interval.shot,
                      central=interval.central)  # fmt: skip
        if not any(piece.overlaps(other) for other in (*chosen, *out)):
            out.append(piece)
            if len(out) == most:
                break
    return out
