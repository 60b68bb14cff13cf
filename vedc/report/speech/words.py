"""The words of a recording as a table, as JSON, as phrases with times, and as captions."""

from __future__ import annotations

from typing import Any

from vedc.captions.lines import caption_cues, too_fast_message
from vedc.captions.spoken import SpokenWord, Words, phrases
from vedc.captions.write import Format, write_captions
from vedc.edit.timecode import clock_time
from vedc.report.tables import Column, plural, table


def data(name: str, found: Words) -> dict[str, Any]:
    """The documented object of ``vedc words --json``."""
    return {
        "version": 1,
        "file": name,
        "engine": found.engine,
        "language": found.language,
        "words": [_word(word) for word in found],
        "phrases": [
            {
                "start": float(phrase[0].start),
                "end": float(phrase[-1].end),
                "text": joined(phrase),
                "speaker": phrase[0].speaker or None,
            }
            for phrase in phrases(found.words)
        ],
    }


def _word(word: SpokenWord) -> dict[str, Any]:
    return {
        "text": word.text,
        "start": float(word.start),
        "end": float(word.end),
        "probability": word.sure,
        "speaker": word.speaker or None,
    }


def joined(words: tuple[SpokenWord, ...]) -> str:
    return " ".join(word.text for word in words)


def facts(found: Words) -> str:
    doubtful = sum(not word.certain for word in found)
    doubts = f", {doubtful} of them uncertain" if doubtful else ""
    people = sorted({word.speaker for word in found if word.speaker})
    who = f"; speakers: {', '.join(people)}" if people else ""
    return f"{plural(len(found), 'word')}{doubts}, by {found.engine}{who}"


def text(name: str, found: Words, color: bool = False) -> str:
    columns = [
        Column("#", True), Column("start"), Column("end"), Column("sure", True), Column("word"),
        Column("speaker"),
    ]  # fmt: skip
    rows = [
        [
            str(number),
            clock_time(word.start),
            clock_time(word.end),
            f"{word.sure:.2f}" + ("" if word.certain else " ?"),
            word.text,
            word.speaker,
        ]
        for number, word in enumerate(found, 1)
    ]
    if not any(word.speaker for word in found):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    shown = f"\n{table(columns, rows, color)}" if rows else ""
    return f"{name}: {facts(found)}\n{shown}"


def packed(name: str, found: Words) -> str:
    """A line for each phrase, with its times, for finding a place in a talk."""
    lines = [f"{name}: {facts(found)}\n"]
    before = ""
    for phrase in phrases(found.words):
        who = phrase[0].speaker
        said = " ".join(f"{w.text}" if w.certain else f"{w.text}(?)" for w in phrase)
        speaker = f"{who}: " if who != before else ""
        before = who
        lines.append(
            f"[{clock_time(phrase[0].start)} {clock_time(phrase[-1].end)}] {speaker}{said}\n"
        )
    return "".join(lines)


def captions(found: Words, form: Format, max_chars: int) -> tuple[str, str]:
    """The words as a caption file, and a remark about it, if any."""
    cues = caption_cues(found.words, max_chars)
    return write_captions(cues, form), too_fast_message(cues)
