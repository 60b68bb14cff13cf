"""``vedc storyboard``: the edit at a glance, a picture for each shot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

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
    print_warnings,
    print_written,
    progress,
    say,
)
from vedc.cli.options import Spec as SpecName
from vedc.errors import UsageError


def storyboard(
    *,
    spec: SpecName,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Draw the shots: .jpg, .png or .webp."),
    ] = None,
    columns: Annotated[
        int | None,
        typer.Option("--columns", min=1, max=12, help="Pictures in a row; by default what fits."),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace existing files.")] = False,
    variables: Variables,
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
    """List the shots of an edit, or draw them: a picture of each clip, with its time, its source,
    what leads into it and the titles over it."""
    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES
    from vedc.report.review.board import Board, as_data, as_text
    from vedc.review.board.shots import shots_of
    from vedc.workspace.film_frames import at_size, film_frames, pictured
    from vedc.workspace.sheets.page import check_kind

    if output is not None:
        check_kind(output)
    quiet = quiet or as_json
    build = pictured(build_of(spec, variables, access, cache, quiet=quiet))
    deciding = deciding_of(build, locked=locked, quiet=quiet, threads=jobs)
    (film,) = build.edits(deciding)
    print_warnings(deciding)
    shots = shots_of(film)
    if as_json:
        print_json(as_data(film, shots))
    elif output is None:
        say(as_text(film, shots), end="")
    if output is None:
        return
    if not shots:
        raise UsageError.one("no-picture", f"{spec} shows nothing, so there are no shots to draw")
    board = Board(output, deciding.name, film, shots, columns)
    for page in board.pages:
        if page.exists() and not yes:
            hint = "replace it with -y, or write elsewhere with -o"
            raise UsageError.one("output-exists", f"{page} already exists", hint=hint)
    target_device = pick_device(device, networks)
    if target_device.note and not quiet:
        print(f"note: {target_device.note}", file=sys.stderr)
    deciding.save()
    with film_frames(
        build,
        at_size(build, film, board.scale, deciding),
        board.frames,
        device=target_device,
        threads=jobs,
        progress=progress(FRAMES, quiet),
        title=output.name,
    ) as drawn:
        written = board.write(drawn.files)
    if not quiet:
        print_written(*written)
