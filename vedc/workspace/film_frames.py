"""Frames of a film as small pictures, for contact sheets."""

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
from vedc.execute.progress import Progress
from vedc.execute.render import render
from vedc.execute.store import Store
from vedc.workspace.build import Build, Deciding
from vedc.workspace.planning import fuse_plans, plan_edit


def pictured(build: Build) -> Build:
    """A build of pictures of the film, on the canvas of its first output."""
    return replace(build, target=build.folder / "frame.png", still="0f")


@contextmanager
def film_frames(
    build: Build,
    frames: Sequence[int],
    by: Fraction,
    *,
    deciding: Deciding,
    device: Device,
    threads: int = 0,
    progress: Progress | None = None,
    title: str | None = None,
) -> Iterator[list[Path]]:
    """PNG files of these frames of a film, ``by`` times the size of its canvas, while the block
    runs.

    They are rendered together, in the order of the film, so that no source is decoded twice. What
    is drawn stays in the store. ``title`` names them in ``progress``. Raises RenderError like a
    render.
    """
    folder = build.folder / f"sheet-{token_hex(6)}"
    folder.mkdir(parents=True)
    try:
        small = replace(build, target=folder / "frame.png", still="0f", draft=by)
        (edit,) = small.edits(deciding)
        paths = [folder / f"{number}.png" for number in range(len(frames))]
        plans = [
            plan_edit(small, _at(edit, frame, path), device=device)
            for frame, path in zip(frames, paths, strict=True)
        ]
        store = Store(build.folder)
        with store.pin(dict.fromkeys(key for plan in plans for key in plan.keys)):
            render(
                fuse_plans(plans, store),
                store,
                threads=threads,
                progress=progress,
                device=device,
                digest=build.digest,
                title=title,
            )
        yield paths
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _at(edit: Edit, frame: int, path: Path) -> Edit:
    output = replace(edit.output, at=frame, path=str(path))
    if edit.profile.color.transfer not in HDR_TRANSFERS:
        return replace(edit, output=output)
    profile = replace(edit.profile, color=CANVAS_COLORS["srgb"])  # what the pictures are seen on
    return replace(edit, profile=profile, output=replace(output, pix_fmt="gbrp"))


def spread(span: tuple[int, int], count: int) -> list[int]:
    """``count`` of the frames ``first <= n < end``, each in the middle of its share; fewer of a
    short film."""
    first, end = span
    number = min(count, end - first)
    return [first + (2 * n + 1) * (end - first) // (2 * number) for n in range(number)]
