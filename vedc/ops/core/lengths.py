"""Calls of ops on a canvas of another size: their lengths in pixels follow it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from vedc.edit.lengths import scaled
from vedc.edit.values import ParamValue
from vedc.ops.core.registry import Op, Param

#: Units of parameters that are lengths of the design.
UNITS: Final = ("px", "px/s")
#: The unit of an integer that says how many values of the design make up a pixel, each way.
SAMPLES: Final = "samples"


def scaled_params(
    op: Op, params: Iterable[tuple[str, ParamValue]], by: Fraction
) -> tuple[tuple[str, ParamValue], ...]:
    """The parameters of an op, those in pixels times ``by``, those in samples divided by it."""
    if by == 1:
        return tuple(params)
    return tuple((key, _param(op.param(key), value, by)) for key, value in params)


def _param(param: Param, value: ParamValue, by: Fraction) -> ParamValue:
    if param.unit == SAMPLES and isinstance(value, int):
        return int(_within(param, math.ceil(value / by)))
    if param.unit not in UNITS:
        return value
    if param.kind == "integer" and isinstance(value, int):
        return int(_within(param, round(value * by)))
    moved = scaled(value, by)
    return _within(param, moved) if isinstance(moved, float) else moved


def _within(param: Param, value: float) -> float:
    """The nearest value that the op takes."""
    low = value if param.low is None else max(param.low, value)
    return low if param.high is None else min(param.high, low)
