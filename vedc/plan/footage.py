"""How the packets of a video stream lie: which of its frames can be copied as they are stored.

Scanning a file lives in ``vedc.media.footage``; plans see only these records.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from vedc.edit.media_info import MediaInfo
from vedc.support.lazy_dataclass import dataclass

#: In ``order``, stands for a frame that is shown as early as it is stored.
IN_PLACE: Final = 80

#: The furthest that a frame is stored from where it is shown, in frames.
FURTHEST: Final = 16


class Entry(NamedTuple):
    """A packet in the midst of a group that frames after it can do without what is before it, but
    for those that are shown before it."""

    packet: int
    """Its index in the group."""
    frame: int
    """Of the source."""
    pts: int


@dataclass(frozen=True, slots=True)
class Group:
    """A closed group of pictures: its frames refer to nothing outside it.

    Its packets show the frames ``first <= n < first + packets`` of the source, one for each period
    of the frame rate; the first packet shows the first of them.
    """

    first: int
    packets: int
    at: int
    """Where it begins in ``order``."""
    pts: int
    """When its first frame begins, in the stream's ticks."""
    entries: tuple[Entry, ...] = ()
    """Further packets where decoding can begin, in order."""
    led: bool = False
    """Whether packets of earlier frames may follow the first one, which are not of the group."""


@dataclass(frozen=True, slots=True)
class CopiedFootage:
    """Frames that a film takes from a source as they are stored."""

    digest: str
    stream: int
    first: int
    """The source's frame that is shown first, counted from source time 0."""
    pts: int
    """When it begins, in the stream's ticks."""
    reorder: int
    """The most frames by which a packet is stored later than it is shown."""
    headers: str
    """Names the stream's parameter sets by their content."""
    ticks: tuple[int, int]
    """Of a frame, as numerator and denominator."""
    leads: bool = False
    """Whether packets of earlier frames follow the first one, which are left out."""


@dataclass(frozen=True, slots=True)
class CopiedPart:
    """``frames`` frames of a file, from the one that begins at ``pts`` on."""

    path: Path
    stream: int
    """Index among the file's video streams."""
    pts: int
    """In the stream's ticks, of which a frame has ``ticks``."""
    ticks: Fraction
    frames: int
    reorder: int
    headers: str
    leads: bool = False
    """Whether packets of earlier frames follow the first one, which are left out."""


@dataclass(frozen=True, slots=True)
class Footage:
    """The packets of one video stream."""

    refused: str | None = None
    """Why none of them can be copied, as the end of a sentence."""
    groups: tuple[Group, ...] = ()
    """By time; frames at uneven times are in none."""
    order: str = ""
    """For each packet in the file's order a character, ``IN_PLACE`` plus the frames by which it is
    stored earlier than it is shown. Empty where every frame stands by itself."""
    ticks: tuple[int, int] = (1, 1)
    """Of a frame, as numerator and denominator."""
    reorder: int = 0
    headers: str = ""
    profile: str = ""
    """FFmpeg's word for what the encoder was set to, where that must be alike."""
    coded: tuple[int, int] = (0, 0)
    """Width and height of what is coded, of which players show a part; of H.264 and HEVC."""

    def copies(self, begin: int, end: int, least: int) -> Iterator[Copies]:
        """What can be copied of the frames ``begin <= n < end``, in stretches of ``least`` frames
        or more.

        Each begins where decoding can, and ends where all that is stored up to there is shown by
        then.
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
        """Where decoding can begin in a group, at a frame or after it."""
        if not self.order and group.first < begin < group.first + group.packets:
            ticks, parts = self.ticks
            return Entry(0, begin, group.pts + (begin - group.first) * ticks // parts)
        entries = (Entry(0, group.first, group.pts), *group.entries)
        return next((entry for entry in entries if entry.frame >= begin), None)

    def _shown(self, group: Group, entry: Entry, frames: int) -> int:
        """The most packets from an entry of a group on, at most ``frames``, that show as many
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
    """Frame of the source."""
    frames: int
    pts: int
    """When it begins, in the stream's ticks."""
    leads: bool
    """Whether packets of earlier frames follow the first one."""

    @property
    def end(self) -> int:
        return self.first + self.frames


#: Scans the stream that is used of a file, or knows it.
Footages = Callable[[MediaInfo], Footage]
