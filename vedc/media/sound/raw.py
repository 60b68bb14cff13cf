"""Sound files without a container: frames of MPEG audio or of AAC (ADTS), one after another.

Each frame states its own length and rate. So the sound of such a file lasts exactly as long as its
frames, whatever an estimate from its bit rate says, and files joined end to end are recognised by
tags between frames or a change of rate.

Sources: ISO/IEC 11172-3 and 13818-3 (MPEG audio; 2.5 is Fraunhofer's extension), ISO/IEC 14496-3
annex 1.A (ADTS), ID3v2.4.0, APEv2.
"""

from __future__ import annotations

import mmap
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from vedc.support.lazy_dataclass import dataclass

_MPEG_RATES: Final = (44100, 48000, 32000)
_AAC_RATES: Final = (
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
)  # fmt: skip

_KILOBITS: Final = {
    # By (MPEG-1 or later, layer).
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}

_LOST: Final = 1 << 20
"""Bytes to search for the next frame: a cover picture in a tag may be larger, but its tag says
its own size."""


class RawFrame(NamedTuple):
    """The header of a frame. ``samples`` and ``rate`` are the core decoder's."""

    samples: int
    rate: int
    size: int
    """Bytes, header included; 0 for a free format, which does not state it."""
    mono: bool


def raw_frame(data: bytes) -> RawFrame | None:
    """The header at the beginning of ``data`` (4 bytes of MPEG audio, 7 of ADTS); None for
    anything else."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    if data[1] & 0xF6 == 0xF0:
        return _adts(data)
    version, layer = data[1] >> 3 & 3, 4 - (data[1] >> 1 & 3)
    bits, rate = data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or layer == 4 or bits == 15 or rate == 3:
        return None
    first = version == 3
    hertz = _MPEG_RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    samples = {1: 384, 2: 1152, 3: 1152 if first else 576}[layer]
    padding = data[2] >> 1 & 1
    size = 0
    if bits:
        rate_of_bits = _KILOBITS[first, layer][bits - 1] * 1000
        if layer == 1:
            size = (12 * rate_of_bits // hertz + padding) * 4
        else:
            size = samples // 8 * rate_of_bits // hertz + padding
    return RawFrame(samples, hertz, size, data[3] >> 6 == 3)


def _adts(data: bytes) -> RawFrame | None:
    if len(data) < 7:
        return None
    rate = data[2] >> 2 & 15
    size = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
    if rate >= len(_AAC_RATES) or size < 7:
        return None
    channels = (data[2] & 1) << 2 | data[3] >> 6
    return RawFrame(1024 * ((data[6] & 3) + 1), _AAC_RATES[rate], size, channels == 1)


@dataclass(frozen=True, slots=True)
class RawSound:
    """The sum of a file's frames."""

    frames: int
    length: Fraction | None
    """Seconds; None if frames do not state their size."""
    joined: bool
    """Whether there are tags between frames, or frames of several kinds."""
    gaps: int
    """Stretches between frames that hold neither frames nor tags."""
    cut: bool
    """Whether the last frame is incomplete."""
    counted: bool
    """Whether a header states the intended length (Xing, LAME)."""

    @property
    def even(self) -> bool:
        """Whether all frames are of one kind with nothing between them."""
        return not self.joined and not self.gaps


def read_raw_sound(path: Path) -> RawSound:
    """Walk over the frames of a file, from header to header. Raises OSError.

    An hour takes about a tenth of a second.
    """
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _walk(data)


def _walk(data: mmap.mmap) -> RawSound:
    counts: dict[RawFrame, int] = {}
    end, at = len(data), _after_tags(data, 0)
    counted = any(data.find(word, at, at + 200) >= 0 for word in (b"Xing", b"Info"))
    kind: tuple[int, int, bool] | None = None
    joined, cut, gaps = False, False, 0
    tagged, broken = False, False
    while at < end:
        frame = raw_frame(data[at : at + 7])
        if frame is not None and not frame.size:
            return RawSound(sum(counts.values()), None, False, 0, False, counted)
        if frame is None or not _follows(data, at + frame.size, frame):
            after = _after_tags(data, at)
            tagged, broken = tagged or after > at, broken or after == at
            at = after if after > at else _next_frame(data, at + 1)
            continue
        if at + frame.size > end:
            cut = True
            break
        own = (frame.samples, frame.rate, frame.mono)
        if kind is not None:
            joined = joined or tagged or own != kind
            gaps += broken and not tagged
        tagged = broken = False
        kind = own
        counts[frame] = counts.get(frame, 0) + 1
        at += frame.size
    length = sum((Fraction(f.samples * n, f.rate) for f, n in counts.items()), Fraction(0))
    return RawSound(sum(counts.values()), length, joined, gaps, cut, counted)


def _follows(data: mmap.mmap, at: int, frame: RawFrame) -> bool:
    """Whether a frame is followed by another, a tag or the end; otherwise it was not a frame."""
    if at + 4 > len(data) or data[at : at + 3] in (b"ID3", b"TAG") or data[at : at + 3] == b"APE":
        return True
    following = raw_frame(data[at : at + 7])
    return following is not None or _resumes(data, at, frame)


def _resumes(data: mmap.mmap, at: int, frame: RawFrame) -> bool:
    """Whether frames of the same kind resume soon after other bytes."""
    for place in range(at, min(at + 4096, len(data) - 7)):
        if data[place] == 0xFF:
            found = raw_frame(data[place : place + 7])
            if found is not None and (found.samples, found.rate) == (frame.samples, frame.rate):
                beyond = raw_frame(data[place + found.size : place + found.size + 7])
                if found.size and (beyond is not None or place + found.size >= len(data)):
                    return True
    return False


def _next_frame(data: mmap.mmap, at: int) -> int:
    """Where the next two frames in a row begin, or the end."""
    limit = min(len(data), at + _LOST)
    while True:
        at = data.find(b"\xff", at, limit)
        if at < 0:
            return len(data)
        frame = raw_frame(data[at : at + 7])
        if frame is not None and frame.size:
            beyond = at + frame.size
            if beyond >= len(data) or raw_frame(data[beyond : beyond + 7]) is not None:
                return at
        at += 1


def _after_tags(data: mmap.mmap, at: int) -> int:
    """Where the tags that begin at ``at`` end; ``at`` itself if there are none."""
    while True:
        head = data[at : at + 32]
        if head[:3] == b"ID3" and len(head) >= 10 and max(head[6:10]) < 128:
            size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
            at += 10 + size + (10 if head[5] & 0x10 else 0)
        elif head[:3] == b"TAG":
            at += 128
        elif head[:8] == b"APETAGEX":
            footer = not head[23] & 0x20
            at += 32 if footer else 32 + int.from_bytes(head[12:16], "little")
        else:
            return min(at, len(data))
