"""How a command fails: the message it prints and its exit code."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import Any, NoReturn, get_args

from vedc.cli.options import Format, Settings, without_color
from vedc.errors import Interrupted, UsageError, UserError, system_error
from vedc.report import problems


def end(error: UserError | OSError) -> NoReturn:
    """End the process for an error that no command handles."""
    if isinstance(error, BrokenPipeError):  # the reader has closed the pipe, as in vedc ops | head
        drop_output()
        sys.exit(1)
    fail(system_error(error) if isinstance(error, OSError) else error)


def misused(error: Any, arguments: Sequence[str]) -> NoReturn:
    """End the process for arguments that the parser refuses with ``error``.

    The format of problems is taken from the arguments, which the parser may not have read.
    """
    text = error.format_message()
    if text.startswith("Usage:"):  # a group called without a command
        error.show()
        sys.exit(error.exit_code)
    _read_settings(arguments)
    message = re.sub(r"[.:]? Did you mean", "; did you mean", text[:1].lower() + text[1:])
    command = error.ctx.command_path if error.ctx else "vedc"
    hint = f"{command} --help shows what it takes"
    fail(UsageError.one("usage", message.rstrip("."), hint=hint))


def _read_settings(arguments: Sequence[str]) -> None:
    options = list(takewhile(lambda a: a != "--", arguments))
    Settings.as_json = "--json" in options
    Settings.no_color = "--no-color" in options
    given = [o.removeprefix("--format=") for o in options if o.startswith("--format=")]
    given += [value for o, value in pairwise(options) if o == "--format"]
    Settings.format = next((f for f in get_args(Format) if f in given), "human")


def fail(error: UserError) -> NoReturn:
    try:
        show(error)
        sys.stdout.flush()
    except OSError:
        drop_output()
    sys.exit(error.exit_code)


def show(error: UserError) -> None:
    """Print an error as the command's options say."""
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


def drop_output() -> None:
    """Keep Python from retrying a failed write at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
