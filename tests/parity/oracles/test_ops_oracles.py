"""Ops and conversions against independent programs: OpenColorIO and FFmpeg."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.filter
import numpy as np
import PyOpenColorIO as ocio
import pytest

from tests.oracles import record
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.codegen.reference.run_program import LeafArrays, run
from vedc.color import FORMATS, Color, Range
from vedc.expr.affine import compose
from vedc.expr.math import Lut, Pixel, Position, Tracer, Vec3
from vedc.expr.program import Leaf, Program
from vedc.expr.rules import simplify
from vedc.ops import get
from vedc.ops.shared import color_conversion, cube

RNG = np.random.default_rng(7)
#: Colours from well below black to well above white, and the corners of the cube.
COLORS = np.concatenate(
    [
        RNG.uniform(-0.25, 1.75, (500, 3)),
        RNG.uniform(0.0, 1.0, (500, 3)),
        np.stack(np.meshgrid([0, 1], [0, 1], [0, 1]), -1).reshape(-1, 3),
    ]
)


def by_ocio(transform: ocio.Transform, colors: np.ndarray = COLORS) -> np.ndarray:
    """The colours through an OpenColorIO transform, in its float32."""
    processor = ocio.Config.CreateRaw().getProcessor(transform)
    cpu = processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE)
    pixels = np.ascontiguousarray(colors, np.float32)
    cpu.applyRGB(pixels)
    return pixels.astype(np.float64)


def vec(colors: np.ndarray) -> Vec3:
    return Vec3(*(colors[..., c] for c in range(3)))


def graded(name: str, colors: np.ndarray = COLORS, m: NumpyMath | None = None, **params: Any):
    m = m or NumpyMath()
    declared = get(name)
    values: dict[str, Any] = {}
    for p in declared.params:
        value = params.get(p.name, p.default)
        values[p.name] = m.color(value) if isinstance(value, tuple) else value
    return np.stack(declared.body(m, vec(colors), **values).channels, -1)


def apart(op: str, oracle: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    """Record the largest difference: above white as a part of the value."""
    off = np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1.0)
    record(op, oracle, off.max(), "of white")


# ---------------------------------------------------------------- OpenColorIO


@pytest.mark.parametrize("stops", [-3.0, -0.5, 0.0, 1.0, 2.25])
def test_exposure(stops: float) -> None:
    transform = ocio.ExposureContrastTransform(style=ocio.EXPOSURE_CONTRAST_LINEAR, exposure=stops)
    ours, theirs = graded("exposure", stops=stops), by_ocio(transform)
    apart("exposure", "OpenColorIO ExposureContrast", ours, theirs)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize(("amount", "pivot"), [(1.4, 0.18), (0.6, 0.18), (2.0, 0.5), (0.25, 0.05)])
def test_contrast(amount: float, pivot: float) -> None:
    ours = graded("contrast", amount=amount, pivot=pivot)
    theirs = ocio.ExposureContrastTransform(
        style=ocio.EXPOSURE_CONTRAST_LINEAR, contrast=amount, pivot=pivot
    )
    # Its renderer's power is an approximation, good to 2e-5 ...
    np.testing.assert_allclose(ours, by_ocio(theirs), rtol=3e-5, atol=1e-6)
    # ... so the last digits come from the same formula as a CDL, whose power is exact.
    power, scale = ocio.CDLTransform(), ocio.MatrixTransform()
    power.setSlope([1 / pivot] * 3)
    power.setPower([amount] * 3)
    power.setStyle(ocio.CDL_NO_CLAMP)
    scale.setMatrix(np.diag([pivot, pivot, pivot, 1.0]).ravel().tolist())
    positive = COLORS.clip(0.0)  # without clamping a CDL passes negatives on
    exact = by_ocio(ocio.GroupTransform([power, scale]), positive)
    ours = graded("contrast", positive, amount=amount, pivot=pivot)
    apart("contrast", "OpenColorIO CDL, its power alone", ours, exact)
    np.testing.assert_allclose(ours, exact, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("slope", "offset", "power", "saturation"),
    [
        ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 0.5),
        ((1.2, 0.9, 0.8), (0.05, -0.1, 0.2), (1.0, 1.0, 1.0), 1.0),
        ((1.35, 1.1, 0.71), (0.05, -0.23, 0.11), (0.93, 0.81, 1.27), 1.239),
        ((0.5, 3.0, 1.0), (0.3, 0.0, -0.4), (2.0, 0.4, 1.6), 0.0),
    ],
)
def test_cdl(slope: Any, offset: Any, power: Any, saturation: float) -> None:
    transform = ocio.CDLTransform()
    transform.setSlope(slope)
    transform.setOffset(offset)
    transform.setPower(power)
    transform.setSat(saturation)
    transform.setStyle(ocio.CDL_ASC)
    ours = graded("cdl", slope=slope, offset=offset, power=power, saturation=saturation)
    apart("cdl", "OpenColorIO CDL", ours, by_ocio(transform))
    np.testing.assert_allclose(ours, by_ocio(transform), atol=3e-6)


def cube_file(path: Path, size: int, dims: int = 3) -> Path:
    """A .cube of random values around the identity, and OpenColorIO's float32 digits."""
    steps = np.linspace(0, 1, size)
    if dims == 1:
        grid = np.repeat(steps[:, None], 3, 1)
    else:
        b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
        grid = np.stack([r, g, b], -1).reshape(-1, 3)
    values = (grid + np.random.default_rng(size).uniform(-0.2, 0.2, grid.shape)).clip(0, 1)
    lines = [f"LUT_{dims}D_SIZE {size}", *(" ".join(f"{v:.8f}" for v in row) for row in values)]
    path.write_text("\n".join(lines) + "\n")
    return path


def loaded(path: Path) -> tuple[Lut, NumpyMath]:
    table = cube.read(path)
    shape = (table.size,) * table.dims + (3,)
    values = np.array(table.data, np.float64).reshape(shape)
    lut = Lut(0, table.dims, table.size, table.domain_min, table.domain_max)
    return lut, NumpyMath(tables=[values])


@pytest.mark.parametrize(("dims", "size"), [(3, 2), (3, 17), (3, 33), (1, 2), (1, 32), (1, 1024)])
def test_lut(tmp_path: Path, dims: int, size: int) -> None:
    path = cube_file(tmp_path / "look.cube", size, dims)
    lut, m = loaded(path)
    transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_TETRAHEDRAL)
    if dims == 1:
        transform.setInterpolation(ocio.INTERP_LINEAR)
    ours = graded("lut", m=m, src=lut)
    apart("lut", "OpenColorIO FileTransform", ours, by_ocio(transform))
    # A curve's slope times float32's step, at the end of a long table.
    np.testing.assert_allclose(ours, by_ocio(transform), atol=1e-6 if size < 1000 else 3e-5)


@pytest.mark.parametrize(
    ("transfer", "gamma", "offset"),
    [
        ("bt709", 1 / 0.45, 0.09929682680944),
        ("smpte170m", 1 / 0.45, 0.09929682680944),
        ("iec61966-2-1", 2.4, 0.055),
        ("smpte240m", 1 / 0.45, 0.111572195921731),
    ],
)
def test_curves_with_a_linear_part(transfer: str, gamma: float, offset: float) -> None:
    transform = ocio.ExponentWithLinearTransform([gamma] * 3 + [1], [offset] * 3 + [0])
    transform.setNegativeStyle(ocio.NEGATIVE_MIRROR)
    m = NumpyMath()
    light = np.stack(color_conversion.linearize(m, vec(COLORS), transfer).channels, -1)
    np.testing.assert_allclose(light, by_ocio(transform), rtol=1e-5, atol=2e-6)
    again = np.stack(color_conversion.delinearize(m, vec(light), transfer).channels, -1)
    # sRGB's published knee is rounded: its two parts meet there only to within 3e-8.
    np.testing.assert_allclose(again, COLORS, atol=1e-7 if transfer == "iec61966-2-1" else 1e-12)


@pytest.mark.parametrize(("transfer", "gamma"), [("gamma22", 2.2), ("gamma28", 2.8)])
def test_pure_power_curves(transfer: str, gamma: float) -> None:
    transform = ocio.ExponentTransform([gamma] * 3 + [1.0])
    transform.setNegativeStyle(ocio.NEGATIVE_MIRROR)
    light = np.stack(color_conversion.linearize(NumpyMath(), vec(COLORS), transfer).channels, -1)
    np.testing.assert_allclose(light, by_ocio(transform), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("primaries", "display", "gamma"),
    [("bt2020", "REC.1886-REC.2020", 2.4), ("smpte432", "G2.6-P3-D65", 2.6)],
)
def test_primaries(primaries: str, display: str, gamma: float) -> None:
    """Through XYZ by OpenColorIO's display transforms, their power curves undone here."""

    def builtin(name: str, direction: ocio.TransformDirection) -> ocio.Transform:
        style = f"DISPLAY - CIE-XYZ-D65_to_{name} - MIRROR NEGS"
        return ocio.BuiltinTransform(style=style, direction=direction)

    group = ocio.GroupTransform(
        [
            builtin(display, ocio.TRANSFORM_DIR_INVERSE),
            builtin("REC.1886-REC.709", ocio.TRANSFORM_DIR_FORWARD),
        ]
    )
    light = COLORS[500:]
    theirs = by_ocio(group, light ** (1 / gamma))
    theirs = np.sign(theirs) * np.abs(theirs) ** 2.4
    rows = color_conversion.primaries_matrix(primaries, "bt709")
    ours = np.stack(NumpyMath().matrix(rows, vec(light)).channels, -1)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


# ---------------------------------------------------------------- FFmpeg


def by_ffmpeg(filters: str, *inputs: list[av.VideoFrame]) -> list[av.VideoFrame]:
    """Frames, numbered from 0, through a filter chain; several inputs join in its first."""
    graph = av.filter.Graph()
    names = filters.split(",")
    chain = [graph.add(n.partition("=")[0], n.partition("=")[2]) for n in names]
    sources = []
    for index, frames in enumerate(inputs):
        first = frames[0]
        source = graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=Fraction(1, 25)
        )
        sources.append(source)
        if len(inputs) > 1:  # xfade asks for a constant rate; fps swallows the last frame
            rate = graph.add("fps", "25")
            source.link_to(rate)
            source = rate
        source.link_to(chain[0], 0, index)
    sink = graph.add("buffersink")
    for before, after in itertools.pairwise([*chain, sink]):
        before.link_to(after)
    graph.configure()
    for number, together in enumerate(zip(*inputs, strict=True)):
        for source, frame in zip(sources, together, strict=True):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            source.push(frame)
    for source in sources:
        source.push(None)
    results = []
    while True:
        try:
            results.append(sink.pull())
        except (av.error.EOFError, av.error.BlockingIOError):
            return results


def planar(frame: av.VideoFrame) -> list[np.ndarray]:
    """The planes of a frame, without their padding."""
    kinds = {8: np.uint8, 10: np.uint16, 16: np.uint16, 32: np.float32}
    bits = frame.format.components[0].bits
    planes = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        size = np.dtype(kinds[bits]).itemsize
        planes.append(rows[:, : plane.width * size].copy().view(kinds[bits]))
    return planes


def frame_of(planes: Sequence[np.ndarray], format: str) -> av.VideoFrame:
    height, width = planes[0].shape
    frame = av.VideoFrame(width, height, format)
    for plane, values in zip(frame.planes, planes, strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        data = np.ascontiguousarray(values).view(np.uint8)
        rows[:, : data.shape[1]] = data
        plane.update(rows.tobytes())
    return frame


@pytest.mark.parametrize("size", [2, 17, 33])
def test_lut3d(tmp_path: Path, size: int) -> None:
    """FFmpeg's lut3d on planes of float: the same tetrahedra."""
    path = cube_file(tmp_path / "look.cube", size)
    lut, m = loaded(path)
    colors = COLORS[:960].reshape(24, 40, 3).astype(np.float32)
    frame = frame_of([colors[..., c] for c in (1, 2, 0)], "gbrpf32le")
    (result,) = by_ffmpeg(f"lut3d=file={path}:interp=tetrahedral", [frame])
    theirs = np.stack([planar(result)[p] for p in (2, 0, 1)], -1)
    ours = graded("lut", colors.astype(np.float64), m=m, src=lut)
    apart("lut", "FFmpeg lut3d", ours, theirs)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_lut3d_nearest(tmp_path: Path) -> None:
    path = cube_file(tmp_path / "look.cube", 17)
    lut, m = loaded(path)
    colors = COLORS[:960].reshape(24, 40, 3).astype(np.float32)
    frame = frame_of([colors[..., c] for c in (1, 2, 0)], "gbrpf32le")
    (result,) = by_ffmpeg(f"lut3d=file={path}:interp=nearest", [frame])
    theirs = np.stack([planar(result)[p] for p in (2, 0, 1)], -1)
    ours = graded("lut", colors.astype(np.float64), m=m, src=lut, interpolation="nearest")
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def passed(source: str, target: str, given: Color, wanted: Color, frame: av.VideoFrame):
    """A frame through a program that converts its samples, and nothing else."""
    m = Tracer()
    pixel = color_conversion.decode(m, 0, FORMATS[source], given)
    roots = color_conversion.encode(m, pixel.rgb, FORMATS[target], wanted)
    roots = compose(simplify(roots))
    program = Program((Leaf(FORMATS[source]),), (), (), FORMATS[target], tuple(roots), 0)
    return run(program, [LeafArrays(planar(frame))], [], [], frame.width, frame.height)


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc", "smpte240m", "fcc"])
@pytest.mark.parametrize("range", ["limited", "full"])
@pytest.mark.parametrize("depth", [8, 10])
def test_yuv_to_rgb(matrix: str, range: Range, depth: int) -> None:
    suffix = "" if depth == 8 else "10le"
    unit = 1 << (depth - 8)
    luma = RNG.integers(16 * unit, 236 * unit, (1, 36, 50))
    chroma = RNG.integers(70 * unit, 186 * unit, (2, 36, 50))  # swscale wraps far out of gamut
    planes = np.concatenate([luma, chroma]).astype(np.uint8 if depth == 8 else np.uint16)
    frame = frame_of(list(planes), f"yuv444p{suffix}")
    given = Color(matrix=matrix, range=range)
    name = {"bt2020nc": "bt2020"}.get(matrix, matrix)
    (result,) = by_ffmpeg(
        f"scale=in_color_matrix={name}:in_range={range}:out_range=full"
        f":flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact,format=gbrp{suffix}",
        [frame],
    )
    wanted = Color(matrix="rgb", range="full")
    ours = passed(f"yuv444p{suffix}", f"gbrp{suffix}", given, wanted, frame)
    # From limited to full range swscale makes white 255 * 4 in 10 bits; H.273 says 1023.
    white = 1023 / 1020 if (range, depth) == ("limited", 10) else 1.0
    for mine, theirs in zip(ours, planar(result), strict=True):
        differ = (mine < (1 << depth) - 1) & (np.abs(mine - theirs * white) > 1.5)
        assert not differ.any()


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc"])
@pytest.mark.parametrize("range", ["limited", "full"])
def test_rgb_to_yuv(matrix: str, range: Range) -> None:
    planes = RNG.integers(0, 256, (3, 36, 50)).astype(np.uint8)
    frame = frame_of(list(planes), "gbrp")
    name = {"bt2020nc": "bt2020"}.get(matrix, matrix)
    (result,) = by_ffmpeg(
        f"scale=out_color_matrix={name}:in_range=full:out_range={range}"
        ":flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact,format=yuv444p",
        [frame],
    )
    given, wanted = Color(matrix="rgb", range="full"), Color(matrix=matrix, range=range)
    ours = passed("gbrp", "yuv444p", given, wanted, frame)
    for mine, theirs in zip(ours, planar(result), strict=True):
        assert np.abs(mine.astype(int) - theirs.astype(int)).max() <= 1


def test_one_matrix_to_another() -> None:
    """FFmpeg's colorspace filter, BT.601 samples to BT.709 ones of the same primaries."""
    planes = RNG.integers(30, 220, (3, 36, 50)).astype(np.uint8)
    planes[1:] = planes[1:] // 4 + 96  # within the gamut: the filter clips beyond it
    frame = frame_of(list(planes), "yuv444p")
    (result,) = by_ffmpeg(
        "colorspace=space=bt709:trc=bt709:primaries=bt709:range=tv"
        ":ispace=smpte170m:itrc=bt709:iprimaries=bt709:irange=tv",
        [frame],
    )
    ours = passed("yuv444p", "yuv444p", Color(matrix="smpte170m"), Color(), frame)
    for mine, theirs in zip(ours, planar(result), strict=True):
        assert np.abs(mine.astype(int) - theirs.astype(int)).max() <= 1


def test_saturation_scales_chroma() -> None:
    """FFmpeg's hue filter scales Cb and Cr about 128; so does saturation, seen in YUV."""
    planes = RNG.integers(40, 216, (3, 36, 50)).astype(np.uint8)
    frame = frame_of(list(planes), "yuv444p")
    (result,) = by_ffmpeg("hue=s=0.6", [frame])
    m = Tracer()
    pixel = color_conversion.decode(m, 0, FORMATS["yuv444p"], Color())
    rgb = get("saturation").body(m, pixel.rgb, amount=m.number(0.6))
    roots = compose(simplify(color_conversion.encode(m, rgb, FORMATS["yuv444p"], Color())))
    program = Program((Leaf(FORMATS["yuv444p"]),), (), (), FORMATS["yuv444p"], tuple(roots), 0)
    ours = run(program, [LeafArrays(list(planes))], [], [], 50, 36)
    for mine, theirs in zip(ours, planar(result), strict=True):
        worst = np.abs(mine.astype(int) - theirs.astype(int)).max()
        record("saturation", "FFmpeg hue=s", worst, "8-bit codes")
        assert worst <= 1


def crossed(name: str, pictures: list[np.ndarray], progress: float, **params: Any) -> np.ndarray:
    """A transition of ours between two opaque RGB pictures, shape (3, height, width)."""
    m = NumpyMath()
    height, width = pictures[0].shape[1:]
    a, b = (Pixel(Vec3(*picture / 255.0), m.number(1.0)) for picture in pictures)
    x, y = np.arange(width)[np.newaxis] + 0.5, np.arange(height)[:, np.newaxis] + 0.5
    declared = get(name)
    if declared.positional:
        params["at"] = Position(x, y, m.number(width), m.number(height))
    values = {p.name: p.default for p in declared.params} | params
    result = declared.body(m, a, b, m.number(progress), **values)
    return np.stack([np.broadcast_to(c, (height, width)) for c in result.rgb.channels]) * 255.0


def by_xfade(name: str, pictures: list[np.ndarray]) -> list[np.ndarray]:
    """Ten frames of a transition of ten frames, progress 0, 0.1, ... 0.9."""
    inputs = [
        [frame_of([picture[c] for c in (1, 2, 0)], "gbrp") for _ in range(11)]
        for picture in pictures
    ]
    frames = by_ffmpeg(f"xfade=transition={name}:duration=0.4:offset=0", *inputs)
    assert len(frames) >= 10
    return [np.stack([planar(f)[p] for p in (2, 0, 1)]).astype(float) for f in frames[:10]]


def two_pictures() -> list[np.ndarray]:
    return [RNG.integers(0, 256, (3, 30, 40)).astype(np.uint8) for _ in range(2)]


def test_dissolve() -> None:
    pictures = two_pictures()
    for number, theirs in enumerate(by_xfade("fade", pictures)):
        ours = crossed("dissolve", pictures, number / 10)
        record("dissolve", "FFmpeg xfade=fade", np.abs(ours - theirs).max(), "8-bit codes")
        assert np.abs(ours - theirs).max() < 1.001  # it truncates


@pytest.mark.parametrize("direction", ["left", "right", "up", "down"])
def test_wipe(direction: str) -> None:
    """The same side, the same edge; FFmpeg's is cut at a whole pixel, ours is smoothed."""
    pictures = two_pictures()
    for number, theirs in enumerate(by_xfade(f"wipe{direction}", pictures)):
        ours = crossed("wipe", pictures, number / 10, direction=direction)
        differs = np.abs(ours - theirs).max(axis=0) > 1.0
        across = differs.any(axis=0 if direction in ("left", "right") else 1)
        assert across.sum() <= 2
