"""Curves through points: shape, ends, wrapping, and what the table loses."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from vedc.errors import InternalError
from vedc.ops.shared import curve

RNG = np.random.default_rng(31)


def random_points(count: int) -> tuple[float, ...]:
    xs = np.sort(RNG.uniform(0, 1, count))
    return tuple(np.stack([xs, RNG.uniform(0, 1, count)], -1).ravel())


def column(points: tuple[float, ...], **options: object) -> np.ndarray:
    return np.array(curve.table(points, **options).data, np.float64)[::3]  # type: ignore[arg-type]


def test_published_values() -> None:
    """The data of Fritsch and Carlson's paper (RPN 14), with SLATEC's slopes.

    The values at the points must be the data, and the curve rises wherever they do.
    """
    xs = (7.99, 8.09, 8.19, 8.7, 9.2, 10.0, 12.0, 15.0, 20.0)
    ys = (0, 2.76429e-5, 4.37498e-2, 0.169183, 0.469428, 0.943740, 0.998636, 0.999919, 0.999994)
    spline = curve.through(tuple(itertools.chain(*zip(xs, ys, strict=True))))
    assert [spline.at(x) for x in xs] == pytest.approx(ys, abs=1e-15)
    dense = [spline.at(x) for x in np.linspace(7.99, 20, 5000)]
    assert (np.diff(dense) >= 0).all()


def test_slopes_are_the_harmonic_mean_of_the_chords() -> None:
    """Fritsch and Butland: between equal steps 2ab / (a + b), and 0 where the data turns."""
    spline = curve.through((0.0, 0.0, 0.25, 0.1, 0.5, 0.4, 0.75, 0.2, 1.0, 0.2))
    a, b = 0.1 / 0.25, 0.3 / 0.25
    assert spline.slopes[1] == pytest.approx(2 * a * b / (a + b))
    assert spline.slopes[2] == spline.slopes[3] == 0.0


@pytest.mark.parametrize("count", [2, 3, 5, 12])
@pytest.mark.parametrize("periodic", [False, True])
def test_no_overshoot(count: int, periodic: bool) -> None:
    for _ in range(20):
        points = random_points(count)
        xs, ys = points[::2], points[1::2]
        values, at = column(points, periodic=periodic), np.linspace(0, 1, curve.SIZE)
        for (x0, y0), (x1, y1) in itertools.pairwise(zip(xs, ys, strict=True)):
            inside = values[(at >= x0) & (at <= x1)]
            assert (inside >= min(y0, y1) - 1e-6).all() and (inside <= max(y0, y1) + 1e-6).all()
            assert (np.diff(inside) * (y1 - y0) >= -1e-6).all()


def test_rising_points_make_a_rising_curve_through_them() -> None:
    points = (0.0, 0.0, 0.2, 0.05, 0.5, 0.7, 1.0, 1.0)
    values = column(points, size=1001)
    assert (np.diff(values) >= 0).all()
    assert values[[0, 200, 500, 1000]] == pytest.approx([0.0, 0.05, 0.7, 1.0], abs=1e-7)


def test_level_beyond_the_ends() -> None:
    values = column((0.25, 0.3, 0.75, 0.6), size=101)
    assert values[:26] == pytest.approx(0.3) and values[75:] == pytest.approx(0.6)


def test_two_points_make_a_straight_line() -> None:
    assert (column((0.0, 0.0, 1.0, 1.0)) == np.linspace(0, 1, 1025)).all()  # not one bit is lost
    assert (column((0.0, 0.5, 1.0, 0.5), periodic=True) == 0.5).all()


def test_a_periodic_curve_is_the_same_wherever_it_is_cut() -> None:
    points = random_points(6)
    xs, ys = np.array(points[::2]), np.array(points[1::2])
    order = np.argsort((xs + 0.37) % 1.0)
    turned = np.stack([((xs + 0.37) % 1.0)[order], ys[order]], -1).ravel()
    one, other = curve.through(points, True), curve.through(tuple(turned), True)
    for x in np.linspace(0, 1, 500):
        assert one.at(float(x)) == pytest.approx(other.at(float((x + 0.37) % 1.0)), abs=1e-12)
    values = column(points, periodic=True)
    assert values[0] == values[-1]


def test_both_ends_of_a_periodic_curve_are_one_point() -> None:
    given = (0.0, 0.6, 0.3, 0.2, 0.7, 0.9, 1.0, 0.6)
    assert curve.table(given, True) == curve.table(given[:-2], True)


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("size", [64, 1025])
def test_the_table_loses_no_more_than_is_said(periodic: bool, size: int) -> None:
    tightest = 0.0
    for count in (2, 3, 6, 10):
        points = random_points(count)
        spline, values = (
            curve.through(points, periodic),
            column(points, periodic=periodic, size=size),
        )
        at = np.linspace(0, 1, 20011)
        straight = np.interp(at, np.linspace(0, 1, size), values)
        worst = np.abs(straight - [spline.at(float(x)) for x in at]).max()
        bound = curve.loss(points, periodic, size)
        assert worst <= bound + 2.0**-24
        tightest = max(tightest, worst / bound)
    assert tightest > 0.2  # the bound is of the right size


def test_an_ordinary_curve_loses_a_twentieth_of_a_code() -> None:
    """An S for contrast, steep as they come, in 10-bit code values."""
    assert curve.loss((0.0, 0.0, 0.25, 0.15, 0.75, 0.85, 1.0, 1.0)) * 1023 < 0.05


def test_tables_are_pure() -> None:
    points = random_points(7)
    assert curve.table(points).data.tobytes() == curve.table(points).data.tobytes()
    table = curve.table(points, size=16)
    assert (table.dims, table.size, len(table.data)) == (1, 16, 48)
    assert table.data[::3] == table.data[1::3] == table.data[2::3]


@pytest.mark.parametrize(
    ("points", "periodic", "words"),
    [
        ((0.0, 0.0), False, "two points"),
        ((0.0, 0.0, 1.0), False, "two points"),
        ((0.5, 0.0, 0.2, 1.0), False, "increasing x"),
        ((0.5, 0.0, 0.5, 1.0), False, "increasing x"),
        ((0.0, float("nan"), 1.0, 1.0), False, "finite"),
        ((0.0, 0.2, 1.0, 0.3), True, "one value"),
        ((-0.1, 0.2, 1.0, 0.3), True, "0 to 1"),
    ],
)
def test_invalid_curves(points: tuple[float, ...], periodic: bool, words: str) -> None:
    assert words in str(curve.problem(points, periodic))
    with pytest.raises(InternalError, match=words):
        curve.table(points, periodic)
