"""Excel workbooks, read by openpyxl: a first row of names, and a row of values for each film.

Numbers, booleans and texts are taken as stored, dates as texts such as 2026-03-21 or 2026-03-21
18:30:00. A number whose format pads it with zeros is the padded text where text is wanted.
"""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vedc.errors import MissingError, Problem, SourceLocation, SpecError
from vedc.lang.rows.table import MAX_ROWS, Row, Table, headings, read_bytes, too_many
from vedc.lang.yaml.load import display_name
from vedc.lang.yaml.tree import SpecNode
from vedc.support.suggest import suggestion

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_ZEROS: Final = re.compile(r"0{2,20}")
#: Exceptions of a damaged or encrypted workbook, on opening or reading a sheet.
_DAMAGED: Final[tuple[type[Exception], ...]] = (
    zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError, IndexError,
    RuntimeError, OSError,
)  # fmt: skip


def read_workbook(path: Path, sheet: str | None = None) -> Table:
    """The rows of a sheet, by default the first.

    Raises MissingError without openpyxl or the file, and SpecError if it has no table.
    """
    file = display_name(path)
    read_bytes(path)  # reports an unreadable or too large file
    book = _opened(path, file, stored=True)
    try:
        name = _sheet(book, sheet, file)
        with _readable(file):
            book[name].reset_dimensions()  # some programs write wrong ones
            values = [*book[name].iter_rows()]
    finally:
        book.close()
    lines = [(number, cells) for number, cells in enumerate(values, 1) if not _empty(cells)]
    if not lines:
        return Table(file, [], {})
    first, heads = lines[0]
    names = [str(cell.value if cell.value is not None else "").strip() for cell in heads]
    while names and not names[-1]:
        names.pop()
    places = [SourceLocation(file, first, number + 1) for number in range(len(names))]
    columns = headings([*zip(names, places, strict=True)])
    if len(lines) > MAX_ROWS + 1:
        raise too_many(file, lines[MAX_ROWS + 1][0])
    rows = [_row(file, number, cells, [*columns]) for number, cells in lines[1:]]
    if any(cell.value is None for row in rows for cell in row.cells.values()):
        blank = {
            (number, column)
            for number, cells in lines[1:]
            for column, cell in enumerate(cells, 1)
            if cell.value is None and cell.data_type == "str"  # a formula that gives ""
        }
        rows = _without_formulas(rows, path, file, name, [*columns], blank)
    return Table(file, rows, columns)


def _opened(path: Path, file: str, *, stored: bool) -> Workbook:
    """``stored``: formulas have their stored values."""
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError:
        message = f"{file}: reading workbooks needs openpyxl, which is not installed"
        hint = "pip install 'vedc[xlsx]', or save the sheet as CSV"
        raise MissingError.one("missing-extra", message, hint=hint) from None
    with _readable(file, InvalidFileException):
        return load_workbook(path, read_only=True, data_only=stored)


@contextmanager
def _readable(file: str, *more: type[Exception]) -> Iterator[None]:
    """Report a file that is not a workbook, or is damaged."""
    kinds: tuple[type[Exception], ...] = (*more, *_DAMAGED)
    try:
        yield
    except kinds:
        hint = "save it as .xlsx again, or as CSV"
        message = "the file is not an Excel workbook, or it is damaged"
        raise SpecError.one("data-encoding", message, SourceLocation(file), hint) from None


def _sheet(book: Workbook, sheet: str | None, file: str) -> str:
    names = [each.title for each in book.worksheets]
    if sheet is None and names:
        return names[0]
    if sheet not in names:
        near = suggestion(sheet or "", names)
        message = f"the workbook has no worksheet {sheet!r}{near}"
        hint = f"it has {', '.join(names)}" if names else None
        raise SpecError.one("data-header", message, SourceLocation(file), hint)
    return sheet


def _empty(cells: Sequence[Any]) -> bool:
    return all(cell.value is None or str(cell.value).strip() == "" for cell in cells)


def _row(file: str, number: int, cells: Sequence[Any], columns: Sequence[str]) -> Row:
    found: dict[str, SpecNode] = {}
    problems: list[Problem] = []
    for column, name in enumerate(columns):
        place = SourceLocation(file, number, column + 1)
        cell = cells[column] if column < len(cells) else None
        if cell is not None and cell.data_type == "e":
            message = f"the cell holds the error {cell.value}"
            problems.append(Problem("data-row", message, place, "correct its formula"))
        value = None if cell is None else _value(cell)
        found[name] = SpecNode(value, place, place)
    for column, cell in enumerate(cells[len(columns) :], len(columns) + 1):
        if cell.value is not None:
            message = "the cell is in a column without a name"
            place = SourceLocation(file, number, column)
            hint = "name the column in the first row, or clear the cell"
            problems.append(Problem("data-row", message, place, hint))
    return Row(number, SourceLocation(file, number), found, problems)


def _value(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, datetime.datetime):
        day = value.time() == datetime.time()
        return str(value.date()) if day else str(value.replace(microsecond=0))
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        zeros = _ZEROS.fullmatch(str(cell.number_format))
        if zeros is not None:
            return PaddedNumber(value, len(zeros[0]))
    return value or None if isinstance(value, str) else value


class PaddedNumber(int):
    """A number shown with leading zeros, such as a postal code."""

    text: str

    def __new__(cls, value: int, digits: int) -> PaddedNumber:
        made = super().__new__(cls, value)
        made.text = f"{value:0{digits}d}"
        return made


def _without_formulas(
    rows: Sequence[Row],
    path: Path,
    file: str,
    name: str,
    columns: Sequence[str],
    blank: Collection[tuple[int, int]],
) -> list[Row]:
    """The rows, with a problem for each formula whose value was not stored: it reads as empty.
    ``blank`` are the cells whose stored value is the empty text."""
    book = _opened(path, file, stored=False)
    try:
        book[name].reset_dimensions()
        formulas = {
            (cell.row, cell.column)
            for cells in book[name].iter_rows()
            for cell in cells
            if cell.data_type == "f"
        }.difference(blank)
    finally:
        book.close()
    if not formulas:
        return [*rows]
    made: list[Row] = []
    for row in rows:
        problems = [
            Problem(
                "data-row",
                "the formula in this cell has no stored value",
                row.cells[column].location,
                "open the workbook in a spreadsheet program and save it",
            )
            for number, column in enumerate(columns, 1)
            if row.cells[column].value is None and (row.number, number) in formulas
        ]
        made.append(Row(row.number, row.location, row.cells, [*row.problems, *problems]))
    return made
