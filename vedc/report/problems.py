"""Problems for people and programs: terminal, JSON, GitHub workflow commands."""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Final

from vedc.errors import Problem, SourceLocation, sort_problems
from vedc.support.printable import printable, to_json

#: Columns of source shown; a longer line is cropped around its caret.
WIDTH: Final = 96
TAB: Final = 4
_MAX_BYTES: Final = 8 * 2**20

_LONG_WORD: Final = re.compile(r"\S{200,}")
_BREAK: Final = re.compile(r"\r\n|\r|\n")

_RESET: Final = "\x1b[0m"
_STYLES: Final = {
    "place": "\x1b[1m",
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "gutter": "\x1b[34m",
    "help": "\x1b[36m",
}


def render_human(
    problems: Iterable[Problem], sources: Mapping[str, str] | None = None, color: bool = False
) -> str:
    """Problems in order of location, each with its source line, a caret and a hint.

    ``sources`` maps a file name to its text; other files are read from disk, and the source line
    is omitted if that fails. ``color`` adds ANSI colours. The text ends in a line break unless it
    is empty.
    """
    painter = _Painter(color)
    lines = {file: _BREAK.split(text) for file, text in (sources or {}).items()}
    parts: list[str] = []
    for problem in sort_problems(problems):
        parts.append(_headline(problem, painter))
        if problem.location is not None:
            parts.extend(_excerpt(problem.location, problem.severity, lines, painter))
        if problem.hint:
            first, *rest = problem.hint.splitlines()
            parts.append(f"  {painter('help', 'help')}: {_printable(first)}")
            parts.extend(f"        {_printable(line)}" for line in rest)
    return "".join(f"{part}\n" for part in parts)


def render_json(problems: Iterable[Problem]) -> str:
    """A JSON object: ``errors`` and ``warnings`` are counts, and ``problems`` is a list of
    {severity, code, message, file, line, column, length, hint} in order of location.

    ``file``, ``line``, ``column`` and ``length`` are null for a problem without a location, and
    ``hint`` may be null. Lines and columns count from 1.
    """
    return to_json(failure(problems)) + "\n"


def failure(problems: Iterable[Problem]) -> dict[str, object]:
    """The object of :func:`render_json`."""
    ordered = sort_problems(problems)
    severities = [problem.severity for problem in ordered]
    counts = {"errors": severities.count("error"), "warnings": severities.count("warning")}
    return counts | {"problems": records(ordered)}


def records(problems: Iterable[Problem]) -> list[dict[str, object]]:
    """The ``problems`` of :func:`render_json`."""
    return [
        {
            "severity": problem.severity,
            "code": problem.code,
            "message": problem.message,
            "file": problem.location.file if problem.location else None,
            "line": problem.location.line if problem.location else None,
            "column": problem.location.column if problem.location else None,
            "length": problem.location.length if problem.location else None,
            "hint": problem.hint,
        }
        for problem in sort_problems(problems)
    ]


def render_github(problems: Iterable[Problem]) -> str:
    """One workflow command per problem, which GitHub shows beside the line of the file."""
    lines = []
    for problem in sort_problems(problems):
        properties = {"title": problem.code}
        if problem.location is not None:
            location = problem.location
            properties = {
                "file": location.file,
                "line": str(location.line),
                "col": str(location.column),
                "title": problem.code,
            }
        shown = ",".join(f"{key}={_github_property(text)}" for key, text in properties.items())
        message = problem.message + (f"\nhelp: {problem.hint}" if problem.hint else "")
        kind = "notice" if problem.severity == "note" else problem.severity
        lines.append(f"::{kind} {shown}::{_github_data(message)}\n")
    return "".join(lines)


def _github_data(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


class _Painter:
    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, style: str, text: str) -> str:
        return f"{_STYLES[style]}{text}{_RESET}" if self.color else text


def _headline(problem: Problem, painter: _Painter) -> str:
    where = f"{painter('place', _printable(str(problem.location)))}: " if problem.location else ""
    kind = painter(problem.severity, f"{problem.severity}[{problem.code}]")
    return f"{where}{kind}: {_printable(_short_words(problem.message))}"


def _short_words(text: str) -> str:
    """Text whose longest words, such as a quoted path of a thousand letters, are cut short."""
    return _LONG_WORD.sub(lambda word: f"{word[0][:WIDTH]}...{word[0][-20:]}", text)


def _printable(text: str) -> str:
    """Text with control characters escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _excerpt(
    location: SourceLocation, severity: str, lines: dict[str, list[str]], painter: _Painter
) -> list[str]:
    """The source line with its gutter and the line of carets, or nothing."""
    if location.file not in lines:
        lines[location.file] = _BREAK.split(_read(location.file))
    known = lines[location.file]
    if location.line > len(known) or known == [""]:
        return []
    shown, before, width = _window(known[location.line - 1], location)
    number = painter("gutter", f"{location.line:>5} |")
    blank = painter("gutter", f"{'':>5} |")
    carets = painter(severity, "^" * width)
    return [f"{number} {shown}".rstrip(), f"{blank} {' ' * before}{carets}"]


def _read(file: str) -> str:
    """The text of a file; empty if it cannot be read again (a pipe, standard input)."""
    if not os.path.isfile(file):
        return ""
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(_MAX_BYTES)
    except OSError:
        return ""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in data and not wide:  # no text: a workbook
        return ""
    return data.decode("utf-16" if wide else "utf-8-sig", "replace")


def _window(line: str, location: SourceLocation) -> tuple[str, int, int]:
    """The visible part of a line, the columns before the caret, and the number of carets."""
    start = min((location.at or location.column) - 1, len(line))
    cut = max(0, start - 2 * WIDTH) if len(line) > 4 * WIDTH else 0
    cells = _cells(line[cut : cut + 4 * WIDTH])
    edges = list(accumulate((width for _, width in cells), initial=0))
    start -= cut
    end = min(start + location.length, len(cells))
    first, last = 0, len(cells)
    if edges[-1] > WIDTH:
        # Put the caret a third into the window, so that both sides are visible.
        left = max(0, min(edges[start] - WIDTH // 3, edges[-1] - WIDTH + 2))
        first = min(bisect_left(edges, left), start)
        last = bisect_right(edges, edges[first] + WIDTH - 2) - 1
    head = "…" if first > 0 or cut > 0 else ""
    tail = "…" if last < len(cells) or cut + len(cells) < len(line) else ""
    shown = head + "".join(text for text, _ in cells[first:last]) + tail
    carets = edges[max(start, min(end, last))] - edges[start]
    return shown, len(head) + edges[start] - edges[first], max(1, carets)


def _cells(line: str) -> list[tuple[str, int]]:
    """Every character of a line as printed, with its width in terminal columns."""
    cells: list[tuple[str, int]] = []
    column = 0
    for char in line:
        if char == "\t":
            width = TAB - column % TAB
            cell = (" " * width, width)
        elif unicodedata.category(char) in ("Mn", "Me", "Cf"):
            cell = (char, 0) if char not in _BIDI else ("\ufffd", 1)
        elif not char.isprintable():
            cell = ("\ufffd", 1)
        else:
            cell = (char, 2 if unicodedata.east_asian_width(char) in "WF" else 1)
        cells.append(cell)
        column += cell[1]
    return cells


#: Marks that change the direction of text and so would move the caret.
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
