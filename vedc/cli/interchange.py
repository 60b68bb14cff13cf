"""``vedc import`` and ``vedc export``: timelines of other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedc.cli.options import (
    Access,
    Cache,
    Json,
    Locked,
    Messages,
    Quiet,
    Settings,
    Spec,
    Strict,
    Variables,
    build_of,
    deciding_of,
    print_json,
    print_written,
)
from vedc.errors import SpecError, UsageError, as_errors

if TYPE_CHECKING:
    from vedc.interchange.common.losses import Losses

Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write the loss report to FILE; .json as JSON."),
]


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A timeline of another program.")],
    *,
    target: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="SPEC", help="The spec to write; by default beside FILE."
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help="otio, editly, shotstack, json2video, auto-editor, edl, fcp7, fcpxml or mlt; "
            "by default recognised by name and content.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing spec.")] = False,
    report: Report = None,
    allow: Annotated[
        list[Path] | None,
        typer.Option("--allow-path", metavar="DIR", help="Let it read files in this folder too."),
    ] = None,
    cache: Cache = None,
    strict: Strict = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Turn a timeline of another program into a spec.

    A loss report on standard error lists everything that did not carry over unchanged, with its
    place in FILE. Nothing is fetched from the network.
    """
    from vedc.interchange.convert import import_file

    target = target or file.with_name(f"{file.stem}.vedc.yaml")
    _check(target, file, yes)
    found = import_file(file, target, form=form, allow=tuple(allow or ()), cache=cache)
    _check_losses(found.losses, strict)
    _deliver(found.text, target)
    _report(
        found.losses, found.format.title, found.format.name, file, target, report, as_json, quiet
    )


def export(
    *,
    spec: Spec,
    target: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The timeline to write: .otio, .edl, .xml (Final Cut Pro 7), .fcpxml or .mlt.",
        ),
    ],
    form: Annotated[
        str | None,
        typer.Option("--to", metavar="FORMAT", help="otio, edl, fcp7, fcpxml or mlt."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="NAME", help="The output to export, if not the first."),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing file.")] = False,
    report: Report = None,
    variables: Variables,
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    strict: Strict = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Write the film of a spec as a timeline for another program, exact to the frame.

    Decisions are made first, as by `vedc lock`. A loss report on standard error lists everything
    that the format cannot hold, with its place in the spec.
    """
    from vedc.interchange import formats
    from vedc.interchange.convert import export_text
    from vedc.workspace.settled import settled

    chosen = formats.of_target(target) if form is None else formats.named(form, write=True)
    _check(target, None if spec == "-" else Path(spec), yes)
    build = build_of(spec, variables, access, cache, quiet=quiet, only=[only] if only else None)
    edit, document = settled(deciding_of(build, locked=locked, quiet=quiet))
    text, losses = export_text(edit, document, target, chosen)
    _check_losses(losses, strict)
    _deliver(text, target)
    _report(losses, chosen.title, chosen.name, Path(spec), target, report, as_json, quiet)


def _check(target: Path, source: Path | None, replace: bool) -> None:
    """Raise UsageError, before any work is done, if a file cannot be written."""
    from vedc.media.files import check_target

    same = source is not None and target.exists() and source.exists() and target.samefile(source)
    if same or (target.exists() and not replace):
        message = f"{target} {'is the input file' if same else 'already exists'}"
        hint = "name a new file with -o" + ("" if same else ", or replace it with -y")
        raise UsageError.one("output-exists", message, hint=hint)
    check_target(target)


def _deliver(text: str, target: Path) -> None:
    from vedc.media.files import whole_file

    with whole_file(target) as part:
        part.write_text(text, encoding="utf-8")


def _check_losses(losses: Losses, strict: bool) -> None:
    """With ``--strict`` anything lost or changed is an error, and nothing is written."""
    if strict and (refused := as_errors(loss.problem for loss in losses.ordered)):
        raise SpecError(refused)


def _report(
    losses: Losses,
    title: str,
    form: str,
    file: Path,
    target: Path,
    report: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    from vedc.report import interchange, problems
    from vedc.support.printable import printable, to_json

    made = interchange.data(str(file), form, str(target), losses)
    written = interchange.text(title, losses)
    if report is not None:
        _deliver(to_json(made) + "\n" if report.suffix == ".json" else written, report)
    if as_json:
        print_json(made)
    elif not quiet:
        if Settings.format == "github":
            print(problems.render_github(loss.problem for loss in losses.ordered), end="")
        else:
            print(printable(written), end="", file=sys.stderr)
        print_written(target, *filter(None, (report,)))
