"""A decided match for people: each shot's steps with their shares, the reasons, and as a look."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from vedc.decide.choose.reasons import Reason
from vedc.decide.grades.fit.pair_fit import Fit
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.project import Projection
from vedc.decide.grades.shot import Canvas, Decision, Shot, Step
from vedc.decide.grades.step_shares import step_shares
from vedc.decide.grades.tables import apply, as_table, graded, identity
from vedc.decide.lock.lock_text import flow_text
from vedc.workspace.grading import Matched

_WIDTH: Final = 96


def text(found: Matched, clip: str, reference: str) -> str:
    """Shot by shot: score, reasons, steps with their shares; then the steps as YAML to paste."""
    return "\n".join(_lines(found, clip, reference)) + "\n"


def _lines(found: Matched, clip: str, reference: str) -> Iterator[str]:
    yield f"{clip}, to look like {reference}"
    for number, (shot, stretch, decision) in enumerate(found.shots, 1):
        yield ""
        where = f"shot {number}, {stretch}: " if len(found.shots) > 1 else ""
        if not decision.steps:
            yield f"{where}stays as it is: no grade brings it much nearer"
        else:
            yield f"{where}score {decision.score:.2f} of 1"
        yield from _reasons("for", [r for r in decision.reasons if r.points > 0])
        yield from _reasons("against", [r for r in decision.reasons if r.points < 0])
        if decision.instead:
            yield from _wrapped("instead", "; ".join(decision.instead))
        if decision.steps:
            yield "  share  step"
            shares = step_shares(decision.steps, shot.pictures, found.canvas)
            for step, share in zip(decision.steps, shares, strict=True):
                shown = "     " if share is None else f"{share:5.0%}"
                lines = textwrap.wrap(flow_text(step), _WIDTH - 9)
                yield f"  {shown}  {lines[0]}"
                yield from (f"         {line}" for line in lines[1:])
    if len(found.shots) == 1 and found.shots[0][2].steps:
        yield ""
        yield "grade:"
        yield from (f"  - {flow_text(step)}" for step in found.shots[0][2].steps)


def _reasons(lead: str, reasons: list[Reason]) -> Iterator[str]:
    if reasons:
        ordered = sorted(reasons, key=lambda r: -abs(r.points))
        yield from _wrapped(lead, ", ".join(_reason(reason) for reason in ordered))


def _reason(reason: Reason) -> str:
    value = f" ({reason.value})" if reason.value else ""
    return f"{reason.name} {reason.points:+.2f}{value}"


def _wrapped(lead: str, body: str) -> Iterator[str]:
    lines = textwrap.wrap(body, _WIDTH - 11)
    yield f"  {lead:<8} {lines[0]}"
    yield from (f"           {line}" for line in lines[1:])


def data(found: Matched, clip: str, reference: str) -> dict[str, Any]:
    """The documented object of ``vedc grade match --json``."""
    return {
        "clip": clip,
        "to": reference,
        "shots": [
            {
                "source": stretch,
                "steps": [
                    {"step": dict(step), "share": None if share is None else round(share, 4)}
                    for step, share in zip(
                        decision.steps,
                        step_shares(decision.steps, shot.pictures, found.canvas),
                        strict=True,
                    )
                ],
                "score": decision.score,
                "reasons": [
                    {"name": r.name, "points": r.points, "value": r.value} for r in decision.reasons
                ],
                "instead": list(decision.instead),
            }
            for shot, stretch, decision in found.shots
        ],
    }


def as_fit(shot: Shot, decision: Decision, canvas: Canvas) -> Fit:
    """A shot's grade in the form from which looks are written; see ``vedc.report.grades.looks``."""
    lattice = identity().astype(np.float64)
    table = as_table(_whole(decision, lattice, canvas))
    pixels = shot.pictures.reshape(-1, 3)
    by_table = apply(table, pixels)
    by_steps = _clipped(decision.steps, pixels, canvas)
    untouched = float(delta_e(pixels, by_table).mean())
    away = delta_e(by_steps, by_table)
    shares = tuple(s or 0.0 for s in step_shares(decision.steps, pixels, canvas))
    left = float(away.mean())
    projection = Projection(decision.steps, shares, untouched, left, float(np.quantile(away, 0.95)))
    return Fit(table, projection, untouched, 0.0, left, 1.0)


def _whole(decision: Decision, colors: np.ndarray[Any, Any], canvas: Canvas) -> Any:
    shown = _clipped(decision.steps, colors, canvas)
    return shown if decision.table is None else apply(decision.table, shown)


def _clipped(steps: tuple[Step, ...], colors: np.ndarray[Any, Any], canvas: Canvas) -> Any:
    return np.clip(graded(steps, colors, *canvas), 0.0, 1.0)
