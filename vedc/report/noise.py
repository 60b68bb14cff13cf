"""The noise of a film's shots, as a table and as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from vedc.decide.analyses.results import Curves, Shots
from vedc.decide.choose.cleaning import effect_for
from vedc.edit.timecode import timecode_or_clock
from vedc.report.tables import Column, table


def data(name: str, shots: Shots, found: list[Curves]) -> dict[str, Any]:
    """The documented object of ``vedc noise --json``: specs/reference.md describes every key."""
    return {
        "version": 1,
        "file": name,
        "frame_rate": str(shots.rate),
        "shots": [
            {
                "start": float(shot.start / shots.rate),
                "end": float(shot.end / shots.rate),
                "frames": [shot.start, shot.end],
                "noise": None if (noise := _median(curves, "noise")) is None else round(noise, 5),
                "still": None if (still := _median(curves, "still")) is None else round(still, 2),
                "effect": None if noise is None else effect_for(noise),
            }
            for shot, curves in zip(shots.shots, found, strict=True)
        ],
    }


def text(name: str, shots: Shots, found: list[Curves], color: bool = False) -> str:
    columns = (
        Column("#", True), Column("start"), Column("end"), Column("noise of 255", True),
        Column("holds still", True), Column("effects"),
    )  # fmt: skip
    rows = []
    for number, (shot, curves) in enumerate(zip(shots.shots, found, strict=True), 1):
        noise, still = _median(curves, "noise"), _median(curves, "still")
        times = (timecode_or_clock(at, shots.rate) for at in (shot.start, shot.end))
        if noise is None or still is None:
            rows.append((str(number), *times, "", "", "unknown: too dark, bright or small"))
            continue
        effect = effect_for(noise)
        shown = (
            "none: clean enough"
            if effect is None
            else f"[{{op: {effect['op']}, strength: {effect['strength']}}}]"
        )
        rows.append((str(number), *times, f"{noise * 255:.1f}", f"{still:.0%}", shown))
    return f"{name}\n\n{table(columns, rows, color)}"


def _median(curves: Curves, name: str) -> float | None:
    """The median over the pictures that can be measured; None if none can."""
    known = curves.values[name][~np.isnan(curves.values[name])]
    return float(np.median(known)) if len(known) else None
