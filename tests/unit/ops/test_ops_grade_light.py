"""Transfers, gamuts, tone curves and white balance: published numbers and what must hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_support import apply
from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.color import PRIMARIES
from vedc.expr.math import Vec3
from vedc.ops.grade import balance, gamut, tone_map
from vedc.ops.shared import color_conversion, hdr

RNG = np.random.default_rng(3)
M = NumpyMath()


def graded(name: str, colors: Any, **params: Any) -> np.ndarray:
    colors = np.atleast_2d(np.asarray(colors, np.float64))[np.newaxis]
    opaque = np.concatenate([colors, np.ones((*colors.shape[:2], 1))], -1)
    result: np.ndarray = apply(name, opaque, **params)[0, :, :3]
    return result


def grey(value: Any) -> np.ndarray:
    return np.repeat(np.atleast_1d(np.asarray(value, np.float64))[:, np.newaxis], 3, 1)


# ---------------------------------------------------------------- transfers

#: Code values of light, from the documents that ``vedc.ops.shared.camera_log`` names.
CODES = [
    ("slog3", 0.0, 95 / 1023, 1e-9), ("slog3", 0.18, 420 / 1023, 1e-9),
    ("slog3", 0.9, 598 / 1023, 5e-4),
    ("vlog", 0.0, 128 / 1023, 2e-4), ("vlog", 0.18, 433 / 1023, 3e-4),
    ("vlog", 0.9, 602 / 1023, 4e-4),
    ("logc3", 0.0, 0.092809, 1e-9), ("logc3", 0.18, 0.391007, 1e-6),
    ("logc4", 0.0, 95 / 1023, 1e-9), ("logc4", 0.18, 0.278396, 1e-6),
    ("log3g10", 0.0, 0.091551, 1e-6), ("log3g10", 0.18, 1 / 3, 1e-6),
    ("log3g10", 1.0, 0.493449, 1e-6), ("log3g10", 184.322, 1.0, 1e-6),
    ("clog3", 0.0, 128 / 1023, 1e-9 + 1e-5), ("clog3", 0.18, 0.343389, 1e-6),
    ("dlog", 0.0, 0.0929, 1e-9), ("dlog", 0.18, 0.3988, 1e-4),
    ("acescct", 0.0, 0.0729055341958355, 1e-9), ("acescct", 0.18, 0.4135884, 1e-6),
    ("davinci", 0.18, 0.336043, 1e-6), ("davinci", 1.0, 0.513837, 1e-6),
    ("davinci", 10.0, 0.756599, 1e-6), ("davinci", 100.0, 1.0, 1e-6),
    ("davinci", -0.01, -0.104443, 1e-6),
]  # fmt: skip


@pytest.mark.parametrize(("curve", "light", "code", "within"), CODES)
def test_published_code_values(curve: str, light: float, code: float, within: float) -> None:
    there = color_conversion.delinearize(M, Vec3(*grey(light)[0]), curve)  # type: ignore[arg-type]
    assert float(there.r) == pytest.approx(code, abs=within)  # type: ignore[arg-type]
    assert graded("transfer", grey(light), source="linear", target=curve)[0] == pytest.approx(
        [code] * 3, abs=within
    )


@pytest.mark.parametrize("curve", color_conversion.camera_log.CURVES)
def test_logs_rise_and_come_back(curve: str) -> None:
    codes = np.linspace(-0.1, 1.1, 4001)
    light = graded("transfer", grey(codes), source=curve, target="linear")[:, 0]
    # The published pieces meet to a few parts in a million, so their joint may step back that far.
    assert (np.diff(light) > -2e-6).all()
    again = graded("transfer", grey(light), source="linear", target=curve)[:, 0]
    np.testing.assert_allclose(again, codes, atol=2e-6)


@pytest.mark.parametrize(
    ("nits", "signal"), [(0.0, 0.0), (100.0, 0.508078), (203.0, 0.580689), (1000.0, 0.751827),
                         (4000.0, 0.902572), (10000.0, 1.0)],
)  # fmt: skip
def test_pq(nits: float, signal: float) -> None:
    """BT.2100's curve; 203 cd/m2 is 58% (BT.2408 table 1)."""
    got = graded("transfer", grey(nits / 203.0), source="linear", target="pq")
    assert got[0] == pytest.approx([signal] * 3, abs=1e-6)
    back = graded("transfer", grey(signal), source="pq", target="linear")
    assert back[0] * 203.0 == pytest.approx([nits] * 3, rel=2e-5, abs=1e-3)


@pytest.mark.parametrize(
    ("signal", "nits", "within"),
    [
        (0.0, 0.0, 1e-9),
        (0.38, 26.0, 0.4),
        (0.5, 50.7, 0.05),
        (0.75, 203.0, 0.5),
        (1.0, 1000.0, 0.1),
    ],
)
def test_hlg(signal: float, nits: float, within: float) -> None:
    """On a display of 1000 cd/m2: 75% is reference white, 38% a grey card (BT.2408 table 1)."""
    got = graded("transfer", grey(signal), source="hlg", target="linear")
    assert got[0] * 203.0 == pytest.approx([nits] * 3, abs=within)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_comes_back(transfer: str) -> None:
    signal = RNG.uniform(0, 1, (300, 3))
    rgb: Any = Vec3(*signal.T)  # type: ignore[arg-type]
    again = color_conversion.delinearize(M, color_conversion.linearize(M, rgb, transfer), transfer)
    np.testing.assert_allclose(np.stack(again.channels, -1), signal, atol=1e-9)  # type: ignore[arg-type]
    black = color_conversion.delinearize(M, Vec3(*np.zeros((3, 1))), transfer)  # type: ignore[arg-type]
    assert np.abs(np.stack(black.channels)).max() < 1e-6  # type: ignore[arg-type]


def test_hlg_keeps_ratios_of_light() -> None:
    """The system gamma works on luminance: the channels keep their proportions."""
    signal = np.array([[0.8, 0.5, 0.3]])
    light = graded("transfer", signal, source="hlg", target="linear")[0]
    scene = np.array([float(hdr.hlg_scene(M, np.float64(s))) for s in signal[0]])  # type: ignore[arg-type]
    assert light / light[0] == pytest.approx(scene / scene[0])


def test_transfer_undoes_itself() -> None:
    declared = ops.get("transfer")
    values = {"source": "logc4", "target": "bt709"}
    assert not declared.identity(values) and declared.identity({"source": "pq", "target": "pq"})
    assert declared.inverse is not None
    assert declared.inverse(values) == {"source": "bt709", "target": "logc4"}
    moved = ops.get("gamut")
    assert moved.inverse is not None
    swap = {"source": "bt2020", "target": "bt709", "method": "none"}
    assert moved.inverse(swap) == {"source": "bt709", "target": "bt2020", "method": "none"}
    assert moved.inverse({**swap, "method": "clip"}) is None


# ---------------------------------------------------------------- gamut


def test_published_matrix() -> None:
    """ITU-R BT.2087: linear BT.709 to BT.2020."""
    rows = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
    light = RNG.uniform(0, 1, (50, 3))
    ours = graded("gamut", light, source="bt709", target="bt2020", method="none")
    np.testing.assert_allclose(ours, light @ rows.T, atol=1e-4)


@pytest.mark.parametrize("source", PRIMARIES)
@pytest.mark.parametrize("target", ["bt709", "smpte432"])
def test_compression_fits_and_spares(source: str, target: str) -> None:
    light = RNG.uniform(0, 1, (400, 3)) ** 2
    plain = graded("gamut", light, source=source, target=target, method="none")
    packed = graded("gamut", light, source=source, target=target, method="compress")
    if source == target:
        np.testing.assert_allclose(packed, light, atol=1e-12)
        return
    positive = plain.max(-1) > 0  # blue of AP0 and the like has no positive light at all
    assert (packed[positive] >= -1e-9).all()
    np.testing.assert_allclose(packed.max(-1), plain.max(-1), atol=1e-12)
    top = plain.max(-1, keepdims=True)
    pale = ((top - plain) / np.abs(top) < gamut.THRESHOLD).all(-1)
    np.testing.assert_allclose(packed[pale], plain[pale], atol=1e-12)
    cut = graded("gamut", light, source=source, target=target, method="clip")
    np.testing.assert_allclose(cut, plain.clip(0), atol=1e-12)


# ---------------------------------------------------------------- tone curves


@pytest.mark.parametrize("method", tone_map.SHAPES)
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("peak", [203.0, 400.0, 1000.0, 10000.0])
def test_tone_curves(method: str, per_channel: bool, peak: float) -> None:
    light = np.linspace(0, peak / 203.0, 2000)
    params = {"method": method, "per_channel": per_channel, "peak": peak}
    out = graded("tone_map", grey(light), **params)[:, 0]
    assert out[0] == pytest.approx(0.0, abs=1e-9)
    assert out[-1] == pytest.approx(1.0, abs=1e-6)
    assert (np.diff(out) > -1e-9).all() and out.max() <= 1 + 1e-6
    colors = RNG.uniform(0, 1, (100, 3)) * peak / 203.0
    mapped = graded("tone_map", colors, **params)
    assert (mapped <= 1 + 1e-6).all()
    if not per_channel:
        np.testing.assert_allclose(
            mapped / mapped.max(-1, keepdims=True),
            colors / colors.max(-1, keepdims=True),
            atol=1e-9,
        )


def test_bt2390_leaves_what_lies_below_the_knee() -> None:
    """BT.2390: KS = 1.5 maxLum - 0.5 in PQ, below which nothing changes."""
    top = float(hdr.pq_signal(M, np.float64(0.1)))  # type: ignore[arg-type]
    white = float(hdr.pq_signal(M, np.float64(0.0203)))  # type: ignore[arg-type]
    knee = (1.5 * white / top - 0.5) * top
    light = float(hdr.pq_part(M, np.float64(knee))) * 10000 / 203  # type: ignore[arg-type]
    below = np.linspace(0, light * 0.999, 100)
    np.testing.assert_allclose(graded("tone_map", grey(below))[:, 0], below, atol=1e-9)
    above = graded("tone_map", grey(light * 1.3))[0, 0]
    assert light < above < light * 1.3


def test_bt2390_by_hand() -> None:
    """The report's formulas, worked through for 500 cd/m2 of 1000 on a display of 203."""

    def pq(nits: float) -> float:
        y = (nits / 10000) ** 0.1593017578125
        return float(((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375)

    most = pq(203) / pq(1000)
    knee = 1.5 * most - 0.5
    t = (pq(500) / pq(1000) - knee) / (1 - knee)
    e2 = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee)
    e2 += (-2 * t**3 + 3 * t**2) * most
    shown = graded("tone_map", grey(500 / 203), method="bt2390", peak=1000.0, white=203.0)[0, 0]
    assert pq(shown * 203) == pytest.approx(e2 * pq(1000), abs=1e-9)


def test_narkowicz() -> None:
    """x(2.51x + 0.03) / (x(2.43x + 0.59) + 0.14), relative to its value at the peak."""
    peak = 4.0 * (2.51 * 4 + 0.03) / (4 * (2.43 * 4 + 0.59) + 0.14)
    got = graded("tone_map", grey([1.0, 0.18]), method="aces", peak=812.0)[:, 0]
    assert got == pytest.approx([0.8038 / peak, 0.2669 / peak], abs=1e-4)


def test_hable_white() -> None:
    """Hable's published linear white of 11.2 becomes 1."""
    got = graded("tone_map", grey([11.2]), method="hable", peak=11.2 * 203.0)
    assert got[0, 0] == pytest.approx(1.0, abs=1e-9)


# ---------------------------------------------------------------- white balance

#: Robertson's isotemperature lines (JOSA 58, 1968): mired, u, v and the slope of the isotherm.
ROBERTSON = [
    (100, 0.19032, 0.29326, -0.47888), (150, 0.19962, 0.30921, -0.70471),
    (200, 0.21142, 0.32312, -1.0182), (250, 0.22511, 0.33439, -1.4512),
    (300, 0.24010, 0.34308, -2.0637), (400, 0.27218, 0.35407, -4.3633),
    (500, 0.30505, 0.35907, -11.324),
]  # fmt: skip


@pytest.mark.parametrize(("mired", "u", "v", "slope"), ROBERTSON)
def test_planckian_locus(mired: float, u: float, v: float, slope: float) -> None:
    got = [float(x) for x in balance.planckian(1e6 / mired)]  # type: ignore[arg-type]
    # His radiation constant dates from 1968: up to 0.1% of the temperature.
    assert got[:2] == pytest.approx([u, v], abs=3e-4)
    across = np.array([1.0, slope]) / np.hypot(1.0, slope)
    along = np.array(got[2:]) / np.hypot(*got[2:])
    assert abs(float(across @ along)) < 0.03  # the isotherm is square to the locus


def rgb_of(xy: tuple[float, float]) -> np.ndarray:
    x, y = xy
    xyz = np.array([x / y, 1.0, (1 - x - y) / y])
    return np.linalg.solve(np.array(color_conversion.rgb_to_xyz("bt709")), xyz)


def test_tungsten_becomes_white() -> None:
    """CIE illuminant A is a black body of 2856 K at x = 0.44757, y = 0.40745."""
    lit = rgb_of((0.44757, 0.40745))
    daylight = rgb_of((0.31353, 0.32365))  # a black body of 6500 K, from the CIE's tables
    got = graded("white_balance", lit, temperature=2856.0)[0]
    np.testing.assert_allclose(got / daylight, 1.0, atol=8e-3)  # 1e-4 of u and v
    assert got @ [0.2126, 0.7152, 0.0722] == pytest.approx(1.0, abs=1e-3)


def test_warmer_and_more_magenta() -> None:
    def of(**params: float) -> np.ndarray:
        return graded("white_balance", grey(0.5), **params)[0]

    warm, cool = of(temperature=8000.0), of(temperature=4500.0)
    assert warm[0] > 0.5 > warm[2] and cool[0] < 0.5 < cool[2]
    magenta, green = of(tint=40.0), of(tint=-40.0)
    assert magenta[1] < 0.5 < green[1]
    assert magenta[0] > 0.5 and magenta[2] > 0.5
    for rgb in (warm, cool, magenta, green):  # luminance stays, nearly
        assert rgb @ [0.2126, 0.7152, 0.0722] == pytest.approx(0.5, abs=1e-2)


def test_white_balance_moves_smoothly() -> None:
    kelvin = np.linspace(1700, 15000, 400)
    reds = [graded("white_balance", grey(0.5), temperature=k)[0, 0] for k in kelvin]
    assert (np.diff(reds) > 0).all()
