"""Each step's share of a grade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc import ops
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import BT709, Canvas, Step
from vedc.decide.grades.tables import graded, identity, is_pointwise

_NOTHING: Final = 1e-6
_MOST: Final = 8000
"""The most pixels to examine."""


def step_shares(
    steps: Sequence[Step], picture: NDArray[Any] | None = None, canvas: Canvas = BT709
) -> list[float | None]:
    """Each step's share of the whole change of a picture's colours; shares add up to 1.

    ``picture``: display values (..., 3) of ``canvas`` before the steps; without it, all colours
    count alike. Differences are mean CIEDE2000. None for a step that depends on more than the
    colour, and for all if a value moves or nothing changes.
    """
    colors = (identity()[::2, ::2, ::2] if picture is None else picture).reshape(-1, 3)
    shown = np.asarray(colors[:: -(-len(colors) // _MOST)], np.float64)
    changes: list[float | None] = []
    for step in steps:
        if not is_pointwise(ops.get(step["op"])) or _moves(step):
            changes.append(None)
            continue
        after = np.clip(graded([step], shown, *canvas), 0.0, 1.0)
        changes.append(float(delta_e(shown, after).mean()))
        shown = after
    total = sum(change or 0.0 for change in changes)
    return [None if change is None or total < _NOTHING else change / total for change in changes]


def _moves(step: Step) -> bool:
    file = "asset" in step or "src" in step or "mask" in step
    params = ops.get(step["op"]).params
    named = any(param.kind == "color" and param.name in step for param in params)
    return file or named or any(isinstance(value, dict) for value in step.values())
