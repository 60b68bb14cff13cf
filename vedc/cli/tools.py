"""Commands that analyse media files and need no spec."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vedc.cli.options import (
    Json,
    Messages,
    Output,
    Quiet,
    colored,
    print_json,
    print_written,
    progress,
    say,
)
from vedc.support.printable import to_json

if TYPE_CHECKING:
    from vedc.decide.analyses.runner import AnalysisRunner
    from vedc.edit.media_info import MediaInfo
    from vedc.workspace.sheets.page import Tile

#: The same as ``vedc.lang.keys.auto.Detector``, which takes longer to import.
Detector = Literal["best", "network", "classical", "transnet"]

File = Annotated[Path, typer.Argument(metavar="FILE", help="A media file.")]
Edl = Annotated[
    Path | None,
    typer.Option("--edl", metavar="FILE", help="Write a CMX 3600 edit decision list."),
]
Sheet = Annotated[
    Path | None,
    typer.Option("--sheet", metavar="FILE", help="Write a contact sheet: .jpg, .png or .webp."),
]


def probe(*, file: File, as_json: Json = False) -> None:
    """Show what a media file contains, as vedc reads it, and the spec that made it."""
    from vedc.media.mark import read_mark
    from vedc.report import probe
    from vedc.workspace.analyses import open_media

    info, mark = open_media(file), read_mark(file)
    if as_json:
        print_json(probe.data(info, mark))
    else:
        say(probe.text(info, mark), end="")


def shots(
    *,
    file: File,
    detector: Annotated[
        Detector, typer.Option("--detector", help="Shot detector; transnet is an optional extra.")
    ] = "best",
    sheet: Sheet = None,
    edl: Edl = None,
    output: Output,
    messages: Messages,
) -> None:
    """List the shots of a film.

    For each shot: where it begins and ends, whether it begins with a cut, a dissolve, a fade, a
    wipe or a slide, how certain that is, and its key frame.
    """
    from vedc.report import shots
    from vedc.workspace.analyses import find_shots

    _check_targets(file, edl, output.to_file, sheet=sheet)
    media, runner = _open(file, output)
    found = find_shots(runner, media, detector)
    written = []
    if sheet:
        written += _write_sheet(sheet, media, shots.tiles(found), shots.facts(found))
    if edl:
        written.append(_write(edl, shots.edl(file.name, found)))
    name = str(file)
    text = shots.text(name, found, colored(output.to_file))
    _deliver(shots.data(name, found) if output.as_json else text, output, written)


def noise(*, file: File, output: Output, messages: Messages) -> None:
    """Measure the noise of each shot of a film, and name the effect that removes it.

    Noise is a standard deviation, of 255. A shot with less than 2 is clean enough.
    """
    from vedc.report import noise
    from vedc.workspace.analyses import find_noise

    _check_targets(file, output.to_file)
    media, runner = _open(file, output)
    shots, found = find_noise(runner, media)
    name = str(file)
    text = noise.text(name, shots, found, colored(output.to_file))
    _deliver(noise.data(name, shots, found) if output.as_json else text, output, [])


def keyframes(
    *,
    file: File,
    count: Annotated[
        int | None,
        typer.Option("--count", min=1, max=10_000, help="Number of frames, by default as needed."),
    ] = None,
    sheet: Sheet = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="DIR", help="Write the frames as full-size PNG files."),
    ] = None,
    output: Output,
    messages: Messages,
) -> None:
    """List the key frames that summarise a film.

    They are sharp and still, and no two look alike.
    """
    from vedc.report import keyframes
    from vedc.workspace.analyses import find_keyframes

    _check_targets(file, output.to_file, sheet=sheet)
    media, runner = _open(file, output)
    found = find_keyframes(runner, media, count)
    written = []
    if sheet:
        written += _write_sheet(sheet, media, keyframes.tiles(found), keyframes.facts(found))
    if write:
        written += keyframes.write_stills(write, media, found)
    text = keyframes.text(str(file), found, colored(output.to_file))
    _deliver(keyframes.data(found) if output.as_json else text, output, written)


def silence(
    *,
    file: File,
    threshold: Annotated[
        str | None,
        typer.Option(
            "--threshold",
            metavar="LEVEL",
            help="Level below which sound counts as silence, such as -40dB; by default it is "
            "derived from the file's noise.",
        ),
    ] = None,
    shortest: Annotated[
        str, typer.Option("--min", metavar="TIME", help="Length of the shortest pause.")
    ] = "0.5s",
    margin: Annotated[
        str,
        typer.Option(
            "--margin", metavar="TIME", help="Keep this much around sound: 0.2s, or 0.1s,0.3s."
        ),
    ] = "0.2s",
    speech: Annotated[
        bool, typer.Option("--speech", help="Treat everything but speech as silence.")
    ] = False,
    edl: Edl = None,
    output: Output,
    messages: Messages,
) -> None:
    """List the pauses of a recording.

    The edit decision list that --edl writes leaves them out.
    """
    from vedc.report import pauses
    from vedc.workspace.pauses import find_pauses

    _check_targets(file, edl, output.to_file)
    media, runner = _open(file, output)
    found = find_pauses(runner, media, threshold, shortest, margin, speech)
    written = [_write(edl, pauses.edl(file.name, found, media))] if edl else []
    text = pauses.text(str(file), found, colored(output.to_file))
    _deliver(pauses.data(found) if output.as_json else text, output, written)


def beats(*, file: File, output: Output, messages: Messages) -> None:
    """List the beats of music.

    For each beat: when it sounds and how strong it is, from 0 to 1. The tempo is in beats a
    minute.
    """
    from vedc.report import beats
    from vedc.workspace.analyses import find_beats

    _check_targets(file, output.to_file)
    media, runner = _open(file, output)
    found = find_beats(runner, media)
    name = str(file)
    text = beats.text(name, found, colored(output.to_file))
    _deliver(beats.data(name, found) if output.as_json else text, output, [])


def align(
    *,
    raw: Annotated[
        list[Path], typer.Argument(metavar="RAW...", help="Raw files, or folders of them.")
    ],
    final: Annotated[Path, typer.Argument(metavar="FINAL", help="The film made from them.")],
    target: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The spec to write.")
    ] = Path("edit.vedc.yaml"),
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing spec.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Reconstruct the spec of a finished film from its raw files.

    Each moment of the film is searched for in the raw files, even after grading, cropping, speed
    changes and compression. The result is a spec that you can edit and render.
    """
    from vedc.report import alignment
    from vedc.report.progress import SECONDS
    from vedc.workspace import aligning

    aligning.check_target(target, final, yes)
    _check_targets(final, target)
    found = aligning.find(raw, final, progress(SECONDS, quiet))
    aligning.write_spec(found, target)
    result = alignment.data(found) if as_json else alignment.text(found, colored())
    _deliver(result, Output(quiet=quiet), [target])


def _check_targets(source: Path, *targets: Path | None, sheet: Path | None = None) -> None:
    """Raise, before any work is done, if a file cannot be written."""
    from vedc.errors import UsageError
    from vedc.media.files import check_target

    if sheet is not None:
        from vedc.workspace.sheets.page import check_kind

        check_kind(sheet)
    for target in filter(None, (*targets, sheet)):
        if target.exists() and source.exists() and target.samefile(source):
            message = f"{target} is the input file"
            raise UsageError.one("output-is-input", message, hint="give another name")
        check_target(target)


def _open(file: Path, output: Output) -> tuple[MediaInfo, AnalysisRunner]:
    from vedc.report.progress import SECONDS
    from vedc.workspace import analyses

    shown = progress(SECONDS, output.quiet)
    return analyses.open_media(file), analyses.runner_for(file, output.cache, shown)


def _write_sheet(target: Path, media: MediaInfo, tiles: list[Tile], facts: str) -> list[Path]:
    from vedc.report.sheets.sheet import write_sheets

    return write_sheets(target, media, tiles, Path(media.path).name, facts)


def _write(target: Path, text: str) -> Path:
    from vedc.media.files import whole_file

    with whole_file(target) as part:
        part.write_text(text, encoding="utf-8")
    return target


def _deliver(result: object, output: Output, written: list[Path]) -> None:
    """Print the result, or write it to the output file; then name the files written."""
    if output.to_file is not None:
        text = result if isinstance(result, str) else to_json(result) + "\n"
        written = [*written, _write(output.to_file, text)]
    elif isinstance(result, str):
        say(result, end="")
    else:
        print_json(result)
    if not output.quiet:
        print_written(*written)
