"""The bytes of a Matroska file that FFmpeg does not expose: its intended size."""

from __future__ import annotations

from typing import Final

#: The identifier of the Segment, which holds everything but a short header.
_SEGMENT: Final = bytes.fromhex("18538067")


def segment_end(head: bytes) -> int | None:
    """Where the Segment that begins in a file's ``head`` ends, in bytes into the file.

    None without a Segment, or where its size is left open, as in a live recording.
    Source: RFC 8794.
    """
    at = head.find(_SEGMENT)
    at += len(_SEGMENT)
    if at < len(_SEGMENT) or at >= len(head) or not head[at]:
        return None
    length = 9 - head[at].bit_length()
    open_ended = (1 << 7 * length) - 1
    size = int.from_bytes(head[at : at + length], "big") & open_ended
    return None if size == open_ended else at + length + size
