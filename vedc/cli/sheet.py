"""``vedc sheet``: a contact sheet of a film."""

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
    Locked,
    Messages,
    NetworksBy,
    PartOptions,
    Quiet,
    Spec,
    Variables,
    build_of,
    deciding_of,
    print_warnings,
    print_written,
    progress,
)
from vedc.errors import UsageError

if TYPE_CHECKING:
    from vedc.edit.model import Edit, Sheet


def sheet(
    *,
    spec: Spec,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="The sheet: .jpg, .png or .webp."),
    ],
    columns: Annotated[
        int | None,
        typer.Option("--columns", min=1, max=12, help="Pictures in a row; by default what fits."),
    ] = None,
    count: Annotated[
        int, typer.Option("--count", min=1, max=1000, help="Pictures, spread over the film.")
    ] = 20,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="TIME", help="A picture each TIME instead, such as 5s."),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace existing files.")] = False,
    part: PartOptions,
    variables: Variables,
    jobs: Jobs = 0,
    device: DeviceName = "auto",
    networks: NetworksBy = "auto",
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Make a contact sheet of the film: pictures with their timecodes, on the first output's
    canvas."""
    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES
    from vedc.workspace.film_frames import at_size, film_frames, pictured
    from vedc.workspace.sheets.film_sheet import FilmSheet
    from vedc.workspace.sheets.page import check_kind

    check_kind(output)
    target_device = pick_device(device, networks)
    if target_device.note and not quiet:
        print(f"note: {target_device.note}", file=sys.stderr)
    build = pictured(build_of(spec, variables, access, cache, part=part, quiet=quiet))
    deciding = deciding_of(build, locked=locked, quiet=quiet, threads=jobs)
    (film,) = build.edits(deciding)
    print_warnings(deciding)
    span = build.part.of(film) or (0, film.duration)
    frames = _pictures(film, count, every).frames(span, film.profile.fps)
    made = FilmSheet(output, deciding.name, film, frames, columns)
    made.check_free(yes)
    deciding.save()
    with film_frames(
        build,
        at_size(build, film, made.scale, deciding),
        made.frames,
        device=target_device,
        threads=jobs,
        progress=progress(FRAMES, quiet),
        title=output.name,
    ) as drawn:
        written = made.write(drawn.files)
    if not quiet:
        print_written(*written)


def _pictures(film: Edit, count: int, every: str | None) -> Sheet:
    """Which pictures the sheet shows."""
    from vedc.edit.model import Sheet
    from vedc.workspace.moments import seconds

    if every is None:
        return Sheet(count=count)
    interval = seconds(film, "--every", every)
    if interval * film.profile.fps < 1:
        message = f"--every {every} is less than a frame"
        raise UsageError.one("bad-time", message, hint="write --every 5s")
    return Sheet(every=interval)
