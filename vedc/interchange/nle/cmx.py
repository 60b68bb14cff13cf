"""The lines of a CMX 3600 edit decision list, which other editing programs read.

A line is an event: number, reel, channels, kind of transition and its length in frames, in and
out points in the source and in the film; an out point is the first frame that is not included.
An event that begins with a transition has two lines with one number: the outgoing side with no
frames, and the incoming side, which includes the transition. Comments begin with an asterisk.

Times are labels of SMPTE ST 12-1, with drop-frame counting at 30000/1001 and 60000/1001.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

#: Letters of a reel, and of a title.
_REEL: Final = 8
_TITLE: Final = 70
#: Reels that mean an auxiliary source, and black.
_RESERVED: Final = frozenset({"AX", "BL"})
#: The name of a piece without a file in a transition.
_COLOR: Final = "color"

Times = tuple[str, str, str, str]
"""In and out in the source, in and out in the film."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A transition at the beginning of an event, and its outgoing side."""

    code: str
    """``D``, or ``W`` with the number of a wipe of SMPTE 258M."""
    name: str
    frames: int
    reel: str
    clip: str
    at: str
    """The time in the outgoing source at which the transition begins."""


def head(title: str, *, drop: bool) -> list[str]:
    """The lines before the first event."""
    counting = "DROP FRAME" if drop else "NON-DROP FRAME"
    return [f"TITLE: {plain(title)[:_TITLE]}", f"FCM: {counting}", ""]


def event(
    number: int, reel: str, clip: str, channels: str, times: Times, lead: Lead | None = None
) -> list[str]:
    """The lines of an event. ``clip`` is a file's name, or empty if there is no file."""
    if lead is None:
        named = [f"* FROM CLIP NAME: {plain(clip)}"] if clip else []
        return [_line(number, reel, channels, "C", times), *named]
    start = times[2]
    return [
        _line(number, lead.reel, channels, "C", (lead.at, lead.at, start, start)),
        _line(number, reel, channels, f"{lead.code:<4} {lead.frames:03d}", times),
        f"* EFFECT NAME: {lead.name}",
        f"* FROM CLIP NAME: {plain(lead.clip) or _COLOR}",
        f"* TO CLIP NAME: {plain(clip) or _COLOR}",
    ]


def pace(reel: str, fps: float, at: str) -> str:
    """The line that makes an event play at ``fps`` source frames a second, from ``at``."""
    return f"M2   {reel:<{_REEL}} {fps:05.1f} {at}"


def reel_of(clip: str) -> str:
    """A reel name for a file: up to eight capitals and digits, and not a reserved word."""
    reel = re.sub(r"[^A-Z0-9]", "", PurePath(clip).stem.upper())[:_REEL]
    return reel if reel and reel not in _RESERVED else f"{reel}001"


def plain(text: str) -> str:
    """The text on one line, printable characters only."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _line(number: int, reel: str, channels: str, kind: str, times: Times) -> str:
    return f"{number:03d}  {reel:<{_REEL}} {channels:<5} {kind:<8} {' '.join(times)}"
