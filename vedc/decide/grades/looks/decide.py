"""A shot's grade by a look, as steps, with the statistics that moved them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.choose.reasons import Reason
from vedc.decide.grades.grade_changes import rounded_to
from vedc.decide.grades.looks.learn import Look
from vedc.decide.grades.looks.statistics import STATISTICS, measured
from vedc.decide.grades.match.match import partly, remainder
from vedc.decide.grades.match.transport import sampled
from vedc.decide.grades.named import NAMED
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.project import project
from vedc.decide.grades.shot import BT709, Canvas, Decision, Shot, Step, left_in_hdr
from vedc.decide.grades.space import GradeSpace
from vedc.decide.grades.tables import Table, apply, graded
from vedc.decide.lock.lock_text import flow_text

VERSION: Final = "1"
"""Raised when decisions change."""
_SEEN: Final = 0.5
"""Colour difference below which a grade is not worth its steps."""
_MOVED: Final = 0.3
"""The least colour difference by a statistic that becomes a separate reason."""
_REASONS: Final = 4
_TRACED: Final = 1
"""Statistics whose effect is traced to a step, which costs nearly as much as another projection."""
_COARSE: Final = 4
"""A statistic's effect is measured on one colour in this many."""
_TRACE: Final = 0.1
"""The least colour difference of a step's part in it."""
_REST: Final = 0.5
"""95th percentile of what remains above which ``detail: lut`` adds a table."""
_BASE: Final = "the look itself"


class _Part(NamedTuple):
    """One statistic's contribution to a shot's grade."""

    number: int
    change: float
    """Mean CIEDE2000 on the shot."""
    without: Table
    """The grade without it."""


def decide_look(
    shots: Sequence[Shot],
    look: Look,
    *,
    strength: float = 1.0,
    detail: str = "steps",
    canvas: Canvas = BT709,
) -> list[Decision]:
    """A decision for each shot. ``strength``: 0 to 1, how much of the look is applied.

    An HDR film stays unchanged.
    """
    if canvas.is_hdr:
        return left_in_hdr(shots)
    space = GradeSpace.load()
    return [_decided(shot, look, strength, detail, canvas, space) for shot in shots]


def _decided(
    shot: Shot, look: Look, strength: float, detail: str, canvas: Canvas, space: GradeSpace
) -> Decision:
    statistics = measured(list(shot.pictures))
    deviations = look.deviations(statistics)
    table = partly(space.table(look.grade(deviations)), strength)
    pixels = sampled(shot.pictures)
    before = apply(table, pixels)
    change = float(delta_e(pixels, before).mean())
    tried = []
    if not look.is_constant:
        tried.append(f"one grade for all, score {_score(look, strength)}")
    if change < _SEEN:
        unseen = Reason(_BASE, 0.1), Reason("hardly seen here", -0.1, f"dE {change:.2f}")
        return Decision((), 0.0, unseen, tuple(tried))
    found = project(table, pixels, matrix=canvas.matrix, transfer=canvas.transfer)
    if not found.steps:
        return Decision((), 0.0, (), tuple(tried))
    rest, remaining = None, found.remaining
    if detail == "lut" and found.worst > _REST:
        rest = remainder(found.steps, table, pixels, canvas, space)
        remaining = 0.0
    done = max(0.0, 1 - remaining / found.untouched) if found.untouched else 0.0
    score = round(look.gain * strength * done, 2)
    few = slice(None, None, _COARSE)
    parts = _parts(look, deviations, strength, before[few], pixels[few], space)
    reasons = _reasons(look, statistics, parts, found.steps, pixels, canvas, score)
    return Decision(found.steps, score, reasons, (*tried, "as it is, score 0.00"), rest)


def _score(look: Look, strength: float) -> str:
    """The value of the reason for the look without statistics."""
    return f"{look.judged.gain(look.judged.constant) * strength:.2f}"


def _parts(
    look: Look,
    deviations: Floats,
    strength: float,
    shown: Any,
    pixels: Floats,
    space: GradeSpace,
) -> list[_Part]:
    """The statistics' contributions, largest first."""
    found = []
    for number in range(0 if look.is_constant else len(STATISTICS)):
        usual = deviations.copy()
        usual[number] = 0.0
        without = partly(space.table(look.grade(usual)), strength)
        change = float(delta_e(apply(without, pixels), shown).mean())
        found.append(_Part(number, change, without))
    return sorted(found, key=lambda part: -part.change)


def _reasons(
    look: Look,
    statistics: Floats,
    parts: Sequence[_Part],
    steps: Sequence[Step],
    pixels: Floats,
    canvas: Canvas,
    score: float,
) -> tuple[Reason, ...]:
    """Reasons with points in proportion to the colour changes by the look itself and by
    statistics."""
    usual = apply(GradeSpace.load().table(look.constant), pixels)
    base = float(delta_e(pixels, usual).mean())
    whole = base + sum(part.change for part in parts)
    reported = [part for part in parts if part.change >= _MOVED][:_REASONS]
    examples = f"from {look.shots} shots of {look.sources} source{'s' * (look.sources > 1)}"
    checked = "" if look.judged.checked else ", not checked on others"
    reasons = [Reason(_BASE, score * base / whole if whole else score, f"{examples}{checked}")]
    for rank, part in enumerate(reported):
        statistic = STATISTICS[part.number]
        value, usually = statistics[part.number], look.centre[part.number]
        text = f"{statistic.called} {value:.1f}, in the examples {usually:.1f}"
        if not look.low[part.number] <= value <= look.high[part.number]:
            edge = np.clip(value, look.low[part.number], look.high[part.number])
            text += f" and never beyond {edge:.1f}, which counts"
        moved = _moved(part, steps, pixels, canvas) if rank < _TRACED else ""
        text += f": {moved}" if moved else ""
        reasons.append(Reason(statistic.name, score * part.change / whole, text))
    rest = score - sum(reason.points for reason in reasons)
    if abs(rest) > 0.005:
        reasons.append(Reason("other statistics", rest))
    return rounded_to(reasons, score)


def _moved(part: _Part, steps: Sequence[Step], pixels: Floats, canvas: Canvas) -> str:
    """The step that a statistic moves most, and its value without it: the same kinds of steps are
    fitted to the grade without the statistic, and exchanged one by one."""
    kinds = [named for named in NAMED if any(step["op"] == named.op for step in steps)]
    other = project(
        part.without, pixels, kinds, price=0.0, matrix=canvas.matrix, transfer=canvas.transfer
    )
    by_op = {step["op"]: step for step in other.steps}
    now = graded(steps, pixels, *canvas)

    def away(number: int, step: Step | None) -> float:
        """The change from exchanging a step; None: from leaving it out."""
        exchanged = [*steps[:number], *([] if step is None else [step]), *steps[number + 1 :]]
        shown = graded(exchanged, pixels, *canvas)
        return float(delta_e(np.clip(now, 0, 1), np.clip(shown, 0, 1)).mean())

    far = [away(number, by_op.get(step["op"])) for number, step in enumerate(steps)]
    if max(far, default=0.0) < _TRACE:
        return ""
    number = int(np.argmax(far))
    step, usual = steps[number], by_op.get(steps[number]["op"])
    op = str(step["op"])
    if usual is None or "curve" in op or "hue" in op:
        return op
    keys = [key for key in step if key != "op" and key in usual]
    key = max(keys, key=lambda key: away(number, {**step, key: usual[key]}))
    return f"{op} {key} {flow_text(step[key])} instead of {flow_text(usual[key])}"
