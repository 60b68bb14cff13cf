"""The rows of a table as builds of one spec, all of them checked before any is rendered."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from vedc.edit.model import Edit
from vedc.errors import (
    LockError,
    MissingError,
    Problem,
    RenderError,
    SourceLocation,
    SpecError,
    UsageError,
    UserError,
    as_errors,
)
from vedc.lang.expr.declarations import Declarations, Variable
from vedc.lang.expr.syntax import ExpressionError
from vedc.lang.expr.variables import resolve_variables
from vedc.lang.files import failure
from vedc.lang.resolve.sections.output_paths import one_name
from vedc.lang.rows.table import Row, Table
from vedc.lang.rows.values import check_columns, row_values
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.plan.sound import plan_sound
from vedc.support.lazy_dataclass import dataclass, field
from vedc.workspace.batch.choice import RowExpression
from vedc.workspace.batch.places import Places
from vedc.workspace.build import Build, Deciding, warnings_of
from vedc.workspace.deliver import check_targets
from vedc.workspace.outputs.written import OUTPUTS, Written

#: Codes of usage errors that depend on the values of a row.
_OF_A_ROW: Final = {"output-exists", "bad-time", "unknown-output"}


@dataclass
class CheckedRow:
    """A row, with the results of its check."""

    row: Row
    build: Build
    outputs: list[str] = field(default_factory=list)
    """The paths that its film is written to."""
    lengths: dict[str, Fraction | None] = field(default_factory=dict)
    """Seconds of the film at each path; None for a picture, and if undecided."""
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    known: frozenset[Problem] = frozenset()
    """The warnings at their places in the spec."""
    at: list[SourceLocation | None] = field(default_factory=list)
    """Where the spec names each output."""
    kind: type[UserError] = SpecError
    """The kind of its errors."""


@dataclass(frozen=True)
class Batch:
    """A spec and a table, with the options of the command line."""

    build: Build
    """The build of the spec, with shared data."""
    table: Table
    name: RowExpression | None = None
    """The path of the one output of each row (``-o``)."""
    where: RowExpression | None = None
    """Selects rows (``--where``)."""
    ignored: Sequence[str] = ()
    """Patterns of the columns to ignore."""
    locked: bool = False
    strict: bool = False
    replace: bool = False
    """Whether files that vedc did not write may be replaced."""

    @property
    def root(self) -> SpecNode:
        assert self.build.shared is not None
        return self.build.shared.document.root

    @cached_property
    def places(self) -> Places:
        assert self.build.shared is not None
        return Places(self.build.shared.document)

    @cached_property
    def _declared(self) -> Declarations:
        return Declarations(self.root, Problems())

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """The declared variables; mistakes are left to the checks."""
        return self._declared.read()

    def ignores(self, column: str) -> bool:
        return any(fnmatchcase(column, pattern) for pattern in self.ignored)

    def check_columns(self) -> None:
        """Raise SpecError if the columns of the table do not suit the spec."""
        variables = self.variables
        if not self._declared.readable or self._declared.broken:
            return
        given = {*self.build.set_values}
        shared = self.build.shared
        if shared is not None and shared.var_file is not None:
            file = shared.var_file.value
            given |= {*file} if isinstance(file, dict) else set()
        check_columns(self.table, variables, given, self.ignores)

    def check(
        self,
        rows: Sequence[Row],
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> list[CheckedRow]:
        """Check all rows that ``where`` selects. ``on_progress`` is called with the number
        done and the total.

        Raises SpecError, MissingError or LockError for problems of the spec that do not depend on
        the row, and UsageError for unusable options.
        """
        self.check_columns()
        checked = []
        for number, row in enumerate(rows):
            on_progress(number, len(rows))
            one = self._checked(row)
            if one is not None:
                checked.append(one)
        self._place(checked)
        self._check_names(checked)
        return checked

    def _checked(self, row: Row) -> CheckedRow | None:
        given = row_values(self.table, row, self.variables, self.ignores)
        build = replace(self.build, row=given)
        checked = CheckedRow(row, build, errors=[*row.problems])
        if checked.errors:
            return checked
        try:
            if self.where is not None or self.name is not None:
                values = self._values(build)
                if values is not None:
                    if self.where is not None and not self.where.truth(values, row.number):
                        return None
                    if self.name is not None:
                        text = str(self.name.value(values, row.number))
                        if problem := _unfit(text, self.name.folder, row):
                            checked.errors.append(problem)
                            return checked
                        checked.build = build = replace(build, target=Path(text))
        except ExpressionError as error:
            checked.errors.append(Problem(error.code, error.message, row.location, error.hint))
            return checked
        try:
            self._check_films(checked)
        except (SpecError, MissingError, LockError, RenderError) as error:
            checked.errors += error.problems
            checked.kind = type(error)
        except UsageError as error:
            if any(problem.code not in _OF_A_ROW for problem in error.problems):
                raise
            checked.errors += error.problems
        except OSError as error:  # a name that is too long, a folder that may not be entered
            reason = str(error.strerror or error).lower()
            message = f"the film cannot be written: {reason}"
            hint = "choose a shorter name or another folder"
            checked.errors.append(Problem("cannot-write", message, row.location, hint))
        if self.strict:
            checked.errors += as_errors(checked.warnings)
        return checked

    def _values(self, build: Build) -> Mapping[str, Any] | None:
        """The values of a row's variables; None if they are wrong, which its check reports."""
        problems = Problems()
        context = build.context()
        found = resolve_variables(self.root, build.set_values, context.var_file, problems)
        return None if problems else found.values

    def _check_films(self, checked: CheckedRow) -> None:
        build = checked.build
        deciding = Deciding(build, "locked" if self.locked else "kept")
        edits = build.edits(deciding)
        checked.warnings += warnings_of(edits, deciding)
        checked.known = frozenset(checked.warnings)
        settled = deciding.settled
        known = settled is None or not settled.open
        for edit in edits if known else ():
            plan_sound(edit, str)  # refuses sources and codecs whose channels do not fit
        checked.lengths = {edit.output.path: _length(edit) if known else None for edit in edits}
        named = {edit.output.path: edit.output.location for edit in edits}
        checked.outputs, checked.at = [*named], [*named.values()]
        check_targets(edits, [], self._written, deciding.name, self.replace)

    @cached_property
    def _written(self) -> Written:
        return Written(self.build.folder / OUTPUTS)

    def _place(self, checked: Sequence[CheckedRow]) -> None:
        """Move problems to the cells that cause them. Raises problems of the spec itself: those
        without a cell that all rows have."""
        whole = [row for row in checked if not row.row.problems]
        common = _common([[*row.errors] for row in whole], self._comes_from_a_cell, whole)
        if common:
            locked = all(row.kind is LockError for row in whole)
            raise LockError(tuple(common)) if locked else failure(common)
        same = _common([[*row.warnings] for row in checked], self._comes_from_a_cell, checked)
        for row in checked:
            row.errors = [self._placed(problem, row.row) for problem in row.errors]
            row.warnings = [
                problem if problem in same else self._placed(problem, row.row)
                for problem in row.warnings
            ]

    def _comes_from_a_cell(self, problem: Problem, row: Row) -> bool:
        place = problem.location
        if place is not None and place.file == self.table.file:
            return True
        return self.places.cell(place, row) is not None

    def _placed(self, problem: Problem, row: Row) -> Problem:
        return self.places.in_row(problem, row) or self.places.of_row(problem, row)

    def _check_names(self, checked: Sequence[CheckedRow]) -> None:
        """Rows that write the same file are all refused."""
        by_path: dict[str, list[tuple[CheckedRow, str]]] = {}
        for row in checked:
            for path in row.outputs:
                by_path.setdefault(one_name(os.path.realpath(path)), []).append((row, path))
        for rivals in by_path.values():
            if len(rivals) > 1:
                self._refuse_name(rivals, whole=len(rivals) == len(checked))

    def _refuse_name(self, rivals: Sequence[tuple[CheckedRow, str]], whole: bool) -> None:
        first, path = rivals[0]
        name = Path(path).name
        hint = 'name the film by a column, as in path: "out/${{ slug(name) }}.mp4"'
        if self.name is not None:
            hint = "name the film by a column or by its row, as in -o 'out/${{ row }}.mp4'"
        if whole and self.name is not None and self.name.constant:
            raise UsageError.one("same-output", f"-o: every row writes {name}", hint=hint)
        place = first.at[first.outputs.index(path)]
        if whole and self.name is None and not (place and self.places.of(place)):
            raise SpecError.one("same-output", f"every row writes {name}", place, hint)
        for row, path in rivals:
            others = [str(rival.row.number) for rival, _ in rivals if rival is not row]
            what = "row" if len(others) == 1 else "rows"
            shown = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
            message = f"the row writes {name}, and so does {what} {shown}"
            cell = self.places.cell(row.at[row.outputs.index(path)], row.row)
            at = cell or row.row.location
            row.errors.append(Problem("same-output", message, at, hint))


def _unfit(target: str, folder: str, row: Row) -> Problem | None:
    """Why a row cannot be written to its ``-o`` path: values must not lead out of the folder."""
    if "\0" in target:
        message = "-o: the path holds a NUL character"
        return Problem("bad-path", message, row.location, "use slug(...)")
    if Path(os.path.abspath(target)).is_relative_to(folder):
        return None
    message = f"-o: {target!r} is outside {folder}"
    hint = "use slug(...), or write the folder before the first expression"
    return Problem("outside-root", message, row.location, hint)


def _length(edit: Edit) -> Fraction | None:
    """Seconds of a film; None for a picture or a contact sheet."""
    output = edit.output
    pictures = output.at is not None or output.sheet is not None
    start, end = edit.part or (0, edit.duration)
    return None if pictures else Fraction(end - start) / edit.profile.fps


def _common(
    found: Sequence[Sequence[Problem]],
    comes_from_a_cell: Callable[[Problem, Row], bool],
    checked: Sequence[CheckedRow],
) -> list[Problem]:
    """The problems that all rows have without a cell."""
    counts = Counter(problem for problems in found for problem in dict.fromkeys(problems))
    everywhere = [problem for problem, count in counts.items() if count == len(found)]
    return [p for p in everywhere if not comes_from_a_cell(p, checked[0].row)]
