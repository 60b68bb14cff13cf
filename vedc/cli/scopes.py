"""``vedc scopes``: waveform, parade, vectorscope and histogram of a picture."""

from __future__ import annotations

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
    Variables,
    build_of,
    deciding_of,
    print_json,
    print_warnings,
    print_written,
    say,
)
from vedc.errors import UsageError

if TYPE_CHECKING:
    from vedc.report.scopes.source import Seen


def scopes(
    *,
    name: Annotated[str, typer.Argument(metavar="FILE|SPEC", help="A film, a picture, or a spec.")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Time in the film: 12s, 300f, 00:01:00:12, 25%, or -1f; by default its start.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Draw the scopes: .png, .jpg or .webp."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing file.")] = False,
    variables: Variables,
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Measure a picture as a colourist does: waveform, RGB parade, vectorscope, histogram.

    Without -o, the levels are printed in per cent and in code values of 10 bits. The scopes of a
    spec are those of the rendered frame. HDR is shown as its signal, not tone-mapped.
    """
    from vedc.report.scopes import facts
    from vedc.report.scopes.sheet import page

    is_spec = name == "-" or name.endswith((".yaml", ".yml"))
    if output is not None:
        _check(output, name, yes)
    if is_spec:
        seen = _rendered(name, at, variables, locked, access, cache, quiet or as_json)
    else:
        for given, option in ((variables.sets, "--set"), (variables.var_file, "--var-file")):
            if given:
                message = f"{option} applies to a spec, and {name!r} is not a spec"
                raise UsageError.one("bad-option", message, hint="name a *.vedc.yaml file")
        from vedc.report.scopes.source import of_file
        from vedc.workspace.analyses import open_media

        seen = of_file(open_media(Path(name)), Path(name).name, at)
    if output is not None:
        from vedc.workspace.sheets.page import save

        save(page(seen), output)
    if as_json:
        print_json(facts.data(seen))
    elif output is None:
        say(facts.text(seen), end="")
    if output is not None and not quiet:
        print_written(output)


def _check(output: Path, name: str, yes: bool) -> None:
    from vedc.media.files import check_target
    from vedc.workspace.sheets.page import check_kind

    check_kind(output)
    source = Path(name)
    if output.exists() and source.exists() and output.samefile(source):
        message = f"{output} is the input file"
        raise UsageError.one("output-is-input", message, hint="give another name")
    if output.exists() and not yes:
        message = f"{output} already exists"
        hint = "replace it with -y, or write elsewhere with -o"
        raise UsageError.one("output-exists", message, hint=hint)
    check_target(output)


def _rendered(
    name: str,
    at: str | None,
    variables: Variables,
    locked: bool,
    access: Access,
    cache: Path | None,
    quiet: bool,
) -> Seen:
    """A frame of a spec's film."""
    from vedc.report.scopes.source import of_film
    from vedc.workspace.film_frames import pictured
    from vedc.workspace.moments import frame_shown_at

    build = pictured(build_of(name, variables, access, cache, quiet=quiet))
    deciding = deciding_of(build, locked=locked, quiet=quiet)
    (film,) = build.edits(deciding)
    print_warnings(deciding)
    frame = 0 if at is None else frame_shown_at(film, "--at", at)
    deciding.save()
    return of_film(build, film, frame, deciding.name)
