"""``vedc batch``: a film for each row of a table."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vedc.cli.options import (
    Access,
    Cache,
    ClusterName,
    DeviceName,
    Jobs,
    Json,
    Locked,
    Messages,
    NetworksBy,
    Only,
    PartOptions,
    Quiet,
    Scale,
    Settings,
    StoreName,
    Strict,
    Variables,
    WorkerCount,
    build_of,
    device_of,
    print_json,
    print_written,
    progress,
    say,
    without_color,
    workers_of,
)
from vedc.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from vedc.errors import Problem
    from vedc.workspace.batch.films import RowFilm
    from vedc.workspace.batch.rows import Batch, CheckedRow

_RESUME = "finished films are kept; run the same command to continue"


def batch(
    *,
    spec: Annotated[
        Path, typer.Argument(metavar="TEMPLATE", help="A spec whose variables the rows fill.")
    ],
    data: Annotated[
        Path,
        typer.Option("--data", metavar="FILE", help="A table: .csv, .tsv, .jsonl or .xlsx."),
    ],
    worksheet: Annotated[
        str | None,
        typer.Option(
            "--worksheet", metavar="NAME", help="The sheet of a workbook, if not its first."
        ),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option("--rows", metavar="ROWS", help="Only these rows, by number: 3-10,15,20-."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="EXPR", help="Only rows for which this holds: 'age > 17'."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="COLUMN",
            help="A column to leave out, or a pattern such as 'crm_*'. Repeatable.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="Write the one output of each row here: 'out/${{ name }}.mp4'.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check all rows, and render nothing.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="Write report.json and report.html here."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Replace files that vedc did not write.")
    ] = False,
    only: Only = None,
    part: PartOptions,
    scale: Scale = "1",
    variables: Variables,
    jobs: Jobs = 0,
    workers: WorkerCount = 0,
    cluster: ClusterName = None,
    store: StoreName = None,
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
    """Render a film for each row of a table.

    All rows are checked before the first frame. Rows with mistakes are reported, and the films of
    the others are made.
    """
    from vedc.lang.rows.table import read_table
    from vedc.media.files import make_folder
    from vedc.workspace.batch.choice import RowExpression, chosen
    from vedc.workspace.batch.films import Films, without_films
    from vedc.workspace.batch.rows import Batch

    target_device = device_of(device, networks, cluster)
    pool_of = workers_of(workers, cluster, strict)
    name = RowExpression("-o", output) if output is not None else None
    condition = RowExpression("--where", where, alone=True) if where is not None else None
    if report is not None:
        make_folder(report)  # before hours of work
    table = read_table(data, worksheet)
    wanted = table.rows if rows is None else chosen(table.rows, rows)
    build = build_of(
        str(spec),
        variables,
        access,
        cache,
        part=part,
        scale=scale,
        quiet=quiet,
        only=only,
        store=store,
    )
    build = replace(build, shared=build.share())
    work = Batch(build, table, name, condition, ignore or (), locked, strict, yes)
    quiet = quiet or as_json
    if target_device.note and not quiet and not check:
        print(f"note: {target_device.note}", file=sys.stderr)
    checked = _checked(work, wanted, quiet)
    if not checked:
        message = f"--where {where}: no row matches"
        raise UsageError.one("bad-option", message, hint="leave it out to see all rows")
    _print_problems([p for row in checked for p in (*row.errors, *row.warnings)], quiet)
    if check:
        films = without_films(checked)
    else:
        with pool_of() as pool:
            films = _made(Films(work, target_device, jobs, pool), checked, quiet)
    if report is not None:
        _write_report(report, str(spec), table.file, films, quiet)
    _finish(str(spec), table.file, films, as_json, quiet)


def _checked(work: Batch, rows: Sequence[Any], quiet: bool) -> list[CheckedRow]:
    from vedc.report.progress import ROWS

    bar = progress(ROWS, quiet)
    if bar is None:
        return work.check(rows)
    bar.start(work.table.file, len(rows))
    try:
        return work.check(rows, lambda done, total: bar.advance(1 if done else 0))
    finally:
        bar.finish()


def _made(work: Any, checked: Sequence[CheckedRow], quiet: bool) -> list[RowFilm]:
    """The films, with a line for each on standard error: on a terminal only those with messages,
    beside a progress bar."""
    from vedc.report.batch.summary import line_of
    from vedc.report.progress import FILMS, Bar
    from vedc.support.printable import printable

    bar = progress(FILMS, quiet)

    def on_film(film: RowFilm, number: int, total: int) -> None:
        new = [p for p in film.problems if p not in film.checked.warnings]
        if isinstance(bar, Bar):
            bar.advance(1)
        elif bar is not None:
            print(printable(line_of(film, number, total)), file=sys.stderr, flush=True)
        if bar is not None:
            for note in film.notes:
                bar.note(f"{film.checked.row.location.file}:{film.checked.row.number}: {note}")
        _print_problems(new, quiet)

    if isinstance(bar, Bar):
        bar.start(work.batch.table.file, sum(not row.errors for row in checked))
    try:
        return [*work.make(checked, on_film)]
    finally:
        if bar is not None:
            bar.finish()


def _print_problems(found: Sequence[Problem], quiet: bool) -> None:
    """Print problems as they are found: on standard error, or as workflow commands. As JSON they
    are printed at the end."""
    from vedc.report import problems

    shown = [*dict.fromkeys(found)]
    if quiet:
        shown = [problem for problem in shown if problem.severity == "error"]
    if Settings.format == "github":
        print(problems.render_github(shown), end="")
    elif Settings.format == "human" and not Settings.as_json:
        color = sys.stderr.isatty() and not without_color()
        print(problems.render_human(shown, None, color), end="", file=sys.stderr)


def _write_report(
    folder: Path, template: str, table: str, films: Sequence[RowFilm], quiet: bool
) -> None:
    from vedc.media.files import whole_file
    from vedc.report.batch.page import batch_page
    from vedc.report.batch.summary import batch_data, report_names
    from vedc.support.printable import to_json

    data, page = report_names(folder)
    with whole_file(data) as part:
        part.write_text(to_json(batch_data(template, table, films)) + "\n", encoding="utf-8")
    with whole_file(page) as part:
        text = batch_page(template, table, films, folder.absolute())
        part.write_text(text, encoding="utf-8", errors="backslashreplace")
    if not quiet:
        print_written(data, page)


def _finish(
    template: str, table: str, films: Sequence[RowFilm], as_json: bool, quiet: bool
) -> None:
    """Print the outcome of the rows. Raises Interrupted, and Exit where a film is lacking."""
    from vedc.report import problems
    from vedc.report.batch.summary import batch_data, problems_of, summary_line

    if as_json:
        print_json(batch_data(template, table, films))
    elif Settings.format == "json":
        print(problems.render_json(problems_of(films)), end="")
    elif not quiet:
        say(summary_line(table, films))
    if any(film.status == "left" for film in films):
        if as_json or Settings.format == "json":
            raise typer.Exit(Interrupted.exit_code)
        raise Interrupted.one("interrupted", "interrupted", hint=_RESUME)
    codes = {film.exit_code for film in films} - {0}
    if any(film.status == "failed" for film in films):
        raise typer.Exit(1)
    if codes:
        raise typer.Exit(codes.pop() if len(codes) == 1 else 3)
