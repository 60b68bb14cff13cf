"""Detection of a picture file's kind by its first bytes; by its name only for TGA and PCX.

A file is never read as another kind than its bytes indicate, whatever its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from vedc.edit.media_info import ProbeError
from vedc.support.lazy_dataclass import dataclass

#: Bytes from the start of a file that determine its kind.
HEAD_BYTES: Final = 4096

ReadBy = Literal["pillow", "resvg", "ffmpeg", "opencv"]
"""The library that decodes a kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    """As in ``MediaInfo.container`` and ``VideoInfo.codec``."""
    title: str
    """The readable name."""
    read_by: ReadBy = "pillow"
    pillow: tuple[str, ...] = ()
    """Pillow's names of the format."""
    moves: bool = False
    """Whether it may hold an animation."""


_PNM: Final = Kind("pnm", "PNM", pillow=("PPM",))

#: Kinds by name. Pillow has more, some of which run interpreters (EPS) or are stubs.
KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("png", "PNG", pillow=("PNG",), moves=True),
        Kind("jpeg", "JPEG", pillow=("JPEG", "MPO")),
        Kind("gif", "GIF", pillow=("GIF",), moves=True),
        Kind("webp", "WebP", pillow=("WEBP",), moves=True),
        Kind("bmp", "BMP", pillow=("BMP",)),
        Kind("tiff", "TIFF", pillow=("TIFF",)),
        Kind("avif", "AVIF", pillow=("AVIF",), moves=True),
        Kind("heif", "HEIF", pillow=("HEIF",)),
        Kind("jpeg2000", "JPEG 2000", pillow=("JPEG2000",)),
        Kind("psd", "PSD", pillow=("PSD",)),
        Kind("qoi", "QOI", pillow=("QOI",)),
        Kind("dds", "DDS", pillow=("DDS",)),
        Kind("ico", "ICO", pillow=("ICO", "CUR")),
        Kind("icns", "ICNS", pillow=("ICNS",)),
        Kind("sgi", "SGI", pillow=("SGI",)),
        Kind("sun", "Sun raster", pillow=("SUN",)),
        Kind("pcx", "PCX", pillow=("PCX",)),
        Kind("tga", "TGA", pillow=("TGA",)),
        _PNM,
        Kind("pam", "PAM", "ffmpeg"),
        Kind("pfm", "PFM", "opencv"),
        Kind("exr", "OpenEXR", "ffmpeg"),
        Kind("hdr", "Radiance HDR", "ffmpeg"),
        Kind("dpx", "DPX", "ffmpeg"),
        Kind("svg", "SVG", "resvg"),
    )
}

#: First bytes, as patterns that are compiled where the first file is read.
_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (rb"\x89PNG\r\n\x1a\n", "png"),
    (rb"\xff\xd8\xff", "jpeg"),
    (rb"GIF8[79]a", "gif"),
    (rb"RIFF....WEBP", "webp"),
    (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", "bmp"),
    (rb"II[*+]\x00|MM\x00[*+]", "tiff"),
    (rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51\x00", "jpeg2000"),
    (rb"8BPS\x00[\x01\x02]", "psd"),
    (rb"qoif", "qoi"),
    (rb"DDS \x7c\x00\x00\x00", "dds"),
    (rb"\x00\x00[\x01\x02]\x00[\x01-\xff]\x00", "ico"),
    (rb"icns", "icns"),
    (rb"\x01\xda[\x00\x01][\x01\x02]\x00", "sgi"),
    (rb"\x59\xa6\x6a\x95", "sun"),
    (rb"P[1-6]\s", "pnm"),
    (rb"P7\n", "pam"),
    (rb"P[Ff]\n", "pfm"),
    (rb"\x76\x2f\x31\x01", "exr"),
    (rb"#\?(RADIANCE|RGBE)\s", "hdr"),
    (rb"SDPX|XPDS", "dpx"),
)
#: Brands of ISO base media files that hold pictures (ISO/IEC 23008-12, AVIF 1.1).
_BRANDS: Final = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heif",
    b"heix": "heif",
    b"heim": "heif",
    b"heis": "heif",
}
#: Brands that leave the codec to the compatible ones; a sequence of HEVC pictures is video.
_GENERAL_BRANDS: Final = {b"mif1": "heif", b"mif2": "heif", b"miaf": "heif", b"msf1": ""}

#: Extensions of raw photos, most of which begin as TIFF does.
_RAW: Final = frozenset({
    ".3fr", ".arw", ".cr2", ".crw", ".dng", ".erf", ".iiq", ".kdc", ".mos", ".mrw", ".nef",
    ".nrw", ".orf", ".pef", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
})  # fmt: skip
_DEVELOP: Final = "develop it in a raw converter, and use its TIFF or JPEG"
_EXPORT: Final = "export it as PNG, or as SVG where it is a drawing"

#: Known kinds that are not read: (signature, name, advice).
_REFUSED: Final[tuple[tuple[bytes, str, str], ...]] = (
    (
        rb"\xff\x0a|\x00\x00\x00\x0cJXL \r\n\x87\n",
        "a JPEG XL picture",
        "convert it to PNG or AVIF, for example with djxl",
    ),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript file", _EXPORT),
    (rb"%PDF-", "a PDF document", _EXPORT),
    (rb"gimp xcf", "a GIMP project", "export it as PNG or TIFF"),
    (rb"\xd7\xcd\xc6\x9a|\x01\x00\x00\x00.{36} EMF", "a Windows metafile", _EXPORT),
    (rb"FUJIFILMCCD-RAW|....ftypcrx |II\x1a\x00\x00\x00HEAPCCDR", "a raw photo", _DEVELOP),
    (
        rb"PK\x03\x04.{26}mimetypeimage/openraster|PK\x03\x04.{26}mimetypeapplication/x-krita",
        "a layered painting",
        "export it as PNG",
    ),
    (rb"SIMPLE  =", "a FITS file", "convert it to TIFF or PNG"),
)


def kind_of(path: Path, head: bytes) -> Kind | None:
    """The kind of picture by ``head``, a file's first ``HEAD_BYTES``; None for other files.

    Raises ProbeError ``bad-image`` for a picture of a kind that vedc does not read.
    """
    for pattern, what, cure in _REFUSED:
        if re.match(pattern, head, re.DOTALL):
            raise unread(path, what, cure)
    suffix = path.suffix.lower()
    found = (name for pattern, name in _SIGNATURES if re.match(pattern, head, re.DOTALL))
    name = next(found, None)
    if name == "tiff" and (suffix in _RAW or head[8:10] == b"CR"):
        raise unread(path, "a raw photo", _DEVELOP)
    if name == "jpeg" and suffix in (".mjpeg", ".mjpg"):
        return None  # a stream of pictures
    if name is None:
        name = next((name for test, name in _BY_STRUCTURE if test(suffix, head)), None)
    return None if name is None else KINDS[name]


def unread(path: Path, what: str, cure: str) -> ProbeError:
    return ProbeError("bad-image", f"'{path}' is {what}, which vedc does not read", cure)


def _is_of_brand(name: str) -> Callable[[str, bytes], bool]:
    def test(suffix: str, head: bytes) -> bool:
        if head[4:8] != b"ftyp":
            return False
        size = int.from_bytes(head[:4], "big")
        major, more = head[8:12], head[16:size]
        if major not in _GENERAL_BRANDS:
            return _BRANDS.get(major) == name
        brands = (more[at : at + 4] for at in range(0, len(more), 4))
        found = (_BRANDS[brand] for brand in brands if brand in _BRANDS)
        return next(found, _GENERAL_BRANDS[major]) == name

    return test


def _is_svg(suffix: str, head: bytes) -> bool:
    """Whether an SVG element is the first, after declarations and comments."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return suffix == ".svg"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    while text.startswith((b"<?", b"<!")):
        end = next(end for start, end in _PROLOGUE if text.startswith(start))
        if text.startswith(b"<!DOCTYPE") and b"[" in text.partition(b">")[0]:
            text = text.partition(b"]")[2]  # nested declarations have their own ends
        text = text.partition(end)[2].lstrip()
    return re.match(rb"<(\w+:)?svg[\s>/]", text) is not None


#: Starts and ends of constructs that may precede the first element of XML.
_PROLOGUE: Final = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!", b">"))


def _is_zipped_svg(suffix: str, head: bytes) -> bool:
    return suffix in (".svgz", ".svg") and head.startswith(b"\x1f\x8b\x08")


def _is_pcx(suffix: str, head: bytes) -> bool:
    return (
        suffix == ".pcx"
        and re.match(rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]", head) is not None
    )


def _is_tga(suffix: str, head: bytes) -> bool:
    """TGA has no signature: its name counts, if the header is plausible."""
    if suffix not in (".tga", ".targa", ".icb", ".vda", ".vst") or len(head) < 18:
        return False
    return head[1] in (0, 1) and head[2] in (1, 2, 3, 9, 10, 11)


_BY_STRUCTURE: Final[tuple[tuple[Callable[[str, bytes], bool], str], ...]] = (
    (_is_of_brand("avif"), "avif"),
    (_is_of_brand("heif"), "heif"),
    (_is_svg, "svg"),
    (_is_zipped_svg, "svg"),
    (_is_pcx, "pcx"),
    (_is_tga, "tga"),
)
