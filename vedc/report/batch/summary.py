"""The outcome of a table's rows, as JSON and as lines."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from vedc.errors import Problem
from vedc.report.problems import records
from vedc.report.tables import plural
from vedc.workspace.batch.films import RowFilm, Status

#: Every status, with its word in summaries.
WORDS: Final[dict[Status, str]] = {
    "made": "made",
    "unchanged": "unchanged",
    "checked": "checked",
    "refused": "refused",
    "failed": "failed",
    "left": "not made",
}


def batch_data(template: str, table: str, rows: Sequence[RowFilm]) -> dict[str, Any]:
    """The JSON of a batch: the counts by status, and an entry for each row."""
    found = Counter(row.status for row in rows)
    return {
        "template": template,
        "data": table,
        "counts": {status: found[status] for status in WORDS},
        "seconds": round(sum(row.seconds for row in rows), 3),
        "rows": [_row_data(row) for row in rows],
    }


def _row_data(row: RowFilm) -> dict[str, Any]:
    checked = row.checked
    films = [asdict(film) | {"warnings": records(film.warnings)} for film in row.films]
    return {
        "row": checked.row.number,
        "status": row.status,
        "outputs": [_output(path, checked.lengths.get(path)) for path in checked.outputs],
        "films": films,
        "seconds": round(row.seconds, 3),
        "notes": row.notes,
        "problems": records(row.problems),
    }


def _output(path: str, length: Fraction | None) -> dict[str, Any]:
    return {"path": path, "duration": None if length is None else float(length)}


def line_of(row: RowFilm, number: int, total: int) -> str:
    """A film as one line of progress."""
    place = f"[{number}/{total}] {row.checked.row.location.file}:{row.checked.row.number}"
    if row.status == "failed":
        return f"{place}: failed: {row.problems[-1].message}"
    if row.status == "unchanged":
        return f"{place}: {names_of(row)}: unchanged"
    films = "; ".join(_short(film.summary()) for film in row.films)
    return f"{place}: {films} ({row.seconds:.1f} s)"


def _short(summary: str) -> str:
    """A film's summary with its path as on the command line."""
    path, colon, rest = summary.partition(": ")
    return f"{shown(path)}{colon}{rest}"


def names_of(row: RowFilm) -> str:
    return ", ".join(shown(path) for path in row.checked.outputs)


def shown(path: str) -> str:
    """A path, relative to the working directory where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path


def summary_line(table: str, rows: Sequence[RowFilm]) -> str:
    """All rows in one line: ``people.csv: 1000 rows: 990 made, 10 refused``."""
    counts = Counter(row.status for row in rows)
    parts = [f"{counts[status]} {word}" for status, word in WORDS.items() if counts[status]]
    return f"{table}: {plural(len(rows), 'row')}: {', '.join(parts)}"


def problems_of(rows: Iterable[RowFilm]) -> list[Problem]:
    """The problems of all rows, each once."""
    return [*dict.fromkeys(problem for row in rows for problem in row.problems)]


def report_names(folder: Path) -> tuple[Path, Path]:
    """The files of a report: JSON and a page."""
    return folder / "report.json", folder / "report.html"
