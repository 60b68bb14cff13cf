"""Packets as NAL units: each after its length, or after a start code (Annex B)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from vedc.media.bitstream.bits import BitsError

_START: Final = re.compile(rb"\x00\x00\x01")


def units_of(data: bytes, length_size: int | None) -> list[bytes]:
    """The NAL units of a packet. ``length_size``: bytes of the length before each; None for start
    codes. Raises BitsError if they do not fill the packet."""
    if length_size is None:
        return _after_start_codes(data)
    units, at, end = [], 0, len(data)
    while at < end:
        begin = at + length_size
        at = begin + int.from_bytes(data[at:begin], "big")
        if at > end:
            raise BitsError("a NAL unit is longer than its packet")
        if at > begin:
            units.append(data[begin:at])
    return units


def _after_start_codes(data: bytes) -> list[bytes]:
    starts = [found.end() for found in _START.finditer(data)]
    if not starts or data[: starts[0] - 3].strip(b"\0"):
        raise BitsError("a packet does not begin with a start code")
    ends = [*(start - 3 for start in starts[1:]), len(data)]
    units = (data[start:end].rstrip(b"\0") for start, end in zip(starts, ends, strict=True))
    return [unit for unit in units if unit]


def joined(units: Iterable[bytes]) -> bytes:
    """NAL units, each after its length in four bytes."""
    return b"".join(part for unit in units for part in (len(unit).to_bytes(4, "big"), unit))
