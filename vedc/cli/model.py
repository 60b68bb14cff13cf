"""``vedc model``: files of networks listed, described, added, exported and verified."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from vedc.cli.options import (
    Json,
    Messages,
    command_group,
    expand_groups,
    print_json,
    print_written,
    say,
)
from vedc.errors import UsageError
from vedc.support.printable import printable

model = command_group("model", "List, describe, add, export and verify files of networks.")
_Named = Annotated[
    str, typer.Argument(metavar="FILE|NAME", help="A .safetensors or .onnx file, or a network.")
]
_Allow = Annotated[
    bool, typer.Option("--allow-models", help="Run .onnx files, each in its own process.")
]


@model.command()
@expand_groups
def ls(
    *,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to search, with its subfolders.")
    ] = Path(),
    as_json: Json = False,
    messages: Messages,
) -> None:
    """List vedc's networks and the network files in a folder."""
    from vedc.report.models import listed_text
    from vedc.workspace.models.files import listed

    found = listed(folder)
    if as_json:
        print_json(found)
    else:
        say(listed_text(found), end="")


@model.command()
@expand_groups
def info(*, name: _Named, as_json: Json = False, messages: Messages) -> None:
    """Describe a network or a file: what it is for, its size and cost, its licence."""
    from vedc.report.models import info_text
    from vedc.workspace.models.files import described

    found = described(name)
    if as_json:
        print_json(found)
    else:
        say(info_text(found), end="")


@model.command()
@expand_groups
def add(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to copy, or a folder.")],
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="A folder of the project.")
    ] = Path("models"),
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing file.")] = False,
    messages: Messages,
) -> None:
    """Copy a network file into the project in this folder, and pin it in vedc.lock.

    To recognise words, add the folder of a Whisper model in CTranslate2's format. Files are checked
    first, and nothing is ever downloaded.
    """
    from vedc.workspace.models.files import added

    copy, digest = added(file, to, replace=yes)
    print_written(copy)
    if copy.is_dir():
        say(f"{digest}\nvedc words FILE uses it")
        return
    say(f"{digest}\nassets: {{{copy.stem}: {{src: {copy.as_posix()}}}}}")


@model.command()
@expand_groups
def export(
    *,
    name: _Named,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="An .onnx file.")],
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=NUMBER", help="A number that the network takes: strength=0.1."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing file.")] = False,
    messages: Messages,
) -> None:
    """Write a network as ONNX, for other programs or for the op `model`.

    Numeric inputs of the network become part of the file.
    """
    from vedc.workspace.models.files import exported

    lost = exported(name, output, dict(map(_pair, sets or ())), replace=yes)
    print_written(output)
    if lost:
        print(printable(f"{output}: {lost}"), file=sys.stderr)


@model.command()
@expand_groups
def verify(
    *,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE|NAME", help="What to verify; by default, all that `ls` lists."
        ),
    ] = None,
    allow_models: _Allow = False,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Check digests, and compare the runtimes of networks with the NumPy reference.

    Digests are those of vedc.lock in this folder and of cards. Exits with 1 if anything is wrong.
    """
    from vedc.report.models import verified_text
    from vedc.workspace.models.files import verified

    found = verified(names or [], allow_models)
    if as_json:
        print_json(found)
    else:
        say(verified_text(found), end="")
    if any(each["problems"] for each in found):
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        message = f"--set {text} is not NAME=NUMBER"
        raise UsageError.one("bad-option", message, hint="write --set strength=0.1") from None
