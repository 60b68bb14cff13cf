"""The command line: parses arguments, calls the rooms below, prints. The work is done there.

Results go to standard output; progress, notes and errors go to standard error. Exit codes: 0 done;
1 failed; 2 usage error, or changes pending; 3 invalid spec; 4 something is missing; 5 lock out of
date; 6 a film does not pass its checks; 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from keyword import iskeyword
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from vedc import __version__
from vedc.cli.options import Settings, expand_groups
from vedc.errors import Interrupted, UserError

__all__ = ["app", "main"]

#: The module of every command, in the order of the help.
_MODULES: Final = {
    "render": "specs",
    "batch": "batch",
    "template": "template",
    "preview": "serve.preview",
    "still": "still",
    "sheet": "sheet",
    "storyboard": "review.storyboard",
    "scopes": "scopes",
    "check": "review.check",
    "validate": "specs",
    "config": "specs",
    "plan": "specs",
    "graph": "specs",
    "diff": "review.diff",
    "test": "review.golden",
    "fmt": "review.form",
    "migrate": "review.form",
    "lock": "decisions",
    "schema": "agents.schema",
    "ops": "about",
    "explain": "decisions",
    "probe": "tools",
    "shots": "tools",
    "keyframes": "tools",
    "noise": "tools",
    "silence": "tools",
    "beats": "tools",
    "words": "speech.words",
    "find": "speech.words",
    "strip": "review.strip",
    "align": "tools",
    "import": "interchange",
    "export": "interchange",
    "init": "about",
    "doctor": "about",
    "grade": "grade",
    "learn": "learning.learn",
    "train": "train",
    "effects": "effects",
    "style": "style",
    "model": "model",
    "cache": "about",
    "mcp": "agents.mcp",
    "skill": "agents.skill",
}


#: The parser's exception for wrong arguments; Typer does not export the class itself.
_PARSER_ERROR: Final[type[BaseException]] = typer.BadParameter.__mro__[1]


class Commands(TyperGroup):
    """Imports and builds a command only when it is called or listed: doing so with all of them
    takes longer than some commands run."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*_MODULES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for name in [cmd_name] if cmd_name in self.list_commands(ctx) else self.list_commands(ctx):
            if name not in self.commands:  # an unknown name needs all of them, for suggestions
                self.add_command(_read(name), name)
        return self.commands.get(cmd_name)


def _read(name: str) -> Any:
    module = import_module(f"vedc.cli.{_MODULES[name]}")
    found = getattr(module, f"{name}_" if iskeyword(name) else name)
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name)(expand_groups(found))
    return typer.main.get_command(alone)


def summaries() -> list[tuple[str, str]]:
    """The name and the summary of every command, in the order of the help."""
    return [(name, str(_read(name).get_short_help_str(200))) for name in _MODULES]


app = typer.Typer(
    name="vedc",
    cls=Commands,
    help="A compiler for video edits: from a YAML spec to a film.",
    no_args_is_help=True,
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
    Settings.format, Settings.as_json, Settings.no_color = "human", False, False
    # KeyboardInterrupt would not do: the argument parser turns it into exit code 1.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 (open to the end)
    if isinstance(sys.stdout, TextIOWrapper):  # file names need not be UTF-8
        sys.stdout.reconfigure(errors="surrogateescape")
    try:
        code = app(prog_name="vedc", standalone_mode=False)
        sys.stdout.flush()  # while a failure can still be reported
    except _PARSER_ERROR as error:
        from vedc.cli.failures import misused

        misused(error, sys.argv[1:])
    except (UserError, OSError) as error:
        from vedc.cli.failures import end

        end(error)
    sys.exit(code if isinstance(code, int) else 0)
