"""Ordered dither of the CPU kernels."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from tests.parity.llvm.llvm_support import EVERY, errors, picture, render, targets
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.host import Host
from vedc.color import FORMATS, LAYER, OPAQUE_LAYER, PixelFormat
from vedc.expr.nodes import const, cover, load, node
from vedc.expr.program import BAYER, Leaf, Program

TARGETS = pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
SIZES = ((1, 1), (5, 3), (31, 7), (33, 9), (67, 19), (64, 8))


def ramp(fmt: PixelFormat, leaves: tuple[Leaf, ...] = ()) -> Program:
    """Values between the codes, in steps that do not divide the dither thresholds."""
    x, y = node("x"), node("y")
    roots = [x * (0.37 * (1 + k)) + y * 0.71 + (2.0 + 0.1 * k) for k in range(fmt.channels)]
    for index, leaf in enumerate(leaves):
        part = 0.31 if leaf.covers else 0.17
        roots = [r + load(index, 0) * (part / 256) + cover(index) * part for r in roots]
    return Program(leaves, (), (), fmt, tuple(roots), 0, dither=True)


@TARGETS
@pytest.mark.parametrize(
    "name",
    ["yuv420p", "yuv422p10le", "yuva444p", "gbrp", "rgba", "nv12", "p010le", "yuv420p16le"],
)
def test_the_matrix_lies_on_each_plane(name: str, target: Host) -> None:
    """Sizes that are odd, smaller than a group and larger; alpha as well as colour."""
    fmt = EVERY[name]
    program = ramp(fmt)
    kernel = compile_program(program, target=target)
    for width, height in SIZES:
        assert errors(program, [], width, height, kernel=kernel) == 0, (width, height)


@TARGETS
def test_a_flat_picture_shows_the_matrix(target: Host) -> None:
    """Of 64 samples as many are one code higher as the fraction says, in Bayer's places."""
    for name in ("gbrp", "yuv420p", "nv12"):
        fmt = FORMATS[name]
        for sixty_fourths in (0, 1, 17, 63):
            value = const(100.0 + sixty_fourths / 64)
            program = Program((), (), (), fmt, (value,) * 3, 0, dither=True)
            kernel = compile_program(program, target=target)
            for plane in render(program, [], 48, 32, kernel=kernel):
                rows, columns = plane.shape[:2]
                flat = plane.reshape(rows, columns, -1)
                want = np.array(BAYER) + 0.5 + sixty_fourths / 64 >= 1.0
                tiled = np.tile(want, (rows // 8, columns // 8))
                np.testing.assert_array_equal(flat - 100, np.dstack([tiled] * flat.shape[2]))
                assert want.sum() == sixty_fourths


@TARGETS
def test_whole_numbers_stay(target: Host) -> None:
    """The peak and 0 are included; values beyond are clamped to them."""
    for name in ("yuv420p", "gbrp16le", "p010le"):
        fmt = FORMATS[name]
        roots = tuple(load(0, k) for k in range(3))
        program = Program((Leaf(fmt),), (), (), fmt, roots, 0, dither=True)
        kernel = compile_program(program, target=target)
        source = picture(fmt, 45, 21)
        for got, own in zip(
            render(program, [source], 45, 21, kernel=kernel), source.planes, strict=True
        ):
            np.testing.assert_array_equal(got >> fmt.shift, own >> fmt.shift)
    beyond = (const(-7.0), const(1e6), load(0, 0) * float("nan"))
    fmt = FORMATS["gbrp"]
    program = Program((Leaf(fmt),), (), (), fmt, beyond, 0, dither=True)
    got = render(program, [picture(fmt, 20, 9)], 20, 9)
    for plane, value in zip(got, (0, 255, 0), strict=True):
        np.testing.assert_array_equal(plane, value)


@pytest.mark.parametrize("name", ["yuv420p", "p010le", "gbrp10le", "rgba"])
def test_bands_do_not_change_a_byte(name: str) -> None:
    program = ramp(FORMATS[name])
    kernel = compile_program(program)
    whole = render(program, [], 77, 29, kernel=kernel)
    bands = list(itertools.pairwise([0, 1, 4, 4, 11, kernel.block_rows(29)]))
    random.Random(1).shuffle(bands)
    split = render(program, [], 77, 29, kernel=kernel, rows=bands)
    for one, other in zip(whole, split, strict=True):
        np.testing.assert_array_equal(one, other)


@TARGETS
def test_placed_leaves_do_not_move_the_matrix(target: Host) -> None:
    base, title = FORMATS["yuv420p"], FORMATS["rgba"]
    program = ramp(base, (Leaf(base), Leaf(title, covers=False)))
    kernel = compile_program(program, target=target)
    for x, y in ((0, 0), (13, 3), (-5, -2), (61, 7)):
        pictures = [picture(base, 83, 15), picture(title, 41, 8, x, y)]
        assert errors(program, pictures, 83, 15, kernel=kernel) == 0


@pytest.mark.parametrize("fmt", [LAYER, OPAQUE_LAYER], ids=lambda f: f.name)
def test_floating_planes_are_not_dithered(fmt: PixelFormat) -> None:
    leaf = Leaf(OPAQUE_LAYER)
    roots = tuple(load(0, k % 3) for k in range(fmt.channels))
    plain = Program((leaf,), (), (), fmt, roots, 0)
    dithered = Program((leaf,), (), (), fmt, roots, 0, dither=True)
    source = picture(OPAQUE_LAYER, 30, 9)
    for one, other in zip(
        render(plain, [source], 30, 9), render(dithered, [source], 30, 9), strict=True
    ):
        np.testing.assert_array_equal(one, other)
