"""Frames of a film as pictures, for contact sheets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from secrets import token_hex

from vedc.color import CANVAS_COLORS, HDR_TRANSFERS
from vedc.edit.model import Edit
from vedc.execute.devices.device import Device
from vedc.execute.output import RenderSummary
from vedc.execute.progress import Progress
from vedc.execute.render import render
from vedc.execute.store import Store
from vedc.support.lazy_dataclass import dataclass
from vedc.workspace.build import Build, Deciding
from vedc.workspace.planning import fuse_plans, plan_edit


def pictured(build: Build) -> Build:
    """A build of pictures of the film, on the canvas of its first output."""
    return replace(build, target=build.folder / "frame.png", still="0f")


def at_size(build: Build, film: Edit, by: Fraction, deciding: Deciding) -> Edit:
    """The film of one of a build's outputs, ``by`` times as large."""
    small = replace(build, draft=build.draft * by)
    return next(e for e in small.edits(deciding) if e.output.path == film.output.path)


def pictures(film: Edit, frames: Sequence[int], folder: Path, *, exact: bool = False) -> list[Edit]:
    """A film for each of these frames of a film: a PNG file of it alone, in ``folder``.

    ``exact`` keeps the canvas's colour, also of high dynamic range, in 16 bits.
    """
    draw = _exact if exact else _picture
    return [draw(film, frame, folder / f"{number}.png") for number, frame in enumerate(frames)]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Frames of a film as files."""

    files: list[Path]
    """PNG files, by frame."""
    summaries: list[RenderSummary]
    """The summary of drawing each of them."""
    read: set[str]
    """The files that they show."""


@contextmanager
def film_frames(
    build: Build,
    film: Edit,
    frames: Sequence[int],
    *,
    device: Device | None = None,
    threads: int = 0,
    progress: Progress | None = None,
    title: str = "pictures",
    strict: bool = False,
    exact: bool = False,
) -> Iterator[Drawn]:
    """These frames of a film while the block runs.

    They are rendered together, in the order of the film, so that no source is decoded twice. Drawn
    frames stay in the store. ``title`` names them in ``progress``; ``exact`` is that of
    :func:`pictures`. Raises RenderError like a render.
    """
    folder = build.folder / f"sheet-{token_hex(6)}"
    folder.mkdir(parents=True)
    try:
        plans = [
            plan_edit(build, e, device=device) for e in pictures(film, frames, folder, exact=exact)
        ]
        store = Store(build.folder)
        with store.pin(dict.fromkeys(key for plan in plans for key in plan.keys)):
            summaries = render(
                fuse_plans(plans, store),
                store,
                threads=threads,
                progress=progress,
                device=device,
                digest=build.digest,
                title=title,
                strict=strict,
            )
        read = {path for plan in plans for path in plan.files.values()}
        yield Drawn([folder / f"{number}.png" for number in range(len(frames))], summaries, read)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _picture(film: Edit, frame: int, path: Path) -> Edit:
    output = replace(film.output, path=str(path), codec="png", pix_fmt="gbrp", at=frame, sheet=None)
    picture = replace(film, part=None, output=output)
    if film.profile.color.transfer not in HDR_TRANSFERS:
        return picture
    # The colour of the pictures.
    return replace(picture, profile=replace(film.profile, color=CANVAS_COLORS["srgb"]))


def _exact(film: Edit, frame: int, path: Path) -> Edit:
    output = replace(
        film.output, path=str(path), codec="png", pix_fmt="gbrp16le", at=frame, sheet=None
    )
    return replace(film, part=None, output=output)
