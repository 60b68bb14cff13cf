"""Properties of the stencils and of the other ops of ``vedc.ops.filter``."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.ops_examples.stencil import EXAMPLES
from tests.ops_support import apply
from vedc import ops
from vedc.kernels import gaussian
from vedc.ops.filter import blur, denoise, detail, light, paint, stylize

RNG = np.random.default_rng(11)


def declared_in(*rooms: ModuleType) -> list[str]:
    return [each.name for room in rooms for each in vars(room).values() if isinstance(each, ops.Op)]


OURS = declared_in(blur, denoise, detail, stylize)
#: Their pictures have separate tests: light may be brighter than its coverage.
OTHERS = declared_in(light, paint)
BLURS = [
    "gaussian_blur", "box_blur", "directional_blur", "zoom_blur", "spin_blur", "lens_blur",
    "median", "bilateral", "denoise", "wavelet_denoise",
]  # fmt: skip
NEUTRAL: list[tuple[str, dict[str, Any]]] = [
    ("gaussian_blur", {"radius": 0.0}),
    ("box_blur", {"radius": 0.0, "iterations": 3}),
    ("directional_blur", {"length": 1.0, "angle": 30.0}),
    ("directional_blur", {"length": 0.2}),
    ("zoom_blur", {"amount": 0.0}),
    ("spin_blur", {"angle": 0.0}),
    ("lens_blur", {"radius": 0.0, "highlights": 0.0}),
    ("sharpen", {"amount": 0.0}),
    ("clarity", {"amount": 0.0}),
    ("halo", {"amount": 0.0}),
    ("glow", {"amount": 0.0}),
    ("median", {"radius": 0}),
    ("bilateral", {"spatial": 0.0}),
    ("denoise", {"strength": 0.0}),
    ("wavelet_denoise", {"strength": 0.0}),
    ("grow_matte", {"radius": 0.0}),
    ("chromatic_aberration", {"amount": 0.0}),
    ("rgb_shift", {"red": (0.0, 0.0), "green": (0.0, 0.0), "blue": (0.0, 0.0)}),
    ("glitch", {"amount": 0.0, "split": 0.0}),
    ("scan_lines", {"amount": 0.0}),
    ("film_grain", {"amount": 0.0}),
]


def noise(rows: int = 24, columns: int = 40, alpha: bool = False) -> np.ndarray:
    made = RNG.random((rows, columns, 4))
    made[..., 3] = made[..., 3] if alpha else 1.0
    made[..., :3] *= made[..., 3:]
    return made


def grey(value: float, rows: int = 24, columns: int = 40) -> np.ndarray:
    made = np.full((rows, columns, 4), value)
    made[..., 3] = 1.0
    return made


def test_every_op_has_an_example() -> None:
    assert sorted(EXAMPLES) == sorted([*OURS, *OTHERS])


@pytest.mark.parametrize("name", OURS)
def test_an_example_changes_the_picture_and_keeps_it_opaque(name: str) -> None:
    before = noise()
    before[..., :3] = 0.5 + 0.3 * before[..., :3]
    after = apply(name, before, frame=5, **EXAMPLES[name])
    np.testing.assert_allclose(after[..., 3], 1.0, rtol=0, atol=1e-12)
    changed = np.abs(after - before).max() > 0.01
    assert changed != (name == "grow_matte")  # which is about coverage only


#: Ops that may make a pixel brighter than white.
BRIGHTER = {"sharpen", "clarity", "film_grain", "lens_blur", "halo"}


@pytest.mark.parametrize("name", sorted(set(OURS) - BRIGHTER))
def test_no_colour_exceeds_its_coverage(name: str) -> None:
    before = noise(alpha=True)
    if name == "emboss":
        before[..., :3] *= 0.5
    after = apply(name, before, frame=5, **EXAMPLES[name])
    assert (after[..., :3] <= after[..., 3:] + 1e-9).all() and after[..., 3].max() <= 1 + 1e-9


@pytest.mark.parametrize(("name", "params"), NEUTRAL)
def test_identity(name: str, params: dict[str, Any]) -> None:
    declared = ops.get(name)
    assert declared.identity(declared.defaults() | params)
    moving = {k: object() for k in params if declared.param(k).animatable}
    assert not moving or not declared.identity(declared.defaults() | params | moving)
    before = noise(alpha=True)
    after = apply(name, before, frame=3, **params)
    # Without strength the weights of alike places are not quite 0.
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", OURS)
def test_an_example_is_no_identity(name: str) -> None:
    declared = ops.get(name)
    assert not declared.identity(declared.defaults() | EXAMPLES[name])
    assert not declared.identity(declared.defaults())


@pytest.mark.parametrize("name", BLURS)
def test_transparent_pictures_get_no_fringes(name: str) -> None:
    """One colour with holes stays that colour, whatever becomes of its coverage."""
    color = np.array([0.55, 0.3, 0.1])
    coverage = np.where(RNG.random((24, 40)) < 0.5, 0.0, RNG.random((24, 40)))
    before = np.dstack([color * coverage[..., np.newaxis], coverage])
    params = EXAMPLES[name] | ({"highlights": 0.0} if name == "lens_blur" else {})
    after = apply(name, before, **params)
    seen = after[..., 3] > 1e-3
    assert seen.mean() > 0.3
    straight = after[seen][:, :3] / after[seen][:, 3:]
    np.testing.assert_allclose(straight, np.broadcast_to(color, straight.shape), atol=1e-9)


def test_sharpening_undoes_no_more_than_it_says() -> None:
    """x + amount (x - blurred), by a blur computed here; alpha has no part in it."""
    before = noise()
    blurred = np.moveaxis(gaussian.reference(np.moveaxis(before, -1, 0), sigma=2.0), 0, -1)
    after = apply("sharpen", before, amount=0.8, radius=2.0)
    np.testing.assert_allclose(after, before + 0.8 * (before - blurred), atol=1e-12)
    flat = grey(0.5)
    flat[:, 20:] *= 0.25  # a coverage of 1/4: the same straight colour
    np.testing.assert_allclose(apply("sharpen", flat, amount=3.0), flat, atol=1e-12)


def test_a_threshold_leaves_faint_detail_alone() -> None:
    faint = grey(0.5)
    faint[..., :3] += RNG.uniform(-0.01, 0.01, faint.shape[:2])[..., np.newaxis]
    assert np.abs(apply("sharpen", faint, amount=2.0, threshold=0.0) - faint).max() > 0.01
    np.testing.assert_array_equal(apply("sharpen", faint, amount=2.0, threshold=0.021), faint)


def test_clarity_keeps_black_white_and_hue() -> None:
    before = noise()
    before[:4], before[4:8, :, :3] = (0, 0, 0, 1), 1.0
    after = apply("clarity", before, amount=1.0, radius=6.0)
    np.testing.assert_allclose(after[:8], before[:8], atol=1e-12)
    change = (after - before)[..., :3]
    np.testing.assert_allclose(change, change[..., :1] + np.zeros(3), atol=1e-12)


def test_halo_adds_the_light_above_the_threshold() -> None:
    before = grey(0.2, 81, 81)
    before[40, 40, :3] = (3.0, 1.5, 0.0)
    after = apply("halo", before, threshold=1.0, radius=5.0, amount=0.5, softness=0.0)
    added = (after - before)[..., :3].sum(axis=(0, 1))
    shining = np.array([3.0, 1.5, 0.0]) * (3.0 - 1.0) / 3.0
    np.testing.assert_allclose(added, 0.5 * shining, rtol=1e-6)
    assert np.argmax((after - before)[..., 0]) == 40 * 81 + 40
    dark = noise()
    dark[..., :3] *= 0.5
    np.testing.assert_array_equal(apply("halo", dark, threshold=1.0, softness=0.5), dark)


def test_halo_shines_on_clear_places() -> None:
    before = np.zeros((41, 41, 4))
    before[18:23, 18:23] = 1.0
    after = apply("halo", before, threshold=0.2, radius=4.0, amount=1.0)
    assert 0.0 < after[20, 28, 3] < after[20, 24, 3] < 1.0
    np.testing.assert_allclose(after[20, 28, :3], after[20, 28, 3], rtol=1e-9)


def test_glow_is_a_screen() -> None:
    before = noise()
    blurred = np.moveaxis(gaussian.reference(np.moveaxis(before, -1, 0), sigma=3.0), 0, -1)
    after = apply("glow", before, amount=1.0, radius=3.0)
    wanted = 1 - (1 - before[..., :3]) * (1 - blurred[..., :3])
    np.testing.assert_allclose(after[..., :3], wanted, atol=1e-12)


def test_a_matte_grows_and_shrinks() -> None:
    before = np.zeros((31, 31, 4))
    before[10:21, 10:21] = (0.4, 0.2, 0.1, 0.5)
    grown = apply("grow_matte", before, radius=3.0)
    assert grown[15, 7, 3] == grown[15, 23, 3] == 0.5 and grown[15, 6, 3] == grown[15, 24, 3] == 0.0
    np.testing.assert_allclose(grown[15, 7], before[15, 15])
    shrunk = apply("grow_matte", before, radius=-3.0)
    assert (shrunk[13:18, 13:18] == before[13:18, 13:18]).all() and shrunk.sum() == pytest.approx(
        25 * before[15, 15].sum()
    )


def test_emboss_is_lit_from_its_angle() -> None:
    np.testing.assert_allclose(apply("emboss", grey(0.3))[..., :3], 0.5)
    ramp = grey(0.0)
    ramp[..., :3] = np.linspace(0, 0.5, 40)[np.newaxis, :, np.newaxis]  # rises to the right
    assert (apply("emboss", ramp, angle=180.0)[:, 2:-2, :3] > 0.51).all()  # light on the left
    assert (apply("emboss", ramp, angle=0.0)[:, 2:-2, :3] < 0.49).all()
    np.testing.assert_allclose(apply("emboss", ramp, angle=90.0)[..., :3], 0.5, atol=1e-9)


def test_the_styles_of_edges() -> None:
    before = noise()
    light, ink = (apply("edge", before, style=s, amount=0.3) for s in ("light", "ink"))
    np.testing.assert_allclose(light[..., :1], light[..., 1:2])
    np.testing.assert_allclose(ink[..., :3], before[..., :3] * (1 - light[..., :3]), atol=1e-12)


def test_aberration_magnifies_red_and_reduces_blue() -> None:
    before = grey(0.0, 101, 141)
    x, y = np.arange(141) - 70.0, np.arange(101) - 50.0
    for ring in (20.0, 60.0):
        distance = np.hypot(x[np.newaxis], y[:, np.newaxis])
        before[..., :3] += np.exp(-((distance - ring) ** 2) / 8)[..., np.newaxis]
    before[..., :3] = before[..., :3].clip(0, 1)
    after = apply("chromatic_aberration", before, amount=6.0)
    np.testing.assert_array_equal(after[..., 1], before[..., 1])
    half_diagonal = np.hypot(101, 141) / 2
    for low, high in ((10, 40), (50, 70)):  # along the middle row, to the right
        row = after[50, 70 + low : 70 + high]
        red, green, blue = (
            (row[:, c] * np.arange(low, high)).sum() / row[:, c].sum() for c in range(3)
        )
        if high == 70:
            continue  # cut off by the picture's edge
        assert red - green == pytest.approx(6.0 * green / half_diagonal, rel=0.1)
        assert green - blue == pytest.approx(6.0 * green / half_diagonal, rel=0.15)


def test_glitch_tears_stripes_out() -> None:
    before = noise(48, 64)
    params = {"amount": 0.2, "share": 0.5, "stripes": 12, "split": 0.0, "rate": 10.0}
    after = apply("glitch", before, frame=0, **params)
    torn = 0
    for old, new in zip(before, after, strict=True):
        shifts = [s for s in range(-13, 14) if np.array_equal(np.roll(old, s, axis=0), new)]
        assert len(shifts) == 1
        torn += shifts[0] != 0
    assert 8 <= torn <= 40
    same = apply("glitch", before, frame=2, **params)  # 0.08 s: still the first tenth
    np.testing.assert_array_equal(after, same)
    assert not np.array_equal(after, apply("glitch", before, frame=3, **params))
    assert not np.array_equal(after, apply("glitch", before, seed=1, **params))
    np.testing.assert_array_equal(apply("glitch", before, **params | {"share": 0.0}), before)


def test_scan_lines_have_their_spacing() -> None:
    lined = apply("scan_lines", grey(0.8), amount=0.5, spacing=6.0)[:, 0, 0]
    np.testing.assert_allclose(lined[0::6], 0.8)
    np.testing.assert_allclose(lined[3::6], 0.4)
    rolled = apply("scan_lines", grey(0.8), amount=0.5, spacing=6.0, speed=25.0, frame=2)[:, 0, 0]
    np.testing.assert_allclose(rolled[2:], lined[:-2], atol=1e-12)


@pytest.mark.parametrize("size", [1.0, 1.7, 4.0])
def test_grain_has_its_deviation(size: float) -> None:
    before = grey(0.5, 200, 300)
    grain = (apply("film_grain", before, amount=0.05, size=size, frame=9) - before)[..., :3]
    np.testing.assert_array_equal(grain[..., 0], grain[..., 2])
    assert grain.mean() == pytest.approx(0.0, abs=0.05 * 4 * size / np.sqrt(60000))
    assert grain.std() == pytest.approx(0.05, rel=0.02 * size)
    again = (apply("film_grain", before, amount=0.05, size=size, frame=10) - before)[..., 0]
    assert abs(np.corrcoef(grain[..., 0].ravel(), again.ravel())[0, 1]) < 0.03
    beside = np.corrcoef(grain[:, 1:, 0].ravel(), grain[:, :-1, 0].ravel())[0, 1]
    assert abs(beside) < 0.02 if size == 1.0 else beside > 0.2


def test_grain_follows_the_tone() -> None:
    def deviation(value: float, **params: Any) -> float:
        picture = grey(value, 100, 100)
        return float((apply("film_grain", picture, amount=0.1, **params) - picture)[..., 1].std())

    assert deviation(0.0, shadows=0.25) == pytest.approx(0.025, rel=0.1)
    assert deviation(1.0, highlights=0.5) == pytest.approx(0.05, rel=0.1)
    assert deviation(0.5) == pytest.approx(0.1, rel=0.1)
    picture = grey(0.5, 100, 100)
    grain = (apply("film_grain", picture, amount=0.1, colored=True) - picture)[..., :3]
    assert abs(np.corrcoef(grain[..., 0].ravel(), grain[..., 2].ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("colored", [False, True])
@pytest.mark.parametrize("size", [5.0, 12.0])
def test_halftone_keeps_the_mean_tone(colored: bool, size: float) -> None:
    for tone in np.linspace(0.0, 1.0, 11):
        dots = apply("halftone", grey(float(tone), 120, 160), size=size, colored=colored)
        np.testing.assert_allclose(dots[..., :3].mean(axis=(0, 1)), tone, atol=0.025)
        if tone in (0.0, 1.0):
            np.testing.assert_array_equal(dots[..., :3], tone)
    middle = apply("halftone", grey(0.5, 120, 160), size=12.0)[..., 0]
    assert np.mean((middle < 0.01) | (middle > 0.99)) > 0.5


def test_filters_without_opencv_do_not_load_it() -> None:
    """Loading it takes longer than a short film; and nobody would limit its threads."""
    code = (
        "import sys, numpy as np\n"
        "from vedc.ops.core.filters import WITHOUT_OPENCV, builtin\n"
        "given = {'gaussian': {'sigma': 6.0}, 'mosaic': {'across': 4.0, 'down': 3.0},\n"
        "         'pyramid': {'levels': 2, 'edge': 'mirror'}}\n"
        "assert given.keys() == WITHOUT_OPENCV\n"
        "for name, arguments in given.items():\n"
        "    assert not builtin(name).opencv\n"
        "    builtin(name).cpu(np.ones((3, 40, 61), np.float32), **arguments)\n"
        "assert 'cv2' not in sys.modules\n"
        "assert builtin('correlate').opencv\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
