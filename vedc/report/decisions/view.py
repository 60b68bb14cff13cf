"""A spec's decisions as plain data: where they are in the film, and why.

``text`` prints those at one time, ``page`` shows all of them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vedc.decide.analyses.results import Curve, Shots
from vedc.decide.choose.reasons import Reason
from vedc.edit.media_info import MediaInfo
from vedc.errors import SourceLocation
from vedc.lang.keys.random_pick import Pick

if TYPE_CHECKING:
    from vedc.decide.analyses.runner import AnalysisRunner
    from vedc.report.decisions.compared import Compared
    from vedc.report.decisions.spoken import Said

_REASON: Final = re.compile(
    r"(?P<name>.*?)\s*(?P<points>[-+−]?\d+(?:\.\d+)?)(?:\s+\((?P<value>.*)\))?\s*", re.DOTALL
)


#: Kinds of decision, in the order in which those of one moment are shown.
KINDS: Final = ("transition", "clip", "grade", "effects", "reframe")


@dataclass(frozen=True, slots=True)
class Decided:
    """One item of an answer: a clip, a transition, or the grade, effects or crop of a shot."""

    asks: str
    """The item of the spec that it answers: ``main[3]``."""
    number: int
    """Its position in the answer, from 1."""
    of: int
    """Number of items in the answer."""
    begin: Fraction
    """Seconds of the film. Items are adjacent; transitions overlap them."""
    end: Fraction
    fields: Mapping[str, Any]
    """The item in the lock: ``{"clip": "talk", "in": "42f", "out": "130f"}``."""
    source: str | None = None
    """The id of the source that it shows; None for a transition."""
    source_begin: Fraction = Fraction(0)
    """Seconds of the source."""
    source_end: Fraction = Fraction(0)
    score: float | None = None
    reasons: tuple[Reason, ...] = ()
    """For and against; their points add up to the score."""
    instead: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Parts removed from the source before it."""
    edited: bool = False
    """Whether it was edited by hand; score and reasons are those of vedc's own choice."""
    by: Mapping[str, str] = field(default_factory=dict)
    """Analyses and weights behind it, with their versions."""
    location: SourceLocation | None = None
    """Its place in the lock."""
    picture: bytes = b""
    """A JPEG of its first frame."""
    compared: Compared | None = None
    """For a grade, on request: a frame before and after it."""
    framed: bytes = b""
    """For a crop, on request: a JPEG of frames with the crop over them."""

    @property
    def kind(self) -> str:
        """A word of ``KINDS``."""
        kinds = ("reframe", "effects", "grade", "clip")
        return next((k for k in kinds if k in self.fields), "transition")


@dataclass(frozen=True, slots=True)
class Picked:
    """A random transition: its pick, and its time."""

    pick: Pick
    begin: Fraction
    """Seconds of the film."""
    end: Fraction


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source file and its analyses."""

    id: str
    path: str
    duration: Fraction
    rate: Fraction
    """Frames per second; SOUND_RATE for a file without a picture."""
    curves: Mapping[str, Curve] = field(default_factory=dict)
    """By name, in display order."""
    shots: Shots | None = None
    thumbs: Sequence[tuple[Fraction, bytes]] = ()
    """JPEGs at evenly spaced times, in order."""


@dataclass(frozen=True, slots=True)
class DecisionView:
    """The decisions of one spec."""

    spec: str
    time: Fraction
    """The time in the film that is shown."""
    rate: Fraction
    duration: Fraction
    items: Sequence[Decided]
    """In order of film time."""
    sources: Sequence[SourceView] = ()
    picks: Sequence[Picked] = ()
    """In order of film time."""
    said: Sequence[Said] = ()
    """The words at the shown time."""

    def picked_at(self) -> list[Picked]:
        """The random transitions at the time that is shown."""
        return [each for each in self.picks if each.begin <= self.time < each.end]

    def at(self, time: Fraction | None = None) -> list[Decided]:
        """The items at a time: a transition first, then its clips, then their grades and crops.

        A hard cut has no length; it belongs to the frame after it.
        """
        moment = self.time if time is None else time
        frame = 1 / self.rate
        found = [
            item
            for item in self.items
            if item.begin <= moment < (item.end if item.end > item.begin else item.end + frame)
        ]
        return sorted(found, key=lambda item: KINDS.index(item.kind))

    def source(self, name: str | None) -> SourceView | None:
        return next((s for s in self.sources if s.id == name), None)


def reason_of(text: str) -> Reason:
    """Parse a reason from the lock, ``sharp +0.31 (0.9 of 1)``; other text has no points."""
    found = _REASON.fullmatch(text)
    if found is None:
        return Reason(text, 0.0)
    points = float(found["points"].replace("−", "-"))
    return Reason(found["name"] or text, points, found["value"] or "")


#: Curves of a source in display order: analysis, name there, title, unit, and the values at the
#: lower and the upper edge. A curve may extend its range; a narrower one would magnify noise.
CURVES: Final[Sequence[tuple[str, str, str, str, float, float]]] = (
    ("voice", "", "speech", "", 0.0, 1.0),
    ("level", "loudness", "loudness", "LUFS", -60.0, 0.0),
    ("measures", "motion", "motion", "", 0.0, 0.4),
    ("measures", "sharpness", "sharpness", "", 0.0, 0.6),
    ("measures", "novelty", "novelty", "", 0.0, 0.3),
    ("measures", "difference", "change", "", 0.0, 0.1),
)
#: Width of a source's chart in pixels: limits, and pixels per second.
WIDE: Final = (960, 6000)
PER_SECOND: Final = 14
STRIP: Final = 60
"""Height of its pictures in pixels."""
THUMB: Final = (128, 96)
"""Largest size of a thumbnail."""


def look_at(
    analyst: AnalysisRunner, name: str, media: MediaInfo, shots: Shots | None = None
) -> SourceView:
    """Everything that the page shows of a source. Analyses are cached."""
    from vedc.decide.analyses.analysis import AnalysisRequest
    from vedc.decide.analyses.results import Curves
    from vedc.workspace.pauses import SOUND_RATE

    seen = media.video is not None and media.kind == "video"
    wanted = [
        row
        for row in CURVES
        if (media.audio if row[0] in ("voice", "level") else seen) is not None
        and (seen or row[0] in ("voice", "level"))
    ]
    asks = [
        AnalysisRequest.of(analysis, media) for analysis in dict.fromkeys(row[0] for row in wanted)
    ]
    if seen and shots is None:
        asks.append(AnalysisRequest.of("shots", media))
    found = dict(zip((ask.name for ask in asks), analyst(*asks), strict=True))
    curves: dict[str, Curve] = {}
    for analysis, inner, title, *_ in wanted:
        result = found[analysis]
        if isinstance(result, Curves):
            if inner in result:
                curves[title] = result[inner]
        elif isinstance(result, Curve):
            curves[title] = result
    duration = media.duration or Fraction(1)
    rate = media.video.rate if seen and media.video else SOUND_RATE
    return SourceView(
        name,
        media.path,
        duration,
        rate,
        curves,
        shots or found.get("shots"),
        _strip(media, duration) if seen else (),
    )


def width_of(duration: Fraction) -> int:
    """The width of a source's chart in pixels."""
    return round(min(max(WIDE[0], float(duration) * PER_SECOND), WIDE[1]))


def _strip(media: MediaInfo, duration: Fraction) -> list[tuple[Fraction, bytes]]:
    """Enough pictures to fill the width of the chart."""
    assert media.video is not None
    across, down = media.video.display_size
    count = max(1, round(width_of(duration) / (STRIP * min(max(across / down, 0.5), 2.5))))
    return thumbs_of(media, [duration * (2 * k + 1) / (2 * count) for k in range(count)])


def thumbs_of(media: MediaInfo, times: Sequence[Fraction]) -> list[tuple[Fraction, bytes]]:
    """Small JPEGs of a file at the given times; none for a file without a picture."""
    from vedc.report.sheets.stills import stills
    from vedc.workspace.sheets.page import fitted

    if media.video is None:
        return []
    rate = media.video.rate
    size = fitted(media.video, *THUMB)
    numbers = [int(max(time, Fraction(0)) * rate) for time in times]
    made = []
    for time, picture in zip(times, stills(media, numbers, size), strict=True):
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=72, optimize=True)
        made.append((time, data.getvalue()))
    return made


def name_of(path: str) -> str:
    return Path(path).name
