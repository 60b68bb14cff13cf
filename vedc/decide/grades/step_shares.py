"""What each step of a grade does of the whole."""

from __future__ import annotations

from collections.abc import Sequence

from vedc import ops
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import Step
from vedc.decide.grades.tables import identity, is_pointwise, table_of


def step_shares(steps: Sequence[Step]) -> list[float | None]:
    """How much of the whole change of colours each step makes: shares that add up to 1.

    Differences are CIEDE2000, averaged over all colours alike. None for a step that a table cannot
    hold, and for each where a value moves or nothing changes.
    """
    held = [is_pointwise(ops.get(step["op"])) and not _moves(step) for step in steps]
    changes: list[float] = []
    done: list[Step] = []
    before = identity()
    for step, fits in zip(steps, held, strict=True):
        if fits:
            done.append(step)
            after = table_of(done)
            changes.append(float(delta_e(before, after).mean()))
            before = after
    total = sum(changes)
    if total <= 0:
        return [None] * len(steps)
    left = iter(changes)
    return [next(left) / total if fits else None for fits in held]


def _moves(step: Step) -> bool:
    file = "asset" in step or "src" in step or "mask" in step
    params = ops.get(step["op"]).params
    named = any(param.kind == "color" and param.name in step for param in params)
    return file or named or any(isinstance(value, dict) for value in step.values())
