"""What is told of a spec's decisions, as plain data: where they stand in the film, and why.

``decision_text`` prints one of them, ``decision_page`` shows them all.
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

if TYPE_CHECKING:
    from vedc.decide.analyses.runner import AnalysisRunner

_REASON: Final = re.compile(
    r"(?P<name>.*?)\s*(?P<points>[-+−]?\d+(?:\.\d+)?)(?:\s+\((?P<value>.*)\))?\s*", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Decided:
    """One item of an answer: a clip, or a transition."""

    asks: str
    """Which item of the spec asked: ``main[3]``."""
    number: int
    """Its place in the answer, from 1."""
    of: int
    """How many items the answer has."""
    begin: Fraction
    """Seconds of the film; items meet, transitions lie across."""
    end: Fraction
    fields: Mapping[str, Any]
    """As they stand in the lock: ``{"clip": "talk", "in": "42f", "out": "130f"}``."""
    source: str | None = None
    """Which of the view's sources it shows; None for a transition."""
    source_begin: Fraction = Fraction(0)
    """Seconds of the source."""
    source_end: Fraction = Fraction(0)
    score: float | None = None
    reasons: tuple[Reason, ...] = ()
    """For and against: their points add up to the score."""
    instead: tuple[str, ...] = ()
    edited: bool = False
    """Whether a person changed it: then score and reasons are of what vedc had chosen."""
    by: Mapping[str, str] = field(default_factory=dict)
    """What found it: analyses and weights, with their versions."""
    location: SourceLocation | None = None
    """Where it stands in the lock."""
    picture: bytes = b""
    """A JPEG of its beginning."""

    @property
    def kind(self) -> str:
        return "clip" if "clip" in self.fields else "transition"


@dataclass(frozen=True, slots=True)
class SourceView:
    """A file that was chosen from, and what was found out about it."""

    id: str
    path: str
    duration: Fraction
    rate: Fraction
    """Frames a second; of a file without a picture, those that its times are shown with."""
    curves: Mapping[str, Curve] = field(default_factory=dict)
    """By name, in the order in which they are shown."""
    shots: Shots | None = None
    thumbs: Sequence[tuple[Fraction, bytes]] = ()
    """JPEGs of moments, in order of time, evenly spaced."""


@dataclass(frozen=True, slots=True)
class DecisionView:
    """The decisions of one spec."""

    spec: str
    time: Fraction
    """The moment of the film that is asked about."""
    rate: Fraction
    duration: Fraction
    items: Sequence[Decided]
    """In order of film time."""
    sources: Sequence[SourceView] = ()

    def at(self, time: Fraction | None = None) -> list[Decided]:
        """The items that are seen at a time: a transition first, then its clips.

        A hard cut takes no time; it is seen with the frame that it leads to.
        """
        moment = self.time if time is None else time
        frame = 1 / self.rate
        found = [
            item
            for item in self.items
            if item.begin <= moment < (item.end if item.end > item.begin else item.end + frame)
        ]
        return sorted(found, key=lambda item: item.kind == "clip")

    def source(self, name: str | None) -> SourceView | None:
        return next((s for s in self.sources if s.id == name), None)


def reason_of(text: str) -> Reason:
    """A reason as the lock writes it, ``sharp +0.31 (0.9 of 1)``; at no points if not so."""
    found = _REASON.fullmatch(text)
    if found is None:
        return Reason(text, 0.0)
    points = float(found["points"].replace("−", "-"))
    return Reason(found["name"] or text, points, found["value"] or "")


#: Curves of a source, in the order in which they are shown: analysis, name there, title, unit,
#: the value at the lower edge, and at the upper one unless the curve goes beyond it. A narrower
#: range would make mountains of noise.
CURVES: Final[Sequence[tuple[str, str, str, str, float, float]]] = (
    ("voice", "", "speech", "", 0.0, 1.0),
    ("level", "loudness", "loudness", "LUFS", -60.0, 0.0),
    ("measures", "motion", "motion", "", 0.0, 0.4),
    ("measures", "sharpness", "sharpness", "", 0.0, 0.6),
    ("measures", "novelty", "novelty", "", 0.0, 0.3),
    ("measures", "difference", "change", "", 0.0, 0.1),
)
#: Pixels of a source's drawing: at least, at most, and for every second.
WIDE: Final = (960, 6000)
PER_SECOND: Final = 14
STRIP: Final = 60
"""Height of its pictures."""
THUMB: Final = (128, 96)
"""The box that thumbs are fitted into."""


def look_at(
    analyst: AnalysisRunner, name: str, media: MediaInfo, shots: Shots | None = None
) -> SourceView:
    """What the page shows of a source: all of it is kept, so it is looked at once."""
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
    """How wide a source's drawing is, in pixels."""
    return round(min(max(WIDE[0], float(duration) * PER_SECOND), WIDE[1]))


def _strip(media: MediaInfo, duration: Fraction) -> list[tuple[Fraction, bytes]]:
    """As many pictures as stand side by side in the drawing."""
    assert media.video is not None
    across, down = media.video.display_size
    count = max(1, round(width_of(duration) / (STRIP * min(max(across / down, 0.5), 2.5))))
    return thumbs_of(media, [duration * (2 * k + 1) / (2 * count) for k in range(count)])


def thumbs_of(media: MediaInfo, times: Sequence[Fraction]) -> list[tuple[Fraction, bytes]]:
    """Small JPEGs of moments of a file with a picture, in the order given."""
    from vedc.report.stills import fitted, stills

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
