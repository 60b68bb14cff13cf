"""Grades of display values: Pillow's, published numbers, and what must hold of each."""

from __future__ import annotations

import colorsys
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.ops_examples.grade import EXAMPLES, NEUTRAL, VARIANTS
from tests.ops_support import apply
from tests.oracles import record
from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.expr.math import Vec3
from vedc.ops.core import facts
from vedc.ops.grade import scopes
from vedc.ops.shared import hsl, soft_step

RNG = np.random.default_rng(17)
M = NumpyMath()
LUMA = np.array([0.2126, 0.7152, 0.0722])
CODES = RNG.integers(0, 256, (24, 30, 3)).astype(np.uint8)
COLORS = CODES / 255.0
MODULES = {
    f"vedc.ops.grade.{name}"
    for name in (
        "basic",
        "tone",
        "stylize",
        "hue",
        "curves",
        "balance",
        "flare",
        "gamut",
        "tone_map",
        "scopes",
    )
}
CUBE = RNG.uniform(0, 1, (5, 5, 5, 3))


def graded(name: str, colors: np.ndarray, **params: Any) -> np.ndarray:
    opaque = np.concatenate([colors, np.ones((*colors.shape[:2], 1))], -1)
    given = {"src": CUBE} if name == "lut" else {}
    result: np.ndarray = apply(name, opaque, **params, **given)[..., :3]
    return result


def greys(count: int = 256) -> np.ndarray:
    return np.repeat(np.linspace(0, 1, count)[:, np.newaxis], 3, 1)[np.newaxis]


def agree(op: str, oracle: str, ours: np.ndarray, theirs: np.ndarray, within: float) -> None:
    worst = float(np.abs(ours * 255.0 - theirs).max())
    record(op, oracle, worst, "8-bit codes")
    assert worst <= within


# ---------------------------------------------------------------- every grade


def test_examples_and_neutrals_name_every_grade() -> None:
    declared = {o.name: o for o in ops.by_kind("grade") if o.body.__module__ in MODULES}
    assert set(EXAMPLES) == set(declared)
    for name, sets in ({n: (v,) for n, v in EXAMPLES.items()} | VARIANTS).items():
        known = {p.name for p in declared[name].params}
        assert all(set(values) <= known for values in sets)


@pytest.mark.parametrize("name", EXAMPLES)
def test_neutral_is_the_picture_and_says_so(name: str) -> None:
    declared = ops.get(name)
    neutral = NEUTRAL.get(name, {})
    example = declared.defaults() | EXAMPLES[name]
    assert not declared.identity(example)
    assert np.abs(graded(name, COLORS, **EXAMPLES[name]) - COLORS).max() > 0.01
    if neutral is None:
        assert not declared.identity(declared.defaults())
        return
    values = declared.defaults() | neutral
    assert declared.identity(values)
    np.testing.assert_allclose(graded(name, COLORS, **neutral), COLORS, atol=1e-12)
    moving = {key: object() for key in values}
    assert not declared.identity(moving)


@pytest.mark.parametrize("name", [n for n in EXAMPLES if ops.get(n).inverse])
def test_inverse_undoes(name: str) -> None:
    declared = ops.get(name)
    assert declared.inverse is not None
    values = declared.defaults() | EXAMPLES[name]
    if name == "gamut":
        values |= {"method": "none"}
    undo = declared.inverse(values)
    assert undo is not None
    wide = RNG.uniform(-0.5, 1.5, (20, 20, 3)) if name != "transfer" else COLORS
    again = graded(name, graded(name, wide, **values), **undo)
    np.testing.assert_allclose(again, wide, atol=2e-6 if name == "transfer" else 1e-12)
    assert declared.inverse({key: object() for key in values}) is None or name in (
        "gamut", "transfer",
    )  # fmt: skip  # whose parameters cannot move


def test_irreversible_steps_say_so() -> None:
    singular = {"red": (1.0, 1.0, 0.0), "green": (1.0, 1.0, 0.0), "blue": (0.0, 0.0, 1.0)}
    assert facts.numbers((1.0, object())) is None and facts.number(object()) is None
    for name, values in (
        ("channel_mixer", singular), ("invert", {"amount": 0.5}), ("saturation", {"amount": 0.0}),
        ("gamma", {"amount": (1.0, 0.0, 1.0)}),
    ):  # fmt: skip
        inverse = ops.get(name).inverse
        assert inverse is not None and inverse(values) is None


def test_oracles_are_recorded_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VEDC_ORACLES", raising=False)
    record("invert", "nobody", 0.0)
    monkeypatch.setenv("VEDC_ORACLES", str(tmp_path / "rows"))
    record("invert", "Pillow", np.float64(0.25), "8-bit codes")
    record("sepia", "Pillow", 0)
    rows = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    assert rows[0] == {
        "op": "invert", "oracle": "Pillow", "difference": 0.25, "unit": "8-bit codes",
    }  # fmt: skip
    assert [row["op"] for row in rows] == ["invert", "sepia"]


# ---------------------------------------------------------------- Pillow


def test_monochrome() -> None:
    """Pillow's matrix conversion to grey, in whole codes."""
    weights = (0.5, 0.4, 0.1)
    theirs = np.asarray(Image.fromarray(CODES).convert("L", (*weights, 0.0)))
    ours = graded("monochrome", COLORS, weights=weights)
    np.testing.assert_allclose(ours, ours[..., :1].repeat(3, -1), atol=1e-12)
    agree("monochrome", "Pillow convert", ours[..., 0], theirs.astype(float), 0.5001)


def test_a_filter_keeps_white_and_darkens_its_opposite() -> None:
    white = np.ones((1, 1, 3))
    assert graded("monochrome", white, filter=(1.0, 0.2, 0.1))[0, 0] == pytest.approx(1.0)
    sky = np.array([[[0.3, 0.5, 0.9]]])
    plain = graded("monochrome", sky)[0, 0, 0]
    assert graded("monochrome", sky, filter=(1.0, 0.1, 0.1))[0, 0, 0] < plain
    assert graded("monochrome", sky, filter=(0.1, 0.1, 1.0))[0, 0, 0] > plain
    assert np.isfinite(graded("monochrome", sky, filter=(0.0, 0.0, 0.0))).all()


@pytest.mark.parametrize("level", [64, 128, 200])
def test_solarize(level: int) -> None:
    theirs = np.asarray(ImageOps.solarize(Image.fromarray(CODES), level)).astype(float)
    agree(
        "solarize", "Pillow solarize", graded("solarize", COLORS, level=level / 255), theirs, 1e-9
    )


def test_invert() -> None:
    theirs = np.asarray(ImageOps.invert(Image.fromarray(CODES))).astype(float)
    agree("invert", "Pillow invert", graded("invert", COLORS), theirs, 1e-9)


@pytest.mark.parametrize("level", [0.2, 0.5, 0.8])
def test_threshold(level: float) -> None:
    luma = COLORS @ LUMA
    ours = graded("threshold", COLORS, level=level)[..., 0]
    assert (ours[luma >= level] == 1.0).all()
    assert (ours[luma < level - soft_step.WIDTH] == 0.0).all()
    grey = (CODES @ np.array([299, 587, 114]) + 500) // 1000
    theirs = np.asarray(Image.fromarray(grey.astype(np.uint8)).point(lambda v: 255 * (v >= 128)))
    of_grey = graded("threshold", np.repeat(grey[..., None], 3, -1) / 255.0, level=127.9 / 255)
    agree("threshold", "Pillow point", of_grey[..., 0], theirs.astype(float), 1e-9)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_posterize(bits: int) -> None:
    """SVG's discrete function has the intervals of Pillow's posterize, and its own values."""
    levels = 1 << bits
    kept = np.asarray(ImageOps.posterize(Image.fromarray(CODES), bits)).astype(int) >> (8 - bits)
    ours = graded("posterize", COLORS, levels=float(levels)) * (levels - 1)
    # Pillow's intervals are 1/256 of a code wider: x / 255 * n against x / 256 * n.
    inside = np.abs(COLORS * levels - np.rint(COLORS * levels)) > levels / 200
    np.testing.assert_allclose(ours[inside], kept[inside], atol=1e-9)
    record("posterize", "Pillow posterize, away from steps", 0.0, "steps")


def test_posterize_by_the_svg_formula() -> None:
    """k/n <= C < (k+1)/n gives v_k; C = 1 gives the last."""
    for n in (2, 3, 5, 8):
        values = np.array([(k + part) / n for k in range(n) for part in (0.0, 0.3, 0.9)] + [1.0])
        expected = [k / (n - 1) for k in range(n) for _ in range(3)] + [1.0]
        ours = graded("posterize", np.repeat(values[None, :, None], 3, -1), levels=float(n))
        assert ours[0, :, 1] == pytest.approx(expected, abs=1e-9)


def test_steps_do_not_hang_on_the_last_bit() -> None:
    """float32's error at an edge changes little: no slope above one over the ramp."""
    edges = np.repeat(np.arange(256)[None, :, None] / 255.0, 3, -1)
    for name, params in (
        ("posterize", {"levels": 5.0}), ("threshold", {"level": 0.4}), ("solarize", {"level": 0.6}),
        ("false_color", {}),
    ):  # fmt: skip
        exact = graded(name, edges, **params)
        for nudge in (-2e-7, 2e-7):
            assert np.abs(graded(name, edges + nudge, **params) - exact).max() < 1.5 / 1023


def test_sepia_is_the_w3c_matrix() -> None:
    """Filter Effects: sepia(0.6) by the interpolated matrix that the text gives."""
    k = 0.4
    rows = np.array([
        [0.393 + 0.607 * k, 0.769 - 0.769 * k, 0.189 - 0.189 * k],
        [0.349 - 0.349 * k, 0.686 + 0.314 * k, 0.168 - 0.168 * k],
        [0.272 - 0.272 * k, 0.534 - 0.534 * k, 0.131 + 0.869 * k],
    ])  # fmt: skip
    np.testing.assert_allclose(graded("sepia", COLORS, amount=0.6), COLORS @ rows.T, atol=1e-12)


# ---------------------------------------------------------------- tone


@pytest.mark.parametrize(("shadows", "highlights"), list(itertools.product((-1, 0, 1), repeat=2)))
def test_shadows_and_highlights_rise(shadows: float, highlights: float) -> None:
    out = graded("shadows_highlights", greys(), shadows=shadows, highlights=highlights)[0, :, 0]
    assert out[0] == 0.0 and out[-1] == pytest.approx(1.0)
    assert (np.diff(out) > 0).all()
    at = np.linspace(0, 1, 256)
    moved = out - at
    if shadows and not highlights:
        assert np.sign(moved[1:-1]).tolist() == [shadows] * 254
        assert at[np.abs(moved).argmax()] == pytest.approx(0.25, abs=0.01)
    if highlights and not shadows:
        assert at[np.abs(moved).argmax()] == pytest.approx(0.75, abs=0.01)


def test_levels_by_hand() -> None:
    """Photoshop's and GIMP's: 20% between 10% and 60%, gamma 2, out 0.1 to 0.9."""
    got = graded(
        "levels", np.full((1, 1, 3), 0.2), in_black=0.1, in_white=0.6, gamma=2.0, out_black=0.1,
        out_white=0.9,
    )  # fmt: skip
    assert got[0, 0] == pytest.approx(0.1 + 0.8 * 0.2**0.5)
    below = graded("levels", greys(), in_black=0.3, in_white=0.7)
    assert below.min() == 0.0 and below.max() == 1.0
    upside = graded("levels", greys(), in_black=0.6, in_white=0.4)
    assert np.isfinite(upside).all() and set(np.unique(upside)) <= {0.0, 1.0}


def test_gamma_keeps_the_sign() -> None:
    got = graded("gamma", np.array([[[-0.25, 0.25, 1.0]]]), amount=2.0)
    assert got[0, 0] == pytest.approx([-0.5, 0.5, 1.0])


# ---------------------------------------------------------------- hue and curves


def test_hsv_matches_colorsys() -> None:
    flat = COLORS.reshape(-1, 3)
    rgb: Any = Vec3(*flat.T)  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        ours = hsl.hue(M, rgb), hsl.saturation(M, rgb), hsl.brightest(M, rgb)
    theirs = np.array([colorsys.rgb_to_hsv(*c) for c in flat])
    np.testing.assert_allclose(np.stack(ours, -1), theirs, atol=1e-12)  # type: ignore[arg-type]


@pytest.mark.parametrize("degrees", [30.0, -75.0])
def test_a_level_hue_curve_is_a_rotation(degrees: float) -> None:
    height = 0.5 + degrees / 360.0
    curve = (0.0, height, 1.0, height)
    ours = graded("hue_vs_hue", COLORS, curve=curve)
    np.testing.assert_allclose(ours, graded("hue", COLORS, degrees=degrees), atol=1e-6)
    np.testing.assert_allclose(ours @ LUMA, COLORS @ LUMA, atol=1e-12)


@pytest.mark.parametrize("name", ["hue_vs_sat", "luma_vs_sat"])
def test_a_level_saturation_curve_is_saturation(name: str) -> None:
    ours = graded(name, COLORS, curve=(0.0, 0.65, 1.0, 0.65))
    np.testing.assert_allclose(ours, graded("saturation", COLORS, amount=1.3), atol=1e-6)


@pytest.mark.parametrize("name", ["hue_vs_hue", "hue_vs_sat", "hue_vs_luma"])
def test_hue_curves_spare_greys_and_other_hues(name: str) -> None:
    curve = (0.25, 0.5, 1 / 3, 0.7, 0.42, 0.5)  # greens only
    np.testing.assert_allclose(graded(name, greys(), curve=curve), greys(), atol=1e-12)
    red, green = np.array([[[0.8, 0.3, 0.3]]]), np.array([[[0.2, 0.7, 0.2]]])
    np.testing.assert_allclose(graded(name, red, curve=curve), red, atol=1e-7)
    assert np.abs(graded(name, green, curve=curve) - green).max() > 0.05


def test_hue_goes_round() -> None:
    """A third of a turn leads red to where green was, in order red, yellow, green."""
    red = np.array([[[1.0, 0.0, 0.0]]])
    hues = [
        colorsys.rgb_to_hsv(*graded("hue", red, degrees=float(d))[0, 0].clip(0, 1))[0]
        for d in range(0, 120, 10)
    ]
    assert hues[0] == 0.0 and (np.diff(hues) >= 0).all() and hues[-1] > 0.2
    np.testing.assert_allclose(graded("hue", COLORS, degrees=360.0), COLORS, atol=1e-12)


def test_vibrance_spares_strong_colours() -> None:
    pale, strong = np.array([[[0.5, 0.45, 0.4]]]), np.array([[[1.0, 0.1, 0.0]]])

    def gain(color: np.ndarray, amount: float) -> float:
        after = graded("vibrance", color, amount=amount)
        return float(np.ptp(after) / np.ptp(color))

    assert gain(pale, 1.0) == pytest.approx(1.9) and gain(strong, 1.0) == pytest.approx(1.0)
    assert gain(pale, -1.0) == pytest.approx(0.1) and gain(strong, -1.0) == pytest.approx(1.0)


def test_curves_keep_what_lies_beyond() -> None:
    """Above white and below black a tone curve continues with slope 1."""
    wide = np.repeat(np.array([-0.3, 0.0, 1.0, 1.7])[None, :, None], 3, -1)
    ours = graded("curves", wide, master=(0.0, 0.1, 0.5, 0.5, 1.0, 0.9))
    assert ours[0, :, 0] == pytest.approx([-0.2, 0.1, 0.9, 1.6], abs=1e-6)


def test_a_luma_curve_leaves_chroma_alone() -> None:
    ours = graded("curves", COLORS, luma=(0.0, 0.0, 0.4, 0.6, 1.0, 1.0))
    before, after = COLORS @ LUMA, ours @ LUMA
    np.testing.assert_allclose(ours - after[..., None], COLORS - before[..., None], atol=2e-7)
    assert (after > before)[before < 0.95].all()


# ---------------------------------------------------------------- balance


def test_split_tone() -> None:
    """By Unity's formulas, which use the halves below 0.5 of soft light as we do."""
    color, shadows, highlights = np.array([0.4, 0.3, 0.6]), (0.3, 0.45, 0.5), (0.5, 0.4, 0.2)
    share = float(color @ LUMA) + 0.1
    expected = color
    for tint, weight in ((shadows, 1 - share), (highlights, share)):
        c = 0.5 + (np.array(tint) - 0.5) * weight
        expected = 2 * expected * c + expected**2 * (1 - 2 * c)
    ours = graded(
        "split_tone", color[None, None], shadows=shadows, highlights=highlights, balance=0.1
    )
    assert ours[0, 0] == pytest.approx(expected)
    ends = np.array([[[0.0] * 3, [1.0] * 3]])
    np.testing.assert_allclose(
        graded("split_tone", ends, shadows=(1.0, 0.0, 0.0)), ends, atol=1e-12
    )


def test_color_balance_works_in_its_range() -> None:
    tones = greys()
    for name, where in (("shadows", slice(0, 60)), ("highlights", slice(200, 256))):
        moved = np.abs(graded("color_balance", tones, **{name: (0.0, 0.0, 0.1)}) - tones)[0, :, 2]
        assert moved[where].max() > 0.05 or name == "highlights"
    dark = np.abs(graded("color_balance", tones, shadows=0.1) - tones)[0, :, 0]
    light = np.abs(graded("color_balance", tones, highlights=-0.1) - tones)[0, :, 0]
    assert dark[10] > 0.06 and dark[200] == 0.0
    assert light[250] > 0.06 and light[10] == 0.0


# ---------------------------------------------------------------- scopes


@pytest.mark.parametrize(
    ("percent", "zone"),
    [(1.0, 0), (3.0, 1), (40.0, 2), (54.0, 3), (98.0, 4), (99.5, 5), (130.0, 5)],
)
def test_false_color_has_arris_zones(percent: float, zone: int) -> None:
    got = graded("false_color", np.full((1, 1, 3), percent / 100))[0, 0]
    assert got == pytest.approx(scopes.ZONES[zone][2])


@pytest.mark.parametrize("percent", [10.0, 30.0, 47.0, 60.0, 90.0])
def test_false_color_leaves_other_tones_grey(percent: float) -> None:
    got = graded("false_color", np.full((1, 1, 3), percent / 100))[0, 0]
    assert got == pytest.approx(percent / 100)


def test_zebra() -> None:
    flat = np.full((40, 60, 3), 0.7)
    flat[:, 30:] = 0.5
    ours = graded("zebra", flat, low=0.65, high=0.8, size=8.0, color=(1.0, 0.0, 0.0))
    marked = (ours == [1.0, 0.0, 0.0]).all(-1)
    assert marked[:, :30].mean() == pytest.approx(0.5, abs=0.02) and not marked[:, 30:].any()
    assert (ours[~marked] == flat[~marked]).all()
    assert (marked[0, :8].sum(), marked[:8, 3].sum()) == (4, 4)
    np.testing.assert_array_equal(marked[1:, :29], marked[:-1, 1:30])  # along the diagonal
