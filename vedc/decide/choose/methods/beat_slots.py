"""Cutting to music: beats set each clip's length, and scores choose what it shows.

Cuts fall on every n-th beat heard in the film (``music_beats``). Each is rounded to a frame of the
film separately, so they never drift; the first and the last clip take the rest. Without music the
source's own beats count, and pieces run from beat to beat.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from vedc.decide.analyses.results import Events
from vedc.decide.arrays import Floats, Ints
from vedc.decide.choose.methods import interval_scheduling
from vedc.decide.choose.methods.candidates import (
    Block,
    film_rate,
    grid,
)
from vedc.decide.choose.methods.music_beats import on_bars
from vedc.decide.choose.methods.variety import (
    MISSED,
    Beginnings,
    Shares,
    signatures_of,
    varied_film,
)
from vedc.decide.choose.pieces import Interval, Piece, PieceScorer, alike
from vedc.edit.times import to_frames

USUAL: Final = Fraction(3, 2)
"""Default least seconds of a clip: faster cuts are tiring."""
_TABLE: Final = 20_000_000
_STEP: Final = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Grid:
    """Cuts on beats: ``places`` are frames of the film, ``every`` their distance in beats."""

    places: tuple[int, ...]
    every: int


def on_beats(beats: Events, begin: Fraction, rate: Fraction, every: int) -> tuple[int, ...]:
    """Frames of the film on which cuts may fall: every ``every``-th beat after ``begin``."""
    found = [e for e in beats.events if e.time > begin]
    return tuple(dict.fromkeys(to_frames(e.time - begin, rate) for e in on_bars(found, every)))


def sizes(cuts: Sequence[int], total: int, low: int) -> list[int]:
    """Lengths of the clips of a film of ``total`` frames, none shorter than ``low``."""
    places = [0]
    for cut in cuts:
        if cut - places[-1] >= low and total - cut >= low:
            places.append(cut)
    return [b - a for a, b in itertools.pairwise([*places, total])]


def fill(
    scorer: PieceScorer,
    intervals: Sequence[Interval],
    slots: Sequence[int],
    *,
    ordered: bool,
    spread: bool,
) -> list[Piece] | None:
    """A piece of exact length for each slot; None if they do not all fit.

    ``ordered``: the best in the order of the sources, by dynamic programming; else greedily, in
    any order. ``spread``: every source gets a share of the film.
    """
    seconds = sum(
        (Fraction(r.end - r.start) / scorer.footage[r.source].rate for r in intervals), Fraction(0)
    )
    total = sum(slots) / float(film_rate(scorer))
    shares = Shares.of_seconds(scorer.footage, intervals, total) if spread else None
    planes = len(slots) if shares is not None and ordered else 1
    step = max(_STEP, seconds * len(slots) * planes / _TABLE)
    table = _Table(scorer, intervals, slots, step)
    if not len(table.places):
        return None
    if not ordered:
        return table.greedy(shares)
    beginnings = Beginnings(table.places, table.source, table.signatures())
    if shares is None:
        return varied_film(scorer, table.choose, beginnings, None)
    groups = table.groups(beginnings, shares)

    def choose(extra: Floats) -> list[Piece] | None:
        return table.choose(extra, groups)

    return varied_film(scorer, choose, beginnings, shares)


class _Table:
    """Every combination of beginning and slot."""

    def __init__(
        self,
        scorer: PieceScorer,
        intervals: Sequence[Interval],
        slots: Sequence[int],
        step: Fraction,
    ) -> None:
        self.scorer, self.slots = scorer, list(slots)
        kinds = sorted(set(slots))
        places: list[Ints] = [np.zeros(0, np.int64)]
        self.parts: list[tuple[Interval, Ints]] = []
        self.intervals: list[Interval] = []
        scores: list[Floats] = []
        over: list[Ints] = []
        far = 2 + max((f.count for f in scorer.footage), default=0)
        for interval in intervals:
            block = grid(scorer, interval, kinds[0], kinds[0], 1, step)
            if not len(block.places):
                continue
            footage = scorer.footage[interval.source]
            columns, ends = [], []
            for frames in kinds:
                exact = frames * footage.ratio.numerator
                end = block.places - (-exact // footage.ratio.denominator)
                fits = end <= interval.end
                seconds = np.full(len(end), frames / float(film_rate(scorer)))
                shown = np.minimum(end, footage.count)
                worth = scorer.worths(interval, block.places, shown, seconds)
                columns.append(np.where(fits, worth, -np.inf))
                ends.append(end + far * interval.source)
            scores.append(np.stack(columns, axis=1))
            over.append(np.stack(ends, axis=1))
            places.append(block.places)
            self.parts.append((interval, block.places))
            self.intervals += [interval] * len(block.places)
        self.places = np.concatenate(places)
        self.source = np.array([r.source for r in self.intervals], np.int64)
        column = [kinds.index(size) for size in slots]
        if self.intervals:
            axis = self.places + far * self.source
            self.value = np.concatenate(scores)[:, column]
            self.after = np.searchsorted(axis, np.concatenate(over)[:, column])

    def groups(self, beginnings: Beginnings, shares: Shares) -> list[interval_scheduling.SlotGroup]:
        """The sources, with the value of each filling some slots in a row."""
        count = len(self.slots)
        ends = np.cumsum([0, *self.slots]) / float(film_rate(self.scorer))
        over = np.minimum(np.arange(count + 1)[:, None] + np.arange(count + 1), count)
        seconds = ends[over] - ends[:, None]
        return [
            interval_scheduling.SlotGroup(start, end, shares.bonus(number, seconds))
            for number, start, end in beginnings.runs()
        ]

    def choose(
        self, extra: Floats, groups: Sequence[interval_scheduling.SlotGroup] = ()
    ) -> list[Piece] | None:
        seconds = np.array(self.slots) / float(film_rate(self.scorer))
        value = self.value + extra[:, None] * seconds
        found = interval_scheduling.assign(value, self.after, groups)
        if found is None:
            return None
        return [self._piece(k, size) for k, size in zip(found, self.slots, strict=True)]

    def greedy(self, shares: Shares | None) -> list[Piece] | None:
        """For each slot, the best piece that repeats nothing shown before and resembles it
        little."""
        weight, signatures = self.scorer.weights["alike"], self.signatures()
        out: list[Piece] = []
        likeness = np.zeros(len(self.places))
        for s, size in enumerate(self.slots):
            seconds = size / float(film_rate(self.scorer))
            value = self.value[:, s] + weight * likeness * seconds
            if shares is not None:
                lacks = shares.seconds(out) + seconds / 2 < shares.due
                value = value + np.where(lacks, MISSED * seconds, 0.0)[self.source]
            for k in np.argsort(-value, kind="stable").tolist():
                if value[k] == -np.inf:
                    return None
                piece = self._piece(k, size)
                if not any(piece.overlaps(other) for other in out):
                    out.append(replace(piece, alike=round(float(likeness[k]), 3)))
                    if signatures is not None:
                        likeness = np.maximum(likeness, alike(signatures, signatures[k]))
                    break
            else:
                return None
        return out

    def signatures(self) -> Floats | None:
        usual = sorted(self.slots)[len(self.slots) // 2]
        return signatures_of(self.scorer, self.parts, usual)

    def _piece(self, k: int, frames: int) -> Piece:
        interval = self.intervals[k]
        begin = self.scorer.footage[interval.source].time(int(self.places[k]))
        return Piece(interval.source, begin, begin + frames / film_rate(self.scorer), interval.shot)


# -- the beats of the source itself --------------------------------------------------------------


def own_blocks(
    scorer: PieceScorer, interval: Interval, marks: Sequence[int], low: int, high: int
) -> Block:
    """Pieces from beat to beat of an interval, and pieces of any length that can end the film."""
    footage = scorer.footage[interval.source]
    inside = [m for m in marks if interval.start <= m <= interval.end]
    begin: list[Ints] = [np.zeros(0, np.int64)]
    size: list[Ints] = [np.zeros(0, np.int64)]
    last: list[Ints] = [np.zeros(0, np.int64)]
    for i, place in enumerate(inside):
        room = int((interval.end - place) / footage.ratio)
        on = {int((mark - place) / footage.ratio) for mark in inside[i + 1 :]}
        beaten = np.array(sorted(n for n in on if low <= n <= high), np.int64)
        free = np.arange(low, min(high, room) + 1)
        size += [beaten, free]
        last += [np.zeros(len(beaten), np.int64), np.ones(len(free), np.int64)]
        begin.append(np.full(len(beaten) + len(free), i))
    parts = (np.concatenate(begin), np.concatenate(size), np.concatenate(last))
    return Block(interval, np.array(inside, np.int64), *parts)


def cut_at(interval: Interval, marks: Sequence[int], low: int) -> list[Interval]:
    """An interval cut at beats into parts, none shorter than ``low`` places."""
    places = [interval.start]
    for mark in marks:
        if mark - places[-1] >= low and interval.end - mark >= low:
            places.append(mark)
    return [
        replace(interval, start=a, end=b) for a, b in itertools.pairwise([*places, interval.end])
    ]
