"""The origin of each moment of a finished film: the file, the time, the speed, the crop.

Every file is decoded once into small pictures. Framings, the crops under which raw pictures match
the film's, come first (``framing``); then linear mappings from film frames to raw frames that
explain windows of the film (``window_search``); then the cheapest path through those
(``best_path``), refined until crops, tones and mappings fit each other (``refinement``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from vedc.decide.align.best_path import Segment
from vedc.decide.align.boundaries import find_boundaries
from vedc.decide.align.framing import Framing, find_framings
from vedc.decide.align.matcher import Matcher
from vedc.decide.align.pictures import Box, Pictures, active_area, read_pictures
from vedc.decide.align.refinement import drop_duplicates, search_and_refine
from vedc.decide.align.slides import Way
from vedc.decide.analyses.analysis import Progress
from vedc.decide.analyses.results import BoundaryKind
from vedc.edit.media_info import MediaInfo
from vedc.edit.time_map import TimeMap
from vedc.errors import UserError

__all__ = ["AlignedSegment", "Alignment", "Box", "align"]

Origin = Literal["raw", "black", "still", "foreign"]
"""The content of a segment: a raw file, black, a still picture or title, or something else."""

_MOST_FRAMINGS = 8


@dataclass(frozen=True, slots=True)
class AlignedSegment:
    """Frames ``start`` to ``end`` (half open) of the film and their origin.

    Segments joined by a gradual transition meet in the middle of it.
    """

    start: int
    end: int
    origin: Origin
    source: int | None
    """Index of the raw file; None if it comes from no raw file."""
    begin: Fraction
    """Time in the source, in seconds, of frame ``start``."""
    speed: Fraction
    """Seconds of the source per second of the film; negative plays backwards."""
    crop: Box
    """The part of the raw picture that fills the film's picture (without bars)."""
    boundary: BoundaryKind
    """How it begins."""
    boundary_range: tuple[int, int]
    """Half-open range of the film's frames that show both sides."""
    confidence: float
    """0 to 1."""
    way: Way | None = None
    """Direction of the wipe's edge, or of the slide's pictures, with which it begins."""

    @property
    def time_map(self) -> TimeMap:
        """Source time since frame ``start``."""
        return TimeMap.linear(self.begin, self.speed)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Every frame of the film in exactly one segment, in order."""

    film: MediaInfo
    raws: tuple[MediaInfo, ...]
    rate: Fraction
    """The film's frame rate."""
    frames: int
    area: Box
    """The part of the film's picture that is not bars."""
    segments: tuple[AlignedSegment, ...]

    def time_of(self, frame: int) -> tuple[int, Fraction] | None:
        """The raw file that a film frame shows, and the time in it in seconds."""
        for segment in self.segments:
            if segment.start <= frame < segment.end and segment.source is not None:
                elapsed = (frame - segment.start) / self.rate
                return segment.source, segment.time_map.source_at(elapsed)
        return None

    def frame_of(self, frame: int) -> tuple[int, int] | None:
        """The raw file that a film frame shows, and the frame number in it."""
        located = self.time_of(frame)
        if located is None:
            return None
        source, time = located
        video = self.raws[source].video
        assert video is not None
        return source, int(time * video.rate // 1)


def align(
    final: MediaInfo,
    raws: Sequence[MediaInfo],
    progress: Progress | None = None,
    *,
    threads: int = 0,
    folder: Path | None = None,
) -> Alignment:
    """Find where each frame of ``final`` comes from.

    ``folder`` holds the small pictures during the search (1 GB per hour at 30 fps); the default is
    the system's temporary folder. Raises UserError ``no-picture`` and ``no-raw``.
    """
    for media in (final, *raws):
        if media.video is None or media.kind != "video":
            raise UserError.one(
                "no-picture",
                f"'{media.path}' contains no moving picture",
                hint="alignment compares pictures: give video files",
            )
    if not raws:
        raise UserError.one("no-raw", "there are no raw files to search")
    with tempfile.TemporaryDirectory(dir=folder, prefix="vedc-align-") as scratch:
        film, *sources = (
            read_pictures(media, Path(scratch), progress, threads) for media in (final, *raws)
        )
        area = active_area(film)
        path, matchers = search_and_refine(film, _matchers(film, area, sources))
        segments = _segments(film, matchers, sources, path)
        return Alignment(final, tuple(raws), film.rate, len(film), area, segments)


def _matchers(film: Pictures, area: Box, raws: Sequence[Pictures]) -> list[Matcher]:
    """One matcher for each framing that sampled pictures of the film need."""
    step = max(1, round(0.25 * float(film.rate)))
    samples = np.arange(step // 2, len(film), step)
    matchers: list[Matcher] = []
    for framing in _needed_framings(find_framings(film, area, raws, samples)):
        matcher = Matcher(film, area, raws[framing.raw], framing.box)
        ranked = sorted(framing.samples, key=lambda s: -s[2])
        matcher.fit([(j, i) for j, i, _ in ranked[: max(24, len(ranked) // 4)]])
        matchers.append(matcher)
    return drop_duplicates(matchers, ())[0]


def _needed_framings(framings: Sequence[Framing]) -> list[Framing]:
    """Greedy cover: each framing explains pictures that no other explains about as well."""
    best: dict[int, float] = {}
    for framing in framings:
        for j, _, score in framing.samples:
            best[j] = max(best.get(j, 0.0), score)
    out: list[Framing] = []
    missing = set(best)
    while missing and len(out) < _MOST_FRAMINGS:
        framing = max(framings, key=lambda f: len(_explained(f, best) & missing))
        explained = _explained(framing, best)
        if not explained & missing:
            break
        out.append(framing)
        missing -= explained
    return out


def _explained(framing: Framing, best: Mapping[int, float]) -> set[int]:
    return {j for j, _, score in framing.samples if score > best[j] - 0.04}


def _segments(
    film: Pictures, matchers: Sequence[Matcher], raws: Sequence[Pictures], path: Sequence[Segment]
) -> tuple[AlignedSegment, ...]:
    out: list[AlignedSegment] = []
    black = [segment.map is None and _origin(film, segment) == "black" for segment in path]
    for segment, boundary in zip(*find_boundaries(matchers, path, black), strict=True):
        start, end, mapping = segment.start, segment.end, segment.map
        origin: Origin = "raw"
        source, begin, speed, crop, confidence = None, Fraction(0), Fraction(1), Box(), 1.0
        if mapping is None:
            origin = _origin(film, segment)
        else:
            matcher = matchers[mapping.matcher]
            raw, crop = matcher.raw, matcher.box
            source = next(k for k, each in enumerate(raws) if each is raw)
            speed = (Fraction(mapping.slope) / (raw.rate / film.rate)).limit_denominator(1000)
            at = Fraction(mapping.at + mapping.slope * (start - mapping.origin))
            begin = at.limit_denominator(1000) / raw.rate
            confidence = _confidence(matcher, segment)
        extent = (boundary.start, boundary.end)
        out.append(
            AlignedSegment(
                start,
                end,
                origin,
                source,
                begin,
                speed,
                crop,
                boundary.kind,
                extent,
                confidence,
                boundary.way,
            )
        )
    return tuple(out)


def _origin(film: Pictures, segment: Segment) -> Origin:
    """The origin of a segment that no raw file explains."""
    step = max(1, (segment.end - segment.start) // 50)
    frames = np.asarray(film.frames[segment.start : segment.end : step])
    if np.percentile(frames, 99) < 12:
        return "black"
    change = np.abs(np.diff(frames.astype(np.int16), axis=0)).mean() if len(frames) > 1 else 0.0
    return "still" if change < 0.5 else "foreign"


def _confidence(matcher: Matcher, segment: Segment) -> float:
    """The explained share of the pictures' variance: 0 to 1."""
    assert segment.map is not None
    frames = np.unique(np.linspace(segment.start, segment.end - 1, 24).astype(np.int64))
    residual = matcher.residual(frames, segment.map.frames(frames))
    variance = np.maximum(matcher.variance(frames), 1e-3)
    return float(np.clip(1 - np.median(residual / variance), 0, 1))
