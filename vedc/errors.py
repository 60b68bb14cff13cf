"""Every error that vedc raises, and the form in which it is reported.

    VedcError
    ├── UserError            something the user can fix; shown without a traceback
    │   ├── UsageError       wrong arguments on the command line            exit 2
    │   ├── SpecError        the spec is invalid; carries every Problem      exit 3
    │   ├── MissingError     an input, font, model or extra is missing       exit 4
    │   ├── LockError        vedc.lock is out of date or damaged             exit 5
    │   ├── RenderError      decoding, encoding or writing failed            exit 1
    │   └── Interrupted      Ctrl-C or SIGTERM                               exit 130
    └── InternalError        a bug in vedc; shown with its traceback       exit 1

A ``UserError`` contains one or more :class:`Problem`. A problem has a stable ``code`` in
kebab-case, a message that says what is wrong and why, a location (file, line, column) if there is
one, and a hint that says how to fix it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Literal, Self

from vedc.support.lazy_dataclass import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class SourceLocation:
    """A position in a text file. ``line`` and ``column`` count from 1."""

    file: str
    line: int = 1
    column: int = 1
    length: int = 1
    """Number of characters that the carets underline."""
    at: int = 0
    """In a table, whose columns are counted: the character that the carets begin at."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, as it is reported to the user."""

    code: str
    message: str
    location: SourceLocation | None = None
    hint: str | None = None
    severity: Literal["error", "warning", "note"] = "error"
    """Notes are reported only by ``vedc validate``, and are not errors with ``--strict``."""

    def headline(self) -> str:
        """``file:line:column: error[code]: message`` on one line."""
        where = f"{self.location}: " if self.location else ""
        return f"{where}{self.severity}[{self.code}]: {self.message}"


def as_errors(warnings: Iterable[Problem]) -> tuple[Problem, ...]:
    """Warnings as the errors that they are with ``--strict``."""
    return tuple(
        replace(problem, severity="error") for problem in warnings if problem.severity != "note"
    )


def shorten(text: str, limit: int = 60) -> str:
    """A text as quoted in messages, at most ``limit`` characters long."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Order by file, line and column, without repetitions; problems without a location are last."""
    unique = dict.fromkeys(problems)
    return tuple(
        sorted(
            unique,
            key=lambda p: (
                p.location is None,
                (p.location.file, p.location.line, p.location.column) if p.location else ("", 0, 0),
                p.code,
                p.message,
            ),
        )
    )


class VedcError(Exception):
    """The root of the tree. ``exit_code`` is that of the command line."""

    exit_code: int = 1


@dataclass(eq=False)
class UserError(VedcError):
    """Something the user can fix: one or more problems, sorted by location."""

    problems: tuple[Problem, ...] = field(default=())

    def __post_init__(self) -> None:
        self.problems = sort_problems(self.problems)
        super().__init__("\n".join(p.headline() for p in self.problems))

    @classmethod
    def one(
        cls,
        code: str,
        message: str,
        location: SourceLocation | None = None,
        hint: str | None = None,
    ) -> Self:
        """An error with a single problem."""
        return cls((Problem(code, message, location, hint),))

    def __str__(self) -> str:
        return "\n".join(p.headline() for p in self.problems)

    def at(self, location: SourceLocation | None, codes: Container[str] | None = None) -> Self:
        """The same error with ``location`` for its problems that have none (and these codes)."""
        return type(self)(
            tuple(
                replace(p, location=p.location or location)
                if codes is None or p.code in codes
                else p
                for p in self.problems
            )
        )


class UsageError(UserError):
    exit_code = 2


class SpecError(UserError):
    exit_code = 3


class MissingError(UserError):
    exit_code = 4


class LockError(UserError):
    exit_code = 5


class RenderError(UserError):
    exit_code = 1


class Interrupted(UserError):
    exit_code = 130


class InternalError(VedcError):
    """A bug in vedc, never the user's fault; please report it."""


def system_error(error: OSError) -> UserError:
    """An error that no room handles: a failing disk, a file that disappears."""
    reason = str(error.strerror or error).lower()
    where = f"{error.filename}: " if error.filename else ""
    hint = "fix that and run the same command again"
    return RenderError.one("system", f"the operating system reports: {where}{reason}", hint=hint)
