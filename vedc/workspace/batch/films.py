"""The films of the rows that passed their checks, one after another.

They share the store, so a segment that several films have is rendered once. A film that fails does
not stop the others, and complete films are left as they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from vedc.errors import Interrupted, Problem, UserError
from vedc.execute.devices.device import Device
from vedc.execute.output import RenderSummary
from vedc.execute.progress import Silent
from vedc.execute.workers.pool import WorkerPool
from vedc.support.lazy_dataclass import dataclass, field
from vedc.workspace.batch.rows import Batch, CheckedRow
from vedc.workspace.build import Deciding
from vedc.workspace.deliver import deliver
from vedc.workspace.outputs.finished_films import FinishedFilms

Status = Literal["made", "unchanged", "refused", "failed", "left", "checked"]

#: The journal of films, in the cache.
JOURNAL: Final = "finished.jsonl"


@dataclass
class RowFilm:
    """The outcome of a row."""

    checked: CheckedRow
    status: Status
    """``refused`` by its check; ``left``: not reached; ``checked``: nothing more was asked."""
    films: list[RenderSummary] = field(default_factory=list)
    seconds: float = 0.0
    """Wall time of rendering."""
    problems: list[Problem] = field(default_factory=list)
    """Errors, and warnings of the film."""
    notes: list[str] = field(default_factory=list)
    """What was done as the spec requests, one line each."""
    exit_code: int = 0


class _Notes(Silent):
    """Collects the notes of a render."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


def without_films(checked: Sequence[CheckedRow]) -> list[RowFilm]:
    """The state of rows after their check."""
    return [_refused(row) if row.errors else _waiting(row, "checked") for row in checked]


def _refused(row: CheckedRow) -> RowFilm:
    code = row.kind.exit_code
    return RowFilm(row, "refused", problems=[*row.errors, *row.warnings], exit_code=code)


def _waiting(row: CheckedRow, status: Status) -> RowFilm:
    return RowFilm(row, status, problems=[*row.warnings])


class Films:
    """Makes the films of a batch."""

    def __init__(
        self,
        batch: Batch,
        device: Device,
        threads: int = 0,
        workers: WorkerPool | None = None,
    ) -> None:
        self.batch, self.device, self.threads = batch, device, threads
        self.workers = workers
        self.spent, self.made = 0.0, 0
        """Seconds of rendering so far, and for how many films."""
        self.store = batch.build.open_store()
        self.finished = FinishedFilms(batch.build.folder / JOURNAL)

    def make(
        self, checked: Sequence[CheckedRow], on_film: Callable[[RowFilm, int, int], None]
    ) -> Iterator[RowFilm]:
        """The outcome of each row, in order. ``on_film`` is called with each film, its number and
        the total. After an interruption, the others are ``left``."""
        wanted = sum(not row.errors for row in checked)
        number, going = 0, True
        for row in checked:
            if row.errors:
                yield _refused(row)
                continue
            if not going:
                yield _waiting(row, "left")
                continue
            number += 1
            if self.workers is not None and self.made:
                self.workers.ahead = self.spent / self.made * (wanted - number)
            try:
                film = self._film(row)
            except Interrupted:
                going = False
                yield _waiting(row, "left")
                continue
            on_film(film, number, wanted)
            yield film

    def _film(self, row: CheckedRow) -> RowFilm:
        batch, notes, began = self.batch, _Notes(), time.monotonic()
        film = RowFilm(row, "made", problems=[*row.warnings])
        try:
            film.films = deliver(
                row.build,
                replace=batch.replace,
                threads=self.threads,
                progress=notes,
                device=self.device,
                deciding=Deciding(row.build, "locked" if batch.locked else "decide"),
                strict=batch.strict,
                store=self.store,
                finished=self.finished,
                workers=self.workers,
            )
        except Interrupted:
            raise
        except UserError as error:
            film.status, film.exit_code = "failed", error.exit_code
            film.problems += self._placed(row, error.problems)
        except OSError as error:
            film.status, film.exit_code = "failed", 1
            reason = str(error.strerror or error).lower()
            where = f"{error.filename}: " if error.filename else ""
            message = f"the operating system reports: {where}{reason}"
            hint = "fix that and run the same command again"
            film.problems.append(Problem("system", message, row.row.location, hint))
        else:
            if all(summary.target in self.finished.kept for summary in film.films):
                film.status = "unchanged"
            found = (problem for summary in film.films for problem in summary.warnings)
            new = [problem for problem in dict.fromkeys(found) if problem not in row.known]
            film.problems += self._placed(row, new)
        film.seconds, film.notes = time.monotonic() - began, notes.texts
        self.spent, self.made = self.spent + film.seconds, self.made + 1
        return film

    def _placed(self, row: CheckedRow, problems: Sequence[Problem]) -> list[Problem]:
        places = self.batch.places
        return [places.in_row(p, row.row) or places.of_row(p, row.row) for p in problems]
