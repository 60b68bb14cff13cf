"""``vedc still``: one picture of a film."""

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
    Scale,
    Spec,
    Strict,
    Variables,
    Warnings,
    build_of,
    deciding_of,
    print_json,
    say,
)
from vedc.errors import UsageError


def still(
    *,
    spec: Spec,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Time in the film: 12s, 300f, 00:01:00:12, 25%, or -1f, the last frame.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The picture: .png, .jpg, .webp, .avif or .tif."
        ),
    ],
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Replace a file that vedc did not write.")
    ] = False,
    scale: Scale = "1",
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
    """Render one frame of the film as a picture, on the canvas of the first output."""
    from vedc.edit.tables.codecs import IMAGE_CODECS
    from vedc.edit.tables.containers import image_for_extension
    from vedc.execute.devices.device import pick_device
    from vedc.workspace.deliver import deliver

    codec = image_for_extension(output.suffix)
    if codec is None or not codec.still:
        stills = (codec for codec in IMAGE_CODECS.values() if codec.still)
        known = ", ".join(ext for codec in stills for ext in codec.extensions)
        message = f"{output.name}: the name of a picture must end in one of {known}"
        hint = f"write -o {output.stem or 'frame'}.png"
        raise UsageError.one("bad-picture", message, hint=hint)
    build = build_of(spec, variables, access, cache, output, still=at, scale=scale)
    target_device = pick_device(device, networks)
    quiet = quiet or as_json
    if target_device.note and not quiet:
        print(f"note: {target_device.note}", file=sys.stderr)
    (summary,) = deliver(
        build,
        replace=yes,
        threads=jobs,
        device=target_device,
        deciding=deciding_of(build, locked=locked, quiet=quiet, threads=jobs),
        warn=Warnings(strict=strict, quiet=quiet),
        strict=strict,
    )
    if as_json:
        from vedc.report.specs import rendered

        print_json(rendered.data(summary))
    elif not quiet:
        say(summary.summary())
