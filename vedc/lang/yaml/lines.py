"""Offsets in a text to lines and columns, and back."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from vedc.errors import SourceLocation

_BREAK: Final = re.compile("\n")


class Lines:
    """The line structure of ``text``, in which every line ends in ``\\n``."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def location(self, start: int, end: int | None = None) -> SourceLocation:
        """The location of the characters ``start <= i < end``.

        Its length counts those on the first line, without trailing space, and is at least 1.
        """
        line = bisect_right(self.starts, start) - 1
        last = self.starts[line + 1] - 1 if line + 1 < len(self.starts) else len(self.text)
        shown = self.text[start : min(end or start, last)].rstrip()
        return SourceLocation(
            self.file, line + 1, start - self.starts[line] + 1, max(1, len(shown))
        )

    def offset(self, location: SourceLocation) -> int:
        """The offset of a location's first character."""
        return self.starts[location.line - 1] + location.column - 1

    def shown(self, location: SourceLocation) -> str:
        """The characters at a location."""
        start = self.offset(location)
        return self.text[start : start + location.length]

    def line(self, number: int) -> str:
        """A line by its number, counted from 1, without its break."""
        start = self.starts[number - 1]
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[start:end]

    def line_of(self, offset: int) -> int:
        """The number of the line that holds ``offset``, counted from 1."""
        return bisect_right(self.starts, offset)
