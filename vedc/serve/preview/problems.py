"""Problems for the page: each with its line of the spec, and the items that it concerns."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

from vedc.errors import Problem, SourceLocation, sort_problems
from vedc.report.problems import records

#: The most characters shown of a line; longer ones are cropped around the mistake.
_WIDEST: Final = 160
_BREAK: Final = re.compile(r"\r\n|\r|\n")


class Places:
    """Where the items of the shown film are in the current text of the spec.

    The film may be older than the text: a spec being edited is often invalid, and its lines have
    moved.
    """

    def __init__(
        self, file: str, then: str, now: str, items: Sequence[tuple[str, SourceLocation]]
    ) -> None:
        """``items``: the film's, with their places in the text ``then``."""
        self._file = file
        self._lines = _moved(_BREAK.split(then), _BREAK.split(now))
        places: dict[int, list[str]] = {}
        for name, place in items:
            if place.file == file:
                places.setdefault(place.line, []).append(name)
        self._begins = sorted(places)
        self._names = [places[line] for line in self._begins]

    def at(self, location: SourceLocation | None) -> list[str]:
        """The items that contain a place: those that begin last before it."""
        if location is None or location.file != self._file or not self._begins:
            return []
        line = self._lines.get(location.line)
        if line is None:
            return []
        found = bisect_right(self._begins, line) - 1
        return self._names[found] if found >= 0 else []


def _moved(then: Sequence[str], now: Sequence[str]) -> dict[int, int]:
    """The line of an older text, from 1, for each line of a newer one.

    Changed lines map to those in their place, and new ones to the line before.
    """
    lines: dict[int, int] = {}
    for kind, a, b, c, d in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        for line in range(c, d):
            old = a + (line - c) if kind == "equal" else min(a + (line - c), max(b - 1, a - 1))
            lines[line + 1] = max(old, 0) + 1
    return lines


def shown(
    problems: Iterable[Problem], places: Places | None, sources: dict[str, str]
) -> list[dict[str, Any]]:
    """The records of problems, as of ``--format json``, with two more fields each: the ``items``
    of the film that they concern, and the ``text`` of their line, with the place of the mistake.

    ``sources``: texts by file name; other files are read.
    """
    ordered = sort_problems(problems)
    found = records(ordered)
    for problem, record in zip(ordered, found, strict=True):
        record["items"] = places.at(problem.location) if places is not None else []
        record["text"] = _excerpt(problem.location, sources)
    return found


def _excerpt(location: SourceLocation | None, sources: dict[str, str]) -> dict[str, Any] | None:
    """A line of a file in three parts: before, at and after the mistake."""
    if location is None:
        return None
    if location.file not in sources:
        sources[location.file] = _read(location.file)
    lines = _BREAK.split(sources[location.file])
    if not 1 <= location.line <= len(lines):
        return None
    line = lines[location.line - 1].replace("\t", "    ")
    start = min((location.at or location.column) - 1, len(line))
    end = min(start + max(location.length, 1), len(line))
    cut = max(0, start - _WIDEST // 3)
    return {
        "before": ("…" if cut else "") + line[cut:start],
        "at": line[start:end],
        "after": line[end : cut + _WIDEST] + ("…" if len(line) > cut + _WIDEST else ""),
    }


def _read(file: str) -> str:
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(1 << 22)
    except OSError:
        return ""
    return "" if b"\0" in data else data.decode("utf-8-sig", "replace")
