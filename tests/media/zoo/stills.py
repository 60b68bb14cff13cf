"""Picture files: every usual format, odd pixels, colours, drawings and animations.

Right values are what the maker put in, brought through published formulas where a format says
that its samples are not sRGB.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import PIL.Image

from tests.media.zoo.entry import Entry, Rgb, Right

WIDTH, HEIGHT = 60, 40
LEFT: Rgb = (200, 40, 30)
RIGHT: Rgb = (20, 90, 210)

_HALVES = {(0, 0.25, 0.5): LEFT, (4, 0.75, 0.5): RIGHT}


def halves(channels: int = 3, left: Rgb = LEFT, right: Rgb = RIGHT) -> np.ndarray:
    """(HEIGHT, WIDTH, channels): two colours side by side; alpha, if any, is 255."""
    picture = np.full((HEIGHT, WIDTH, channels), 255, np.uint8)
    picture[:, : WIDTH // 2, :3], picture[:, WIDTH // 2 :, :3] = left, right
    return picture


def _save(**options: Any) -> Callable[[Path], object]:
    return lambda path: PIL.Image.fromarray(halves()).save(path, **options)


def _image(
    name: str,
    why: str,
    make: Callable[[Path], object],
    spots: dict[Any, Rgb] | None = None,
    **more: Any,
) -> Entry:
    right = Right((WIDTH, HEIGHT), frames=5, spots=_HALVES if spots is None else spots, **more)
    return Entry(name, why, make, right, "image")


def light_to_srgb(light: float) -> float:
    """Code of 0 to 255 (IEC 61966-2-1)."""
    light = min(max(light, 0.0), 1.0)
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def srgb_to_light(code: float) -> float:
    part = code / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def linear() -> np.ndarray:
    """The halves as float32 light."""
    return np.vectorize(srgb_to_light)(halves()).astype(np.float32)


def _encoded(codec: str, format: str, samples: np.ndarray) -> Callable[[Path], object]:
    """One picture by one of FFmpeg's encoders; ``samples`` are (height, width, channels)."""

    def make(path: Path) -> None:
        frame = av.VideoFrame(samples.shape[1], samples.shape[0], format)
        if format.startswith("gbr"):
            for plane, channel in zip(frame.planes, (1, 2, 0, 3), strict=False):
                rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
                data = np.ascontiguousarray(samples[..., channel]).view(np.uint8)
                rows[: data.shape[0], : data.shape[1]] = data
        else:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(samples), format=format)
        context = av.CodecContext.create(codec, "w")
        context.width, context.height, context.pix_fmt = frame.width, frame.height, format
        context.time_base = Fraction(1, 25)
        path.write_bytes(
            b"".join(bytes(p) for p in [*context.encode(frame), *context.encode(None)])
        )

    return make


def _opencv(samples: np.ndarray) -> Callable[[Path], object]:
    return lambda path: cv2.imwrite(str(path), samples[..., ::-1])


def _codes(*light: float) -> Rgb:
    red, green, blue = map(light_to_srgb, light)
    return red, green, blue


def _pfm(path: Path) -> None:
    path.write_bytes(b"PF\n60 40\n-1.0\n" + linear()[::-1].astype("<f4").tobytes())


def _svg(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text)


_SQUARES = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 6 4">'
    '<rect width="3" height="4" fill="rgb(200,40,30)"/>'
    '<rect x="3" width="3" height="4" fill="rgb(20,90,210)"/></svg>'
)

_WIDE = halves().astype(np.uint16) * 257

ENTRIES = (
    _image("a.avif", "AVIF", _save(quality=100, subsampling="4:4:4")),
    _image("a.webp", "lossless WebP", _save(lossless=True)),
    _image("a.jp2", "JPEG 2000", _save(quality_mode="rates", quality_layers=[1])),
    _image("a.tga", "TGA with run lengths", _save(compression="tga_rle")),
    _image("a.qoi", "QOI", _save()),
    _image("a.ppm", "PNM", _save()),
    _image("a.dds", "DDS", _save()),
    _image("a.sgi", "SGI", _save()),
    _image("a.pcx", "PCX", _save()),
    _image("a.bmp", "BMP", _save()),
    _image("a.exr", "linear light in OpenEXR", _encoded("exr", "gbrpf32le", linear())),
    _image(
        "a.hdr",
        "linear light in Radiance HDR",
        _opencv(halves(left=(128, 64, 16), right=(4, 32, 64)) / np.float32(128)),
        {
            (0, 0.25, 0.5): _codes(1.0, 0.5, 0.125),
            (4, 0.75, 0.5): _codes(0.03125, 0.25, 0.5),
        },
    ),
    _image("a.pfm", "linear light in PFM, whose rows go up", _pfm),
    _image("float.tiff", "linear light in TIFF", _opencv(linear())),
    _image("16.png", "PNG of 16 bits", _opencv(_WIDE)),
    _image("16.tiff", "TIFF of 16 bits", _opencv(_WIDE)),
    _image("a.dpx", "DPX", _encoded("dpx", "rgb48le", _WIDE)),
    _image("a.svg", "a drawing", _svg(_SQUARES)),
)
