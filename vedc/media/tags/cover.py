"""Cover art: a JPEG or PNG file that players show for a film or a sound.

Each container has its own way: MP4, MP3 and FLAC take a stream of one picture, Matroska an
attachment, Ogg a tag in the form of FLAC's picture block (RFC 9639, 8.8).
"""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from vedc.edit.tables.containers import COVERS, Container

_FRONT: Final = 3
"""FLAC's number for the front cover."""


def add_cover(
    output: OutputContainer, kind: Container, path: Path, stack: ExitStack
) -> Callable[[], None]:
    """Add a cover to a file whose other streams exist.

    Returns a function that writes it, to be called before the first packet of another stream;
    ``stack`` closes its inputs.
    """
    data = path.read_bytes()
    mime, ending, demuxer = next(found for head, found in COVERS.items() if data.startswith(head))
    if kind.cover == "attachment":
        output.add_attachment(f"cover{ending}", mime, data)
        return lambda: None
    source = stack.enter_context(av.open(io.BytesIO(data), "r", format=demuxer))
    picture = source.streams.video[0]
    if kind.cover == "tag":
        block = _block(data, mime, picture)
        output.streams[0].metadata["metadata_block_picture"] = base64.b64encode(block).decode()
        return lambda: None
    stream = output.add_stream_from_template(picture, opaque=True)
    stream.disposition = Disposition.attached_pic

    def write() -> None:
        packet: Packet[Any] = next(p for p in source.demux(picture) if p.size)
        packet.stream = stream
        packet.pts = packet.dts = 0
        output.mux_one(packet)

    return write


def _block(data: bytes, mime: str, picture: VideoStream) -> bytes:
    def counted(text: bytes) -> bytes:
        return struct.pack(">I", len(text)) + text

    size = struct.pack(">IIII", picture.width, picture.height, 24, 0)
    return struct.pack(">I", _FRONT) + counted(mime.encode()) + counted(b"") + size + counted(data)
