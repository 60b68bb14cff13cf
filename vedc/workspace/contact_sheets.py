"""The contact sheets among the outputs of a spec."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vedc.edit.model import Edit
from vedc.errors import Problem, UsageError
from vedc.execute.devices.device import Device
from vedc.execute.output import RenderSummary
from vedc.execute.progress import Progress
from vedc.media.files import make_folder
from vedc.workspace.build import Build, Deciding
from vedc.workspace.film_frames import at_size, film_frames, pictures

if TYPE_CHECKING:
    from vedc.workspace.sheets.film_sheet import FilmSheet


def sheet_of(film: Edit, name: str) -> FilmSheet | None:
    """The contact sheet of an output, if it is one; ``name`` is the spec's."""
    sheet = film.output.sheet
    if sheet is None:
        return None
    from vedc.workspace.sheets.film_sheet import FilmSheet

    frames = sheet.frames(film.part or (0, film.duration), film.profile.fps)
    return FilmSheet(Path(film.output.path), name, film, frames, sheet.columns)


def check_pages(films: Sequence[Edit], sheets: Sequence[FilmSheet]) -> None:
    """Raise UsageError ``same-output`` if a further page of a sheet is another output."""
    taken = {Path(film.output.path) for film in films}
    for sheet in sheets:
        for page in sheet.pages[1:]:
            if page in taken:
                message = f"{page.name} is the name of a page of {sheet.target.name}, too"
                hint = "choose another name, or show fewer pictures"
                raise UsageError.one("same-output", message, sheet.film.output.location, hint)


def make_sheet(
    sheet: FilmSheet,
    build: Build,
    deciding: Deciding,
    *,
    threads: int,
    progress: Progress | None,
    device: Device | None,
    strict: bool,
    written: Callable[[Path], None],
) -> RenderSummary:
    """Draw the pictures of a contact sheet and write its pages; ``written`` is called for each."""
    film = at_size(build, sheet.film, sheet.scale, deciding)
    with film_frames(
        build,
        film,
        sheet.frames,
        device=device,
        threads=threads,
        progress=progress,
        title=sheet.target.name,
        strict=strict,
    ) as drawn:
        for page in sheet.pages:
            if str(page) in drawn.read:
                message = f"{page} is an input of the film, which a page of the sheet would destroy"
                hint = "choose another name for the sheet"
                raise UsageError.one("output-is-input", message, film.output.location, hint)
        make_folder(sheet.target.parent)
        pages = sheet.write(drawn.files)
    for page in pages:
        written(page)
    return _summary(sheet, pages, drawn.summaries)


def _summary(
    sheet: FilmSheet, pages: Sequence[Path], pictures: Sequence[RenderSummary]
) -> RenderSummary:
    total = RenderSummary(str(sheet.target), len(sheet.frames), 0, pages=[str(p) for p in pages])
    for each in pictures:
        total.segments += each.segments
        total.rendered_segments += each.rendered_segments
        total.rendered_frames += each.rendered_frames
        total.composed_frames += each.composed_frames
        total.decoded_frames += each.decoded_frames
    problems: list[Problem] = [problem for each in pictures for problem in each.warnings]
    total.warnings = list(dict.fromkeys(problems))
    return total


def drawn_for(film: Edit, build: Build, deciding: Deciding) -> list[Edit]:
    """The edits planned for an output: its film, or the pictures of its contact sheet."""
    sheet = sheet_of(film, deciding.name)
    if sheet is None:
        return [film]
    small = at_size(build, film, sheet.scale, deciding)
    return pictures(small, sheet.frames, build.folder)
