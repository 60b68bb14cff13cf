"""The common form of tables: rows of cells with locations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from vedc.errors import MissingError, Problem, SourceLocation, SpecError, UsageError
from vedc.lang.yaml.load import display_name
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass
from vedc.support.suggest import suggestion

MAX_BYTES: Final = 256 * 2**20
MAX_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one film."""

    number: int
    """Its first line, or the row of the sheet, counted from 1 as in errors."""
    location: SourceLocation
    """Where it begins."""
    cells: Mapping[str, SpecNode]
    """By column. In a table with columns, empty cells hold None."""
    problems: Sequence[Problem] = ()
    """Problems of its form."""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of a file, in order."""

    file: str
    """As shown in messages."""
    rows: Sequence[Row]
    columns: Mapping[str, SourceLocation] | None = None
    """The location of each column's name; None if every row names its values itself."""
    texts: bool = False
    """Whether every value is text, whatever its meaning."""


def read_table(path: Path, sheet: str | None = None) -> Table:
    """The rows of a file, in the format of its extension.

    ``sheet`` names a sheet of a workbook, by default its first. Raises MissingError for a missing
    file or package, SpecError for a file without a table, UsageError for an unknown extension.
    """
    kind = path.suffix.lower()
    if kind not in _READERS:
        near = suggestion(kind, _READERS) if kind else ""
        message = f"{display_name(path)} is not a table that vedc reads{near}"
        hint = f"give a file that ends in {', '.join(_READERS)}"
        raise UsageError.one("data-kind", message, hint=hint)
    if sheet is not None and kind != ".xlsx":
        message = f"--worksheet {sheet}: {display_name(path)} has no worksheets"
        raise UsageError.one("bad-option", message, hint="leave it out")
    table = _READERS[kind](path, sheet)
    if not table.rows:
        hint = (
            "each row becomes a film; the first row of a CSV file or a worksheet names the columns"
        )
        raise SpecError.one("data-empty", "the table has no rows", SourceLocation(table.file), hint)
    return table


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises MissingError, or SpecError if it is too large."""
    file = display_name(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"{file} cannot be read: {str(error.strerror or error).lower()}"
        hint = "check its path and its permissions"
        raise MissingError.one("data-missing", message, hint=hint) from None
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 2**20} MiB"
        raise SpecError.one("data-too-large", message, SourceLocation(file), "split it")
    return data


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, without its byte order mark. Raises as :func:`read_bytes`, and
    SpecError if it is not such text."""
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start]
        column = len(before.decode("utf-8-sig", "replace")) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        hint = "save the file as UTF-8; spreadsheets call it 'CSV UTF-8'"
        location = SourceLocation(display_name(path), line, column)
        raise SpecError.one("data-encoding", message, location, hint) from None


def too_many(file: str, line: int) -> SpecError:
    """The error of a table with more rows than vedc takes."""
    message = f"the table has more than {MAX_ROWS} rows"
    return SpecError.one("data-too-large", message, SourceLocation(file, line), "split it")


def headings(names: Sequence[tuple[str, SourceLocation]]) -> dict[str, SourceLocation]:
    """The columns by name. Raises SpecError for missing or duplicate names."""
    problems: list[Problem] = []
    found: dict[str, SourceLocation] = {}
    for name, location in names:
        if not name:
            message = "the column has no name"
            hint = "name it in the first row, or remove it"
            problems.append(Problem("data-header", message, location, hint))
        elif name in found:
            message = f"two columns are called {name!r}"
            problems.append(Problem("data-header", message, location, "rename one of them"))
        else:
            found[name] = location
    if problems:
        raise SpecError(tuple(problems))
    return found


def _csv(path: Path, sheet: str | None) -> Table:
    from vedc.lang.rows.csv_rows import read_csv

    return read_csv(path)


def _json_lines(path: Path, sheet: str | None) -> Table:
    from vedc.lang.rows.json_lines import read_json_lines

    return read_json_lines(path)


def _workbook(path: Path, sheet: str | None) -> Table:
    from vedc.lang.rows.workbook import read_workbook

    return read_workbook(path, sheet)


_READERS: Final[dict[str, Callable[[Path, str | None], Table]]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".xlsx": _workbook,
}
