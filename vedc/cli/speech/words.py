"""``vedc words`` and ``vedc find``: what is said in recordings, and where."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vedc.cli.options import (
    Messages,
    Output,
    Warnings,
    colored,
    print_json,
    print_written,
    progress,
    say,
)

if TYPE_CHECKING:
    from vedc.captions.spoken import Words

Form = Literal["table", "phrases", "srt", "vtt", "ass", "txt"]
_Script = Annotated[
    Path | None,
    typer.Option(
        "--script",
        metavar="FILE",
        help="A text file of what is said, in English: only the times are looked for.",
    ),
]
_Model = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="DIR",
        help="The folder of a Whisper model; by default the one in models.",
    ),
]
_Language = Annotated[
    str,
    typer.Option(
        "--language", metavar="CODE", help="Language spoken, such as en; by default detected."
    ),
]


def words(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE|SPEC", help="A recording of speech, or a spec.")
    ],
    script: _Script = None,
    model: _Model = None,
    language: _Language = "",
    form: Annotated[
        Form,
        typer.Option(
            "--as",
            help="A table of words, a line for each phrase, or captions as a file of that kind.",
        ),
    ] = "table",
    max_chars: Annotated[
        int, typer.Option("--max-chars", min=10, max=200, help="Letters of a line of captions.")
    ] = 42,
    output: Output,
    messages: Messages,
) -> None:
    """List the words of a recording, with their times.

    With --script they are the words of a text that is read or spoken in the recording, and vedc
    finds their times (extra `align`). Otherwise a speech model on this machine recognises them
    (extra `speech`). Nothing leaves the machine. A word that may be wrong is marked with `?`.

    For a spec, they are the captions of the film, as a file: vedc words film.vedc.yaml --as srt
    """
    from vedc.errors import UsageError
    from vedc.media.files import check_target
    from vedc.report.speech import words as report

    if output.as_json and form != "table":
        message = f"--json and --as {form} are two forms of one result"
        raise UsageError.one("bad-options", message, hint="leave one of them out")
    if output.to_file is not None:
        _check_inputs(output.to_file, file, script)
        check_target(output.to_file)
    if file.suffix.lower() in (".yaml", ".yml"):
        _deliver(_of_film(file, form, script, model, language, output), output)
        return
    found = _words_of(file, script, model, language, output)
    name = str(file)
    if output.as_json:
        _deliver(report.data(name, found), output)
    elif form == "table":
        _deliver(report.text(name, found, colored(output.to_file)), output)
    elif form == "phrases":
        _deliver(report.packed(name, found), output)
    else:
        text, fast = report.captions(found, form, max_chars)
        if fast and not output.quiet:
            print(f"note: {fast}", file=sys.stderr)
        _deliver(text, output)


def find(
    *,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is said: a few words.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILES...", help="Recordings of speech.")],
    script: _Script = None,
    model: _Model = None,
    language: _Language = "",
    output: Output,
    messages: Messages,
) -> None:
    """Find where something is said in recordings.

    A word may be misheard or missing: the score, up to 1, says how closely a place matches.
    Exits with 0 even if nothing is found; --json then has no hits.
    """
    from vedc.decide.words.search import search
    from vedc.errors import UsageError
    from vedc.media.files import check_target
    from vedc.report.speech import hits

    if not any(character.isalnum() for character in text):
        message = "there are no words to find"
        raise UsageError.one("bad-options", message, hint="vedc find 'next quarter' talk.mp4")
    if script is not None and len(files) > 1:
        message = "--script is the text of one file"
        raise UsageError.one("bad-options", message, hint="name one file")
    if output.to_file is not None:
        _check_inputs(output.to_file, *files, script)
        check_target(output.to_file)
    spoken = [(file, _words_of(file, script, model, language, output)) for file in files]
    found = [(file, each, search(each, text)) for file, each in spoken]
    if output.as_json:
        _deliver(hits.data(text, found), output)
    else:
        _deliver(hits.text(text, found, colored(output.to_file)), output)


def _of_film(
    spec: Path,
    form: Form,
    script: Path | None,
    model: Path | None,
    language: str,
    output: Output,
) -> str:
    """The captions of a film as a file of them. Raises UsageError for options that do not apply."""
    from vedc.cli.options import deciding_of
    from vedc.errors import UsageError
    from vedc.report.speech.film import film_captions
    from vedc.workspace.build import Build

    if form not in ("srt", "vtt", "ass", "txt"):
        message = "the words of a film are its captions, which are written as a file"
        raise UsageError.one("bad-options", message, hint="add --as srt, vtt, ass or txt")
    if script is not None or model is not None or language:
        message = "--script, --model and --language are for recordings"
        hint = "write them in the spec: captions: {script: talk.txt}"
        raise UsageError.one("bad-options", message, hint=hint)
    deciding = deciding_of(Build(spec), quiet=output.quiet)
    film = deciding.build.edits(deciding)[0]
    deciding.save()
    return film_captions(film, form)


def _words_of(
    file: Path, script: Path | None, model: Path | None, language: str, output: Output
) -> Words:
    from vedc.report.progress import SECONDS
    from vedc.workspace.analyses import open_media, runner_for
    from vedc.workspace.speech.words import find_words

    media = open_media(file)
    runner = runner_for(file, output.cache, progress(SECONDS, output.quiet))
    found = find_words(runner, media, script, model, language)
    if script is not None:
        from vedc.decide.words.script_check import script_warning

        warning = script_warning(script, found.words, media.path)
        Warnings(quiet=output.quiet)([warning] if warning is not None else [])
    return found


def _check_inputs(target: Path, *sources: Path | None) -> None:
    """Raise UsageError if the result would replace an input."""
    from vedc.errors import UsageError

    for source in filter(None, sources):
        if target.exists() and source.exists() and target.samefile(source):
            message = f"{target} is an input file"
            raise UsageError.one("output-is-input", message, hint="give another name")


def _deliver(result: object, output: Output) -> None:
    from vedc.media.files import whole_file
    from vedc.support.printable import to_json

    if output.to_file is not None:
        text = result if isinstance(result, str) else to_json(result) + "\n"
        with whole_file(output.to_file) as part:
            part.write_text(text, encoding="utf-8")
        if not output.quiet:
            print_written(output.to_file)
    elif isinstance(result, str):
        say(result, end="")
    else:
        print_json(result)
