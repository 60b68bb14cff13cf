"""A varied film: pieces that do not look alike, and a share of it for every source.

``varied_film`` repeats a choice that maximises the sum of scores. Between rounds it marks down
beginnings whose picture resembles a better piece. The film with the best sum, less penalties for
repetition and for missing shares, wins: a local search, without a bound on its distance from the
optimum. Shares are met exactly within each round (``interval_scheduling``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats, Ints
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.pieces import ALIKE, Interval, Piece, PieceScorer, alike

_ROUNDS: Final = 5

MISSED: Final = 0.3
"""The cost of each second missing from a source's share. A source whose best pieces score this much
less than the others' is left out of the film."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """How much of a film each source should fill: seconds, or a number of pieces.

    Equal shares, except that a source with less footage contributes only what it has.
    """

    due: Floats
    """(sources,)."""

    @classmethod
    def of(cls, has: Floats, total: float) -> Shares | None:
        """The shares of a film of ``total``; None if only one source has anything."""
        if np.count_nonzero(has) < 2:
            return None
        due, left = np.zeros(len(has)), total
        for rank, i in enumerate(np.argsort(has, kind="stable").tolist()):
            due[i] = min(has[i], left / (len(has) - rank))
            left -= due[i]
        return cls(due)

    @classmethod
    def of_seconds(
        cls, footage: Sequence[AnalyzedSource], intervals: Sequence[Interval], total: float
    ) -> Shares | None:
        """The shares of a film of ``total`` seconds from some intervals."""
        has = np.zeros(len(footage))
        for interval in intervals:
            rate = float(footage[interval.source].rate)
            has[interval.source] += (interval.end - interval.start) / rate
        return cls.of(has, total)

    def seconds(self, pieces: Sequence[Piece]) -> Floats:
        """Seconds of each source in a film of ``pieces``."""
        taken = np.zeros(len(self.due))
        for piece in pieces:
            taken[piece.source] += float(piece.length)
        return taken

    def bonus(self, source: int, seconds: Floats) -> Floats:
        """The film's gain for this many seconds from a source: 0 or less."""
        gain: Floats = -MISSED * np.maximum(self.due[source] - seconds, 0.0)
        return gain

    def total(self, pieces: Sequence[Piece]) -> float:
        """The sum of the bonuses of all sources."""
        return -MISSED * float(np.maximum(self.due - self.seconds(pieces), 0.0).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Beginnings:
    """Where pieces may begin, by source; each field is an array over the beginnings."""

    places: Ints
    """The place in its source."""
    source: Ints
    signatures: Floats | None
    """(beginnings, cells): the look of a piece that begins there. None if looks do not count."""

    def runs(self) -> list[tuple[int, int, int]]:
        """Each source with its first beginning and the one after its last."""
        edges = np.flatnonzero(np.diff(self.source, prepend=-1, append=-1)).tolist()
        return [(int(self.source[a]), a, b) for a, b in itertools.pairwise(edges)]


def varied_film(
    scorer: PieceScorer,
    choose: Callable[[Floats], list[Piece] | None],
    beginnings: Beginnings,
    shares: Shares | None,
) -> list[Piece] | None:
    """The best film that ``choose`` finds once repetition counts.

    ``choose`` takes an addition per second to the score of each beginning. None if it finds no film
    at all.
    """
    repeats = np.zeros(len(beginnings.places))
    leaders: list[Piece] = []
    found: tuple[float, list[Piece]] | None = None
    for _ in range(_ROUNDS):
        chosen = choose(repeats)
        if chosen is None or beginnings.signatures is None:
            return chosen if found is None else found[1]
        marked = scorer.marked(chosen)
        worth = sum(scorer.worth(p) for p in marked)
        if shares is not None:
            worth += shares.total(marked)
        if found is None or worth > found[0] + 1e-9:
            found = (worth, marked)
        new = [replace(p, alike=0.0) for p in marked if p.alike < ALIKE]
        new = [p for p in new if p not in leaders]
        if not new or all(p.alike < ALIKE for p in marked):
            break
        leaders += new
        repeats = scorer.weights["alike"] * _nearness(scorer, beginnings, leaders)
    return None if found is None else found[1]


def varied_pieces(
    scorer: PieceScorer, pieces: Sequence[Piece], count: int, *, spread: bool
) -> list[Piece]:
    """``count`` pieces, each time the best one after a penalty for similarity to those taken.

    Maximal marginal relevance (Carbonell and Goldstein 1998). ``spread``: pieces of sources with
    less than their share are worth more. In the given order.
    """
    scores = np.array([scorer.score(p) for p in pieces])
    source = np.array([p.source for p in pieces], np.int64)
    has = np.bincount(source, minlength=len(scorer.footage)).astype(float)
    shares = Shares.of(has, min(count, len(pieces))) if spread else None
    likeness, counted = np.zeros(len(pieces)), np.zeros(len(has))
    weight = scorer.weights["alike"]
    signatures = scorer.signatures(pieces) if weight else None
    taken: dict[int, Piece] = {}
    while len(taken) < min(count, len(pieces)):
        value = scores + weight * likeness
        if shares is not None:
            value += np.where(counted < shares.due, MISSED, 0.0)[source]
        value[list(taken)] = -np.inf
        i = int(np.argmax(value))
        taken[i] = replace(pieces[i], alike=round(float(likeness[i]), 3))
        counted[source[i]] += 1
        if signatures is not None:
            likeness = np.maximum(likeness, alike(signatures, signatures[i]))
    return [taken[i] for i in sorted(taken)]


def with_missed(
    scorer: PieceScorer, pieces: Sequence[Piece], others: Sequence[Piece]
) -> list[Piece]:
    """The pieces, marked where one of ``others`` scores higher but comes from another source."""
    scores = [(scorer.score(other), other.source) for other in others]

    def marked(piece: Piece) -> Piece:
        score = scorer.score(piece)
        beaten = any(other > score and source != piece.source for other, source in scores)
        return replace(piece, spread=MISSED) if beaten else piece

    return [marked(piece) for piece in pieces]


def signatures_of(
    scorer: PieceScorer, parts: Sequence[tuple[Interval, Ints]], frames: int
) -> Floats | None:
    """The look of some frames of the film from each place, (places, cells).

    None if likeness has no weight, or if any source's pictures are unknown.
    """
    if not scorer.weights["alike"]:
        return None
    rows = []
    for interval, places in parts:
        footage = scorer.footage[interval.source]
        over = np.minimum(places + max(1, int(frames * footage.ratio)), interval.end)
        signature = footage.mean_signature(places, np.maximum(over, places + 1))
        if signature is None:
            return None
        rows.append(signature)
    return np.concatenate(rows) if rows else None


def _nearness(scorer: PieceScorer, beginnings: Beginnings, leaders: Sequence[Piece]) -> Floats:
    """Similarity of each beginning to the leaders; 0 where a leader itself begins."""
    assert beginnings.signatures is not None
    near = np.zeros(len(beginnings.places))
    own = np.zeros(len(near), bool)
    seen = scorer.signatures(leaders)
    for i, leader in enumerate(leaders if seen is not None else ()):
        assert seen is not None
        near = np.maximum(near, alike(beginnings.signatures, seen[i]))
        start = scorer.places(leader)[0]
        own |= (beginnings.source == leader.source) & (beginnings.places == start)
    return np.where(own, 0.0, near)
