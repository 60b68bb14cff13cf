"""OpenEXR headers: their layers and primaries (OpenEXR file layout, 2.x)."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

_MOST: Final = 1 << 20
"""The most bytes read of a header."""


class ExrHeader(NamedTuple):
    channels: tuple[str, ...] = ()
    chromaticities: tuple[tuple[float, float], ...] | None = None
    """x and y of red, green, blue and white."""
    window: tuple[int, ...] | None = None
    """The first and last column and row shown: left, top, right, bottom."""

    @property
    def layer(self) -> str:
        """The layer to show: the unnamed one, else the first with colour or luminance."""
        if {"R", "G", "B", "Y"}.intersection(self.channels):
            return ""
        ends = (".R", ".Y", ".r", ".y")
        return next((name[:-2] for name in self.channels if name.endswith(ends)), "")


def header(content: bytes) -> ExrHeader:
    """The header of the (first) part, as far as it is readable."""
    found: dict[bytes, bytes] = {}
    at, data = 8, content[:_MOST]
    while at < len(data) and data[at]:
        try:
            name_end = data.index(b"\0", at)
            kind_end = data.index(b"\0", name_end + 1)
            (size,) = struct.unpack_from("<I", data, kind_end + 1)
        except (ValueError, struct.error):
            break
        start = kind_end + 5
        found[data[at:name_end]] = data[start : start + size]
        at = start + size
    where = found.get(b"chromaticities", b"")
    xy = struct.unpack("<8f", where) if len(where) == 32 else ()
    window = found.get(b"displayWindow", b"")
    return ExrHeader(
        tuple(_channels(found.get(b"channels", b""))),
        tuple(zip(xy[::2], xy[1::2], strict=True)) or None,
        struct.unpack("<4i", window) if len(window) == 16 else None,
    )


def _channels(listed: bytes) -> list[str]:
    names, at = [], 0
    while at < len(listed) and listed[at]:
        end = listed.find(b"\0", at)
        if end < 0:
            break
        names.append(listed[at:end].decode("latin-1"))
        at = end + 17  # type, linearity, sampling
    return names
