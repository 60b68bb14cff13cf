"""Casts, exposures and contrasts as steps, in the ops' parameters and in round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

import numpy as np

from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.decide.arrays import Floats
from vedc.decide.grades.balance.light import encoded, light_of
from vedc.decide.grades.shot import Step
from vedc.decide.grades.tables import graded
from vedc.expr.math import Scalar
from vedc.ops.grade.balance import DAYLIGHT, TINT_STEPS, planckian, white_xyz
from vedc.ops.shared import color_conversion, matrix

#: The ranges of the ops' parameters in steps.
TEMPERATURES: Final = (1700.0, 15000.0)
TINT: Final = 150.0
STOPS: Final = 3.0
CONTRAST: Final = (0.5, 2.0)

_GREY: Final = 0.18


@dataclass(frozen=True, slots=True)
class Balance:
    """The errors of a shot that steps correct."""

    cast: tuple[float, float] = (0.0, 0.0)
    """``log(g / r)`` and ``log(g / b)`` of the colour that should become grey, in linear light."""
    stops: float = 0.0
    """Excess brightness in stops."""
    contrast: float = 0.0
    """Log of the excess exponent around middle grey."""

    def scaled(self, strength: float) -> Balance:
        u, v = self.cast
        return Balance(
            (u * strength, v * strength), self.stops * strength, self.contrast * strength
        )


def steps_of(balance: Balance, matrix_name: str = "bt709") -> tuple[Step, ...]:
    """The steps that undo the errors, in the order in which they arose; absent errors have no step.

    Numbers are rounded to visible differences: temperatures to about 1% of their reciprocal, tints
    to 1, stops to 0.05, contrasts to 0.01.
    """
    found: list[Step] = []
    if balance.cast != (0.0, 0.0):
        temperature, tint = white_of(balance.cast, matrix_name)
        warm = _rounded(temperature)
        if (warm, round(tint)) != (DAYLIGHT, 0):
            found.append({"op": "white_balance", "temperature": warm, "tint": round(tint)})
    stops = round(float(np.clip(-balance.stops, -STOPS, STOPS)) * 20) / 20
    if stops:
        found.append({"op": "exposure", "stops": stops})
    amount = round(float(np.clip(math.exp(-balance.contrast), *CONTRAST)), 2)
    if amount != 1.0:
        found.append({"op": "contrast", "amount": amount})
    return tuple(found)


def white_of(cast: tuple[float, float], matrix_name: str = "bt709") -> tuple[float, float]:
    """Temperature and tint of the light that makes grey look like ``cast``.

    ``white_balance`` scales cone responses by daylight's over the light's; so the light's responses
    are daylight's times the cast's effect on grey's. Clamped to the op's range.
    """
    adapt, cones, daylight = adaptation(matrix_name)
    color = np.exp(np.array([-cast[0], 0.0, -cast[1]]))
    light = np.linalg.solve(adapt, daylight * (cones @ color) / (cones @ np.ones(3)))
    x, y, z = light
    total = x + 15 * y + 3 * z
    u, v = 4 * x / total, 6 * y / total
    low, high = (math.log(t) for t in TEMPERATURES)
    for _ in range(50):  # along the locus; monotone near it
        middle = (low + high) / 2
        at_u, at_v, du, dv = (float(part) for part in _locus(math.exp(middle)))
        ahead = (u - at_u) * du + (v - at_v) * dv > 0
        low, high = (middle, high) if ahead else (low, middle)
    temperature = math.exp((low + high) / 2)
    at_u, at_v, du, dv = _locus(temperature)
    tint = ((u - at_u) * dv - (v - at_v) * du) / math.hypot(du, dv) * TINT_STEPS
    return temperature, float(np.clip(tint, -TINT, TINT))


def left_over(
    steps: tuple[Step, ...], cast: tuple[float, float], transfer: str = "bt709"
) -> Floats:
    """The part (2,) of ``cast`` that remains after steps, through the ops' own code."""
    color = np.exp(np.array([-cast[0], 0.0, -cast[1]])) * _GREY
    shown = graded(steps, encoded(color, transfer), transfer=transfer)
    logs = np.log(np.maximum(light_of(shown, transfer).astype(np.float64), 1e-6))
    return np.array([logs[1] - logs[0], logs[1] - logs[2]])


def _rounded(temperature: float) -> int:
    """Steps of 10 K near 2000 K, of 50 K near daylight, of 200 K near the end."""
    step = next(s for limit, s in ((3000, 10), (5000, 20), (8000, 50), (11000, 100), (1e9, 200))
                if temperature < limit)  # fmt: skip
    return int(np.clip(round(temperature / step) * step, *TEMPERATURES))


def _locus(temperature: float) -> tuple[float, float, float, float]:
    u, v, du, dv = planckian(temperature)
    return float(cast(Any, u)), float(cast(Any, v)), float(cast(Any, du)), float(cast(Any, dv))


@lru_cache(maxsize=4)
def adaptation(matrix_name: str) -> tuple[Floats, Floats, Floats]:
    """Bradford's matrix, linear R'G'B' to cone responses, and daylight's responses."""
    primaries = "bt2020" if matrix_name.startswith("bt2020") else "bt709"
    adapt = np.array(color_conversion.BRADFORD)
    cones = np.array(
        matrix.product(color_conversion.BRADFORD, color_conversion.rgb_to_xyz(primaries))
    )
    m = NumpyMath()
    white = white_xyz(m, cast(Scalar, np.float64(DAYLIGHT)), cast(Scalar, np.float64(0.0)))
    daylight = adapt @ np.array([float(cast(Any, c)) for c in white.channels])
    return adapt, cones, daylight
