"""Maps of the canvas: what they promise, at places that one can work out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_examples.geometry import EXAMPLES
from tests.ops_support import apply
from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.expr.array_ops import FUNCTIONS
from vedc.expr.derive import footprint, minifies
from vedc.expr.math import Clock, Math, Pixel, Position, Tracer, Vec3
from vedc.expr.nodes import Expr, const, node, walk
from vedc.expr.rules import simplify
from vedc.ops.core import call

ROWS, COLUMNS = 90, 160
Y, X = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
BLANK = np.zeros((ROWS, COLUMNS, 4))
#: A map for displace.
RAMPS = np.stack([X / COLUMNS, Y / ROWS, X * 0.0, X * 0.0 + 1.0], -1)
GEOMETRY = [o.name for o in ops.by_kind("geometry") if o.name in EXAMPLES]
Array = np.ndarray[Any, np.dtype[np.float64]]


def moved(name: str, **params: Any) -> tuple[Array, Array]:
    given = {k: RAMPS if isinstance(v, str) and v == "picture" else v for k, v in params.items()}
    x, y = apply(name, BLANK, **given)
    return x, y


def traced(name: str, **params: Any) -> tuple[Expr, Expr]:
    """The map as the compiler sees it, its parameters constants."""
    m: Math = Tracer()
    grey = Pixel(Vec3(*(const(0.5),) * 3), const(1.0))
    given: dict[str, object] = {}
    for p in ops.get(name).params:
        value = params.get(p.name, p.default)
        if p.kind == "picture":
            given[p.name] = grey
        elif p.kind == "pair":
            given[p.name] = tuple(map(const, value))
        else:
            given[p.name] = const(value) if p.kind == "number" else value
    scene = call.Scene(
        Position(node("x"), node("y"), const(float(COLUMNS)), const(float(ROWS))),
        Clock(const(30.0), const(1.2)),
    )
    x, y = ops.get(name).body(m, **call.arguments(ops.get(name), given, scene))
    first, second = simplify([x, y])
    return first, second


def numbers(*exprs: Expr) -> list[Array]:
    found: dict[Expr, Any] = {}
    with np.errstate(all="ignore"):
        for e in walk(exprs):
            leaf = {"x": X, "y": Y}.get(e.op)
            if e.op == "const":
                leaf = e.value
            found[e] = leaf if leaf is not None else FUNCTIONS[e.op](*(found[a] for a in e.args))
    return [np.broadcast_to(found[e], X.shape) for e in exprs]


def test_every_geometry_op_has_an_example() -> None:
    listed = {o.name for o in ops.by_kind("geometry")}
    assert listed <= EXAMPLES.keys()


@pytest.mark.parametrize("name", GEOMETRY)
def test_maps_are_finite_and_the_same_when_traced(name: str) -> None:
    params = dict(EXAMPLES[name])
    x, y = moved(name, frame=30, **params)
    assert np.isfinite(x).all() and np.isfinite(y).all()
    assert (np.abs(x - X) + np.abs(y - Y)).max() > 1.0  # an example shows something
    if name == "displace":
        return  # when traced, its map is grey
    for ours, by_trace in zip((x, y), numbers(*traced(name, **params)), strict=True):
        np.testing.assert_allclose(by_trace, ours, atol=1e-6)


@pytest.mark.parametrize("name", GEOMETRY)
def test_footprints_are_the_maps_slopes(name: str) -> None:
    """But for the few pixels where a map jumps or folds."""
    x, y = traced(name, **EXAMPLES[name])
    step = numbers(*footprint(x, y))
    values = numbers(x, y)
    wanted = [np.gradient(v, axis=a) for a in (1, 0) for v in values]
    for ours, slope in zip(step, wanted, strict=True):
        inner = np.s_[1:-1, 1:-1]
        off = ~np.isclose(ours[inner], slope[inner], rtol=0.05, atol=0.05)
        assert off.mean() < 0.08


@pytest.mark.parametrize("name", GEOMETRY)
def test_identities_leave_every_point_where_it_is(name: str) -> None:
    op = ops.get(name)
    neutral: dict[str, Any] = {
        "flip": {"horizontal": False}, "scroll": {"speed": (0.0, 0.0)},
        "tile": {"columns": 1.0, "rows": 1.0}, "shake": {"amount": (0.0, 0.0), "rotation": 0.0},
        "displace": {"amount": (0.0, 0.0), "map": BLANK}, "ripple": {"amplitude": 0.0},
        "wave": {"amplitude": 0.0}, "swirl": {"angle": 0.0}, "bulge": {"amount": 0.0},
    }.get(name, {})  # fmt: skip
    values = {**op.defaults(), **neutral}
    if not op.identity(values):
        assert name in ("mirror", "polar", "kaleidoscope", "cylinder", "fisheye", "reframe360")
        return
    x, y = moved(name, frame=30, **neutral)
    np.testing.assert_allclose(x, X, atol=1e-9)
    np.testing.assert_allclose(y, Y, atol=1e-9)
    assert not op.identity({**values, **EXAMPLES[name]})


def test_whole_moves_and_flips_are_whole_in_the_graph() -> None:
    """So float32 cannot blur them: the map is x or y and a whole number."""
    for name, params, wanted in (
        ("transform", {"position": (12.0, -7.0)}, (X - 12.0, Y + 7.0)),
        ("transform", {"scale": (-1.0, 1.0)}, (COLUMNS - X, Y)),
        ("flip", {"vertical": True}, (COLUMNS - X, ROWS - Y)),
        ("scroll", {"speed": (10.0, 0.0)}, (X - 12.0, Y)),
    ):
        x, y = traced(name, **params)
        assert not minifies(footprint(x, y))
        for ours, exact in zip(numbers(x, y), wanted, strict=True):
            np.testing.assert_array_equal(ours.astype(np.float32), exact)


def test_transform_goes_clockwise_down_and_right() -> None:
    x, y = moved("transform", rotation=90.0)
    middle = np.s_[ROWS // 2, COLUMNS // 2 + 20]  # right of the middle: what was above it
    assert x[middle] == pytest.approx(COLUMNS / 2 + 0.5)
    assert y[middle] == pytest.approx(ROWS / 2 - 20.5)
    x, y = moved("transform", position=(10.5, 20.0), scale=(2.0, 0.5), anchor=(0.0, 1.0))
    assert x[0, 0] == pytest.approx((0.5 - 10.5) / 2)
    assert y[0, 0] == pytest.approx(ROWS - (ROWS + 20 - 0.5) * 2)


def test_crop_cuts_to_the_part_of_a_pixel() -> None:
    full = np.ones((10, 10, 4))
    cut = apply("crop", full, left=0.125, right=0.2, top=0.05, bottom=0.45)
    wanted = np.outer([0.5, 1, 1, 1, 1, 0.5, 0, 0, 0, 0], [0, 0.75, 1, 1, 1, 1, 1, 1, 0, 0])
    np.testing.assert_allclose(cut, np.repeat(wanted[..., None], 4, -1), atol=1e-12)
    assert not apply("crop", full, left=0.6, right=0.6).any()


def test_mirror_keeps_the_side_that_its_angle_says() -> None:
    x, y = moved("mirror")
    np.testing.assert_allclose(x[:, :80], X[:, :80], atol=1e-9)
    np.testing.assert_allclose(x[:, 80:], X[:, 79::-1], atol=1e-9)
    _, y = moved("mirror", angle=90.0)
    np.testing.assert_allclose(y[45:], Y[44::-1], atol=1e-9)


def test_kaleidoscope_is_symmetrical() -> None:
    side = np.zeros((101, 101, 4))
    x, y = apply("kaleidoscope", side, segments=4.0, source=20.0)
    np.testing.assert_allclose(np.rot90(x), x, atol=1e-6)
    np.testing.assert_allclose(np.rot90(y), y, atol=1e-6)
    np.testing.assert_allclose(x[::-1], x, atol=1e-6)


def test_corner_pin_takes_corners_to_corners() -> None:
    """And shows nothing behind the horizon."""
    pins = {
        "top_left": (0.2, 0.3), "top_right": (0.7, 0.2),
        "bottom_right": (0.9, 0.9), "bottom_left": (0.1, 0.6),
    }  # fmt: skip
    op = ops.get("corner_pin")
    size = np.float64(COLUMNS), np.float64(ROWS)
    for place, wanted in zip(pins.values(), ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
        at = Position(place[0] * size[0], place[1] * size[1], *size)  # type: ignore[arg-type]
        x, y = op.body(NumpyMath(), at, **{k: tuple(map(np.float64, v)) for k, v in pins.items()})
        np.testing.assert_allclose((x, y), (wanted[0] * size[0], wanted[1] * size[1]), atol=1e-9)
    steep = {"top_left": (0.45, 0.4), "top_right": (0.55, 0.4)}
    _, y = moved("corner_pin", **steep)
    assert (y[:20] < -1e5).all()


def test_swirl_and_bulge_end_at_their_radius() -> None:
    outside = np.hypot(X - COLUMNS / 2, Y - ROWS / 2) > 0.5 * ROWS / 2
    for name, params in (("swirl", {"angle": 300.0}), ("bulge", {"amount": -0.8})):
        x, _ = moved(name, radius=0.5, **params)
        np.testing.assert_allclose(x[outside], X[outside], atol=1e-9)
        assert np.abs(x - X)[~outside].max() > 1.0


@pytest.mark.parametrize("amount", [-1.0, -0.5, 0.5, 0.95])
def test_bulge_never_folds(amount: float) -> None:
    x, _ = moved("bulge", amount=amount)
    assert (np.diff(x[ROWS // 2]) > 0.0).all()


def test_shake_stays_in_bounds_and_does_not_jerk() -> None:
    frames = [moved("shake", frame=n, rotation=0.0, amount=(20.0, 10.0)) for n in range(100)]
    track = np.array([(x[0, 0] - 0.5, y[0, 0] - 0.5) for x, y in frames])
    assert (np.abs(track) <= (20.0, 10.0)).all()
    assert track.std(0).min() > 2.0
    assert np.abs(np.diff(track, axis=0)).max() < 12.0  # at 3 Hz and 25 frames a second
    again = moved("shake", frame=40, rotation=0.0, amount=(20.0, 10.0))
    np.testing.assert_array_equal(again[0], frames[40][0])
    other = moved("shake", frame=40, rotation=0.0, amount=(20.0, 10.0), seed=1)
    assert not np.allclose(other[0], again[0])


def test_displace_by_grey_or_nothing_moves_nothing() -> None:
    grey = np.full((ROWS, COLUMNS, 4), 0.5)
    grey[..., 3] = 1.0
    for map_ in (grey, BLANK):
        x, y = apply("displace", BLANK, map=map_)
        np.testing.assert_allclose((x - X, y - Y), 0.0, atol=1e-12)
    white = np.ones((ROWS, COLUMNS, 4))
    x, y = apply("displace", BLANK, map=white, amount=(7.0, -3.0))
    np.testing.assert_allclose(x - X, 7.0)
    np.testing.assert_allclose(y - Y, -3.0)


def test_pixelate_keeps_the_mean_of_each_cell() -> None:
    picture = np.random.default_rng(4).uniform(0.0, 1.0, (12, 18, 4))
    cells = apply("pixelate", picture, size=(6.0, 4.0))
    wanted = picture.reshape(3, 4, 3, 6, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(cells[4:8, 6:12], np.broadcast_to(wanted[1, 1], (4, 6, 4)))
    np.testing.assert_allclose(apply("pixelate", picture, size=(1.0, 1.0)), picture)
