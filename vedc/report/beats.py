"""The beats of music as a table and as JSON."""

from __future__ import annotations

from typing import Any

from vedc.decide.analyses.results import Events
from vedc.edit.timecode import clock_time
from vedc.report.tables import Column, plural, table


def data(name: str, found: Events) -> dict[str, Any]:
    """The documented object of ``vedc beats --json``."""
    return {
        "version": 1,
        "file": name,
        "tempo": found.tempo,
        "beats": [{"time": float(e.time), "strength": round(e.strength, 3)} for e in found.events],
    }


def facts(found: Events) -> str:
    tempo = "" if found.tempo is None else f", {found.tempo:.1f} a minute"
    return plural(len(found.events), "beat") + tempo


def text(name: str, found: Events, color: bool = False) -> str:
    columns = (Column("#", True), Column("time"), Column("strength", True))
    rows = [
        (str(number), clock_time(e.time), f"{e.strength:.2f}")
        for number, e in enumerate(found.events, 1)
    ]
    shown = f"\n{table(columns, rows, color)}" if rows else ""
    return f"{name}: {facts(found)}\n{shown}"
