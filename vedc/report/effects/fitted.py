"""Fitted effects for people: each with its share, the grade beneath, and doubts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from vedc.decide.fitted_effects.fit import EffectsFit
from vedc.decide.lock.lock_text import flow_text
from vedc.report.grades import fitted as grades

_WIDTH: Final = 96
_CODES: Final = 255
_TRADES: Final = 0.8
"""Correlation from which two parameters are hard to distinguish."""
_SHOWN: Final = 0.5
_FAR: Final = 0.04
"""Remaining root mean square of display values that is too much."""


def text(fit: EffectsFit, raw: str, edit: str, lut: Path | None = None) -> str:
    """A table of effects, their accuracy, and the lists to paste."""
    return "\n".join(_lines(fit, raw, edit, lut)) + "\n"


def _lines(fit: EffectsFit, raw: str, edit: str, lut: Path | None) -> Iterator[str]:
    far = [f"{_CODES * value:.1f}" for value in (fit.untouched, fit.grade_left, fit.left)]
    yield f"from {raw} to {edit}: {far[0]} code values (root mean square)"
    yield f"  with a grade alone {far[1]}, with the effects below {far[2]}"
    if not fit.effects:
        yield "no effect was found"
    else:
        yield ""
        yield "  share  effect"
        for found in fit.effects:
            lines = textwrap.wrap(f"{flow_text(found.step)}: {found.evidence}", _WIDTH - 9)
            yield f"  {found.share:5.0%}  {lines[0]}"
            yield from (f"         {line}" for line in lines[1:])
        yield from _traded(fit)
    yield ""
    yield from yaml(fit, lut).splitlines()


def _traded(fit: EffectsFit) -> Iterator[str]:
    pairs = [f"{one} and {other} {value:+.2f}" for one, other, value in _pairs(fit)]
    if pairs:
        yield ""
        yield from textwrap.wrap(f"correlated: {'; '.join(pairs)}", _WIDTH, subsequent_indent="  ")


def _pairs(fit: EffectsFit) -> list[tuple[str, str, float]]:
    """Correlated parameters, strongest first."""
    held = fit.correlations
    kept = {found.step["op"] for found in fit.effects}
    at = [i for i, name in enumerate(held.names) if name.split(".")[0] in kept]
    found = [(held.names[i], "the grade", float(held.with_grade[i])) for i in at]
    found += [
        (held.names[i], held.names[j], float(held.matrix[i, j])) for i in at for j in at if i < j
    ]
    return sorted((f for f in found if abs(f[2]) >= _SHOWN), key=lambda f: -abs(f[2]))


def yaml(fit: EffectsFit, lut: Path | None = None) -> str:
    """The ``grade`` and ``effects`` lists of an item; with a .cube, that has the grade."""
    if lut is not None:
        grade = f"grade:\n  - {flow_text({'op': 'lut', 'src': lut.as_posix()})}\n"
    else:
        grade = grades.yaml(fit.grade)
    if not fit.effects:
        return f"{grade}effects: []\n"
    return grade + "".join(["effects:\n", *(f"  - {flow_text(s)}\n" for s in fit.steps)])


def doubts(fit: EffectsFit) -> list[str]:
    """Caveats for using them, a sentence each."""
    found = []
    ops = {each.step["op"] for each in fit.effects}
    if any(fit.bars):
        above, below, left, right = fit.bars
        sides = f"{above} rows above, {below} below, {left} columns left, {right} right"
        found.append(f"black bars are no effect and were left out: {sides}")
    if "film_grain" in ops:
        found.append("the codec smoothed the grain; its amount was at least this")
    for one, other, value in _pairs(fit):
        if other == "the grade" and value >= _TRADES:
            found.append(
                f"{one} and the grade can trade places ({value:.2f}): other values with another "
                "grade look much the same"
            )
    if fit.left > _FAR and "film_grain" not in ops:
        found.append(
            f"{_CODES * fit.left:.0f} code values remain: the edit has an effect that "
            "vedc does not look for, or its effects change over time"
        )
    return found


def data(fit: EffectsFit, raw: str, edit: str) -> dict[str, Any]:
    """The documented object of ``vedc effects fit --json``."""
    held = fit.correlations
    steps = zip(fit.grade.projection.steps, fit.grade.projection.shares, strict=True)
    return {
        "raw": raw,
        "edit": edit,
        "effects": [
            {"step": dict(f.step), "share": round(f.share, 4), "evidence": f.evidence}
            for f in fit.effects
        ],
        "grade": [{"step": dict(step), "share": round(share, 4)} for step, share in steps],
        "difference": {
            "untouched": round(fit.untouched, 5),
            "grade": round(fit.grade_left, 5),
            "all": round(fit.left, 5),
        },
        "correlations": {
            "parameters": list(held.names),
            "matrix": [[round(float(v), 3) for v in row] for row in held.matrix],
            "grade": [round(float(v), 3) for v in held.with_grade],
        },
        "bars": list(fit.bars),
        "warnings": doubts(fit),
    }
