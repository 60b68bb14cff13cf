"""The crop of one shot: its position over time, its score, and the alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.choose.reasons import Reason
from vedc.decide.reframe.evidence import PLACES, Box, Evidence, Slide, shown, worth
from vedc.decide.reframe.keyframes import Point, drawn, keyframed, most_for
from vedc.decide.reframe.path import best_places, bounds, smooth_path

_NO_BETTER: Final = 1.01
"""The least worth of a path, relative to the middle's; otherwise the middle is taken."""


@dataclass(frozen=True, slots=True)
class Framed:
    """The decision for a shot."""

    points: tuple[tuple[int, float, str], ...]
    """Number of the map, leading edge of the crop in fractions of the picture, and the easing to
    the next; a single one if it stands still."""
    score: float
    """The crop's worth relative to the best place at each moment: 0 to 1."""
    reasons: tuple[Reason, ...]
    instead: tuple[str, ...]


def frame_shot(evidence: Evidence, slide: Slide, hidden: Sequence[Sequence[Box]] = ()) -> Framed:
    """The crop of a shot, given evidence for at least one moment."""
    values = worth(evidence, slide, hidden)
    n = len(values)
    places = best_places(values, evidence.rate)
    path = smooth_path(*bounds(values, places, evidence.rate))
    points = keyframed(path, places.astype(np.float64), values, most_for(n / evidence.rate))
    middle = [Point(0, (PLACES - 1) / 2)]
    if _along(values, drawn(points, n)) < _NO_BETTER * _along(values, drawn(middle, n)):
        points = middle
    edges = slide.edges()
    step = float(edges[1] - edges[0])
    return Framed(
        tuple((p.index, round(p.place * step, 4), p.easing) for p in points),
        *_explained(evidence, slide, points, hidden, values),
    )


def _along(values: Floats, path: Floats) -> float:
    """The sum of values (n, PLACES) along a path."""
    low = np.clip(np.floor(path).astype(int), 0, PLACES - 2)
    rows, share = np.arange(len(values)), path - low
    return float((values[rows, low] * (1 - share) + values[rows, low + 1] * share).sum())


def _explained(
    evidence: Evidence,
    slide: Slide,
    points: list[Point],
    hidden: Sequence[Sequence[Box]],
    values: Floats,
) -> tuple[float, tuple[Reason, ...], tuple[str, ...]]:
    """Score, reasons and alternatives."""
    n = len(values)
    best = max(float(values.max(axis=1).sum()), 1e-12)
    path = drawn(points, n)
    stands = _along(shown(evidence.salient, slide), path) / best
    moves = _along(shown(evidence.moving, slide), path) / best
    faces = 0.0 if evidence.faces is None else _along(shown(evidence.faces, slide), path) / best
    lost = 0.0
    if any(hidden):
        seen = _along(shown(evidence.whole, slide, hidden), path) / best
        lost = faces + stands + moves - seen
    score = _along(values, path) / best
    reasons = [
        Reason("faces", faces),
        Reason("stands out", stands),
        Reason("moves", moves),
        Reason("near the middle", score - (faces + stands + moves - lost)),
        Reason("under titles", -lost),
    ]
    others = []
    middle = (PLACES - 1) / 2
    if len(points) > 1:
        others.append(("standing still", np.full(n, float(np.median(path)))))
    if len(points) > 1 or abs(points[0].place - middle) > 1:
        others.append(("the middle", np.full(n, middle)))
    rivals = [(_along(values, other) / best, name) for name, other in others]
    instead = tuple(f"{name}, score {worth:.2f}" for worth, name in sorted(rivals, reverse=True))
    return score, tuple(r for r in reasons if abs(r.points) >= 0.005), instead
