"""Stored segments and sound in the form that Media Source Extensions take: fragmented MP4.

Nothing is encoded again. Decoding of every part begins at time 0, and display at its delay:
reordered pictures are decoded before they are due. The page shifts it into place.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from vedc.errors import InternalError
from vedc.media.demux.container import local_only

#: Seconds of sound that are sent at once.
SOUND_PART: Final = Fraction(4)

SOUND_TYPE: Final = 'audio/mp4; codecs="flac"'

_OPTIONS: Final = {
    "movflags": "+frag_keyframe+empty_moov+default_base_moof",
    "fflags": "+bitexact",
    "use_editlist": "0",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a film on its own."""

    data: bytes
    kind: str
    """Its media type."""
    start: Fraction = Fraction(0)
    """The second of the stored file at which it begins."""
    delay: Fraction = Fraction(0)
    """The time of its first picture or sample."""


def picture_part(segment: Path) -> Part:
    """A whole stored segment of H.264."""
    with av.open(str(segment), options=local_only()) as source:
        stream = source.streams.video[0]
        kind = f'video/mp4; codecs="{_codec(bytes(stream.codec_context.extradata or b""))}"'
        data, delay = _fragmented(stream, source.demux(stream))
        return Part(data, kind, delay=delay)


def sound_part(sound: Path, number: int) -> Part | None:
    """A part of a stored sound, by its number: the packets that begin within ``SOUND_PART``
    seconds. None beyond its end."""
    begin, end = number * SOUND_PART, (number + 1) * SOUND_PART
    with av.open(str(sound), options=local_only()) as source:
        stream = source.streams.audio[0]
        base = stream.time_base
        if base is None:
            raise InternalError(f"{sound} has no time base")
        source.seek(int(begin / base), stream=stream)
        packets: list[Any] = []
        for packet in source.demux(stream):
            if packet.pts is None or packet.pts * base < begin:
                continue
            if packet.pts * base >= end:
                break
            packets.append(packet)
        if not packets:
            return None
        start = packets[0].pts * base
        data, delay = _fragmented(stream, packets)
        return Part(data, SOUND_TYPE, start, delay)


def _fragmented(stream: Any, packets: Iterable[Any]) -> tuple[bytes, Fraction]:
    """A file of some packets, decoded from 0 on, and the time of what is shown first."""
    made = io.BytesIO()
    first, delay = None, Fraction(0)
    with av.open(made, "w", format="mp4", options=_OPTIONS) as output:
        copy = output.add_stream_from_template(stream, opaque=True)
        copy.time_base = stream.time_base
        for packet in packets:
            if packet.dts is None or packet.pts is None or not packet.size:
                continue
            if first is None:
                first, delay = packet.dts, (packet.pts - packet.dts) * stream.time_base
            packet.pts, packet.dts = packet.pts - first, packet.dts - first
            packet.stream = copy
            output.mux(packet)
    return made.getvalue(), delay


def _codec(record: bytes) -> str:
    """The name of an H.264 stream by RFC 6381, from its decoder configuration record."""
    if len(record) < 4 or record[0] != 1:
        raise InternalError("a segment of the preview has no decoder configuration record")
    return f"avc1.{record[1]:02x}{record[2]:02x}{record[3]:02x}"
