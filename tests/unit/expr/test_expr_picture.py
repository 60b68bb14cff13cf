"""Looking at pictures between, beyond and far below their pixels."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from typing import Any, get_args

import numpy as np
import pytest

from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.expr.math import Pixel
from vedc.expr.picture import FLAT, Edge, Footprint, Picture, Pyramid, atlas
from vedc.kernels import pyramid

Array = np.ndarray[Any, np.dtype[np.float64]]
RNG = np.random.default_rng(11)
EDGES = get_args(Edge)
#: Rows and columns, odd ones and tiny ones among them.
SIZES = [(48, 64), (33, 47), (5, 9), (2, 3), (1, 1), (70, 13)]


def picture(rows: int, columns: int) -> Array:
    """Random, premultiplied: (rows, columns, 4)."""
    made = RNG.uniform(0.0, 1.0, (rows, columns, 4))
    made[..., :3] *= made[..., 3:]
    return made


def array(pixel: Pixel, shape: tuple[int, ...]) -> Array:
    return np.stack([np.broadcast_to(c, shape) for c in (*pixel.rgb.channels, pixel.a)], -1)


def shown(
    source: Array, x: Array, y: Array, step: tuple[float, float, float, float], *,
    edge: Edge = "clear", levels: bool = True, alpha: bool = True, **options: Any,
) -> Array:  # fmt: skip
    """A geometry op's picture: from a pyramid, or from the picture alone."""
    rows, columns = source.shape[:2]
    layer = np.moveaxis(source if alpha else source[..., :3], -1, 0)
    footprint = Footprint(*(np.float64(s) for s in step))  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        if levels:
            m = NumpyMath(layers=[pyramid.reference(layer, edge=edge)])
            seen = Pyramid(m, 0, atlas(rows, columns), alpha)
            pixel = seen.at(x, y, footprint=footprint, edge=edge, **options)  # type: ignore[arg-type]
        else:
            m = NumpyMath(layers=[layer])
            here = Picture(m, 0, columns, rows, None, alpha)  # type: ignore[arg-type]
            pixel = here.moved(x, y, footprint, edge=edge)  # type: ignore[arg-type]
    return array(pixel, np.broadcast_shapes(np.shape(x), np.shape(y)))


def grid(rows: int, columns: int) -> tuple[Array, Array]:
    return np.arange(columns)[np.newaxis] + 0.5, np.arange(rows)[:, np.newaxis] + 0.5


STILL = (1.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("step", [(1.0, 1.0), (1.2, 1.2), (FLAT, FLAT), (FLAT, 0.8)])
@pytest.mark.parametrize("probes", [1, 2])
def test_little_minified_a_picture_needs_no_smaller_copies(
    probes: int, step: tuple[float, float], edge: Edge
) -> None:
    source = picture(33, 47)
    x, y = grid(40, 60)
    x, y, moved = x * step[0] - 3.2, y * step[1] - 2.1, (step[0], 0.0, 0.0, step[1])
    m = NumpyMath(layers=[np.moveaxis(source, -1, 0)])
    footprint = Footprint(*map(np.float64, moved))
    pixel = Pyramid(m, 0, atlas(33, 47, 1)).at(
        x, y, footprint=footprint, edge=edge, probes=probes, flat=True
    )
    whole = shown(source, x, y, moved, edge=edge, probes=probes)
    np.testing.assert_allclose(array(pixel, (40, 60)), whole, rtol=0, atol=1e-12)
    pixel = Pyramid(m, 0, atlas(33, 47, 1)).at(
        x, y, footprint=Footprint(1.6, 0.0, 0.0, 1.6), edge=edge, flat=True
    )
    whole = shown(source, x, y, (1.6, 0.0, 0.0, 1.6), edge=edge)
    assert np.abs(array(pixel, (40, 60)) - whole).max() > 0.02  # there it would


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("levels", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_a_picture_that_stays_or_flips_keeps_every_pixel(
    size: tuple[int, int], levels: bool, edge: Edge
) -> None:
    source = picture(*size)
    x, y = grid(*size)
    still = shown(source, x, y, STILL, edge=edge, levels=levels)
    np.testing.assert_array_equal(still, source)
    flipped = shown(source, size[1] - x, y, (-1.0, 0.0, 0.0, 1.0), edge=edge, levels=levels)
    np.testing.assert_array_equal(flipped, source[:, ::-1])


@pytest.mark.parametrize("levels", [True, False])
@pytest.mark.parametrize(
    ("edge", "mode"),
    [("clamp", "edge"), ("mirror", "symmetric"), ("repeat", "wrap"), ("clear", "constant")],
)
def test_a_move_by_whole_pixels_is_exact(levels: bool, edge: Edge, mode: Any) -> None:
    source = picture(20, 30)
    x, y = grid(20, 30)
    moved = shown(source, x - 12.0, y + 7.0, STILL, edge=edge, levels=levels)
    wanted = np.pad(source, ((20, 20), (30, 30), (0, 0)), mode=mode)[27:47, 18:48]
    np.testing.assert_array_equal(moved, wanted)


@pytest.mark.parametrize("levels", [True, False])
def test_a_clear_edge_covers_the_part_of_a_pixel_that_it_crosses(levels: bool) -> None:
    source = np.ones((8, 8, 4))
    x, y = np.arange(-4, 12)[np.newaxis] + 0.5, np.arange(-4, 12)[:, np.newaxis] + 0.5
    moved = shown(source, x - 0.25, y, STILL, levels=levels)[8, :, 3]
    np.testing.assert_allclose(moved, [0.0] * 4 + [0.75] + [1.0] * 7 + [0.25] + [0.0] * 3)
    opaque = shown(source, x - 0.25, y, STILL, levels=levels, alpha=False)[8, :, 3]
    np.testing.assert_allclose(opaque, moved)


def test_a_picture_shrunk_to_less_than_a_pixel_keeps_its_weight() -> None:
    x = (np.arange(-4, 4)[np.newaxis] + 0.5) * 40.0 + 10.0
    y = (np.arange(-4, 4)[:, np.newaxis] + 0.5) * 40.0 + 10.0
    seen = shown(np.ones((20, 20, 4)), x, y, (40.0, 0.0, 0.0, 40.0))
    assert seen[..., 3].sum() == pytest.approx(0.25, abs=0.02)  # (20 / 40) ** 2


@pytest.mark.parametrize("probes", [1, 2, 3])
@pytest.mark.parametrize("edge", ["clamp", "mirror", "repeat"])
def test_one_colour_stays_that_colour(edge: Edge, probes: int) -> None:
    source = np.broadcast_to([0.2, 0.3, 0.4, 0.5], (33, 47, 4))
    for scale, turn in itertools.product((0.3, 1.2, 2.0, 7.3, 500.0), (0.0, 0.4, 1.2)):
        c, s = scale * np.cos(turn), 0.6 * scale * np.sin(turn)
        x, y = RNG.uniform(-200.0, 200.0, (2, 10, 10))
        seen = shown(source, x, y, (c, s, -s, c), edge=edge, probes=probes)
        np.testing.assert_allclose(seen, np.broadcast_to(source[0, 0], seen.shape), atol=1e-9)


@pytest.mark.parametrize("levels", [True, False])
@pytest.mark.parametrize("edge", EDGES)
def test_places_at_infinity_are_no_numbers_to_spread(edge: Edge, levels: bool) -> None:
    x = np.array([[np.inf, -np.inf, np.nan, 3e38, 5.5]])
    for step in (STILL, (np.nan,) * 4, (np.inf, 0.0, 0.0, np.inf)):
        seen = shown(picture(9, 9), x, np.full_like(x, 4.5), step, edge=edge, levels=levels)
        assert np.isfinite(seen[..., :4]).all()
        if edge == "clear":
            assert not seen[0, :4].any()


def test_coverage_stays_a_coverage() -> None:
    source = np.zeros((12, 12, 4))
    source[4:8, 4:8] = 1.0
    x, y = RNG.uniform(0.0, 12.0, (2, 50, 50))
    seen = shown(source, x, y, STILL, levels=False)
    assert seen[..., 3].min() >= 0.0 and seen[..., 3].max() <= 1.0


@pytest.mark.slow
def test_shrinking_slowly_does_not_jump() -> None:
    """Neither between two levels nor where the bicubic fades out."""
    source = picture(64, 64)
    last: Array | None = None
    for scale in np.exp2(np.arange(0.0, 4.0, 0.01)):
        x, y = np.array([[31.7]]), np.array([[29.1]])
        seen = shown(source, x, y, (scale, 0.0, 0.0, scale), edge="clamp")
        if last is not None:
            assert np.abs(seen - last).max() < 0.04
        last = seen


# ---------------------------------------------------------------- the kernel


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("size", SIZES)
def test_levels_lie_apart_and_inside(size: tuple[int, int], edge: Edge) -> None:
    where = atlas(*size)
    taken = np.zeros(where.size, int)
    for level in range(where.levels + 1):
        top, left, rows, columns = where.place(level)
        assert (rows, columns) == tuple(-(-n // 2**level) for n in size)
        taken[top : top + rows, left : left + columns] += 1
        assert taken[top : top + rows, left : left + columns].shape == (rows, columns)
    assert taken.max() == 1
    made = pyramid.reference(np.ones((3, *size)), edge=edge)
    assert made.shape == (3, *where.size)
    np.testing.assert_allclose(made[0], taken, atol=1e-12)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("size", SIZES)
def test_the_cpu_makes_the_same_levels(size: tuple[int, int], edge: Edge) -> None:
    layer = RNG.uniform(-0.5, 1.5, (4, *size))
    made = pyramid.cpu(layer.astype(np.float32), edge=edge)
    assert made.dtype == np.float32
    wanted = pyramid.reference(layer.astype(np.float32).astype(np.float64), edge=edge)
    np.testing.assert_allclose(made, wanted, atol=pyramid.TOLERANCE)


def test_fewer_levels_are_the_first_of_many() -> None:
    layer = RNG.uniform(0.0, 1.0, (3, 40, 40))
    few, many = pyramid.reference(layer, levels=2), pyramid.reference(layer)
    for level in range(3):
        top, left, rows, columns = atlas(40, 40, 2).place(level)
        high, side, *_ = atlas(40, 40).place(level)
        one = few[:, top : top + rows, left : left + columns]
        np.testing.assert_array_equal(one, many[:, high : high + rows, side : side + columns])


ON_GPU = """
import numpy as np, torch
from tests.interpreter import patch_once_a_launch
from vedc.kernels import mosaic, pyramid
patch_once_a_launch()
layer = np.random.default_rng(2).uniform(-0.5, 1.5, (3, 11, 18)).astype(np.float32)
whole, exact = torch.from_numpy(layer), layer.astype(np.float64)
for kernel, args in (
    (pyramid, {"edge": "clamp", "levels": 2}), (pyramid, {"edge": "mirror", "levels": 3}),
    (pyramid, {"edge": "repeat", "levels": 2}), (mosaic, {"across": 6.5, "down": 4.0}),
):
    made = kernel.gpu(whole, **args).numpy()
    assert np.abs(made - kernel.reference(exact, **args)).max() <= kernel.TOLERANCE, args
    made = kernel.cpu(layer, **args)
    assert np.abs(made - kernel.reference(exact, **args)).max() <= kernel.TOLERANCE, args
print("same")
"""


@pytest.mark.slow
def test_triton_makes_the_same() -> None:
    pytest.importorskip("triton")
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    command = [sys.executable, "-c", ON_GPU]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "same", done.stderr
