"""Pictures of more than 8 bits: against OpenCV, against the 8-bit path, and by hand."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import pillow_heif
import pytest
from PIL import Image

from tests.media.zoo import stills as zoo
from vedc.color import FORMATS, Color
from vedc.edit.media_info import VideoInfo
from vedc.media.probe import probe
from vedc.stills.load import load_still

#: Planes G, B, R, A in the order R, G, B, A.
ORDER = (2, 0, 1, 3)


def video_of(path: Path) -> VideoInfo:
    video = probe(path).video
    assert video is not None
    return video


def planes(path: Path, *size: int, **more: Any) -> npt.NDArray[Any]:
    """R, G, B (and A) as (height, width, channels), 16 bits or float32."""
    video = video_of(path)
    width, height = size or video.display_size
    raster = load_still(path, width, height, format=video.pix_fmt, **more)
    assert raster.format == video.pix_fmt
    kind = "<f4" if FORMATS[raster.format].floating else "<u2"
    order = ORDER[: len(raster.planes)]
    return np.stack(
        [np.frombuffer(raster.planes[i], kind).reshape(height, width) for i in order], axis=-1
    )


def noise(channels: int, kind: type = np.uint16) -> npt.NDArray[Any]:
    return np.random.default_rng(channels).integers(0, 65536, (20, 30, channels)).astype(kind)


def swapped(samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Between RGB(A) and OpenCV's BGR(A)."""
    return samples[..., [2, 1, 0, 3][: samples.shape[2]]] if samples.shape[2] > 2 else samples


# Integers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_16_bits_are_kept(tmp_path: Path, suffix: str, channels: int) -> None:
    """Written by OpenCV. Where alpha is 0 no colour is left, and beside it little of one."""
    samples = noise(channels)
    if channels == 4:
        samples[..., 3] = np.maximum(samples[..., 3], 20_000)
    path = tmp_path / f"a.{suffix}"
    cv2.imwrite(str(path), swapped(samples))
    got = planes(path).astype(int)
    wanted = np.repeat(samples, 3, axis=2) if channels == 1 else samples
    assert np.abs(got - wanted).max() <= (2 if channels == 4 else 0)
    assert video_of(path).color == Color("bt709", "iec61966-2-1", "rgb", "full")


def test_grey_and_alpha_of_16_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    frame = av.VideoFrame(30, 20, "ya16be")
    samples = noise(2)
    samples[..., 1] = np.maximum(samples[..., 1], 20_000)
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    rows[:20, :120] = samples.astype(">u2").view(np.uint8).reshape(20, 120)
    context = av.CodecContext.create("png", "w")
    context.width, context.height, context.pix_fmt = 30, 20, "ya16be"
    context.time_base = zoo.Fraction(1, 25)
    path.write_bytes(b"".join(bytes(p) for p in [*context.encode(frame), *context.encode(None)]))
    got = planes(path).astype(int)
    assert np.abs(got[..., 0] - samples[..., 0].astype(int)).max() <= 2
    assert (got[..., 3] == samples[..., 1]).all()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("maximum", [65535, 1023])
def test_pnm_of_16_bits(tmp_path: Path, maximum: int, order: str) -> None:
    """Big-endian by its definition; a smaller maximum is white as well."""
    codes = np.minimum(noise(3), maximum)
    path = tmp_path / "a.ppm"
    path.write_bytes(f"P6 30 20 {maximum}\n".encode() + codes.astype(">u2").tobytes())
    got = planes(path).astype(int)
    assert np.abs(got - codes * (65535 / maximum)).max() <= 1


# Beside the same picture of 8 bits -------------------------------------------------------------


@pytest.fixture(params=["RGB", "RGBA", "turned"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """A smooth picture of 8 and of 16 bits."""
    channels = 4 if request.param == "RGBA" else 3
    small = np.random.default_rng(8).integers(0, 256, (8, 10, channels), np.uint8)
    picture = Image.fromarray(small).resize((120, 90), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x112] = 7 if request.param == "turned" else 1
    picture.save(tmp_path / "8.tiff", exif=exif)
    wide = np.asarray(picture).astype(np.uint16) * 257
    zoo_tiff(tmp_path / "16.tiff", wide, exif[0x112])
    return tmp_path / "8.tiff", tmp_path / "16.tiff"


def zoo_tiff(path: Path, samples: npt.NDArray[np.uint16], orientation: int) -> None:
    """Uncompressed, with an orientation, which OpenCV's writer cannot set."""
    height, width, channels = samples.shape
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, 400), (259, 3, 1, 1),
        (262, 3, 1, 2), (273, 4, 1, 500), (274, 3, 1, orientation), (277, 3, 1, channels),
        (278, 4, 1, height), (279, 4, 1, samples.nbytes),
    ]  # fmt: skip
    if channels == 4:
        tags.append((338, 3, 1, 2))
    entries = b"".join(
        struct.pack("<HHII", tag, kind, count, value) for tag, kind, count, value in tags
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    head = head.ljust(400, b"\0") + struct.pack(f"<{channels}H", *([16] * channels))
    path.write_bytes(head.ljust(500, b"\0") + samples.astype("<u2").tobytes())


@pytest.mark.parametrize(
    "more",
    [
        {"size": "own"},
        {"size": (50, 41)},
        {"size": (300, 200)},
        {"size": (64, 64), "blur": 0.05},
        {"size": (40, 30), "crop": (10.0, 20.0, 60.0, 45.0)},
    ],
)
def test_deep_pictures_are_placed_like_those_of_8_bits(
    pair: tuple[Path, Path], more: dict[str, Any]
) -> None:
    narrow, wide = pair
    assert video_of(narrow).display_size == video_of(wide).display_size
    options = dict(more)
    size = options.pop("size")
    size = video_of(narrow).display_size if size == "own" else size
    one, other = (
        np.frombuffer(load_still(path, *size, **options).planes[0], np.uint8).astype(int)
        for path in pair
    )
    assert np.abs(one - other).max() <= 4
    assert np.abs(one - other).mean() < 0.6


# Light ---------------------------------------------------------------------------------------


def test_light_above_white_and_below_black_is_kept(tmp_path: Path) -> None:
    light = np.linspace(-1, 40, 600, dtype=np.float32).reshape(20, 30)
    path = tmp_path / "a.tiff"
    cv2.imwrite(str(path), light)
    assert (planes(path) == light[..., None]).all()
    video = video_of(path)
    assert video.color.transfer == "linear"
    assert video.peak == pytest.approx(40 * 203)


def test_nan_is_black_and_infinity_is_bright(tmp_path: Path) -> None:
    light = np.ones((4, 6), np.float32)
    light[0, 0], light[0, 1] = np.nan, np.inf
    path = tmp_path / "a.tiff"
    cv2.imwrite(str(path), light)
    got = planes(path)
    assert got[0, 0, 0] == 0 and got[0, 1, 0] == 65504 and got[1, 1, 0] == 1


@pytest.mark.parametrize("compression", ["none", "rle", "zip1", "zip16"])
@pytest.mark.parametrize("kind", ["half", "float"])
def test_openexr(tmp_path: Path, compression: str, kind: str) -> None:
    light = (np.random.default_rng(1).integers(0, 2048, (20, 30, 4)) / 256).astype(np.float32)
    light[..., 3] = 0.5
    path = tmp_path / "a.exr"
    frame = av.VideoFrame(30, 20, "gbrapf32le")
    for plane, channel in zip(frame.planes, (1, 2, 0, 3), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        rows[:20, :120] = np.ascontiguousarray(light[..., channel]).view(np.uint8)
    context = av.CodecContext.create("exr", "w")
    context.width, context.height, context.pix_fmt = 30, 20, "gbrapf32le"
    context.time_base = zoo.Fraction(1, 25)
    context.options = {"compression": compression, "format": kind}
    path.write_bytes(b"".join(bytes(p) for p in [*context.encode(frame), *context.encode(None)]))
    got = planes(path)
    assert (got[..., 3] == 0.5).all()
    # OpenEXR's colours are premultiplied; a kernel format's are not.
    assert np.abs(got[..., :3] - light[..., :3] / 0.5).max() < 1e-5


def write_exr(path: Path, channels: dict[str, npt.NDArray[np.float32]], **more: bytes) -> None:
    """Scan lines of floats, not compressed (OpenEXR file layout)."""
    height, width = next(iter(channels.values())).shape
    names = sorted(channels)
    listed = b"".join(n.encode() + b"\0" + struct.pack("<iB3xii", 2, 0, 1, 1) for n in names)
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    attributes = [
        (b"channels", b"chlist", listed + b"\0"), (b"compression", b"compression", b"\0"),
        (b"dataWindow", b"box2i", window), (b"displayWindow", b"box2i", window),
        (b"lineOrder", b"lineOrder", b"\0"), (b"pixelAspectRatio", b"float", struct.pack("<f", 1)),
        (b"screenWindowCenter", b"v2f", bytes(8)),
        (b"screenWindowWidth", b"float", struct.pack("<f", 1)),
        *((name.encode(), name.encode(), value) for name, value in more.items()),
    ]  # fmt: skip
    head = b"\x76\x2f\x31\x01\x02\0\0\0" + b"".join(
        name + b"\0" + kind + b"\0" + struct.pack("<I", len(value)) + value
        for name, kind, value in attributes
    )
    rows = [
        b"".join(channels[name][y].astype("<f4").tobytes() for name in names) for y in range(height)
    ]
    start = len(head) + 1 + 8 * height
    places = [start + y * (8 + len(rows[0])) for y in range(height)]
    lines = b"".join(struct.pack("<ii", y, len(row)) + row for y, row in enumerate(rows))
    path.write_bytes(head + b"\0" + struct.pack(f"<{height}Q", *places) + lines)


@pytest.mark.parametrize("prefix", ["", "View.Combined."])
def test_the_layers_of_openexr(tmp_path: Path, prefix: str) -> None:
    """Renderers name the layer; other layers beside it are not shown."""
    light = (np.random.default_rng(2).integers(0, 512, (6, 8, 3)) / 64).astype(np.float32)
    channels = {f"{prefix}{name}": light[..., i] for i, name in enumerate("RGB")}
    channels |= {"View.Depth.Z": np.full((6, 8), 1e10, np.float32)}
    write_exr(tmp_path / "a.exr", channels)
    assert (planes(tmp_path / "a.exr") == light).all()


def test_the_primaries_of_openexr(tmp_path: Path) -> None:
    """White stays white; the green of ACES AP1 becomes BT.709's by the published matrix.

    AP1 to linear BT.709 with a Bradford adaptation from ACES white to D65 (ACES, ACEScg to sRGB).
    """
    published = np.array([1.70505, -0.13026, -0.02400, -0.62179, 1.14080, -0.12897,
                          -0.08326, -0.01055, 1.15297]).reshape(3, 3).T  # fmt: skip
    ap1 = struct.pack("<8f", 0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)
    light = np.array([[[1, 1, 1], [0, 1, 0], [0.2, 0.5, 0.8]]], np.float32)
    channels = {name: light[..., i] for i, name in enumerate("RGB")}
    write_exr(tmp_path / "a.exr", channels, chromaticities=ap1)
    assert np.abs(planes(tmp_path / "a.exr") - light @ published.T).max() < 5e-4


def test_a_bright_light_does_not_ring(tmp_path: Path) -> None:
    light = np.full((64, 64), 0.1, np.float32)
    light[20:40, 20:40] = 100
    path = tmp_path / "a.tiff"
    cv2.imwrite(str(path), light)
    for size in (23, 64, 150):
        got = planes(path, size, size)
        assert got.min() >= 0.1 - 1e-4 and got.max() <= 100 + 1e-3


# HDR ------------------------------------------------------------------------------------------


def hdr_halves() -> npt.NDArray[np.uint16]:
    """PQ codes of 10 bits in 16."""
    codes = np.empty((40, 60, 3), np.uint16)
    codes[:, :30], codes[:, 30:] = (700, 400, 300), (200, 300, 500)
    return codes << 6


@pytest.mark.parametrize(("transfer", "name"), [(16, "smpte2084"), (18, "arib-std-b67")])
def test_heif_of_10_bits(tmp_path: Path, transfer: int, name: str) -> None:
    path = tmp_path / "a.heic"
    picture = pillow_heif.from_bytes("RGB;16", (60, 40), hdr_halves().tobytes())
    picture.save(
        path,
        quality=-1,
        chroma=444,
        color_primaries=9,
        transfer_characteristics=transfer,
        matrix_coefficients=9,
        full_range_flag=1,
    )
    assert video_of(path).color == Color("bt2020", name, "rgb", "full")
    got, wanted = planes(path).astype(int), hdr_halves().astype(int)
    assert np.abs(got[20, [10, 50]] - wanted[20, [10, 50]]).max() <= 260


@pytest.mark.parametrize("full", [False, True])
def test_avif_of_10_bits(tmp_path: Path, full: bool) -> None:
    """Y'CbCr by the matrix of BT.2020, computed here in float64 (H.273, 8.3)."""
    signal = np.repeat(hdr_halves()[:1] / 65472, 64, axis=0)[:, 14:].repeat(2, axis=1)[:, :64]
    kr, kb = 0.2627, 0.0593
    y = signal @ [kr, 1 - kr - kb, kb]
    cb, cr = (signal[..., 2] - y) / (2 - 2 * kb), (signal[..., 0] - y) / (2 - 2 * kr)
    spans = (1023, 1023, 0) if full else (876, 896, 64)
    parts = [y * spans[0] + spans[2], cb * spans[1] + 512, cr * spans[1] + 512]
    path = tmp_path / "a.avif"
    with av.open(str(path), "w", format="avif") as out:
        stream = out.add_stream("libsvtav1", rate=1, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 9, 16, 9
        context.color_range = 2 if full else 1
        frame = av.VideoFrame(64, 64, "yuv420p10le")
        for plane, part in zip(frame.planes, parts, strict=True):
            codes = np.rint(part[:: 64 // plane.height, :: 64 // plane.width]).astype("<u2")
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            rows[: plane.height, : 2 * plane.width] = codes.view(np.uint8)
        frame.color_range = context.color_range
        frame.pts = 0
        out.mux([*stream.encode(frame), *stream.encode(None)])
    assert video_of(path).color == Color("bt2020", "smpte2084", "rgb", "full")
    got = planes(path) / 65535
    assert np.abs(got[20, [8, 56]] - signal[20, [8, 56]]).max() < 0.01
