"""The decisions in a lock as text and as JSON: one line for each item of each answer."""

from __future__ import annotations

from typing import Any

from vedc.decide.choose.reasons import HARD_CUT, JoinQuestion
from vedc.decide.lock.fitting import AnyAsked
from vedc.decide.lock.lock_entry import LockedItem, LockEntry
from vedc.lang.resolve.grades.question import AskedGrade
from vedc.lang.resolve.reframe.question import AskedReframe
from vedc.lang.resolve.speech.question import AskedWords
from vedc.report.decisions.text import crop_text
from vedc.workspace.build import Deciding


def locked_text(deciding: Deciding, changed: bool) -> str:
    """New and unchanged decisions, for a terminal."""
    settled = deciding.settled
    if settled is None or not settled.answered:
        what = "vedc.lock was removed" if changed else "vedc.lock is not needed"
        if changed and settled is not None and settled.lock.text:  # other specs have decisions
            what = "its decisions were removed from vedc.lock"
        return f"{deciding.name}: nothing to decide; {what}\n"
    lines = []
    for question, entry in settled.answered:
        lines.append(f"{question.name}: {_state(deciding, question, entry)}")
        for item in entry.items:
            score = "" if item.score is None else f"{item.score:6.2f}  "
            why = ", ".join((*item.reasons_for[:3], *item.reasons_against[:2], *item.removed))
            mark = "  (edited)" if item.edited else f"  {why}" if why else ""
            lines.append(f"  {score}{_of(item)}{_item(item.node.plain())}{mark}")
    location = settled.lock.file
    if deciding.build.spec == "-" or deciding.template:
        lines.append("not written: that needs a spec in a file, and neither --set nor --var-file")
    else:
        lines.append(f"{location}: {'written' if changed else 'up to date'}")
    return "\n".join(lines) + "\n"


def _state(deciding: Deciding, question: AnyAsked, entry: LockEntry) -> str:
    assert deciding.settled is not None
    clips = sum("clip" in item.node for item in entry.items if isinstance(item.node.value, dict))
    count = f"{clips} clip{'' if clips == 1 else 's'}"
    if isinstance(question.question, JoinQuestion):
        plain = [item.node.plain() for item in entry.items]
        count = "a hard cut" if plain in ([], [HARD_CUT]) else "a transition"
    elif isinstance(question, AskedGrade):
        shots = len(entry.items)
        graded = sum(bool(item.node.plain()) for item in entry.items)
        done = "graded" if question.question.steps == "grade" else "changed"
        count = f"{shots} shot{'' if shots == 1 else 's'}, {graded} {done}"
    elif isinstance(question, AskedWords):
        said = sum(len(str(item.node.plain().get("say", "")).split()) for item in entry.items)
        doubtful = sum(str(item.node.plain()).count("(?)") for item in entry.items)
        count = f"{said} words" + (f", {doubtful} uncertain" if doubtful else "")
    elif isinstance(question, AskedReframe):
        shots = len(entry.items)
        moves = sum("keyframes" in str(item.node.plain()) for item in entry.items)
        count = f"{shots} shot{'' if shots == 1 else 's'}, {moves} with a crop that moves"
    if entry.name in deciding.settled.decided:
        return f"decided, {count}"
    return f"edited by hand, {count}" if entry.edited else f"unchanged, {count}"


def _of(item: LockedItem) -> str:
    """The shot and clip of an item."""
    return "".join(f"{part}  " for part in (item.clip, item.shot) if part)


def _item(item: Any) -> str:
    """An item on one line: a clip with its range only, a grade with the names of its steps."""
    if isinstance(item, list):
        return " > ".join(step["op"] for step in item) or "as it is"
    if not isinstance(item, dict):
        return str(item)
    if "say" in item:
        return str(item["say"])
    if "crop" in item or not item:
        return crop_text(item)
    if "clip" in item:
        return f"{item['clip']}  {item.get('in', 'start')} to {item.get('out', 'end')}"
    named = item.get("transition")
    if isinstance(named, dict):
        item = {**item, "transition": named.get("name", ""), **named}
        del item["name"]
    return ", ".join(f"{key}: {value}" for key, value in item.items())


def locked_data(deciding: Deciding) -> list[dict[str, Any]]:
    """The documented objects of ``vedc lock --json``."""
    settled = deciding.settled
    if settled is None:
        return []
    return [
        {
            "name": question.name,
            "decided": entry.name in settled.decided,
            "edited": entry.edited,
            "media": dict(entry.media),
            "by": dict(entry.by),
            "items": [
                {
                    "item": item.node.plain(),
                    "score": item.score,
                    "for": list(item.reasons_for),
                    "against": list(item.reasons_against),
                    "instead": list(item.instead),
                    "removed": list(item.removed),
                    "edited": item.edited,
                    **({"clip": item.clip} if item.clip else {}),
                    **({"shot": item.shot} if item.shot else {}),
                }
                for item in entry.items
            ],
        }
        for question, entry in settled.answered
    ]
