"""``vedc schema``: the language and the JSON of commands as schemas, and editors that use them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedc.cli.options import print_json, say
from vedc.errors import UsageError

#: The exit code if ``--check`` finds something to do: pending changes.
PENDING = 2


def schema(
    specs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[SPEC]...", help="With --install: specs that get a modeline."),
    ] = None,
    install: Annotated[
        bool,
        typer.Option("--install", help="Set up VS Code and JetBrains' editors in this folder."),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="With --install: write nothing; exit with 2 if there is work to do."
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            metavar="COMMAND",
            help="Print the schema of what `vedc COMMAND --json` prints instead, such as shots or "
            "'grade fit'; `all` for every one.",
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of the language, or set up editors with it.

    An editor then completes keys and ops, describes them, and marks mistakes. Settings keep their
    comments and everything else in them.
    """
    if not install and (specs or check):
        message = "SPEC and --check go with --install"
        raise UsageError.one("bad-option", message, hint="vedc schema --install")
    if output is not None:
        if install:
            message = "--output prints a schema, and --install writes one"
            raise UsageError.one("bad-option", message, hint="leave one of them out")
        from vedc.report.forms.index import schema_of, schemas

        print_json(schemas() if output == "all" else schema_of(output))
        return
    from vedc.lang.docs.generate import schema_text

    if not install:
        print(schema_text(), end="")
        return
    from vedc.workspace.setup.editors import changes, write

    found = changes(Path(), schema_text(), specs or [])
    for change in found:
        if change.needed and not check:
            write(change)
        state = "up to date"
        if change.needed:
            state = "to be changed" if check else "changed" if change.old is not None else "written"
        say(f"{change.path}: {state}: {change.what}")
    if check and any(change.needed for change in found):
        raise typer.Exit(PENDING)
