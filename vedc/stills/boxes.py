"""Colour information in the headers of picture files: chunks of PNG, boxes of AVIF and HEIF."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO, Final, NamedTuple

_MOST_CHUNKS: Final = 1000
_LARGEST_BOX: Final = 1 << 20

Chromaticities = tuple[tuple[float, float], ...]
"""x and y of red, green, blue and white."""


class CodePoints(NamedTuple):
    """Colour by the code points of ITU-T H.273, as in cICP and nclx."""

    primaries: int
    transfer: int
    matrix: int
    full: bool


class PngColor(NamedTuple):
    """The chunks of a PNG that precede its pixels."""

    depth: int
    """Bits per sample."""
    animated: bool
    points: CodePoints | None
    has_profile: bool
    srgb: bool
    gamma: float | None
    """The exponent from light to samples: about 0.45."""
    chromaticities: Chromaticities | None


def apng_delays(file: BinaryIO) -> list[Fraction]:
    """Seconds of each frame of an animated PNG (PNG 3rd edition, 11.3.6.2), as stored."""
    delays = []
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        if name == b"fcTL" and length == 26:
            above, below = struct.unpack(">HH", file.read(26)[20:24])
            delays.append(Fraction(above, below or 100))
            length = 0
        file.seek(length + 4, 1)
    return delays


def png_color(file: BinaryIO) -> PngColor | None:
    """None if the file has no complete PNG header."""
    found: dict[bytes, bytes] = {}
    file.seek(8)
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        length, name = struct.unpack(">I4s", head)
        if name == b"IDAT":
            break
        found.setdefault(name, file.read(min(length, 64)))
        file.seek(max(0, length - 64) + 4, 1)
    header = found.get(b"IHDR", b"")
    if len(header) < 13:
        return None
    points, gamma, xy = (found.get(name, b"") for name in (b"cICP", b"gAMA", b"cHRM"))
    where = None
    if len(xy) == 32:
        values = [value / 100_000 for value in struct.unpack(">8I", xy)]
        white, *colors = zip(values[::2], values[1::2], strict=True)
        where = (*colors, white)
    return PngColor(
        depth=header[8],
        animated=b"acTL" in found,
        points=CodePoints(points[0], points[1], points[2], bool(points[3]))
        if len(points) == 4
        else None,
        has_profile=b"iCCP" in found,
        srgb=b"sRGB" in found,
        gamma=struct.unpack(">I", gamma)[0] / 100_000 if len(gamma) == 4 else None,
        chromaticities=where,
    )


def nclx(file: BinaryIO) -> CodePoints | None:
    """The code points in an AVIF or HEIF file (ISO/IEC 14496-12, 12.1.5)."""
    for content in _within(file, (b"meta", b"iprp", b"ipco", b"colr")):
        if content[:4] == b"nclx" and len(content) >= 11:
            primaries, transfer, matrix, full = struct.unpack(">HHHB", content[4:11])
            return CodePoints(primaries, transfer, matrix, full >= 128)
    return None


def _within(file: BinaryIO, path: tuple[bytes, ...]) -> Iterator[bytes]:
    """The contents of the boxes at ``path`` from the top of the file."""
    file.seek(0)
    while len(head := file.read(8)) == 8:
        size, name = struct.unpack(">I4s", head)
        header = 8
        if size == 1:
            size, header = int.from_bytes(file.read(8), "big"), 16
        if size < header:
            return  # the last box, or a damaged one
        if name == path[0] and size <= _LARGEST_BOX:
            yield from _inside(file.read(size - header)[4:], path[1:])
            return
        file.seek(size - header, 1)


def _inside(content: bytes, path: tuple[bytes, ...]) -> Iterator[bytes]:
    if not path:
        yield content
        return
    at = 0
    while at + 8 <= len(content):
        size, name = struct.unpack(">I4s", content[at : at + 8])
        if size < 8:
            return
        if name == path[0]:
            yield from _inside(content[at + 8 : at + size], path[1:])
        at += size
