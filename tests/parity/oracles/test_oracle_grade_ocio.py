"""Grades and transfers against OpenColorIO's built-in transforms."""

from __future__ import annotations

from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest

from tests.ops_support import Array
from tests.oracles import record
from tests.parity.ops.grade_support import RNG, UNIT, WIDE, agree, by_ocio, graded
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.expr.math import Vec3
from vedc.ops.grade import gamut
from vedc.ops.shared import camera_log, color_conversion, hdr, hsl

FORWARD, BACK = ocio.TRANSFORM_DIR_FORWARD, ocio.TRANSFORM_DIR_INVERSE


def builtin(style: str, direction: Any = FORWARD) -> ocio.Transform:
    return ocio.BuiltinTransform(style, direction)


def vec(colors: Array) -> Vec3:
    return Vec3(*np.moveaxis(colors, -1, 0))  # type: ignore[arg-type]  # arrays stand for Expr


def array(rgb: Vec3) -> Array:
    return np.stack(rgb.channels, -1)  # type: ignore[arg-type]


# ---------------------------------------------------------------- cameras

GREYS = np.repeat(np.linspace(-0.05, 1.0, 600)[:, None], 3, 1).reshape(20, 30, 3)
#: A curve that OpenColorIO has by itself, or with the camera's matrix behind it: greys pass
#: through a matrix as they are, and colours are compared through our own.
CAMERAS = {
    ("slog3", "sgamut3"): "SONY_SLOG3-SGAMUT3_to_ACES2065-1",
    ("slog3", "sgamut3cine"): "SONY_SLOG3-SGAMUT3.CINE_to_ACES2065-1",
    ("vlog", "vgamut"): "PANASONIC_VLOG-VGAMUT_to_ACES2065-1",
    ("logc3", "awg3"): "ARRI_ALEXA-LOGC-EI800-AWG_to_ACES2065-1",
    ("logc4", "awg4"): "ARRI_LOGC4_to_ACES2065-1",
    ("log3g10", "rwg"): "RED_LOG3G10-RWG_to_ACES2065-1",
    ("clog3", "cgamut"): "CANON_CLOG3-CGAMUT_to_ACES2065-1",
}


@pytest.mark.parametrize(("curve", "primaries"), CAMERAS)
def test_camera_logs(curve: str, primaries: str) -> None:
    greys = GREYS.clip(0) if curve == "clog3" else GREYS  # theirs ends at code 0
    theirs = by_ocio(builtin(CAMERAS[curve, primaries]), greys)
    ours = array(color_conversion.linearize(NumpyMath(), vec(greys), curve))
    agree(f"transfer {curve}", "OpenColorIO", ours, theirs, 1e-4)
    again = array(color_conversion.delinearize(NumpyMath(), vec(ours), curve))
    np.testing.assert_allclose(again, greys, atol=2e-6)  # published constants are rounded


@pytest.mark.parametrize(("curve", "primaries"), CAMERAS)
def test_camera_primaries(curve: str, primaries: str) -> None:
    """From log to ACES, both by OpenColorIO; the whites are adapted by CAT02 or Bradford."""
    colors = UNIT * 0.6 + 0.15
    theirs = by_ocio(builtin(CAMERAS[curve, primaries]), colors)
    light = color_conversion.linearize(NumpyMath(), vec(colors), curve)
    ours = array(NumpyMath().matrix(color_conversion.primaries_matrix(primaries, "ap0"), light))
    scale = np.abs(theirs).max(-1, keepdims=True)
    worst = float((np.abs(ours - theirs) / scale).max())
    record(f"gamut {primaries}", "OpenColorIO, to ACES2065-1", worst, "of the largest channel")
    assert worst < 0.02


@pytest.mark.parametrize(
    ("source", "target", "style"),
    [
        ("ap1", "ap0", "ACEScg_to_ACES2065-1"),
        ("ap1", "bt709", "UTILITY - ACES-AP1_to_LINEAR-REC709_BFD"),
    ],
)
def test_aces_primaries(source: str, target: str, style: str) -> None:
    theirs = by_ocio(builtin(style), WIDE)
    ours = graded("gamut", WIDE, source=source, target=target, method="none")
    agree(f"gamut {source}", "OpenColorIO", ours, theirs, 2e-5)


def test_acescct() -> None:
    theirs = by_ocio(builtin("CURVE - ACEScct-LOG_to_LINEAR"), GREYS)
    ours = array(color_conversion.linearize(NumpyMath(), vec(GREYS), "acescct"))
    agree("transfer acescct", "OpenColorIO", ours, theirs, 2e-5)


@pytest.mark.parametrize(
    ("curve", "style"), [("slog3", "slog3"), ("davinci", "davinci"), ("logc3", "logc3")]
)
def test_log_formula(curve: str, style: str) -> None:
    """The pieces as OpenColorIO's own camera log, made of the same published constants."""
    c = camera_log.CURVES[curve]
    transform = ocio.LogCameraTransform([c.cut] * 3)
    transform.setBase(2.0)
    transform.setLogSideSlopeValue([c.scale] * 3)
    transform.setLogSideOffsetValue([c.shift] * 3)
    transform.setLinSideSlopeValue([c.gain] * 3)
    transform.setLinSideOffsetValue([c.bias] * 3)
    transform.setLinearSlopeValue([c.slope] * 3)
    light = WIDE * 4.0
    theirs = by_ocio(transform, light)
    ours = array(color_conversion.delinearize(NumpyMath(), vec(light), style))
    agree(f"transfer {curve}", "OpenColorIO LogCamera", ours, theirs, 1e-3)


# ---------------------------------------------------------------- HDR


def test_pq() -> None:
    """There 1.0 is 100 cd/m2, here 203."""
    theirs = by_ocio(builtin("CURVE - ST-2084_to_LINEAR"), UNIT) * (100.0 / 203.0)
    ours = array(color_conversion.linearize(NumpyMath(), vec(UNIT), "smpte2084"))
    agree("transfer pq", "OpenColorIO ST-2084", ours, theirs, 2e-4)
    light = UNIT**3 * 40.0
    theirs = by_ocio(builtin("CURVE - LINEAR_to_ST-2084"), light * 2.03)
    ours = array(color_conversion.delinearize(NumpyMath(), vec(light), "smpte2084"))
    agree("transfer pq, encoding", "OpenColorIO ST-2084", ours, theirs, 1e-4)


def test_hlg_curve() -> None:
    """OpenColorIO counts scene light from another white, which is divided out."""
    m = NumpyMath()
    scene = by_ocio(builtin("CURVE - HLG-OETF-INVERSE"), UNIT)
    ours = array(vec(UNIT).map(lambda x: hdr.hlg_scene(m, x)))
    scale = float(ours.max() / scene.max())
    agree("transfer hlg, scene light", "OpenColorIO HLG-OETF", ours, scene * scale, 2e-6)
    signal = by_ocio(builtin("CURVE - HLG-OETF"), scene)
    again = array(vec(ours).map(lambda x: hdr.hlg_signal(m, x)))
    agree("transfer hlg, encoding", "OpenColorIO HLG-OETF", again, signal, 1e-4)


def test_hlg_display() -> None:
    """The whole way from the light of a 1000 cd/m2 display; OpenColorIO starts at CIE XYZ."""
    m = NumpyMath()
    light = UNIT**2 * 4.0
    xyz = array(m.matrix(color_conversion.rgb_to_xyz("bt2020"), vec(light)))
    theirs = by_ocio(builtin("DISPLAY - CIE-XYZ-D65_to_REC.2100-HLG-1000nit"), xyz * 2.03)
    ours = array(color_conversion.delinearize(m, vec(light), "arib-std-b67"))
    # It clips at the peak; near black its matrix leaves 1e-7, of which it takes the square root.
    shown = (ours > 0.02) & (ours < 0.999)
    agree(
        "transfer hlg", "OpenColorIO REC.2100-HLG", np.where(shown, ours, 0),
        np.where(shown, theirs, 0), 5e-6,
    )  # fmt: skip


# ---------------------------------------------------------------- grading


def test_offset() -> None:
    primary = ocio.GradingPrimary(ocio.GRADING_VIDEO)
    primary.offset = ocio.GradingRGBM(0.1, -0.2, 0.05, 0.0)
    theirs = by_ocio(ocio.GradingPrimaryTransform(primary, ocio.GRADING_VIDEO, False), UNIT)
    ours = graded("offset", UNIT, amount=(0.1, -0.2, 0.05))
    agree("offset", "OpenColorIO GradingPrimary", ours, theirs, 1e-6)


def test_brightness() -> None:
    """A brightness of 1 adds 6.25 of 1023 steps there."""
    primary = ocio.GradingPrimary(ocio.GRADING_LOG)
    primary.brightness = ocio.GradingRGBM(0.0, 0.0, 0.0, 20.0)
    theirs = by_ocio(ocio.GradingPrimaryTransform(primary, ocio.GRADING_LOG, False), UNIT)
    ours = graded("brightness", UNIT, amount=20.0 * 6.25 / 1023.0)
    agree("brightness", "OpenColorIO GradingPrimary", ours, theirs, 1e-6)


def test_gamma() -> None:
    transform = ocio.ExponentTransform([1 / 1.3, 1 / 0.8, 1 / 2.0, 1.0])
    transform.setNegativeStyle(ocio.NEGATIVE_MIRROR)
    ours = graded("gamma", WIDE, amount=(1.3, 0.8, 2.0))
    agree("gamma", "OpenColorIO Exponent", ours, by_ocio(transform, WIDE), 1e-5)


def test_channel_mixer_is_a_matrix() -> None:
    rows = ((0.8, 0.3, -0.1), (0.1, 0.9, 0.05), (-0.2, 0.2, 1.1))
    whole = np.eye(4)
    whole[:3, :3] = rows
    theirs = by_ocio(ocio.MatrixTransform(whole.ravel().tolist()), WIDE)
    red, green, blue = rows
    ours = graded("channel_mixer", WIDE, red=red, green=green, blue=blue)
    agree("channel_mixer", "OpenColorIO Matrix", ours, theirs, 1e-6)


def test_hsv() -> None:
    m = NumpyMath()
    with np.errstate(all="ignore"):  # both sides of a select are computed
        rgb = vec(UNIT)
        ours = array(Vec3(hsl.hue(m, rgb), hsl.saturation(m, rgb), hsl.brightest(m, rgb)))
    theirs = by_ocio(ocio.FixedFunctionTransform(ocio.FIXED_FUNCTION_RGB_TO_HSV), UNIT)
    ours[..., 0] -= np.rint(ours[..., 0] - theirs[..., 0])  # 0 and 1 are one hue
    agree("HSV", "OpenColorIO RGB_TO_HSV", ours, theirs, 1e-5)


def test_gamut_compression() -> None:
    """ACES's Reference Gamut Compression with our threshold, and the limits of each pair."""
    for source, target in (("bt2020", "bt709"), ("awg4", "bt709"), ("sgamut3", "smpte432")):
        rows = color_conversion.primaries_matrix(source, target)
        wide = gamut.limits(rows)
        light = array(NumpyMath().matrix(rows, vec(UNIT)))
        used = [max(limit, 1.001) for limit in wide]  # it has no use for a limit of 1
        transform = ocio.FixedFunctionTransform(
            ocio.FIXED_FUNCTION_ACES_GAMUT_COMP_13,
            [*used, *[gamut.THRESHOLD] * 3, gamut.POWER],
        )
        theirs = by_ocio(transform, light)
        ours = graded("gamut", UNIT, source=source, target=target, method="compress")
        for channel, limit in enumerate(wide):
            if limit > 1.001:
                agree(
                    f"gamut {source} to {target}", "OpenColorIO ACES_GAMUT_COMP_13",
                    ours[..., channel], theirs[..., channel], 2e-6,
                )  # fmt: skip


@pytest.mark.parametrize("op", ["lut"])
@pytest.mark.parametrize("size", [5, 33])
def test_lut_strength(op: str, size: int) -> None:
    """Half of a tetrahedral table's change, against OpenColorIO's table."""
    values = RNG.uniform(0, 1, (size, size, size, 3)).astype(np.float32)
    table = ocio.Lut3DTransform(size)
    table.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    table.setData(np.ascontiguousarray(values).ravel())  # blue varies slowest here ...
    theirs = by_ocio(table, UNIT)
    ours = graded(op, UNIT, src=np.swapaxes(values, 0, 2).astype(np.float64))  # ... red there
    agree(f"lut {size}", "OpenColorIO Lut3D", ours, theirs, 5e-6)
    half = graded(op, UNIT, src=np.swapaxes(values, 0, 2).astype(np.float64), strength=0.5)
    np.testing.assert_allclose(half, (UNIT + ours) / 2, atol=1e-12)
