"""The last step of a render: an output's file is made from the store's entries."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from vedc.errors import InternalError
from vedc.media.files import make_folder, whole_file
from vedc.media.mark import Mark, can_be_marked, mark_image
from vedc.plan.footage import CopiedPart
from vedc.plan.keys import digest
from vedc.plan.plan import Plan


def write_target(
    plan: Plan,
    segments: Sequence[Path | CopiedPart],
    sound: Path | None,
    mark: Mark | None,
    check: Callable[[], None],
) -> None:
    """Write the file of a plan from its segments, in order, and its sound. Only films have copied
    segments: ``check`` raises if the footage has changed by the time it has been read.

    Raises RenderError if writing fails; an older file is replaced only by a complete one.
    """
    target = Path(plan.target)
    make_folder(target.parent)
    stored = [segment for segment in segments if isinstance(segment, Path)]
    match plan.form:
        case "picture":
            with whole_file(target) as part:
                shutil.copyfile(stored[0], part)
                if mark is not None and can_be_marked(part):
                    mark_image(part, mark)
        case "sequence":
            from vedc.media.image_files.sequence import write_sequence

            write_sequence(plan.target, stored, plan.first_number)
        case "animation":
            from vedc.media.image_files.animation import write_animation

            assert plan.animation is not None
            write_animation(target, stored, plan.fps, plan.animation, mark)
        case "film" | "sound":
            _write_film(plan, segments, sound, mark, check)
        case "stream":
            write_stream([plan], [stored], sound)


def write_stream(
    plans: Sequence[Plan], segments: Sequence[Sequence[Path]], sound: Path | None
) -> None:
    """Write an adaptive stream from the segments of each of its renditions. Raises RenderError."""
    from vedc.media.adaptive.package import write_adaptive
    from vedc.media.mux import Picture

    target, length = Path(plans[0].target), plans[0].stream_segment
    renditions = [
        Picture(files, [segment.frames for segment in plan.segments], plan.video)
        for plan, files in zip(plans, segments, strict=True)
        if plan.video is not None
    ]
    if length is None or len(renditions) < len(plans):
        raise InternalError(f"{target} is no adaptive stream")
    make_folder(target.parent)
    content = digest([f"segments of {length} s", *(plan.film_digest() for plan in plans)])
    write_adaptive(target, renditions, sound, length, content)


def _write_film(
    plan: Plan,
    segments: Sequence[Path | CopiedPart],
    sound: Path | None,
    mark: Mark | None,
    check: Callable[[], None],
) -> None:
    from vedc.media.mux import Chapters, Picture, mux

    frames = [segment.frames for segment in plan.segments]
    picture = Picture(segments, frames, plan.video) if plan.video is not None else None
    chapters = Chapters(plan.chapters, plan.length, plan.fps) if plan.chapters else None
    cover = Path(plan.files[plan.cover]) if plan.cover is not None else None
    how = dict(plan.metadata), mark, chapters, plan.captions, cover
    mux(Path(plan.target), picture, sound, *how, check=check)
