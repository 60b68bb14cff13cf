"""The data of a strip: a stretch's sound, words, shots, and the places where it can be cut.

A place to cut is the middle of a pause in the sound (the longer and deeper, the better) or the
boundary of a shot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from vedc.captions.spoken import SpokenWord
from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Curves, Shots, Spans
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Edit
from vedc.review.board.shots import shots_of

#: Seconds of the shortest pause to cut in.
LEAST: Final = Fraction(1, 5)
#: Seconds of a pause that is as good as any.
_GOOD: Final = Fraction(3, 5)


@dataclass(frozen=True, slots=True)
class ShownShot:
    """A shot, and what leads to it."""

    start: Fraction
    end: Fraction
    label: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place to cut: its time, how good it is from 0 to 1, and why."""

    time: Fraction
    score: float
    why: Literal["pause", "shot"]


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """A stretch ``begin <= t < end`` in seconds of a file or a film."""

    name: str
    begin: Fraction
    end: Fraction
    rate: Fraction
    """Frames a second; of sound alone, of the times that are shown."""
    level: Curves | None
    """None where there is no sound."""
    words: tuple[SpokenWord, ...]
    shots: tuple[ShownShot, ...]
    candidates: tuple[Candidate, ...]
    why_no_words: str | None = None
    """Why no words were looked for, and what to do about it; None if they were."""


def level_of(runner: AnalysisRunner, media: MediaInfo) -> tuple[Curves | None, Spans]:
    """The level of a file's sound, and its pauses."""
    if media.audio is None:
        return None, Spans()
    level, pauses = runner(
        AnalysisRequest.of("level", media),
        AnalysisRequest.of("silence", media, min_silence=str(LEAST)),
    )
    return level, pauses


def shots_of_file(runner: AnalysisRunner, media: MediaInfo) -> list[ShownShot]:
    if media.video is None or media.kind != "video":
        return []
    (found,) = runner(AnalysisRequest.of("shots", media, detector="best"))
    assert isinstance(found, Shots)
    return [
        ShownShot(shot.start / found.rate, shot.end / found.rate, shot.boundary)
        for shot in found.shots
    ]


def shots_of_film(film: Edit) -> list[ShownShot]:
    fps = film.profile.fps
    return [
        ShownShot(shot.start / fps, shot.end / fps, f"{shot.transition}: {shot.name}")
        for shot in shots_of(film)
    ]


def strip_of(
    name: str,
    span: tuple[Fraction, Fraction],
    rate: Fraction,
    sound: tuple[Curves | None, Spans],
    words: Iterable[SpokenWord],
    shots: Sequence[ShownShot],
) -> Strip:
    """The part within ``span``."""
    begin, end = span
    level, pauses = sound
    found = [
        Candidate((p.start + p.end) / 2, _score(p.end - p.start, p.score), "pause") for p in pauses
    ]
    found += [Candidate(shot.start, 1.0, "shot") for shot in shots if shot.start > 0]
    return Strip(
        name,
        begin,
        end,
        rate,
        level,
        tuple(w for w in words if w.end > begin and w.start < end),
        tuple(s for s in shots if s.end > begin and s.start < end),
        tuple(sorted((c for c in found if begin <= c.time < end), key=lambda c: c.time)),
    )


def _score(length: Fraction, depth: float) -> float:
    return round(min(float(length / _GOOD), 1.0) * (0.5 + 0.5 * depth), 2)
