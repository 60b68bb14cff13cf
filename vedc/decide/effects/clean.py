"""From the noise of a question's shots to the effects that remove it.

Noise is measured in the file. The film's earlier steps change it: a grade strengthens or weakens
it, and a picture drawn smaller averages it. Both are taken into account, so that the strength
matches the noise at the effect's input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Curves
from vedc.decide.choose.cleaning import LEAST, STRONG, effect_for
from vedc.decide.choose.reasons import Reason
from vedc.decide.effects.met_noise import grade_gain, size_gain
from vedc.decide.grades.seen_shots import SeenShot
from vedc.decide.grades.shot import Decision, Step
from vedc.lang.resolve.grades.drawn import drawn_scale

if TYPE_CHECKING:
    from vedc.decide.grades.deciders import GradeAsked

#: Version of the rules of this module.
VERSION: Final = "1"
_UNMEASURED: Final = 0.1
"""Points for possible noise if the picture does not show it."""
_CHANGED: Final = 0.05
"""The least relative change of noise by the film that is reported."""


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of a shot: standard deviations, where white is 1."""

    level: float
    """In the file; NaN if the picture does not show it."""
    still: float
    """Share of the picture that is still."""
    pairs: int
    """The number of measured pairs of frames."""


def versions(options: Mapping[str, Any]) -> dict[str, str]:
    """The versions that an answer depends on, besides the measurements."""
    return {"clean": VERSION}


def answer(asked: GradeAsked) -> list[Decision]:
    """A decision for each shot."""
    assert asked.profile is not None
    found = asked.analyse(*map(request, asked.seen))
    made = []
    for seen, curves in zip(asked.seen, found, strict=True):
        measured = noise_of(curves)
        gain = grade_gain(seen, asked.profile, measured.level) if measured.pairs else 1.0
        scale = drawn_scale(seen.item.shown, asked.profile)
        made.append(decision(measured, gain, scale, asked.strength))
    return made


def noise_of(curves: Curves) -> Noise:
    """The medians over the pairs that can be measured."""
    measured = ~np.isnan(curves.values["noise"])
    if not measured.any():
        return Noise(float("nan"), float("nan"), 0)
    level, still = (float(np.median(curves.values[k][measured])) for k in ("noise", "still"))
    return Noise(level, still, int(measured.sum()))


def decision(measured: Noise, gain: float, scale: float, strength: float) -> Decision:
    """The effect for noise that a grade multiplies by ``gain``, in a picture drawn at ``scale``, to
    remove the share ``strength`` of it."""
    if not measured.pairs:
        why = "the picture is too dark, too bright or too small"
        return _kept(_UNMEASURED, "", "cannot be told", why)
    met = measured.level * gain * size_gain(scale)
    value = _description(measured, gain, scale, met)
    share = met / (met + LEAST)
    effect = effect_for(met)
    if effect is None:
        return _kept(share, value, "clean enough", f"clean film has up to {LEAST * 255:.0f} of 255")
    if not strength:
        return _kept(share, value, "strength", "none of it is to be taken out")
    network = effect["op"] == "clean"
    other = "wavelet_denoise" if network else "clean"
    reasons = [Reason("noise", round(share, 2), value)]
    if strength < 1:
        left = round(share * (strength - 1), 2)
        reasons.append(Reason("strength", left, f"{1 - strength:.0%} of it is to stay"))
    score = round(sum(reason.points for reason in reasons), 2)
    when = "from" if network else "below"
    better = f"{effect['op']} does better {when} {STRONG * 255:.0f} of 255"
    instead = (f"{other}, strength {effect['strength']}: {better}", "as it is, score 0.00")
    return Decision((_part(effect, strength),), score, tuple(reasons), instead)


def _part(effect: Step, strength: float) -> Step:
    """An effect applied in part."""
    if strength == 1:
        return effect
    if effect["op"] == "clean":
        return {**effect, "amount": strength}
    # It has no amount: its strength is the expected noise, not the share to remove.
    return {"op": effect["op"], "mask": {"op": "uniform", "amount": strength}, **effect}


def _description(measured: Noise, gain: float, scale: float, met: float) -> str:
    pairs = f"{measured.pairs} pair{'' if measured.pairs == 1 else 's'} of frames"
    text = (
        f"{measured.level * 255:.1f} of 255 in {pairs}, in which {measured.still:.0%} of the "
        "picture holds still"
    )
    causes = []
    if abs(gain - 1) >= _CHANGED:
        causes.append("after the grade")
    if abs(size_gain(scale) - 1) >= _CHANGED:
        causes.append(f"drawn at {scale:.0%}")
    return f"{text}; {met * 255:.1f} {' and '.join(causes)}" if causes else text


def _kept(share: float, value: str, why: str, reason: str) -> Decision:
    """A shot that stays unchanged: its noise, and why nothing is done."""
    points = max(round(share, 2), 0.01)  # less would not be reported
    return Decision((), 0.0, (Reason("noise", points, value), Reason(why, -points, reason)))


def request(seen: SeenShot) -> AnalysisRequest:
    """The analysis of a shot's noise."""
    return seen.analysis("noise")
