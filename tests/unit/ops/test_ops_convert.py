"""Conversions against published numbers, and against their own inverses."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from tests.paths import GOLDEN
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.color import FORMATS, MATRICES, PRIMARIES, Color, Range
from vedc.errors import InternalError
from vedc.expr.math import Tracer, Vec3
from vedc.ops.shared import color_conversion

GOLDEN_FILES = GOLDEN / "ops"
BARS = json.loads((GOLDEN_FILES / "color_bars.json").read_text())
CURVES = json.loads((GOLDEN_FILES / "curves.json").read_text())
MATRIX_ROWS = json.loads((GOLDEN_FILES / "primaries.json").read_text())["matrices"]


def vec(*channels: float) -> Vec3:
    return NumpyMath().color((channels[0], channels[1], channels[2]))


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m"])
@pytest.mark.parametrize("bar", BARS["bars"])
def test_color_bars(matrix: str, bar: str) -> None:
    rgb, expected = vec(*BARS["bars"][bar]), BARS[matrix][bar]
    color = Color(matrix=matrix)
    for depth, suffix in ((8, ""), (10, "10le")):
        samples = color_conversion.encode(NumpyMath(), rgb, FORMATS[f"yuv444p{suffix}"], color)
        codes = [float(s) / (1 << (depth - 8)) for s in samples]  # type: ignore[arg-type]
        assert [round(c) for c in codes] == expected


@pytest.mark.parametrize("transfer", CURVES)
def test_curves(transfer: str) -> None:
    golden, m = CURVES[transfer], NumpyMath()
    for light, display in golden["light_to_display"]:
        forth = color_conversion.delinearize(m, vec(light, light, -light), transfer)
        back = color_conversion.linearize(m, vec(display, display, -display), transfer)
        got = [float(c) for c in forth.channels]  # type: ignore[arg-type]
        assert got == pytest.approx([display, display, -display], abs=golden["tolerance"])
        got = [float(c) for c in back.channels]  # type: ignore[arg-type]
        assert got == pytest.approx([light, light, -light], abs=golden["tolerance"])


@pytest.mark.parametrize("transfer", color_conversion.SDR)
def test_curves_invert_beyond_the_unit_range(transfer: str) -> None:
    values = np.linspace(-0.5, 1.5, 401)
    m = NumpyMath()
    rgb = Vec3(values, values, values)  # type: ignore[arg-type]  # arrays stand for Expr
    again = color_conversion.delinearize(m, color_conversion.linearize(m, rgb, transfer), transfer)
    np.testing.assert_allclose(again.r, values, atol=1e-7)  # type: ignore[arg-type]
    light = color_conversion.linearize(m, rgb, transfer).r
    assert (np.diff(light) > 0).all()  # type: ignore[arg-type]


def test_an_unknown_transfer_is_refused() -> None:
    with pytest.raises(InternalError, match="cineon"):
        color_conversion.linearize(Tracer(), vec(0, 0, 0), "cineon")


@pytest.mark.parametrize("golden", MATRIX_ROWS, ids=lambda g: f"{g['from']}-{g['to']}")
def test_published_primaries(golden: dict[str, object]) -> None:
    rows = color_conversion.primaries_matrix(str(golden["from"]), str(golden["to"]))
    np.testing.assert_allclose(rows, golden["rows"], atol=golden["tolerance"])  # type: ignore[arg-type]


@pytest.mark.parametrize(("source", "target"), list(itertools.permutations(PRIMARIES, 2)))
def test_primaries_keep_white_and_invert(source: str, target: str) -> None:
    forth = np.array(color_conversion.primaries_matrix(source, target))
    back = np.array(color_conversion.primaries_matrix(target, source))
    np.testing.assert_allclose(forth @ [1, 1, 1], [1, 1, 1], atol=1e-12)
    np.testing.assert_allclose(back @ forth, np.eye(3), atol=1e-12)


def test_bradford(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lindbloom's published D65 to D50 adaptation, by a made-up set with white D50."""
    bt709 = PRIMARIES["bt709"]
    monkeypatch.setitem(PRIMARIES, "at d50", (*bt709[:3], (0.34567, 0.35850)))
    adapted = color_conversion._bradford((0.31271, 0.32902), (0.34567, 0.35850))
    published = [
        [1.0478112, 0.0228866, -0.0501270],
        [0.0295424, 0.9904844, -0.0170491],
        [-0.0092345, 0.0150436, 0.7521316],
    ]
    np.testing.assert_allclose(adapted, published, atol=2e-4)
    white = np.array(color_conversion.primaries_matrix("bt709", "at d50")) @ [1, 1, 1]
    np.testing.assert_allclose(white, [1, 1, 1], atol=1e-12)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("range", ["limited", "full"])
def test_samples_round_trip(name: str, range: Range) -> None:
    format = FORMATS[name]
    matrices = MATRICES if format.layout == "yuv" else ["rgb"]
    rng = np.random.default_rng(3)
    channels = 4 if format.alpha else 3
    samples = rng.integers(0, format.peak + 1, (channels, 200)).astype(np.float64)
    if format.alpha:
        samples[3] = samples[3].clip(1)  # a clear pixel has no colour to come back
    m = NumpyMath(samples=lambda leaf, plane: samples[plane])
    for matrix in matrices:
        color = Color(matrix=matrix, range=range)
        pixel = color_conversion.decode(m, 0, format, color)
        alpha = pixel.a if format.alpha else None
        again = color_conversion.encode(m, pixel.rgb, format, color, alpha)
        np.testing.assert_allclose(np.stack(again), samples, atol=1e-9)  # type: ignore[arg-type]


def test_alpha_is_asked_for_where_the_format_has_it() -> None:
    with pytest.raises(InternalError, match="needs alpha"):
        color_conversion.encode(Tracer(), vec(0, 0, 0), FORMATS["yuva420p"], Color())
