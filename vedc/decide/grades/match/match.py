"""Matching shots to a reference: candidate grades, and the one that brings a shot closest.

Where a shot and the reference share a part of the scene, the grade is fitted to that part as to a
pair; otherwise colours are transported. "As it is" is among the candidates, and wins if neither
grade brings the shot substantially closer to the reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.choose.reasons import Reason
from vedc.decide.grades.grade_changes import change_reasons
from vedc.decide.grades.likeness import Likeness
from vedc.decide.grades.match.transport import distance, sampled, transported
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.project import project
from vedc.decide.grades.shot import BT709, Canvas, Decision, Shot, Step, left_in_hdr
from vedc.decide.grades.space import Cells, GradeSpace
from vedc.decide.grades.tables import Table, apply, graded, identity

VERSION: Final = "1"
"""Raised when decisions change."""
_LEAST: Final = 0.25
"""The least share of the distance to the reference that a grade must remove."""
SHARED: Final = "what both show"
DISTRIBUTED: Final = "how colours are distributed"
_COLORS: Final = 250
"""The number of colours to which a grade is fitted."""
_USUAL: Final = 2.5
"""The largest norm of a transported grade's weights at which it is applied in full. A larger one
more likely reflects different contents, and is applied only in part."""
_SEEN: Final = 0.7
"""Colour difference below which shot and reference look alike already."""
_DOUBT: Final = 0.1
"""Penalty of a grade that is only transported."""
_STILL: Final = 0.5 / 255
"""Distance of distributions below which there is nothing to transport."""
_REST: Final = 0.5
"""95th percentile of what remains above which ``detail: lut`` adds a table."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A grade and its score."""

    name: str
    table: Table
    score: float
    wanted: Floats
    """Colours (n, 3) of the reference by which it was judged."""
    full: float
    """The score of the full grade, if this is a part of it."""
    part: float = 1.0
    """Its share of the full grade."""


def decide_match(
    shots: Sequence[Shot],
    reference: Shot,
    *,
    strength: float = 1.0,
    detail: str = "steps",
    canvas: Canvas = BT709,
) -> list[Decision]:
    """A decision for each shot. ``strength``: 0 to 1, the share of the change to apply.

    An HDR film stays unchanged.
    """
    if canvas.is_hdr:
        return left_in_hdr(shots)
    space = GradeSpace.load()
    return [_decided(shot, reference, strength, detail, canvas, space) for shot in shots]


def candidates(shot: Shot, reference: Shot, space: GradeSpace) -> list[Candidate]:
    """Grades for a shot, best first, without "as it is"."""
    shared = Likeness(shot.pictures).common(Likeness(reference.pictures), _COLORS)
    found = [_distributed(sampled(shot.pictures), sampled(reference.pictures), space)]
    if shared is not None:
        table = space.table(space.estimate(shared.cells).w)
        nearer = _nearer(shared.cells, table)
        # The same places say more than distributions, however well those score.
        found.insert(0, Candidate(SHARED, table, nearer, shared.cells.after, nearer))
    return found


def _distributed(source: Floats, wanted: Floats, space: GradeSpace) -> Candidate:
    """The grade that transports colours (n, 3) to others (m, 3), as far as it is plausible."""
    w = transported(source, wanted, space)
    part = min(1.0, _USUAL / max(float(np.linalg.norm(w)), 1e-9))
    whole, table = space.table(w), partly(space.table(w), part)
    away = distance(source, wanted)

    def nearer(grade: Table) -> float:
        left = distance(apply(grade, source).astype(np.float64), wanted)
        return max(0.0, 1 - left / away - _DOUBT) if away > _STILL else 0.0

    return Candidate(DISTRIBUTED, table, nearer(table), wanted, nearer(whole), part)


def partly(table: Table, share: float) -> Table:
    """A grade applied in part: 0 is nothing, 1 all of it."""
    return np.asarray(identity() + share * (table - identity()), np.float32)


def _nearer(cells: Cells, table: Table) -> float:
    """Share of the colour difference between the same places that a grade removes."""
    before, after = (
        _median(delta_e(colors, cells.after), cells.counts)
        for colors in (cells.before, apply(table, cells.before))
    )
    return max(0.0, 1 - after / max(before, 1e-9)) if before >= _SEEN else 0.0


def _median(values: Floats, counts: Floats) -> float:
    order = np.argsort(values)
    reached = np.cumsum(counts[order])
    return float(values[order[int(np.searchsorted(reached, reached[-1] / 2))]])


def _decided(
    shot: Shot, reference: Shot, strength: float, detail: str, canvas: Canvas, space: GradeSpace
) -> Decision:
    found = candidates(shot, reference, space)
    best = next((c for c in found if c.full >= _LEAST), None)
    if found and found[0].name == SHARED and best is not found[0]:
        best = None  # both show the same things, in the same colours
    tried = [f"by {c.name}, score {c.score:.2f}" for c in found if c is not best]
    if best is None or strength <= 0:
        return Decision((), 0.0, (), tuple(tried))
    table = partly(best.table, strength)
    pixels = sampled(shot.pictures)
    projected = project(table, pixels, matrix=canvas.matrix, transfer=canvas.transfer)
    if not projected.steps:
        return Decision((), 0.0, (), tuple(tried))
    shown = np.clip(graded(projected.steps, pixels, *canvas), 0, 1)
    rest = None
    if detail == "lut" and projected.worst > _REST:
        rest = remainder(projected.steps, table, pixels, canvas, space)
        shown = apply(rest, shown).astype(np.float64)
    score = round(best.score * strength, 2)
    doubt = round(_DOUBT * strength, 2) if best.name == DISTRIBUTED else 0.0
    reasons = change_reasons(pixels, shown, best.wanted, round(score + doubt, 2))
    if doubt:
        how = "done in full" if best.part > 0.99 else f"{best.part:.0%} done: contents differ"
        reasons = (*reasons, Reason("nothing that both show", -doubt, how))
    return Decision(projected.steps, score, reasons, (*tried, "as it is, score 0.00"), rest)


def remainder(
    steps: Sequence[Step], table: Table, pixels: Floats, canvas: Canvas, space: GradeSpace
) -> Table:
    """A table that, applied after the steps, gives the result of a grade's table."""
    colors = np.concatenate([pixels, identity()[::2, ::2, ::2].reshape(-1, 3).astype(np.float64)])
    shown = np.clip(graded(steps, colors, *canvas), 0, 1)
    return space.table(space.estimate(Cells.of(shown, apply(table, colors))).w)
