"""What `vedc align` found, as data and as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vedc.decide.align.alignment import AlignedStretch, Alignment
from vedc.edit.media_info import MediaInfo
from vedc.report.listings import Column, label, table


def data(found: Alignment) -> list[dict[str, Any]]:
    """The documented objects: times in seconds, of the film and of the raw file."""
    return [
        {
            "start": float(s.start / found.rate),
            "end": float(s.end / found.rate),
            "origin": s.origin,
            "file": _file(found, s),
            "in": None if s.source is None else float(s.begin),
            "speed": None if s.source is None else float(s.speed),
            "type": s.joint,
            "score": round(s.confidence, 4),
        }
        for s in found.stretches
    ]


def text(found: Alignment, color: bool = False) -> str:
    columns = (
        Column("#", True), Column("start"), Column("end"), Column("from"), Column("in"),
        Column("speed", True), Column("begins with"), Column("score", True),
    )  # fmt: skip
    rows = [
        (
            str(number),
            label(s.start, found.rate),
            label(s.end, found.rate),
            Path(_file(found, s) or f"({s.origin})").name,
            _in(found, s),
            "" if s.source is None else f"{float(s.speed):.3g}",
            s.joint,
            f"{s.confidence:.2f}",
        )
        for number, s in enumerate(found.stretches, 1)
    ]
    known = sum(s.end - s.start for s in found.stretches if s.source is not None)
    share = known / found.frames if found.frames else 0.0
    plural = "" if len(rows) == 1 else "es"
    head = f"{found.film.path}: {len(rows)} stretch{plural}, {share:.0%} of it found"
    return f"{head}\n\n{table(columns, rows, color)}"


def _raw(found: Alignment, stretch: AlignedStretch) -> MediaInfo | None:
    return None if stretch.source is None else found.raws[stretch.source]


def _file(found: Alignment, stretch: AlignedStretch) -> str | None:
    raw = _raw(found, stretch)
    return None if raw is None else raw.path


def _in(found: Alignment, stretch: AlignedStretch) -> str:
    raw = _raw(found, stretch)
    if raw is None or raw.video is None:
        return ""
    rate = raw.video.rate
    return label(max(int(stretch.begin * rate), 0), rate)
