"""From the thumbnails of a question's shots to the keyframes that steady them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Thumbs
from vedc.decide.grades.deflicker.breathing import CELLS, Curve, breathing, cells_of
from vedc.decide.grades.deflicker.decide import decide_deflicker
from vedc.decide.grades.shot import Decision, Shot
from vedc.edit.media_info import MediaInfo
from vedc.ops.shared.color_conversion import SDR

if TYPE_CHECKING:
    from vedc.decide.grades.deciders import GradeAsked

#: Version of the rules of this folder.
VERSION: Final = "1"
_READ: Final = 512
"""Thumbnails held at a time."""


def versions(options: Mapping[str, Any]) -> dict[str, str]:
    """The versions that an answer depends on, besides thumbnails."""
    return {"deflicker": VERSION}


def answer(asked: GradeAsked) -> list[Decision]:
    """A decision for each shot, from all of its frames."""
    different = {media.locator: media for media in asked.media if media is not None}
    requests = [AnalysisRequest.of("thumbs", media) for media in different.values()]
    found = asked.analyse(*requests) if requests else []
    thumbs: dict[str, Thumbs] = dict(zip(different, found, strict=True))
    curves: list[Curve | None] = []
    rates: list[float] = []
    for shot, media in zip(asked.shots, asked.media, strict=True):
        if media is None:
            curves.append(None)
            rates.append(1.0)
            continue
        held = thumbs[media.locator]
        curves.append(curve_of(shot, media, held))
        rates.append(float(held.rate))
    return decide_deflicker(asked.shots, curves, rates, strength=asked.strength)


def curve_of(shot: Shot, media: MediaInfo, thumbs: Thumbs) -> Curve:
    """The brightness curve of a shot's frames."""
    assert media.video is not None
    transfer = media.video.color.transfer
    if transfer not in SDR:
        return Curve(np.empty(0), 0.0, 0.0, f"a picture of transfer {transfer} is not measured")
    first = min(max(0, round(shot.begin * thumbs.rate)), len(thumbs))
    last = min(max(first, round(shot.end * thumbs.rate)), len(thumbs))
    cells = [
        cells_of(thumbs.read(at, min(at + _READ, last)), transfer)
        for at in range(first, last, _READ)
    ]
    return breathing(np.concatenate(cells) if cells else np.empty((0, *CELLS), np.float32))
