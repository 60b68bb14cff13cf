"""Scanning a file's packets, without decoding: where its closed groups of pictures are.

A frame counts as n where it begins at n frame periods after source time 0, to the tick, or within
a tick where the container must round, as ``vedc.media.reader`` reads it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import Enum, auto
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from vedc.edit.media_info import MediaInfo, ProbeError, VideoInfo
from vedc.media.bitstream import h264, h264_slices, hevc
from vedc.media.bitstream.bits import BitsError
from vedc.media.bitstream.units import units_of
from vedc.media.decoding import beginning, numbered
from vedc.media.demux.container import open_media, packets_of
from vedc.plan.footage import FURTHEST, IN_PLACE, Entry, Footage, Group

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

#: Ticks per frame below which rounding is indistinguishable from an uneven rate.
_MANY_TICKS: Final = 4

#: Sequence parameter sets of one stream, and a fourth of its picture parameter sets.
_MANY_SETS: Final = 2
#: A picture parameter set of a higher id has none whose code is longer by one byte.
_HIGHEST_ID: Final = 14

_CHANGE: Final = "its parameter sets change within the file"


class Refused(Exception):
    """A stream cannot be copied; the message is the end of a sentence."""


class Place(Enum):
    """The role of a packet among those around it."""

    CLOSED = auto()
    """It begins a group without references to anything before it."""
    OPEN = auto()
    """The same, except for packets after it that are shown before it, ..."""
    LEADING = auto()
    """... of which this is one."""
    INSIDE = auto()


class _Units(Protocol):
    """Finds where a codec's groups begin."""

    headers: str
    profile: str
    intra: bool
    coded: tuple[int, int]

    def place(self, data: bytes) -> Place:
        """The role of a packet. Raises Refused or BitsError."""


class _Whole:
    """Every picture stands by itself."""

    headers = ""
    intra = True
    coded = 0, 0

    def __init__(self, stream: VideoStream) -> None:
        context = stream.codec_context
        self.profile = str(context.profile or context.codec_tag)

    def place(self, data: bytes) -> Place:
        return Place.CLOSED


class _H264:
    intra, profile = False, ""

    def __init__(self, stream: VideoStream, video: VideoInfo) -> None:
        found, self._lengths = h264.headers_of(stream.codec_context.extradata or b"")
        self._known = {*found.sequence, *found.picture}
        self._sets = found.sets()
        sequences = [h264.parse_sps(unit) for unit in found.sequence]
        if not all(sps.progressive for sps in sequences):
            raise Refused("it is coded for interlaced pictures")
        if any(sps.lossless for sps in sequences):
            raise Refused("it is lossless, which FFmpeg does not decode after other footage")
        across, down = _same({sps.macroblocks for sps in sequences})
        self.coded = 16 * across, 16 * down
        pictures = [h264.parse_pps(unit) for unit in found.picture]
        if any(pps.slice_groups for pps in pictures):
            raise Refused("it uses groups of slices, which many players cannot show")
        if len(found.sequence) > _MANY_SETS or len(pictures) > 4 * _MANY_SETS:
            raise Refused("it has too many parameter sets")
        if max(pps.id for pps in pictures) > _HIGHEST_ID:
            raise Refused("the ids of its parameter sets are too high")
        _check_ids([sps.id for sps in sequences])
        _check_ids([pps.id for pps in pictures])
        self.headers = _named(found, self._lengths)

    def place(self, data: bytes) -> Place:
        key = other = False
        for unit in units_of(data, self._lengths):
            kind = unit[0] & 31
            if kind == h264.SLICE:
                other = True
            elif kind == h264.IDR:
                if not key:
                    h264_slices.parse_slice(unit, self._sets)
                key = True
            elif kind in (h264.SPS, h264.PPS):
                if unit not in self._known:
                    raise Refused(_CHANGE)
            elif kind in h264.FOREIGN:
                raise Refused("it holds layers or partitions")
        if key == other:
            raise BitsError("a packet is not one picture")
        return Place.CLOSED if key else Place.INSIDE


class _Hevc:
    intra, profile = False, ""

    def __init__(self, stream: VideoStream) -> None:
        found, self._lengths = hevc.headers_of(stream.codec_context.extradata or b"")
        self._known = {*found.video, *found.sequence, *found.picture}
        sequences = [hevc.parse_sps(unit) for unit in found.sequence]
        if any(sps.interlaced for sps in sequences):
            raise Refused("its pictures are fields")
        pictures = [hevc.parse_pps(unit).id for unit in found.picture]
        if max(len(found.video), len(found.sequence)) > 1 or len(pictures) > _MANY_SETS:
            raise Refused("it has too many parameter sets")
        if max(pictures) >= _MANY_SETS:
            raise Refused("the ids of its parameter sets are too high")
        _check_ids(pictures)
        self.coded = _same({sps.coded for sps in sequences})
        self.headers = _named(found, self._lengths)

    def place(self, data: bytes) -> Place:
        kinds = set()
        for unit in units_of(data, self._lengths):
            kind = hevc.kind_of(unit)
            if not hevc.base_layer(unit):
                raise Refused("it holds layers")
            if hevc.is_slice(unit):
                kinds.add(kind)
            elif kind in (hevc.VPS, hevc.SPS, hevc.PPS) and unit not in self._known:
                raise Refused(_CHANGE)
            elif kind in hevc.ENDS:
                raise Refused("it is made of several streams")
        if len(kinds) != 1:
            raise BitsError("a packet is not one picture")
        (kind,) = kinds
        if kind in hevc.IDR:
            return Place.CLOSED
        if kind in hevc.LEADING:
            return Place.LEADING
        if kind in hevc.RANDOM_ACCESS and kind != hevc.CRA:
            raise Refused("it has been joined from several streams")
        return Place.OPEN if kind == hevc.CRA else Place.INSIDE


#: Codecs of films whose pictures all stand by themselves.
INTRA: Final = frozenset({"prores", "dnxhd"})


def scan(info: MediaInfo) -> Footage:
    """The packets of a file's selected video stream."""
    video = info.video
    if video is None:
        return Footage("it has no picture")
    try:
        return _scan(info, video)
    except Refused as error:
        return Footage(str(error))
    except BitsError as error:
        return Footage(f"its packets cannot be read ({error})")
    except (ProbeError, OSError):
        return Footage("it cannot be read to its end")


def _scan(info: MediaInfo, video: VideoInfo) -> Footage:
    import av

    if info.joins:
        raise Refused("its times jump back")
    zero, timed = beginning(info)
    with open_media(Path(info.path)) as container:
        stream = numbered(container, video.stream)
        if stream is None or stream.time_base is None or not timed:
            raise Refused("its frames have no time stamps")
        length = 1 / (video.rate * stream.time_base)
        rounded = length.denominator != 1
        if rounded and (length < _MANY_TICKS or video.rate.denominator not in (1, 1001)):
            raise Refused("its times are too coarse for its frame rate")
        units = _units(stream, video)
        scanned = _Scanned(units, zero, length, rounded)
        headers = stream.codec_context.extradata
        try:
            for packet in packets_of(container, stream):
                if packet.size:
                    _check_headers(packet, headers)
                    scanned.take(packet)
        except av.FFmpegError as error:
            raise Refused("it cannot be read to its end") from error
        scanned.finish()
    if not scanned.groups:
        raise Refused("it has no key frames at even times from which decoding can begin")
    return Footage(
        None,
        tuple(scanned.groups),
        "" if units.intra else "".join(scanned.order),
        (length.numerator, length.denominator),
        scanned.reorder,
        units.headers,
        units.profile,
        units.coded,
    )


def _check_headers(packet: Packet[Any], headers: bytes | None) -> None:
    """Containers may change parameter sets beside the packets: FLV, MP4 with several sample
    descriptions."""
    changes = packet.has_sidedata("new_extradata")
    if changes and bytes(packet.get_sidedata("new_extradata")) != headers:
        raise Refused(_CHANGE)


def _named(found: h264.Headers | hevc.Headers, lengths: int | None) -> str:
    """A name for parameter sets and the form of their packets."""
    return hashlib.sha256(repr((found, lengths)).encode()).hexdigest()[:16]


def _same(sizes: set[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) > 1:
        raise Refused("the size of its pictures changes")
    return next(iter(sizes))


def _check_ids(sets: Sequence[int]) -> None:
    if len({*sets}) < len(sets):
        raise Refused("two of its parameter sets have the same id")


def _units(stream: VideoStream, video: VideoInfo) -> _Units:
    if video.codec in INTRA:
        return _Whole(stream)
    if video.codec == "h264":
        return _H264(stream, video)
    if video.codec == "hevc":
        return _Hevc(stream)
    raise Refused(f"{video.codec} is not copied")


class _Scanned:
    """The packets scanned so far."""

    def __init__(self, units: _Units, zero: int, length: Fraction, rounded: bool) -> None:
        self._units, self._zero, self._length, self._rounded = units, zero, length, rounded
        self.groups: list[Group] = []
        self.order: list[str] = []
        self.reorder = 0
        self._numbers: list[int] = []
        """The frames of the open group's packets."""
        self._pts = 0
        self._even = self._led = False
        self._entries: list[Entry] = []

    def take(self, packet: Packet[Any]) -> None:
        number = self._number(packet)
        apart = packet.is_discard or packet.is_corrupt or number is None or number < 0
        place = self._units.place(bytes(packet))
        if place is Place.CLOSED and (not self._units.intra or apart or self._breaks(number)):
            self._begin(packet.pts or 0, apart)
        elif place is Place.OPEN and not self._even:
            self._begin(packet.pts or 0, apart)
            self._led = True
        elif place is Place.OPEN and number is not None:
            self._entries.append(Entry(len(self._numbers), number, packet.pts or 0))
        elif place is Place.LEADING and self._led and not self._whole_before(number):
            return  # players skip it, as it refers to pictures before the first
        if apart or number is None:
            self._even = False
        else:
            self._numbers.append(number)

    def _begin(self, pts: int, apart: bool) -> None:
        self.finish()
        self._pts, self._even, self._led = pts, not apart, False

    def _whole_before(self, number: int | None) -> bool:
        """Whether a frame is shown after the open group's first one."""
        return number is not None and bool(self._numbers) and number >= self._numbers[0]

    def _breaks(self, number: int | None) -> bool:
        return not self._even or not self._numbers or number != self._numbers[-1] + 1

    def _number(self, packet: Packet[Any]) -> int | None:
        if packet.pts is None:
            return None
        ticks = packet.pts - self._zero
        number = round(ticks / self._length) if self._rounded else None
        if number is None:
            number, off = divmod(ticks, self._length.numerator)
            return int(number) if not off else None
        return number if abs(ticks - number * self._length) < 1 else None

    def finish(self) -> None:
        """Close the open group, and keep it if it is whole."""
        numbers, self._numbers = self._numbers, []
        entries, self._entries = tuple(self._entries), []
        if not self._even or not numbers:
            return
        first = numbers[0]
        moved = [number - first - index for index, number in enumerate(numbers)]
        furthest = max(map(abs, moved))
        if sorted(numbers) != list(range(first, first + len(numbers))) or furthest > FURTHEST:
            return
        if self._units.intra and furthest:
            return
        self.groups.append(
            Group(first, len(numbers), len(self.order), self._pts, entries, self._led)
        )
        self.order += (chr(IN_PLACE + by) for by in moved)
        self.reorder = max(self.reorder, -min(moved))
