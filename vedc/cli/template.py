"""``vedc template``: templates listed, begun, checked and described."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedc.cli.options import (
    Access,
    Cache,
    Json,
    Messages,
    Strict,
    Variables,
    Warnings,
    build_of,
    command_group,
    expand_groups,
    print_json,
    say,
)

if TYPE_CHECKING:
    from vedc.lang.expr.declarations import Variable
    from vedc.lang.yaml.load import Document

template = command_group(
    "template", "List, begin, check and describe templates: specs with variables."
)


@template.command()
@expand_groups
def ls(*, as_json: Json = False, messages: Messages) -> None:
    """List the templates that come with vedc."""
    from vedc.lang.stock import STOCK
    from vedc.report.batch.template import template_data
    from vedc.report.tables import Column, table

    found = [template_data(name, *_read(name)) for name in STOCK]
    if as_json:
        print_json(found)
    else:
        rows = [[entry["template"], entry["summary"]] for entry in found]
        say(table([Column("template"), Column("shows")], rows), end="")


@template.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A template that `ls` lists.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The spec to write: NAME.vedc.yaml.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="NAME", help="Where the films go: youtube, tiktok, ..."),
    ] = None,
) -> None:
    """Start your own template from one that comes with vedc."""
    from vedc.report.target import find_target
    from vedc.workspace.setup.from_stock import write_from_stock

    written = file or Path(f"{name}.vedc.yaml")
    write_from_stock(name, written, find_target(target) if target is not None else None)
    say(f"{written}: written; next: vedc batch {written} --data FILE")


@template.command()
@expand_groups
def check(
    *,
    spec: Annotated[Path, typer.Argument(metavar="TEMPLATE", help="A spec with variables.")],
    variables: Variables,
    access: Access,
    cache: Cache = None,
    strict: Strict = False,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Try a template with the longest and shortest texts, all choices and ends of ranges."""
    from vedc.report.problems import records
    from vedc.report.tables import plural
    from vedc.workspace.batch.trials import tried

    names, problems = tried(build_of(str(spec), variables, access, cache))
    wrong = [problem for problem in problems if problem.severity == "error"]
    Warnings(strict=strict, quiet=as_json)(p for p in problems if p not in wrong)
    if wrong:
        from vedc.lang.files import failure

        raise failure(wrong)
    if as_json:
        print_json({"template": str(spec), "tried": names, "warnings": records(problems)})
    else:
        say(f"{spec}: tried with {plural(len(names), 'set')} of values: {', '.join(names)}")


@template.command()
@expand_groups
def docs(
    *,
    name: Annotated[
        str, typer.Argument(metavar="TEMPLATE|NAME", help="A spec, or a template of vedc.")
    ],
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Describe what a template takes, as Markdown."""
    from vedc.report.batch.template import template_data, template_text

    describe = template_data if as_json else template_text
    found = describe(name, *_read(name))
    print_json(found) if as_json else say(str(found), end="")


def _read(name: str) -> tuple[Document, dict[str, Variable]]:
    """A spec or a stock template, with its variables. Raises SpecError where those are wrong."""
    from vedc.errors import SpecError
    from vedc.lang.expr.declarations import Declarations
    from vedc.lang.stock import STOCK
    from vedc.lang.yaml.load import load
    from vedc.lang.yaml.tree import Problems
    from vedc.workspace.setup.from_stock import stock_file

    path = Path(name)
    if name in STOCK or not (path.suffix or path.exists()):
        path = stock_file(name)
    document, problems = load(path), Problems()
    variables = Declarations(document.root, problems).read()
    if problems:
        raise SpecError(tuple(problems))
    return document, variables
