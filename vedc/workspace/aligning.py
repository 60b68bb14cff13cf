"""``vedc align``: from raw files and a finished film to a spec."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vedc.decide.align.alignment import Alignment
from vedc.decide.analyses.analysis import Progress
from vedc.errors import MissingError, SpecError, UsageError, UserError
from vedc.lang.schema.records import Key, ListOf, Record, Several
from vedc.lang.schema.values import Text
from vedc.lang.yaml.load import load
from vedc.lang.yaml.tree import Problems
from vedc.media.files import whole_file
from vedc.workspace.analyses import open_media

#: Extensions of films in a folder. Files named explicitly may have any extension.
FILMS: Final = (
    ".avi", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv",
    ".ts", ".webm", ".wmv",
)  # fmt: skip


def films_in(places: Sequence[Path]) -> list[Path]:
    """The files among ``places``, and the films in its folders by name, without repetitions.

    Raises MissingError ``no-films`` for a folder without films.
    """
    found: list[Path] = []
    for place in places:
        if not place.is_dir():
            found.append(place)
            continue
        held = sorted(p for p in place.iterdir() if p.suffix.lower() in FILMS and p.is_file())
        if not held:
            message = f"the folder {place} contains no films"
            raise MissingError.one(
                "no-films", message, hint="name the folder that contains the raw files"
            )
        found += held
    return list(dict.fromkeys(found))


def find(raws: Sequence[Path], final: Path, progress: Progress | None) -> Alignment:
    """Find the source of each moment of ``final``."""
    from vedc.decide.align.alignment import align

    film = open_media(final)
    # A finished film is often in the folder of its raw files.
    files = [path for path in films_in(raws) if not (path.exists() and path.samefile(final))]
    if not files:
        message = f"there are no raw files besides {final}"
        raise UsageError.one("no-raw", message, hint="vedc align RAW... FINAL")
    return align(film, [open_media(path) for path in files], progress)


def check_target(target: Path, final: Path, replace: bool) -> None:
    """Raise UsageError ``output-exists`` if the spec would overwrite a file."""
    if target.exists() and (not replace or target.samefile(final)):
        message = f"{target} already exists"
        raise UsageError.one(
            "output-exists", message, hint="name a new file with -o, or replace it with -y"
        )


def write_spec(found: Alignment, target: Path) -> None:
    from vedc.decide.align.to_spec import as_spec

    text = as_spec(found, target.absolute().parent)
    with whole_file(target) as part:
        part.write_text(text, encoding="utf-8")


_PAIR: Final = Record(
    "pair",
    "A finished film and the raw files that it was cut from.",
    (
        Key("film", Text("a file", like="film.mp4"), "The film.", required=True),
        Key(
            "raw",
            Several(Text("a file or a folder", like="raw/"), "file"),
            "Its raw files, or their folder.",
            required=True,
            example="raw: [a.mp4, b.mp4]",
        ),
    ),
)
_PAIRS: Final = ListOf(_PAIR, "pair", empty="empty-list")


def pairs_of(file: Path) -> list[tuple[Path, list[Path]]]:
    """Films with their raw files, from a YAML list of ``{film, raw}``.

    Paths are relative to its folder. Raises MissingError for a missing file and SpecError for
    mistakes in the list.
    """
    tree = load(file).root
    problems = Problems()
    _PAIRS.check(tree, "the list of pairs", problems)
    if problems:
        raise SpecError(tuple(problems))
    found = []
    for pair in _PAIRS.canonical(tree):
        film = file.parent / pair["film"].text
        raws: list[Path] = []
        for named in pair["raw"]:
            try:
                raws += films_in([file.parent / named.text])
                for path in raws:
                    open_media(path)
            except UserError as error:
                raise error.at(named.location) from None
        try:
            open_media(film)
        except UserError as error:
            raise error.at(pair["film"].location) from None
        found.append((film, raws))
    return found
