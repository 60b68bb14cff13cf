"""When a stream begins and ends: found in its packets, without decoding.

The last packet of a file is not always the last one shown, and an index may promise more than
the file has. So the end is that of the packet with the latest time among the last ones: as many
as a decoder may hold back, or all packets if they are few.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vedc.edit.media_info import Join
from vedc.media.demux.container import intact_packets
from vedc.media.demux.joins import Mender

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_STEPS: Final = (Fraction(1), Fraction(4), Fraction(16), Fraction(64), Fraction(256))
"""Seconds before the end from which to look for the last packets."""

_HELD_BACK: Final = 17
"""Number of final packets that include the last one shown: decoders reorder at most 16."""

_CUT_SHORT: Final = Fraction(1, 2)
"""Seconds by which the packets may end earlier than the index says."""

_SAMPLED: Final = 300
_SAMPLED_BYTES: Final = 8 << 20
_FEWEST: Final = 24
"""Packets to judge the rate by: at most so many, or so many bytes, but not fewer."""


class Ends(NamedTuple):
    """Seconds on the container's clock."""

    start: Fraction
    end: Fraction | None
    promised: Fraction | None = None
    """The end according to the index, if the stream ends clearly earlier."""


def picture_ends(
    container: InputContainer,
    stream: VideoStream,
    first: int,
    rate: Fraction,
    joins: Sequence[Join],
) -> Ends:
    """The ends of a picture whose first frame has the time stamp ``first``."""
    base = stream.time_base or Fraction(1, 1)
    last = _last_packet(container, stream, joins, _HELD_BACK)
    promised = _promised(stream, base)
    if last is None:
        return Ends(first * base, promised)
    span, length = ((last.pts or 0) - first) * base, (last.duration or 0) * base
    steps = round(span * rate)
    if not length or abs(1 / rate - length) < base:
        length = 1 / rate  # ticks (milliseconds in Matroska) may be too coarse
        span = steps / rate if abs(span - steps / rate) <= base else span
    length = max(length, 1 / rate)  # or a film of this rate would not show the last frame
    return _cut(Ends(first * base, first * base + span + length, promised))


def sound_ends(
    container: InputContainer, stream: AudioStream, first: int, rate: int, joins: Sequence[Join]
) -> Ends:
    """The ends of a sound whose first sample has the time stamp ``first``."""
    base = stream.time_base or Fraction(1, rate)
    promised = None if joins else _promised(stream, base)
    indexed = {"mov", "avi"} & set(container.format.name.split(","))
    if promised is not None and not indexed:
        return Ends(first * base, promised)
    last = _last_packet(container, stream, joins, 1)
    if last is None or last.pts is None:
        return Ends(first * base, promised)
    end = (last.pts + (last.duration or 0)) * base
    found = _cut(Ends(first * base, end, promised))
    return found if found.promised is not None or promised is None else Ends(found.start, promised)


def sampled_times(container: InputContainer, stream: VideoStream) -> list[Fraction]:
    """Start times of the first frames in seconds, rising; a sample of them if there are many."""
    base = stream.time_base or Fraction(1, 1)
    times: set[int] = set()
    size, whole = 0, True
    for packet in _packets(container, stream, None):
        ticks = packet.pts if packet.pts is not None else packet.dts
        if ticks is None or packet.is_discard:
            continue
        if times and max(times) - ticks > 10 / base:  # another part of a joined file
            break
        times.add(ticks)
        size += packet.size
        if len(times) >= _SAMPLED or (len(times) >= _FEWEST and size > _SAMPLED_BYTES):
            whole = False
            break
    rising = sorted(times)
    if not whole:  # earlier frames may follow those shown last
        rising = rising[: max(2, len(rising) - _HELD_BACK)]
    return [ticks * base for ticks in rising]


def _promised(stream: VideoStream | AudioStream, base: Fraction) -> Fraction | None:
    if stream.duration is None or stream.duration <= 0:
        return None
    return ((stream.start_time or 0) + stream.duration) * base


def _cut(ends: Ends) -> Ends:
    """The ends, with the promise only if it was broken."""
    if ends.promised is None or ends.end is None or ends.end + _CUT_SHORT >= ends.promised:
        return Ends(ends.start, ends.end)
    return ends


def _last_packet(
    container: InputContainer,
    stream: VideoStream | AudioStream,
    joins: Sequence[Join],
    held_back: int,
) -> Packet[Any] | None:
    """The packet with the latest pts: one of the last ``held_back`` of the file."""
    import av

    if joins:
        return _latest(_packets(container, stream, None, joins), 0)
    base = stream.time_base or Fraction(1, av.time_base)
    if stream.duration is not None and stream.duration > 0:
        end = (stream.start_time or 0) + stream.duration
    elif container.duration is not None:
        clock = Fraction((container.start_time or 0) + container.duration, av.time_base)
        end = round(clock / base)
    else:
        return _latest(_packets(container, stream, None), 0)
    for step in _STEPS:
        since = end - math.ceil(step / base)
        last = _latest(_packets(container, stream, since), held_back)
        if last is not None:
            return last
    return _latest(_packets(container, stream, None), 0)


def _packets(
    container: InputContainer,
    stream: VideoStream | AudioStream,
    since: int | None,
    joins: Sequence[Join] = (),
) -> Iterator[Packet[Any]]:
    """Packets of ``stream`` from about ``since`` ticks (None: from the start) to the end."""
    import av

    mender = Mender(joins, stream.time_base or Fraction(1))
    try:
        if since is None:
            rewind(container, stream)
        else:
            container.seek(since, stream=stream, any_frame=True)
    except av.FFmpegError:
        return  # the caller looks further back and notices a truncated file
    for packet in intact_packets(container, stream):
        if packet.size:
            mender.mend(packet)
            yield packet


def rewind(container: InputContainer, stream: VideoStream | AudioStream) -> None:
    """Go to the first packet. Raises av.FFmpegError."""
    if {"mpegts", "mpeg"} & set(container.format.name.split(",")):
        container.seek(0, unsupported_byte_offset=True)  # joined, its times may begin anywhere
    else:
        container.seek(stream.start_time or 0, stream=stream)


def _latest(packets: Iterator[Packet[Any]], fewest: int) -> Packet[Any] | None:
    """The packet shown last; None among fewer than ``fewest``."""
    held = None
    latest = None
    count = 0
    for packet in packets:
        count += 1
        if held is not None and (latest is None or (held.pts or 0) > (latest.pts or 0)):
            latest = held
        held = packet if packet.pts is not None and not packet.is_discard else None
    # The very last one may be incomplete.
    whole = held is not None and not held.is_corrupt
    if held is not None and whole and (latest is None or (held.pts or 0) > (latest.pts or 0)):
        latest = held
    return latest if count >= fewest else None
