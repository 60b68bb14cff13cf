"""OpenColorIO's processors as chains, against its own CPU processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest

from tests.looks_support import RNG, UNIT, WIDE, by_ocio, furthest, processor_of
from vedc.looks.processor import chain_of
from vedc.looks.run import run

FORWARD, INVERSE = ocio.TRANSFORM_DIR_FORWARD, ocio.TRANSFORM_DIR_INVERSE
BOTH = pytest.mark.parametrize("direction", [FORWARD, INVERSE], ids=["forward", "inverse"])


def agree(transform: Any, pixels: Any = WIDE, tolerance: float = 1e-5) -> Any:
    """Compare a transform with its chain, which must be exact; returns that."""
    processor = processor_of(transform)
    chain = chain_of(processor)
    assert chain.notes == ()
    assert furthest(run(chain, pixels), by_ocio(processor, pixels)) < tolerance
    return chain


@BOTH
@pytest.mark.parametrize("style", [ocio.CDL_ASC, ocio.CDL_NO_CLAMP])
def test_cdl(style: Any, direction: Any) -> None:
    transform = ocio.CDLTransform(
        slope=[1.2, 1, 0.8], offset=[0, 0.1, -0.1], power=[1, 2, 0.7], sat=0.5
    )
    transform.setStyle(style)
    transform.setDirection(direction)
    agree(transform)


@BOTH
@pytest.mark.parametrize("base", [2.0, 10.0])
def test_log(base: float, direction: Any) -> None:
    agree(ocio.LogTransform(base, direction), UNIT if direction == INVERSE else WIDE)


@BOTH
def test_log_affine(direction: Any) -> None:
    transform = ocio.LogAffineTransform(
        [0.3, 0.2, 0.3], [0.5, 0.6, 0.5], [2, 3, 1], [0.1, 0.1, 0.1], direction
    )
    agree(transform, UNIT if direction == INVERSE else WIDE)


@BOTH
@pytest.mark.parametrize("slope", [None, [5.0, 4.0, 3.0]])
def test_camera_log(slope: list[float] | None, direction: Any) -> None:
    transform = ocio.LogCameraTransform([0.01, 0.02, 0.005])
    transform.setBase(10.0)
    transform.setLogSideSlopeValue([0.25] * 3)
    transform.setLogSideOffsetValue([0.38] * 3)
    transform.setLinSideSlopeValue([5.5] * 3)
    transform.setLinSideOffsetValue([0.05] * 3)
    if slope is not None:
        transform.setLinearSlopeValue(slope)
    transform.setDirection(direction)
    agree(transform, UNIT if direction == INVERSE else WIDE)


@BOTH
@pytest.mark.parametrize(
    "style", [ocio.NEGATIVE_CLAMP, ocio.NEGATIVE_MIRROR, ocio.NEGATIVE_PASS_THRU]
)
def test_exponent(style: Any, direction: Any) -> None:
    agree(ocio.ExponentTransform([2.2, 1.0, 0.5, 1.0], style, direction))


@BOTH
@pytest.mark.parametrize("style", [ocio.NEGATIVE_LINEAR, ocio.NEGATIVE_MIRROR])
def test_exponent_with_a_line(style: Any, direction: Any) -> None:
    gamma, offset = [2.4, 2.2, 3.0, 1.0], [0.055, 0.1, 0.16, 0.0]
    agree(ocio.ExponentWithLinearTransform(gamma, offset, style, direction))


@BOTH
def test_range(direction: Any) -> None:
    whole = ocio.RangeTransform(0.1, 0.9, 0.2, 1.1, direction)
    agree(whole)
    whole.setStyle(ocio.RANGE_NO_CLAMP)
    agree(whole)
    agree(ocio.RangeTransform(minInValue=0.1, minOutValue=0.1, direction=direction))
    agree(ocio.RangeTransform(maxInValue=0.7, maxOutValue=0.7, direction=direction))


@BOTH
def test_matrix(direction: Any) -> None:
    rows = [1, 0.2, 0.1, 0, 0.1, 0.9, 0, 0, 0, -0.3, 1.4, 0, 0, 0, 0, 1]
    agree(ocio.MatrixTransform(rows, [0.1, 0.2, 0.3, 0], direction))


def curve(size: int = 1024) -> ocio.Lut1DTransform:
    table = ocio.Lut1DTransform(size, False)
    table.setData((np.linspace(0, 1, size)[:, None] ** [2, 1, 0.5]).astype(np.float32))
    return table


def test_curves() -> None:
    agree(curve())


def test_curves_that_keep_hues() -> None:
    table = curve()
    table.setHueAdjust(ocio.HUE_DW3)
    greys = np.repeat(UNIT[:50, :1], 3, 1)
    alike = np.concatenate([UNIT[:50, order] for order in ([0, 0, 1], [0, 1, 0], [1, 0, 0])])
    agree(table, np.concatenate([WIDE, greys, alike]))


def test_curves_over_half_precision() -> None:
    codes = np.arange(65536, dtype=np.uint16).view(np.float16)
    with np.errstate(invalid="ignore"):
        light = codes.astype(np.float32)
    light = np.where(np.isfinite(light), light, 0.0)
    table = ocio.Lut1DTransform(65536, True)
    values = np.sign(light) * np.abs(light) ** 0.45
    table.setData(values[:, None].repeat(3, 1).astype(np.float32))
    tiny = np.array([[6e-8, 6e-5, 6.2e-5], [2**-14, -(2**-14), 1e-9]], np.float32)
    agree(table, np.concatenate([WIDE, tiny, 2.0 ** np.arange(-12, 12)[:, None].repeat(3, 1)]))


@pytest.mark.parametrize("way", [ocio.INTERP_TETRAHEDRAL, ocio.INTERP_LINEAR])
def test_a_lattice(way: Any) -> None:
    table = ocio.Lut3DTransform(9)
    table.setInterpolation(way)
    table.setData(RNG.random(9**3 * 3).astype(np.float32))
    on_points = RNG.integers(0, 9, (200, 3)).astype(np.float32) / 8
    agree(table, np.concatenate([WIDE, on_points]))


def baked(transform: Any, most: float, share: float = 100.0) -> None:
    """Compare a transform that becomes a table, with a note that holds."""
    processor = processor_of(transform)
    chain = chain_of(processor)
    (note,) = chain.notes
    theirs = by_ocio(processor, UNIT)
    assert furthest(run(chain, UNIT), theirs, share) < most
    said = float(note.split("within ")[1].split()[0])
    assert furthest(run(chain, UNIT), theirs, 99.9) < 1.1 * said


def test_inverted_curves_become_curves() -> None:
    table = curve()
    table.setDirection(INVERSE)
    baked(table, 1e-3)


@pytest.mark.slow
def test_an_inverted_lattice_becomes_a_lattice() -> None:
    table = ocio.Lut3DTransform(5)
    axis = np.linspace(0, 1, 5)
    values = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1) ** 1.3
    table.setData(np.ascontiguousarray(values, np.float32).ravel())
    table.setDirection(INVERSE)
    baked(table, 0.06)


@pytest.mark.slow
def test_a_rendering_of_aces_becomes_a_lattice() -> None:
    """From camera log, whose even steps are even to the eye, to a display."""
    style = "ACES-OUTPUT - ACES2065-1_to_CIE-XYZ-D65 - SDR-100nit-REC709_2.0"
    steps = ("ACEScct_to_ACES2065-1", style, "DISPLAY - CIE-XYZ-D65_to_REC.1886-REC.709")
    baked(ocio.GroupTransform([ocio.BuiltinTransform(step) for step in steps]), 0.006, 99)


@pytest.mark.parametrize(
    "style",
    ["ARRI_LOGC4_to_ACES2065-1", "ACEScct_to_ACES2065-1", "CANON_CLOG2-CGAMUT_to_ACES2065-1"],
)
def test_camera_inputs_are_exact(style: str) -> None:
    agree(ocio.BuiltinTransform(style), UNIT)


def test_steps_are_described_in_words() -> None:
    transform = ocio.CDLTransform(
        slope=[1.2, 1.2, 1.2], offset=[0, 0, 0.1], power=[1, 2, 1], sat=1.0
    )
    transform.setStyle(ocio.CDL_ASC)
    steps = [str(step) for step in chain_of(processor_of(transform)).steps]
    assert steps == ["times 1.2 + 0 0 0.1", "clamp to 0 .. 1", "power 1 2 1", "clamp to 0 .. 1"]
