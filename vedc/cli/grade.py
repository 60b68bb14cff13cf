"""``vedc grade``: grades found from pictures, and written as looks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

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
from vedc.errors import RenderError, UsageError

if TYPE_CHECKING:
    from vedc.edit.media_info import MediaInfo
    from vedc.workspace.grading import Matched

grade = command_group("grade", "Find the grade between files, as steps or as a look.")


@grade.command()
@expand_groups
def fit(
    *,
    raw: Annotated[Path, typer.Argument(metavar="RAW", help="A film or a still, ungraded.")],
    graded: Annotated[
        Path, typer.Argument(metavar="GRADED", help="The same, graded; also cropped, with titles.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="A .cube, .clf, .cdl, .cc, .ccc or .yaml.",
        ),
    ] = None,
    detail: Annotated[
        Literal["steps", "lut"] | None,
        typer.Option("--detail", help="What a table holds: all of the grade (lut), or its steps."),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing file.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Find the grade that made GRADED of RAW.

    Both are compared at equal times, or aligned. Without -o, its steps are printed as YAML to
    paste into a spec. Differences are CIEDE2000, averaged over the pictures.
    """
    from vedc.decide.grades.fit.pair_fit import fit as find
    from vedc.decide.grades.fit.pair_frames import pair_frames
    from vedc.report.grades import fitted
    from vedc.report.grades.looks import write_look
    from vedc.report.progress import SECONDS

    if detail is not None and output is None:
        message = f"--detail {detail} applies to the file that -o names"
        raise UsageError.one("bad-option", message, hint="add -o look.cube")
    if output is not None:
        _check_target(output, detail, (raw, graded), yes)
    media = [opened(file) for file in (raw, graded)]
    if raw.samefile(graded):
        message = f"{raw} and {graded} are one file"
        hint = "name the raw file, then the graded one"
        raise UsageError.one("same-file", message, hint=hint)
    pictures = pair_frames(media[0], media[1], progress(SECONDS, quiet or as_json))
    found = find(*pictures)
    lost = [] if output is None else write_look(output, found, pictures[0], detail)
    if as_json:
        data = fitted.data(found, str(raw), str(graded))
        print_json({**data, "warnings": [*data["warnings"], *lost]})
    else:
        say(fitted.text(found, str(raw), str(graded)), end="")
    if quiet:
        return
    if not as_json:
        for doubt in (*fitted.doubts(found), *lost):
            print(f"warning: {doubt}", file=sys.stderr)
    if output is not None:
        print_written(output)


@grade.command()
@expand_groups
def match(
    *,
    clip: Annotated[Path, typer.Argument(metavar="CLIP", help="The film or still to grade.")],
    reference: Annotated[
        Path, typer.Option("--to", metavar="FILE", help="The film or still to match.")
    ],
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="A time in the reference: only its shot is matched."
        ),
    ] = None,
    strength: Annotated[
        float,
        typer.Option(
            "--strength", min=0.0, max=1.0, help="Strength of the match: 1 goes all the way."
        ),
    ] = 1.0,
    shot: Annotated[
        int | None,
        typer.Option("--shot", metavar="N", min=1, help="Only this shot of CLIP, counted from 1."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The look: .cube, .cdl, .cc, .ccc or .yaml."
        ),
    ] = None,
    detail: Annotated[
        Literal["steps", "lut"] | None,
        typer.Option("--detail", help="What a .cube holds: all of the grade (lut), or its steps."),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing file.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Find the grade that makes CLIP look like another film or still.

    The same decision as ``{auto: {match: FILE}}`` in a spec, shot by shot. Without -o, its steps
    are printed to paste.
    """
    from vedc.report.grades import matched
    from vedc.report.grades.looks import write_look
    from vedc.report.progress import SECONDS
    from vedc.workspace.grading import match as decide

    if detail is not None and output is None:
        message = f"--detail {detail} applies to the file that -o names"
        raise UsageError.one("bad-option", message, hint="add -o look.cube")
    if output is not None:
        _check_target(output, detail, (clip, reference), yes)
    _check_sdr(clip, reference)
    shown = progress(SECONDS, quiet or as_json)
    found = decide(clip, reference, at=at, strength=strength, progress=shown)
    if shot is not None:
        found = _only(found, shot, clip)
    if output is not None and len(found.shots) > 1:
        message = f"{clip} has {len(found.shots)} shots, each with a grade of its own"
        hint = f"choose one with --shot 1 to {len(found.shots)}, or use the spec's auto step"
        raise UsageError.one("many-shots", message, hint=hint)
    if output is not None and not found.shots[0][2].steps:
        message = f"no grade brings {clip} much nearer to {reference}: there is no look to write"
        raise RenderError.one("no-grade", message, hint="leave it as it is, or name another still")
    lost: list[str] = []
    if output is not None:
        seen, _, decision = found.shots[0]
        fitted = matched.as_fit(seen, decision, found.canvas)
        lost = write_look(output, fitted, list(seen.pictures), detail)
    if as_json:
        print_json({**matched.data(found, str(clip), str(reference)), "warnings": lost})
    else:
        say(matched.text(found, str(clip), str(reference)), end="")
    if quiet:
        return
    if not as_json:
        for doubt in lost:
            print(f"warning: {doubt}", file=sys.stderr)
    if output is not None:
        print_written(output)


@grade.command()
@expand_groups
def learn(
    *,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="raw/NAME.* and graded/NAME.*, or NAME.raw.* and NAME.graded.*; films or stills.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The look, a .json.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            metavar="DIR",
            help="Cache folder, by default .vedc/cache beside the files if there is one, otherwise "
            "your user cache folder.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing file.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Learn a look from many pairs of raw and graded footage.

    Files of one sub-folder count as one source; looks are judged on held-out sources. The look is
    one grade for all, or a grade that depends on the shot where that is better by more than chance.
    In a spec: grade: [{auto: {look: look.json}}]
    """
    from vedc.decide.grades.looks.learn import learn as find
    from vedc.decide.grades.looks.look_file import write_look
    from vedc.report.grades import learned
    from vedc.report.progress import SECONDS
    from vedc.workspace.looks.examples import gather
    from vedc.workspace.looks.pairs import find_pairs

    if output is not None:
        if output.suffix.lower() != ".json":
            message = f"{output.name}: the name of a learned look must end in .json"
            hint = f"write -o {output.stem or 'look'}.json; `vedc grade fit` writes other looks"
            raise UsageError.one("bad-look", message, hint=hint)
        check_free(output, (), yes)
    pairs, left = find_pairs(folder, () if output is None else (output,))
    gathered = gather(pairs, cache, progress(SECONDS, quiet or as_json))
    left = sorted([*left, *gathered.left], key=lambda each: each.name)
    look = find(gathered.examples)
    result = look, gathered.colors, gathered.shots, left, str(folder)
    if output is not None:
        write_look(output, look, gathered.colors)
    if as_json:
        print_json(learned.data(*result))
    else:
        say(learned.text(*result), end="")
    if quiet:
        return
    if not as_json:
        for doubt in learned.doubts(look):
            print(f"warning: {doubt}", file=sys.stderr)
    if output is not None:
        print_written(output)


def _only(found: Matched, shot: int, clip: Path) -> Matched:
    from vedc.workspace.grading import Matched

    if shot > len(found.shots):
        count = len(found.shots)
        shots = "shot" if count == 1 else "shots"
        hint = f"give 1 to {count}" if count > 1 else "leave --shot out"
        message = f"--shot {shot}: {clip} has {count} {shots}"
        raise UsageError.one("bad-option", message, hint=hint)
    return Matched(found.shots[shot - 1 : shot], found.canvas)


def _check_sdr(*files: Path) -> None:
    """Raise RenderError for an HDR file: grades are learned from display values of SDR."""
    from vedc.color import HDR_TRANSFERS

    for file in files:
        video = opened(file).video
        if video is not None and video.color.transfer in HDR_TRANSFERS:
            message = f"{file} is HDR; colours are matched in display values of SDR"
            hint = "use a spec, {auto: {match: ...}} on a canvas of bt709, which tone-maps it"
            raise RenderError.one("hdr-match", message, hint=hint)


def opened(file: Path) -> MediaInfo:
    from vedc.workspace.analyses import open_media

    media = open_media(file)
    if media.video is None:
        message = f"{file} has no picture"
        raise RenderError.one("no-picture", message, hint="name films or stills")
    return media


def _check_target(
    output: Path, detail: Literal["steps", "lut"] | None, sources: tuple[Path, ...], yes: bool
) -> None:
    from vedc.report.grades.looks import check_kind

    check_kind(output, detail)
    check_free(output, sources, yes)


def check_free(output: Path, sources: tuple[Path, ...], yes: bool) -> None:
    from vedc.media.files import check_target

    if output.exists():
        if any(source.exists() and output.samefile(source) for source in sources):
            message = f"{output} is an input file"
            raise UsageError.one("output-is-input", message, hint="give another name")
        if not yes:
            message = f"{output} already exists"
            hint = "replace it with -y, or write elsewhere with -o"
            raise UsageError.one("output-exists", message, hint=hint)
    check_target(output)
