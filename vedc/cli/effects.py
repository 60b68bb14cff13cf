"""``vedc effects``: effects found between files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from vedc.cli.grade import check_free, opened
from vedc.cli.options import (
    Json,
    Messages,
    Quiet,
    command_group,
    expand_groups,
    print_json,
    print_written,
    progress,
    say,
)
from vedc.errors import UsageError

effects = command_group("effects", "Find the effects of an edit.")


@effects.command()
@expand_groups
def fit(
    *,
    raw: Annotated[Path, typer.Argument(metavar="RAW", help="A film or a still, as it was shot.")],
    edit: Annotated[
        Path, typer.Argument(metavar="EDIT", help="The same take, with effects and a grade.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The grade and the effects: a .yaml."),
    ] = None,
    lut: Annotated[
        Path | None,
        typer.Option(
            "--lut", metavar="FILE", help="All of the grade, a .cube, used in place of its steps."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace existing files.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Find the effects, and the grade beneath them, that made EDIT of RAW.

    Both are compared at equal times, or aligned. Without -o, the lists `grade` and `effects` are
    printed to paste into a spec. An effect's share is the part of the difference remaining without
    it that it explains; below 3% it is dropped.
    """
    from vedc.report.effects import fitted
    from vedc.report.progress import SECONDS
    from vedc.workspace.effects.fitting import fit_effects, write_fit

    for file, kinds in ((output, (".yaml", ".yml")), (lut, (".cube",))):
        if file is None:
            continue
        if file.suffix.lower() not in kinds:
            message = f"{file.name}: the name must end in {kinds[0]}"
            hint = f"write {file.with_suffix(kinds[0]).name}"
            raise UsageError.one("bad-option", message, hint=hint)
        check_free(file, (raw, edit), yes)
    media = [opened(file) for file in (raw, edit)]
    if raw.samefile(edit):
        message = f"{raw} and {edit} are one file"
        raise UsageError.one("same-file", message, hint="name the raw file, then the edited one")
    found, notes = fit_effects(media[0], media[1], progress(SECONDS, quiet or as_json))
    named = lut
    if lut is not None and output is not None:  # a spec's paths are relative to its folder
        named = Path(os.path.relpath(lut, output.parent))
    write_fit(found, fitted.yaml(found, named), output, lut)
    if as_json:
        data = fitted.data(found, str(raw), str(edit))
        print_json({**data, "warnings": [*notes, *data["warnings"]]})
    else:
        say(fitted.text(found, str(raw), str(edit), named), end="")
    if quiet:
        return
    if not as_json:
        for doubt in (*notes, *fitted.doubts(found)):
            print(f"warning: {doubt}", file=sys.stderr)
    for file in (output, lut):
        if file is not None:
            print_written(file)
