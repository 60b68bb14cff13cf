"""``vedc test``: films compared with stored expectations."""

from __future__ import annotations

import time
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
    Quiet,
    Variables,
    build_of,
    deciding_of,
    print_json,
    progress,
    say,
)
from vedc.errors import Interrupted, UserError

if TYPE_CHECKING:
    from vedc.execute.devices.device import Device
    from vedc.report.review.tested import CaseResult
    from vedc.review.golden.cases import Case
    from vedc.workspace.build import Build


def run_tests(
    *,
    specs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[SPEC|FOLDER...]",
            help="Specs, or folders to search for specs with tests; by default this folder.",
        ),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Store the films as they are now as the expected ones.")
    ] = False,
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="NAME", help="Only this case. Repeatable.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML.")
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="DIR",
            help="Where pictures of failures go, by default tests in the cache folder.",
        ),
    ] = None,
    jobs: Jobs = 0,
    device: DeviceName = "auto",
    networks: NetworksBy = "auto",
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Test films against stored pictures, lengths, levels and captions.

    Exit with 1 if a film differs, if nothing is stored for it, or if expectations belong to a
    missing spec or case.
    """
    from vedc.execute.devices.device import pick_device
    from vedc.report.review import tested
    from vedc.review.golden.cases import cases_of
    from vedc.review.golden.found import chosen, leftovers, specs_of
    from vedc.support.atomic_write import write_whole

    given = specs or [Path()]
    known = {spec: cases_of(spec) for spec in specs_of(given)}
    listed = chosen(known, case or [])
    target_device = pick_device(device, networks)
    results = [
        tested.CaseResult(str(left.spec), left.case, problems=(left.problem,))
        for left in (() if case else leftovers(given, known))
    ]
    for spec, cases in listed.items():
        for each in cases:
            build = build_of(
                str(spec),
                Variables([f"{name}={value}" for name, value in each.values.items()] or None),
                access,
                cache,
                quiet=quiet or as_json,
                only=[each.only] if each.only else None,
            )
            results.append(
                _tested(
                    build, spec, each, target_device, pictures, {r.sheet for r in results},
                    update=update, locked=locked, jobs=jobs, quiet=quiet or as_json,
                )
            )  # fmt: skip
    if junit is not None:
        write_whole(junit, tested.junit(results))
    if as_json:
        print_json(tested.as_data(results))
    elif not quiet or not all(result.passed for result in results):
        say(tested.as_text(results), end="")
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _tested(
    build: Build,
    spec: Path,
    case: Case,
    device: Device,
    pictures: Path | None,
    taken: set[str | None],
    *,
    update: bool,
    locked: bool,
    jobs: int,
    quiet: bool,
) -> CaseResult:
    """The result of one case. A mistake in its spec fails that case alone.

    ``taken``: pictures of failures that this run has written.
    """
    from vedc.media.files import make_folder
    from vedc.report.progress import FRAMES
    from vedc.report.review.tested import CaseResult, write_failures
    from vedc.review.compare.sides import Drawing
    from vedc.review.golden.cases import folder_of
    from vedc.review.golden.check import check_film
    from vedc.review.golden.measure import measure
    from vedc.review.golden.stored import read_film, write_film

    result = CaseResult(str(spec), case.name)
    began = time.monotonic()
    folder = folder_of(spec)
    try:
        expected = None if update else read_film(folder, case.name)
        if expected is None and not update:
            result.missing = True
            return result
        deciding = deciding_of(build, locked=locked, quiet=quiet, threads=jobs)
        deciding.networks = device.networks
        drawing = Drawing(device, jobs, progress(FRAMES, quiet))
        film = measure(build, case, deciding, drawing)
        if expected is None:
            result.updated = [str(file) for file in write_film(folder, case.name, film)]
            return result
        result.checks = check_film(expected, film, case)
    except Interrupted:
        raise
    except UserError as error:
        result.problems = error.problems
    finally:
        result.seconds = time.monotonic() - began
    if result.failed:
        where = pictures or build.folder / "tests"
        make_folder(where)
        stem = spec.name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".vedc")
        sheet = where / f"{stem}-{case.name}.png"
        number = 1
        while str(sheet) in taken:  # a spec of this name in another folder
            number += 1
            sheet = where / f"{stem}-{case.name}-{number}.png"
        if write_failures(result, sheet):
            result.sheet = str(sheet)
    return result


test = run_tests
