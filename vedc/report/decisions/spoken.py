"""The words spoken in the film at a time: those of the lock from which captions are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vedc.captions.spoken import SpokenWord
from vedc.captions.spoken_text import read_words
from vedc.decide.lock.lock_entry import LockedItem, LockEntry
from vedc.edit.contents import Clip
from vedc.edit.model import Edit
from vedc.edit.timecode import clock_time
from vedc.errors import SourceLocation
from vedc.lang.resolve.speech.question import AskedWords
from vedc.workspace.build import Deciding


@dataclass(frozen=True, slots=True)
class Said:
    """A line of words spoken at a time. Times are the file's."""

    file: str
    words: tuple[SpokenWord, ...]
    now: int | None
    """The number of the word spoken at that time; None between two."""
    asks: str
    by: Mapping[str, str]
    edited: bool
    location: SourceLocation | None

    @property
    def text(self) -> str:
        """The line, with the spoken word in brackets."""
        shown = [word.text if word.certain else f"{word.text}(?)" for word in self.words]
        if self.now is not None:
            shown[self.now] = f"[{shown[self.now]}]"
        return " ".join(shown)


def said_at(deciding: Deciding, edit: Edit, time: Fraction) -> list[Said]:
    """The lines that the film's clips say at a time, those of the lowest track first."""
    answered = () if deciding.settled is None else deciding.settled.words
    fps = edit.profile.fps
    found: dict[tuple[str, Fraction], Said] = {}
    for track in edit.tracks:
        for item in track.items:
            if not isinstance(item.content, Clip) or not item.start <= time * fps < item.end:
                continue
            source = item.content.time_map.source_at(time - item.start / fps)
            for asked, entry in answered:
                if asked.question.media.path == item.content.media.path:
                    for said in _lines(asked, entry, source):
                        found.setdefault((said.asks, said.words[0].start), said)
    return list(found.values())


def _lines(asked: AskedWords, entry: LockEntry, source: Fraction) -> Iterator[Said]:
    for item in entry.items:
        words = _words(item)
        if words and words[0].start <= source < words[-1].end:
            said = (n for n, word in enumerate(words) if word.start <= source < word.end)
            yield Said(
                asked.question.source, words, next(said, None), asked.name, entry.by,
                item.edited, item.node.location,
            )  # fmt: skip


def _words(item: LockedItem) -> tuple[SpokenWord, ...]:
    """The words of the script, as in captions: without asides."""
    node = item.node
    who = node["who"].text if "who" in node else ""
    read = read_words(node["say"].text, node["times"].text, who)
    return tuple(word for word in read if not word.aside)


def lines(said: Said) -> list[str]:
    """A line of words for a terminal; its first line is the heading."""
    where = "" if said.location is None else f", {said.location.file}:{said.location.line}"
    speaker = f"{said.words[0].speaker} says" if said.words[0].speaker else "said"
    span = f"{clock_time(said.words[0].start)} to {clock_time(said.words[-1].end)}"
    made = ", ".join(f"{name} {version}".strip() for name, version in said.by.items())
    found = [f"“{said.text}”", f"  {speaker} in {said.file} from {span}", f"  {said.asks}{where}"]
    if said.now is not None:
        word = said.words[said.now]
        doubt = "" if word.certain else ", uncertain: correct it under `say`"
        times = f"{clock_time(word.start)} to {clock_time(word.end)}"
        found.append(f"  {word.text!r} from {times}{doubt}")
    if said.edited:
        found.append("  edited by hand")
    return [*found, f"  found by {made}"] if made else found


def data(said: Said) -> dict[str, Any]:
    """One of the ``words`` of ``vedc explain SPEC --json``."""
    return {
        "asked_by": said.asks,
        "file": said.file,
        "line": " ".join(word.text for word in said.words),
        "speaker": said.words[0].speaker or None,
        "start": float(said.words[0].start),
        "end": float(said.words[-1].end),
        "word": None if said.now is None else said.words[said.now].text,
        "certain": said.now is None or said.words[said.now].certain,
        "edited": said.edited,
        "by": dict(said.by),
    }
