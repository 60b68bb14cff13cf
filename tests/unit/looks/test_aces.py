"""ACES as chains, against OpenColorIO's CPU processor: camera logs, views both ways, tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest

from tests.looks_support import RNG, UNIT, WIDE, Array, by_ocio, furthest, processor_of
from vedc.looks.blocks import BOUND, SIZES, Ends, block, scene
from vedc.looks.processor import transforms_of
from vedc.looks.run import run
from vedc.looks.transforms import compiled
from vedc.ops.looks.look_file import Compiled

FORWARD, INVERSE = ocio.TRANSFORM_DIR_FORWARD, ocio.TRANSFORM_DIR_INVERSE
ACES1 = ocio.Config.CreateFromFile("ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3")
NEWEST = ocio.Config.CreateFromFile("ocio://studio-config-latest")
VIEW, SRGB = "ACES 1.0 - SDR Video", "sRGB - Display"
IN, OUT, THROUGH = Ends(False, True), Ends(True, False), Ends(True, True)
CODES = np.concatenate([UNIT, RNG.uniform(-0.1, 1.2, (500, 3)).astype(np.float32)])


def made(processor: Any, ends: Ends) -> Compiled:
    return compiled(transforms_of(processor), ends)


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize(
    ("style", "params", "pixels"),
    [
        (ocio.FIXED_FUNCTION_ACES_GLOW_10, [], WIDE),
        (ocio.FIXED_FUNCTION_ACES_RED_MOD_10, [], UNIT),
        (ocio.FIXED_FUNCTION_ACES_DARK_TO_DIM_10, [], WIDE),
        (ocio.FIXED_FUNCTION_REC2100_SURROUND, [1.2], WIDE),
        (ocio.FIXED_FUNCTION_REC2100_SURROUND, [0.78], WIDE),
        (
            ocio.FIXED_FUNCTION_ACES_GAMUT_COMP_13,
            [1.147, 1.264, 1.312, 0.815, 0.803, 0.88, 1.2],
            UNIT,
        ),
    ],
)
def test_fixed_functions(style: Any, params: list[float], pixels: Array, inverse: bool) -> None:
    transform = ocio.FixedFunctionTransform(style, params, INVERSE if inverse else FORWARD)
    processor = processor_of(transform)
    chain = made(processor, THROUGH)
    assert (chain.notes, chain.tables) == ((), ())
    assert furthest(run(chain, pixels), by_ocio(processor, pixels)) < 1e-4


CAMERAS = [
    "ARRI LogC3 (EI800)", "ARRI LogC4", "S-Log3 S-Gamut3", "S-Log3 S-Gamut3.Cine",
    "S-Log3 Venice S-Gamut3.Cine", "V-Log V-Gamut", "CanonLog2 CinemaGamut D55",
    "CanonLog3 CinemaGamut D55", "Log3G10 REDWideGamutRGB", "BMDFilm WideGamut Gen5",
    "DaVinci Intermediate WideGamut", "Apple Log", "D-Log D-Gamut", "ADX10",
]  # fmt: skip


@pytest.mark.parametrize("name", CAMERAS)
def test_camera_logs_have_formulas(name: str) -> None:
    if NEWEST.getColorSpace(name) is None:
        pytest.skip(f"this OpenColorIO has no {name}")
    processor = NEWEST.getProcessor(name, "ACEScg")
    chain = made(processor, IN)
    assert chain.notes == ()
    assert all(cube.dims == 1 for cube in chain.tables)
    assert furthest(run(chain, CODES), by_ocio(processor, CODES)) < 6e-5


def test_aces_1_has_formulas_both_ways() -> None:
    """Out of gamut, below black and far above white included."""
    out = ACES1.getProcessor("ACEScg", SRGB, VIEW, FORWARD)
    chain = made(out, OUT)
    assert chain.notes == ()
    assert {cube.dims for cube in chain.tables} == {1}  # the tone scales
    assert furthest(run(chain, WIDE), by_ocio(out, WIDE)) < 5e-4
    back = ACES1.getProcessor("ACEScg", SRGB, VIEW, INVERSE)
    assert furthest(run(made(back, IN), UNIT), by_ocio(back, UNIT)) < 1e-3


@pytest.mark.parametrize(
    ("display", "name"),
    [
        ("Rec.2100-PQ - Display", "ACES 1.1 - HDR Video (1000 nits & Rec.2020 lim)"),
        ("Rec.2100-HLG - Display", "ACES 1.1 - HDR Video (1000 nits & Rec.2020 lim)"),
        ("Rec.1886 Rec.709 - Display", "Un-tone-mapped"),
    ],
)
def test_other_views(display: str, name: str) -> None:
    processor = ACES1.getProcessor("ACEScg", display, name, FORWARD)
    chain = made(processor, OUT)
    assert chain.notes == ()
    assert furthest(run(chain, WIDE), by_ocio(processor, WIDE)) < 5e-4


def aces_2() -> tuple[str, str]:
    view = NEWEST.getDefaultView(SRGB)
    if "2.0" not in view:
        pytest.skip("this OpenColorIO has no ACES 2")
    return SRGB, view


def test_a_table_is_as_fine_as_it_must_be() -> None:
    """ACES 2 has no formula here. Colours of a scene, other than those it was measured with."""
    processor = NEWEST.getProcessor("ACEScg", *aces_2(), FORWARD)
    chain = made(processor, OUT)
    (note,) = chain.notes
    (cube,) = chain.tables
    assert (cube.dims, cube.size in SIZES) == (3, True)
    assert f"{cube.size} points" in note
    grey = 0.18 * 2.0 ** RNG.uniform(-8, 4, (4000, 1))
    light = (grey * 2.0 ** RNG.normal(0, 0.5, (4000, 3))).astype(np.float32)
    assert furthest(run(chain, light), by_ocio(processor, light), 99) < 2 * BOUND
    greys = np.repeat(grey, 3, 1).astype(np.float32)
    assert furthest(run(chain, greys), by_ocio(processor, greys)) < BOUND


def test_what_is_beyond_a_table_is_as_at_its_edge() -> None:
    """Below 0 and above what the transform itself cuts off nothing strange comes out."""
    processor = NEWEST.getProcessor("ACEScg", *aces_2(), FORWARD)
    extreme = np.array([[-1, -1, -1], [0, 0, 0], [1e6] * 3, [5e4, 0, 0]], np.float32)
    shown = run(made(processor, OUT), extreme)
    assert np.isfinite(shown).all()
    assert shown.min() > -0.01 and shown.max() < 1.01
    np.testing.assert_allclose(shown[:3], by_ocio(processor, extreme)[:3], atol=0.01)


def test_there_and_back_through_a_table() -> None:
    """Colours that a view can show survive the round trip within 2 codes."""
    display, view = aces_2()
    back = made(NEWEST.getProcessor("ACEScg", display, view, INVERSE), IN)
    out = NEWEST.getProcessor("ACEScg", display, view, FORWARD)
    codes = np.clip(RNG.random((3000, 1)) + RNG.normal(0, 0.08, (3000, 3)), 0, 1)
    seen = by_ocio(out, run(back, codes).astype(np.float32))
    off = np.abs(seen - codes).max(axis=1) * 255
    assert np.percentile(off, 99) < 2.0
    assert off.mean() < 0.3


def test_a_bent_block_needs_more_points() -> None:
    """A mixing of channels that bends strongly takes a finer table than one that hardly does."""
    mixing = ocio.FixedFunctionTransform(ocio.FIXED_FUNCTION_RGB_TO_HSV)
    flat = ocio.ExponentTransform([1.01, 1.01, 1.01, 1.0])
    seen = scene(Ends(False, False))
    sizes = [
        block([transform], (0.0, 1.0), seen, Ends(False, False)).tables[0].size
        for transform in (flat, mixing)
    ]
    assert sizes == [SIZES[0], SIZES[-1]]
