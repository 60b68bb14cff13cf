"""How a command fails: what is told of an error, and the exit code."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from vedc.cli.options import Settings, without_color
from vedc.errors import Interrupted, RenderError, UserError
from vedc.report import problems


def fail(error: UserError) -> NoReturn:
    try:
        _show(error)
        sys.stdout.flush()
    except OSError:
        drop_output()
    sys.exit(error.exit_code)


def _show(error: UserError) -> None:
    if Settings.format == "json":
        print(problems.render_json(error.problems), end="")
    elif Settings.format == "github":
        print(problems.render_github(error.problems), end="")
    elif isinstance(error, Interrupted):  # no mistake, so no more than a line
        (problem,) = error.problems
        tail = f": {problem.hint}" if problem.hint else ""
        print(f"{problem.message}{tail}", file=sys.stderr)
    else:
        color = sys.stderr.isatty() and not without_color()
        print(problems.render_human(error.problems, None, color), end="", file=sys.stderr)


def of_the_system(error: OSError) -> UserError:
    """For trouble that no room has a word for: a disk that fails, a file gone meanwhile."""
    reason = str(error.strerror or error).lower()
    where = f"{error.filename}: " if error.filename else ""
    hint = "put that right, and run the same command again"
    return RenderError.one("system", f"the system refuses: {where}{reason}", hint=hint)


def drop_output() -> None:
    """Keep Python from writing once more, as it ends, what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
