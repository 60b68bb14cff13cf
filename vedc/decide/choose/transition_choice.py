"""Which transition joins two clips: a hard cut, unless another one scores higher.

Fourteen families are compared, of which the hard cut is one, and ``show`` for all else. Each has
its own weight for each feature of the boundary: a linear classifier, whose scores are explainable
sums. The pictures beside the cut (``Joint``) give the best one its parameters: the direction of a
whip, the centre of an iris, the matte of a luma wipe. The length follows the shorter clip. In an
answer to ``auto`` a transition shows frames beside the cut, so that the film keeps its length;
where there are none, the hard cut stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, get_args

import numpy as np

from vedc import ops
from vedc.decide.analyses.results import Beside, Events
from vedc.decide.arrays import Byte
from vedc.decide.choose.analyzed_source import AnalyzedSource, signature_distance
from vedc.decide.choose.features import Features
from vedc.decide.choose.joint_rates import JointRates
from vedc.decide.choose.reasons import Reason
from vedc.decide.choose.score_weights import ScoreWeights, reasons, total
from vedc.decide.choose.time_text import short_time
from vedc.decide.choose.transition_beats import Beats, on_beats
from vedc.decide.transitions.fitted import LENGTHS, Fitted, fitted, goes_against
from vedc.decide.transitions.joint import MEASURES, Joint
from vedc.edit.times import to_frames
from vedc.ops.core.registry import TransitionFamily
from vedc.ops.transition.presets import PRESETS, spelled

HARD: Final = "cut"
FAMILIES: Final = (HARD, *get_args(TransitionFamily))

#: Features of a boundary, with what each measures.
BOUNDARY_FEATURES: Final[Mapping[str, str]] = {
    "bias": "Always 1: how usual the family is.",
    "distance": "How unlike the last picture of one clip and the first of the other are: 0 to 1.",
    "motion": "The faster of both sides within half a second of the cut: 1 at 0.3 sides a second.",
    "speech": "Somebody speaks within half a second of the cut: share of the two sides.",
    "silent": "Nothing is heard on either side: 1 where both are 30 dB below their loudest.",
    "dark": "How dark the brighter of both sides is: 1 at black, 0 from a luma of 0.2 on.",
    "short": "How short the shorter clip is: 1 at 1 s, 0 from 4 s on.",
    "same": "Both come from the same source.",
    "lapse": "Seconds of the source that are left out between them, in doublings: 1 at 64.",
    "jump": "The same picture goes on after a gap: a jump cut.",
    "follows": "The source runs on: there is nothing to show.",
    "hit": "A sound begins at the cut: its strength, from 0.15 s away 0.",
    "calm": "How calm joins are to be: 1 with `level: subtle`, 0.5 with lively, else 0.",
    **MEASURES,
}
#: Features that count nothing for a transition that moves against the pictures.
_DIRECTED: Final = ("pan", "fast", "sweep")
_CALM: Final = {"subtle": 1.0, "lively": 0.5}

#: Every possible weight of a family for a feature, such as ``dissolve.lapse``.
FEATURES: Final[Mapping[str, str]] = {
    f"{family}.{name}": doc for family in FAMILIES for name, doc in BOUNDARY_FEATURES.items()
}

_NEAR: Final = Fraction(1, 2)
_LISTED: Final = 5
"""The most alternatives that an answer names."""
_STRIKES: Final = 0.15
"""Seconds from the cut within which a sound counts as one at it."""
_ALIKE: Final = 0.18
"""The largest distance of signatures at which the same picture continues."""
_LENGTH: Final = (Fraction(1, 3), Fraction(1))
"""Least and most seconds of a transition without a stated length."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a boundary: a stretch of a source, in places, that ends or begins there."""

    features: Features
    start: int
    end: int
    seen: Beside | None = None
    """The pictures at the boundary, if they were analysed."""

    @property
    def footage(self) -> AnalyzedSource:
        return self.features.footage

    def near(self, *, last: bool) -> tuple[int, int]:
        """The half second beside the boundary."""
        reach = max(1, int(_NEAR * self.footage.rate))
        if last:
            return max(self.start, self.end - reach), self.end
        return self.start, min(self.end, self.start + reach)

    @property
    def length(self) -> Fraction:
        return Fraction(self.end - self.start) / self.footage.rate


@dataclass(frozen=True, slots=True)
class TransitionChoice:
    """A transition and its length in frames of the film; 0 for a hard cut."""

    name: str
    frames: int
    score: float
    reasons: tuple[Reason, ...]
    instead: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of its op, as written in a spec."""
    matte: Byte | None = None
    """The matte (rows, columns) of ``luma_wipe``."""
    back: int | None = None
    """Frames that it begins before the cut, if beats determine that."""


def family(name: str) -> str:
    """The family of a transition or of its preset."""
    if name == HARD:
        return HARD
    name = spelled(name)
    return ops.get(PRESETS[name][0] if name in PRESETS else name).family


def choose_transition(
    left: Side,
    right: Side,
    names: Sequence[str],
    weights: ScoreWeights,
    rate: Fraction,
    room: int,
    duration: Fraction | None = None,
    level: str | None = None,
    rates: JointRates | None = None,
    beats: Beats | None = None,
) -> TransitionChoice:
    """The best of ``names``, or a hard cut.

    ``room``: the most frames of the film that it may take; ``duration``: its exact length in
    seconds; ``level``: how calm joins should be; ``rates``: a style's, whose lengths then count;
    ``beats``: the beats for the edges of a transition without a stated length.
    """
    measured = boundary_features(left, right)
    if level in _CALM:
        measured["calm"] = (_CALM[level], f"level {level}")
    joint = _joint(left, right)
    if joint is not None:
        measured |= joint.measures()
    scored: list[TransitionChoice] = []
    for name in (HARD, *names):
        kind = family(name)
        usual = rates.seconds.get(name) if rates is not None and duration is None else None
        if usual is None:
            frames = length_of(left, right, rate, room, duration, kind)
        else:
            frames = min(max(1, to_frames(Fraction(usual), rate)), room)
        if joint is None and kind == "luma":
            frames = 0  # nothing to draw a matte from
        placed = None
        if beats is not None and frames and name != HARD and usual is None and duration is None:
            least, most = (to_frames(limit, rate) for limit in limits(kind))
            placed = on_beats(beats, frames, least, min(most, room))
        rows = [
            (f, f"{kind}.{f}", value, text)
            for f, (value, text) in measured.items()
            if joint is None or f not in _DIRECTED or not goes_against(name, joint)
        ]
        why = reasons(weights, rows)
        if placed is not None:
            frames, why = placed.frames, (*why, placed.reason)
        score = total(r.points for r in why)
        back = None if placed is None else placed.back
        frames = 0 if name == HARD else frames
        scored.append(TransitionChoice(name, frames, score, why, (), back=back))
    sums = {t.name: t.score for t in scored}
    if rates is not None:
        due = rates.reasons(sums)
        scored = [
            replace(
                t,
                score=total((t.score, due[t.name].points)),
                reasons=(*t.reasons, due[t.name]) if due[t.name].points else t.reasons,
            )
            for t in scored
        ]
    order = sorted(scored, key=lambda t: -t.score)  # stable: hard cut first, then as listed
    best = next(t for t in order if t.name == HARD or t.frames)
    if rates is not None:
        rates.made(best.name, sums)
    instead = tuple(
        f"{'hard cut' if other.name == HARD else other.name}, score {other.score:.2f}"
        + ("" if other.name == HARD or other.frames else ": no frames to overlap")
        for other in order
        if other is not best
    )[:_LISTED]
    given = Fitted({}) if joint is None or best.name == HARD else fitted(best.name, joint)
    return replace(best, instead=instead, params=given.params, matte=given.matte)


def _joint(left: Side, right: Side) -> Joint | None:
    return None if left.seen is None or right.seen is None else Joint(left.seen, right.seen)


def limits(kind: str) -> tuple[Fraction, Fraction]:
    """The least and the most seconds of a transition of a family."""
    share = Fraction(LENGTHS.get(kind, 1.0))
    return _LENGTH[0] * share, _LENGTH[1] * share


def length_of(
    left: Side,
    right: Side,
    rate: Fraction,
    room: int,
    duration: Fraction | None,
    kind: str = "dissolve",
) -> int:
    """Frames of a transition of a family: a quarter of the shorter clip, from 1/3 s to 1 s, times
    the family's share; 0 without room."""
    if duration is not None:
        frames = max(1, to_frames(duration, rate))
        return frames if frames <= room else 0
    least, most = limits(kind)
    quarter = min(left.length, right.length) / 4 * Fraction(LENGTHS.get(kind, 1.0))
    wanted = min(max(quarter, least), most)
    frames = min(to_frames(wanted, rate), room)
    return frames if frames >= to_frames(least, rate) else 0


def boundary_features(left: Side, right: Side) -> dict[str, tuple[float, str]]:
    """The features of a boundary: a value from 0 to 1, and a phrase. Unknown ones are left out."""
    out: dict[str, tuple[float, str]] = {"bias": (1.0, "")}
    sides = ((left, left.near(last=True)), (right, right.near(last=False)))
    signatures = [s.footage.mean_signature(np.array([a]), np.array([b])) for s, (a, b) in sides]
    alike = False
    if signatures[0] is not None and signatures[1] is not None:
        apart = float(signature_distance(signatures[0], signatures[1][0])[0])
        out["distance"] = (_clip(apart / 0.6), f"pictures differ by {100 * apart:.0f} %")
        alike = apart < _ALIKE
    out |= _motion_features(sides) | _sound_features(sides)
    shorter = min(left.length, right.length)
    out["short"] = (_clip((4 - float(shorter)) / 3), f"the shorter clip is {short_time(shorter)}")
    if left.footage.source.media.path == right.footage.source.media.path:
        out |= _same_source_features(left, right, alike)
    return out


_Sides = tuple[tuple[Side, tuple[int, int]], ...]


def _motion_features(sides: _Sides) -> dict[str, tuple[float, str]]:
    out: dict[str, tuple[float, str]] = {}
    motion = [_mean(side, "measures", "motion", near) for side, near in sides]
    light = [_mean(side, "measures", "brightness", near) for side, near in sides]
    known = [m for m in motion if m is not None]
    if len(known) == 2:
        out["motion"] = (_clip(max(known) / 0.3), f"motion {known[0]:.2f} and {known[1]:.2f}")
    known = [v for v in light if v is not None]
    if len(known) == 2:
        out["dark"] = (_clip(1 - max(known) / 0.2), f"brightness {known[0]:.2f}, {known[1]:.2f}")
    return out


def _sound_features(sides: _Sides) -> dict[str, tuple[float, str]]:
    out: dict[str, tuple[float, str]] = {}
    spoken: list[float] = []
    below: list[float] = []
    for side, (start, end) in sides:
        spans = side.footage.spans("speech")
        times = side.footage.times
        if spans is not None:
            covered = np.minimum(spans[:, 1], times[end]) - np.maximum(spans[:, 0], times[start])
            spoken.append(
                float(np.maximum(covered, 0).sum() / max(times[end] - times[start], 1e-6))
            )
        level = side.footage.curve("level", "rms")
        if level is not None:
            below.append(float(np.percentile(level, 95) - level[start:end].max()))
    if spoken:
        mean = sum(spoken) / 2
        out["speech"] = (_clip(mean), f"speech for {100 * mean:.0f} % of the second around it")
    out |= _hit(sides)
    quiet = min(below, default=30.0)
    out["silent"] = (
        _clip(quiet / 30),
        f"{quiet:.0f} dB below the loudest" if below else "no sound",
    )
    return out


def _hit(sides: _Sides) -> dict[str, tuple[float, str]]:
    """The strongest sound that begins at the cut."""
    best = (0.0, "nothing begins at the cut")
    known = False
    for last, (side, (start, end)) in zip((True, False), sides, strict=True):
        found = side.footage.found.get("onsets")
        if not isinstance(found, Events):
            continue
        known = True
        at = float(side.footage.time(end if last else start))
        for event in found.events:
            if float(event.time) < _STRIKES:  # a file's sound begins with the file
                continue
            away = abs(float(event.time) - at)
            value = _clip(1 - away / _STRIKES) * event.strength
            if value > best[0]:
                best = value, f"a sound begins {away:.2f} s from the cut"
    return {"hit": best} if known else {}


def _same_source_features(left: Side, right: Side, alike: bool) -> dict[str, tuple[float, str]]:
    out = {"same": (1.0, "the same source")}
    ends, begins = left.footage.time(left.end), right.footage.time(right.start)
    gap = begins - ends
    if abs(gap) * left.footage.rate < 1:
        out["follows"] = (1.0, "the source runs on")
        return out
    lapse = float(abs(gap))
    out["lapse"] = (_clip(np.log2(1 + lapse) / 6), f"{short_time(gap)} later in the source")
    if alike:
        out["jump"] = (1.0, "the same picture goes on")
    return out


def _mean(side: Side, analysis: str, name: str, near: tuple[int, int]) -> float | None:
    curve = side.footage.curve(analysis, name)
    return None if curve is None else float(curve[near[0] : max(near[1], near[0] + 1)].mean())


def _clip(value: float) -> float:
    return float(min(max(value, 0.0), 1.0))
