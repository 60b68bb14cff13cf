"""Frames of a finished film and of the one that a spec rebuilds, drawn alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.align.alignment import Alignment
from vedc.errors import InternalError
from vedc.media.files import whole_file
from vedc.workspace.build import Build
from vedc.workspace.film_frames import film_frames, pictured

Pictures = list[NDArray[np.uint8]]
"""R'G'B', (height, width, 3) each."""

_AT_ONCE: Final = 12
"""Frames that are drawn together, so that few are in memory."""


def both(
    found: Alignment, spec: Path, frames: Sequence[int], side: int | None = None
) -> tuple[Pictures, Pictures]:
    """Frames of the finished film, and of a spec's, as vedc shows both.

    ``side``: what the longer side of larger pictures becomes. Raises what rendering raises.
    """
    width, height = canvas_size(found)
    beside = spec.with_name("finished.vedc.yaml")
    clip = json.dumps(str(Path(found.film.path).absolute()), ensure_ascii=False)
    text = (
        "version: 1\n"
        f"profile: {{width: {width}, height: {height}, fps: {found.rate}}}\n"
        f"timeline: [{{clip: {clip}}}]\n"
    )
    with whole_file(beside) as part:
        part.write_text(text, encoding="utf-8")
    allowed = sorted({Path(m.path).absolute().parent for m in (found.film, *found.raws)})
    scale = Fraction(1)
    if side is not None and max(width, height) > side:
        scale = Fraction(side, max(width, height))
    films: tuple[Pictures, Pictures] = ([], [])
    try:
        for first in range(0, len(frames), _AT_ONCE):
            some = frames[first : first + _AT_ONCE]
            for film, source in zip(films, (beside, spec), strict=True):
                film += _drawn(source, some, allowed, scale)
    finally:
        beside.unlink(missing_ok=True)
    return films


def canvas_size(found: Alignment) -> tuple[int, int]:
    """Width and height of the canvas on which a film is rebuilt."""
    video = found.film.video
    assert video is not None
    width, height = video.display_size
    return width - width % 2, height - height % 2


def _drawn(spec: Path, frames: Sequence[int], allowed: Sequence[Path], scale: Fraction) -> Pictures:
    """Frames of a spec's film; the last one where a film is shorter than that."""
    import cv2

    build = pictured(Build(spec, allow=list(allowed), draft=scale))
    (film,) = build.edits()
    wanted = [min(frame, film.duration - 1) for frame in frames]
    each = sorted(set(wanted))
    with film_frames(build, film, each) as drawn:
        pictures: dict[int, Any] = {}
        for frame, file in zip(each, drawn.files, strict=True):
            read = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
            if read is None:
                raise InternalError(f"{file.name}, which vedc has just written, is not a picture")
            pictures[frame] = np.ascontiguousarray(read[:, :, ::-1])
    return [pictures[frame] for frame in wanted]
