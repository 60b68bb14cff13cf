"""The six numbers that make a shot like another, and their effect on its colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades import perceived, tables
from vedc.decide.grades.chain import Chain, Named, Values, channels_of, parts_of
from vedc.decide.grades.named import EXPOSURE, SATURATION, WHITE_BALANCE
from vedc.decide.grades.shot import Canvas, Step

_SEEN: Final = 0.4
"""The least colour difference of a step that is worth reading."""
_PROBE: Final = 1e-3


def _contrast(values: Values) -> dict[str, Any]:
    return {"amount": np.exp(np.clip(values * 0.14, -1.5, 1.5)), "pivot": 0.18}


def _contrast_written(values: Floats) -> Step:
    amount = float(np.exp(np.clip(values[0] * 0.14, -1.5, 1.5)))
    return {"op": "contrast", "amount": round(amount, 2)}


def _black(values: Values) -> dict[str, Any]:
    offset = np.clip(values * 0.02, -0.5, 0.5)
    ones = channels_of([1.0] * 3)
    return {"slope": ones, "offset": channels_of([offset] * 3), "power": ones}


def _black_written(values: Floats) -> Step:
    return {"op": "cdl", "offset": round(float(np.clip(values[0] * 0.02, -0.5, 0.5)), 3) + 0.0}


CONTROLS: Final = (
    WHITE_BALANCE,
    EXPOSURE,
    Named("contrast", 1, _contrast, _contrast_written),
    Named("cdl", 1, _black, _black_written),
    SATURATION,
)
"""Temperature and tint, stops, contrast, black, saturation; in the order in which they act."""
SIZE: Final = 6


class Colors:
    """Colours of a shot as a function of its six numbers."""

    def __init__(self, colors: Floats, canvas: Canvas) -> None:
        self._chain = Chain(CONTROLS, colors, *canvas)

    def at(self, values: Floats) -> tuple[Floats, Floats]:
        """CIELAB (n, 3) for values (6,) in spreads, and its derivatives (n, 3, 6)."""
        shown, slopes = self._chain.derived(values)
        base = perceived.lab(shown)
        moved = shown[..., np.newaxis] + _PROBE * slopes
        probed = perceived.lab(np.moveaxis(moved, -1, 0))
        return base, np.moveaxis(probed - base, 0, -1) / _PROBE


def written(values: Floats, colors: Floats, canvas: Canvas) -> tuple[Step, ...]:
    """The steps for six numbers, rounded as a person writes them, without those whose change of
    ``colors`` (n, 3), display values, is invisible."""
    steps: list[Step] = []
    for named, part in zip(CONTROLS, parts_of(CONTROLS), strict=True):
        step = named.written(values[part])
        changed = np.clip(tables.graded([step], colors, *canvas), 0, 1)
        if float(perceived.delta_e(colors, changed).mean()) >= _SEEN:
            steps.append(step)
    return tuple(steps)


def shown(steps: Sequence[Step], colors: Floats, canvas: Canvas) -> Floats:
    """Colours (n, 3) after steps, in 0..1."""
    return np.asarray(np.clip(tables.graded(steps, colors, *canvas), 0, 1), np.float64)
