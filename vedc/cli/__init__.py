"""The command line: parses arguments, calls the rooms below, prints. It does no work itself.

Results go to standard output; progress, notes and errors go to standard error. Exit codes: 0 done;
1 failed; 2 usage error, or changes pending; 3 invalid spec; 4 something is missing; 5 lock out of
date; 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from io import TextIOWrapper
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from vedc import __version__
from vedc.cli import about, specs, tools, train
from vedc.cli.about import Kind
from vedc.cli.failures import drop_output, fail, system_error
from vedc.cli.options import Settings, expand_groups
from vedc.errors import Interrupted, UserError

__all__ = ["Kind", "app", "main"]

#: Every command, in the order of the help.
_COMMANDS: Final = (
    specs.render,
    specs.validate,
    specs.config,
    specs.plan,
    specs.graph,
    specs.lock,
    about.schema,
    about.ops,
    specs.explain,
    tools.probe,
    tools.shots,
    tools.keyframes,
    tools.silence,
    tools.align,
    about.init,
    about.doctor,
)
_NAMED: Final = {function.__name__: function for function in _COMMANDS}
_GROUPS: Final = {"train": train.group, "cache": about.cache}


class Commands(TyperGroup):
    """Builds a command only when it is called or listed: building all of them takes longer than
    some commands run."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*_NAMED, *_GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for name in [cmd_name] if cmd_name in self.list_commands(ctx) else self.list_commands(ctx):
            if (
                name not in self.commands
            ):  # for an unknown name all are built, to suggest a similar one
                self.add_command(_read(name), name)
        return self.commands.get(cmd_name)


def _read(name: str) -> Any:
    if name in _GROUPS:
        return typer.main.get_command(_GROUPS[name])
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name)(expand_groups(_NAMED[name]))
    return typer.main.get_command(alone)


app = typer.Typer(
    name="vedc",
    cls=Commands,
    help="A compiler for video edits: from a YAML spec to a film.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        print(f"vedc {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _interrupt(number: int, frame: object) -> NoReturn:
    # A second signal ends the process at once.
    signal.signal(number, signal.SIG_DFL)
    raise Interrupted.one("interrupted", "interrupted")


def main() -> None:
    """The entry point of ``vedc``."""
    Settings.format, Settings.no_color = "human", False
    # KeyboardInterrupt would not do: the argument parser turns it into exit code 1.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 (open to the end)
    if isinstance(sys.stdout, TextIOWrapper):  # file names need not be UTF-8
        sys.stdout.reconfigure(errors="surrogateescape")
    try:
        try:
            app(prog_name="vedc")
        except SystemExit:
            sys.stdout.flush()  # while a failure can still be reported
            raise
    except UserError as error:
        fail(error)
    except BrokenPipeError:  # the reader has closed the pipe, as in vedc ops | head
        drop_output()
        sys.exit(1)
    except OSError as error:
        fail(system_error(error))
