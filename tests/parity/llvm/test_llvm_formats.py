"""Sample layouts, sizes and placements of the CPU kernels against the float64 reference."""

from __future__ import annotations

import itertools
import random

import av
import numpy as np
import pytest

from tests.parity.llvm.llvm_support import (
    EVERY,
    Guarded,
    Picture,
    blank,
    dtype,
    errors,
    picture,
    plane_shapes,
    render,
    targets,
)
from vedc.codegen.image import of_frame
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.host import Host
from vedc.color import CANVAS_COLORS, FORMATS, PixelFormat
from vedc.expr.math import Tracer
from vedc.expr.nodes import Expr, cover, load, node
from vedc.expr.program import FLOAT_LIMIT, Leaf, Program
from vedc.ops.shared import color_conversion

#: One of each class: every subsampling, every sample size, with and without alpha, packed,
#: semi-planar, floating.
CLASSES = (
    "yuv420p",
    "yuva420p10le",
    "yuv422p12le",
    "yuva444p",
    "gbrp10le",
    "gbrap",
    "rgba",
    "nv12",
    "p010le",
    "yuv420p16le",
    "yuva422p16le",
    "gbrapf32le",
    "layer",
)
SIZES = ((1, 1), (31, 7), (33, 5), (67, 3), (64, 4))
PLACES = ((67, 7, 0, 0), (13, 3, -3, -1), (21, 9, 7, 1), (40, 2, 3, -5), (5, 5, 40, 0))


def unit(fmt: PixelFormat) -> float:
    """Just beyond the largest code, as a power of 2."""
    return 1.0 if fmt.floating else 2.0**fmt.depth


def straight(source: PixelFormat, out: PixelFormat, covers: bool) -> Program:
    """Each channel of ``source`` to that of ``out``; 1/8 of the range is added where covered."""
    roots: list[Expr] = []
    # Of depths that are not each other's the ratio is one that float32 holds exactly.
    scale = unit(out) / unit(source)
    for channel in range(out.channels):
        root = load(0, min(channel, source.channels - 1)) * scale
        roots.append(root if covers else root + cover(0) * (unit(out) / 8))
    return Program((Leaf(source, covers),), (), (), out, tuple(roots), 0)


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
@pytest.mark.parametrize("source", CLASSES)
def test_every_layout_to_every_layout(source: str, target: Host) -> None:
    """Exactly: nothing here rounds but the output."""
    # The narrower machines differ in width only: a layout with each subsampling is enough.
    outs = CLASSES if target == targets()[0] else ("yuv420p", "yuv422p12le", "p010le", "layer")
    placed = ("yuv420p", "yuva422p16le", "rgba", "p010le", "layer")
    for out, covers in [*((o, True) for o in outs), *((o, False) for o in placed if o in outs)]:
        program = straight(EVERY[source], EVERY[out], covers)
        kernel = compile_program(program, target=target)
        for seed, (width, height) in enumerate(SIZES):
            for place in [(width, height, 0, 0)] if covers else PLACES[seed % 2 :: 2]:
                leaf = picture(EVERY[source], *place, seed=seed)
                worst = errors(program, [leaf], width, height, kernel=kernel)
                assert worst == 0, (out, (width, height), place)


def test_every_width() -> None:
    fmt = FORMATS["yuv420p"]
    program = straight(fmt, fmt, True)
    kernel = compile_program(program)
    for width in range(1, 71):
        source = picture(fmt, width, 1 + width % 5)
        got = render(program, [source], width, source.height, kernel=kernel)
        for g, w in zip(got, source.planes, strict=True):
            np.testing.assert_array_equal(g, w)


def test_placements_by_chance() -> None:
    """Two placed leaves over a covering one, inside, across and beyond every edge."""
    chance = random.Random(3)
    base, title, inset = FORMATS["yuv420p"], FORMATS["rgba"], FORMATS["yuv420p10le"]
    leaves = (Leaf(base), Leaf(title, covers=False), Leaf(inset, covers=False))
    opacity = load(1, 3) * (1 / 255.0)
    roots = []
    for plane in range(3):
        under = node("select", cover(2), load(2, plane) * 0.25, load(0, plane))
        roots.append(load(1, plane) + under * (1.0 - opacity))
    program = Program(leaves, (), (), base, tuple(roots), 0)
    kernel = compile_program(program)
    for seed in range(40):
        width, height = chance.randint(1, 140), chance.randint(1, 9)
        pictures = [picture(base, width, height, seed=seed)]
        for fmt in (title, inset):
            size = chance.randint(1, 150), chance.randint(1, 12)
            x, y = chance.randint(-size[0] - 2, width + 2), chance.randint(-size[1] - 2, height + 2)
            pictures.append(picture(fmt, *size, x, y, seed=seed))
        assert errors(program, pictures, width, height, kernel=kernel) <= 1, seed


def test_three_placed_leaves() -> None:
    fmt = FORMATS["yuv420p"]
    small = FORMATS["rgba"]
    leaves = (Leaf(fmt), *(Leaf(small, covers=False) for _ in range(3)))
    roots = []
    for plane in range(3):
        root = load(0, plane)
        for leaf in (1, 2, 3):
            root = node("select", cover(leaf), load(leaf, plane), root)
        roots.append(root)
    program = Program(leaves, (), (), fmt, tuple(roots), 0)
    kernel = compile_program(program)
    for k in range(8):
        pictures = [picture(fmt, 200, 6, seed=k)]
        pictures += [picture(small, 30, 3, 9 * k + 40 * i - 20, i, seed=i) for i in range(3)]
        assert errors(program, pictures, 200, 6, kernel=kernel) <= 1


def test_nothing_is_a_leaf() -> None:
    """A generator: no leaf at all, only coordinates."""
    fmt = FORMATS["yuv420p10le"]
    roots = (node("x") * 5.0 + node("y"), node("y") * 3.0, node("x") * 2.0)
    program = Program((), (), (), fmt, roots, 0)
    assert errors(program, [], 67, 9) == 0


@pytest.mark.parametrize("name", EVERY)
def test_every_format_comes_through(name: str) -> None:
    """Decoded and encoded again, to the bit: at 16 bits float32 has little to spare.

    Only constants are simplified, so the matrices are really applied.
    """
    fmt = EVERY[name]
    width, height = 97, 5
    source = picture(fmt, width, height)
    if fmt.alpha and not fmt.floating:  # colours that are seen through lose some bits
        alpha = source.planes[-1][..., 3] if fmt.layout == "rgba" else source.planes[-1]
        alpha[...] = fmt.peak
    if fmt.floating:
        source.planes = [np.nan_to_num(p, nan=0.5, posinf=3.0, neginf=-1.0) for p in source.planes]
        if fmt.alpha:
            source.planes[-1][...] = 1.0
    ranges = ("limited", "full") if fmt.layout == "yuv" else ("full",)
    for range_ in ranges:
        matrix = "bt709" if fmt.layout == "yuv" else "rgb"
        color = CANVAS_COLORS["bt709"].with_(matrix=matrix, range=range_)
        m = Tracer()
        pixel = color_conversion.decode(m, 0, fmt, color)
        roots = color_conversion.encode(m, pixel.rgb, fmt, color, pixel.a if fmt.alpha else None)
        program = Program((Leaf(fmt),), (), (), fmt, tuple(roots), 0)
        got = render(program, [source], width, height)
        for g, w in zip(got, source.planes, strict=True):
            if fmt.floating:
                np.testing.assert_allclose(g, np.minimum(w, FLOAT_LIMIT), rtol=1e-6)
            else:
                np.testing.assert_array_equal(g >> fmt.shift, w >> fmt.shift, (name, range_))
                assert not (g & (1 << fmt.shift) - 1).any()


@pytest.mark.parametrize("name", ["layer", "opaque layer", "gbrpf32le", "gbrapf32le"])
def test_a_floating_plane_holds_no_infinity(name: str) -> None:
    fmt = EVERY[name]
    kernel = compile_program(straight(fmt, fmt, True))
    source = picture(fmt, 61, 17)
    got = render(kernel.program, [source], 61, 17, kernel=kernel)
    for g, w in zip(got, source.planes, strict=True):
        usual = np.isfinite(w) & (np.abs(w) <= FLOAT_LIMIT)
        assert 0 < usual.mean() < 1
        np.testing.assert_array_equal(g[usual], w[usual])
        np.testing.assert_array_equal(g[np.isnan(w)], 0.0)
        np.testing.assert_array_equal(np.abs(g[~usual & ~np.isnan(w)]), FLOAT_LIMIT)


@pytest.mark.parametrize(
    "name",
    ["yuv420p", "yuv422p10le", "yuva444p12le", "gbrp", "rgba", "nv12", "p010le",
     "yuv444p16le", "gbrpf32le", "layer"],
)  # fmt: skip
def test_no_byte_beyond_the_planes_is_touched(name: str) -> None:
    """Planes without padding, each against an unmapped page; a stray read kills this test."""
    fmt = EVERY[name]
    for covers in (True, False):
        program = straight(fmt, fmt, covers)
        kernel = compile_program(program)
        for width, height in ((1, 1), (17, 3), (32, 4), (63, 5), (64, 6), (65, 1), (130, 2)):
            places = [(width, height, 0, 0)] if covers else [(50, 5, 3, -1), (39, 2, -20, 1)]
            for w, h, x, y in places:
                source = Guarded(picture(fmt, w, h, x, y))
                out = Guarded(blank(fmt, width, height))
                kernel([source.picture.image()], (), (), out.picture.image())
                assert out.intact() and source.intact()
                for plane, before in zip(source.picture.planes, source.source.planes, strict=True):
                    np.testing.assert_array_equal(plane, before)


@pytest.mark.parametrize(
    "name",
    ["yuv420p", "yuv422p10le", "yuv444p", "gbrp10le", "rgba", "nv12", "p010le", "yuv420p16le",
     "gbrapf32le"],
)  # fmt: skip
def test_frames_are_read_and_written_in_place(name: str) -> None:
    """PyAV's frames, at a width that FFmpeg pads."""
    fmt = FORMATS[name]
    width, height = 250, 14
    source, out = av.VideoFrame(width, height, name), av.VideoFrame(width, height, name)
    rng = np.random.default_rng(5)
    for plane in source.planes:
        noise = rng.integers(0, fmt.peak + 1, plane.buffer_size // fmt.bytes) << fmt.shift
        plane.update(noise.astype(dtype(fmt)).tobytes())
    kernel = compile_program(straight(fmt, fmt, True))
    kernel([of_frame(source)], (), (), of_frame(out))
    for k, (one, other) in enumerate(zip(out.planes, source.planes, strict=True)):
        columns, rows = fmt.plane_size(k, width, height)
        used = columns * fmt.element_bytes(k)
        got, want = (np.frombuffer(p, np.uint8).reshape(-1, p.line_size) for p in (one, other))
        np.testing.assert_array_equal(got[:rows, :used], want[:rows, :used])


def test_the_threads_floating_point_mode_is_put_back() -> None:
    """Kernels flush denormal numbers; nobody else should see that."""
    fmt = FORMATS["yuv420p"]
    source = picture(fmt, 40, 4)
    denormal = np.array([1e-310])
    render(straight(fmt, fmt, True), [source], 40, 4)
    assert (denormal * 0.5 > 0).all()


def test_padding_of_rows_is_left_alone() -> None:
    fmt = FORMATS["yuv420p"]
    width, height = 45, 7
    source = picture(fmt, width, height)
    backing = [np.full((s[0], s[1] + 13), 99, np.uint8) for s in plane_shapes(fmt, width, height)]
    out = Picture([b[:, :-13] for b in backing], width, height)
    compile_program(straight(fmt, fmt, True))([source.image()], (), (), out.image())
    for plane, padded, want in zip(out.planes, backing, source.planes, strict=True):
        np.testing.assert_array_equal(plane, want)
        assert (padded[:, -13:] == 99).all()


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv444p10le", "nv12", "p010le"])
def test_bands_do_not_change_a_byte(name: str) -> None:
    fmt = FORMATS[name]
    graded = [node("pow", load(0, k) * (1 / fmt.peak), load(0, 0) * 0.01) for k in range(3)]
    roots = tuple(g * float(fmt.peak) + node("x") - node("y") for g in graded)
    program = Program((Leaf(fmt),), (), (), fmt, roots, 0)
    kernel = compile_program(program)
    source = picture(fmt, 77, 29)
    whole = render(program, [source], 77, 29, kernel=kernel)
    last = kernel.block_rows(29)
    cuts = [0, 1, 4, 4, 11, last]
    bands = list(itertools.pairwise(cuts))
    random.Random(1).shuffle(bands)
    split = render(program, [source], 77, 29, kernel=kernel, rows=bands)
    for one, other in zip(whole, split, strict=True):
        np.testing.assert_array_equal(one, other)
