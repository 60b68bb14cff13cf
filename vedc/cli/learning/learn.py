"""``vedc learn``: the style of finished films, for ``auto``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from vedc.cli.options import (
    Json,
    Messages,
    Quiet,
    colored,
    print_json,
    print_written,
    progress,
    say,
)
from vedc.errors import UsageError


def learn(
    *,
    raw: Annotated[
        list[Path], typer.Argument(metavar="RAW...", help="Raw files, or folders of them.")
    ],
    edit: Annotated[
        list[Path],
        typer.Option("--edit", metavar="FILM", help="A film made from them. Repeatable."),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="DIR", help="Folder for the style and its card."),
    ],
    score: Annotated[
        bool,
        typer.Option(
            "--score/--no-score", help="Render the rebuilt films and compare them with the films."
        ),
    ] = True,
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            metavar="DIR",
            help="Cache folder of analyses, by default .vedc/cache beside the style if there is "
            "one, otherwise your user cache folder.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing style.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Learn the style of finished films from them and their raw files.

    Each film is aligned with the raw files and rebuilt as a spec: clips, transitions, crops, grade,
    effects. From all of them vedc learns what is kept and where cuts are, how clips are joined, how
    long shots are, and the look. Each part is judged on held-out films; one that is not better than
    vedc's own is not used. If it is interrupted, the same command resumes it.

    In a spec: auto: {from: [...], style: DIR/style.json}
    """
    from vedc.report.learning import learned as report
    from vedc.report.progress import SECONDS
    from vedc.workspace.learning.learn import CARD, STYLE
    from vedc.workspace.learning.learn import learn as find

    if (output / STYLE).exists() and not yes:
        message = f"{output / STYLE} already exists"
        hint = "replace it with -y, or learn into another folder"
        raise UsageError.one("output-exists", message, hint=hint)
    if output.exists() and not output.is_dir():
        message = f"{output} is a file; a style is a folder"
        raise UsageError.one("bad-option", message, hint="give another name with -o")
    silent = quiet or as_json
    named = [*raw, *(part for film in edit for part in ("--edit", film)), "-o", output]
    found = find(
        raw,
        edit,
        output,
        render=score,
        cache=cache,
        progress=progress(SECONDS, silent),
        on_message=(lambda text: None) if silent else _print_message,
        command=f"vedc learn {shlex.join(map(str, named))}" + ("" if score else " --no-score"),
    )
    if as_json:
        print_json(report.data(found))
    else:
        say(report.text(found, colored()), end="")
    if quiet:
        return
    if not as_json:
        for doubt in report.doubts(found):
            print(f"warning: {doubt}", file=sys.stderr)
    print_written(output / STYLE, output / CARD)


def _print_message(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
