"""The polynomials of the elementary functions keep the errors that are stated for them."""

from __future__ import annotations

import math
import struct

import numpy as np
from numpy.polynomial.polynomial import polyval

from vedc.codegen.coefficients import EXP2, LOG2, SIN
from vedc.codegen.llvm.vector import float32, literal

UNIT = np.linspace(0.0, 1.0, 200_001)


def rounded(coefficients: tuple[float, ...]) -> list[float]:
    return [float32(c) for c in coefficients]


def test_exp2() -> None:
    error = (1.0 + UNIT * polyval(UNIT, rounded(EXP2))) / np.exp2(UNIT) - 1.0
    assert np.abs(error).max() < 2.0**-23.2


def test_log2() -> None:
    error = UNIT * polyval(UNIT, rounded(LOG2)) - np.log2(1.0 + UNIT)
    assert np.abs(error).max() < 2.0**-21.5
    assert error[0] == 0.0


def test_sin() -> None:
    r = UNIT[1:] * (math.pi / 2)
    square = r * r
    error = (r + r * square * polyval(square, rounded(SIN))) / np.sin(r) - 1.0
    assert np.abs(error).max() < 2.0**-26.5


def test_float32_rounds_to_nearest_and_overflows_to_infinity() -> None:
    for value in (0.1, -1 / 3, 1e-40, 16777217.0, 1e300, -1e300, math.inf):
        with np.errstate(over="ignore"):
            assert float32(value) == float(np.float32(value))
    assert math.isnan(float32(math.nan))


def test_literals_are_the_digits_of_the_equal_double() -> None:
    assert literal(1.0) == "0x3FF0000000000000"
    digits = int(literal(0.1), 16).to_bytes(8, "big")
    assert struct.unpack(">d", digits)[0] == float(np.float32(0.1))
