"""How a command fails: the message it prints and its exit code."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from vedc.cli.options import Settings, without_color
from vedc.errors import Interrupted, RenderError, UserError
from vedc.report import problems


def end(error: UserError | OSError) -> NoReturn:
    """End the process for an error that no command handles."""
    if isinstance(error, BrokenPipeError):  # the reader has closed the pipe, as in vedc ops | head
        drop_output()
        sys.exit(1)
    fail(system_error(error) if isinstance(error, OSError) else error)


def fail(error: UserError) -> NoReturn:
    try:
        _show(error)
        sys.stdout.flush()
    except OSError:
        drop_output()
    sys.exit(error.exit_code)


def _show(error: UserError) -> None:
    if Settings.format == "github":
        print(problems.render_github(error.problems), end="")
    elif Settings.format == "json" or Settings.as_json:
        print(problems.render_json(error.problems), end="")
    elif isinstance(error, Interrupted):  # not a mistake, so one line is enough
        (problem,) = error.problems
        tail = f": {problem.hint}" if problem.hint else ""
        print(f"{problem.message}{tail}", file=sys.stderr)
    else:
        color = sys.stderr.isatty() and not without_color()
        print(problems.render_human(error.problems, None, color), end="", file=sys.stderr)


def system_error(error: OSError) -> UserError:
    """An error that no room handles: a failing disk, a file that disappears meanwhile."""
    reason = str(error.strerror or error).lower()
    where = f"{error.filename}: " if error.filename else ""
    hint = "fix that and run the same command again"
    return RenderError.one("system", f"the operating system reports: {where}{reason}", hint=hint)


def drop_output() -> None:
    """Keep Python from trying again, at exit, to write what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
