"""Options that commands share, and how what they give is printed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vedc.errors import UsageError

if TYPE_CHECKING:
    from vedc.decide.lock.resolve_lock import Mode
    from vedc.workspace.build import Build, Deciding

Format = Literal["human", "json", "github"]


class Settings:
    """How problems are shown; set by the options of the command that runs."""

    format: Format = "human"
    no_color: bool = False


def _set_format(value: Format) -> Format:
    Settings.format = value
    return value


def _set_no_color(value: bool) -> bool:
    Settings.no_color = value
    return value


Spec = Annotated[
    str, typer.Argument(metavar="SPEC", help="The spec, a *.vedc.yaml file; - for standard input.")
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Give a variable.")
]
VarFile = Annotated[
    Path | None, typer.Option("--var-file", metavar="FILE", help="Variables from a YAML file.")
]
Allow = Annotated[
    list[Path] | None,
    typer.Option("--allow-path", metavar="DIR", help="Let the spec read and write below DIR too."),
]
Plugins = Annotated[
    bool,
    typer.Option("--allow-plugins", help="Run the Python files that the spec names as plugins."),
]
Cache = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", help="If not .vedc/cache beside the spec."),
]
DeviceName = Annotated[
    str,
    typer.Option("--device", metavar="NAME", help="What draws: auto, cpu, cuda or cuda:N."),
]
Json = Annotated[bool, typer.Option("--json", help="Give a JSON document on standard output.")]
Errors = Annotated[
    Format, typer.Option("--format", help="How problems are shown.", callback=_set_format)
]
NoColor = Annotated[
    bool, typer.Option("--no-color", help="No colours on the terminal.", callback=_set_no_color)
]
Locked = Annotated[
    bool,
    typer.Option("--locked", help="Decide nothing: vedc.lock must hold all that is asked (5)."),
]
PluginFiles = Annotated[
    list[Path] | None,
    typer.Option("--plugin", metavar="FILE", help="Run a Python file and know its ops too."),
]


def without_color() -> bool:
    return Settings.no_color or bool(os.environ.get("NO_COLOR"))


def build_of(
    spec: str,
    sets: list[str] | None,
    var_file: Path | None,
    allow: list[Path] | None,
    cache: Path | None,
    plugins: bool,
    target: Path | None = None,
) -> Build:
    from vedc.workspace.build import Build

    given: dict[str, str] = {}
    for text in sets or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError.one(
                "bad-set", f"--set {text!r} is not NAME=VALUE", hint="write --set headline='Spring'"
            )
        given[name] = value
    for folder in allow or []:
        if not folder.is_dir():
            raise UsageError.one(
                "no-such-folder",
                f"--allow-path {folder}: there is no such folder",
                hint="name the folder that the files lie in",
            )
    return Build(
        "-" if spec == "-" else Path(spec), given, var_file, allow or [], cache, target, plugins
    )


def deciding_of(
    build: Build,
    *,
    locked: bool = False,
    force: bool = False,
    accept: bool = False,
    tidy: bool = False,
    quiet: bool = False,
    threads: int = 0,
) -> Deciding:
    """What becomes of what a spec leaves to be decided, with progress on standard error."""
    from vedc.workspace.build import Deciding

    if locked:
        return Deciding(build, "locked")
    mode: Mode = "force" if force else "accept" if accept else "decide"
    return Deciding(build, mode, quiet, without_color(), threads, tidy)


def tell_notes(deciding: Deciding) -> None:
    """Warnings of what no longer fits, on standard error."""
    from vedc.report import problems

    if deciding.settled is not None and deciding.settled.notes:
        color = sys.stderr.isatty() and not without_color()
        print(problems.render_human(deciding.settled.notes, None, color), end="", file=sys.stderr)


def print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
