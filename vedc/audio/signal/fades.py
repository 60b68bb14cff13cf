"""The gain along a fade, by the formulas of FFmpeg's afade (libavfilter/af_afade.c)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_DECADES: Final = 5
"""Powers of ten of amplitude from the bottom of the curves ``exp`` and ``log`` to full level."""

_STEEP: Final = 1 / (1 - 0.787) - 1
"""Of the logistic sigmoid."""


def gain(curve: str, along: Floats) -> Floats:
    """The factors at shares of a fade, 0 to 1, on its way in. Raises KeyError for another name."""
    return _FORMULAS[curve](along)


def _logistic(x: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-_STEEP * x))
    return found


def _sigmoid(x: Floats) -> Floats:
    low, high = _logistic(np.array([-1.0, 1.0]))
    found: Floats = (_logistic(2 * x - 1) - low) / (high - low)
    return found


def _log(x: Floats) -> Floats:
    found: Floats = 1 + np.log10(np.maximum(x, 10.0**-_DECADES)) / _DECADES
    return found


def _seat(x: Floats, power: float) -> Floats:
    """A curve and its mirror image, joined half-way."""
    bent: Floats = np.power(2 * np.minimum(x, 1 - x), power) / 2
    return np.where(x <= 0.5, bent, 1 - bent)


_FORMULAS: Final[Mapping[str, Callable[[Floats], Floats]]] = {
    "tri": lambda x: x,
    "qsin": lambda x: np.sin(x * (math.pi / 2)),
    "hsin": lambda x: (1 - np.cos(x * math.pi)) / 2,
    "esin": lambda x: 1 - np.cos(math.pi / 4 * ((2 * x - 1) ** 3 + 1)),
    "log": _log,
    "ipar": lambda x: 1 - (1 - x) ** 2,
    "qua": lambda x: x**2,
    "cub": lambda x: x**3,
    "squ": np.sqrt,
    "cbr": np.cbrt,
    "par": lambda x: 1 - np.sqrt(1 - x),
    "exp": lambda x: np.power(10.0, _DECADES * (x - 1)),
    "iqsin": lambda x: np.arcsin(x) * (2 / math.pi),
    "ihsin": lambda x: np.arccos(1 - 2 * x) / math.pi,
    "dese": lambda x: _seat(x, 1 / 3),
    "desi": lambda x: _seat(x, 3),
    "losi": _sigmoid,
    "sinc": lambda x: np.sinc(1 - x),
    "isinc": lambda x: 1 - np.sinc(x),
    "quat": lambda x: x**4,
    "quatr": lambda x: np.power(x, 0.25),
    "qsin2": lambda x: np.sin(x * (math.pi / 2)) ** 2,
    "hsin2": lambda x: ((1 - np.cos(x * math.pi)) / 2) ** 2,
}
