"""Captions as streams of a film, encoded by FFmpeg."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.subtitles.subtitle import SubtitleSet

from vedc.captions.events import Event, events, header
from vedc.edit.captions import CaptionStream
from vedc.edit.tables.containers import Container

if TYPE_CHECKING:
    from av.subtitles.stream import SubtitleStream

#: Times are written in milliseconds, the finest that caption files have.
_TICK: Final = Fraction(1, 1000)

#: Language codes of QuickTime and Matroska that differ from ISO 639-2/T.
_BIBLIOGRAPHIC: Final = {
    "ces": "cze", "cym": "wel", "deu": "ger", "ell": "gre", "eus": "baq", "fas": "per",
    "fra": "fre", "hye": "arm", "isl": "ice", "kat": "geo", "mkd": "mac", "msa": "may",
    "mya": "bur", "nld": "dut", "ron": "rum", "slk": "slo", "sqi": "alb", "zho": "chi",
}  # fmt: skip


def add_captions(
    output: OutputContainer, kind: Container, captions: CaptionStream
) -> Iterator[tuple[Fraction, Packet[Any]]]:
    """Add a stream to a film; gives its packets with their times in seconds."""
    stream: SubtitleStream = output.add_stream(captions.codec)  # type: ignore[assignment]
    if captions.language is not None:
        code = captions.language
        if kind.name != "mp4":
            code = _BIBLIOGRAPHIC.get(code, code)
        stream.metadata["language"] = code
    if captions.title is not None:
        stream.metadata["title"] = captions.title
    disposition = Disposition(0)
    if captions.default:
        disposition |= Disposition.default
    if captions.forced:
        disposition |= Disposition.forced
    stream.disposition = disposition
    context = stream.codec_context
    context.subtitle_header = header(captions).encode()
    context.time_base = stream.time_base = _TICK
    context.open()
    return _packets(stream, events(captions))


def _packets(stream: SubtitleStream, shown: list[Event]) -> Iterator[tuple[Fraction, Packet[Any]]]:
    for event in shown:
        length = event.end - event.start
        subtitle = SubtitleSet.create(event.text.encode(), 0, length, event.start * 1000)
        packet = stream.codec_context.encode_subtitle(subtitle)
        packet.stream = stream
        packet.time_base = _TICK
        packet.pts = packet.dts = event.start
        packet.duration = length
        yield event.start * _TICK, packet
