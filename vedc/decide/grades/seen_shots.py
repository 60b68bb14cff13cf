"""The shots of a file that an item shows, and pictures of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Shot as FoundShot
from vedc.decide.analyses.results import Shots
from vedc.decide.arrays import Byte, Ints
from vedc.decide.choose.time_text import source_time
from vedc.decide.grades.pictures import Viewer
from vedc.decide.grades.shot import Shot
from vedc.edit.media_info import MediaInfo
from vedc.lang.resolve.grades.question import GradedItem

PICTURES: Final = 8
"""The most pictures of a shot."""

Runner = Callable[..., list[Any]]
"""Runs analyses: takes requests, returns their results in order."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenShot:
    """The visible part of an item's shot."""

    item: GradedItem
    shot: Shot
    codes: Byte | None = None
    """(n, 27, 48, 3): the thumbnails of its pictures; None for a still."""
    frames: tuple[int, ...] = ()
    """The time of each, in frames of the film after the item's start."""

    @property
    def text(self) -> str:
        """Its stretch of the source, as the lock writes it; empty for a still."""
        media = self.item.media
        if media is None:
            return ""
        return "-".join(source_time(time, media) for time in (self.shot.begin, self.shot.end))

    def analysis(self, name: str) -> AnalysisRequest:
        """The request for an analysis of its frames, one at least; not of a still."""
        media = self.item.media
        assert media is not None and media.video is not None
        rate = media.video.rate
        first, end = round(self.shot.begin * rate), round(self.shot.end * rate)
        return AnalysisRequest.of(name, media, first=first, end=max(end, first + 1))


def requests(media: MediaInfo) -> tuple[AnalysisRequest, AnalysisRequest]:
    return (
        AnalysisRequest.of("thumbs", media),
        AnalysisRequest.of("shots", media, detector="best"),
    )


def seen_shots(
    item: GradedItem, viewer: Viewer, runner: Runner, at: Fraction | None = None
) -> list[SeenShot]:
    """The shots of an item, in order of the source; at least one.

    The frames of a gradual transition lie between its two shots. With ``at``, in seconds of the
    source, only the shot at that time.
    """
    if item.media is None:
        pictures = viewer.still(item)
        return [SeenShot(item, Shot(item.name, Fraction(0), Fraction(0), pictures))]
    media = item.media
    thumbs, found = runner(*requests(media))
    rate = found.rate
    numbers, first, shots = shot_frames(item, found, len(thumbs))
    if at is not None:
        moment = int(at * rate)
        whole = next((s for s in found.shots if s.start <= moment < s.end), found.shots[-1])
        shots = [s for s in shots if s[0] < whole.end and s[1] > whole.start] or shots
    made = []
    for number, (begin, end) in enumerate(shots, 1):
        inside = numbers[(numbers >= begin) & (numbers < end)]
        chosen = np.unique(inside[np.linspace(0, len(inside) - 1, PICTURES).round().astype(int)])
        codes = np.concatenate([thumbs.read(int(n), int(n) + 1) for n in chosen])
        frames = tuple(first[int(n)] for n in chosen)
        pictures = viewer.clip(item, codes, frames)
        name = item.name if len(shots) == 1 else f"{item.name} {number}"
        shot = Shot(name, begin / rate, end / rate, pictures)
        made.append(SeenShot(item, shot, codes, frames))
    return made


def shot_frames(
    item: GradedItem, found: Shots, count: int | None = None
) -> tuple[Ints, dict[int, int], list[tuple[int, int]]]:
    """The frames of its file that an item shows, in order; when each is first seen, in frames of
    the film after the item's start; and the half-open ranges of frames of one shot each.

    ``count``: frames of the file, by default those of its shots.
    """
    numbers, first = _frames(item, found.rate, found.shots[-1].end if count is None else count)
    return numbers, first, _cut(found, numbers)


def _frames(item: GradedItem, rate: Fraction, count: int) -> tuple[Ints, dict[int, int]]:
    """The visible frames of the file, in order, and when each is first seen, in frames of the film
    after the item's start."""
    first: dict[int, int] = {}
    for run in item.time_map.frame_runs(item.fps, item.frames):
        steps = np.arange(run.end - run.first)
        # Exact: a frame of the file begins at a whole multiple of its length.
        source, step = run.source * rate, run.step * rate
        unit = source.denominator * step.denominator
        base = source.numerator * step.denominator
        grows = step.numerator * source.denominator
        if unit < 1 << 20 and abs(base) + abs(grows) * len(steps) < 1 << 62:
            top = base + grows * steps.astype(np.int64) - (1 if step < 0 else 0)
            numbers = top // unit
        else:
            numbers = np.floor(float(source) + float(step) * steps).astype(np.int64)
        numbers = np.clip(numbers, 0, count - 1)
        fresh, places = np.unique(numbers, return_index=True)
        for frame, place in zip(fresh.tolist(), places.tolist(), strict=True):
            first.setdefault(frame, run.first + place)
    return np.array(sorted(first), np.int64), first


def _cut(found: Shots, numbers: Ints) -> list[tuple[int, int]]:
    """The half-open ranges of frames that show one shot alone."""
    stretches: list[tuple[int, int]] = []
    begins, ends = _clear(found.shots)
    for begin, end in zip(begins, ends, strict=True):
        inside = numbers[(numbers >= begin) & (numbers < end)]
        if len(inside):
            low = begin if begin > numbers[0] else int(numbers[0])
            high = end if end <= numbers[-1] else int(numbers[-1]) + 1
            stretches.append((low, high))
    # Only a transition is seen.
    return stretches or [(int(numbers[0]), int(numbers[-1]) + 1)]


def _clear(shots: Sequence[FoundShot]) -> tuple[list[int], list[int]]:
    """The first and last frames of each shot alone, without the transitions beside it."""
    begins = [max(shot.start, shot.boundary_range[1]) for shot in shots]
    ends = [
        min(shot.end, following.boundary_range[0] if _gradual(following) else shot.end)
        for shot, following in pairwise(shots)
    ]
    begins = [
        begin if _gradual(shot) else shot.start for shot, begin in zip(shots, begins, strict=True)
    ]
    return begins, [*ends, shots[-1].end]


def _gradual(shot: FoundShot) -> bool:
    return shot.boundary_range[1] - shot.boundary_range[0] > 1
