"""H.264: reading and rewriting parameter sets and the beginnings of slices.

Where parts of several streams are joined to one, every parameter set must have its own id, and all
should state the same colour, rate and buffers, so that players change nothing at a join. No sample
changes. Source: ITU-T H.264 (08/2021), clauses 7.3.2, 7.3.3, A.3 and E.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vedc.media.bitstream.bits import (
    BitReader,
    BitsError,
    BitWriter,
    escape,
    unescape,
)
from vedc.media.bitstream.signal import Signal
from vedc.media.bitstream.units import units_of

SLICE: Final = 1
IDR: Final = 5
SEI: Final = 6
SPS: Final = 7
PPS: Final = 8
#: Data partitions A, B and C, and slices of auxiliary and layered pictures.
FOREIGN: Final = frozenset({2, 3, 4, 13, 14, 15, 19, 20, 21})

#: Profiles whose sequence parameter sets state chroma format and bit depth.
_HIGH: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})

#: Profiles in which level 11 with constraint_set3_flag is level 1b.
_LEVEL_1B: Final = frozenset({66, 77, 88})

#: Profiles by the demands on a decoder, least first.
_PROFILES: Final = (66, 77, 88, 100, 110, 122, 244)

#: Decoded picture buffers in macroblocks by level (table A-1).
_BUFFERS: Final = {
    9: 396, 10: 396, 11: 900, 12: 2376, 13: 2376, 20: 2376, 21: 4752, 22: 8100, 30: 8100,
    31: 18000, 32: 20480, 40: 32768, 41: 32768, 42: 34816, 50: 110400, 51: 184320, 52: 184320,
    60: 696320, 61: 696320, 62: 696320,
}  # fmt: skip

#: Supplemental information that may be copied: recovery points, and x264's note of its version, by
#: which decoders recognise its old faults. The rest is timing that is no longer valid, or content
#: for viewers, such as captions, that the film should not have.
_RECOVERY_POINT: Final = 6
_USER_DATA: Final = 5
_X264: Final = bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef")


def kind_of(unit: bytes) -> int:
    """The type of a NAL unit."""
    return unit[0] & 31


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set."""

    profile: int
    constraints: int
    level: int
    id: int
    core: tuple[int, int]
    """The bits between its id and its usability information, and their number."""
    chroma_format: int
    depth: tuple[int, int]
    separate_planes: bool
    lossless: bool
    """Whether pictures may bypass the transform."""
    frame_num_bits: int
    poc_type: int
    poc_lsb_bits: int
    poc_deltas: bool
    """Whether slices may carry the difference of their picture order count from the expected
    one."""
    reference_frames: int
    macroblocks: tuple[int, int]
    """Across and down, of a frame."""
    progressive: bool
    restriction: tuple[int, ...] | None
    """Whether vectors leave the picture, four bounds, num_reorder_frames and
    max_dec_frame_buffering."""

    @property
    def reorder(self) -> int:
        """Frames that may precede one in the stream and follow it on the screen, if stated."""
        return self.restriction[5] if self.restriction is not None else 0

    @property
    def buffering(self) -> int:
        """Frames of the decoded picture buffer that the stream may count on."""
        return self.restriction[6] if self.restriction is not None else self.largest(self.level)

    def largest(self, level: int) -> int:
        """Frames of the decoded picture buffer at a level."""
        across, down = self.macroblocks
        return max(self.reference_frames, min(_BUFFERS.get(level, 8100) // (across * down), 16))

    def restated(self, number: int, signal: Signal) -> bytes:
        """The same as NAL unit ``number``, with the values of ``signal``."""
        constraints = self.constraints
        if self.profile in _LEVEL_1B and signal.level != 11:
            constraints &= 0xEF
        out = BitWriter().u(8, self.profile).u(8, constraints).u(8, signal.level)
        value, size = self.core
        out.ue(number).u(size, value).flag(True)
        out.flag(True).u(8, 1)  # square pixels
        out.flag(False)
        out.flag(True).u(3, 5).flag(signal.full_range).flag(True)
        out.u(8, signal.primaries).u(8, signal.transfer).u(8, signal.matrix)
        out.flag(False)
        out.flag(True).u(32, signal.rate.denominator).u(32, 2 * signal.rate.numerator).flag(True)
        out.flag(False).flag(False).flag(False)  # no buffer model, no field timing
        vectors, *bounds = (1, 2, 1, 15, 15) if self.restriction is None else self.restriction[:5]
        out.flag(True).u(1, vectors)
        for bound in (*bounds, signal.reorder, signal.buffering):
            out.ue(bound)
        return bytes([0x60 | SPS]) + escape(out.payload())


def parse_sps(unit: bytes) -> Sps:
    """Raises BitsError."""
    read = BitReader(unescape(unit[1:]))
    profile, constraints, level, number = read.u(8), read.u(8), read.u(8), read.ue()
    begin = read.at
    chroma, depth, planes, lossless = 1, (8, 8), False, False
    if profile in _HIGH:
        chroma = read.ue()
        planes = chroma == 3 and read.flag()
        depth = (8 + read.ue(), 8 + read.ue())
        lossless = read.flag()
        if read.flag():
            for index in range(12 if chroma == 3 else 8):
                if read.flag():
                    _skip_scaling(read, 16 if index < 6 else 64)
    frame_num_bits = 4 + read.ue()
    poc_type, poc_lsb_bits, poc_deltas = read.ue(), 0, False
    if poc_type == 0:
        poc_lsb_bits = 4 + read.ue()
    elif poc_type == 1:
        poc_deltas = not read.flag()
        read.se(), read.se()
        for _ in range(read.ue()):
            read.se()
    reference_frames = read.ue()
    read.flag()
    across, rows = read.ue() + 1, read.ue() + 1
    progressive = read.flag()
    if not progressive:
        read.flag()
    read.flag()
    if read.flag():
        for _ in range(4):
            read.ue()
    size = read.at - begin
    read.at = begin
    core = (read.u(size), size)
    restriction = _restriction(read) if read.flag() else None
    return Sps(
        profile, constraints, level, number, core, chroma, depth, planes, lossless, frame_num_bits,
        poc_type, poc_lsb_bits, poc_deltas, reference_frames,
        (across, rows if progressive else 2 * rows), progressive, restriction,
    )  # fmt: skip


def _skip_scaling(read: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + read.se()) % 256
        last = following or last


def _restriction(read: BitReader) -> tuple[int, ...] | None:
    """The bitstream bounds in the usability information."""
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
    if read.flag():
        read.u(65)
    models = 0
    for _ in range(2):
        if read.flag():
            _skip_model(read)
            models += 1
    if models:
        read.flag()
    read.flag()
    if not read.flag():
        return None
    return read.u(1), *(read.ue() for _ in range(6))


def _skip_model(read: BitReader) -> None:
    count = read.ue() + 1
    read.u(8)
    for _ in range(count):
        read.ue(), read.ue(), read.flag()
    read.u(20)


@dataclass(frozen=True, slots=True)
class Pps:
    """A picture parameter set."""

    id: int
    sps: int
    rest: tuple[int, int]
    """The bits after its two ids, and their number."""
    slice_groups: bool
    """Whether its pictures are cut into groups of slices, which few decoders know."""
    field_orders: bool
    """Whether slices of frames state the order of their fields."""
    redundant: bool
    """Whether slices may be coded several times."""

    def restated(self, number: int, sps: int) -> bytes:
        value, size = self.rest
        out = BitWriter().ue(number).ue(sps).u(size, value)
        return bytes([0x60 | PPS]) + escape(out.payload())


def parse_pps(unit: bytes) -> Pps:
    """Raises BitsError."""
    read = BitReader(unescape(unit[1:]))
    number, sps, rest = read.ue(), read.ue(), read.rest()
    read.flag()
    orders, groups, redundant = read.flag(), read.ue() > 0, False
    if not groups:
        read.ue(), read.ue(), read.u(3)
        read.se(), read.se(), read.se()
        read.u(2)
        redundant = read.flag()
    return Pps(number, sps, rest, groups, orders, redundant)


# ---------------------------------------------------------------- supplemental information


def kept_information(unit: bytes) -> bytes | None:
    """The part of a supplemental information unit that is copied."""
    payload, at, kept = unescape(unit[1:]), 0, []
    while at + 2 <= len(payload) and payload[at:] != b"\x80":
        begin, numbers = at, []
        for _ in range(2):
            number = 0
            while at < len(payload) and payload[at] == 255:
                number, at = number + 255, at + 1
            if at == len(payload):
                return None
            numbers.append(number + payload[at])
            at += 1
        kind, size = numbers
        content, at = payload[at : at + size], at + size
        if kind == _RECOVERY_POINT or (kind == _USER_DATA and content.startswith(_X264)):
            kept.append(payload[begin:at])
    return unit[:1] + escape(b"".join(kept) + b"\x80") if kept else None


# ---------------------------------------------------------------- the decoder's record


@dataclass(frozen=True, slots=True)
class Headers:
    """The parameter sets of a stream."""

    sequence: tuple[bytes, ...]
    picture: tuple[bytes, ...]

    def sets(self) -> dict[int, Sps]:
        """The sequence parameter set of each picture parameter set, by the latter's id."""
        by_id = {sps.id: sps for sps in map(parse_sps, self.sequence)}
        found = {}
        for pps in map(parse_pps, self.picture):
            if pps.sps not in by_id:
                raise BitsError(f"there is no sequence parameter set {pps.sps}")
            found[pps.id] = by_id[pps.sps]
        return found


def read_record(extradata: bytes) -> tuple[Headers, int]:
    """The parameter sets of an AVC decoder configuration record (ISO/IEC 14496-15), and the bytes
    of the lengths in its packets. Raises BitsError."""
    if len(extradata) < 7 or extradata[0] != 1:
        raise BitsError("no decoder configuration record")
    at, found = 6, []
    count = extradata[5] & 31
    for _ in range(2):
        units = []
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            units.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
        if at > len(extradata):
            raise BitsError("the decoder configuration record ends early")
        found.append(tuple(units))
        if len(found) == 1:
            count, at = extradata[at : at + 1][0] if at < len(extradata) else 0, at + 1
    if not all(found):
        raise BitsError("there are no parameter sets")
    return Headers(*found), 1 + (extradata[4] & 3)


def headers_of(extradata: bytes) -> tuple[Headers, int | None]:
    """The parameter sets of an H.264 stream, and the bytes of the lengths in its packets; None
    where it has start codes. Raises BitsError."""
    if extradata[:1] == b"\1":
        return read_record(extradata)
    units = units_of(extradata, None)
    sets = [
        tuple(dict.fromkeys(unit for unit in units if kind_of(unit) == kind)) for kind in (SPS, PPS)
    ]
    if not all(sets):
        raise BitsError("there are no parameter sets")
    return Headers(*sets), None


def write_record(headers: Headers) -> bytes:
    """The record for packets with lengths of four bytes."""
    sequence = [parse_sps(unit) for unit in headers.sequence]
    known = [sps.profile for sps in sequence if sps.profile in _PROFILES]
    profile = max(known, key=_PROFILES.index, default=sequence[0].profile)
    constraints = 255
    for sps in sequence:
        constraints &= sps.constraints
    level = max(sps.level for sps in sequence)
    record = bytes([1, profile, constraints, level, 0xFF, 0xE0 | len(sequence)])
    record += _counted(headers.sequence)
    record += bytes([len(headers.picture)]) + _counted(headers.picture)
    if profile in _HIGH:
        luma, chroma = sequence[0].depth
        record += bytes([0xFC | sequence[0].chroma_format, 0xF8 | luma - 8, 0xF8 | chroma - 8, 0])
    return record


def _counted(units: Iterable[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
