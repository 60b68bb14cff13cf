"""CSV: a first row of names, and a row of texts for each film.

Cells are separated by commas, or by semicolons or tabs where the first row has more of those, as
spreadsheets write it in countries whose numbers have commas.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from vedc.errors import Problem, SourceLocation, SpecError
from vedc.lang.rows.table import MAX_ROWS, Row, Table, headings, read_text, too_many
from vedc.lang.yaml.load import display_name
from vedc.lang.yaml.tree import SpecNode

_BREAK: Final = re.compile(r"\r\n|\r|\n")
_SEPARATORS: Final = (",", ";", "\t")
#: The most characters of a cell.
_MOST: Final = 1 << 20


def read_csv(path: Path) -> Table:
    """The rows of a file. Raises MissingError, or SpecError if it is not a table."""
    file, text = display_name(path), read_text(path)
    separator = "\t" if path.suffix.lower() == ".tsv" else _separator(text)
    records = _records(text, file, separator)
    first = next(records, None)
    if first is None:
        return Table(file, [], {}, texts=True)
    source = _BREAK.split(text)
    line, names = first
    places = _places(file, line, names, source, separator)
    names = [name.strip() for name in names]
    while names and not names[-1]:  # a spreadsheet's empty columns
        names.pop()
    columns = headings([*zip(names, places, strict=False)])
    rows: list[Row] = []
    for line, values in records:
        if len(rows) == MAX_ROWS:
            raise too_many(file, line)
        rows.append(_row(file, line, values, [*columns], source, separator))
    return Table(file, rows, columns, texts=True)


def _row(
    file: str,
    line: int,
    values: Sequence[str],
    columns: Sequence[str],
    source: Sequence[str],
    separator: str,
) -> Row:
    places = _places(file, line, values, source, separator)
    start = SourceLocation(file, line)
    problems = []
    if len(values) < len(columns):
        message = f"the row has {_cells(len(values))}, and there are {len(columns)} columns"
        hint = f"the first column is {columns[0]!r}; an empty cell still needs its separator"
        problems.append(Problem("data-row", message, start, hint))
    more = [n for n in range(len(columns), len(values)) if values[n].strip()]
    if more:
        message = f"the row has more cells than there are columns ({len(columns)})"
        hint = f'put a text that holds "{separator}" in double quotes'
        problems.append(Problem("data-row", message, places[more[0]], hint))
    cells = {
        name: SpecNode(value or None, place, place)
        for name, value, place in zip(columns, values, places, strict=False)
    }
    return Row(line, start, cells, problems)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _separator(text: str) -> str:
    """The separator most frequent in the first row, outside quotes."""
    bare = re.sub(r'"[^"]*"', "", text[:65536])
    first = next((line for line in bare.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=first.count)


def _records(text: str, file: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The non-empty records, each with the number of its first line."""
    csv.field_size_limit(_MOST)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            message = f"this is not CSV: {error}"
            hint = (
                'put a cell that holds a quote in double quotes, and double the quote: "5"" disc"'
            )
            raise SpecError.one("data-row", message, SourceLocation(file, line), hint) from None
        if values is None:
            return
        if any(value.strip() for value in values):
            yield line, values
        line = reader.line_num + 1


def _places(
    file: str, line: int, values: Sequence[str], source: Sequence[str], separator: str
) -> list[SourceLocation]:
    """The location of each cell: its first line, the number of its column, and the character at
    which the carets begin."""
    places: list[SourceLocation] = []
    at = 0
    for number, value in enumerate(values, 1):
        text = source[line - 1] if line <= len(source) else ""
        start, begun = at, line
        if text[at : at + 1] == '"':
            line, at = _behind_quotes(source, line, at + 1)
        else:
            at += len(value)
        shown = (at if line == begun else len(text)) - start
        places.append(SourceLocation(file, begun, number, max(1, shown), start + 1))
        at += len(separator)
    return places


def _behind_quotes(source: Sequence[str], line: int, at: int) -> tuple[int, int]:
    """The line of the quote that ends a cell, and the character after it."""
    for number in range(line, len(source) + 1):
        text = source[number - 1]
        while (found := text.find('"', at)) >= 0:
            if text[found + 1 : found + 2] != '"':
                return number, found + 1
            at = found + 2
        at = 0
    return len(source), 0
