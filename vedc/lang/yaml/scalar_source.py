"""From an offset in a scalar's value to the location of that character in the source.

The two differ by quotes, escapes, folded lines and indentation. Flow scalars (plain and
quoted) and literal blocks (``|``) are followed exactly; of a folded block (``>``) only the
start is known.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from vedc.errors import SourceLocation
from vedc.lang.yaml.lines import Lines

_BREAKS: Final = re.compile(r"[ \t]*\n[ \t\n]*")
_ESCAPE: Final = re.compile(r"\\(?:x..|u.{4}|U.{8}|\n[ \t]*|.)", re.DOTALL)


class ScalarSource:
    """One scalar: ``value`` was read at ``location``."""

    def __init__(self, lines: Lines, location: SourceLocation, value: str) -> None:
        self.lines = lines
        self.whole = location
        self.value = value
        self.start = lines.offset(location)

    def location(self, start: int, end: int) -> SourceLocation:
        """The location of ``value[start:end]``; the whole scalar if unknown."""
        offsets = self.offsets
        if offsets is None or not start < end < len(offsets):
            return self.whole
        return self.lines.location(offsets[start], offsets[end - 1] + 1)

    @cached_property
    def offsets(self) -> list[int] | None:
        """The source offset of every character of the value, and of its end."""
        text = self.lines.text
        mark = text[self.start : self.start + 1]
        if mark == "|":
            offsets = self._literal()
        elif mark == ">":
            offsets = None
        elif mark in ("'", '"'):
            offsets = self._flow(self.start + 1, mark)
        else:
            offsets = self._flow(self.start, "")
        return offsets

    def _flow(self, at: int, quote: str) -> list[int] | None:
        """Walk source and value side by side, as YAML folds and unescapes."""
        text, value = self.lines.text, self.value
        offsets: list[int] = []
        while len(offsets) < len(value):
            expected = value[len(offsets)]
            if quote == '"' and (escape := _ESCAPE.match(text, at)):
                if escape[0][1] != "\n":  # an escaped line break adds nothing
                    offsets.append(at)
                at = escape.end()
            elif quote == "'" and text.startswith("''", at):
                offsets.append(at)
                at += 2
            elif fold := _BREAKS.match(text, at):
                breaks = fold[0].count("\n")
                offsets.extend([at] * max(1, breaks - 1))
                at = fold.end()
            elif text[at : at + 1] == expected:
                offsets.append(at)
                at += 1
            else:
                return None
        return [*offsets, at]

    def _literal(self) -> list[int] | None:
        text, value = self.lines.text, self.value
        header = text.find("\n", self.start)
        if header < 0:
            return None
        indent = self._indent(header + 1)
        offsets: list[int] = []
        at = header + 1
        for line in value.split("\n"):
            begin = min(at + indent, len(text)) if line else at
            if not text.startswith(line, begin):
                return None
            offsets.extend(range(begin, begin + len(line) + 1))
            end = text.find("\n", at)
            at = end + 1 if end >= 0 else len(text)
        return offsets

    def _indent(self, at: int) -> int:
        """Spaces before the block's first line that has text, less what the value keeps."""
        lines = self.value.split("\n")
        for number, line in enumerate(lines):
            if line.strip():
                first = self.lines.line(self.lines.line_of(at) + number)
                return len(first) - len(line)
        return 0
