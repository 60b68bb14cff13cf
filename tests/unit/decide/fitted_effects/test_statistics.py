"""Each measured statistic on a picture whose effect is known, and on one without."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from vedc.decide.arrays import Floats
from vedc.decide.fitted_effects import cells, detail, grain, shifts
from vedc.decide.fitted_effects.draw import drawn
from vedc.errors import InternalError

SHAPE = (128, 192)


def picture(seed: int = 1) -> Floats:
    """Patches of colour with edges and fine texture, away from black and white."""
    draw = np.random.default_rng(seed)
    layers = np.zeros((*SHAPE, 3))
    for size, height in ((6, 0.2), (16, 0.12), (48, 0.06)):
        coarse = draw.uniform(-1, 1, (size, size * 3 // 2, 3))
        layers += height * cv2.resize(coarse, SHAPE[::-1], interpolation=cv2.INTER_LINEAR)
    for _ in range(40):
        y, x = draw.integers(0, SHAPE[0] - 8), draw.integers(0, SHAPE[1] - 8)
        layers[y : y + draw.integers(4, 30), x : x + draw.integers(4, 30)] += draw.uniform(
            -0.15, 0.15, 3
        )
    return np.clip(layers + 0.45, 0.08, 0.9)


def with_effect(op: str, seed: int = 1, **values: Any) -> Floats:
    return np.clip(drawn([{"op": op, **values}], picture(seed)), 0, 1)


def test_pixels_of_a_smaller_copy_shrink_with_it() -> None:
    whole = with_effect("gaussian_blur", radius=8.0)
    half = cv2.resize(picture(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    small = drawn([{"op": "gaussian_blur", "radius": 8.0}], half, scale=0.5)
    seen = cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert np.abs(small - seen).max() < 0.02


def test_an_op_of_several_frames_is_not_drawn() -> None:
    with pytest.raises(InternalError, match="several frames"):
        drawn([{"op": "steady"}], picture())


@pytest.mark.parametrize("side", [5, 8, 12])
def test_cells_have_the_side_they_were_drawn_with(side: int) -> None:
    found = cells.cells([picture()], [with_effect("pixelate", size=[side, side])])
    assert (found.across, found.down) == (side, side) and found.flatness > 0.9
    assert found.centered


@pytest.mark.parametrize("rows", [4, 9])
def test_a_few_rows_have_no_scan_lines(rows: int) -> None:
    few = np.random.default_rng(rows).random((rows, 64, 3))
    assert cells.lines([few], [few * 0.9]).strength == 0


def test_cells_that_begin_in_the_corner_are_found() -> None:
    small = cv2.resize(picture(), (24, 16), interpolation=cv2.INTER_AREA)
    blocks = small.repeat(8, 0).repeat(8, 1)
    found = cells.cells([picture()], [blocks])
    assert found[:2] == (8, 8) and not found.centered
    assert np.allclose(cells.averaged(blocks, found), blocks)


def test_no_cells_where_none_are() -> None:
    assert cells.cells([picture()], [picture()]).flatness < 0.3
    assert cells.cells([picture()], [with_effect("gaussian_blur", radius=3.0)]).flatness < 0.5


def test_scan_lines() -> None:
    found = cells.lines([picture()], [with_effect("scan_lines", amount=0.4, spacing=5.3)])
    assert found.amount == pytest.approx(0.4, abs=0.04)
    assert found.spacing == pytest.approx(5.3, rel=0.02) and found.strength > 60
    assert found.locked
    assert cells.lines([picture()], [picture()]).amount < 0.01


def test_scan_lines_that_begin_elsewhere() -> None:
    dark = picture()
    dark[::4] *= 0.5
    found = cells.lines([picture()], [dark])
    assert found.spacing == pytest.approx(4, rel=0.01) and not found.locked
    assert found.rows[0] < 0.7 < found.rows[1]


def test_channels_that_moved() -> None:
    red, green, blue = shifts.motions(
        [picture()], [with_effect("rgb_shift", red=[-5.0, 1.5], blue=[4.0, 0.0])]
    )
    assert (red.right, red.down) == pytest.approx((-5.0, 1.5), abs=0.3)
    assert (blue.right, blue.down) == pytest.approx((4.0, 0.0), abs=0.3)
    assert (green.right, green.down, green.outwards) == pytest.approx((0, 0, 0), abs=0.05)


def lettered(seed: int = 1) -> Floats:
    """A little text on one colour."""
    ink = np.zeros(SHAPE, np.uint8)
    text, at = f"{seed:02d}:{7 * seed % 60:02d}", (100, 100)
    cv2.putText(ink, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    share = cv2.GaussianBlur(ink / 255.0, (0, 0), 0.7)[..., np.newaxis]
    return np.asarray(share + (1 - share) * (0.25, 0.8, 0.6))


def test_channels_of_a_little_text_on_one_colour_have_their_shift() -> None:
    raw = [lettered(seed) for seed in (1, 2)]
    step = {"op": "rgb_shift", "red": [-5.0, 1.5], "blue": [4.0, 0.0]}
    edit = [np.clip(drawn([step], page), 0, 1) for page in raw]
    red, green, blue = shifts.motions(raw, edit)
    assert (red.right, red.down) == pytest.approx((-5.0, 1.5), abs=0.2)
    assert (green.right, green.down) == pytest.approx((0.0, 0.0), abs=0.05)
    assert (blue.right, blue.down) == pytest.approx((4.0, 0.0), abs=0.2)


def test_matched_channels_have_the_same_distribution_in_the_same_places() -> None:
    raw = picture()
    (shown,) = shifts.matched([raw], [0.1 + 0.7 * raw**1.5])
    assert np.abs(shown - (0.1 + 0.7 * raw**1.5)).max() < 0.02
    flat = np.full((8, 8, 3), 0.5)
    (same,) = shifts.matched([flat], [0.2 * flat])
    assert same == pytest.approx(0.2 * flat)


def test_channels_that_grew() -> None:
    red, _, blue = shifts.motions([picture()], [with_effect("chromatic_aberration", amount=4.0)])
    assert red.outwards == pytest.approx(4.0, abs=0.4)
    assert blue.outwards == pytest.approx(-4.0, abs=0.4)


def test_blur_and_sharpening_are_measured() -> None:
    before = [picture(1), picture(2)]
    soft = [with_effect("gaussian_blur", seed, radius=2.0) for seed in (1, 2)]
    found = detail.softness(detail.spectra(before, soft))
    assert found.blur_left < 0.2 < found.sharp_left
    assert detail.refined(before, soft, found)[0][0] == pytest.approx(2.0, rel=0.03)
    crisp = [with_effect("sharpen", seed, amount=0.8, radius=1.5) for seed in (1, 2)]
    found = detail.softness(detail.spectra(before, crisp))
    assert found.sharp_left < 0.2
    amount, radius, _ = detail.refined(before, crisp, found)[1]
    assert (amount, radius) == pytest.approx((0.8, 1.5), rel=0.1)


def test_gains_of_an_untouched_picture_are_one() -> None:
    found = detail.spectra([picture()], [picture()])
    assert np.allclose(found.gain, 1.0) and detail.softness(found).size < 1e-6


@pytest.mark.parametrize(("size", "colored"), [(1.0, False), (2.5, True)])
def test_grain_has_amount_size_and_colour(size: float, colored: bool) -> None:
    calm = np.clip(0.45 + 0.3 * (picture() - 0.45), 0, 1)
    step = {"op": "film_grain", "amount": 0.06, "size": size, "colored": colored}
    noisy = [np.clip(drawn([step], calm, frame=n), 0, 1) for n in (0, 1)]
    found = grain.grain([calm, calm], noisy)
    # Independent channels average out in luma.
    expected = 0.06 * (np.hypot(np.hypot(0.2126, 0.7152), 0.0722) if colored else 1)
    assert found.amount == pytest.approx(expected, rel=0.12)
    assert found.size == pytest.approx(size, abs=0.4) and found.colored == colored
    assert found.ratio > 1.3
    assert grain.grain([calm], [calm]).ratio == pytest.approx(1.0)


def test_what_stays_at_its_place_is_no_grain() -> None:
    """Neither is it where part of it stays: that part does not count."""
    calm = np.clip(0.45 + 0.3 * (picture() - 0.45), 0, 1)
    step = {"op": "film_grain", "amount": 0.06, "size": 1.0}
    fixed = drawn([step], calm, frame=5) - calm
    same = grain.grain([calm] * 3, [calm + fixed] * 3)
    assert same.ratio == pytest.approx(1.0, abs=0.05) and same.deviation < 0.003
    both = [drawn([step], calm + fixed, frame=n) for n in range(3)]
    found = grain.grain([calm] * 3, both)
    assert found.amount == pytest.approx(0.06, rel=0.15)
