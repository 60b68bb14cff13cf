"""A person's edits as choices: each cut among the places near it, each piece among others.

A film is aligned with its raw files. Where a piece begins or ends, the person chose that place
among those around it; what they used is set against pieces of the same length that they did not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy as np

from vedc.decide.align.alignment import AlignedSegment, Alignment
from vedc.decide.arrays import Floats, Ints
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES
from vedc.decide.choose.features import Features

_AROUND: Final = 1.0
"""Seconds on each side of a cut from which it was chosen."""

_TOLERANCE: Final = 2
"""Frames by which alignment and taste may be off: nearer places are not alternatives."""

_STRIDE: Final = 2

_OTHERS: Final = 24
"""Unused pieces for each used one."""


@dataclass(frozen=True, slots=True, eq=False)
class PieceChoice:
    """Feature values of all options of one choice, the chosen one first."""

    values: Floats
    """(options, features), 0 to 1."""
    group: str
    """Choices of one group stay on one side of a split."""
    shares: Floats | None = None
    """(options,): where in its shot of the raw file each lies, 0 to 1."""


def choices_of(
    found: Alignment, features: Sequence[Features], group: str
) -> tuple[list[PieceChoice], list[PieceChoice]]:
    """The cuts and the pieces of a film as choices. ``features``: of each raw file.

    Groups are thirds of the film, named ``group:third``.
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
        for place, raw, cut in ((begin, own.ins, cut_at[k]), (end, own.outs, cut_at[k + 1])):
            if not cut or not 0 < place < count:
                continue
            reach = int(_AROUND * float(rate))
            near = np.arange(place - reach, place + reach + 1, _STRIDE)
            near = near[(near >= 0) & (near <= count) & (np.abs(near - place) > _TOLERANCE)]
            options = np.concatenate([[place], near])
            values = [FEATURES[name].value(raw[name][options]) for name in CUTS]
            shares = _share_of_shot(own, options)
            cuts.append(PieceChoice(np.stack(values, axis=1), part, shares))
    pieces: list[PieceChoice] = []
    for source, pieces_used in used.items():
        pieces += _piece_choices(features[source], pieces_used)
    return cuts, pieces


def was_cut(found: Alignment, before: AlignedSegment, after: AlignedSegment) -> bool:
    """Whether somebody cut between two segments: not where the source simply runs on."""
    if after.boundary != "cut":
        return False
    if before.source is None or before.source != after.source:
        return True
    end = before.time_map.source_at((before.end - before.start) / found.rate)
    return abs(end - after.begin) >= Fraction(1, 8)


def _piece_choices(
    features: Features, pieces_used: Sequence[tuple[int, int, str]]
) -> list[PieceChoice]:
    """Each used piece of a source against unused pieces of its length."""
    footage = features.footage
    out: list[PieceChoice] = []
    for begin, end, part in pieces_used:
        begin, end = max(0, begin), min(end, footage.count)
        size = end - begin
        if size < 1:
            continue
        starts = np.unique(np.linspace(0, footage.count - size, 4 * _OTHERS).astype(np.int64))
        free = np.ones(len(starts), bool)
        for other_begin, other_end, _ in pieces_used:
            free &= (starts + size <= other_begin) | (starts >= other_end)
        starts = starts[free]
        if len(starts) < 3:
            continue
        starts = starts[np.unique(np.linspace(0, len(starts) - 1, _OTHERS).astype(np.int64))]
        starts = np.concatenate([[begin], starts])
        intervals = footage.shot_intervals
        firsts = np.array([s.start for s in intervals])
        lasts = np.array([s.end for s in intervals])
        middle = np.searchsorted(firsts, starts + size // 2, side="right") - 1
        shots = firsts[middle], lasts[middle]
        raw = features.pieces(starts, starts + size, shots)
        values = [FEATURES[name].value(raw[name]) for name in PIECES]
        shares = _share_of_shot(features, starts + size // 2)
        out.append(PieceChoice(np.stack(values, axis=1), part, shares))
    return out


def _share_of_shot(features: Features, places: Ints) -> Floats:
    """Where in their shots places lie, 0 to 1."""
    intervals = features.footage.shot_intervals
    firsts = np.array([s.start for s in intervals])
    lasts = np.array([s.end for s in intervals])
    shot = np.maximum(np.searchsorted(firsts, places, side="right") - 1, 0)
    share: Floats = (places - firsts[shot]) / np.maximum(lasts[shot] - firsts[shot], 1)
    return np.clip(share, 0.0, 1.0)
