"""The curves of fades and crossfades, under the names that FFmpeg's afade has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Name -> what the way from silence to full level looks like.
CURVES: Final[Mapping[str, str]] = {
    "tri": "a straight line",
    "qsin": "a quarter of a sine",
    "hsin": "half a sine",
    "esin": "an exponential sine",
    "log": "logarithmic",
    "ipar": "an inverted parabola",
    "qua": "quadratic",
    "cub": "cubic",
    "squ": "a square root",
    "cbr": "a cubic root",
    "par": "a parabola",
    "exp": "exponential",
    "iqsin": "an inverted quarter of a sine",
    "ihsin": "an inverted half of a sine",
    "dese": "a double exponential seat",
    "desi": "a double exponential sigmoid",
    "losi": "a logistic sigmoid",
    "sinc": "a sine cardinal",
    "isinc": "an inverted sine cardinal",
    "quat": "to the fourth power",
    "quatr": "the fourth root",
    "qsin2": "the square of a quarter of a sine",
    "hsin2": "the square of half a sine",
}
