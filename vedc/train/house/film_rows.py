"""The habits of a finished film's editor, as rows to learn from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from vedc.decide.align.alignment import AlignedSegment, Alignment
from vedc.decide.align.pictures import Box
from vedc.decide.analyses.results import Beside
from vedc.decide.choose.features import Features
from vedc.decide.choose.transition_choice import Side, boundary_features
from vedc.decide.grades.looks.regression import Example
from vedc.decide.transitions.joint import Joint
from vedc.train.cutting.choices import PieceChoice, choices_of, was_cut

#: The detectable transitions, by the kind of boundary: family and name.
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "cut": ("cut", "cut"),
    "dissolve": ("dissolve", "dissolve"),
    "fade": ("fade", "dip"),
    "wipe": ("wipe", "wipe"),
    "slide": ("slide", "slide"),
}
_SURE: Final = 0.5
"""The least confidence of a segment's alignment with its raw file."""
_GOES_ON: Final = Fraction(1, 2)
"""The least number of seconds that a transition between parts of one source must skip."""
_WHOLE: Final = 0.03
"""Crops this close to the whole picture count as uncropped."""


@dataclass(frozen=True, slots=True, eq=False)
class JoinRow:
    """How two clips are joined."""

    kind: str
    """One of ``KINDS``."""
    seconds: float
    """0 for a cut."""
    features: Mapping[str, float]
    """Features by their names in ``transition_choice``, without unknown ones."""


@dataclass(frozen=True, slots=True, eq=False)
class FilmRows:
    """All rows of one film."""

    name: str
    cuts: Sequence[PieceChoice] = ()
    pieces: Sequence[PieceChoice] = ()
    joins: Sequence[JoinRow] = ()
    lengths: Sequence[float] = ()
    """Seconds of each shot; a shot that continues in the next segment counts once."""
    examples: Sequence[Example] = ()
    """Examples of the film's grading."""
    speeds: Sequence[float] = ()
    """The speed of each segment."""
    scales: Sequence[float] = ()
    """The enlargement of each segment: 1 is the whole raw picture."""
    effects: Sequence[str] = ()
    """The detected ops."""
    beats: tuple[int, int] | None = None
    """Number of cuts on a beat of the film's sound, and of all cuts; None if it has no beats."""
    footage: Collection[str] = ()
    """The raw files that the film uses."""


def usable(segment: AlignedSegment) -> bool:
    """Whether a segment's raw file is known with sufficient confidence."""
    return segment.source is not None and segment.confidence >= _SURE


def joints_of(found: Alignment) -> list[tuple[AlignedSegment, AlignedSegment]]:
    """Pairs of adjacent segments where the editor joined two clips."""
    pairs = zip(found.segments, found.segments[1:], strict=False)
    return [
        (a, b)
        for a, b in pairs
        if usable(a) and usable(b) and b.boundary in KINDS and _joined(found, a, b)
    ]  # fmt: skip


def _joined(found: Alignment, left: AlignedSegment, right: AlignedSegment) -> bool:
    """Whether two clips meet: an apparent transition within continuous footage does not count."""
    if right.boundary == "cut":
        return was_cut(found, left, right)
    end = left.time_map.source_at((left.end - left.start) / found.rate)
    return left.source != right.source or abs(end - right.begin) >= _GOES_ON


def places_beside(
    found: Alignment, left: AlignedSegment, right: AlignedSegment
) -> tuple[Fraction, Fraction]:
    """The times in the raw files at which a joint's left side ends and its right side begins."""
    end = left.time_map.source_at((left.end - left.start) / found.rate)
    return max(end, Fraction(0)), max(right.begin, Fraction(0))


def rows_of(
    found: Alignment,
    features: Sequence[Features],
    name: str,
    seen: Sequence[tuple[Beside, Beside] | None] = (),
) -> FilmRows:
    """The rows of a film except its colours. ``features`` are those of each raw file; ``seen`` is
    the visual content on both sides of each of :func:`joints_of`, if analysed."""
    cuts, pieces = choices_of(found, features, name, across=True)
    joints = joints_of(found)
    looked = seen or [None] * len(joints)
    joins = [
        _join_row(found, features, *joint, beside)
        for joint, beside in zip(joints, looked, strict=True)
    ]
    known = [s for s in found.segments if usable(s)]
    return FilmRows(
        name,
        cuts,
        pieces,
        joins,
        shot_lengths(found),
        speeds=[round(float(s.speed), 3) for s in known],
        scales=[_scale(s.crop) for s in known],
        footage={found.raws[s.source].path for s in known if s.source is not None},
    )


def shot_lengths(found: Alignment) -> list[float]:
    """Seconds of each shot, in order."""
    lengths: list[float] = []
    before: AlignedSegment | None = None
    for segment in found.segments:
        long = float((segment.end - segment.start) / found.rate)
        goes_on = (
            before is not None
            and segment.boundary in ("cut", "start")
            and segment.source is not None
            and not was_cut(found, before, segment)
        )
        if segment.source is None:
            before = segment
            continue
        if goes_on and lengths and before is not None and before.source is not None:
            lengths[-1] += long
        else:
            lengths.append(long)
        before = segment
    return lengths


def _scale(crop: Box) -> float:
    if crop.distance(Box()) < _WHOLE:
        return 1.0
    return round(float((crop.width * crop.height) ** -0.5), 3)


def _join_row(
    found: Alignment,
    features: Sequence[Features],
    left: AlignedSegment,
    right: AlignedSegment,
    beside: tuple[Beside, Beside] | None,
) -> JoinRow:
    sides = []
    for segment, last in ((left, True), (right, False)):
        assert segment.source is not None
        own = features[segment.source]
        long = (segment.end - segment.start) / found.rate
        ends = sorted(segment.time_map.source_at(t) for t in (Fraction(0), long))
        start, end = (own.footage.place(at) for at in ends)
        look = None if beside is None else beside[0 if last else 1]
        sides.append(Side(own, start, max(end, start + 1), look))
    measured = {n: value for n, (value, _) in boundary_features(*sides).items()}
    if beside is not None:
        measured |= {n: value for n, (value, _) in Joint(*beside).measures().items()}
    low, high = right.boundary_range
    seconds = 0.0 if right.boundary == "cut" else float((high - low) / found.rate)
    return JoinRow(right.boundary, seconds, measured)
