"""Interpreting a decoded frame's colour tags and pixel format.

Names are those of ITU-T H.273 in FFmpeg's spelling. Missing tags are guessed from the other tags,
then from the picture's size (mpv's rule).
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from vedc.color import FORMATS, Color

if TYPE_CHECKING:
    from av.video.format import VideoFormat
    from av.video.frame import VideoFrame

#: H.273 table 4. 0 (the planes are G, B, R) goes by the pixel format instead.
_MATRICES = {
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    11: "smpte2085",
    14: "ictcp",
}
#: H.273 table 2.
_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
#: H.273 table 3.
_TRANSFERS = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
_UNSPECIFIED = 2
_FULL_RANGE = 2
_LIMITED_RANGE = 1

#: Codecs of still pictures: untagged grey samples are full range and sRGB.
_IMAGE_CODECS = frozenset(
    {"apng", "bmp", "gif", "mjpeg", "pbm", "pgm", "png", "ppm", "qoi", "targa", "tiff", "webp"}
)
#: Floating point, and the few packed formats that swscale does not read.
_UNREAD = re.compile(r".*f(16|32)(le|be)|(v30x|xv30|x2rgb10|x2bgr10|y210|y212|y216)be|(rgb|bgr)4")


def is_rgb(pix_fmt: VideoFormat) -> bool:
    """Whether the samples, or the palette's entries, are R, G and B."""
    return pix_fmt.is_rgb or pix_fmt.has_palette or is_xyz(pix_fmt)


def is_xyz(pix_fmt: VideoFormat) -> bool:
    """Whether the samples are X'Y'Z' of digital cinema, which is read as RGB."""
    return pix_fmt.name.startswith("xyz12")


def is_grey(pix_fmt: VideoFormat) -> bool:
    """Whether there is only luma, perhaps with alpha."""
    return not is_rgb(pix_fmt) and len(pix_fmt.components) < 3


def kernel_format(pix_fmt: VideoFormat) -> str | None:
    """The key of ``FORMATS`` nearest to ``pix_fmt``: the same family and no fewer samples.

    None for what kernels cannot read: hardware surfaces, Bayer mosaics, a few rare packings, and
    floating point, which swscale clips at 1 when scaling.
    """
    name, parts = pix_fmt.name, pix_fmt.components
    # Our packed RGBA is premultiplied; a file's is not.
    if name in FORMATS and name != "rgba" and not FORMATS[name].floating:
        return name
    depth = max((part.bits for part in parts), default=0)
    if not 0 < depth <= 16 or pix_fmt.is_bayer or _UNREAD.fullmatch(name):
        return None
    if is_xyz(pix_fmt):
        return "gbrp16le"
    planar = f"{name.removesuffix('be')}le"
    if planar in FORMATS:
        return planar
    bits = next(b for b in (8, 10, 12, 16) if depth <= b)
    suffix = "" if bits == 8 else f"{bits}le"
    alpha = "a" if pix_fmt.has_palette or any(part.is_alpha for part in parts) else ""
    if is_rgb(pix_fmt):
        return f"gbr{alpha}p{suffix}"
    # 64 is a multiple of every subsampling factor.
    across, down = 64 // pix_fmt.chroma_width(64), 64 // pix_fmt.chroma_height(64)
    subsampling = {(2, 2): "420", (2, 1): "422"}.get((across, down), "444")
    if is_grey(pix_fmt):
        subsampling = "420"  # neutral chroma, so the cheapest
    if alpha and bits == 12 and subsampling == "420":
        subsampling = "422"  # FFmpeg has no 4:2:0 with alpha at 12 bits
    return f"yuv{alpha}{subsampling}p{suffix}"


def describe_color(frame: VideoFrame, codec: str) -> tuple[Color, bool]:
    """The colour of a decoded frame, and whether the file tagged all of it.

    ``codec`` is the codec's canonical name.
    """
    primaries = _PRIMARIES.get(int(frame.color_primaries))
    transfer = _TRANSFERS.get(int(frame.color_trc))
    if is_xyz(frame.format):  # swscale makes it RGB of a power of 1/2.2
        return Color("bt709", "gamma22", "rgb", "full"), True
    if is_rgb(frame.format):
        tagged = primaries is not None and transfer is not None
        return Color(primaries or "bt709", transfer or "iec61966-2-1", "rgb", "full"), tagged
    matrix = _MATRICES.get(int(frame.colorspace))
    tagged = None not in (primaries, transfer, matrix)
    still = codec in _IMAGE_CODECS
    full = (
        int(frame.color_range) == _FULL_RANGE
        or frame.format.name.startswith("yuvj")
        or (still and is_grey(frame.format) and int(frame.color_range) != _LIMITED_RANGE)
    )
    if still:  # JFIF: the matrix of BT.601 at any size, sRGB's primaries and curve
        primaries, transfer = primaries or "bt709", transfer or "iec61966-2-1"
        matrix = matrix or "smpte170m"
    matrix = matrix or _guess_matrix(primaries, frame.width, frame.height)
    if primaries is None:
        primaries = {"bt2020nc": "bt2020", "bt2020c": "bt2020", "ictcp": "bt2020"}.get(
            matrix, matrix if matrix in _PRIMARIES.values() else "bt709"
        )
    if transfer is None:
        transfer = {
            "bt2020": "bt2020-10",
            "smpte240m": "smpte240m",
            "smpte170m": "smpte170m",
            "bt470bg": "smpte170m",  # BT.601 has one curve for both line counts
        }.get(primaries, "bt709")
    return Color(primaries, transfer, matrix, "full" if full else "limited"), tagged


def numbers_of(color: Color) -> tuple[int, int, int, bool]:
    """Primaries, transfer and matrix by the numbers of H.273, and whether the range is full."""

    def number(table: dict[int, str], name: str) -> int:
        return next((known for known, called in table.items() if called == name), _UNSPECIFIED)

    return (
        number(_PRIMARIES, color.primaries),
        number(_TRANSFERS, color.transfer),
        0 if color.matrix == "rgb" else number(_MATRICES, color.matrix),
        color.range == "full",
    )


def _guess_matrix(primaries: str | None, width: int, height: int) -> str:
    if primaries == "bt2020":
        return "bt2020nc"
    if primaries in ("bt709", "smpte170m", "bt470bg", "smpte240m"):
        return primaries
    if width >= 1280 or height > 576:
        return "bt709"
    return "bt470bg" if height == 576 else "smpte170m"


#: As in FFmpeg's structs: three primaries and a white, darkest and brightest light as fractions,
#: then two flags; and two integers.
_MASTERING, _LIGHT_LEVEL = struct.Struct("=20i2i"), struct.Struct("=2I")


def hdr_peak(frame: VideoFrame) -> float | None:
    """The largest light of a film in cd/m2, by the metadata of its first frame; None without any.

    It is the lesser of MaxCLL (CTA-861.3) and the peak of the mastering display (SMPTE ST 2086).
    Never call it for a still: see ``media.probe``.
    """
    peaks = []
    if raw := _side_data(frame, "MASTERING_DISPLAY_METADATA", _MASTERING.size):
        *_, above, below, _, known = _MASTERING.unpack_from(raw)
        if known and below > 0 and above > 0:
            peaks.append(above / below)
    if raw := _side_data(frame, "CONTENT_LIGHT_LEVEL", _LIGHT_LEVEL.size):
        peaks += [float(level) for level in _LIGHT_LEVEL.unpack_from(raw)[:1] if level]
    return min(peaks, default=None)


def _side_data(frame: VideoFrame, kind: str, size: int) -> bytes:
    """The bytes of one kind of side data; none where there are fewer than ``size``."""
    from av.sidedata.sidedata import SideData

    try:
        found = frame.side_data.get(kind)
    except ValueError:  # PyAV lists none if it does not know one of the types
        return b""
    raw = bytes(found) if isinstance(found, SideData) else b""
    return raw if len(raw) >= size else b""
