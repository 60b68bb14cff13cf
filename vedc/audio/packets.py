"""The packets of one sound with reliable times, even where the file's own are not.

``vedc.media.sound.clock`` says which clock applies. Going back in a file without reliable time
stamps means reading it again from its beginning.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vedc.edit.media_info import Join, ProbeError
from vedc.media.demux.container import open_media, packets_of
from vedc.media.demux.joins import Mender
from vedc.media.digest import Stamp
from vedc.media.sound.clock import Clock, clock_of, read_pages
from vedc.media.sound.raw import raw_frame

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

_TICK: Final = Fraction(1, 28_224_000)
"""Seconds; a multiple of every usual sample rate's."""

_CHECKED: Final = frozenset({"asf", "avi", "flac", "matroska", "ogg"})
"""Formats whose demuxers find another place after a seek where packets are damaged or missing."""

_EVEN: Final = Fraction(15, 1000)
"""Seconds between the end of a packet and the next that still count as gapless."""

_PRE_ROLL: Final = Fraction(1, 10)
"""Seconds: more than Opus counts before its first sample."""


class SoundPackets:
    """Reads the packets of a file's sound, in order, from a place that ``seek`` chose.

    ``stream`` is its index among the file's audio streams, ``joins`` is where further parts of the
    file begin. Opening raises ProbeError; reading
    and seeking raise av.FFmpegError. Close it after use.
    """

    def __init__(self, path: Path, stream: int = 0, joins: Sequence[Join] = ()) -> None:
        self._path, self._number, self._joins = path, stream, joins
        self._open()
        self.clock: Clock = "stamps" if joins else _clock_of(Stamp.of(path), stream)
        self._at = Fraction(0)
        """Seconds: where the next packet begins, by its header."""
        self._skip = Fraction(0)

    def _open(self) -> None:
        self._container = open_media(self._path)
        if len(self._container.streams.audio) <= self._number:
            self._container.close()
            raise ProbeError("no-streams", f"'{self._path}' no longer holds the sound")
        self.stream = quiet_but(self._container, self._number)
        self.stream.codec_context.thread_count = 1
        self._mender = Mender(self._joins, self.stream.time_base or _TICK)

    def close(self) -> None:
        self._container.close()

    @property
    def tick(self) -> Fraction:
        """Seconds of the unit in which packets and frames are stamped."""
        base = self.stream.time_base
        return _TICK if self.clock == "samples" or base is None else base

    @property
    def only_forward(self) -> bool:
        """Whether any seek means decoding everything before it."""
        if self.clock == "samples" or self._joins:
            return True
        names = self._container.format.name.split(",")
        if self.clock == "headers" or _CHECKED.isdisjoint(names):
            return False
        alone = not self._container.streams.video
        return alone and not _is_even(Stamp.of(self._path), self._number)

    @property
    def part(self) -> int:
        """The offset of the part of a joined file that was read last."""
        return self._mender.offset

    def seek(self, stamp: int) -> None:
        """Go to a packet that begins at or before ``stamp``, in ticks."""
        if self.only_forward:
            self.rewind()
            return
        if self.clock == "stamps":
            if self._container.format.name == "ogg":
                stamp = min(stamp, _latest(Stamp.of(self._path), self.tick))
            self._container.seek(stamp, stream=self.stream)
            return
        wanted = stamp * self.tick
        if wanted < self._at:
            self.rewind()
        else:
            self.stream.codec_context.flush_buffers()
        self._skip = wanted

    def rewind(self) -> None:
        """Go to the very beginning."""
        self._container.close()
        self._open()
        self._at = self._skip = Fraction(0)

    def __iter__(self) -> Iterator[Packet[Any]]:
        """The packets to decode; the last is empty and flushes the decoder.

        Packets without a stamp begin where the one before them ends.
        """
        for packet in packets_of(self._container, self.stream):
            self._mender.mend(packet)
            if self.clock == "samples":
                packet.pts = packet.dts = None
            elif self.clock == "headers" and packet.size:
                header = raw_frame(bytes(packet)[:7])
                if header is None:
                    continue  # a tag between two files
                begins = self._at
                self._at += Fraction(header.samples, header.rate)
                if self._at <= self._skip:
                    continue
                packet.pts = packet.dts = int(begins / self.tick)
            yield packet


def quiet_but(container: InputContainer, number: int) -> AudioStream:
    """The audio stream of that number; no other is demuxed."""
    from av.stream import Discard

    chosen = container.streams.audio[number]
    for stream in container.streams:
        if stream is not chosen:
            stream.discard = Discard.all
    return chosen


@lru_cache(maxsize=256)
def _clock_of(stamp: Stamp, number: int) -> Clock:
    path = Path(stamp.path)
    with open_media(path) as container:
        return clock_of(path, container, quiet_but(container, number))


@lru_cache(maxsize=256)
def _is_even(stamp: Stamp, number: int) -> bool:
    """Whether the packets of a sound without a picture follow one another without a gap.

    Reads the whole file, without decoding: a second for some hours of sound.
    """
    import av

    with open_media(Path(stamp.path)) as container:
        stream = quiet_but(container, number)
        tick = stream.time_base or _TICK
        slack, expected, count = _EVEN / tick, None, 0
        try:
            for packet in packets_of(container, stream):
                if not packet.size:
                    continue
                if packet.pts is None or packet.is_corrupt:
                    return False
                if expected is not None and abs(packet.pts - expected) > slack:
                    return False
                expected = packet.pts + (packet.duration or 0)
                count += 1
        except av.FFmpegError:
            return False
        # An AVI has no stamps: losses show only in its index.
        return container.format.name != "avi" or count == len(stream.index_entries)


@lru_cache(maxsize=256)
def _latest(stamp: Stamp, tick: Fraction) -> int:
    """The latest stamp to seek to in an Ogg file: FFmpeg gives the packets of the last page wrong
    times unless it has read the page before."""
    last = read_pages(Path(stamp.path)).last
    return sys.maxsize if last is None else last - math.ceil(_PRE_ROLL / tick)
