"""Values of the resolved edit: numbers, values over time, calls of ops."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from vedc.errors import SourceLocation
from vedc.support.lazy_dataclass import dataclass, field

Point2 = tuple[float, float]


Scalar = float | tuple[float, ...] | str | bool


@dataclass(frozen=True, slots=True)
class Keyframe:
    """``value`` at ``frame`` frames after the item's start; ``easing`` leads on to the next."""

    frame: Fraction
    value: float | tuple[float, ...]
    easing: str = "linear"


UNLIMITED: Final = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Keyframes:
    """A value over time: held before the first point and after the last one."""

    points: tuple[Keyframe, ...]
    limits: tuple[float, float] = UNLIMITED
    """The least and the greatest value, which overshooting easings do not exceed."""


Number = float | Keyframes
"""A number that may move."""


ParamValue = Scalar | Keyframes


@dataclass(frozen=True, slots=True)
class OpCall:
    """An op with its parameters, in declaration order, every default filled in.

    A parameter of kind ``rgb`` or ``color`` is a tuple of three floats, a ``pair`` one of two;
    ``curve`` and ``points`` are flat tuples (x0, y0, x1, y1, ...); a file parameter is an
    absolute path.
    """

    op: str
    params: tuple[tuple[str, ParamValue], ...]
    mask: OpCall | None = None
    """A call of a mask: the op works where its matte is 1."""
    location: SourceLocation | None = field(default=None, compare=False)


Motion = tuple[float, ...] | Keyframes
"""A pair of numbers that may move."""
