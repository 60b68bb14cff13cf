"""The pauses of a recording as a table, as JSON and as an edit decision list without them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from vedc.decide.analyses.results import Span
from vedc.edit.media_info import MediaInfo
from vedc.edit.timecode import clock_time, timecode_or_clock
from vedc.edit.times import round_half_up
from vedc.report.edl import EdlEvent, write_edl
from vedc.report.tables import Column, plural, seconds, table
from vedc.workspace.pauses import Pauses


def data(found: Pauses) -> list[dict[str, Any]]:
    """The documented objects of ``vedc silence --json``, in order of time."""
    ranges: list[tuple[Span, str, float | None]] = [(s, found.what, None) for s in found.kept]
    ranges += [(s, "silence", level) for s, level in zip(found.pauses, found.levels, strict=True)]
    return [
        {"start": float(s.start), "end": float(s.end), "type": kind, "level": level}
        for s, kind, level in sorted(ranges, key=lambda entry: entry[0].start)
    ]


def facts(found: Pauses) -> str:
    total = sum((s.end - s.start for s in found.pauses), Fraction(0))
    share = float(total / found.end) if found.end else 0.0
    kept = seconds(found.end - total)
    length = f"{seconds(total)} of {seconds(found.end)} s ({share:.0%})"
    return f"{plural(len(found.pauses), 'pause')}, {length}; {kept} s kept"


def text(name: str, found: Pauses, color: bool = False) -> str:
    columns = (
        Column("#", True), Column("start"), Column("end"), Column("seconds", True),
        Column("level", True),
    )  # fmt: skip
    rows = [
        (
            str(number),
            _moment(s.start, found),
            _moment(s.end, found),
            seconds(s.end - s.start),
            f"{level:.0f} dB",
        )
        for number, (s, level) in enumerate(zip(found.pauses, found.levels, strict=True), 1)
    ]
    shown = f"\n{table(columns, rows, color)}" if rows else ""
    return f"{name}: {facts(found)}\n{shown}"


def _moment(time: Fraction, found: Pauses) -> str:
    if not found.seen:
        return clock_time(time)
    return timecode_or_clock(round_half_up(time * found.rate), found.rate)


def edl(name: str, found: Pauses, media: MediaInfo) -> str:
    """The file without its pauses."""
    assert media.audio is not None
    stereo = media.audio.channels > 1
    channels: Literal["B", "AA/V", "A", "AA"]
    channels = ("AA/V" if stereo else "B") if found.seen else ("AA" if stereo else "A")
    frames = [
        (round_half_up(s.start * found.rate), round_half_up(s.end * found.rate)) for s in found.kept
    ]
    events = [EdlEvent(start, end) for start, end in frames if end > start]
    return write_edl(name, name, found.rate, events, channels, assembled=True)
