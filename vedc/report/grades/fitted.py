"""A fitted grade for people: its steps with their shares, the remaining difference, and doubts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, Final

from vedc.decide.grades.fit.pair_fit import Fit
from vedc.decide.lock.lock_text import flow_text

_WIDTH: Final = 96
SAME: Final = 0.5
"""CIEDE2000 below which two pictures look the same."""
_FOLLOWED: Final = 0.8
_FAR: Final = 2.0
_LOST: Final = 0.5


def text(fit: Fit, raw: str, graded: str) -> str:
    """A table of steps, and its accuracy; the steps as YAML to paste."""
    return "\n".join(_lines(fit, raw, graded)) + "\n"


def _lines(fit: Fit, raw: str, graded: str) -> Iterator[str]:
    yield f"from {raw} to {graded}: dE {fit.untouched:.2f} on average (CIEDE2000)"
    steps = fit.projection.steps
    if not steps:
        yield "no step is needed: the pictures are as good as alike"
        return
    table = f"with a .cube of the whole {fit.table_left:.2f}"
    yield f"  with the steps below {fit.steps_left:.2f}, {table}"
    yield ""
    yield "  share  step"
    for step, share in zip(steps, fit.projection.shares, strict=True):
        lines = textwrap.wrap(flow_text(step), _WIDTH - 9)
        yield f"  {share:5.0%}  {lines[0]}"
        yield from (f"         {line}" for line in lines[1:])
    yield ""
    yield from yaml(fit).splitlines()


def yaml(fit: Fit) -> str:
    """The steps as a ``grade`` list of a spec."""
    steps = fit.projection.steps
    if not steps:
        return "grade: []\n"
    return "".join(["grade:\n", *(f"  - {flow_text(step)}\n" for step in steps)])


def doubts(fit: Fit) -> list[str]:
    """Caveats for using the grade, a sentence each."""
    found = []
    if fit.untouched < SAME:
        found.append(
            f"the two hardly differ (dE {fit.untouched:.2f}); are they the raw and the graded one?"
        )
    if fit.followed < _FOLLOWED:
        found.append(
            f"only {fit.followed:.0%} of the picture follows one grade; the rest, such as titles, "
            "effects, masks or what does not align, was ignored"
        )
    if fit.table_left > _FAR:
        found.append(
            f"dE {fit.table_left:.1f} remains whatever the grade: something else than colour "
            "changed, or the colour changed from shot to shot"
        )
    if fit.steps_left - fit.table_left > _LOST:
        found.append(
            f"the steps leave dE {fit.steps_left:.2f} where a table leaves {fit.table_left:.2f}; "
            "-o look.cube keeps all of it"
        )
    return found


def data(fit: Fit, raw: str, graded: str) -> dict[str, Any]:
    """The documented object of ``vedc grade fit --json``."""
    found = fit.projection
    return {
        "raw": raw,
        "graded": graded,
        "steps": [
            {"step": dict(step), "share": round(share, 4)}
            for step, share in zip(found.steps, found.shares, strict=True)
        ],
        "difference": {
            "untouched": round(fit.untouched, 4),
            "steps": round(fit.steps_left, 4),
            "table": round(fit.table_left, 4),
        },
        "followed": round(fit.followed, 4),
        "warnings": doubts(fit),
    }
