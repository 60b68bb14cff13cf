"""The result of ``vedc learn`` as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, Final

from vedc.decide.choose.style_file import PARTS
from vedc.report.tables import Column, plural, table
from vedc.train.house.judged import Judged, as_data
from vedc.train.house.style import LearnedStyle
from vedc.workspace.learning.learn import CARD, FILMS, STYLE, Learned
from vedc.workspace.learning.rebuild import SPEC

_WIDTH: Final = 96
_GOOD: Final = 30.0
"""Decibels below which a film is not rebuilt well."""
_MOST: Final = 0.8
"""Share of a film below which much of it is not in the raw files."""


def text(learned: Learned, color: bool = False) -> str:
    """A table of the films, and a paragraph on each part."""
    return "\n".join(_lines(learned, color)) + "\n"


def _lines(learned: Learned, color: bool) -> Iterator[str]:
    yield f"a style from {plural(len(learned.films), 'film')}"
    yield ""
    columns = (
        Column("film"), Column("shots", True), Column("from raw files", True),
        Column("rebuilt", True), Column("dE", True), Column("effects"),
    )  # fmt: skip
    rows = [
        (
            film.name,
            str(film.shots),
            f"{film.explained:.0%}",
            "" if film.psnr is None else f"{film.psnr:.1f} dB",
            "" if film.difference is None else f"{film.difference:.2f}",
            ", ".join(film.effects),
        )
        for film in learned.films
    ]
    yield table(columns, rows, color).rstrip()
    for name, why in learned.left.items():
        yield f"left over: {name}: {why}"
    for part in PARTS:
        yield ""
        state = "learned" if learned.style.taken[part] else "default"
        yield from textwrap.wrap(
            f"{part} ({state}): {learned.style.verdicts[part]}", _WIDTH, subsequent_indent="  "
        )


def doubts(learned: Learned) -> list[str]:
    """Caveats for using the style, a sentence each."""
    found = []
    if not any(learned.style.taken.values()):
        found.append("no part is better than what vedc does without it: the style has no effect")
    for film in learned.films:
        if film.explained < _MOST:
            found.append(
                f"{film.name}: {1 - film.explained:.0%} of it is in none of the raw files, and "
                "nothing is learned from that"
            )
        if film.psnr is not None and film.psnr < _GOOD:
            found.append(
                f"{film.name}: the rebuilt film is {film.psnr:.1f} dB from it, so something in it "
                "was not found: compare it with its spec"
            )
    return found


def data(learned: Learned) -> dict[str, Any]:
    """The documented object of ``vedc learn --json``."""
    style = learned.style
    return {
        "style": str(learned.folder / STYLE),
        "card": str(learned.folder / CARD),
        "digest": style.data["digest"],
        "films": [
            {
                "name": film.name,
                "spec": str(learned.folder / FILMS / film.name / SPEC),
                "frames": film.frames,
                "shots": film.shots,
                "explained": round(film.explained, 4),
                "psnr": None if film.psnr is None else round(film.psnr, 2),
                "worst": None if film.worst is None else round(film.worst, 2),
                "between": None if film.between is None else round(film.between, 2),
                "difference": None if film.difference is None else round(film.difference, 3),
                "effects": list(film.effects),
            }
            for film in learned.films
        ],
        "left_over": [{"name": name, "why": why} for name, why in learned.left.items()],
        "parts": {
            part: {
                "kept": "learned" if style.taken[part] else "default",
                "why": style.verdicts[part],
            }
            for part in PARTS
        },
        "judged": {name: as_data(judged) for name, judged in _judged(style)},
        "look": _look(style),
        "habits": dict(style.habits),
        "warnings": doubts(learned),
    }


def _judged(style: LearnedStyle) -> Iterator[tuple[str, Judged]]:
    if style.cuts is not None and style.cuts.judged is not None:
        yield "cuts", style.cuts.judged
    if style.pieces is not None and style.pieces.judged is not None:
        yield "pieces", style.pieces.judged
    if style.joining is not None:
        for name, verdict in style.joining.verdicts.items():
            yield ("joints" if name == "learned" else "joint rates"), verdict
    if style.pacing is not None and style.pacing.judged is not None:
        yield "pace", style.pacing.judged


def _look(style: LearnedStyle) -> dict[str, Any] | None:
    grading = style.grading
    if grading is None or grading.skill is None:
        return None
    return {
        "skill": [round(value, 4) for value in grading.skill],
        "difference": {name: [round(v, 3) for v in value] for name, value in grading.away.items()},
    }
