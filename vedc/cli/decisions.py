"""``vedc lock`` and ``vedc explain``: decisions, why they were made, and what the words mean."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from vedc.cli.options import (
    Access,
    Cache,
    Jobs,
    Json,
    Locked,
    Messages,
    PluginFiles,
    Quiet,
    Spec,
    Variables,
    build_of,
    colored,
    deciding_of,
    print_json,
    print_warnings,
    print_written,
    say,
)
from vedc.errors import UsageError

if TYPE_CHECKING:
    from vedc.report.decisions.view import DecisionView
    from vedc.report.words.meanings import Meaning
    from vedc.workspace.build import Build


def lock(
    *,
    spec: Spec,
    variables: Variables,
    force: Annotated[
        bool, typer.Option("--force", help="Decide everything again, including edited decisions.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Confirm edited decisions after the spec has changed.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 5 if it is out of date.")
    ] = False,
    jobs: Jobs = 0,
    access: Access,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Make the decisions that a spec leaves open; write vedc.lock."""
    from vedc.report.decisions.table import locked_data, locked_text

    build = build_of(spec, variables, access, cache, quiet=quiet or as_json)
    deciding = deciding_of(
        build,
        locked=check,
        force=force,
        accept=accept,
        tidy=True,
        quiet=quiet or as_json,
        threads=jobs,
    )
    build.edits(deciding)
    changed = not check and deciding.save()
    print_warnings(deciding)
    if as_json:
        print_json(locked_data(deciding))
    elif not quiet:
        say(locked_text(deciding, changed), end="")


def explain(
    *,
    name: Annotated[
        str,
        typer.Argument(
            metavar="OP|SPEC",
            help="An op, a preset, a text animation, a blend mode or target:NAME; or a spec.",
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="For a spec: the decision at this time."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--open", help="Show a page with pictures in the browser.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write the page to FILE; with .png, .jpg or .webp a picture of the grade at "
            "--at, before and after.",
        ),
    ] = None,
    variables: Variables,
    locked: Locked = False,
    access: Access,
    plugins: PluginFiles = None,
    cache: Cache = None,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Describe an op, a key of items or a target, or the decisions in a spec and their reasons."""
    if name == "-" or name.endswith((".yaml", ".yml")) or Path(name).is_file():
        build = build_of(name, variables, access, cache)
        _explain_decisions(build, at, show, output, locked, as_json)
        return
    options = ((at, "--at"), (variables.sets, "--set"), (variables.var_file, "--var-file"))
    for given, option in options:
        if given:
            message = f"{option} applies to the decisions of a spec, and {name!r} is not a spec"
            raise UsageError.one("bad-option", message, hint="name a *.vedc.yaml file")
    from vedc.report.ops.explain import find, load_plugins
    from vedc.report.words.meanings import meanings

    load_plugins(plugins or [])
    found = meanings(name)
    page = show or output is not None
    if page and found[0].is_op:
        from vedc.report.ops.page import write_page

        _page_written(write_page(find(name), output), show)
        return
    _print_meanings(found, page, as_json)


def _print_meanings(meanings: Sequence[Meaning], page: bool, as_json: bool) -> None:
    """Print what a name means; as JSON its first meaning."""
    first = meanings[0]
    if page:
        message = f"{first.name} is {first.kind} and has no page of its own"
        raise UsageError.one("bad-option", message, hint=f"vedc explain {first.name}")
    if as_json:
        print_json(first.data())
    else:
        say("\n".join(meaning.text() for meaning in meanings), end="")


def _explain_decisions(
    build: Build, at: str | None, show: bool, output: Path | None, locked: bool, as_json: bool
) -> None:
    from vedc.edit.tables.containers import SHEETS
    from vedc.report.decisions import text
    from vedc.report.decisions.source import view

    deciding = deciding_of(build, locked=locked, quiet=as_json)
    if output is not None and output.suffix.lower() in SHEETS:
        _write_compared(view(deciding, at, pictures=False), output)
        print_warnings(deciding)
        return
    found = view(deciding, at, pictures=show or output is not None)
    print_warnings(deciding)
    if deciding.unwritten and not as_json:
        note = f"vedc.lock does not hold these decisions yet: vedc lock {quote(str(build.spec))}"
        print(f"note: {note}", file=sys.stderr)
    if show or output:
        from vedc.report.decisions.page import write_page
        from vedc.report.ops.page import page_place

        _page_written(write_page(found, page_place(f"{deciding.name}-decisions", output)), show)
    elif as_json:
        print_json(text.data(found))
    else:
        say(text.text(found, colored()), end="")


def _write_compared(found: DecisionView, output: Path) -> None:
    """Write the grades at the view's time as a picture: before, in the film, reference."""
    from vedc.report.decisions.compared import picture
    from vedc.report.decisions.text import moment
    from vedc.report.scopes.draw import column
    from vedc.workspace.sheets.page import save

    compared = [item.compared for item in found.at() if item.compared is not None]
    if not compared:
        message = f"no grade is decided at {moment(found.time, found.rate)}"
        hint = "name another time with --at, or write the page of all decisions: -o page.html"
        raise UsageError.one("bad-time", message, hint=hint)
    save(column([picture(each) for each in compared]), output)
    print_written(output)


def _page_written(page: Path, show: bool) -> None:
    from vedc.report.ops.page import show_page

    print_written(page)
    if show:
        show_page(page)
