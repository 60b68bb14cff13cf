"""HEVC: reading and rewriting parameter sets and the beginnings of slices.

As for H.264 (``h264``). Source: ITU-T H.265 (08/2021), clauses 7.3.1.2, 7.3.2, 7.3.6.1 and E.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vedc.media.bitstream.bits import (
    BitReader,
    BitsError,
    BitWriter,
    escape,
    unescape,
    with_codes,
)
from vedc.media.bitstream.signal import Signal
from vedc.media.bitstream.units import units_of

VPS: Final = 32
SPS: Final = 33
PPS: Final = 34
BLA_N_LP: Final = 18
#: Instantaneous decoding refreshes; clean random access; all pictures where decoding may begin.
IDR: Final = frozenset({19, 20})
CRA: Final = 21
RANDOM_ACCESS: Final = range(16, 24)
#: Ends of a sequence and of a stream.
ENDS: Final = frozenset({36, 37})
#: Pictures that are shown before the random access picture that they follow.
LEADING: Final = frozenset({6, 7, 8, 9})

#: Bytes of a payload before the level of the general profile.
_LEVEL_IN_VPS: Final = 15
_LEVEL_IN_SPS: Final = 12


def kind_of(unit: bytes) -> int:
    """The type of a NAL unit."""
    return unit[0] >> 1 & 63


def is_slice(unit: bytes) -> bool:
    return kind_of(unit) < VPS


def base_layer(unit: bytes) -> bool:
    return len(unit) > 2 and not (unit[0] & 1 or unit[1] >> 3)


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set."""

    id: int
    vps: int
    profile: bytes
    """The general profile, tier, compatibility and constraints."""
    level: int
    layers: int
    nested: bool
    head: tuple[int, int]
    """The bits from the profile to the id, and their number."""
    size: tuple[int, int]
    """Those from the id to the bounds of the picture buffer."""
    buffering: int
    """Frames of the decoded picture buffer, of the highest layer, ..."""
    reorder: int
    """... and those that may precede one in the stream and follow it on the screen."""
    tools: tuple[int, int]
    """The bits from there to the usability information."""
    tail: tuple[int, int]
    """Those after it."""
    chroma_format: int
    coded: tuple[int, int]
    """Coded width and height, of which players show a part."""
    depth: tuple[int, int]
    interlaced: bool

    def restated(self, number: int, vps: int, signal: Signal) -> bytes:
        """The same as NAL unit ``number``, with the values of ``signal``."""
        out = BitWriter().u(4, vps).u(3, self.layers - 1).flag(self.nested)
        value, size = self.head
        at = size - 8 * (_LEVEL_IN_SPS - 1) - 8
        out.u(size, value & ~(255 << at) | signal.level << at)
        out.ue(number).u(self.size[1], self.size[0])
        out.flag(False)  # one set of bounds, for all layers
        out.ue(signal.buffering - 1).ue(signal.reorder).ue(0)
        out.u(self.tools[1], self.tools[0]).flag(True)
        out.flag(True).u(8, 1).flag(False)  # square pixels
        out.flag(True).u(3, 5).flag(signal.full_range).flag(True)
        out.u(8, signal.primaries).u(8, signal.transfer).u(8, signal.matrix)
        out.flag(False).flag(False).flag(False).flag(False).flag(False)
        out.flag(True).u(32, signal.rate.denominator).u(32, signal.rate.numerator)
        out.flag(False).flag(False)
        out.flag(False)  # no bitstream restriction
        out.u(self.tail[1], self.tail[0])
        return bytes([SPS << 1, 1]) + escape(out.payload())


def parse_sps(unit: bytes) -> Sps:
    """Raises BitsError."""
    payload = unescape(unit[2:])
    read = BitReader(payload)
    vps, layers, nested = read.u(4), read.u(3) + 1, read.flag()
    begin = read.at
    _skip_profile(read, layers)
    head = _bits(read, begin)
    number = read.ue()
    begin = read.at
    chroma = read.ue()
    if chroma == 3:
        read.flag()
    coded = read.ue(), read.ue()
    if read.flag():
        for _ in range(4):
            read.ue()
    depth = (8 + read.ue(), 8 + read.ue())
    poc_bits = 4 + read.ue()
    size = _bits(read, begin)
    stated = range(layers) if read.flag() else range(1)
    buffering = reorder = 0
    for _ in stated:
        buffering, reorder = read.ue() + 1, read.ue()
        read.ue()
    begin = read.at
    for _ in range(6):
        read.ue()
    if read.flag() and read.flag():
        _skip_scaling(read)
    read.u(2)
    if read.flag():
        read.u(8)
        read.ue(), read.ue()
        read.flag()
    sets: list[list[int]] = []
    for _ in range(_limited(read.ue(), 64)):
        sets.append(_reference_set(read, sets))
    if read.flag():
        for _ in range(_limited(read.ue(), 32)):
            read.u(poc_bits)
            read.flag()
    read.u(2)
    tools = _bits(read, begin)
    interlaced = read.flag() and _skip_usability(read, layers)
    return Sps(
        number, vps, payload[1:_LEVEL_IN_SPS], payload[_LEVEL_IN_SPS], layers, nested, head, size,
        buffering, reorder, tools, read.rest(), chroma, coded, depth,
        interlaced,
    )  # fmt: skip


def _bits(read: BitReader, begin: int) -> tuple[int, int]:
    """The bits that were read since a place."""
    size = read.at - begin
    read.at = begin
    return read.u(size), size


def _limited(value: int, most: int) -> int:
    if value > most:
        raise BitsError(f"a count of {value}, which may be {most}")
    return value


def _skip_profile(read: BitReader, layers: int) -> None:
    read.u(96)
    present = [(read.flag(), read.flag()) for _ in range(layers - 1)]
    if layers > 1:
        read.u(2 * (9 - layers))
    for profile, level in present:
        read.u(88 * profile + 8 * level)


def _skip_scaling(read: BitReader) -> None:
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not read.flag():
                read.ue()
                continue
            if size > 1:
                read.se()
            for _ in range(min(64, 1 << (4 + (size << 1)))):
                read.se()


def _reference_set(read: BitReader, sets: Sequence[list[int]]) -> list[int]:
    """A short-term reference picture set of a sequence, after others: distances from a picture to
    those that it may refer to, nearest first (7.4.8)."""
    if sets and read.flag():
        moved = (-1 if read.flag() else 1) * (read.ue() + 1)
        found = [
            other + moved
            for other in (*sets[-1], 0)
            # Its use by this picture, or else by later ones.
            if (read.flag() or read.flag()) and other + moved
        ]
        return sorted((n for n in found if n < 0), reverse=True) + sorted(n for n in found if n > 0)
    counts = [_limited(read.ue(), 16) for _ in range(2)]
    found = []
    for sign, count in zip((-1, 1), counts, strict=True):
        last = 0
        for _ in range(count):
            last += sign * (read.ue() + 1)
            read.flag()
            found.append(last)
    return found


def _skip_usability(read: BitReader, layers: int) -> bool:
    """Whether the pictures are fields."""
    if read.flag() and read.u(8) == 255:
        read.u(32)
    if read.flag():
        read.flag()
    if read.flag():
        read.u(4)
        if read.flag():
            read.u(24)
    if read.flag():
        read.ue(), read.ue()
    read.flag()
    fields = read.flag()
    read.flag()
    if read.flag():
        for _ in range(4):
            read.ue()
    if read.flag():
        read.u(64)
        if read.flag():
            read.ue()
        if read.flag():
            _skip_model(read, layers)
    if read.flag():
        read.u(3)
        for _ in range(5):
            read.ue()
    return fields


def _skip_model(read: BitReader, layers: int) -> None:
    nal, vcl = read.flag(), read.flag()
    parts = False
    if nal or vcl:
        parts = read.flag()
        if parts:
            read.u(19)
        read.u(8)
        if parts:
            read.u(4)
        read.u(15)
    for _ in range(layers):
        general = read.flag()
        within = general or read.flag()
        low_delay = False
        if within:
            read.ue()
        else:
            low_delay = read.flag()
        count = 1 if low_delay else read.ue() + 1
        for _ in range(count * (nal + vcl)):
            read.ue(), read.ue()
            if parts:
                read.ue(), read.ue()
            read.flag()


def restated_vps(unit: bytes, number: int, level: int) -> bytes:
    """A video parameter set with another id and level."""
    payload = bytearray(unescape(unit[2:]))
    payload[0] = payload[0] & 15 | number << 4
    payload[_LEVEL_IN_VPS] = level
    return unit[:2] + escape(bytes(payload))


def vps_id(unit: bytes) -> int:
    if len(unit) < _LEVEL_IN_VPS + 3:
        raise BitsError("a video parameter set ends early")
    return unit[2] >> 4


@dataclass(frozen=True, slots=True)
class Pps:
    """A picture parameter set."""

    id: int
    sps: int
    rest: tuple[int, int]
    """The bits after its two ids, and their number."""

    def restated(self, number: int, sps: int) -> bytes:
        value, size = self.rest
        out = BitWriter().ue(number).ue(sps).u(size, value)
        return bytes([PPS << 1, 1]) + escape(out.payload())


def parse_pps(unit: bytes) -> Pps:
    """Raises BitsError."""
    read = BitReader(unescape(unit[2:]))
    return Pps(read.ue(), read.ue(), read.rest())


# ---------------------------------------------------------------- slices


def restated_slice(unit: bytes, ids: Mapping[int, int], begins: bool) -> bytes:
    """A slice that names another picture parameter set, by ``ids``, and lets all pictures before it
    be shown.

    ``begins``: it belongs to the first picture of a part. A random access picture in mid-stream
    becomes a broken link (BLA).
    """
    cut = 16
    while cut < len(unit) and unit[cut - 1] <= 3:
        cut += 1
    cut = min(cut, len(unit))
    head = unescape(unit[2:cut])
    kind = kind_of(unit)
    read = BitReader(head)
    read.flag()
    if kind in RANDOM_ACCESS:
        read.flag()
    at, number = read.at, read.ue()
    if number not in ids:
        raise BitsError(f"a slice names picture parameter set {number}, which there is not")
    if ids[number] != number:
        head = with_codes(head, [(at, number, ids[number])])
    first = unit[:2]
    if kind in RANDOM_ACCESS:
        head = bytes([head[0] & 0xBF]) + head[1:]  # no_output_of_prior_pics_flag
    if begins and kind == CRA:
        first = bytes([BLA_N_LP << 1 | unit[0] & 1, unit[1]])
    return first + escape(head) + unit[cut:]


# ---------------------------------------------------------------- the decoder's record


@dataclass(frozen=True, slots=True)
class Headers:
    """The parameter sets of a stream."""

    video: tuple[bytes, ...]
    sequence: tuple[bytes, ...]
    picture: tuple[bytes, ...]


def headers_of(extradata: bytes) -> tuple[Headers, int | None]:
    """The parameter sets of an HEVC stream, and the bytes of the lengths in its packets; None
    where it has start codes. Raises BitsError. Source of the record: ISO/IEC 14496-15."""
    lengths: int | None = None
    if extradata[:1] == b"\1":
        if len(extradata) < 23:
            raise BitsError("the decoder configuration record ends early")
        lengths, at, units = 1 + (extradata[21] & 3), 23, []
        for _ in range(extradata[22]):
            count = int.from_bytes(extradata[at + 1 : at + 3], "big")
            at += 3
            for _ in range(count):
                size = int.from_bytes(extradata[at : at + 2], "big")
                units.append(extradata[at + 2 : at + 2 + size])
                at += 2 + size
        if at > len(extradata):
            raise BitsError("the decoder configuration record ends early")
    else:
        units = units_of(extradata, None)
    sets = [
        tuple(dict.fromkeys(unit for unit in units if unit and kind_of(unit) == kind))
        for kind in (VPS, SPS, PPS)
    ]
    if not all(sets):
        raise BitsError("there are no parameter sets")
    return Headers(*sets), lengths


def write_record(headers: Headers) -> bytes:
    """The record for packets with lengths of four bytes."""
    every = [parse_sps(unit) for unit in headers.sequence]
    first = max(every, key=lambda sps: sps.profile[0] & 31)
    level = max(sps.level for sps in every)
    luma, chroma = first.depth
    record = b"\1" + first.profile + bytes([level, 0xF0, 0, 0xFC, 0xFC | first.chroma_format])
    record += bytes([0xF8 | luma - 8, 0xF8 | chroma - 8, 0, 0])
    record += bytes([first.layers << 3 | first.nested << 2 | 3, 3])
    for kind, units in ((VPS, headers.video), (SPS, headers.sequence), (PPS, headers.picture)):
        record += bytes([0x80 | kind]) + len(units).to_bytes(2, "big") + _counted(units)
    return record


def _counted(units: Iterable[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
