"""A resolved edit as a CMX 3600 list: its lowest track of pictures, and that track's sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path, PurePath
from typing import Final

from vedc.edit.model import Edit
from vedc.edit.timecode import timecode
from vedc.edit.times import DROP_FRAME_RATES, format_rate, nominal_rate
from vedc.errors import UsageError
from vedc.interchange.common.losses import Losses
from vedc.interchange.nle import cmx
from vedc.interchange.nle.out import Out, Placed, overlaps
from vedc.lang.yaml.load import Document

#: The limit of many programs.
_EVENTS: Final = 999


def write(edit: Edit, document: Document, target: Path, losses: Losses) -> str:
    """The list as text. Other tracks and audio items are in the loss report.

    Raises UsageError ``no-timecode`` for a film whose frame rate has none.
    """
    fps = edit.profile.fps
    if nominal_rate(fps) is None:
        message = f"an EDL counts timecode, which {format_rate(fps)} frames a second have none of"
        raise UsageError.one("no-timecode", message, hint="write .otio, which counts frames")
    out = Out(edit, document, target, losses, ("freeze",), paced=False)
    drop = fps in DROP_FRAME_RATES
    lines = cmx.head(out.name, drop=drop)
    number = 0
    for k, (cuts, placed, node) in enumerate(out.tracks()):
        if k:
            losses.add(
                "lost",
                f"track {cuts.id}",
                "left out: an EDL has one track of pictures",
                node.location,
            )
            continue
        joins = overlaps(cuts, fps)
        before: Placed | None = None
        for place, found in enumerate(placed):
            if found is None:
                before = None
                continue
            number += 1
            lead, _ = joins.get(place, (0, 0)) if before is not None else (0, 0)
            tail, _ = joins.get(place + 1, (0, 0))
            length = sum(joins.get(place, (0, 0))) if before is not None else 0
            lines += _event(
                number, found, before, found.start - lead, found.end - tail, length, fps, drop
            )
            if found.path:
                lines.append(f"* SOURCE FILE: {cmx.plain(out.relative(found.path))}")
            before = found
    for item in out.music():
        losses.add("lost", f"the sound {item.item.name}", "left out: an EDL has one track")
    if number > _EVENTS:
        losses.add("note", f"{number} events", "some programs read no more than 999")
    return "\n".join(lines) + "\n"


def _event(
    number: int, found: Placed, before: Placed | None, start: int, end: int, length: int,
    fps: Fraction, drop: bool,
) -> list[str]:  # fmt: skip
    """The lines of a piece. A transition begins with the event, and is part of it."""

    def label(frame: int) -> str:
        return timecode(frame, fps, drop=drop, wrap=True)

    reel, channels = _reel(found), "B" if found.sounds else "V"
    speed = found.speed
    first = found.first - round((found.start - start) * speed) if speed > 0 else found.first
    first = max(0, first)
    last = first + max(1, round((end - start) * abs(speed)))
    lead = None
    if length and before is not None:
        left = before.first + round((start - before.start) * before.speed)
        clip = PurePath(before.path).name
        lead = cmx.Lead("D", "CROSS DISSOLVE", length, _reel(before), clip, label(left))
    times = label(first), label(last), label(start), label(end)
    lines = cmx.event(number, reel, PurePath(found.path).name, channels, times, lead)
    if speed != 1:
        lines.append(cmx.pace(reel, float(speed * fps), label(first)))
    return lines


def _reel(found: Placed) -> str:
    return cmx.reel_of(found.path) if found.path else "BL"
