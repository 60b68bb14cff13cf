"""Where something is said, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vedc.captions.spoken import Words
from vedc.decide.words.search import Hit, context
from vedc.edit.timecode import clock_time
from vedc.report.speech.words import joined
from vedc.report.tables import Column, plural, table

Found = Sequence[tuple[Path, Words, Sequence[Hit]]]


def data(wanted: str, found: Found) -> dict[str, Any]:
    """The documented object of ``vedc find --json``."""
    return {
        "version": 1,
        "text": wanted,
        "hits": [
            {
                "file": str(file),
                "start": float(words.words[hit.first].start),
                "end": float(words.words[hit.end - 1].end),
                "text": joined(words.words[hit.first : hit.end]),
                "score": hit.score,
                "phrase": joined(context(words, hit)),
            }
            for file, words, hits in found
            for hit in hits
        ],
    }


def text(wanted: str, found: Found, color: bool = False) -> str:
    columns = (
        Column("file"), Column("start"), Column("end"), Column("score", True), Column("phrase")
    )  # fmt: skip
    rows = [
        (
            str(file),
            clock_time(words.words[hit.first].start),
            clock_time(words.words[hit.end - 1].end),
            f"{hit.score:.2f}",
            joined(context(words, hit)),
        )
        for file, words, hits in found
        for hit in hits
    ]
    shown = f"\n{table(columns, rows, color)}" if rows else ""
    return f"{wanted!r}: {plural(len(rows), 'hit')} in {plural(len(found), 'file')}\n{shown}"
