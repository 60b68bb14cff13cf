"""Plain-text tables."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from vedc.support.lazy_dataclass import dataclass

_BOLD, _RESET = "\x1b[1m", "\x1b[0m"
_COLORS: Final = {
    "cut": "\x1b[33m",
    "dissolve": "\x1b[36m",
    "fade": "\x1b[35m",
    "wipe": "\x1b[32m",
    "slide": "\x1b[32m",
}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    right: bool = False
    """Whether cells are aligned to the right."""


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], color: bool = False) -> str:
    """Aligned rows under a heading; ``color`` tints the names of transitions."""
    widths = [
        max([len(column.name), *(len(row[i]) for row in rows)]) for i, column in enumerate(columns)
    ]

    def line(cells: Sequence[str]) -> str:
        aligned = (
            cell.rjust(width) if column.right else cell.ljust(width)
            for cell, column, width in zip(cells, columns, widths, strict=True)
        )
        return "  ".join(aligned).rstrip()

    head = line([column.name for column in columns])
    body = [line(row) for row in rows]
    if color:
        head = f"{_BOLD}{head}{_RESET}"
        body = [_tinted(text, row) for text, row in zip(body, rows, strict=True)]
    return "".join(f"{text}\n" for text in (head, *body))


def _tinted(line: str, row: Sequence[str]) -> str:
    for cell in row:
        word = cell.partition(",")[0]
        if word in _COLORS:
            return line.replace(cell, f"{_COLORS[word]}{cell}{_RESET}", 1)
    return line


def seconds(value: Fraction) -> str:
    return f"{float(value):.2f}"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
