"""An editor's work as choices: each cut among the places near it, each piece among others.

A film is aligned with its raw files. Where a piece begins or ends, the editor chose that place
among those around it. Used pieces are compared with unused ones of the same length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from vedc.decide.align.alignment import AlignedSegment, Alignment
from vedc.decide.arrays import Floats, Ints
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES
from vedc.decide.choose.features import Features

_AROUND: Final = 1.0
"""Seconds on each side of a cut in which its alternatives lie."""

_TOLERANCE: Final = 2
"""Uncertainty of alignment and taste in frames: places this near are not alternatives."""

_STRIDE: Final = 2

_OTHERS: Final = 24
"""Unused pieces from the same file for each used one."""

_ELSEWHERE: Final = 12
"""Unused pieces from each other file for each used one."""


Side = Literal["in", "out"]


@dataclass(frozen=True, slots=True, eq=False)
class PieceChoice:
    """Feature values of all options of one choice, the chosen one first."""

    values: Floats
    """(options, features), 0 to 1."""
    group: str
    """Choices of the same group stay on the same side of a split."""
    shares: Floats | None = None
    """(options,): relative position of each option in its shot of the raw file, 0 to 1."""
    side: Side | None = None
    """For a cut: whether a piece begins or ends there."""


def choices_of(
    found: Alignment, features: Sequence[Features], group: str, *, across: bool = False
) -> tuple[list[PieceChoice], list[PieceChoice]]:
    """The cuts and the pieces of a film as choices, given the ``features`` of each raw file.

    Groups are thirds of the film, named ``group:third``. With ``across``, pieces are also compared
    with pieces of the other raw files that the film uses.
    """
    cut_at = [False, *(was_cut(found, a, b) for a, b in pairwise(found.segments)), False]
    cuts: list[PieceChoice] = []
    used: dict[int, list[tuple[int, int, str]]] = {}
    for k, segment in enumerate(found.segments):
        if segment.source is None or segment.speed <= 0 or segment.confidence < 0.5:
            continue
        own = features[segment.source]
        rate, count = own.footage.rate, own.footage.count
        times, length = segment.time_map, (segment.end - segment.start) / found.rate
        begin, end = (round(times.source_at(t) * rate) for t in (0, length))
        part = f"{group}:{3 * segment.start // max(1, found.frames)}"
        used.setdefault(segment.source, []).append((begin, end, part))
        sides: tuple[tuple[Side, int, Mapping[str, Floats], bool], ...] = (
            ("in", begin, own.ins, cut_at[k]),
            ("out", end, own.outs, cut_at[k + 1]),
        )
        for side, place, raw, cut in sides:
            if not cut or not 0 < place < count:
                continue
            reach = int(_AROUND * float(rate))
            near = np.arange(place - reach, place + reach + 1, _STRIDE)
            near = near[(near >= 0) & (near <= count) & (np.abs(near - place) > _TOLERANCE)]
            options = np.concatenate([[place], near])
            values = [FEATURES[name].value(raw[name][options]) for name in CUTS]
            shares = _share_of_shot(own, options)
            cuts.append(PieceChoice(np.stack(values, axis=1), part, shares, side))
    pieces: list[PieceChoice] = []
    for source, pieces_used in used.items():
        others = {k: mine for k, mine in used.items() if k != source} if across else {}
        pieces += _piece_choices(features, source, pieces_used, others)
    return cuts, pieces


def was_cut(found: Alignment, before: AlignedSegment, after: AlignedSegment) -> bool:
    """Whether an editor cut between two segments: not where the source simply continues."""
    if after.boundary != "cut":
        return False
    if before.source is None or before.source != after.source:
        return True
    end = before.time_map.source_at((before.end - before.start) / found.rate)
    return abs(end - after.begin) >= Fraction(1, 8)


_Used = Sequence[tuple[int, int, str]]
"""Start, end and group of pieces of a source."""


def _piece_choices(
    features: Sequence[Features], source: int, used: _Used, others: Mapping[int, _Used]
) -> list[PieceChoice]:
    """Each used piece of a source as a choice among unused ones of its length, from the same source
    and from ``others``."""
    own = features[source]
    out: list[PieceChoice] = []
    for begin, end, part in used:
        begin, end = max(0, begin), min(end, own.footage.count)
        size = end - begin
        if size < 1:
            continue
        starts = _free(own, size, used, _OTHERS)
        if len(starts) < 3:
            continue
        values, shares = _measured(own, np.concatenate([[begin], starts]), size)
        for number, taken in others.items():
            other = features[number]
            same = max(1, round(size * other.footage.rate / own.footage.rate))
            more = _measured(other, _free(other, same, taken, _ELSEWHERE), same)
            values = np.concatenate([values, more[0]])
            shares = np.concatenate([shares, more[1]])
        out.append(PieceChoice(values, part, shares))
    return out


def _free(features: Features, size: int, used: _Used, most: int) -> Ints:
    """The possible starts of unused pieces of ``size`` frames: at most ``most``, evenly spread."""
    last = features.footage.count - size
    if last < 0:
        return np.zeros(0, np.int64)
    starts = np.unique(np.linspace(0, last, 4 * most).astype(np.int64))
    free = np.ones(len(starts), bool)
    for begin, end, _ in used:
        free &= (starts + size <= begin) | (starts >= end)
    starts = starts[free]
    if not len(starts):
        return starts
    return starts[np.unique(np.linspace(0, len(starts) - 1, most).astype(np.int64))]


def _measured(features: Features, starts: Ints, size: int) -> tuple[Floats, Floats]:
    """The features of pieces, (n, features), and the relative positions of their middles in their
    shots."""
    if not len(starts):
        return np.zeros((0, len(PIECES))), np.zeros(0)
    intervals = features.footage.shot_intervals
    firsts = np.array([s.start for s in intervals])
    lasts = np.array([s.end for s in intervals])
    middle = np.searchsorted(firsts, starts + size // 2, side="right") - 1
    raw = features.pieces(starts, starts + size, (firsts[middle], lasts[middle]))
    values = np.stack([FEATURES[name].value(raw[name]) for name in PIECES], axis=1)
    return values, _share_of_shot(features, starts + size // 2)


def _share_of_shot(features: Features, places: Ints) -> Floats:
    """The relative positions of places in their shots, 0 to 1."""
    intervals = features.footage.shot_intervals
    firsts = np.array([s.start for s in intervals])
    lasts = np.array([s.end for s in intervals])
    shot = np.maximum(np.searchsorted(firsts, places, side="right") - 1, 0)
    share: Floats = (places - firsts[shot]) / np.maximum(lasts[shot] - firsts[shot], 1)
    return np.clip(share, 0.0, 1.0)
