"""WebVTT files, by the W3C's recommendation, section 6, and as lenient as browsers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from vedc.captions.letters import Letters
from vedc.captions.notes import Notes
from vedc.captions.tags import tagged
from vedc.captions.times import LINE, seconds
from vedc.edit.captions import Cue, Place, Word


def read_vtt(lines: Sequence[str], notes: Notes) -> list[Cue]:
    cues = []
    at = 0
    while at < len(lines) and lines[at].strip():  # the header
        if LINE.match(lines[at]):
            break
        if lines[at].startswith("X-TIMESTAMP-MAP"):
            notes.add("caption-time", "X-TIMESTAMP-MAP is not followed: write an offset", at + 1)
        at += 1
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        cues += _block(lines, at, end, notes)
        at = end
    return cues


def _block(lines: Sequence[str], at: int, end: int, notes: Notes) -> list[Cue]:
    """The cues of lines without an empty one between them: a line of times ends the cue before."""
    times = [number for number in range(at, end) if LINE.match(lines[number])]
    head = lines[at].split()[0]
    if head in ("STYLE", "REGION"):
        notes.add("caption-style", f"{head} blocks of WebVTT are not followed", at + 1)
        return []
    if head == "NOTE":
        return []
    if not times:
        what = "the times of a cue cannot be read: it is left out"
        if not any("-->" in line for line in lines[at:end]):
            what = "text without times is left out"
        hint = "write them as 00:00:01.000 --> 00:00:02.500"
        notes.add("caption-time", what, at + 1, hint)
        return []
    cues = []
    for index, number in enumerate(times):
        last = index + 1 == len(times)
        stop = end if last else times[index + 1]
        if not last and stop - 1 > number and lines[stop - 1].strip().isdigit():
            stop -= 1  # the name of the next cue
        found = LINE.match(lines[number])
        assert found is not None
        begin, until = seconds(found.group(1)), seconds(found.group(2))
        if begin is None or until is None:
            continue
        place = _place(found.group(3), number + 1, notes)
        text = "\n".join(lines[number + 1 : stop])
        cues.append(_cue(text, number + 1, begin, until, place, notes))
    return cues


def _cue(
    text: str, line: int, start: Fraction, end: Fraction, place: Place | None, notes: Notes
) -> Cue:
    letters = Letters()
    tagged(text, letters, line + 1, notes, seconds)
    words, spans, times = letters.done()
    if times and times[0].offset:  # text before the first time begins with the cue
        times = (Word(0, start), *times)
    return Cue(start, end, words, spans, times, place, line=line)


_SETTING = re.compile(r"(\w+):(\S+)")


def _place(written: str, line: int, notes: Notes) -> Place | None:
    settings = dict(_SETTING.findall(written))
    if not settings:
        return None
    for key in ("vertical", "region"):
        if key in settings:
            notes.add("caption-place", f"{key!r} of WebVTT is not followed", line)
    align = settings.get("align", "center")
    sides: dict[str, Literal["left", "center", "right"]] = {
        "start": "left", "left": "left", "end": "right", "right": "right",
    }  # fmt: skip
    side = sides.get(align, "center")
    across, _, across_anchor = settings.get("position", "").partition(",")
    default = {"left": 0.0, "center": 0.5, "right": 1.0}[side]
    x = _percent(across)
    ax = {"line-left": 0.0, "center": 0.5, "line-right": 1.0}.get(across_anchor, default)
    down, _, down_anchor = settings.get("line", "").partition(",")
    y, number = _percent(down), None
    ay = {"start": 0.0, "center": 0.5, "end": 1.0}.get(down_anchor, 0.0)
    if y is None:
        ay = 1.0
        if re.fullmatch(r"-?\d+(\.0*)?", down):
            number = int(float(down))
            ay = 0.0 if number >= 0 else 1.0
        elif down and down != "auto":
            notes.add("caption-place", f"the line {down!r} cannot be read", line)
    width = _percent(settings.get("size", ""))
    if (y == 0.0 and ay == 0.0) or (y == 1.0 and ay == 1.0):
        number, y = (0 if y == 0.0 else -1), None  # within the margins that captions keep
    fixed = y is not None or number is not None
    return Place((x, y), (ax, ay), side, number, width, fixed)


def _percent(text: str) -> float | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)%", text)
    return min(float(found.group(1)) / 100, 1.0) if found else None
