"""``vedc check``: a gate before delivery."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedc.cli.options import (
    Access,
    Cache,
    DeviceName,
    Jobs,
    Json,
    Locked,
    Messages,
    NetworksBy,
    Only,
    Quiet,
    Settings,
    Strict,
    Variables,
    build_of,
    colored,
    deciding_of,
    print_json,
    print_warnings,
    progress,
    say,
)
from vedc.errors import UsageError

if TYPE_CHECKING:
    from vedc.review.check.of_file import Wanted
    from vedc.review.check.run import Checked

#: The exit code of films that do not pass.
NOT_PASSED = 6


def check(
    *,
    name: Annotated[
        str | None,
        typer.Argument(metavar="FILM|SPEC", help="A film, a sound file, or a spec."),
    ] = None,
    only: Only = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target", metavar="NAME", help="Where the film goes: youtube, broadcast, web, ..."
        ),
    ] = None,
    checks: Annotated[
        list[str] | None,
        typer.Option("--check", metavar="CHECK", help="Run only this check. Repeatable."),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", metavar="CHECK", help="Leave this check out. Repeatable."),
    ] = None,
    limits: Annotated[
        list[str] | None,
        typer.Option(
            "--limit", metavar="CHECK.NAME=VALUE", help="Set a limit, such as black.longest=4s."
        ),
    ] = None,
    captions: Annotated[
        list[Path] | None,
        typer.Option("--captions", metavar="FILE", help="Captions that accompany the film."),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List all checks with their limits, and exit.")
    ] = False,
    variables: Variables,
    jobs: Jobs = 0,
    device: DeviceName = "auto",
    networks: NetworksBy = "auto",
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    strict: Strict = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Check a film before it is delivered; exit with 6 if it does not pass.

    Black, frozen and repeated frames, flashes, levels, silence, clipping, loudness, captions,
    length and format are compared with the limits that docs/check.md lists. For a spec, the outputs
    are checked as they would be rendered, with its titles and captions; findings that the spec
    explains are only notes.
    """
    from vedc.report.review import checked as report
    from vedc.report.target import find_target
    from vedc.review.check.of_file import Wanted, check_file

    if listed:
        _list(as_json)
        return
    if name is None:
        hint = "write vedc check film.mp4"
        raise UsageError.one("usage", "there is nothing to check", hint=hint)
    wanted = Wanted.of(
        checks or (),
        skip or (),
        limits or (),
        find_target(target) if target else None,
        captions or (),
    )
    films: list[Checked]
    left: dict[str, str] = {}
    if name == "-" or name.lower().endswith((".yaml", ".yml")):
        films, left = _of_spec(
            name, wanted, only, variables, jobs, device, networks, locked, access, cache,
            quiet or as_json,
        )  # fmt: skip
    else:
        _refuse_for_films(variables, only)
        from vedc.report.progress import SECONDS

        films = [check_file(Path(name), wanted, progress(SECONDS, quiet or as_json), jobs)]
    if as_json or Settings.format == "json":
        print_json(report.data(name, films, left, strict=strict))
    elif Settings.format == "github":
        from vedc.report.problems import render_github

        print(render_github(report.problems(films)), end="")
    elif not quiet or report.failed(films, strict=strict):
        say(report.text(films, left, colored()), end="")
    if report.failed(films, strict=strict):
        raise typer.Exit(NOT_PASSED)


def _of_spec(
    spec: str,
    wanted: Wanted,
    only: list[str] | None,
    variables: Variables,
    jobs: int,
    device: str,
    networks: str,
    locked: bool,
    access: Access,
    cache: Path | None,
    quiet: bool,
) -> tuple[list[Checked], dict[str, str]]:
    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES, SECONDS
    from vedc.review.check.of_spec import check_spec

    target_device = pick_device(device, networks)
    if target_device.note and not quiet:
        print(f"note: {target_device.note}", file=sys.stderr)
    build = build_of(spec, variables, access, cache, quiet=quiet, only=only)
    deciding = deciding_of(build, locked=locked, quiet=quiet, threads=jobs)
    edits = build.edits(deciding)
    print_warnings(deciding)
    deciding.save()
    made = check_spec(
        build, edits, deciding, wanted, device=target_device, threads=jobs,
        rendering=progress(FRAMES, quiet), progress=progress(SECONDS, quiet),
    )  # fmt: skip
    return made.films, made.left


def _refuse_for_films(variables: Variables, only: list[str] | None) -> None:
    """Raise UsageError for options that only specs have."""
    given = {"--set": variables.sets, "--var-file": variables.var_file, "--only": only}
    for option, value in given.items():
        if value:
            message = f"{option} applies to a spec, and this is a film"
            hint = "name a *.vedc.yaml file"
            if value is only:
                hint = "one check alone is --check NAME; --only chooses an output of a spec"
            raise UsageError.one("bad-option", message, hint=hint)


def _list(as_json: bool) -> None:
    from vedc.report.review.check_list import data, text

    print_json(data()) if as_json else say(text(), end="")
