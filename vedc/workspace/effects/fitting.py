"""Effects found between files, for ``vedc effects fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vedc.decide.analyses.analysis import Progress, video_of
from vedc.decide.fitted_effects.fit import EffectsFit, fit
from vedc.decide.grades.fit.pair_frames import paired
from vedc.decide.grades.shot import Canvas
from vedc.decide.grades.table_files import cube_text
from vedc.edit.media_info import MediaInfo
from vedc.media.files import whole_file

_SIDE: Final = 960
"""The longer side of pictures that are compared: detail beyond it is not seen."""
_FRAMES: Final = 6
"""Frames of a film that are compared."""


def fit_effects(
    raw: MediaInfo, edit: MediaInfo, progress: Progress | None = None
) -> tuple[EffectsFit, list[str]]:
    """The effects and the grade between two files, and notes on how they were found.

    Raises what :func:`~vedc.decide.grades.fit.pair_frames.paired` raises.
    """
    pair = paired(raw, edit, progress, side=_SIDE, frames=_FRAMES)
    before, after = pair.pictures
    videos = video_of(raw), video_of(edit)
    sizes = [video.display_size for video in videos]
    scale = before[0].shape[1] / sizes[1][0]  # lengths are those of the edit
    notes = []
    if sizes[0] != sizes[1]:
        shown = [f"{width}x{height}" for width, height in sizes]
        notes.append(
            f"the raw file is {shown[0]} and the edit {shown[1]}: what scaling did to detail "
            "counts as a blur or as sharpening"
        )
    elif pair.cropped:
        notes.append(
            "the edit shows parts of the raw picture, enlarged: what scaling did to detail counts "
            "as a blur or as sharpening"
        )
    if scale < 1:
        notes.append(
            f"both were compared at {scale:.0%} of the edit's size: finer grain and sharpening "
            "are missed"
        )
    rate = float(videos[1].rate) if edit.kind == "video" else 25.0
    found = fit(before, after, scale=scale, rate=rate, canvas=Canvas.of(videos[1].color))
    return found, notes


def write_fit(found: EffectsFit, text: str, output: Path | None, lut: Path | None) -> None:
    """Write the lists, and the table of the grade. Raises RenderError ``cannot-write``."""
    for file, content in ((output, text), (lut, cube_text(found.grade.table))):
        if file is not None:
            with whole_file(file) as part:
                part.write_text(content, encoding="utf-8")
