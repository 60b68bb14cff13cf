"""Ops and conversions against programs that nobody here wrote: OpenColorIO and FFmpeg."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.filter
import numpy as np
import PyOpenColorIO as ocio
import pytest

from vedc.codegen.numpy import LeafArrays, NumpyMath, run
from vedc.color import FORMATS, PRIMARIES, Color, Mat3
from vedc.expr.math import Lut, Pixel, Position, Tracer, Vec3
from vedc.expr.nodes import node
from vedc.expr.program import Leaf, Program
from vedc.ops import convert, cube, get

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


# ---------------------------------------------------------------- OpenColorIO


@pytest.mark.parametrize("stops", [-3.0, -0.5, 0.0, 1.0, 2.25])
def test_exposure(stops: float) -> None:
    transform = ocio.ExposureContrastTransform(style=ocio.EXPOSURE_CONTRAST_LINEAR, exposure=stops)
    np.testing.assert_allclose(graded("exposure", stops=stops), by_ocio(transform), atol=1e-6)


@pytest.mark.parametrize(("amount", "pivot"), [(1.4, 0.18), (0.6, 0.18), (2.0, 0.5), (0.25, 0.05)])
def test_contrast(amount: float, pivot: float) -> None:
    transform = ocio.ExposureContrastTransform(
        style=ocio.EXPOSURE_CONTRAST_LINEAR, contrast=amount, pivot=pivot
    )
    ours = graded("contrast", amount=amount, pivot=pivot)
    # OpenColorIO's power is a float32 approximation: exact to 1e-6 relative near 1, less far up.
    np.testing.assert_allclose(ours, by_ocio(transform), rtol=3e-6, atol=1e-6)


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
    light = np.stack(convert.linearize(m, vec(COLORS), transfer).channels, -1)
    np.testing.assert_allclose(light, by_ocio(transform), rtol=1e-5, atol=2e-6)
    again = np.stack(convert.delinearize(m, vec(light), transfer).channels, -1)
    # sRGB's published knee is rounded: there its two parts meet only to 3e-8.
    np.testing.assert_allclose(again, COLORS, atol=1e-7 if transfer == "iec61966-2-1" else 1e-12)


@pytest.mark.parametrize(("transfer", "gamma"), [("gamma22", 2.2), ("gamma28", 2.8)])
def test_pure_power_curves(transfer: str, gamma: float) -> None:
    transform = ocio.ExponentTransform([gamma] * 3 + [1.0])
    transform.setNegativeStyle(ocio.NEGATIVE_MIRROR)
    light = np.stack(convert.linearize(NumpyMath(), vec(COLORS), transfer).channels, -1)
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
    rows = convert.primaries_matrix(primaries, "bt709")
    ours = np.stack(NumpyMath().matrix(rows, vec(light)).channels, -1)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


# ---------------------------------------------------------------- FFmpeg


def by_ffmpeg(filters: str, *inputs: list[av.VideoFrame]) -> list[av.VideoFrame]:
    """Frames through a filter graph: one source for each input, ``filters`` joins them."""
    graph = av.filter.Graph()
    joined = None
    for index, frames in enumerate(inputs):
        source = graph.add_buffer(template=None, width=frames[0].width, height=frames[0].height,
                                  format=frames[0].format, time_base=Fraction(1, 25))
        rate = graph.add("fps", "25")
        source.link_to(rate)
        if joined is None:
            name, _, arguments = filters.partition("=")
            joined = graph.add(name, arguments)
        rate.link_to(joined, 0, index)
    assert joined is not None
    sink = graph.add("buffersink")
    joined.link_to(sink)
    graph.configure()
    sources = [c for c in graph._context_by_ptr.values()] if False else []
    del sources
    return []
