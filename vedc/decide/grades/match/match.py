"""Shots that are to look like a reference: candidates, and the one that brings it nearest.

Where a shot and the reference share a part of the scene, the grade is fitted to it like to a pair;
else colours are transported. "As it is" is among the candidates, and stays where neither brings
the shot nearer to the reference by a fair share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.match.overlap import Overlap, overlap
from vedc.decide.grades.match.transport import distance, sampled, transported
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.project import project
from vedc.decide.grades.shot import Decision, Shot, Step
from vedc.decide.grades.space import Cells, GradeSpace
from vedc.decide.grades.tables import Table, apply, graded, identity
from vedc.decide.grades.told import told

VERSION: Final = "1"
"""Raised when decisions change."""
_LEAST: Final = 0.25
"""Share of the distance to the reference that a grade has to take away."""
_SEEN: Final = 0.7
"""Colour difference below which shot and reference look alike already."""
_REST: Final = 0.5
"""95th percentile of what remains above which ``detail: lut`` adds a table."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A grade, and what it is worth."""

    name: str
    table: Table
    score: float
    wanted: Floats
    """Colours (n, 3) of the reference that it was judged by."""


def decide_match(
    shots: Sequence[Shot],
    reference: Shot,
    *,
    strength: float = 1.0,
    detail: str = "steps",
    space: GradeSpace | None = None,
) -> list[Decision]:
    """A decision for each shot. ``strength``: 0 to 1, how much of the way it goes."""
    known = space or GradeSpace.load()
    return [_decided(shot, reference, strength, detail, known) for shot in shots]


def candidates(shot: Shot, reference: Shot, space: GradeSpace) -> list[Candidate]:
    """Grades for a shot, the best first; "as it is" is not among them."""
    found = []
    shared = overlap(shot.pictures, reference.pictures)
    if shared is not None:
        table = space.table(space.estimate(Cells.of(shared.first, shared.second)).w)
        found.append(Candidate("what both show", table, _likeness(shared, table), shared.second))
    source, wanted = sampled(shot.pictures), sampled(reference.pictures)
    table = space.table(transported(source, wanted, space))
    away = distance(source, wanted)
    nearer = 1 - distance(apply(table, source).astype(np.float64), wanted) / max(away, 1e-9)
    if away > 0.5 / 255:
        found.append(Candidate("how colours are distributed", table, max(0.0, nearer), wanted))
    # Places that are known to be the same say more than distributions, however good their score.
    return sorted(found, key=lambda c: (c.name != "what both show", -c.score))


def _likeness(shared: Overlap, table: Table) -> float:
    """Share of the colour difference between the same places that a grade takes away."""
    before = float(np.median(delta_e(shared.first, shared.second)))
    after = float(np.median(delta_e(apply(table, shared.first), shared.second)))
    return max(0.0, 1 - after / max(before, 1e-9)) if before >= _SEEN else 0.0


def _decided(
    shot: Shot, reference: Shot, strength: float, detail: str, space: GradeSpace
) -> Decision:
    found = candidates(shot, reference, space)
    best = next((c for c in found if c.score >= _LEAST), None)
    if found and found[0].name == "what both show" and best is not found[0]:
        best = None  # both show the same, in the same colours
    if best is None or strength <= 0:
        tried = tuple(f"by {c.name}, score {c.score:.2f}" for c in found)
        return Decision((), 0.0, (), tried)
    table = (identity() + strength * (best.table - identity())).astype(np.float32)
    pixels = sampled(shot.pictures)
    projected = project(table, pixels)
    shown = np.clip(graded(projected.steps, pixels), 0, 1)
    score = round(best.score * strength, 2)
    rest = None
    if detail == "lut" and projected.worst > _REST:
        rest = remainder(projected.steps, table, pixels, space)
        shown = apply(rest, shown).astype(np.float64)
    instead = [f"by {c.name}, score {c.score:.2f}" for c in found if c is not best]
    return Decision(
        projected.steps,
        score,
        told(pixels, shown, best.wanted, score),
        (*instead, "as it is, score 0.00"),
        rest,
    )


def remainder(steps: Sequence[Step], table: Table, pixels: Floats, space: GradeSpace) -> Table:
    """A table that, after the steps, does what a grade's table does."""
    colors = np.concatenate([pixels, identity()[::2, ::2, ::2].reshape(-1, 3).astype(np.float64)])
    shown = np.clip(graded(steps, colors), 0, 1)
    return space.table(space.estimate(Cells.of(shown, apply(table, colors))).w)
