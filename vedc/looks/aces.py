"""Readers of the parts of ACES: fixed functions, and the curves of its tone scales."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import PyOpenColorIO as ocio

from vedc.color import Vec3f
from vedc.expr.aces import AcesStep, GamutCompression, Glow, RedModifier, Surround
from vedc.looks import bake
from vedc.ops.shared.cube import Cube

#: Luminance of ACEScg, in the digits of the reference rendering transform, and of BT.2020.
_AP1: Final[Vec3f] = (0.27222871678091454, 0.67408176581114831, 0.053689517407937051)
_BT2020: Final[Vec3f] = (0.2627, 0.6780, 0.0593)
#: The exponent from the dark surround of a cinema to that of a dim room.
_DARK_TO_DIM: Final = 0.9811
#: Points of a tone scale.
_POINTS: Final = 4096


def fixed_function(transform: Any) -> AcesStep | None:
    """The formula of a fixed function; None if there is none here."""
    style, params = transform.getStyle(), list(transform.getParams())
    inverse = bool(transform.getDirection() == ocio.TRANSFORM_DIR_INVERSE)
    if style == ocio.FIXED_FUNCTION_ACES_GLOW_10:
        return Glow(inverse)
    if style == ocio.FIXED_FUNCTION_ACES_RED_MOD_10:
        return RedModifier(inverse)
    if style == ocio.FIXED_FUNCTION_ACES_DARK_TO_DIM_10:
        return Surround(_AP1, 1.0 / _DARK_TO_DIM if inverse else _DARK_TO_DIM, 1e-10)
    if style == ocio.FIXED_FUNCTION_REC2100_SURROUND:
        gamma = params[0]
        if inverse:
            return Surround(_BT2020, 1.0 / gamma, 1e-4**gamma, mirror=True)
        return Surround(_BT2020, gamma, 1e-4, mirror=True)
    if style == ocio.FIXED_FUNCTION_ACES_GAMUT_COMP_13:
        return GamutCompression(_vec(params[:3]), _vec(params[3:6]), params[6], inverse)
    return None


def tone_scale(transform: Any) -> tuple[Cube, tuple[Vec3f, Vec3f]]:
    """Grading curves from their first control point to their last, and their slopes beyond."""
    value = transform.getValue()
    curves = (value.red, value.green, value.blue, value.master)
    ends = [point.x for curve in curves for point in curve.getControlPoints()]
    low, high = min(ends), max(ends)
    if transform.getDirection() == ocio.TRANSFORM_DIR_INVERSE:
        transform.setDirection(ocio.TRANSFORM_DIR_FORWARD)
        given = bake.evaluate([transform], np.array([[low] * 3, [high] * 3]))
        transform.setDirection(ocio.TRANSFORM_DIR_INVERSE)
        low, high = float(given[0].min()), float(given[1].max())
    high = high if low < high else low + 1.0
    at = np.repeat(np.linspace(low, high, _POINTS)[:, None], 3, 1)
    values = bake.evaluate([transform], at)
    data = array("f", np.ascontiguousarray(values, np.float32).tobytes())

    def slope(x: float, away: float) -> Vec3f:
        near, far = bake.evaluate([transform], np.array([[x] * 3, [x + away] * 3])).astype(float)
        return _vec(((far - near) / away).tolist())

    return Cube(1, _POINTS, (low,) * 3, (high,) * 3, data), (slope(low, -1.0), slope(high, 1.0))


def _vec(values: Sequence[float]) -> Vec3f:
    red, green, blue = values
    return red, green, blue
