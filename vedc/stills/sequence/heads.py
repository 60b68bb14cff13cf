"""Headers of picture files: size, alpha and depth. No pixel is decoded."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from vedc.edit.media_info import ProbeError
from vedc.stills import exr, svg
from vedc.stills.boxes import nclx
from vedc.stills.deep import HDR, tiff_pixels
from vedc.stills.kinds import HEAD_BYTES, Kind, kind_of
from vedc.stills.pillow_file import BROKEN, UPRIGHT, bad, damaged, explained, opened, orientation

_EXR_BYTES: Final = 1 << 20


class Head(NamedTuple):
    """A picture as shown, upright."""

    kind: Kind
    width: int
    height: int
    alpha: bool
    depth: int
    """8 or 16 bits per integer sample, or 32 if samples are floats of linear light."""


def head_of(path: Path) -> Head:
    """Raises ProbeError ``not-readable``, ``bad-image``, ``image-too-large``, ``damaged-media``."""
    try:
        with open(path, "rb") as file:
            start = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        hint = "check the permissions of the file and of its folder"
        raise ProbeError("not-readable", f"'{path}' cannot be read: {reason}", hint) from None
    kind = kind_of(path, start)
    if not start:
        raise damaged(path, "it is empty")
    if kind is None:
        raise bad(path, "it is no picture that vedc reads", "convert it to PNG or JPEG")
    with explained(path):
        found = _HEADS.get(kind.name, _pillow)(path, kind, start)
    if found.width < 1 or found.height < 1:
        raise damaged(path, "its header makes no sense")
    return found


def _pillow(path: Path, kind: Kind, start: bytes) -> Head:
    with opened(path, kind) as image:
        if kind.moves and getattr(image, "n_frames", 1) > 1:
            raise bad(path, "it is an animation", "name it alone, as a clip")
        turn, _ = UPRIGHT[orientation(image)]
        width, height = image.size
        alpha = image.has_transparency_data
    if turn in (90, 270):
        width, height = height, width
    return Head(kind, width, height, alpha, 8)


def _png(path: Path, kind: Kind, start: bytes) -> Head:
    found = _pillow(path, kind, start)
    return found._replace(depth=16) if start[24:25] == b"\x10" else found


def _tiff(path: Path, kind: Kind, start: bytes) -> Head:
    pixels = tiff_pixels(path)
    if pixels is None or not pixels.rgb_or_grey:
        return _pillow(path, kind, start)
    try:
        found = _pillow(path, kind, start)
    except (ProbeError, *BROKEN):
        if pixels.width is None or pixels.height is None:
            raise
        sides = pixels.width, pixels.height
        if UPRIGHT[pixels.orientation][0] in (90, 270):
            sides = sides[::-1]
        found = Head(kind, *sides, pixels.samples in (2, 4), 8)
    depth = 32 if pixels.floating else 16 if pixels.bits == 16 else 8
    return found._replace(depth=depth)


def _boxed(path: Path, kind: Kind, start: bytes) -> Head:
    """AVIF and HEIF: more than 8 bits if they have a high dynamic range."""
    found = _pillow(path, kind, start)
    with open(path, "rb") as file:
        points = nclx(file)
    return found._replace(depth=16) if points is not None and points.transfer in HDR else found


def _pnm(path: Path, kind: Kind, start: bytes) -> Head:
    found = _pillow(path, kind, start)
    words = _words(start)
    deep = len(words) > 3 and words[0] in (b"P5", b"P6") and int(words[3]) > 255
    return found._replace(depth=16) if deep else found


def _pfm(path: Path, kind: Kind, start: bytes) -> Head:
    words = _words(start)
    return Head(kind, int(words[1]), int(words[2]), False, 32)


def _pam(path: Path, kind: Kind, start: bytes) -> Head:
    fields = dict(re.findall(rb"^(\w+)\s+(\S+)\s*$", start.partition(b"ENDHDR")[0], re.MULTILINE))
    alpha = int(fields[b"DEPTH"]) in (2, 4)
    depth = 16 if int(fields[b"MAXVAL"]) > 255 else 8
    return Head(kind, int(fields[b"WIDTH"]), int(fields[b"HEIGHT"]), alpha, depth)


def _radiance(path: Path, kind: Kind, start: bytes) -> Head:
    size = re.search(rb"\n\n-Y (\d+) \+X (\d+)\n", start.replace(b"\r\n", b"\n"))
    if size is None:
        raise damaged(path, "its header names no size")
    return Head(kind, int(size[2]), int(size[1]), False, 32)


def _exr(path: Path, kind: Kind, start: bytes) -> Head:
    with open(path, "rb") as file:
        head = exr.header(file.read(_EXR_BYTES))
    if head.window is None:
        raise damaged(path, "its header names no size")
    left, top, right, bottom = head.window
    ending = f"{head.layer}.A" if head.layer else "A"
    return Head(kind, right - left + 1, bottom - top + 1, ending in head.channels, 32)


def _dpx(path: Path, kind: Kind, start: bytes) -> Head:
    order = ">" if start[:4] == b"SDPX" else "<"
    width, height = struct.unpack_from(f"{order}II", start, 772)
    element, bits = start[800], start[803]
    return Head(kind, width, height, element in (51, 52), 8 if bits == 8 else 16)


def _bmp(path: Path, kind: Kind, start: bytes) -> Head:
    try:
        return _pillow(path, kind, start)
    except (ProbeError, *BROKEN):  # odd masks, which vedc reads itself
        width, height = struct.unpack_from("<ii", start, 18)
        return Head(kind, width, abs(height), True, 8)


def _psd(path: Path, kind: Kind, start: bytes) -> Head:
    found = _pillow(path, kind, start)
    return found._replace(depth=16) if start[22:24] == b"\0\x10" else found


def _svg(path: Path, kind: Kind, start: bytes) -> Head:
    width, height = (max(1, round(side)) for side in svg.intrinsic(svg.drawing(path)))
    return Head(kind, width, height, True, 8)


def _words(start: bytes) -> list[bytes]:
    """The words of a header of the PNM family, without its comments."""
    lines = start[:1024].split(b"\n")
    return [word for line in lines for word in line.partition(b"#")[0].split()]


_HEADS: Final[dict[str, Callable[[Path, Kind, bytes], Head]]] = {
    "png": _png,
    "tiff": _tiff,
    "avif": _boxed,
    "heif": _boxed,
    "pnm": _pnm,
    "pfm": _pfm,
    "pam": _pam,
    "hdr": _radiance,
    "exr": _exr,
    "dpx": _dpx,
    "bmp": _bmp,
    "psd": _psd,
    "svg": _svg,
}
