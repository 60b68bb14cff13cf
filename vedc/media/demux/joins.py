"""Files joined end to end: their times jump back, and are made continuous.

The rule, for picture and sound alike: where the times of a stream jump back, another part begins.
Each part is moved as a whole, so that it begins where the part before it ends: the picture where
the picture ended, and the sound beside it as it was in that part. In a file without a picture,
the sound decides. A part begins at a place in the file, so every reader finds the same parts,
whichever streams it reads and wherever it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from vedc.edit.media_info import Join
from vedc.media.demux.matroska import segment_end

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

#: Demuxers that read on after another file's header, or whose times may restart.
JOINABLE: Final = frozenset({"matroska", "mpegts", "mpeg", "mpegvideo"})

#: Seconds that a decoding time may step back without a new part: some muxers jitter.
_JITTER: Final = Fraction(1, 10)

#: Seconds that a packet must be ahead of its neighbours to be a stray.
_STRAY: Final = Fraction(2)

#: Bytes of a file that are always scanned; larger files are sampled.
_SMALL: Final = 64 << 20
_SAMPLES: Final = 48

#: Bytes of a Matroska file's header: less is not a second file.
_HEADER: Final = 64


def suspect(container: InputContainer, head: bytes, size: int) -> bool:
    """Whether the file may be joined, checked cheaply.

    ``head`` is its beginning and ``size`` its length in bytes. A large file is sampled, so parts
    that are much shorter than the whole may be missed.
    """
    names = set(container.format.name.split(","))
    if not names & JOINABLE:
        return False
    if "matroska" in names:
        end = segment_end(head)
        return size <= _SMALL if end is None else end + _HEADER < size
    return size <= _SMALL or _steps_back(container, size)


def _steps_back(container: InputContainer, size: int) -> bool:
    """Whether the times at places spread over the file are out of order."""
    import av

    times: dict[int, Fraction] = {}
    for sample in range(_SAMPLES):
        try:
            container.seek(size * sample // _SAMPLES, unsupported_byte_offset=True)
            packet = next(container.demux(), None)
        except (av.FFmpegError, IndexError):
            continue
        if packet is None or packet.dts is None:
            continue
        time = packet.dts * packet.time_base
        if time + _JITTER < times.get(packet.stream_index, time):
            return True
        times[packet.stream_index] = time
    return False


class _Part:
    """One part: where it begins, and the times of each stream."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.start: dict[int, Fraction] = {}
        self.end: dict[int, Fraction] = {}

    def take(self, stream: int, time: Fraction, length: Fraction) -> None:
        self.start[stream] = min(time, self.start.get(stream, time))
        self.end[stream] = max(time + length, self.end.get(stream, time + length))


def _without_strays(packets: Iterable[Packet[Any]]) -> Iterator[Packet[Any]]:
    """Packets without those whose times a damaged bit moved far ahead: the next one of their stream
    continues as if they were absent."""
    held: dict[int, Packet[Any]] = {}
    before: dict[int, Fraction] = {}
    for packet in packets:
        ticks = packet.dts if packet.dts is not None else packet.pts
        if ticks is None or not packet.size:
            continue
        stream, time = packet.stream_index, ticks * packet.time_base
        last = held.get(stream)
        if last is not None:
            last_time = (last.dts if last.dts is not None else last.pts or 0) * last.time_base
            base = before.get(stream, last_time)
            if not (last_time > base + _STRAY and base - _JITTER <= time < base + _STRAY):
                before[stream] = last_time
                yield last
        held[stream] = packet
    yield from sorted(held.values(), key=lambda packet: packet.pos or 0)


def find_joins(
    packets: Iterable[Packet[Any]], guides: Sequence[Stream], *, guessed: bool
) -> tuple[Join, ...]:
    """The joins of a file, from all its packets in order.

    ``guides`` are the streams that parts are lined up by; the first that a part has counts.
    ``guessed``: FFmpeg invents decoding times (Matroska has none), so a part is recognised by a key
    frame that is shown earlier than those before it.
    """
    parts = [_Part(0)]
    latest: dict[int, Fraction] = {}
    number: dict[int, int] = {}
    lengths: dict[int, Fraction] = {}
    position = 0
    for packet in _without_strays(packets):
        position = packet.pos if packet.pos is not None else position
        ticks = packet.dts if packet.dts is not None and not guessed else packet.pts
        if ticks is None or not packet.size:
            continue
        stream, base = packet.stream_index, packet.time_base
        time = ticks * base
        last = latest.get(stream, time)
        jumps = time + _JITTER < last and (packet.is_keyframe or not guessed)
        if jumps:
            number[stream] = number.get(stream, 0) + 1
            if number[stream] == len(parts):
                parts.append(_Part(position))
            else:  # the other stream's first packet came earlier
                part = parts[number[stream]]
                part.position = min(part.position, position)
        elif time > last:
            lengths[stream] = time - last
        latest[stream] = max(time, last) if guessed and not jumps else time
        shown = (packet.pts if packet.pts is not None else ticks) * base
        length = packet.duration * base if packet.duration else lengths.get(stream, Fraction(0))
        parts[number.get(stream, 0)].take(stream, shown, length)
    joins: list[Join] = []
    end = _reach(parts[0].end, guides)
    for part in parts[1:]:
        start = _reach(part.start, guides)
        if start is None or end is None:
            continue
        joins.append(Join(part.position, end - start, end))
        end = (_reach(part.end, guides) or start) + joins[-1].offset
    return tuple(joins)


def _reach(times: dict[int, Fraction], guides: Sequence[Stream]) -> Fraction | None:
    return next((times[stream.index] for stream in guides if stream.index in times), None)


class Mender:
    """Moves the times of a stream's packets, which come in the file's order, past its joins."""

    def __init__(self, joins: Sequence[Join], time_base: Fraction) -> None:
        self._joins = [(join.position, round(join.offset / time_base)) for join in joins]
        self.offset = 0
        """Offset in ticks of the last mended packet."""

    def mend(self, packet: Packet[Any]) -> None:
        """Move one packet, if its part does not begin the file."""
        if not self._joins:
            return
        if packet.pos is not None:
            past = [offset for position, offset in self._joins if position <= packet.pos]
            self.offset = past[-1] if past else 0
        if self.offset:
            if packet.pts is not None:
                packet.pts += self.offset
            if packet.dts is not None:
                packet.dts += self.offset
