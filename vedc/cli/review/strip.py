"""``vedc strip``: a stretch of footage or of a film in one picture."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedc.cli.options import (
    Cache,
    Json,
    Messages,
    PartOptions,
    Quiet,
    print_json,
    print_written,
    progress,
)
from vedc.errors import MissingError, UsageError

if TYPE_CHECKING:
    from PIL import Image

    from vedc.captions.spoken import SpokenWord
    from vedc.decide.analyses.runner import AnalysisRunner
    from vedc.edit.media_info import MediaInfo
    from vedc.edit.model import Edit
    from vedc.review.strip.seen import Strip

_Drawn = tuple["Strip", "list[Image.Image]"]


def strip(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE|SPEC", help="A media file, or a spec.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="The picture: .png, .jpg or .webp."),
    ],
    script: Annotated[
        Path | None,
        typer.Option(
            "--script", metavar="FILE", help="A text file of what is said, as for vedc words."
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="A speech model, as for vedc words."),
    ] = None,
    part: PartOptions,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace an existing file.")] = False,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Draw a stretch of a file or a film: filmstrip, waveform, words, shots and places to cut.

    Words of a file are found with --script or --model, as by vedc words; those of a spec are the
    captions of its film. Bars below show where it can be cut: green in pauses, the higher the
    better, orange where shots change.
    """
    from vedc.media.files import check_target
    from vedc.report.sheets import strip as report
    from vedc.workspace.sheets.page import check_kind

    check_kind(output)
    check_target(output)
    if output.exists() and (not yes or (file.exists() and output.samefile(file))):
        hint = "replace it with -y, or write elsewhere with -o"
        raise UsageError.one("output-exists", f"{output} already exists", hint=hint)
    quiet = quiet or as_json
    if file.suffix.lower() in (".yaml", ".yml"):
        if script is not None or model is not None:
            message = "the words of a film are its captions: --script and --model are for files"
            raise UsageError.one("bad-options", message, hint="leave them out")
        found, pictures = _of_film(file, part, cache, quiet)
    else:
        found, pictures = _of_file(file, part, script, model, cache, quiet)
    report.write_strip(output, found, pictures)
    if as_json:
        print_json(report.data(found))
    if not quiet:
        print_written(output)


def _of_file(
    file: Path,
    part: PartOptions,
    script: Path | None,
    model: Path | None,
    cache: Path | None,
    quiet: bool,
) -> _Drawn:
    from vedc.report.progress import SECONDS
    from vedc.report.sheets.stills import stills
    from vedc.report.sheets.strip import columns_of, times_of
    from vedc.review.strip.seen import level_of, shots_of_file, strip_of
    from vedc.workspace.analyses import open_media, runner_for
    from vedc.workspace.pauses import SOUND_RATE

    media = open_media(file)
    if media.duration is None or media.kind == "image":
        message = f"'{file}' is a picture, which has no stretch of time"
        raise UsageError.one("no-length", message, hint="name a film or a sound")
    video = media.video if media.kind == "video" else None
    rate = video.rate if video is not None else SOUND_RATE
    length = media.clip_length or media.duration
    span = _span(part, rate, length)
    runner = runner_for(file, cache, progress(SECONDS, quiet))
    sound = level_of(runner, media)
    words, why_no_words = _words(runner, media, script, model)
    if why_no_words and not quiet:
        print(f"note: no words are shown: {why_no_words}", file=sys.stderr)
    found = strip_of(str(file), span, rate, sound, words, shots_of_file(runner, media))
    found = replace(found, why_no_words=why_no_words)
    if video is None:
        return found, []
    across, down = video.display_size
    count, *size = columns_of(across / down)
    last = max(int(length * rate) - 1, 0)
    frames = [min(int(time * rate), last) for time in times_of(found, count)]
    return found, list(stills(media, frames, (size[0] // 2 * 2, size[1] // 2 * 2)))


def _words(
    runner: AnalysisRunner, media: MediaInfo, script: Path | None, model: Path | None
) -> tuple[tuple[SpokenWord, ...], str | None]:
    """The words of a file, and why none are looked for: neither a script nor a model is given, and
    none is installed."""
    from vedc.workspace.speech.words import find_words

    if media.audio is None and script is None and model is None:
        return (), None
    try:
        return find_words(runner, media, script, model).words, None
    except MissingError as error:
        if script is not None or model is not None:
            raise
        (problem,) = error.problems
        return (), f"{problem.message}; {problem.hint}"


def _span(part: PartOptions, rate: Fraction, length: Fraction) -> tuple[Fraction, Fraction]:
    """The stretch of a file in seconds. Raises UsageError ``bad-time``."""
    from vedc.edit.timecode import brief
    from vedc.edit.times import parse_time

    ends = [Fraction(0), length]
    for place, (option, text) in enumerate((("--from", part.start), ("--to", part.end))):
        if text is not None:
            try:
                ends[place] = parse_time(text, from_end=True).seconds(rate, length)
            except ValueError as error:
                raise UsageError.one("bad-time", f"{option}: {error}") from None
    begin, end = ends
    if not 0 <= begin < end or end > length:
        message = f"nothing of the file lies between {brief(begin)} and {brief(end)}"
        hint = f"it is {brief(length)} long: give --from before --to"
        raise UsageError.one("bad-time", message, hint=hint)
    return begin, end


def _of_film(spec: Path, part: PartOptions, cache: Path | None, quiet: bool) -> _Drawn:
    from vedc.cli.options import deciding_of, print_warnings
    from vedc.decide.analyses.results import Curves, Spans
    from vedc.report.sheets.strip import columns_of, times_of
    from vedc.report.speech.film import film_words
    from vedc.review.compare.sides import Drawing, SpecSide
    from vedc.review.strip.seen import level_of, shots_of_film, strip_of
    from vedc.workspace.analyses import open_media, runner_for
    from vedc.workspace.build import Build
    from vedc.workspace.film_frames import at_size, film_frames, pictured
    from vedc.workspace.moments import Part

    build = Build(spec, cache=cache)
    deciding = deciding_of(build, quiet=quiet)
    film: Edit = build.edits(deciding)[0]
    print_warnings(deciding)
    deciding.save()
    fps = film.profile.fps
    first, end = Part(part.start, part.end).of(film) or (0, film.duration)
    with SpecSide(str(spec), build, film).sound(Drawing()) as sound_file:
        sound: tuple[Curves | None, Spans] = None, Spans()
        if sound_file is not None:
            media = open_media(sound_file)
            sound = level_of(runner_for(sound_file, build.folder), media)
    span = first / fps, end / fps
    found = strip_of(str(spec), span, fps, sound, film_words(film), shots_of_film(film))
    pictures_build = pictured(build)
    drawing = deciding_of(pictures_build, quiet=quiet)
    (canvas,) = pictures_build.edits(drawing)
    if not canvas.profile.width:
        return found, []
    count, width, height = columns_of(canvas.profile.width / canvas.profile.height)
    frames = [min(int(time * fps), film.duration - 1) for time in times_of(found, count)]
    scale = min(Fraction(1), Fraction(width, canvas.profile.width) * 2)
    small = at_size(pictures_build, canvas, scale, drawing)
    with film_frames(pictures_build, small, frames) as drawn:
        return found, list(_opened(drawn.files, (width, height)))


def _opened(files: list[Path], size: tuple[int, int]) -> Iterator[Image.Image]:
    from PIL import Image

    for file in files:
        with Image.open(file) as picture:
            yield picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
