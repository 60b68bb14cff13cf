"""Picture files: every usual format, odd pixels, colours, drawings and animations.

Right values are what the maker put in, brought through published formulas where a format says
that its samples are not sRGB.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import PIL.Image
import pillow_heif

from tests.media.zoo import profiles
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


def _noted(code: str, *entry: Any, **more: Any) -> Entry:
    """An image with one remark by ``validate``."""
    return _image(*entry, notes=frozenset({code}), **more)


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


def _heic(path: Path) -> None:
    pillow_heif.from_pillow(PIL.Image.fromarray(halves())).save(path, quality=-1)


def _lit(left: float, right: float) -> np.ndarray:
    """Greys as float32 light."""
    light = np.full((HEIGHT, WIDTH, 3), right, np.float32)
    light[:, : WIDTH // 2] = left
    return light


def _pfm(path: Path) -> None:
    path.write_bytes(b"PF\n60 40\n-1.0\n" + linear()[::-1].astype("<f4").tobytes())


def _svg(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text)


_SQUARES = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 6 4">'
    '<rect width="3" height="4" fill="rgb(200,40,30)"/>'
    '<rect x="3" width="3" height="4" fill="rgb(20,90,210)"/>{}</svg>'
)

_WIDE = halves().astype(np.uint16) * 257


# ------------------------------------------------------------------------------ pixels


def _clear(channels: np.ndarray) -> np.ndarray:
    """The halves, half transparent on the left."""
    picture = channels.copy()
    picture[:, : WIDTH // 2, 3] = 128
    return picture


#: Over the black canvas.
_BLENDED = {(0, 0.25, 0.5): tuple(part * 128 / 255 for part in LEFT), (4, 0.75, 0.5): RIGHT}


def _palette(path: Path) -> None:
    image = PIL.Image.new("P", (WIDTH, HEIGHT), 1)
    image.putpalette([1, 2, 3, *RIGHT, *LEFT])
    image.paste(2, (0, 0, WIDTH // 2, HEIGHT))
    image.save(path, transparency=bytes([0, 255, 128]))


def _grey(*codes: float) -> dict[Any, Rgb]:
    """Spots of greys, left and right."""
    return {(0, x, 0.5): (code, code, code) for x, code in zip((0.25, 0.75), codes, strict=True)}


def _grey_with_alpha(path: Path) -> None:
    image = PIL.Image.new("LA", (WIDTH, HEIGHT), (200, 128))
    image.paste((60, 255), (WIDTH // 2, 0, WIDTH, HEIGHT))
    image.save(path)


def _one_bit(**options: Any) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        image = PIL.Image.new("1", (WIDTH, HEIGHT))
        image.paste(1, (WIDTH // 2, 0, WIDTH, HEIGHT))
        image.save(path, **options)

    return make


def _cmyk(path: Path) -> None:
    ink = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    ink[:, : WIDTH // 2], ink[:, WIDTH // 2 :] = (0, 128, 255, 51), (255, 64, 0, 0)
    PIL.Image.fromarray(ink, "CMYK").save(path, quality=100, subsampling=0)


#: 255 times (1 - ink) times (1 - black).
_INKED = {(0, 0.25, 0.5): (204, 102, 0), (4, 0.75, 0.5): (0, 191, 255)}


def _pam(path: Path) -> None:
    head = f"P7\nWIDTH {WIDTH}\nHEIGHT {HEIGHT}\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    path.write_bytes(head.encode() + _clear(halves(4)).tobytes())


def _ppm_of_16_bits(path: Path) -> None:
    path.write_bytes(b"P6\n# wide\n60 40\n65535\n" + _WIDE.astype(">u2").tobytes())


def _psd(depth: int) -> Callable[[Path], object]:
    """A flattened picture without layers: header, three empty sections, planes of raw samples."""

    def make(path: Path) -> None:
        samples = _WIDE.astype(">u2") if depth == 16 else halves()
        head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, HEIGHT, WIDTH, depth, 3)
        planes = np.ascontiguousarray(samples.transpose(2, 0, 1)).tobytes()
        path.write_bytes(head + bytes(12) + bytes(2) + planes)

    return make


def _layers_only(path: Path) -> None:
    """A PSD whose version info says that it has no merged picture."""
    _psd(8)(path)
    content = path.read_bytes()
    info = struct.pack(">4sHHIIB", b"8BIM", 1057, 0, 5, 1, 0) + b"\0"
    resources = struct.pack(">I", len(info)) + info
    path.write_bytes(content[:30] + resources + content[34:])


def _bitfields(red: int, green: int, blue: int, bits: int) -> Callable[[Path], object]:
    """A BMP whose masks are given."""

    def part(code: float, mask: int) -> int:
        low = (mask & -mask).bit_length() - 1
        return round(code / 255 * (mask >> low)) << low

    def make(path: Path) -> None:
        words = np.zeros((HEIGHT, WIDTH), f"<u{bits // 8}")
        for side, color in ((slice(0, 30), LEFT), (slice(30, 60), RIGHT)):
            parts = (part(c, m) for c, m in zip(color, (red, green, blue), strict=True))
            words[:, side] = sum(parts)
        pixels = words.tobytes()
        info = struct.pack("<IiiHHIIiiII", 40, WIDTH, -HEIGHT, 1, bits, 3, len(pixels), 0, 0, 0, 0)
        masks = struct.pack("<III", red, green, blue)
        head = struct.pack("<2sIHHI", b"BM", 66 + len(pixels), 0, 0, 66)
        path.write_bytes(head + info + masks + pixels)

    return make


def _icon(path: Path) -> None:
    image = PIL.Image.fromarray(halves()).resize((32, 32), PIL.Image.Resampling.NEAREST)
    image.save(path, sizes=[(16, 16), (32, 32)])


def _pages(path: Path) -> None:
    second = PIL.Image.new("RGB", (20, 20), "lime")
    PIL.Image.fromarray(halves()).save(path, save_all=True, append_images=[second])


# ------------------------------------------------------------------------------ colour


def _tagged(profile: bytes, **options: Any) -> Callable[[Path], object]:
    return _save(icc_profile=profile, **options)


def _light(color: Rgb, gamma: float | None = None) -> np.ndarray:
    if gamma is not None:
        return (np.array(color) / 255) ** gamma
    return np.array([srgb_to_light(code) for code in color])


def _shown(colorants: tuple[tuple[float, ...], ...], gamma: float | None = None) -> dict[Any, Rgb]:
    """The halves of another colour space in sRGB."""
    left, right = (profiles.in_srgb(_light(c, gamma), colorants) for c in (LEFT, RIGHT))
    return {(0, 0.25, 0.5): left, (4, 0.75, 0.5): right}


def _png(*chunks: tuple[bytes, bytes], depth: int = 8) -> Callable[[Path], object]:
    """The halves with further chunks before the pixels."""

    def make(path: Path) -> None:
        samples = _WIDE.astype(">u2") if depth == 16 else halves()
        rows = b"".join(b"\0" + row.tobytes() for row in samples)
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, 2, 0, 0, 0)
        every = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
        written = b"".join(
            struct.pack(">I", len(data)) + name + data
            + struct.pack(">I", zlib.crc32(name + data))
            for name, data in every
        )  # fmt: skip
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + written)

    return make


def _profile_chunk(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"odd\0\0" + zlib.compress(profile)


_LINEAR = {
    (0, 0.25, 0.5): tuple(light_to_srgb(part / 255) for part in LEFT),
    (4, 0.75, 0.5): tuple(light_to_srgb(part / 255) for part in RIGHT),
}

#: x, y of white, red, green and blue of Display P3 in hundred-thousandths.
_P3_CHROMATICITIES = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def _pq(nits: float) -> float:
    """The signal of ITU-R BT.2100 table 4."""
    power = (nits / 10000) ** (2610 / 16384)
    return float(((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32))


def _dim_pq(path: Path) -> None:
    """Greys of 20 and 5 cd/m2, which tone mapping leaves alone, marked by cICP."""
    signals = np.empty((HEIGHT, WIDTH, 3))
    signals[:, : WIDTH // 2], signals[:, WIDTH // 2 :] = _pq(20), _pq(5)
    rows = (signals * 65535).round().astype(">u2")
    data = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"cICP", bytes([9, 16, 0, 1])), (b"IDAT", zlib.compress(data)))
    written = b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
        for name, part in (*chunks, (b"IEND", b""))
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + written)


def _dim_heic(path: Path) -> None:
    """The same as HEIC of 10 bits, marked by nclx."""
    codes = np.empty((HEIGHT, WIDTH, 3), np.uint16)
    codes[:, : WIDTH // 2], codes[:, WIDTH // 2 :] = (round(1023 * _pq(n)) << 6 for n in (20, 5))
    pillow_heif.from_bytes("RGB;16", (WIDTH, HEIGHT), codes.tobytes()).save(
        path,
        quality=-1,
        chroma=444,
        color_primaries=9,
        transfer_characteristics=16,
        matrix_coefficients=9,
        full_range_flag=1,
    )


def _as_bt1886(nits: float) -> float:
    """The code, 0 to 255, for a light on a display whose white is 203 cd/m2."""
    return float(255 * (nits / 203) ** (1 / 2.4))


def _turned(orientation: int) -> Callable[[Path], object]:
    """Left and right as seen; EXIF orientations 5 to 8 are stored sideways."""
    undo = {
        2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
        6: "ROTATE_90", 7: "TRANSVERSE", 8: "ROTATE_270",
    }  # fmt: skip

    def make(path: Path) -> None:
        shown = PIL.Image.fromarray(halves())
        shown.paste((255, 255, 255), (0, 0, 15, 10))
        stored = shown.transpose(getattr(PIL.Image.Transpose, undo[orientation]))
        exif = PIL.Image.Exif()
        exif[0x112] = orientation
        options = {} if path.suffix == ".png" else {"quality": 100, "subsampling": "4:4:4"}
        stored.save(path, exif=exif, **options)

    return make


_UPRIGHT = {(0, 0.1, 0.1): (255, 255, 255), (0, 0.25, 0.7): LEFT, (4, 0.75, 0.3): RIGHT}


# ------------------------------------------------------------------------------ damage


def _cut(make: Callable[[Path], object], part: float) -> Callable[[Path], object]:
    """The beginning of a file."""

    def cut(path: Path) -> None:
        make(path)
        content = path.read_bytes()
        path.write_bytes(content[: round(len(content) * part)])

    return cut


def _noisy(**options: Any) -> Callable[[Path], object]:
    """The halves, with noise on every row so that a file's length is spread over them."""

    def make(path: Path) -> None:
        noise = np.random.default_rng(1).integers(-9, 10, (HEIGHT, WIDTH, 3))
        picture = np.clip(halves().astype(int) + noise, 0, 255).astype(np.uint8)
        PIL.Image.fromarray(picture).save(path, **options)

    return make


_UPPER = {(0, 0.25, 0.2): LEFT, (4, 0.75, 0.2): RIGHT}
_DAMAGED = frozenset({"damaged-image"})


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _refused(name: str, why: str, make: Callable[[Path], object], code: str = "bad-image") -> Entry:
    return Entry(name, why, make, Right((WIDTH, HEIGHT), refused=code), "image")


def _half_floats(path: Path) -> None:
    tags = [
        (256, 4, 1, WIDTH), (257, 4, 1, HEIGHT), (258, 3, 1, 16), (259, 3, 1, 1),
        (262, 3, 1, 1), (273, 4, 1, 200), (277, 3, 1, 1), (278, 4, 1, HEIGHT),
        (279, 4, 1, 2 * WIDTH * HEIGHT), (339, 3, 1, 3),
    ]  # fmt: skip
    entries = b"".join(
        struct.pack("<HHI", tag, kind, count) + struct.pack("<I" if kind == 4 else "<Hxx", value)
        for tag, kind, count, value in tags
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    path.write_bytes(head.ljust(200, b"\0") + np.ones(WIDTH * HEIGHT, "<f2").tobytes())


def _svgz(path: Path) -> None:
    path.write_bytes(gzip.compress(_SQUARES.format("").encode()))


_BILLION = (
    '<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><text>&b;</text></svg>'
)
_EXTERNAL = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + _SQUARES.format(
    "<desc>&x;</desc>"
)
_PLAIN_ENTITY = '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]>' + _SQUARES.format(
    ""
).replace("http://www.w3.org/2000/svg", "&ns;")
_DEEP = _SQUARES.format("<g>" * 5000 + "</g>" * 5000)
_PICTURE_FROM_OUTSIDE = _SQUARES.format('<image width="6" height="4" href="/etc/logo.png"/>')
_LETTERED = _SQUARES.format('<text x="1" y="1" font-size=".3" font-family="Nobody">words</text>')

ENTRIES = (
    _image("a.avif", "AVIF", _save(quality=100, subsampling="4:4:4")),
    _image("a.heic", "HEIC", _heic, tolerance=6),
    _image("a.webp", "lossless WebP", _save(lossless=True)),
    _image("a.jp2", "JPEG 2000", _save(quality_mode="rates", quality_layers=[1])),
    _image("a.tga", "TGA with run lengths", _save(compression="tga_rle")),
    _image("a.qoi", "QOI", _save()),
    _image("a.ppm", "PNM", _save()),
    _image("a.pam", "PAM with alpha", _pam, _BLENDED),
    _image("a.dds", "DDS", _save()),
    _image("a.sgi", "SGI", _save()),
    _image("a.pcx", "PCX", _save()),
    _image("a.bmp", "BMP", _save()),
    _image(
        "565.bmp",
        "BMP with masks of 5, 6 and 5 bits",
        _bitfields(0xF800, 0x7E0, 0x1F, 16),
        tolerance=6,
    ),
    _image("odd.bmp", "BMP with masks of 10 bits", _bitfields(0x3FF, 0xFFC00, 0x3FF00000, 32)),
    _image("a.psd", "PSD, flattened", _psd(8)),
    _image("16.psd", "PSD of 16 bits", _psd(16)),
    Entry(
        "a.ico",
        "ICO with two sizes, of which the larger is shown",
        _icon,
        Right((32, 32), frames=5, spots=_HALVES),
        "image",
    ),
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
    _image("double.tiff", "linear light in TIFF, 64 bits", _opencv(linear().astype(np.float64))),
    Entry(
        "bright.exr",
        "light of four times white",
        _encoded("exr", "gbrpf32le", _lit(0.1, 4.0)),
        Right(
            (WIDTH, HEIGHT),
            frames=5,
            spots={(0, 0.25, 0.5): _codes(0.1, 0.1, 0.1), (0, 0.75, 0.5): (255, 255, 255)},
            notes=frozenset({"tone-mapped"}),
        ),
        "image",
    ),
    _image("16.png", "PNG of 16 bits", _opencv(_WIDE)),
    _image("16.tiff", "TIFF of 16 bits", _opencv(_WIDE)),
    _image("16.ppm", "PNM of 16 bits", _ppm_of_16_bits),
    _image("a.dpx", "DPX", _encoded("dpx", "rgb48le", _WIDE)),
    _image("palette.png", "a palette with alpha", _palette, _BLENDED),
    _image("grey-alpha.png", "grey with alpha", _grey_with_alpha, _grey(200 * 128 / 255, 60)),
    _image("one-bit.png", "PNG of one bit", _one_bit(), _grey(0, 255)),
    _image("fax.tiff", "a fax", _one_bit(compression="group4"), _grey(0, 255)),
    _image("cmyk.jpg", "CMYK as Adobe stores it, inverted", _cmyk, _INKED),
    _image("cmyk.tiff", "CMYK", _cmyk, _INKED),
    _image("pages.tiff", "two pages", _pages),
    _image(
        "progressive.jpg", "progressive JPEG", _save(quality=100, subsampling=0, progressive=True)
    ),
    _image("really-a-png.jpg", "another kind than its name says", _save(format="PNG")),
    _image("p3.png", "Display P3", _tagged(profiles.display_p3()), _shown(profiles.P3)),
    _image(
        "adobe.jpg",
        "Adobe RGB",
        _tagged(profiles.adobe_rgb(), quality=100, subsampling=0),
        _shown(profiles.ADOBE, profiles.ADOBE_GAMMA),
    ),
    _image(
        "p3-16.png",
        "Display P3 of 16 bits",
        _png(_profile_chunk(profiles.display_p3()), depth=16),
        _shown(profiles.P3),
    ),
    _image("linear.png", "gAMA 1", _png((b"gAMA", struct.pack(">I", 100_000))), _LINEAR),
    _image(
        "linear-16.png",
        "gAMA 1, 16 bits",
        _png((b"gAMA", struct.pack(">I", 100_000)), depth=16),
        _LINEAR,
    ),
    _image(
        "chrm.png", "cHRM of Display P3", _png((b"cHRM", _P3_CHROMATICITIES)), _shown(profiles.P3)
    ),
    _image(
        "cicp.png",
        "cICP of Display P3",
        _png((b"cICP", bytes([12, 13, 0, 1]))),
        _shown(profiles.P3),
    ),
    _image(
        "gama-srgb.png",
        "gAMA 1/2.2, as every screenshot has",
        _png((b"gAMA", struct.pack(">I", 45455))),
    ),
    _image(
        "pq.png",
        "PQ, by cICP",
        _dim_pq,
        _grey(_as_bt1886(20), _as_bt1886(5)),
        notes=frozenset({"tone-mapped"}),
    ),
    _noted(
        "tone-mapped",
        "pq.heic",
        "PQ in HEIC",
        _dim_heic,
        _grey(_as_bt1886(20), _as_bt1886(5)),
    ),
    *(
        _image(
            f"exif-{number}.jpg",
            f"EXIF orientation {number}",
            _turned(number),
            _UPRIGHT,
            tolerance=5,
        )
        for number in range(2, 9)
    ),
    _image("exif-7.png", "EXIF orientation 7 in PNG", _turned(7), _UPRIGHT),
    _image("exif-5.avif", "EXIF orientation 5 in AVIF", _turned(5), _UPRIGHT, tolerance=6),
    _image(
        "cut.jpg",
        "JPEG cut short",
        _cut(_noisy(quality=95), 0.7),
        _UPPER,
        tolerance=9,
        notes=_DAMAGED,
    ),
    _image("cut.png", "PNG cut short", _cut(_noisy(), 0.7), _UPPER, tolerance=9, notes=_DAMAGED),
    _image("cut.tiff", "TIFF cut short", _cut(_noisy(), 0.7), _UPPER, tolerance=9, notes=_DAMAGED),
    _image(
        "junk.png", "a damaged profile", _tagged(b"junk" * 40), notes=frozenset({"color-profile"})
    ),
    _image("a.svg", "a drawing", _svg(_SQUARES.format(""))),
    _image("a.svgz", "a packed drawing", _svgz),
    _image("entity.svg", "an entity that is plain text", _svg(_PLAIN_ENTITY)),
    _noted("svg-reference", "external.svg", "an external entity", _svg(_EXTERNAL)),
    _noted("svg-reference", "outside.svg", "a picture outside", _svg(_PICTURE_FROM_OUTSIDE)),
    _image(
        "text.svg",
        "text in a font that is not there",
        _svg(_LETTERED),
        notes=frozenset({"svg-text"}),
    ),
    _refused("billion.svg", "entities of entities", _svg(_BILLION)),
    _refused("deep.svg", "five thousand groups inside one another", _svg(_DEEP)),
    _refused("a.jxl", "JPEG XL", _bytes(b"\xff\x0a" + bytes(40))),
    _refused("layers.psd", "PSD without a flattened picture", _layers_only),
    _refused("a.pdf", "PDF", _bytes(b"%PDF-1.7\n%%EOF\n")),
    _refused("a.eps", "PostScript", _bytes(b"%!PS-Adobe-3.0 EPSF-3.0\nshowpage\n")),
    _refused("a.dng", "a raw photo", _save(format="TIFF")),
    _refused("half.tiff", "half floats", _half_floats),
    _refused("empty.webp", "WebP without pixels", _cut(_noisy(), 0.1), "damaged-media"),
)
