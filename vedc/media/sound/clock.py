"""The clock of a sound, by the kind of its file.

Most files have reliable time stamps. Some do not:

- Files joined end to end (MP3, ADTS, Ogg, FLAC): the stamps of the second begin at zero
  again, or use the first's rate.
- AVI, whose stamps follow from a rate in the header, which may be wrong.

There the samples are the clock: a packet begins where the one before it ends.
"""

from __future__ import annotations

import mmap
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from vedc.media.sound.raw import read_raw_sound

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Clock = Literal["stamps", "headers", "samples"]
"""The clock of packets: their time stamps, the headers of the packets before, or the samples they
decode to."""

_HONEST: Final = Fraction(1, 20)
"""Seconds by which the stamps of an AVI may differ from its samples."""

_BOS, _PAGE = 2, 27
"""Ogg: the flag of a page that begins a stream; bytes of a page's header without its table."""


def clock_of(path: Path, container: InputContainer, stream: AudioStream) -> Clock:
    """The clock of a stream. Moves the container's position. Raises av.FFmpegError, OSError."""
    match container.format.name:
        case "mp3" | "aac":
            return "stamps" if read_raw_sound(path).even else "headers"
        case "ogg":
            return "samples" if read_pages(path).chained else "stamps"
        case "flac":
            return "stamps" if _begins_once(path, b"fLaC\0\0\0\x22") else "samples"
        case "avi":
            return "stamps" if _is_honest(container, stream) else "samples"
        case "wav" if stream.codec_context.name.startswith("adpcm"):
            return "samples"  # FFmpeg rounds the bytes of a second, and drifts after a seek
    return "stamps"


def _begins_once(path: Path, mark: bytes) -> bool:
    """Whether the first bytes of this kind of file occur in it exactly once."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        first = data.find(mark)
        return first >= 0 and data.find(mark, first + 1) < 0


class Pages(NamedTuple):
    """Facts from the pages of an Ogg file."""

    chained: bool
    """Whether further streams follow the end of the first ones."""
    last: int | None
    """Granule position at which the last page begins; None with several streams at once."""


def read_pages(path: Path) -> Pages:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at, opening = 0, True
        serials: set[bytes] = set()
        before, granule = 0, 0
        while data[at : at + 4] == b"OggS" and at + _PAGE <= len(data):
            begins = bool(data[at + 5] & _BOS)
            if begins and not opening:
                return Pages(True, None)
            opening = begins
            serials.add(data[at + 14 : at + 18])
            ends = int.from_bytes(data[at + 6 : at + 14], "little", signed=True)
            if ends >= 0:  # no packet ends on a page of -1
                before, granule = granule, ends
            table = data[at + _PAGE : at + _PAGE + data[at + 26]]
            at += _PAGE + len(table) + sum(table)
    return Pages(False, before if len(serials) == 1 else None)


def _is_honest(container: InputContainer, stream: AudioStream) -> bool:
    """Whether the stamps of an AVI agree with its samples, judging by its index.

    PCM is measured by its bytes; other chunks count as a frame each, as long as the first.
    """
    context, base, bits = stream.codec_context, stream.time_base, _bits(stream)
    first, stamps = _beginning(container, stream)
    entries = stream.index_entries
    if first is None or not base or not len(entries):
        return False
    begin, scale = entries[0].timestamp, Fraction(1)
    if len(entries) > 1 and len(stamps) > 1 and entries[1].timestamp > begin:
        # The index may count bytes.
        scale = Fraction(stamps[1] - stamps[0], entries[1].timestamp - begin)
    done, unit = Fraction(0), Fraction(bits * context.channels, 8)
    for entry in entries:
        if abs((entry.timestamp - begin) * scale * base - done) > _HONEST:
            return False
        done += Fraction(entry.size / unit if bits else first.samples, first.sample_rate)
    return True


def _beginning(
    container: InputContainer, stream: AudioStream
) -> tuple[AudioFrame | None, list[int]]:
    """The first frame, and the time stamps of the first two packets."""
    import av

    first: AudioFrame | None = None
    stamps: list[int] = []
    for packet in container.demux(stream):
        if packet.pts is not None:
            stamps.append(packet.pts)
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        first = first or next(iter(frames), None)
        if first is not None and len(stamps) > 1:
            break
    return first, stamps


def _bits(stream: AudioStream) -> int:
    """Bits of a sample of PCM; 0 for other codecs."""
    name = stream.codec_context.name
    if name in ("pcm_alaw", "pcm_mulaw"):
        return 8
    return int(name[5:7].rstrip("lb_")) if name.startswith(("pcm_s", "pcm_u", "pcm_f")) else 0
