"""Pictures of more than 8 bits: 16-bit integers, floats of linear light, and PQ or HLG.

Integers are read by FFmpeg's decoders, which receive the file's bytes and open nothing themselves;
floating-point TIFF by OpenCV; HEIF by libheif.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.color import MATRICES, Color
from vedc.stills import bitfields, exr, light
from vedc.stills.boxes import CodePoints, nclx, png_color
from vedc.stills.ffmpeg_frame import Samples, decoded, finite, plane_of, samples_of
from vedc.stills.kinds import Kind
from vedc.stills.pillow_file import BROKEN, bad, damaged, explained, too_large
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

#: The colour space of floats that are light.
LINEAR: Final = Color("bt709", "linear", "rgb", "full")
DISPLAY: Final = Color("bt709", "iec61966-2-1", "rgb", "full")

#: HDR transfers by H.273 code point, with Color's names.
HDR: Final = {16: "smpte2084", 18: "arib-std-b67"}
_PRIMARIES: Final = {1: "bt709", 9: "bt2020", 12: "smpte432"}
_MATRICES: Final = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}

#: FFmpeg's decoders by kind of picture.
_DECODERS: Final = {
    "png": "png",
    "tiff": "tiff",
    "pam": "pam",
    "hdr": "hdr",
    "dpx": "dpx",
}


@dataclass(frozen=True, slots=True)
class Deep:
    """``samples`` are (height, width, channels) as stored: grey, grey and alpha, RGB or RGBA; alpha
    is not premultiplied. ``uint8`` if the file turns out to have only 8 bits."""

    samples: Samples
    color: Color
    described: light.Described | None = None
    """The samples' colours, replacing ``color``'s primaries and transfer."""
    orientation: int = 1
    """EXIF orientation still to be applied."""


@dataclass(frozen=True, slots=True)
class TiffPixels:
    """The pixel format from the tags of a TIFF's first picture."""

    bits: int
    floating: bool
    rgb_or_grey: bool
    orientation: int
    profile: bytes | None
    width: int | None = None
    height: int | None = None
    """As stored."""
    samples: int = 1
    """Samples per pixel."""


def read(path: str | os.PathLike[str], kind: Kind) -> Deep | None:
    """The picture, if it has more than Pillow's 8 bits; else None.

    Raises ProbeError ``damaged-media``, ``image-too-large`` or ``bad-image``.
    """
    reader = _READERS.get(kind.name)
    with explained(path):
        if reader is not None:
            return reader(Path(path), kind)
        if kind.read_by == "opencv":
            return Deep(_opencv(Path(path)), LINEAR)
        if kind.read_by != "ffmpeg":
            return None
        samples = decoded(Path(path).read_bytes(), _DECODERS[kind.name])
    return Deep(samples, LINEAR if samples.dtype == np.float32 else DISPLAY)


def _exr(path: Path, kind: Kind) -> Deep:
    content = path.read_bytes()
    head = exr.header(content)
    samples = decoded(content, "exr", layer=head.layer)
    if samples.shape[2] in (2, 4):  # premultiplied, unlike kernel formats
        alpha = samples[..., -1:]
        samples = samples.copy()
        np.divide(samples[..., :-1], alpha, out=samples[..., :-1], where=alpha > 0)
    where = head.chromaticities
    described = None if where is None else light.of_chromaticities(where, light.same)
    return Deep(samples, LINEAR, described)


# ------------------------------------------------------------------------------ integers


def _png(path: Path, kind: Kind) -> Deep | None:
    with open(path, "rb") as file:
        chunks = png_color(file)
    hdr = chunks is not None and chunks.points is not None and chunks.points.transfer in HDR
    if chunks is None or chunks.animated or not (chunks.depth == 16 or hdr):
        return None
    from PIL import Image

    from vedc.stills.pillow_file import orientation, quiet

    with quiet(), Image.open(path, formats=kind.pillow) as image:
        turn, profile = orientation(image), image.info.get("icc_profile")
    samples = decoded(path.read_bytes(), "png")
    if chunks.points is not None and hdr:
        return Deep(_widened(samples), _hdr_color(chunks.points), orientation=turn)
    described = light.of_profile(profile) if profile else None
    if profile and described is None:
        return None  # Pillow's colour management reads all profiles, at 8 bits
    if not profile and not chunks.srgb and chunks.points is None:
        described = light.of_gamma(chunks.gamma, chunks.chromaticities)
    return Deep(samples, DISPLAY, described, turn)


def _tiff(path: Path, kind: Kind) -> Deep | None:
    pixels = tiff_pixels(path)
    if pixels is None or not pixels.rgb_or_grey:
        return None
    if pixels.floating:
        if pixels.bits == 16:
            raise bad(path, "its samples are half floats", "save it with floats of 32 bits")
        return Deep(_opencv(path), LINEAR)
    if pixels.bits != 16:
        return None
    described = light.of_profile(pixels.profile) if pixels.profile else None
    if pixels.profile and described is None:
        return None
    try:
        samples = decoded(path.read_bytes(), "tiff")
    except BROKEN:
        return None  # a compression that only Pillow's reader knows
    return Deep(samples, DISPLAY, described, pixels.orientation)


def tiff_pixels(path: Path) -> TiffPixels | None:
    """None if the file has no readable tags."""
    from PIL import TiffImagePlugin

    from vedc.stills.pillow_file import UPRIGHT, quiet

    try:
        with open(path, "rb") as file, quiet():
            head = file.read(8)
            if head[2:3] == b"+" or head[3:4] == b"+":
                head += file.read(8)
            tags = TiffImagePlugin.ImageFileDirectory_v2(head)
            file.seek(tags.next)
            tags.load(file)
            bits, formats = tags.get(258, (1,)), tags.get(339, (1,))
            turn = tags.get(274, 1)
            return TiffPixels(
                bits=max(bits),
                floating=3 in formats,
                rgb_or_grey=tags.get(262) in (1, 2),
                orientation=turn if turn in UPRIGHT else 1,
                profile=tags.get(34675),
                width=tags.get(256),
                height=tags.get(257),
                samples=tags.get(277, 1),
            )
    except BROKEN:
        return None


def _pnm(path: Path, kind: Kind) -> Deep | None:
    content = path.read_bytes()
    if content[:2] not in (b"P5", b"P6"):
        return None
    words: list[bytes] = []
    for line in content[:1024].split(b"\n"):
        words += line.partition(b"#")[0].split()
        if len(words) >= 4:
            break
    if len(words) < 4 or not words[3].isdigit() or int(words[3]) < 256:
        return None
    samples = decoded(content, "pgm" if words[0] == b"P5" else "ppm")
    return Deep(samples, DISPLAY)


def _opencv(path: Path) -> Samples:
    import cv2

    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        found = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:  # OpenCV has its own limit
        raise too_large(path) from error
    finally:
        cv2.utils.logging.setLogLevel(level)
    if found is None:
        raise damaged(path, "it cannot be decoded")
    samples = np.atleast_3d(np.asarray(found))
    if samples.shape[2] >= 3:  # OpenCV's order is B, G, R
        samples = samples[..., [2, 1, 0, 3][: samples.shape[2]]]
    return finite(samples)


# ------------------------------------------------------------------------------ HDR


def _avif(path: Path, kind: Kind) -> Deep | None:
    with open(path, "rb") as file:
        points = nclx(file)
    if points is None or points.transfer not in HDR:
        return None
    import av

    with av.open(io.BytesIO(path.read_bytes()), "r", format="mov") as container:
        frame = next(container.decode(container.streams.video[0]))
        return Deep(_rgb_of_yuv(frame, points), _hdr_color(points), orientation=_avif_turn(path))


def _avif_turn(path: Path) -> int:
    from PIL import Image

    from vedc.stills.pillow_file import orientation, quiet

    with quiet(), Image.open(path, formats=("AVIF",)) as image:
        return orientation(image)


def _heif(path: Path, kind: Kind) -> Deep | None:
    with open(path, "rb") as file:
        points = nclx(file)
    if points is None or points.transfer not in HDR:
        return None
    import pillow_heif

    picture = pillow_heif.open_heif(path, convert_hdr_to_8bit=False)
    samples = np.atleast_3d(np.asarray(picture))
    return Deep(_widened(samples), _hdr_color(points))


def _hdr_color(points: CodePoints) -> Color:
    return Color(_PRIMARIES.get(points.primaries, "bt2020"), HDR[points.transfer], "rgb", "full")


def _rgb_of_yuv(frame: VideoFrame, points: CodePoints) -> Samples:
    """R'G'B' of a picture of luma and chroma (H.273 section 8.3), 16 bits."""
    depth = max(part.bits for part in frame.format.components)
    if frame.format.is_rgb or points.matrix == 0:
        return _widened(samples_of(frame))
    whole = frame.reformat(format="yuv444p16le")
    y, cb, cr = (plane_of(whole, index, np.dtype("<u2")).astype(np.float32) for index in range(3))
    scale = 65536 / (1 << depth) * (1 << (depth - 8))  # of an 8-bit code
    if points.full:
        peak = 65536 - 65536 / (1 << depth)
        y, cb, cr = y / peak, (cb - 32768) / peak, (cr - 32768) / peak
    else:
        y = (y - 16 * scale) / (219 * scale)
        cb, cr = ((c - 128 * scale) / (224 * scale) for c in (cb, cr))
    kr, kb = MATRICES[_MATRICES.get(points.matrix, "bt2020nc")]
    r, b = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    g = (y - kr * r - kb * b) / (1 - kr - kb)
    rgb = np.stack([r, g, b], axis=-1)
    codes: Samples = np.rint(np.clip(rgb, 0, 1) * 65535).astype(np.uint16)
    return codes


def _widened(samples: Samples) -> Samples:
    return samples.astype(np.uint16) * 257 if samples.dtype == np.uint8 else samples


def _bmp(path: Path, kind: Kind) -> Deep | None:
    """A BMP that Pillow does not support: with masks of odd widths."""
    from PIL import Image

    from vedc.stills.pillow_file import quiet

    try:
        with quiet(), Image.open(path, formats=kind.pillow):
            return None
    except BROKEN:
        samples = bitfields.read(path)
        return None if samples is None else Deep(samples, DISPLAY)


def _psd(path: Path, kind: Kind) -> Deep | None:
    content = path.read_bytes()
    if not _is_flattened(content):
        raise bad(
            path,
            "it holds only layers, no picture of all of them",
            "save it with 'Maximize compatibility', or export it as PNG",
        )
    return Deep(decoded(content, "psd"), DISPLAY) if content[22:24] == b"\0\x10" else None


def _is_flattened(psd: bytes) -> bool:
    """Whether the merged picture is real: image resource 1057 may state that it is not."""
    at = 26 + 4 + int.from_bytes(psd[26:30], "big")
    end = at + 4 + int.from_bytes(psd[at : at + 4], "big")
    at += 4
    while at < end and psd[at : at + 4] == b"8BIM":
        number = int.from_bytes(psd[at + 4 : at + 6], "big")
        at += 6 + (psd[at + 6] + 2) // 2 * 2  # a padded name
        size = int.from_bytes(psd[at : at + 4], "big")
        if number == 1057:
            return psd[at + 8 : at + 9] != b"\0"
        at += 4 + (size + 1) // 2 * 2
    return True


_READERS: Final[dict[str, Callable[[Path, Kind], Deep | None]]] = {
    "png": _png,
    "tiff": _tiff,
    "pnm": _pnm,
    "avif": _avif,
    "heif": _heif,
    "exr": _exr,
    "bmp": _bmp,
    "psd": _psd,
}
