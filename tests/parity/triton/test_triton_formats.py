"""Sample layouts, sizes, placements and launches of the GPU kernels, by Triton's interpreter."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.parity.triton.triton_support import (  # first: Triton is not yet imported
    Frame,
    draw,
    errors,
    render,
)

# isort: split
from tests.parity.llvm.llvm_support import EVERY, Guarded, Picture, blank, picture, plane_shapes
from tests.parity.llvm.test_llvm_formats import CLASSES, straight
from vedc.codegen.image import Image
from vedc.codegen.reference.run_program import run
from vedc.codegen.triton import compile as gpu
from vedc.codegen.triton.tuning import PlaneShape, shape_class
from vedc.color import CANVAS_COLORS, FORMATS
from vedc.errors import InternalError
from vedc.expr.math import Tracer
from vedc.expr.nodes import cover, load, node, param
from vedc.expr.program import BAYER, FLOAT_LIMIT, Leaf, Program
from vedc.ops.shared import color_conversion

#: Even and odd, so that both ways of reading pairs are used.
SIZES = ((16, 6), (7, 3), (18, 1))
PLACES = ((13, 3, -3, -1), (9, 9, 7, 1), (40, 20, -8, -5), (5, 5, 40, 0))


@pytest.mark.parametrize("source", CLASSES)
def test_every_layout_to_every_layout(source: str) -> None:
    """Exactly: nothing here rounds but the output."""
    for k, out in enumerate(CLASSES):
        program = straight(EVERY[source], EVERY[out], True)
        kernel = gpu.compile_program(program)
        width, height = SIZES[k % 3]
        leaf = picture(EVERY[source], width, height, seed=k)
        assert errors(program, [leaf], width, height, kernel=kernel) == 0, (out, width)


@pytest.mark.parametrize("source", CLASSES)
def test_placed_leaves_of_every_layout(source: str) -> None:
    for k, out in enumerate(("yuv420p", "yuv422p12le", "gbrap", "layer")):
        program = straight(EVERY[source], EVERY[out], False)
        kernel = gpu.compile_program(program)
        leaf = picture(EVERY[source], *PLACES[k], seed=k)
        assert errors(program, [leaf], 18 + k % 2, 9, kernel=kernel) == 0, out


@pytest.mark.parametrize("name", EVERY)
def test_every_format_comes_through(name: str) -> None:
    """Decoded and encoded again, to the bit: at 16 bits float32 has little to spare."""
    fmt = EVERY[name]
    width, height = 18, 6
    source = picture(fmt, width, height)
    if fmt.floating:
        source.planes = [np.nan_to_num(p, nan=0.5, posinf=3.0, neginf=-1.0) for p in source.planes]
    if fmt.alpha:  # colours that are seen through lose some bits
        alpha = source.planes[-1][..., 3] if fmt.layout == "rgba" else source.planes[-1]
        alpha[...] = fmt.peak
    matrix = "bt709" if fmt.layout == "yuv" else "rgb"
    color = CANVAS_COLORS["bt709"].with_(
        matrix=matrix, range="limited" if matrix != "rgb" else "full"
    )
    m = Tracer()
    pixel = color_conversion.decode(m, 0, fmt, color)
    roots = color_conversion.encode(m, pixel.rgb, fmt, color, pixel.a if fmt.alpha else None)
    program = Program((Leaf(fmt),), (), (), fmt, tuple(roots), 0)
    for g, w in zip(render(program, [source], width, height), source.planes, strict=True):
        if fmt.floating:
            np.testing.assert_allclose(g, np.minimum(w, FLOAT_LIMIT), rtol=1e-6)
        else:
            np.testing.assert_array_equal(g, w >> fmt.shift << fmt.shift)


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
    kernel = gpu.compile_program(program)
    for seed in range(12):
        width, height = chance.randint(1, 40), chance.randint(1, 9)
        pictures = [picture(base, width, height, seed=seed)]
        for fmt in (title, inset):
            size = chance.randint(1, 50), chance.randint(1, 12)
            x, y = chance.randint(-size[0] - 2, width + 2), chance.randint(-size[1] - 2, height + 2)
            pictures.append(picture(fmt, *size, x, y, seed=seed))
        assert errors(program, pictures, width, height, kernel=kernel) <= 1, seed


@pytest.mark.parametrize(
    "name", ["yuv420p", "yuv422p10le", "yuva444p12le", "rgba", "nv12", "p010le", "layer"]
)
def test_no_byte_beyond_the_planes_is_touched(name: str) -> None:
    """Planes without padding, each against an unmapped page; a stray access kills this test."""
    fmt = EVERY[name]
    for covers in (True, False):
        kernel = gpu.compile_program(straight(fmt, fmt, covers))
        for width, height in ((1, 1), (17, 3), (32, 4)):
            places = [(width, height, 0, 0)] if covers else [(50, 5, 3, -1), (39, 2, -20, 1)]
            for w, h, x, y in places:
                source = Guarded(picture(fmt, w, h, x, y))
                out = Guarded(blank(fmt, width, height))
                draw(kernel, Frame([source.picture], out.picture))
                assert out.intact() and source.intact()


def test_padding_of_rows_is_left_alone() -> None:
    fmt = FORMATS["yuv420p"]
    for width, padding in ((45, 13), (32, 16), (32, 8), (32, 3)):
        source = picture(fmt, width, 7)
        shapes = plane_shapes(fmt, width, 7)
        backing = [np.full((s[0], s[1] + padding), 99, np.uint8) for s in shapes]
        out = Picture([b[:, :-padding] for b in backing], width, 7)
        render(straight(fmt, fmt, True), [source], width, 7, out=out)
        for plane, padded, want in zip(out.planes, backing, source.planes, strict=True):
            np.testing.assert_array_equal(plane, want)
            assert (padded[:, -padding:] == 99).all()


def test_classes_of_shapes_draw_the_same() -> None:
    """Alignment and evenness change how memory is traversed, never a byte."""
    fmt = FORMATS["yuv420p"]
    roots = tuple(
        node("pow", load(0, c) * (1 / 255.0), load(0, 0) * 0.01) * 255.0 for c in range(3)
    )
    kernel = gpu.compile_program(Program((Leaf(fmt),), (), (), fmt, roots, 0))
    width, height = 64, 6
    samples = picture(fmt, width, height)
    seen, drawn = set(), []
    for padding, start in ((0, 0), (16, 4), (2, 0), (1, 1)):
        pictures = []
        for planes in (samples.planes, blank(fmt, width, height).planes):
            moved = []
            for plane in planes:
                memory = np.zeros(plane.nbytes * 2 + 4096, np.uint8)
                begin = -memory.ctypes.data % 64 + start
                stride = plane.shape[1] + padding
                whole = memory[begin : begin + stride * plane.shape[0]]
                moved.append(whole.reshape(plane.shape[0], stride)[:, : plane.shape[1]])
                moved[-1][...] = plane
            pictures.append(Picture(moved, width, height))
        launch = gpu.Launch([pictures[0].image()], (), (), pictures[1].image())
        seen.add(kernel._class(np.array([kernel._fields(launch, launch)])))
        draw(kernel, Frame(pictures[:1], pictures[1]))
        drawn.append(np.concatenate([p.ravel() for p in pictures[1].planes]))
    assert seen == {16, 2, 1, 0}
    assert all((d == drawn[0]).all() for d in drawn)


def test_class_of_a_shape() -> None:
    aligned = [PlaneShape(0x1000, 3840, 2), PlaneShape(0x2000, 1920, 1)]
    assert shape_class(1920, 3840, 2, aligned) == 16
    assert shape_class(1920, 3840, 2, [*aligned, PlaneShape(0x1008, 3840, 2)]) == 4
    assert shape_class(427, 854, 2, aligned) == 1
    assert shape_class(427, 853, 2, aligned) == 0
    assert shape_class(1920, 3840, 2, [PlaneShape(0x1001, 3840, 2)]) == 0


def test_several_frames_in_one_launch() -> None:
    """Each with its own planes, place, size and parameters."""
    base, inset = FORMATS["yuv422p"], FORMATS["rgba"]
    leaves = (Leaf(base), Leaf(inset, covers=False))
    roots = tuple(load(0, c) * param(0) + load(1, c) * param(1) for c in range(3))
    program = Program(leaves, (), (), base, roots, 2)
    kernel = gpu.compile_program(program)
    frames, wanted = [], []
    for k in range(5):
        pictures = [picture(base, 20, 6, seed=k), picture(inset, 3 + k, 2, 4 * k - 2, k, seed=k)]
        params = [0.25 * k, 1.0 / (k + 1)]
        frames.append(Frame(pictures, blank(base, 20, 6), params))
        wanted.append(run(program, [p.arrays() for p in pictures], params, (), 20, 6))
    draw(kernel, *frames)
    draw(kernel)
    for frame, want in zip(frames, wanted, strict=True):
        for g, w in zip(frame.out.planes, want, strict=True):
            assert np.abs(g.astype(int) - w.astype(int)).max() <= 1


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "gbrp16le", "rgba", "nv12", "p010le"])
def test_dither(name: str) -> None:
    """Of fine ramps, to the code; whole numbers stay what they are."""
    fmt = FORMATS[name]
    ramp = [node("x") * 0.37 + node("y") * 0.11, node("x") * 0.3, node("y") * 0.7, node("x")]
    for roots in (ramp, [node("x") + 1.5 for _ in ramp]):
        program = Program((), (), (), fmt, tuple(roots[: fmt.channels]), 0, dither=True)
        got = render(program, [], 29, 19)
        for g, w in zip(got, run(program, [], (), (), 29, 19), strict=True):
            assert (g != w).mean() < 0.01  # float32 meets a threshold now and then
            assert np.abs(g.astype(int) - w.astype(int)).max() <= 1 << fmt.shift


def test_every_threshold_of_the_dither() -> None:
    """A value is rounded up from its place's threshold on: 64 values distinguish all thresholds."""
    fmt = FORMATS["gbrp16le"]
    root = node("floor", node("x") * 0.125) * (1 / 64) + 100.0
    program = Program((), (), (), fmt, (root,) * 3, 0, dither=True)
    got = render(program, [], 8 * 64, 11)[0]
    ups = (got.reshape(11, 64, 8) - 100.0).sum(axis=1)
    threshold = np.array(BAYER)[np.arange(11) % 8]
    np.testing.assert_array_equal(ups, 64 * (threshold + 0.5) - 0.5)


def test_sources_are_files_named_by_what_they_hold(tmp_path: Path) -> None:
    fmt = FORMATS["yuv420p"]
    program = straight(fmt, fmt, True)
    kernel = gpu.compile_program(program, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [kernel.path.name]
    assert kernel.path.read_text() == gpu.source(program)
    assert gpu.compile_program(program, tmp_path).path == kernel.path
    other = gpu.compile_program(replace(program, dither=True), tmp_path)
    assert other.path != kernel.path
    # A damaged file is never run: it is rewritten.
    kernel.path.write_text("raise SystemExit\n")
    again = gpu.compile_program(program, tmp_path)
    assert errors(program, [picture(fmt, 18, 4)], 18, 4, kernel=again) == 0
    assert kernel.path.read_text() == gpu.source(program)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fmt = FORMATS["yuv420p"]
    program = straight(fmt, fmt, True)
    kernel = gpu.compile_program(program, tmp_path / "file" / "below")
    assert errors(program, [picture(fmt, 18, 4)], 18, 4, kernel=kernel) == 0


def test_what_does_not_fit_is_refused() -> None:
    fmt = FORMATS["p010le"]
    kernel = gpu.compile_program(straight(fmt, fmt, True))
    good, small, out = picture(fmt, 8, 4), picture(fmt, 6, 4), blank(fmt, 8, 4)

    def call(image: Image, *params: float) -> None:
        kernel([gpu.Launch([image], params, (), out.image())])

    with pytest.raises(InternalError, match="does not cover"):
        call(small.image())
    with pytest.raises(InternalError, match=" got "):
        call(good.image(), 1.0)
    odd = replace(good.image(), planes=tuple((a + 1, s) for a, s in good.image().planes))
    with pytest.raises(InternalError, match="not aligned"):
        call(odd)
    with pytest.raises(InternalError, match="2 planes, not 1"):
        call(replace(good.image(), planes=good.image().planes[:1]))
    with pytest.raises(InternalError, match="differ in size"):
        kernel(
            [gpu.Launch([p.image()], (), (), blank(fmt, p.width, 4).image()) for p in (good, small)]
        )
