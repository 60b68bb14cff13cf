"""Generators at places whose colour is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_examples.geometry import EXAMPLES
from tests.ops_support import apply
from vedc import ops

CANVAS = (90, 160)
GENERATORS = [o.name for o in ops.by_kind("generator") if o.name in EXAMPLES]


def made(name: str, canvas: tuple[int, int] = CANVAS, frame: int = 0, **params: Any) -> np.ndarray:
    picture: np.ndarray = apply(name, canvas=canvas, frame=frame, **params)
    return picture


def test_every_generator_has_an_example() -> None:
    assert {o.name for o in ops.by_kind("generator")} <= EXAMPLES.keys()


@pytest.mark.parametrize("name", GENERATORS)
def test_pictures_are_colours_with_coverage(name: str) -> None:
    op = ops.get(name)
    for params in ({}, EXAMPLES[name]):
        picture = made(name, frame=17, **params)
        assert picture.shape == (*CANVAS, 4)
        assert picture.min() >= -0.25 and picture.max() <= 1.0 + 1e-12  # -I is not a colour
        assert not op.opaque or (picture[..., 3] == 1.0).all()
        if picture[..., 3].min() < 1.0:
            assert (picture[..., :3] <= picture[..., 3:] + 1e-12).all()


@pytest.mark.parametrize("name", [n for n in GENERATORS if ops.get(n).timed])
def test_what_runs_is_still_where_it_should_be(name: str) -> None:
    params = EXAMPLES[name]
    np.testing.assert_array_equal(made(name, frame=9, **params), made(name, frame=9, **params))
    assert not np.array_equal(made(name, frame=9, **params), made(name, frame=13, **params))


def test_solid_is_premultiplied() -> None:
    picture = made("solid_color", color=(0.2, 0.4, 1.0), opacity=0.5)
    np.testing.assert_allclose(picture, np.broadcast_to([0.1, 0.2, 0.5, 0.5], picture.shape))


@pytest.mark.parametrize("colors", [2, 3, 4])
def test_stops_are_evenly_spaced(colors: int) -> None:
    stops = np.random.default_rng(1).uniform(0.0, 1.0, (4, 3))
    picture = made(
        "linear_gradient", (1, 1201), start=(0.5 / 1201, 0.0), end=(1200.5 / 1201, 0.0),
        colors=colors, **{f"color_{n + 1}": tuple(c) for n, c in enumerate(stops)},
    )  # fmt: skip
    for n in range(colors):
        at = 1200 * n // (colors - 1)
        np.testing.assert_allclose(picture[0, at, :3], stops[n], atol=1e-9)
    half = 600 // (colors - 1)
    np.testing.assert_allclose(picture[0, half, :3], stops[:2].mean(0), atol=1e-9)


def test_conic_gradient_goes_clockwise_from_the_top() -> None:
    picture = made("conic_gradient", (101, 101), color_1=0.0, color_2=1.0)[..., 0]
    for place, value in (((50, 100), 0.25), ((100, 50), 0.5), ((50, 0), 0.75)):
        assert picture[place] == pytest.approx(value, abs=1e-9)
    turned = made("conic_gradient", (101, 101), angle=90.0, color_1=0.0, color_2=1.0)[..., 0]
    assert turned[100, 50] == pytest.approx(0.25, abs=1e-9)


def test_checker_is_exact_on_whole_pixels_and_smooth_between() -> None:
    picture = made("checker", (8, 12), size=4.0, color_1=1.0, color_2=0.0)[..., 0]
    y, x = np.mgrid[0:8, 0:12] // 4
    np.testing.assert_allclose(picture, 1.0 - (x + y) % 2, atol=1e-12)
    row = made("checker", (1, 10), size=2.5, color_1=1.0, color_2=0.0)[0, :, 0]
    np.testing.assert_allclose(row, [1, 1, 0.5, 0, 0, 1, 1, 0.5, 0, 0], atol=1e-12)


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0])
def test_stripes_have_their_share(ratio: float) -> None:
    params = {"width": 20.0, "ratio": ratio, "color_1": 1.0, "color_2": 0.0}
    upright = made("stripes", (10, 400), angle=0.0, **params)[..., 0]
    assert upright.mean() == pytest.approx(ratio, abs=1e-9)
    moved = made("stripes", (10, 400), angle=0.0, frame=25, speed=7.0, **params)[..., 0]
    np.testing.assert_allclose(moved[:, 7:], upright[:, :-7], atol=1e-9)
    slanted = made("stripes", (400, 400), angle=45.0, **params)[..., 0]
    assert slanted.mean() == pytest.approx(ratio, abs=0.01)


def test_grid_lines_are_as_thick_as_they_say() -> None:
    picture = made("grid", (60, 80), size=(20.0, 30.0), thickness=2.0, opacity=0.0)
    line = picture[10, :, 3]  # between the level lines
    assert line.sum() == pytest.approx(2.0 * 4)
    assert line[39] == line[40] == 1.0  # through the middle
    assert picture[:, 5, 3].sum() == pytest.approx(2.0 * 2)


def test_noise_is_even_and_its_channels_are_strangers() -> None:
    white = made("noise", (200, 200), pattern="white", colored=True)[..., :3].reshape(-1, 3)
    assert white.mean() == pytest.approx(0.5, abs=0.01)
    assert white.std() == pytest.approx(12**-0.5, abs=0.01)
    assert np.abs(np.corrcoef(white.T) - np.eye(3)).max() < 0.03
    frames = [made("noise", pattern="white", frame=n)[..., 0].ravel() for n in (0, 1)]
    assert abs(np.corrcoef(frames)[0, 1]) < 0.03
    seeds = [made("noise", pattern="white", seed=n)[..., 0].ravel() for n in (0, 1)]
    assert abs(np.corrcoef(seeds)[0, 1]) < 0.03


def test_smooth_noise_is_smooth_in_space_and_time() -> None:
    for pattern, octaves in (("value", 1), ("fractal", 3)):
        params = {"pattern": pattern, "octaves": octaves, "size": 40.0}
        picture = made("noise", **params)[..., 0]
        # The quintic's greatest slope is 15/8; each octave has the same slope.
        assert np.abs(np.diff(picture, axis=1)).max() < 15 / 8 / 40 * 2
        after = made("noise", frame=1, **params)[..., 0]
        assert 0.0 < np.abs(after - picture).max() < 15 / 8 * 0.5 / 25 * 2
        assert picture.std() > 0.05


def test_zone_plate_ends_at_the_finest_that_pixels_show() -> None:
    row = made("zone_plate", (1, 2000))[0, :, 0]
    ends = np.flatnonzero(np.diff(np.sign(row - 0.5)))
    fineness = np.diff(ends[ends > 1900]).mean()
    assert fineness == pytest.approx(1.0 / 0.975, abs=0.03)  # half a ring, near the edge
    middle = made("zone_plate", (1, 2000), frequency=0.25)[0, 1000:, 0]
    crossings = np.flatnonzero(np.diff(np.sign(middle - 0.5)))
    assert len(crossings) == pytest.approx(0.25 * 1000 / 2, abs=1)


def test_ramp_reaches_both_ends() -> None:
    row = made("ramp", (4, 256), low=0.1, high=0.9)[0, :, 0]
    np.testing.assert_allclose(row, np.linspace(0.1, 0.9, 256), atol=1e-12)
    steps = made("ramp", (4, 256), steps=8)[0, :, 1]
    np.testing.assert_allclose(steps, np.repeat(np.linspace(0, 1, 8), 32), atol=1e-12)
    bands = made("ramp", (8, 16), channels="all")[:, -1, :3]
    np.testing.assert_array_equal(bands[::2], [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])


def test_countdown_sweeps_a_quarter_in_a_quarter_of_a_second() -> None:
    params = {"color": 0.0, "background": 1.0, "shade": 0.5}
    quarters = {"upper right": (-1, 1), "lower right": (1, 1), "lower left": (1, -1)}
    size = 200
    for frame, swept in ((0, 0), (25, 1), (50, 2), (75, 3)):
        picture = apply("countdown", canvas=(size, size), frame=frame, fps=100.0, **params)
        for n, (down, right) in enumerate(quarters.values()):
            place = (size // 2 + down * 60, size // 2 + right * 62)
            assert picture[(*place, 0)] == (0.5 if n < swept else 1.0)


def test_countdown_shows_another_digit_each_second() -> None:
    middle = np.s_[40:140, 65:115, 0]
    plain = {"color": 0.0, "background": 1.0, "shade": 1.0}
    digits = [
        apply("countdown", canvas=(180, 180), frame=n, fps=1.0, start=9, **plain)[middle]
        for n in range(11)
    ]
    np.testing.assert_array_equal(digits[9], digits[10])  # 0 stays
    for n in range(10):
        for other in range(n):
            assert np.abs(digits[n] - digits[other]).sum() > 100.0
