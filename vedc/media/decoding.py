"""Decoding a video stream from a given place, in one of two ways.

The quick way uses all threads and a decoder that refuses frames it cannot decode whole. So its
output is intact, and independent of where decoding began. It ends in a :class:`Doubt` at damage.

The careful way conceals damage as FFmpeg does, and knows which frames are damaged: it decodes
twice, with one decoder that conceals and one that refuses, each on one thread, because FFmpeg
conceals differently on several.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import av
from av.video.frame import VideoFrame

from vedc.edit.media_info import MediaInfo, ProbeError
from vedc.media.demux.container import open_media, packets_of
from vedc.media.demux.joins import Mender
from vedc.media.digest import Stamp
from vedc.media.picture.decoder import PictureDecoder

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

#: Bytes before the data of an AVI's frame.
_CHUNK_HEADER: Final = 8
#: Packets before a frame's on which it may depend and that may be shown later.
_REORDERED: Final = 17
#: Packets after which a missing frame is no longer awaited.
_LOOKED_AT: Final = 64

#: AVI stores no presentation times, and FFmpeg derives none for these codecs, which reorder frames.
_COUNTED_IN_AVI: Final = frozenset({"h264", "hevc"})


class Doubt(Exception):
    """Damage follows: only careful decoding can decide what to show."""


class Timed(NamedTuple):
    """A decoded frame and its time in ticks, which may differ from its own pts."""

    pts: int
    frame: VideoFrame


class _Ordered:
    """Holds frames back until all frames decoded before them are known.

    A damaged frame that is shown later may have spoilt frames shown before it.
    """

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        """Time of a packet -> its place among the packets; only for recent ones."""
        self._count = 0
        self._unseen: set[int] = set()
        self._held: deque[Timed] = deque()

    def send(self, packet: Packet[VideoStream]) -> None:
        """A packet goes to the decoder."""
        if packet.size and packet.pts is not None:
            self._places[packet.pts] = self._count
            self._unseen.add(self._count)
            self._count += 1
            self._unseen.discard(self._count - _LOOKED_AT)
            if len(self._places) > 2 * _LOOKED_AT:
                del self._places[next(iter(self._places))]

    def take(self, frame: Timed) -> Iterator[Timed]:
        """A frame leaves the decoder. Returns frames that need not wait any longer."""
        place = self._place(frame)
        if place is not None:
            self._unseen.discard(place)
        self._held.append(frame)
        while self._held and not self._waits(self._held[0]):
            yield self._held.popleft()

    def rest(self) -> Iterator[Timed]:
        yield from self._held
        self._held.clear()

    def _place(self, timed: Timed) -> int | None:
        return None if timed.frame.pts is None else self._places.get(timed.frame.pts)

    def _waits(self, timed: Timed) -> bool:
        place = self._place(timed)
        if place is None:
            return False
        return any(earlier in self._unseen for earlier in range(place - _REORDERED, place))


class _Opened:
    """A file opened for one decoder. ``strict``: it refuses frames it cannot decode whole."""

    def __init__(self, info: MediaInfo, threads: int, *, strict: bool) -> None:
        assert info.video is not None
        self._joins = info.joins
        self.container = open_media(Path(info.path))
        stream = numbered(self.container, info.video.stream)
        if stream is None or stream.time_base is None:
            self.container.close()
            raise ProbeError("no-streams", f"'{info.path}' no longer holds a picture")
        self.stream: VideoStream = stream
        self.base = stream.time_base
        self.decoder = PictureDecoder(stream, info.video.hidden if info.video else None)
        context = self.decoder.context
        if threads != 1:
            context.thread_type = "AUTO"
        context.thread_count = threads
        # Reading on, FFmpeg counts the frames of an AVI, and miscounts if one is lost; after a
        # seek, it follows the index.
        self._indexed: dict[int, int] = {}
        if self.container.format.name == "avi":
            entries = stream.index_entries
            self._indexed = {entry.pos + _CHUNK_HEADER: entry.timestamp for entry in entries}
        if strict:
            context.options = {"err_detect": "explode"}

    def seek(self, ticks: int) -> None:
        """Raises av.FFmpegError where the file is not seekable."""
        self.container.seek(ticks, stream=self.stream)
        self.decoder.flush()

    def packets(self) -> Iterator[Packet[VideoStream]]:
        mender = Mender(self._joins, self.base)
        late = 0
        for packet in packets_of(self.container, self.stream):
            mender.mend(packet)
            if packet.pos is not None and packet.dts is not None:
                late = self._indexed.get(packet.pos, packet.dts + late) - packet.dts
            if late:
                packet.dts = None if packet.dts is None else packet.dts + late
                packet.pts = None if packet.pts is None else packet.pts + late
            yield packet


class Decoding:
    """The frames of a file's picture, from where :meth:`start` or :meth:`seek` began.

    ``keys`` holds the times of the key frames that were met since, and ``damaged`` the times of
    the packets that did not decode whole, each with the number of key frames before it. Both are
    complete only for careful decoding.
    """

    def __init__(self, info: MediaInfo, threads: int) -> None:
        assert info.video is not None
        self._info, self._threads, self._rate = info, threads, info.video.rate
        self._quick: _Opened | None = None
        self._slow: tuple[_Opened, _Opened] | None = None
        self.careful = False
        self.fresh = False
        """Whether decoding began with the file."""
        self.keys: list[int] = []
        self.damaged: list[tuple[int, int]] = []
        """(key frames before it, ticks)"""
        self.ends_at: int | None = None
        """Where the file cannot be read further, in ticks."""
        self.decoded = 0
        """Frames decoded so far, including those skipped over."""
        self.zero, timed = beginning(info)
        # Where times jump back, only reading from the beginning reliably finds a frame.
        self.seekable = timed and not info.joins
        opened = self._quick = _Opened(info, threads, strict=True)
        self.stream, self.base = opened.stream, opened.base
        self.step = max(1, round(1 / (self._rate * self.base)))
        self.container_names = frozenset(opened.container.format.name.split(","))
        codec = opened.decoder.context.codec.canonical_name
        self._counted = not timed or ("avi" in self.container_names and codec in _COUNTED_IN_AVI)
        self._untouched = True

    def close(self) -> None:
        for opened in (self._quick, *(self._slow or ())):
            if opened is not None:
                opened.container.close()
        self._quick = self._slow = None

    def start(self, *, careful: bool = False) -> Iterator[Timed]:
        """Decode from the first frame. Files that are not seekable are reopened."""
        if not careful and not self._untouched and self._quick is not None:
            self._quick.container.close()
            self._quick = None
        return self._frames(self._open(careful), None)

    def seek(
        self, ticks: int, limit: int, *, careful: bool = False, key: int | None = None
    ) -> Iterator[Timed]:
        """Decode from a key frame at or before ``ticks``; nothing if even that is after ``limit``.

        ``key``: skip key frames before this time. Raises av.FFmpegError where the file is not
        seekable.
        """
        opened = self._open(careful)
        for each in opened:
            each.seek(ticks)
        return self._frames(opened, limit, key)

    def _open(self, careful: bool) -> tuple[_Opened, ...]:
        if not careful:
            if self._quick is None:
                self._quick = _Opened(self._info, self._threads, strict=True)
                self.stream = self._quick.stream
            return (self._quick,)
        # New decoders: the buffers of a used one may show in what it conceals.
        for opened in self._slow or ():
            opened.container.close()
        self._slow = _Opened(self._info, 1, strict=False), _Opened(self._info, 1, strict=True)
        return self._slow

    def _frames(
        self, opened: tuple[_Opened, ...], limit: int | None, key: int | None = None
    ) -> Iterator[Timed]:
        """Frames from the current position, with ``limit`` from the next key frame on."""
        self.careful, self.fresh, self._untouched = len(opened) > 1, limit is None, False
        self.keys, self.damaged, self.ends_at = [], [], None
        return self._decode(opened, limit, key)

    def _decode(
        self, opened: tuple[_Opened, ...], limit: int | None, key: int | None
    ) -> Iterator[Timed]:
        shown, checked = opened[0], opened[1] if len(opened) > 1 else None
        careful, waiting = checked is not None, limit is not None
        ordered = _Ordered()
        last: int | None = None
        twins: Iterator[Any] = checked.packets() if checked is not None else repeat(None)
        try:
            for packet, twin in zip(shown.packets(), twins, strict=False):
                if waiting:
                    # A packet without a position shares its PES with others, and after a seek
                    # may carry another's time (MPEG-PS).
                    if not packet.is_keyframe or packet.pos is None or not packet.size:
                        continue
                    if key is not None and _time_of(packet) < key:
                        continue
                    if limit is not None and _time_of(packet) > limit:
                        return
                    waiting = False
                if packet.size and packet.is_keyframe:
                    self.keys.append(_time_of(packet))
                if self._counted and last is None:
                    last = _time_of(packet) - self.step
                at = _time_of(packet) if last is None or not self._counted else last + self.step
                place = len(self.keys), at
                if checked is not None and not _decodes(checked.decoder, twin):
                    self.damaged.append(place)
                ordered.send(packet)
                try:
                    frames = shown.decoder(packet)
                except av.FFmpegError:
                    if careful:
                        if place not in self.damaged:
                            self.damaged.append(place)
                    elif limit is not None or last is not None:
                        raise Doubt from None
                    continue  # not concealed; or a recording that begins in mid-frame
                for frame in frames:
                    self.decoded += 1
                    pts = None if self._counted else frame.pts
                    if pts is None and not self._counted:
                        pts = frame.dts
                    if pts is None:
                        pts = self.zero if last is None else last + self.step
                    if last is None and limit is None and pts > self.zero and not careful:
                        raise Doubt
                    if frame.is_corrupt and careful:
                        self.damaged.append((bisect_right(self.keys, pts), pts))
                    elif frame.is_corrupt and pts >= self.zero and not _opening(self.keys, pts):
                        raise Doubt
                    last = pts
                    yield from ordered.take(Timed(pts, frame))
            yield from ordered.rest()
        except (av.FFmpegError, OSError):
            self.ends_at = self.zero if last is None else last + self.step


def _opening(keys: Sequence[int], pts: int) -> bool:
    """Whether a frame leads the first key frame: after a seek its references are missing."""
    return bool(keys) and pts < keys[0]


def numbered(container: InputContainer, number: int) -> VideoStream | None:
    """The video stream with an index among those of its file, if there is one."""
    videos = container.streams.video
    return videos[number] if number < len(videos) else None


def _decodes(decoder: PictureDecoder, packet: Packet[VideoStream]) -> bool:
    try:
        decoder(packet)
    except av.FFmpegError:
        return False
    return True


def _time_of(packet: Packet[VideoStream]) -> int:
    if packet.pts is not None:
        return packet.pts
    return packet.dts if packet.dts is not None else 0


def beginning(info: MediaInfo) -> tuple[int, bool]:
    """The result of :func:`first_tick`, from the probe if it is known."""
    assert info.video is not None
    if info.video.begins is not None:
        return info.video.begins, True
    return first_tick(Stamp.probed(info), info.video.stream)


@lru_cache(maxsize=256)
def first_tick(stamp: Stamp, number: int) -> tuple[int, bool]:
    """The first frame's time in ticks, and whether the stream has times and so is seekable."""
    damaged = ProbeError("damaged-media", f"no picture of '{stamp.path}' can be decoded")
    with open_media(Path(stamp.path)) as container:
        stream = numbered(container, number)
        if stream is None:
            raise ProbeError("no-streams", f"'{stamp.path}' no longer holds a picture")
        stream.codec_context.thread_count = 1
        first: Packet[VideoStream] | None = None
        try:
            for packet in packets_of(container, stream):
                first = first or packet
                try:
                    frames = packet.decode()
                except av.InvalidDataError:
                    continue  # a recording may begin in the middle of a frame
                for frame in frames:
                    if frame.is_corrupt:
                        continue
                    timed = first.pts is not None or first.dts is not None
                    pts = frame.pts if frame.pts is not None else frame.dts
                    return (pts if pts is not None else _time_of(first)), timed
        except av.FFmpegError as error:
            raise damaged from error
    raise damaged
