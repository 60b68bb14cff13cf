"""The key frames of a film as a table, as JSON, as pictures and for a contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vedc.decide.analyses.results import KeyFrames
from vedc.edit.media_info import MediaInfo
from vedc.edit.timecode import timecode_or_clock
from vedc.media.files import make_folder
from vedc.report.sheets.stills import stills
from vedc.report.tables import Column, plural, table
from vedc.workspace.sheets.page import Tile, save


def data(found: KeyFrames) -> list[dict[str, Any]]:
    """The documented objects of ``vedc keyframes --json``."""
    return [
        {
            "time": float(k.frame / found.rate),
            "frame": k.frame,
            "shot": k.shot + 1,
            "covers": round(k.covers, 4),
            "score": round(k.score, 4),
        }
        for k in found.frames
    ]


def facts(found: KeyFrames) -> str:
    covered = sum(k.covers for k in found.frames)
    return f"{plural(len(found.frames), 'key frame')} for {covered:.0%} of the film"


def text(name: str, found: KeyFrames, color: bool = False) -> str:
    columns = (
        Column("#", True), Column("time"), Column("frame", True), Column("shot", True),
        Column("covers", True), Column("score", True),
    )  # fmt: skip
    rows = [
        (
            str(number),
            timecode_or_clock(k.frame, found.rate),
            str(k.frame),
            str(k.shot + 1),
            f"{k.covers:.1%}",
            f"{k.score:.2f}",
        )
        for number, k in enumerate(found.frames, 1)
    ]
    return f"{name}: {facts(found)}\n\n{table(columns, rows, color)}"


def tiles(found: KeyFrames) -> list[Tile]:
    """The pictures of a contact sheet."""
    return [
        Tile(
            k.frame,
            timecode_or_clock(k.frame, found.rate),
            f"shot {k.shot + 1}, covers {k.covers:.0%}",
        )
        for k in found.frames
    ]


def write_stills(folder: Path, media: MediaInfo, found: KeyFrames) -> list[Path]:
    """Write the frames at full size as ``NAME-000123.png`` into a folder, which is created."""
    make_folder(folder)
    frames = [k.frame for k in found.frames]
    written = []
    for frame, picture in zip(frames, stills(media, frames), strict=True):
        target = folder / f"{Path(media.path).stem}-{frame:06d}.png"
        save(picture, target)
        written.append(target)
    return written
