"""The spaces of colour files: conversions against OpenColorIO, and the words that files use."""

from __future__ import annotations

from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest

from tests.looks_support import UNIT, Array, by_ocio, processor_of
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.color import Color
from vedc.expr.math import Vec3
from vedc.ops.looks.spaces import SPACES, convert, named

CANVAS = Color("bt709", "iec61966-2-1")
INVERSE = ocio.TRANSFORM_DIR_INVERSE


def converted(pixels: Array, name: str, way: Any) -> Array:
    channels: Any = pixels.astype(np.float64).T
    shown: Any = convert(NumpyMath(), Vec3(*channels), name, CANVAS, way)
    return np.stack(shown.channels, -1)


#: sRGB to linear light, and from there to ACEScg.
TO_LIGHT = ocio.ExponentWithLinearTransform([2.4, 2.4, 2.4, 1], [0.055, 0.055, 0.055, 0])
TO_AP1 = ocio.BuiltinTransform("UTILITY - ACES-AP1_to_LINEAR-REC709_BFD", INVERSE)
OTHERS = {
    "linear": [TO_LIGHT],
    "linear-bt709": [TO_LIGHT],
    "acescg": [TO_LIGHT, TO_AP1],
    "acescct": [TO_LIGHT, TO_AP1, ocio.BuiltinTransform("CURVE - ACEScct-LOG_to_LINEAR", INVERSE)],
}


@pytest.mark.parametrize("name", OTHERS)
def test_into_a_space(name: str) -> None:
    theirs = by_ocio(processor_of(ocio.GroupTransform(OTHERS[name])), UNIT)
    np.testing.assert_allclose(converted(UNIT, name, "into"), theirs, atol=2e-4)


@pytest.mark.parametrize("name", SPACES)
def test_there_and_back(name: str) -> None:
    inside = converted(UNIT, name, "into")
    np.testing.assert_allclose(converted(inside, name, "out of"), UNIT, atol=2e-5)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("ACEScct", "acescct"),
        ("ACEScg (linear)", "acescg"),
        ("ACES2065-1", "aces"),
        ("ARRI LogC4", "logc4"),
        ("ARRI LogC3 (EI800)", "logc3"),
        ("S-Log3 S-Gamut3.Cine", "slog3"),
        ("Sony S-Log3 / S-Gamut3", "slog3-sgamut3"),
        ("V-Log", "vlog"),
        ("RED Log3G10", "log3g10"),
        ("CanonLog3", "clog3"),
        ("DaVinci Intermediate", "davinci"),
        ("Linear Rec.709 (sRGB)", "linear-bt709"),
        ("sRGB", "display"),
        ("Rec.709 video", "display"),
        ("Display values", "display"),
        ("scene-linear", "linear"),
        ("Grandma's Log", None),
        ("", None),
    ],
)
def test_words(words: str, name: str | None) -> None:
    assert named(words) == name
