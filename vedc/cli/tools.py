"""Commands that look at media and need no spec."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vedc.cli.options import Errors, Json, NoColor, print_json, without_color

if TYPE_CHECKING:
    from vedc.decide.analyses.runner import AnalysisRunner
    from vedc.edit.media_info import MediaInfo
    from vedc.report.sheet import Tile

#: As ``vedc.lang.keys.auto.Detector`` has them: loading that here would slow every command.
Detector = Literal["best", "network", "classical", "transnet"]

File = Annotated[Path, typer.Argument(metavar="FILE", help="A media file.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write the table, or the JSON, to FILE."),
]
Edl = Annotated[
    Path | None,
    typer.Option("--edl", metavar="FILE", help="Write an edit decision list, CMX 3600."),
]
Sheet = Annotated[
    Path | None,
    typer.Option("--sheet", metavar="FILE", help="Write a contact sheet: .jpg, .png or .webp."),
]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Where what is found is kept; else .vedc/cache beside FILE if there is one, else "
        "your cache folder.",
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress, only the answer.")]


def probe(file: File, as_json: Json = False) -> None:
    """Tell what a media file holds, as vedc sees it."""
    from vedc.report.inspect import probed, probed_text

    info = probed(file)
    if as_json:
        print_json(info)
    else:
        print(probed_text(info), end="")


def shots(
    file: File,
    detector: Annotated[
        Detector, typer.Option("--detector", help="What finds them; transnet is an extra.")
    ] = "best",
    sheet: Sheet = None,
    edl: Edl = None,
    output: Output = None,
    as_json: Json = False,
    cache: CacheFolder = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """List the shots of a film.

    Tells where each begins and ends, whether with a cut, a dissolve, a fade, a wipe or a slide,
    how sure that is, and which frame stands for it.
    """
    from vedc.report import listings

    _targets(file, edl, output)
    _check_sheet(file, sheet)
    media, analyst = _open(file, cache, quiet)
    found = listings.find_shots(analyst, media, detector)
    written = []
    if sheet:
        written += _write_sheet(
            sheet, media, listings.shot_tiles(found), listings.shots_facts(found)
        )
    if edl:
        written.append(_write(edl, listings.shots_edl(file.name, found)))
    text = listings.shots_text(str(file), found, _color(output))
    written += _give(listings.shots_data(str(file), found) if as_json else text, output)
    _tell(written, quiet)


def keyframes(
    file: File,
    count: Annotated[
        int | None, typer.Option("--count", min=1, max=10_000, help="How many; else as needed.")
    ] = None,
    sheet: Sheet = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="DIR", help="Write the frames, at full size, as PNG."),
    ] = None,
    output: Output = None,
    as_json: Json = False,
    cache: CacheFolder = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """List the frames that stand for a film.

    They are sharp, still and unlike one another.
    """
    from vedc.report import listings

    _targets(file, output)
    _check_sheet(file, sheet)
    media, analyst = _open(file, cache, quiet)
    found = listings.find_keyframes(analyst, media, count)
    written = []
    if sheet:
        written += _write_sheet(
            sheet, media, listings.keyframe_tiles(found), listings.keyframes_facts(found)
        )
    if write:
        written += listings.write_stills(write, media, [k.frame for k in found.frames])
    text = listings.keyframes_text(str(file), found, _color(output))
    written += _give(listings.keyframes_data(found) if as_json else text, output)
    _tell(written, quiet)


def silence(
    file: File,
    threshold: Annotated[
        str | None,
        typer.Option(
            "--threshold",
            metavar="LEVEL",
            help="What is softer is silence, such as -40dB; else found from the file's noise.",
        ),
    ] = None,
    least: Annotated[
        str, typer.Option("--min", metavar="TIME", help="Pauses shorter than this stay.")
    ] = "0.5s",
    margin: Annotated[
        str,
        typer.Option("--margin", metavar="TIME", help="Kept before and after: 0.2s, or 0.1s,0.3s."),
    ] = "0.2s",
    speech: Annotated[
        bool, typer.Option("--speech", help="Only speech counts, whatever else is heard.")
    ] = False,
    edl: Edl = None,
    output: Output = None,
    as_json: Json = False,
    cache: CacheFolder = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """List the pauses of a recording.

    The edit list that --edl writes leaves them out.
    """
    from vedc.report import listings

    _targets(file, edl, output)
    media, analyst = _open(file, cache, quiet)
    found = listings.find_pauses(analyst, media, threshold, least, margin, speech)
    written = []
    if edl:
        written.append(_write(edl, listings.pauses_edl(file.name, found, media)))
    text = listings.pauses_text(str(file), found, _color(output))
    written += _give(listings.pauses_data(found) if as_json else text, output)
    _tell(written, quiet)


def align(
    raw: Annotated[
        list[Path], typer.Argument(metavar="RAW...", help="Raw files, or folders of them.")
    ],
    final: Annotated[Path, typer.Argument(metavar="FINAL", help="The film made of them.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The spec to write.")
    ] = Path("edit.vedc.yaml"),
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace a spec that is there.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Find where a finished film comes from.

    Every moment is looked for in the raw files, whatever was done to it (grade, crop, speed,
    compression), and the film is written as a spec, to be edited and rendered anew.
    """
    from vedc.report import alignment
    from vedc.workspace import aligning, analyses

    aligning.check_target(output, final, yes)
    _targets(final, output)
    progress = analyses.analysis_progress(quiet=quiet, no_color=without_color())
    found = aligning.find(raw, final, progress)
    aligning.write_spec(found, output)
    _give(alignment.data(found) if as_json else alignment.text(found, _color(None)), None)
    _tell([output], quiet)


def _targets(source: Path, *places: Path | None) -> None:
    """Raise, before any work, where a file could not be written at one of these."""
    from vedc.errors import UsageError
    from vedc.media.files import check_target

    for place in filter(None, places):
        if place.exists() and source.exists() and place.samefile(source):
            message = f"{place} is the file that is looked at"
            raise UsageError.one("output-is-input", message, hint="give another name")
        check_target(place)


def _check_sheet(source: Path, target: Path | None) -> None:
    if target is not None:
        from vedc.report.sheet import check_kind

        check_kind(target)
        _targets(source, target)


def _open(file: Path, cache: Path | None, quiet: bool) -> tuple[MediaInfo, AnalysisRunner]:
    from vedc.workspace import analyses

    progress = analyses.analysis_progress(quiet=quiet, no_color=without_color())
    return analyses.opened(file), analyses.analyst_for(file, cache, progress)


def _color(output: Path | None) -> bool:
    return output is None and sys.stdout.isatty() and not without_color()


def _write_sheet(target: Path, media: MediaInfo, tiles: list[Tile], facts: str) -> list[Path]:
    from vedc.report.sheet import write_sheets

    return write_sheets(target, media, tiles, Path(media.path).name, facts)


def _write(target: Path, text: str) -> Path:
    from vedc.media.files import whole_file

    with whole_file(target) as part:
        part.write_text(text, encoding="utf-8")
    return target


def _give(answer: object, output: Path | None) -> list[Path]:
    """Print the answer, or write it."""
    if output is not None:
        import json

        text = answer if isinstance(answer, str) else json.dumps(answer, indent=2) + "\n"
        return [_write(output, text)]
    if isinstance(answer, str):
        print(answer, end="")
    else:
        print_json(answer)
    return []


def _tell(written: list[Path], quiet: bool) -> None:
    if not quiet:
        for place in written:
            print(f"{place}: written", file=sys.stderr)
