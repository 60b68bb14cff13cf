"""The steps in which a grade is written, in working order: balance, primaries, curves, hues."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.chain import Curve, Named, Values, channels_of
from vedc.decide.grades.shot import Step

_DAYLIGHT: Final = 1e6 / 6500
_KNOTS: Final = np.linspace(0.0, 1.0, 5)
_HUES: Final = np.arange(6) / 6


def _column(values: Values, index: int, factor: float) -> Floats:
    return np.asarray(values[:, index : index + 1] * factor, np.float64)


def _three(values: Values, start: int, factor: float) -> list[Floats]:
    return [_column(values, start + c, factor) for c in range(3)]


def _rounded(value: float, digits: int) -> float:
    """The rounded value, without negative zero."""
    return round(float(value), digits) + 0.0


# White balance: mireds away from daylight, and tint.


def _temperature(mired: Any) -> Any:
    return np.clip(1e6 / np.maximum(_DAYLIGHT + mired, 1.0), 1700.0, 15000.0)


def _balance(values: Values) -> dict[str, Any]:
    tint = np.clip(_column(values, 1, 10.0), -150, 150)
    return {"temperature": _temperature(_column(values, 0, 22.0)), "tint": tint}


def _balance_written(values: Floats) -> Step:
    kelvin = int(round(float(_temperature(values[0] * 22.0)) / 10) * 10)
    tint = _rounded(np.clip(values[1] * 10.0, -150, 150), 1)
    return {"op": "white_balance", "temperature": kelvin, "tint": tint}


# Exposure: stops.


def _exposure(values: Values) -> dict[str, Any]:
    return {"stops": np.clip(_column(values, 0, 0.45), -10, 10)}


def _exposure_written(values: Floats) -> Step:
    return {"op": "exposure", "stops": _rounded(np.clip(values[0] * 0.45, -10, 10), 2)}


# Saturation.


def _saturation(values: Values) -> dict[str, Any]:
    return {"amount": np.clip(np.exp(_column(values, 0, 0.25)), 0, 4)}


def _saturation_written(values: Floats) -> Step:
    return {"op": "saturation", "amount": _rounded(np.clip(np.exp(values[0] * 0.25), 0, 4), 2)}


# CDL: slope, offset and power of each channel, and saturation.


def _cdl(values: Values) -> dict[str, Any]:
    return {
        "slope": channels_of(np.clip(np.exp(v), 0, 10) for v in _three(values, 0, 0.09)),
        "offset": channels_of(np.clip(v, -1, 1) for v in _three(values, 3, 0.02)),
        "power": channels_of(np.clip(np.exp(v), 0.1, 10) for v in _three(values, 6, 0.1)),
        "saturation": np.clip(np.exp(_column(values, 9, 0.25)), 0, 4),
    }


def _cdl_written(values: Floats) -> Step:
    return {
        "op": "cdl",
        "slope": [_rounded(np.clip(np.exp(v * 0.09), 0, 10), 3) for v in values[0:3]],
        "offset": [_rounded(np.clip(v * 0.02, -1, 1), 4) for v in values[3:6]],
        "power": [_rounded(np.clip(np.exp(v * 0.1), 0.1, 10), 3) for v in values[6:9]],
        "saturation": _rounded(np.clip(np.exp(values[9] * 0.25), 0, 4), 3),
    }


# Curves: five points of each channel.


def _heights(values: Values, channel: int) -> Floats:
    ys = np.clip(_KNOTS + values[:, channel * 5 : channel * 5 + 5] * 0.04, 0.0, 1.0)
    return np.asarray(np.maximum.accumulate(ys, axis=1), np.float64)


_CHANNELS: Final = ("red", "green", "blue")


def _curves(values: Values) -> dict[str, Any]:
    return {name: Curve(_KNOTS, _heights(values, c)) for c, name in enumerate(_CHANNELS)}


def _points(xs: Floats, ys: Floats) -> list[list[float]]:
    return [[_rounded(x, 3), _rounded(y, 3)] for x, y in zip(xs, ys, strict=True)]


def _curves_written(values: Floats) -> Step:
    written: dict[str, Any] = {"op": "curves"}
    for channel, name in enumerate(_CHANNELS):
        written[name] = _points(_KNOTS, _heights(values[np.newaxis], channel)[0])
    return written


# Hues: a knot at each primary and secondary colour.


def _hue_curve(factor: float) -> Any:
    def heights(values: Values) -> Floats:
        return np.asarray(np.clip(0.5 + values * factor, 0.0, 1.0), np.float64)

    return heights


def _by_hue(op: str, factor: float) -> Named:
    heights = _hue_curve(factor)

    def written(values: Floats) -> Step:
        return {"op": op, "curve": _points(_HUES, heights(values[np.newaxis])[0])}

    return Named(op, 6, lambda v: {"curve": Curve(_HUES, heights(v), periodic=True)}, written)


WHITE_BALANCE: Final = Named("white_balance", 2, _balance, _balance_written)
EXPOSURE: Final = Named("exposure", 1, _exposure, _exposure_written)
CDL: Final = Named("cdl", 10, _cdl, _cdl_written)
SATURATION: Final = Named("saturation", 1, _saturation, _saturation_written)
CURVES: Final = Named("curves", 15, _curves, _curves_written)
HUE_VS_SAT: Final = _by_hue("hue_vs_sat", 0.08)
HUE_VS_HUE: Final = _by_hue("hue_vs_hue", 0.015)
HUE_VS_LUMA: Final = _by_hue("hue_vs_luma", 0.05)

NAMED: Final = (
    WHITE_BALANCE, EXPOSURE, CDL, CURVES, SATURATION, HUE_VS_SAT, HUE_VS_HUE, HUE_VS_LUMA,
)  # fmt: skip
"""In the order of writing."""
