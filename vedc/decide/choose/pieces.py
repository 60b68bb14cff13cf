"""Pieces of sources, and their scores by named features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from vedc.decide.arrays import Bools, Floats, Ints
from vedc.decide.choose.analyzed_source import AnalyzedSource, signature_distance
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES, phrase
from vedc.decide.choose.features import Features
from vedc.decide.choose.pace import Pace
from vedc.decide.choose.reasons import Reason
from vedc.decide.choose.score_weights import ScoreWeights, reasons, total

_UNLIKE: Final = 0.2
"""The least distance of two unlike signatures, about as for key frames."""
ALIKE: Final = 0.5
"""The least similarity of two pieces that count as showing the same."""
_IN_WORD: Final = 0.05
"""Seconds of speech that a cut may remove: its edges are known no better."""
_CUT: Final = 3.0
"""The weight of a piece's two cuts, in seconds of the piece: a bad cut is no better in a short
one."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Places ``start`` to ``end`` of a source from which pieces may be taken.

    ``shot``: start and end of the shot (or the stretch of speech) that it belongs to; ``must``:
    the place of a frame that a piece must show, which represents ``central`` of the film.
    """

    source: int
    start: int
    end: int
    shot: tuple[int, int]
    must: int | None = None
    central: float = float("nan")


@dataclass(frozen=True, slots=True)
class Piece:
    """Seconds ``begin`` to ``end`` of a source.

    ``alike``: its similarity to a better piece of the film, 0 to 1; ``spread``: the addition to its
    score because a better piece would come from another source.
    """

    source: int
    begin: Fraction
    end: Fraction
    shot: tuple[int, int]
    alike: float = 0.0
    central: float = float("nan")
    spread: float = 0.0

    @property
    def length(self) -> Fraction:
        return self.end - self.begin

    def overlaps(self, other: Piece) -> bool:
        same = self.source == other.source
        return same and self.begin < other.end and other.begin < self.end


class PieceScorer:
    """Scores pieces by weights. ``pace``: the lengths that suit a style, instead of vedc's own."""

    def __init__(
        self,
        footage: Sequence[AnalyzedSource],
        weights: ScoreWeights,
        pace: Pace | None = None,
    ) -> None:
        self.footage, self.weights, self.pace = footage, weights, pace
        self.features = [Features(f) for f in footage]
        self._cuts: dict[tuple[int, str], Floats] = {}

    def ins(self, source: int) -> Floats:
        """The score of beginning a piece at every place of a source, (count + 1,)."""
        return self._cut(source, "in")

    def outs(self, source: int) -> Floats:
        """The score of ending a piece at every place, (count + 1,)."""
        return self._cut(source, "out")

    def in_word(self, source: int) -> Bools:
        """Whether somebody speaks at every place, (count + 1,)."""
        return np.nan_to_num(self.features[source].ins["in_word"]) > _IN_WORD

    def breaks_word(self, piece: Piece) -> bool:
        """Whether a piece begins or ends while somebody speaks."""
        return bool(self.in_word(piece.source)[list(self.places(piece))].any())

    def _cut(self, source: int, side: str) -> Floats:
        if (source, side) not in self._cuts:
            raw = self.features[source].ins if side == "in" else self.features[source].outs
            shares = [self.weights[f"{side}.{n}"] * FEATURES[n].value(raw[n]) for n in CUTS]
            self._cuts[source, side] = np.sum(shares, axis=0)
        return self._cuts[source, side]

    def qualities(self, interval: Interval, starts: Ints, ends: Ints) -> Floats:
        """The scores of pieces of an interval from place to place, without their cuts."""
        shot = (np.full(len(starts), interval.shot[0]), np.full(len(starts), interval.shot[1]))
        raw = self.features[interval.source].pieces(starts, ends, shot)
        shares = [self.weights[n] * self._values(n, raw[n]) for n in PIECES]
        central = self.weights["central"] * _value("central", interval.central)
        quality: Floats = np.sum(shares, axis=0) + central
        return quality

    def edges(self, interval: Interval, starts: Ints, ends: Ints) -> Floats:
        """The mean score of each piece's two cuts."""
        cuts: Floats = (self.ins(interval.source)[starts] + self.outs(interval.source)[ends]) / 2
        return cuts

    def scores(self, interval: Interval, starts: Ints, ends: Ints) -> Floats:
        """The scores of pieces of an interval from place to place."""
        return self.qualities(interval, starts, ends) + self.edges(interval, starts, ends)

    def worths(self, interval: Interval, starts: Ints, ends: Ints, seconds: Floats) -> Floats:
        """The additions of pieces to a film's score: quality per second, and each cut once."""
        quality = self.qualities(interval, starts, ends)
        return quality * seconds + self.edges(interval, starts, ends) * _CUT

    def explain(self, piece: Piece) -> tuple[float, tuple[Reason, ...]]:
        """A piece's score and its reasons, which add up to it exactly."""
        features = self.features[piece.source]
        start, end = self.places(piece)
        one = (np.array([start]), np.array([end]))
        shot = (np.array([piece.shot[0]]), np.array([piece.shot[1]]))
        raw = {name: float(values[0]) for name, values in features.pieces(*one, shot).items()}
        raw["alike"], raw["central"] = piece.alike, piece.central
        raw["length"] = float(piece.length)
        one_each = {name: np.array([raw[name]]) for name in PIECES}
        rows = [
            (n, n, float(self._values(n, one_each[n])[0]), self._phrase(n, raw[n])) for n in PIECES
        ]
        for side, place, cuts in (("in", start, features.ins), ("out", end, features.outs)):
            for name in CUTS:
                measure = float(cuts[name][place])
                text = phrase(name, measure)
                rows.append((f"{side}.{name}", f"{side}.{name}", _value(name, measure) / 2, text))
        found = reasons(self.weights, rows)
        if piece.spread:
            text = f"{self.footage[piece.source].source.id} gets its share of the film"
            found = (Reason("spread", piece.spread, text), *found)
        return total(r.points for r in found), found

    def _values(self, name: str, raw: Floats) -> Floats:
        """The values of a feature for pieces, 0 to 1."""
        if name == "length" and self.pace is not None:
            return self.pace.fit(raw)
        return FEATURES[name].value(raw)

    def _phrase(self, name: str, raw: float) -> str:
        text = phrase(name, raw)
        if name == "length" and self.pace is not None:
            below = float(self.pace.share_below(np.array([raw]))[0])
            text += f", and {below:.0%} of the style's shots are shorter"
        return text

    def places(self, piece: Piece) -> tuple[int, int]:
        """The places nearest to a piece's ends, at least one apart."""
        footage = self.footage[piece.source]
        start = min(footage.place(piece.begin), max(footage.count - 1, 0))
        return start, max(footage.place(piece.end), min(start + 1, footage.count))

    def score(self, piece: Piece) -> float:
        return self.explain(piece)[0]

    def worth(self, piece: Piece) -> float:
        """The addition of a piece to a film's score, less a penalty for repetition."""
        starts, ends = (np.array([place]) for place in self.places(piece))
        interval = Interval(piece.source, 0, 0, piece.shot, central=piece.central)
        plain = self.worths(interval, starts, ends, np.array([float(piece.length)]))[0]
        return float(plain + self.weights["alike"] * piece.alike * float(piece.length))

    def signatures(self, pieces: Sequence[Piece]) -> Floats | None:
        """The mean look of each piece, (n, cells); None if no pictures are known."""
        rows = []
        for piece in pieces:
            start, end = self.places(piece)
            row = self.footage[piece.source].mean_signature(np.array([start]), np.array([end]))
            if row is None:
                return None
            rows.append(row)
        return np.concatenate(rows) if rows else None

    def marked(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Each piece with its similarity to a piece that adds more to the film."""
        plain = [replace(p, alike=0.0) for p in pieces]
        signatures = self.signatures(plain)
        if signatures is None:
            return plain
        worth = [self.worth(p) for p in plain]
        order = sorted(range(len(plain)), key=lambda i: (-worth[i], i))
        likeness = np.zeros(len(plain))
        for rank, i in enumerate(order):
            later = order[rank + 1 :]
            if later:
                likeness[later] = np.maximum(
                    likeness[later], alike(signatures[later], signatures[i])
                )
        return [replace(p, alike=round(float(k), 3)) for p, k in zip(plain, likeness, strict=True)]


def _value(name: str, raw: float) -> float:
    return float(FEATURES[name].value(np.array([raw]))[0])


def alike(signatures: Floats, other: Floats) -> Floats:
    """The similarity of looks (n, cells) to one (cells,): 1 if they are the same."""
    likeness: Floats = np.clip(1.0 - signature_distance(signatures, other) / _UNLIKE, 0.0, 1.0)
    return likeness
