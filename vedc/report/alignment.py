"""The result of ``vedc align`` as JSON and as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vedc.decide.align.alignment import AlignedSegment, Alignment
from vedc.edit.media_info import MediaInfo
from vedc.edit.timecode import timecode_or_clock
from vedc.report.tables import Column, plural, table


def data(found: Alignment) -> list[dict[str, Any]]:
    """The documented objects of ``vedc align --json``."""
    return [
        {
            "start": float(s.start / found.rate),
            "end": float(s.end / found.rate),
            "origin": s.origin,
            "file": _file(found, s),
            "in": None if s.source is None else float(s.begin),
            "speed": None if s.source is None else float(s.speed),
            "type": s.boundary,
            "score": round(s.confidence, 4),
        }
        for s in found.segments
    ]


def text(found: Alignment, color: bool = False) -> str:
    columns = (
        Column("#", True), Column("start"), Column("end"), Column("from"), Column("in"),
        Column("speed", True), Column("begins with"), Column("score", True),
    )  # fmt: skip
    rows = [
        (
            str(number),
            timecode_or_clock(s.start, found.rate),
            timecode_or_clock(s.end, found.rate),
            Path(_file(found, s) or f"({s.origin})").name,
            _in(found, s),
            "" if s.source is None else f"{float(s.speed):.3g}",
            s.boundary,
            f"{s.confidence:.2f}",
        )
        for number, s in enumerate(found.segments, 1)
    ]
    known = sum(s.end - s.start for s in found.segments if s.source is not None)
    share = known / found.frames if found.frames else 0.0
    head = f"{found.film.path}: {plural(len(rows), 'segment')}, {share:.0%} of the film found"
    return f"{head}\n\n{table(columns, rows, color)}"


def _raw(found: Alignment, segment: AlignedSegment) -> MediaInfo | None:
    return None if segment.source is None else found.raws[segment.source]


def _file(found: Alignment, segment: AlignedSegment) -> str | None:
    raw = _raw(found, segment)
    return None if raw is None else raw.path


def _in(found: Alignment, segment: AlignedSegment) -> str:
    raw = _raw(found, segment)
    if raw is None or raw.video is None:
        return ""
    rate = raw.video.rate
    return timecode_or_clock(max(int(segment.begin * rate), 0), rate)
