"""The stencils against FFmpeg's filters and Pillow's, on a picture with detail of all sizes."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import av
import av.filter
import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.ops_support import apply
from tests.oracles import record
from tests.parity.llvm.kernel_cases import module
from vedc.report.ops.thumbnails import PICTURES

ROWS, COLUMNS = 120, 168


def picture(smooth: int = 0) -> np.ndarray:
    """(3, rows, columns) in 0..1: shapes, a ramp, noise; made ``smooth`` times smaller and large
    again by Pillow, if asked for."""
    rng = np.random.default_rng(5)
    drawn = Image.new("RGB", (COLUMNS, ROWS), (90, 60, 40))
    pen = ImageDraw.Draw(drawn)
    for _ in range(60):
        x, y, size = rng.integers(0, COLUMNS), rng.integers(0, ROWS), rng.integers(2, 30)
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        box = (int(x), int(y), int(x + size), int(y + size))
        (pen.ellipse if size % 2 else pen.rectangle)(box, fill=color)
    values = np.asarray(drawn, np.float64) / 255
    values[:40, :60] = rng.random((40, 60, 3))
    values[80:, 100:] = np.linspace(0, 1, COLUMNS - 100)[np.newaxis, :, np.newaxis]
    if smooth:
        planes = [
            Image.fromarray(values[..., c].astype(np.float32)).resize(
                (COLUMNS // smooth, ROWS // smooth), Image.Resampling.LANCZOS
            ).resize((COLUMNS, ROWS), Image.Resampling.BICUBIC)
            for c in range(3)
        ]  # fmt: skip
        values = np.dstack([np.asarray(p, np.float64) for p in planes]).clip(0, 1)
    return np.moveaxis(values, -1, 0)


def by_ffmpeg(filters: str, layer: np.ndarray, format: str = "gbrp16le") -> np.ndarray:
    """A layer (3, rows, columns) in 0..1 through a filter chain, on planes of that format."""
    kind, peak = {
        "gbrp": (np.uint8, 255),
        "yuv444p": (np.uint8, 255),
        "gbrp16le": (np.uint16, 65535),
        "gbrpf32le": (np.float32, 1),
    }[format]
    order = (0, 1, 2) if format == "yuv444p" else (1, 2, 0)
    _, rows, columns = layer.shape
    frame = av.VideoFrame(columns, rows, format)
    for plane, channel in zip(frame.planes, order, strict=True):
        values = layer[channel] * peak + (0.5 if peak > 1 else 0.0)
        data = np.zeros((plane.height, plane.line_size), np.uint8)
        packed = values.astype(kind).view(np.uint8).reshape(rows, -1)
        data[:, : packed.shape[1]] = packed
        plane.update(data.tobytes())
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=columns, height=rows, format=frame.format, time_base=frame.time_base
    )
    chain = [graph.add(n.partition("=")[0], n.partition("=")[2]) for n in filters.split(",")]
    for before, after in itertools.pairwise([source, *chain, graph.add("buffersink")]):
        before.link_to(after)
    graph.configure()
    source.push(frame)
    source.push(None)
    made = graph.pull()
    assert made.format.name == format
    size = np.dtype(kind).itemsize
    planes = [
        np.frombuffer(p, np.uint8).reshape(p.height, p.line_size)[:, : columns * size].copy()
        for p in made.planes
    ]
    return np.stack([planes[order.index(c)].view(kind) for c in range(3)]).astype(np.float64) / peak


def whole(layer: np.ndarray, depth: int = 16) -> np.ndarray:
    """A layer in a plane of that depth."""
    peak = (1 << depth) - 1
    return np.floor(layer * peak + 0.5) / peak


def run(name: str, layer: np.ndarray, **params: Any) -> np.ndarray:
    """An op on an opaque layer."""
    opaque = np.concatenate([layer, np.ones((1, ROWS, COLUMNS))])
    made = apply(name, np.moveaxis(opaque, 0, -1), **params)
    return np.moveaxis(made[..., :3], -1, 0)


def difference(ours: np.ndarray, theirs: np.ndarray, rim: int = 0) -> float:
    inner = (slice(None), slice(rim, ROWS - rim), slice(rim, COLUMNS - rim))
    return float(np.abs(ours[inner] - theirs[inner]).max())


def held(op: str, oracle: str, worst: float, limit: float, peak: int = 255) -> None:
    """Record the difference in code values, and hold it under the limit."""
    record(op, oracle, worst * peak, "8-bit codes")
    assert worst * peak <= limit


def gblur(sigma: float) -> str:
    """FFmpeg's filter is a chain of exponentials; the more of them, the nearer to the bell."""
    return ",".join([f"gblur=sigma={sigma / 4}:steps=6"] * 16)


@pytest.mark.parametrize("sigma", [4.0, 7.0, 12.0])
def test_gaussian_blur_of_ffmpeg(sigma: float) -> None:
    """Inside: at the edges it ends differently."""
    layer = picture()
    theirs = by_ffmpeg(gblur(sigma), layer, "gbrpf32le")
    ours = run("gaussian_blur", layer, radius=sigma)
    held("gaussian_blur", "FFmpeg gblur", difference(ours, theirs, math.ceil(4 * sigma)), 1.0)


@pytest.mark.parametrize("sigma", [0.5, 1.5, 9.0])
def test_gaussian_blur_of_opencv(sigma: float) -> None:
    """The same bell, edges included, cut off as far out as ours."""
    layer = picture()
    size = 2 * math.ceil(4 * sigma) + 1
    theirs = [
        cv2.GaussianBlur(p, (size, size), sigma, borderType=cv2.BORDER_REPLICATE) for p in layer
    ]
    ours = run("gaussian_blur", layer, radius=sigma)
    held("gaussian_blur", "OpenCV GaussianBlur", difference(ours, np.stack(theirs)), 1e-9)


def test_gaussian_blur_of_pillow() -> None:
    """Three boxes in a row, on 8 bits; within its radius of an edge it ends differently."""
    layer = whole(picture(), 8)
    image = Image.fromarray((np.moveaxis(layer, 0, -1) * 255 + 0.5).astype(np.uint8))
    theirs = np.asarray(image.filter(ImageFilter.GaussianBlur(5)), np.float64) / 255
    ours = run("gaussian_blur", layer, radius=5.0)
    worst = difference(ours, np.moveaxis(theirs, -1, 0), 5)
    held("gaussian_blur", "Pillow GaussianBlur", worst, 5.5)


@pytest.mark.parametrize("radius", [1, 4, 11])
def test_box_blur(radius: int) -> None:
    layer = picture()
    theirs = by_ffmpeg(f"avgblur=sizeX={radius}", layer)
    ours = run("box_blur", whole(layer), radius=radius)
    held("box_blur", "FFmpeg avgblur", difference(ours, theirs, radius + 1), 0.01)


def test_box_blur_again_and_again() -> None:
    layer = picture()
    theirs = by_ffmpeg(",".join(["avgblur=sizeX=3"] * 3), layer)
    ours = run("box_blur", whole(layer), radius=3, iterations=3)
    held("box_blur", "FFmpeg avgblur, thrice", difference(ours, theirs, 10), 0.02)


def convolution(matrix: np.ndarray, scale: float, bias: float = 0.0) -> str:
    """FFmpeg's filter of that name with one square matrix for every plane."""
    text = " ".join(str(int(v)) for v in matrix.ravel())
    return "convolution=" + ":".join(
        f"{p}m='{text}':{p}rdiv={scale}:{p}bias={bias}" for p in "0123"
    )


@pytest.mark.parametrize(
    ("length", "angle", "line"),
    [
        (7.0, 0.0, np.outer(np.eye(7)[3], np.ones(7))),
        (5.0, 90.0, np.outer([0, 1, 1, 1, 1, 1, 0], np.eye(7)[3])),
        (7.0 * math.sqrt(2), 45.0, np.eye(7)),
        (7.0 * math.sqrt(2), 135.0, np.eye(7)[::-1]),
    ],
)
def test_directional_blur(length: float, angle: float, line: np.ndarray) -> None:
    """Lines that a matrix of pixels can draw exactly."""
    layer = picture()
    theirs = by_ffmpeg(convolution(line, 1.0 / line.sum()), layer, "gbrp")
    ours = run("directional_blur", whole(layer, 8), length=length, angle=angle)
    held("directional_blur", "FFmpeg convolution", difference(ours, theirs, 6), 1.01)


def moved_by_pillow(layer: np.ndarray, map_: tuple[float, ...]) -> np.ndarray:
    """Each plane by Pillow's affine transform; it too counts pixel centres from 1/2."""
    size = (COLUMNS, ROWS)
    return np.stack(
        [
            np.asarray(
                Image.fromarray(p.astype(np.float32)).transform(
                    size, Image.Transform.AFFINE, map_, Image.Resampling.BICUBIC
                ),
                np.float64,
            )
            for p in layer
        ]
    )


def around(scale: float, turn: float) -> tuple[float, ...]:
    x, y = COLUMNS / 2, ROWS / 2
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    return cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y


@pytest.mark.parametrize(
    ("name", "given", "maps"),
    [
        ("zoom_blur", {"amount": 0.3}, [around(1.3 ** (-k / 255), 0.0) for k in range(256)]),
        (
            "spin_blur",
            {"angle": 12.0},
            [around(1.0, -math.radians(12) * k / 255) for k in range(256)],
        ),
    ],
)
def test_zoom_and_spin(name: str, given: dict[str, float], maps: list[tuple[float, ...]]) -> None:
    """The mean of many pictures that Pillow has magnified or turned, each only once."""
    layer = picture(smooth=8)
    theirs = np.mean([moved_by_pillow(layer, m) for m in maps], axis=0)
    ours = run(name, layer, **given)
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    inside = np.hypot(x - COLUMNS / 2, y - ROWS / 2) < ROWS / 2 - 2  # no corner comes into view
    held(name, "Pillow affine", float(np.abs(ours - theirs)[:, inside].max()), 5.0)


@pytest.mark.parametrize(("radius", "blades", "rotation"), [(9.0, 0, 0.0), (14.0, 6, 15.0)])
def test_lens_blur(radius: float, blades: int, rotation: float) -> None:
    """A point of light becomes the shape that Pillow draws, in linear light."""
    dot = np.zeros((3, ROWS, COLUMNS))
    dot[:, ROWS // 2, COLUMNS // 2] = 1.0
    ours = run("lens_blur", dot, radius=radius, blades=blades, rotation=rotation)[0]
    scale = 16
    mask = Image.new("L", (COLUMNS * scale, ROWS * scale))
    pen, x, y = ImageDraw.Draw(mask), (COLUMNS // 2 + 0.5) * scale, (ROWS // 2 + 0.5) * scale
    if blades:
        angles = [math.radians(rotation + 360 * k / blades) for k in range(blades)]
        r = radius * scale
        pen.polygon([(x + r * math.cos(t), y + r * math.sin(t)) for t in angles], fill=255)
    else:
        r = radius * scale
        pen.ellipse((x - r, y - r, x + r - 1, y + r - 1), fill=255)
    theirs = np.asarray(mask, np.float64).reshape(ROWS, scale, COLUMNS, scale).mean(axis=(1, 3))
    theirs /= theirs.sum()
    worst = float(np.abs(ours - theirs).max() / theirs.max())
    record("lens_blur", "Pillow ImageDraw", worst, "parts of the disc's brightness")
    assert worst < 0.06


@pytest.mark.parametrize("amount", [0.8, -0.7])
def test_sharpen(amount: float) -> None:
    """unsharp's 5 x 5 window is the binomial 1 4 6 4 1, a bell of deviation 1."""
    layer = picture(smooth=4)
    text = f"unsharp=5:5:{amount}:5:5:{amount}"
    theirs = by_ffmpeg(text, layer, "yuv444p")  # it takes no other, and treats all planes alike
    ours = run("sharpen", whole(layer, 8), amount=amount, radius=1.0).clip(0, 1)
    held("sharpen", "FFmpeg unsharp", difference(ours, theirs, 4), 1.5)


@pytest.mark.parametrize("radius", [1, 2, 5])
def test_median(radius: int) -> None:
    layer = picture()
    theirs = by_ffmpeg(f"median=radius={radius}", layer)
    seen = whole(layer).astype(np.float32)
    worst = difference(module("median").cpu(seen, radius=radius), theirs, radius)
    held("median", "FFmpeg median", worst, 0.01 if radius <= 2 else 0.13)


def test_median_of_pillow() -> None:
    layer = whole(picture(), 8)
    image = Image.fromarray((np.moveaxis(layer, 0, -1) * 255 + 0.5).astype(np.uint8))
    theirs = np.moveaxis(np.asarray(image.filter(ImageFilter.MedianFilter(5))) / 255.0, -1, 0)
    ours = run("median", layer, radius=2)
    held("median", "Pillow MedianFilter", difference(ours, theirs), 1e-6)


def test_denoise() -> None:
    """nlmeans has sums where we have means, and its strength in tenths of an 8-bit code."""
    noise = np.random.default_rng(8).normal(0, 0.02, (ROWS, COLUMNS))
    layer = (picture(smooth=8)[:1] * 0.8 + 0.1 + noise).clip(0, 1)
    layer = np.repeat(layer, 3, axis=0)  # it works plane by plane
    strength, patch, search = 5.0, 2, 4
    text = f"nlmeans=s={strength}:p={2 * patch + 1}:r={2 * search + 1}"
    theirs = by_ffmpeg(text, layer, "gbrp")
    ours = run(
        "denoise", whole(layer, 8), patch=patch, search=search,
        strength=strength * 10 / 255 / (2 * patch + 1),
    )  # fmt: skip
    held("denoise", "FFmpeg nlmeans", difference(ours, theirs, patch + search), 0.6)


@pytest.mark.parametrize("sigma", [10, 30])
def test_wavelet_denoise(sigma: int) -> None:
    """Different methods give different pictures. On a photograph, ours leaves less white noise than
    FFmpeg's at their best strengths, and is as close to theirs as to the truth."""
    photograph = np.asarray(Image.open(PICTURES / "bunny.jpg").convert("RGB"), np.float64) / 255
    clean = np.moveaxis(photograph[60 : 60 + ROWS, 60 : 60 + COLUMNS], -1, 0)
    grain = np.random.default_rng(sigma).normal(0, sigma / 255, clean.shape)
    noisy = whole((clean + grain).clip(0, 1), 8)

    def off(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.sqrt(((one - other)[:, 8:-8, 8:-8] ** 2).mean()) * 255)

    ours = run("wavelet_denoise", noisy, strength=sigma / 255).clip(0, 1)
    for name, tried in {
        "nlmeans": [f"nlmeans=s={sigma * k}:p=5:r=11" for k in (0.3, 0.4, 0.5, 0.7)],
        "fftdnoiz": [f"fftdnoiz=sigma={sigma * k}" for k in (0.7, 1, 2, 3)],
    }.items():
        made = [by_ffmpeg(text, noisy, "gbrp") for text in tried]
        theirs = min(made, key=lambda each: off(each, clean))
        assert off(ours, clean) < off(theirs, clean) < 0.8 * sigma
        record("wavelet_denoise", f"FFmpeg {name}", off(ours, theirs), "8-bit codes, rms")
        assert off(ours, theirs) < off(theirs, clean)


def test_bilateral() -> None:
    """FFmpeg's filter is a fast approximation of other weights; both clean areas and keep edges."""
    rng = np.random.default_rng(3)
    clean = np.full((3, ROWS, COLUMNS), 0.25)
    clean[:, :, COLUMNS // 2 :] = 0.75
    noisy = clean + rng.normal(0, 0.02, clean.shape[1:])
    theirs = by_ffmpeg("bilateral=sigmaS=3:sigmaR=0.1:planes=7", noisy)
    ours = run("bilateral", whole(noisy), spatial=3.0, tonal=0.3)
    worst = difference(ours, theirs, 8)
    record("bilateral", "FFmpeg bilateral", worst * 255, "8-bit codes")
    for made in (ours, theirs):
        error = (made - clean)[:, 8:-8, 8:-8]
        assert error.std() < 0.008 < 0.02
        assert np.abs(error).max() < 0.06
    assert worst < 0.06


@pytest.mark.parametrize("growing", [True, False])
def test_grow_matte(growing: bool) -> None:
    """One pixel up, down, left and right: the bits of FFmpeg's neighbours."""
    layer = picture()
    cross = 0b01011010
    theirs = by_ffmpeg(f"{'dilation' if growing else 'erosion'}=coordinates={cross}", layer)
    seen = whole(layer).astype(np.float32)
    ours = module("morphology").cpu(seen, radius=1.0 if growing else -1.0)
    name = "FFmpeg dilation" if growing else "FFmpeg erosion"
    held("grow_matte", name, difference(ours, theirs, 1), 1e-4)


def test_edge() -> None:
    layer = picture()
    theirs = by_ffmpeg("sobel=planes=7:scale=0.5", layer, "gbrp")
    ours = run("edge", whole(layer, 8), style="color", amount=0.5)
    held("edge", "FFmpeg sobel", difference(ours, theirs, 1), 1.01)


@pytest.mark.parametrize(
    ("angle", "matrix"),
    [
        (0.0, [[0, 0, 0], [1, 0, -1], [0, 0, 0]]),
        (90.0, [[0, 1, 0], [0, 0, 0], [0, -1, 0]]),
        (180.0, [[0, 0, 0], [-1, 0, 1], [0, 0, 0]]),
    ],
)
def test_emboss(angle: float, matrix: list[list[int]]) -> None:
    layer = np.repeat(picture()[:1], 3, axis=0)
    theirs = by_ffmpeg(convolution(np.array(matrix), 0.5, 127.5), layer, "gbrp")
    ours = run("emboss", whole(layer, 8), angle=angle, height=1.0, amount=0.5)
    held("emboss", "FFmpeg convolution", difference(ours, theirs, 2), 1.01)


def test_rgb_shift() -> None:
    layer = whole(picture(), 8)
    theirs = by_ffmpeg("rgbashift=rh=-5:rv=2:gh=0:gv=3:bh=7:bv=-1:edge=smear", layer, "gbrp")
    ours = run("rgb_shift", layer, red=(-5.0, 2.0), green=(0.0, 3.0), blue=(7.0, -1.0))
    held("rgb_shift", "FFmpeg rgbashift", difference(ours, theirs), 1e-6)


def test_glow() -> None:
    """FFmpeg's blur and its screen blend, one after the other."""
    layer = picture(smooth=4)
    blurred = by_ffmpeg(gblur(4.0), layer, "gbrpf32le")
    theirs = 1 - (1 - layer) * (1 - blurred)
    ours = run("glow", layer, amount=1.0, radius=4.0)
    held("glow", "FFmpeg gblur", difference(ours, theirs, 14), 1.0)


def test_halo() -> None:
    """FFmpeg's blur of the light above the threshold."""
    layer = picture(smooth=4) * 1.5
    brightest = layer.max(axis=0)
    light = layer * np.maximum(brightest - 0.8, 0) / np.maximum(brightest, 1e-9)
    blurred = by_ffmpeg(gblur(5.0), light, "gbrpf32le")
    ours = run("halo", layer, threshold=0.8, radius=5.0, amount=0.7, softness=0.0)
    held("halo", "FFmpeg gblur", difference(ours, layer + 0.7 * blurred, 18), 1.0)
