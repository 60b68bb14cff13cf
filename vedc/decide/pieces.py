"""From stretches that may be used to the pieces that are: candidates, scores, the best film.

Candidates begin on a regular grid within each stretch and at the best places to cut between;
they end on any frame. Within a budget of work the choice is exact (``cutting.select``); beyond
it sizes are counted in units of several frames, and the ends are then fitted to the frame
(``cutting.fit``). So an hour takes seconds, and memory is bounded whatever the length.

That no two pieces show the same is a second stage: the best piece stands, what looks like it
is marked down, and the choice is made anew. It is repeated a few times, and the best film by the
sum of the marked-down scores is taken; a local search with no bound on how far it is from the
best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from vedc.decide import cutting
from vedc.decide.cutting import Ints
from vedc.decide.features import CUTS, FEATURES, PIECES, Features, phrase
from vedc.decide.footage import Floats, Footage
from vedc.decide.reasons import Reason
from vedc.decide.scoring import Weights, reasons, total

#: Numbers in the table of the dynamic programming, and steps of its arithmetic.
_CELLS: Final = 20_000_000
_STEPS: Final = 400_000_000
_BEGINNINGS: Final = 3000
_STEP: Final = Fraction(1, 4)
"""Seconds from beginning to beginning on the regular grid, where the budget allows."""
_APART: Final = 0.2
"""Seconds within which only the best place to cut is a candidate."""
_ROUNDS: Final = 5
_UNLIKE: Final = 0.16
"""Root mean square of the difference of two looks (0 to 1) from which they are not alike."""
_ALIKE: Final = 0.5
"""From here on a piece is thought to show the same."""


@dataclass(frozen=True, slots=True)
class Region:
    """Places ``start`` to ``end`` of a source from which pieces may be taken.

    ``shot``: start and end of the shot (or the stretch of speech) that it belongs to.
    """

    source: int
    start: int
    end: int
    shot: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Seconds ``begin`` to ``end`` of a source."""

    source: int
    begin: Fraction
    end: Fraction
    shot: tuple[int, int]
    alike: float = 0.0
    central: float = float("nan")
    note: tuple[Reason, ...] = ()
    """What else is to be told of it, at no points."""

    @property
    def length(self) -> Fraction:
        return self.end - self.begin


class Judge:
    """Scores pieces by weights."""

    def __init__(self, footage: Sequence[Footage], weights: Weights) -> None:
        self.footage, self.weights = footage, weights
        self.features = [Features(f) for f in footage]
        self._cuts: dict[int, Floats] = {}

    def cuts(self, source: int) -> Floats:
        """The score of a cut at every place of a source, (count + 1,)."""
        if source not in self._cuts:
            raw = self.features[source].cuts
            shares = [self.weights[n] * FEATURES[n].value(raw[n]) for n in CUTS]
            self._cuts[source] = np.sum(shares, axis=0)
        return self._cuts[source]

    def scores(self, source: int, starts: Ints, ends: Ints, shots: tuple[Ints, Ints]) -> Floats:
        """The scores of pieces from place to place, both of its cuts included."""
        raw = self.features[source].pieces(starts, ends, shots)
        shares = [self.weights[n] * FEATURES[n].value(raw[n]) for n in PIECES]
        cuts = self.cuts(source)
        scores: Floats = np.sum(shares, axis=0) + (cuts[starts] + cuts[ends]) / 2
        return scores

    def told(self, piece: Piece) -> tuple[float, tuple[Reason, ...]]:
        """A piece's score and the shares of it, which add up to it exactly."""
        footage, features = self.footage[piece.source], self.features[piece.source]
        start, end = self.places(piece)
        one = (np.array([start]), np.array([end]))
        shot = (np.array([piece.shot[0]]), np.array([piece.shot[1]]))
        raw = {name: float(values[0]) for name, values in features.pieces(*one, shot).items()}
        raw["alike"], raw["central"] = piece.alike, piece.central
        raw["length"] = float(piece.length)
        told = [(n, n, _value(n, raw[n]), phrase(n, raw[n])) for n in PIECES]
        for side, place in (("in", start), ("out", end)):
            for name in CUTS:
                measure = float(features.cuts[name][place])
                text = f"{phrase(name, measure)} at {footage.text(place)}"
                told.append((f"{side}.{name}", name, _value(name, measure) / 2, text))
        found = reasons(self.weights, told)
        return total(r.points for r in found), (*found, *piece.note)

    def places(self, piece: Piece) -> tuple[int, int]:
        footage = self.footage[piece.source]
        start = footage.place(piece.begin)
        return start, max(footage.place(piece.end), min(start + 1, footage.count))

    def score(self, piece: Piece) -> float:
        return self.told(piece)[0]

    def alike(self, one: Piece, other: Piece) -> float:
        """How alike two pieces look: 0 to 1."""
        looks = [self.footage[p.source].look(*self.places(p)) for p in (one, other)]
        if looks[0] is None or looks[1] is None:
            return 0.0
        return float(_alike(looks[0][None], looks[1])[0])


def _value(name: str, raw: float) -> float:
    return float(FEATURES[name].value(np.array([raw]))[0])


def _alike(looks: Floats, other: Floats) -> Floats:
    """(n, cells) against (cells,): 1 where they are the same."""
    apart = np.sqrt(np.mean((looks - other) ** 2, axis=1))
    alike: Floats = np.clip(1.0 - apart / _UNLIKE, 0.0, 1.0)
    return alike


@dataclass(frozen=True, slots=True)
class Limits:
    """What a film of pieces must keep to. Frames are the film's."""

    total: int
    low: int
    high: int
    count: int | None = None
    joined: bool = True
    """Whether pieces that touch become one, however long that is."""


class Candidates:
    """Every piece that may be taken from some regions, with its score."""

    def __init__(
        self, judge: Judge, regions: Sequence[Region], limits: Limits, unit: int, step: Fraction
    ) -> None:
        self.judge, self.regions, self.limits, self.unit = judge, regions, limits, unit
        low, high = -(-limits.low // unit), limits.high // unit
        begins: list[Ints] = []
        rows: list[tuple[Ints, Ints, Ints]] = []  # which beginning, size in units, score's key
        owner: list[Ints] = []
        scores: list[Floats] = []
        ends: list[Ints] = []
        count = 0
        for r, region in enumerate(regions):
            ratio = judge.footage[region.source].ratio
            places = _beginnings(judge, region, step, limits.low)
            if not len(places):
                continue
            room = ((region.end - places) * ratio.denominator // ratio.numerator) // unit
            most = np.minimum(room, high)
            fits = np.maximum(most - low + 1, 0)
            k = np.repeat(np.arange(len(places)), fits)
            first = np.concatenate([[0], np.cumsum(fits)])[:-1]
            size = low + np.arange(len(k)) - first[k]
            exact = size * unit * ratio.numerator
            end = places[k] + exact // ratio.denominator  # the last place that it reaches
            shot = (np.full(len(k), region.shot[0]), np.full(len(k), region.shot[1]))
            scores.append(judge.scores(region.source, places[k], end, shot))
            free = places[k] - (-exact // ratio.denominator)  # the first that it leaves
            rows.append((k + count, size, free))
            begins.append(places)
            owner.append(np.full(len(places), r))
            ends.append(end)
            count += len(places)
        empty = np.zeros(0, np.int64)
        self.places = np.concatenate([empty, *begins])
        """(beginnings,): place in its source."""
        self.owner = np.concatenate([empty, *owner])
        self.begin = np.concatenate([empty, *(row[0] for row in rows)])
        """(pieces,): which beginning."""
        self.size = np.concatenate([empty, *(row[1] for row in rows)])
        self.score = np.concatenate([np.zeros(0), *scores])
        self.end = np.concatenate([empty, *ends])
        free = np.concatenate([empty, *(row[2] for row in rows)])
        # Sources one after the other on one axis.
        far = 1 + max((f.count for f in judge.footage), default=0)
        source = np.array([r.source for r in regions], np.int64)
        axis = self.places + far * source[self.owner] if count else empty
        wanted = free + far * source[self.owner[self.begin]] if count else empty
        self.after = np.searchsorted(axis, wanted)
        self.first = np.searchsorted(self.begin, np.arange(count + 1))

    @property
    def work(self) -> int:
        return len(self.size) * (self.limits.total // self.unit + 1)

    @property
    def cells(self) -> int:
        return (len(self.places) + 1) * (self.limits.total // self.unit + 1)

    def seconds(self) -> Floats:
        """The length of each piece."""
        rate = self.judge.footage[0].rate / self.judge.footage[0].ratio
        return self.size * self.unit / float(rate)

    def piece(self, p: int, frames: int | None = None) -> Piece:
        """The piece of an index, or one of another length from the same beginning."""
        k = int(self.begin[p])
        region = self.regions[int(self.owner[k])]
        footage = self.judge.footage[region.source]
        size = int(self.size[p]) * self.unit if frames is None else frames
        begin = footage.time(int(self.places[k]))
        return Piece(region.source, begin, begin + size * footage.ratio / footage.rate, region.shot)

    def choose(self, value: Floats, count: int | None) -> list[int] | None:
        pieces = cutting.Pieces(self.first, self.size, value, self.after)
        return cutting.select(pieces, self.limits.total // self.unit, count)


def _beginnings(judge: Judge, region: Region, step: Fraction, low: int) -> Ints:
    """Places of a region where pieces of at least ``low`` frames may begin, in order."""
    footage = judge.footage[region.source]
    last = region.end - -(-low * footage.ratio.numerator // footage.ratio.denominator)
    if last < region.start:
        return np.zeros(0, np.int64)
    stride = max(1, int(step * footage.rate))
    places = set(range(region.start, last + 1, stride))
    cuts = judge.cuts(region.source)[region.start : last + 1]
    apart = max(1, int(max(_APART, float(step) / 2) * float(footage.rate)))
    for low_ in range(0, len(cuts), apart):
        places.add(region.start + low_ + int(np.argmax(cuts[low_ : low_ + apart])))
    return np.array(sorted(places), np.int64)


def best(judge: Judge, regions: Sequence[Region], limits: Limits) -> list[Piece] | None:
    """The pieces that make the best film of exactly ``limits.total`` frames, in order.

    Its worth is the mean of their scores over time. None where no film keeps to the limits.
    """
    for unit, step in _resolutions(judge, regions, limits):
        candidates = Candidates(judge, regions, limits, unit, step)
        if not len(candidates.size):
            continue
        chosen = _varied(candidates)
        if chosen is not None:
            return chosen
    return None


def _resolutions(
    judge: Judge, regions: Sequence[Region], limits: Limits
) -> list[tuple[int, Fraction]]:
    """Units of length and steps between beginnings to try: within budget first, then finer."""
    seconds = sum(
        (Fraction(r.end - r.start) / judge.footage[r.source].rate for r in regions), Fraction(0)
    )
    step = max(_STEP, seconds / _BEGINNINGS)
    begins = float(seconds / step) * 1.5 + len(regions)
    planes = 1 if limits.count is None else min(limits.count, limits.total // limits.low) + 1
    unit = 1
    while unit < limits.low and (
        begins * (limits.total / unit) * planes > _CELLS
        or begins * ((limits.high - limits.low) / unit + 1) * (limits.total / unit) * planes
        > _STEPS
    ):
        unit += max(1, unit // 4)
    out = [(unit, step)]
    while unit > 1:
        unit //= 2
        out.append((unit, step))
    rates = [judge.footage[r.source].rate for r in regions]
    finest = min((1 / rate for rate in rates), default=step)
    dense = sum(r.end - r.start for r in regions) * limits.total
    if dense * planes <= 4 * _CELLS:
        out.append((1, finest))
    return out


def _varied(candidates: Candidates) -> list[Piece] | None:
    """The best film whose pieces do not look alike."""
    judge = candidates.judge
    seconds = candidates.seconds()
    weight = judge.weights["alike"]
    penalty = np.zeros(len(candidates.places))
    leaders: list[Piece] = []
    found: tuple[float, list[Piece]] | None = None
    looks = _looks(candidates) if weight else None
    for _ in range(_ROUNDS if looks is not None else 1):
        value = (candidates.score + penalty[candidates.begin]) * seconds
        indices = candidates.choose(value, candidates.limits.count)
        if indices is None:
            return None
        chosen = _fitted(candidates, indices, value)
        if chosen is None:
            return found[1] if found else None
        if looks is None:
            return chosen
        marked = mark_alike(judge, chosen)
        worth = sum(judge.score(p) * float(p.length) for p in marked)
        if found is None or worth > found[0] + 1e-9:
            found = (worth, marked)
        new = [p for p in _leaders(marked) if p not in leaders]
        if not new or all(p.alike < _ALIKE for p in marked):
            break
        leaders += new[: max(1, len(new))]
        penalty = weight * _nearness(candidates, looks, leaders)
    assert found is not None
    return found[1]


def _leaders(marked: Sequence[Piece]) -> list[Piece]:
    return [replace(p, alike=0.0) for p in marked if p.alike < _ALIKE]


def mark_alike(judge: Judge, pieces: Sequence[Piece]) -> list[Piece]:
    """Each piece with how like a better one it looks."""
    plain = [replace(p, alike=0.0) for p in pieces]
    order = sorted(range(len(plain)), key=lambda i: (-judge.score(plain[i]), i))
    out = list(plain)
    for rank, i in enumerate(order):
        likes = [judge.alike(plain[i], plain[j]) for j in order[:rank]]
        out[i] = replace(plain[i], alike=round(max(likes, default=0.0), 3))
    return out


def _looks(candidates: Candidates) -> Floats | None:
    """The look of some seconds from each beginning on, (beginnings, cells)."""
    judge, limits = candidates.judge, candidates.limits
    rows = []
    for place, owner in zip(candidates.places.tolist(), candidates.owner.tolist(), strict=True):
        region = candidates.regions[owner]
        footage = judge.footage[region.source]
        usual = min(limits.high, max(limits.low, int(3 * footage.rate / footage.ratio)))
        end = min(region.end, place + max(1, int(usual * footage.ratio)))
        look = footage.look(place, max(end, place + 1))
        if look is None:
            return None
        rows.append(look)
    return np.array(rows)


def _nearness(candidates: Candidates, looks: Floats, leaders: Sequence[Piece]) -> Floats:
    """How like a leader each beginning looks; those within a leader are that leader."""
    judge = candidates.judge
    near = np.zeros(len(looks))
    source = np.array([candidates.regions[o].source for o in candidates.owner.tolist()])
    for leader in leaders:
        start, end = judge.places(leader)
        look = judge.footage[leader.source].look(start, end)
        if look is None:
            continue
        alike = _alike(looks, look)
        own = (source == leader.source) & (candidates.places == start)
        near = np.maximum(near, np.where(own, 0.0, alike))
    return near


def _fitted(candidates: Candidates, indices: list[int], value: Floats) -> list[Piece] | None:
    """The chosen pieces at exact lengths, touching ones joined where that is allowed."""
    limits, unit, judge = candidates.limits, candidates.unit, candidates.judge
    if unit == 1:
        pieces = [candidates.piece(p) for p in indices]
    else:
        options: list[tuple[Ints, Floats]] = []
        for i, p in enumerate(indices):
            k = int(candidates.begin[p])
            region = candidates.regions[int(candidates.owner[k])]
            ratio = judge.footage[region.source].ratio
            start = int(candidates.places[k])
            stop = region.end
            if i + 1 < len(indices):
                following = int(candidates.begin[indices[i + 1]])
                if candidates.owner[following] == candidates.owner[k]:
                    stop = int(candidates.places[following])
            room = (stop - start) * ratio.denominator // ratio.numerator
            size = int(candidates.size[p]) * unit
            sizes = np.arange(max(limits.low, size - unit), min(limits.high, room, size + unit) + 1)
            ends = start + sizes * ratio.numerator // ratio.denominator
            same = np.full(len(sizes), start)
            shot = (np.full(len(sizes), region.shot[0]), np.full(len(sizes), region.shot[1]))
            scores = judge.scores(region.source, same, ends, shot)
            options.append((sizes, scores * sizes * float(ratio / judge.footage[0].rate)))
        exact = cutting.fit(options, limits.total, 8 * unit)
        if exact is None:
            return None
        pieces = [candidates.piece(p, int(options[i][0][exact[i]])) for i, p in enumerate(indices)]
    return joined(pieces) if limits.joined else pieces


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces of the same shot that touch, made one."""
    out: list[Piece] = []
    for piece in pieces:
        last = out[-1] if out else None
        if last and (last.source, last.shot, last.end) == (piece.source, piece.shot, piece.begin):
            out[-1] = replace(last, end=piece.end)
        else:
            out.append(piece)
    return out


def unused(
    judge: Judge, regions: Sequence[Region], chosen: Sequence[Piece], limits: Limits, most: int = 3
) -> list[Piece]:
    """The best pieces of the usual length that overlap neither a chosen one nor each other."""
    if not chosen:
        return []
    usual = sorted(p.length for p in chosen)[len(chosen) // 2]
    taken = list(chosen)
    found: list[tuple[float, int, int, Region]] = []
    for region in regions:
        footage = judge.footage[region.source]
        size = max(1, int(usual * footage.rate))
        places = np.arange(region.start, region.end - size + 1, max(1, size // 4))
        if not len(places):
            continue
        shot = (np.full(len(places), region.shot[0]), np.full(len(places), region.shot[1]))
        scores = judge.scores(region.source, places, places + size, shot)
        found += [(-float(s), i, size, region)
                  for s, i in zip(scores, places.tolist(), strict=True)]  # fmt: skip
    out: list[Piece] = []
    for _, place, size, region in sorted(found, key=lambda f: (f[0], f[3].source, f[1])):
        footage = judge.footage[region.source]
        piece = Piece(region.source, footage.time(place), footage.time(place + size), region.shot)
        if all(not overlap(piece, other) for other in taken):
            out.append(piece)
            taken.append(piece)
            if len(out) == most:
                break
    return out


def overlap(one: Piece, other: Piece) -> bool:
    return one.source == other.source and one.begin < other.end and other.begin < one.end
