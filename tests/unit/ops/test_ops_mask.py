"""Masks: places, units, ends, and what they take from pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_examples.blend import EXAMPLES
from tests.ops_support import apply
from vedc import ops

RNG = np.random.default_rng(19)
Array = np.ndarray[Any, np.dtype[np.float64]]
MASKS = ops.by_kind("mask")


def blank(rows: int = 60, columns: int = 100) -> Array:
    return np.zeros((rows, columns, 4))


def picture(rows: int = 60, columns: int = 100) -> Array:
    made = RNG.random((rows, columns, 4))
    made[..., 3] = 1
    return made


def example(name: str) -> dict[str, Any]:
    return {k: picture() if v == "picture" else v for k, v in EXAMPLES[name].items()}


@pytest.mark.parametrize("name", [o.name for o in MASKS if o.name in EXAMPLES])
class TestAll:
    def test_mattes_lie_in_0_to_1_and_invert(self, name: str) -> None:
        params = example(name) | {"invert": False}
        for low, high in ((0.0, 1.0), (-0.5, 2.0), (-60000.0, 60000.0)):
            given = picture()
            given[..., :3] = given[..., :3] * (high - low) + low
            matte = apply(name, given, **params)
            assert matte.shape == (60, 100)
            assert (matte >= 0).all() and (matte <= 1).all()
            assert np.ptp(matte) > 0.3 or high > 2 or name == "uniform"
            inverted = apply(name, given, **(params | {"invert": True}))
            np.testing.assert_array_equal(inverted, 1 - matte)

    @pytest.mark.parametrize("limit", ["low", "high"])
    def test_finite_at_the_limits_of_parameters(self, name: str, limit: str) -> None:
        params = example(name)
        for p in ops.get(name).params:
            if p.kind in ("number", "pair"):
                value = getattr(p, limit)
                params[p.name] = (value, value) if p.kind == "pair" else value
        matte = apply(name, picture(), **params)
        assert (matte >= 0).all() and (matte <= 1).all()

    def test_rounding_is_never_seen(self, name: str) -> None:
        given, params = picture(), example(name)
        given[..., :3] = np.rint(given[..., :3] * 255) / 255
        given[:20, :, :3] = given[:20, :, :1]  # greys, whose hue is noise
        noisy = given * (1 + RNG.uniform(-2e-7, 2e-7, given.shape))
        change = apply(name, noisy, **params) - apply(name, given, **params)
        assert np.abs(change).max() * 255 < 0.1

    def test_finite_where_the_whole_picture_is_clear(self, name: str) -> None:
        assert np.isfinite(apply(name, blank(), **example(name))).all()


class TestShapes:
    def test_a_rectangle_on_pixel_edges_is_exact(self) -> None:
        matte = apply("rectangle", blank(), center=(0.3, 0.5), size=(0.4, 0.5))
        wanted = np.zeros((60, 100))
        wanted[15:45, 10:50] = 1
        np.testing.assert_allclose(matte, wanted, atol=1e-9)

    def test_equal_radii_are_a_circle_on_any_canvas(self) -> None:
        for rows, columns in ((60, 100), (90, 50)):
            matte = apply("ellipse", blank(rows, columns), radius=(0.25, 0.25))
            np.testing.assert_allclose(matte.sum(), np.pi * (0.25 * rows) ** 2, rtol=0.005)
            across, down = matte[rows // 2].sum(), matte[:, columns // 2].sum()
            assert abs(across - down) < 0.1

    def test_feather_is_in_heights_and_centred_on_the_edge(self) -> None:
        matte = apply("rectangle", blank(), center=(0.5, 0.5), size=(0.5, 4.0), feather=0.2)
        row = matte[30]
        np.testing.assert_allclose((row[24] + row[25]) / 2, 0.5, atol=1e-9)  # the edge, x = 25
        assert (row[:19] == 0).all() and (row[19:31] > 0).all() and row[31] == 1  # 12 pixels

    def test_a_half_turn_swaps_nothing_and_a_quarter_turn_swaps_the_sides(self) -> None:
        given: dict[str, Any] = {"size": (0.3, 0.2), "radius": 0.05, "feather": 0.1}
        plain = apply("rectangle", blank(60, 60), **given)
        half = apply("rectangle", blank(60, 60), rotation=180.0, **given)
        quarter = apply("rectangle", blank(60, 60), rotation=90.0, **given)
        np.testing.assert_allclose(half, plain, atol=1e-9)
        np.testing.assert_allclose(quarter, plain.T, atol=1e-9)

    def test_rotation_is_clockwise(self) -> None:
        bar = apply("rectangle", blank(60, 60), size=(0.9, 0.1), rotation=45.0)
        assert bar[45, 45] == 1 and bar[15, 15] == 1 and bar[15, 45] == 0  # falls to the right

    def test_a_polygon_of_four_corners_is_the_rectangle(self) -> None:
        corners = (0.2, 0.3, 0.7, 0.3, 0.7, 0.8, 0.2, 0.8)
        box = apply("rectangle", blank(), center=(0.45, 0.55), size=(0.5, 0.5), feather=0.15)
        np.testing.assert_allclose(
            apply("polygon", blank(), points=corners, feather=0.15), box, atol=1e-9
        )
        backwards = np.reshape(corners, (-1, 2))[::-1].ravel()
        np.testing.assert_allclose(
            apply("polygon", blank(), points=tuple(backwards), feather=0.15), box, atol=1e-9
        )

    def test_a_star_is_empty_in_the_middle(self) -> None:
        star = apply("polygon", blank(), points=EXAMPLES["polygon"]["points"])
        assert star[30, 50] == 0 and star[12, 50] == 1

    def test_a_repeated_corner_changes_nothing(self) -> None:
        triangle = (0.5, 0.1, 0.9, 0.9, 0.1, 0.9)
        twice = (0.5, 0.1, 0.5, 0.1, 0.9, 0.9, 0.1, 0.9)
        np.testing.assert_allclose(
            apply("polygon", blank(), points=twice), apply("polygon", blank(), points=triangle)
        )


class TestGradient:
    def test_linear(self) -> None:
        matte = apply("gradient_mask", blank(), start=(0.2, 0.0), end=(0.8, 0.0))
        x = (np.arange(100) + 0.5) / 100
        wanted = ((x - 0.2) / 0.6).clip(0, 1)
        np.testing.assert_allclose(matte, np.broadcast_to(wanted, (60, 100)), atol=1e-12)

    def test_a_slanting_one_is_constant_across_its_direction_on_the_screen(self) -> None:
        matte = apply("gradient_mask", blank(60, 60), start=(0.0, 0.0), end=(1.0, 1.0))
        np.testing.assert_allclose(matte, matte.T, atol=1e-12)
        np.testing.assert_allclose(np.diag(np.fliplr(matte)), 0.5, atol=1e-12)

    def test_radial_and_smooth(self) -> None:
        given: dict[str, Any] = {"shape": "radial", "start": (0.5, 0.5), "end": (0.5, 1.0)}
        plain = apply("gradient_mask", blank(), **given)
        y, x = np.mgrid[:60, :100] + 0.5
        wanted = (np.hypot(x - 50, y - 30) / 30).clip(0, 1)
        np.testing.assert_allclose(plain, wanted, atol=1e-12)
        smooth = apply("gradient_mask", blank(), smooth=True, **given)
        np.testing.assert_allclose(smooth, wanted**2 * (3 - 2 * wanted), atol=1e-12)

    def test_it_is_dithered(self) -> None:
        assert ops.get("gradient_mask").ramps


class TestPictures:
    def test_channels_of_an_image(self) -> None:
        matte = picture()
        matte[..., 3] = 0.5
        weights = np.array([0.2126, 0.7152, 0.0722])
        wanted = {
            "alpha": matte[..., 3], "red": matte[..., 0], "green": matte[..., 1],
            "blue": matte[..., 2], "luma": matte[..., :3] @ weights,
        }  # fmt: skip
        for channel, values in wanted.items():
            found = apply("image_mask", blank(), src=matte, channel=channel)
            np.testing.assert_allclose(found, values, atol=1e-12)

    def test_the_default_qualifier_takes_everything(self) -> None:
        given = picture() * 3 - 1
        given[..., 3] = 1
        np.testing.assert_array_equal(apply("qualifier", given), 1)

    def test_grey_has_no_hue(self) -> None:
        grey = np.ones((1, 1, 4)) * 0.5
        grey[..., 3] = 1
        for hue in (0.0, 120.0, 240.0):
            assert apply("qualifier", grey, hue=hue, hue_width=200.0) == 0
        assert apply("qualifier", grey, hue=90.0, hue_width=360.0) == 1

    def test_hues_around_the_turn(self) -> None:
        colors = np.array([[[1.0, 0.0, 0.1, 1.0], [1.0, 0.1, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0]]])
        given = {"hue_width": 30.0, "hue_softness": 5.0}
        for hue in (0.0, 360.0, -360.0, 720.0):
            np.testing.assert_array_equal(apply("qualifier", colors, hue=hue, **given), [[1, 1, 0]])


def test_a_uniform_mask_is_its_amount_everywhere() -> None:
    np.testing.assert_array_equal(apply("uniform", picture(), amount=0.3), np.full((60, 100), 0.3))
