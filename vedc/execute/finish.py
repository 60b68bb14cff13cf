"""The last step of a render: the file of an output, from what the store holds."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from vedc.media.files import make_folder, whole_file
from vedc.media.mark import Mark, can_be_marked, mark_image
from vedc.plan.plan import Plan


def write_target(
    plan: Plan, segments: Sequence[Path], sound: Path | None, mark: Mark | None
) -> None:
    """Write the file of a plan from its segments, in order, and its sound.

    Raises RenderError where that fails; an older file is replaced only by a whole one.
    """
    target = Path(plan.target)
    make_folder(target.parent)
    match plan.form:
        case "picture":
            with whole_file(target) as part:
                shutil.copyfile(segments[0], part)
                if mark is not None and can_be_marked(part):
                    mark_image(part, mark)
        case "sequence":
            from vedc.media.image_files.sequence import write_sequence

            write_sequence(plan.target, segments, plan.first_number)
        case "film" | "sound":
            _write_film(plan, segments, sound, mark)


def _write_film(
    plan: Plan, segments: Sequence[Path], sound: Path | None, mark: Mark | None
) -> None:
    from vedc.media.mux import Chapters, Picture, mux

    frames = [segment.frames for segment in plan.segments]
    picture = Picture(segments, frames, plan.video) if plan.video is not None else None
    chapters = Chapters(plan.chapters, plan.length, plan.fps) if plan.chapters else None
    mux(Path(plan.target), picture, sound, dict(plan.metadata), mark, chapters, plan.captions)
