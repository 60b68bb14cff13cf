"""The packet layout of a video stream: which of its frames can be copied as stored.

``vedc.media.footage`` scans files; plans see only these records.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from vedc.edit.media_info import MediaInfo
from vedc.support.lazy_dataclass import dataclass

#: In ``order``, stands for a frame whose display position equals its position in the file.
IN_PLACE: Final = 80

#: The greatest distance between a frame's position in the file and in display order, in frames.
FURTHEST: Final = 16


class Entry(NamedTuple):
    """A packet within a group from which decoding can start: later frames do not depend on earlier
    packets, except those shown before it."""

    packet: int
    """Its index in the group."""
    frame: int
    """Frame number in the source."""
    pts: int


@dataclass(frozen=True, slots=True)
class Group:
    """A closed GOP: its frames refer to nothing outside it.

    Its packets show the frames ``first <= n < first + packets`` of the source, one per frame
    period; the first packet shows the first frame.
    """

    first: int
    packets: int
    at: int
    """Its offset in ``order``."""
    pts: int
    """Start time of its first frame, in the stream's ticks."""
    entries: tuple[Entry, ...] = ()
    """Further packets where decoding can begin, in order."""
    led: bool = False
    """Whether the first packet may be followed by packets of earlier frames, which are not part of
    the group."""


@dataclass(frozen=True, slots=True)
class CopiedFootage:
    """Frames that a film copies from a source as stored."""

    digest: str
    stream: int
    first: int
    """The first frame shown of the source, counted from source time 0."""
    pts: int
    """Its start time, in the stream's ticks."""
    reorder: int
    """The most frames by which a packet is stored later than it is shown."""
    headers: str
    """A content hash of the stream's parameter sets."""
    ticks: tuple[int, int]
    """Duration of a frame, as numerator and denominator."""
    leads: bool = False
    """Whether the first packet is followed by packets of earlier frames, which are left out."""


@dataclass(frozen=True, slots=True)
class CopiedPart:
    """``frames`` frames of a file, starting with the one at ``pts``."""

    path: Path
    stream: int
    """Index among the file's video streams."""
    pts: int
    """In the stream's ticks; a frame lasts ``ticks``."""
    ticks: Fraction
    frames: int
    reorder: int
    headers: str
    leads: bool = False
    """Whether the first packet is followed by packets of earlier frames, which are left out."""


@dataclass(frozen=True, slots=True)
class Footage:
    """The packets of one video stream."""

    refused: str | None = None
    """Why none of them can be copied, as the end of a sentence."""
    groups: tuple[Group, ...] = ()
    """In order of time; unevenly timed frames are in none."""
    order: str = ""
    """One character per packet in file order: ``IN_PLACE`` plus the frames by which it is stored
    earlier than it is shown. Empty if every frame is independent."""
    ticks: tuple[int, int] = (1, 1)
    """Duration of a frame, as numerator and denominator."""
    reorder: int = 0
    headers: str = ""
    profile: str = ""
    """FFmpeg's name of the encoder's profile, for codecs where it must match."""
    coded: tuple[int, int] = (0, 0)
    """Coded width and height, of which players show a part; for H.264 and HEVC."""

    def copies(self, begin: int, end: int, least: int) -> Iterator[Copies]:
        """The copyable stretches of the frames ``begin <= n < end`` that have at least ``least``
        frames.

        Each begins where decoding can begin, and ends where everything stored so far has been
        shown.
        """
        index = max(bisect_right(self.groups, begin, key=lambda group: group.first) - 1, 0)
        found: Copies | None = None
        for group in self.groups[index:]:
            if group.first >= end:
                break
            if found is not None and group.first == found.end:
                entry = Entry(0, group.first, group.pts)
            else:
                if found is not None and found.frames >= least:
                    yield found
                found = None
                first = self._entry(group, begin)
                if first is None or first.frame >= end:
                    continue
                entry = first
            whole = self._shown(group, entry, end - entry.frame)
            if found is None:
                leads = group.led or entry.packet > 0
                found = Copies(entry.frame, whole, entry.pts, leads)
            else:
                found = found._replace(frames=found.frames + whole)
        if found is not None and found.frames >= least:
            yield found

    def _entry(self, group: Group, begin: int) -> Entry | None:
        """The first point of a group, at or after a frame, where decoding can begin."""
        if not self.order and group.first < begin < group.first + group.packets:
            ticks, parts = self.ticks
            return Entry(0, begin, group.pts + (begin - group.first) * ticks // parts)
        entries = (Entry(0, group.first, group.pts), *group.entries)
        return next((entry for entry in entries if entry.frame >= begin), None)

    def _shown(self, group: Group, entry: Entry, frames: int) -> int:
        """The most packets starting at an entry of a group, up to ``frames``, that show as many
        frames without a gap."""
        left = group.first + group.packets - entry.frame
        if frames >= left:
            return left
        if not self.order:
            return frames
        first = entry.frame - group.first
        latest = whole = count = 0
        for index in range(entry.packet, group.packets):
            shown = index + ord(self.order[group.at + index]) - IN_PLACE - first
            if shown < 0:
                continue  # it is shown before the entry
            count += 1
            if count > frames:
                break
            latest = max(latest, shown)
            if latest == count - 1:
                whole = count
        return whole


class Copies(NamedTuple):
    """A stretch of a source that can be copied."""

    first: int
    """Frame number in the source."""
    frames: int
    pts: int
    """Its start time, in the stream's ticks."""
    leads: bool
    """Whether the first packet is followed by packets of earlier frames."""

    @property
    def end(self) -> int:
        return self.first + self.frames


#: Scans the stream in use of a file, or returns a known scan.
Footages = Callable[[MediaInfo], Footage]
