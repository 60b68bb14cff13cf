"""Sampled leaves of the CPU kernels: ``texel`` against the float64 reference."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.parity.llvm.llvm_support import Guarded, Picture, errors, picture, render, targets
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.host import Host
from vedc.codegen.llvm.module import module_text
from vedc.codegen.llvm.texel import MOST_INLINE
from vedc.codegen.reference.run_program import run
from vedc.color import FORMATS, LAYER, OPAQUE_LAYER, PixelFormat
from vedc.errors import InternalError
from vedc.expr.math import Pixel, Tracer, Vec3
from vedc.expr.nodes import Expr, const, cover, load, node
from vedc.expr.picture import Picture as Sampled
from vedc.expr.program import Leaf, Program

TARGETS = pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
YUV = FORMATS["yuv420p"]


def texel(leaf: int, channel: int, x: Expr | float, y: Expr | float) -> Expr:
    at = (v if isinstance(v, Expr) else const(v) for v in (x, y))
    return node("texel", *at, attr=(leaf, channel))


def program(out: PixelFormat, *roots: Expr, leaf: PixelFormat = LAYER) -> Program:
    return Program((Leaf(leaf, sampled=True),), (), (), out, roots, 0)


def smooth(fmt: PixelFormat, width: int, height: int) -> Picture:
    """A picture without large numbers, NaN and infinities."""
    made = picture(fmt, width, height)
    made.planes = [np.nan_to_num(p, nan=0.3, posinf=1.0, neginf=0.0) for p in made.planes]
    for plane in made.planes:
        np.clip(plane, 0.0, 1.0, out=plane)
    return made


@TARGETS
def test_every_place_of_leaves_of_any_size(target: Host) -> None:
    """Moved, so that all four edges are crossed; smaller and larger than the canvas."""
    x, y = node("x"), node("y")
    roots = tuple(texel(0, k, x * 1.25 - 9.0, y - 3.5 + x * 0.25) for k in range(4))
    p = program(LAYER, *roots)
    kernel = compile_program(p, target=target)
    for width, height in ((1, 1), (23, 9), (50, 14), (200, 40)):
        assert errors(p, [picture(LAYER, width, height)], 57, 13, kernel=kernel) == 0


@TARGETS
def test_places_that_are_none(target: Host) -> None:
    """NaN, infinities and numbers beyond the integers lie outside; -0 lies inside."""
    leaf = smooth(LAYER, 8, 5)
    for value, inside in (
        (math.nan, False), (math.inf, False), (-math.inf, False), (3e38, False),
        (-3e38, False), (2.0**31, False), (2.0**32, False), (-(2.0**31), False), (-0.5, False),
        (-0.0, True), (4.999, True), (5.0, False),
    ):  # fmt: skip
        zero = node("x") * 0.0
        p = program(
            OPAQUE_LAYER,
            texel(0, 0, zero + 2.0, zero + value),
            texel(0, 1, const(2.0), const(value)),
            texel(0, 2, zero + 2.0, node("y") * 0.0 + value),
        )
        kernel = compile_program(p, target=target)
        got = render(p, [leaf], 33, 2, kernel=kernel)
        for channel, plane in enumerate(got):
            want = leaf.planes[channel][int(value), 2] if inside else 0.0
            np.testing.assert_array_equal(plane, want, repr(value))


@TARGETS
def test_rates(target: Host) -> None:
    """Places that are the same for all pixels, for a row, or for a column, share nothing that
    they should not: each kind is requested before and after the others.
    """
    x, y = node("x"), node("y")
    half = const(3.5)
    one = texel(0, 0, half, y) + texel(0, 0, x, half) + texel(0, 0, half, half) + texel(0, 0, x, y)
    two = texel(0, 1, x, y) + texel(0, 1, half, half) + texel(0, 1, x, half) + texel(0, 1, half, y)
    p = program(YUV, one * 60.0, two * 60.0, texel(0, 2, half, half) * 60.0)
    kernel = compile_program(p, target=target)
    assert errors(p, [smooth(LAYER, 41, 9)], 70, 11, kernel=kernel) <= 1


@TARGETS
def test_branches_share_nothing(target: Host) -> None:
    """A placed leaf gives the kernel two bodies, and each must find its own taps."""
    leaves = (Leaf(LAYER, sampled=True), Leaf(FORMATS["rgba"], covers=False))
    roots = tuple(
        texel(0, k, node("x") * 0.5, const(2.0)) * 200.0 + load(1, k) * cover(1) * 0.2
        for k in range(3)
    )
    p = Program(leaves, (), (), YUV, roots, 0)
    kernel = compile_program(p, target=target)
    pictures = [smooth(LAYER, 60, 9), picture(FORMATS["rgba"], 40, 4, 60, 2)]
    assert errors(p, pictures, 150, 9, kernel=kernel) <= 1


@TARGETS
@pytest.mark.parametrize("edge", ["clear", "clamp", "mirror", "repeat"])
def test_filters(edge: str, target: Host) -> None:
    """Turned and scaled through the pictures that ops see, to float planes."""
    m = Tracer()
    for fmt, how in ((LAYER, "linear"), (OPAQUE_LAYER, "linear"), (LAYER, "cubic")):
        clear = Pixel(Vec3(*[const(0.0)] * 3), const(0.0))
        seen = Sampled(m, 0, 40.0, 18.0, clear, alpha=fmt.alpha)
        x, y = node("x") * 0.8 + node("y") * 0.3 - 5.0, node("y") * 0.7 - node("x") * 0.2 + 4.0
        found = seen.at(x, y, edge=edge, filter=how)  # type: ignore[arg-type]
        p = program(LAYER, *found.rgb.channels, found.a, leaf=fmt)
        kernel = compile_program(p, target=target)
        assert errors(p, [smooth(fmt, 40, 18)], 61, 20, kernel=kernel) < 2e-5


def test_loaded_and_sampled_at_once() -> None:
    p = program(
        LAYER, *(load(0, k) * 0.5 + texel(0, k, node("x") + 2.0, node("y")) for k in range(4))
    )
    source = smooth(LAYER, 37, 6)
    assert errors(p, [source], 37, 6) == 0
    with pytest.raises(InternalError, match="37x6 does not cover the canvas of 38x6"):
        render(p, [source], 38, 6)


def test_planes_with_their_own_row_lengths() -> None:
    """Each plane may have its own padding."""
    source = smooth(LAYER, 30, 7)
    for k, plane in enumerate(source.planes):
        room = np.full((7, 30 + 5 * k), np.nan, np.float32)
        room[:, :30] = plane
        source.planes[k] = room[:, :30]
    p = program(LAYER, *(texel(0, k, node("x") - 1.0, node("y") + 1.0) for k in range(4)))
    assert errors(p, [source], 34, 8) == 0


@TARGETS
def test_no_byte_beyond_the_planes_is_read(target: Host) -> None:
    """Planes that end at an unmapped page, asked for far beyond every edge."""
    p = program(
        LAYER, *(texel(0, k, (node("x") - 30.0) * 3e4, (node("y") - 4.0) * 2e4) for k in range(4))
    )
    q = program(LAYER, *(texel(0, k, node("x") - 20.0, node("y") - 4.0) for k in range(4)))
    for each in (p, q):
        kernel = compile_program(each, target=target)
        for width, height in ((1, 1), (17, 3), (33, 4)):
            guarded = Guarded(smooth(LAYER, width, height))
            got = render(each, [guarded.picture], 80, 9, kernel=kernel)
            want = run(each, [guarded.picture.arrays()], (), (), 80, 9)
            np.testing.assert_array_equal(got, want)


@TARGETS
@pytest.mark.parametrize("out", ["yuv420p", "yuv444p"])
def test_runs_of_columns(target: Host, out: str) -> None:
    """Under a map that only moves the picture, up to the last pixel of planes that end at an
    unmapped page; beside it a map that leaves the run on the way."""
    fmt, x, y = FORMATS[out], node("x"), node("y")
    broken = node("select", node("lt", x, const(70.0)), x - 1.0, x * 0.5)
    for at in (x, x - 3.0, x + 5.0, broken):
        roots = tuple(texel(0, k, at, y - 1.0) * 255.0 for k in range(3))
        p = program(fmt, *roots)
        kernel = compile_program(p, target=target)
        guarded = Guarded(smooth(LAYER, 96, 8))
        got = render(p, [guarded.picture], 98, 10, kernel=kernel)
        want = run(p, [guarded.picture.arrays()], (), (), 98, 10)
        for g, w in zip(got, want, strict=True):
            assert np.abs(g.astype(int) - w.astype(int)).max() <= 1


def test_the_largest_canvas() -> None:
    """Row numbers times row lengths of 16384 x 16384 samples: a gibibyte, mostly not there."""
    side = 16384
    plane = np.zeros((side, side), np.float32)  # pages that nobody touches take no memory
    plane[-1, -1], plane[0, -1], plane[-1, 0], plane[9000, 16000] = 1.0, 2.0, 3.0, 4.0
    source = Picture([plane] * 3, side, side)
    last = side - 0.5
    places = ((last, last, 1.0), (last, 0.5, 2.0), (0.5, last, 3.0), (16000.5, 9000.5, 4.0))
    for x, y, value in places:
        at = node("x") * 0.0
        p = program(OPAQUE_LAYER, *[texel(0, 0, at + x, at + y)] * 3, leaf=OPAQUE_LAYER)
        np.testing.assert_array_equal(render(p, [source], 3, 1)[0], value)


def test_gathers_are_quick_to_compile() -> None:
    """LLVM makes a branch per lane of a masked gather where the CPU has no fast one: a bicubic
    sample then takes five times as long to compile."""
    p = program(LAYER, *(texel(0, k, node("x") * 1.25, node("y")) for k in range(4)))
    for target in targets():
        text = module_text(p, target)
        gathers = [line for line in text.splitlines() if "call" in line and "gather" in line]
        assert len(gathers) == 4
        assert target.avx512 or all("splat (i1 true)" in line for line in gathers)


@TARGETS
@pytest.mark.parametrize(("out", "allowed"), [(YUV, 1.0), (LAYER, 1e-3)], ids=["yuv", "layer"])
def test_many_positions_are_read_by_a_function(
    target: Host, out: PixelFormat, allowed: float
) -> None:
    x, y = node("x"), node("y")
    total = [const(0.0)] * 3
    for k in range(MOST_INLINE + 1):
        at = x * (0.5 + 0.01 * k), y + (k - 60.0)
        total = [t + texel(0, c, *at) * (2.0 / MOST_INLINE) for c, t in enumerate(total)]
    roots = total if out is YUV else [*total, const(1.0)]
    p = program(out, *(root * 255.0 for root in roots), leaf=OPAQUE_LAYER)
    assert module_text(p, target).count("@look0(") > MOST_INLINE
    kernel = compile_program(p, target=target)
    assert errors(p, [smooth(OPAQUE_LAYER, 40, 30)], 57, 13, kernel=kernel) <= allowed


def test_what_cannot_be_sampled_is_refused() -> None:
    for leaf in (Leaf(YUV, sampled=True), Leaf(LAYER, covers=False, sampled=True)):
        broken = Program((leaf,), (), (), YUV, tuple(const(0.0) for _ in range(3)), 0)
        with pytest.raises(InternalError, match="a sampled leaf is floating and covers"):
            compile_program(broken)
    p = program(OPAQUE_LAYER, *(texel(0, k, 1.0, 1.0) for k in range(3)), leaf=OPAQUE_LAYER)
    kernel = compile_program(p)
    image = picture(OPAQUE_LAYER, 4, 4).image()
    out = picture(OPAQUE_LAYER, 4, 4).image()
    for pitch, rows in ((18, 4), (1 << 31, 4)):
        rough = type(image)(tuple((a, pitch) for a, _ in image.planes), 4, rows)
        with pytest.raises(InternalError, match=f"rows of {pitch} bytes"):
            kernel([rough], (), (), out)
