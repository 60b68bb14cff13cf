"""From the features of a shot to the effects that suit it, by the table in ``suggested``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from vedc.decide.analyses.results import Curves
from vedc.decide.choose.reasons import Reason
from vedc.decide.effects import clean, flare
from vedc.decide.effects.lamps.analysis import lamps_of
from vedc.decide.effects.met_noise import grade_gain
from vedc.decide.effects.suggested import DESCRIPTIONS, ENOUGH, LEVELS, MOST, SUGGESTED, Level, Rule
from vedc.decide.grades.balance.light import light_of
from vedc.decide.grades.seen_shots import SeenShot
from vedc.decide.grades.shot import Decision, Step
from vedc.edit.model import Profile
from vedc.ops.shared.color_conversion import SDR

if TYPE_CHECKING:
    from vedc.decide.grades.deciders import GradeAsked

#: Version of the rules.
VERSION: Final = "1"
_NEAR_WHITE: Final = 0.6
_LUMA: Final = np.array((0.2126, 0.7152, 0.0722))


class _Scored(NamedTuple):
    name: str
    parts: tuple[tuple[Rule, float], ...]

    @property
    def points(self) -> float:
        return round(sum(points for _, points in self.parts), 2)


def versions(options: Mapping[str, Any]) -> dict[str, str]:
    """The versions that an answer depends on, besides the measurements."""
    return {"choose": VERSION, **flare.versions(options), **clean.versions(options)}


def answer(asked: GradeAsked) -> list[Decision]:
    """A decision for each shot."""
    assert asked.profile is not None
    level: Level = next(each for each in LEVELS if each == asked.options["level"])
    wanted = [name for name in SUGGESTED if name in asked.options["of"]]
    needed = {rule.feature for name in wanted for rule in SUGGESTED[name].rules}
    if asked.profile.color.transfer not in SDR:
        return [_none("HDR", "effects are chosen for SDR films only")] * len(asked.seen)
    lamps = _analysed(asked, "lamp" in needed, flare.measurable, flare.request)
    noise = _analysed(asked, "noise" in needed, lambda seen: True, clean.request)
    made = []
    for number, seen in enumerate(asked.seen):
        found = features(seen.shot.pictures)
        if number in lamps:
            known = lamps_of(lamps[number])
            found["lamp"] = known[0].score if known else 0.0
        if number in noise:
            measured = clean.noise_of(noise[number])
            if measured.pairs:
                gain = grade_gain(seen, asked.profile, measured.level)
                found["noise"] = measured.level * gain
        own = {call.op for call in seen.item.shown.effects} | seen.item.beside
        made.append(_chosen(seen, found, wanted, own, level, lamps.get(number), asked.profile))
    return made


def _analysed(asked: GradeAsked, needed: bool, can: Any, request: Any) -> dict[int, Curves]:
    numbers = [n for n, seen in enumerate(asked.seen) if needed and can(seen)]
    found = asked.analyse(*(request(asked.seen[n]) for n in numbers)) if numbers else []
    return dict(zip(numbers, found, strict=True))


def features(pictures: Any) -> dict[str, float]:
    """The features of a shot's pictures (n, h, w, 3), display values after its grade."""
    luma = pictures @ _LUMA
    light = np.asarray(light_of(pictures), np.float64) @ _LUMA
    low, middle, top = (float(np.quantile(luma, q)) for q in (0.05, 0.5, 0.95))
    high, wide = luma.shape[1:]
    rows, columns = max(1, high // 5), max(1, wide // 5)
    inner = slice(high // 3, high - high // 3), slice(wide // 3, wide - wide // 3)
    ends = [
        (a, b)
        for a in (slice(rows), slice(-rows, None))
        for b in (slice(columns), slice(-columns, None))
    ]
    slope = np.hypot(np.gradient(luma, axis=1), np.gradient(luma, axis=2))
    corner, center = (np.mean([luma[:, a, b].mean() for a, b in ends]), luma[:, *inner].mean())
    rough = np.mean([slope[:, a, b].mean() for a, b in ends])
    return {
        "highlights": float((light > _NEAR_WHITE).mean()),
        "darkness": 1 - middle,
        "contrast": top - low,
        "warmth": float((pictures[..., 0] - pictures[..., 2]).mean()),
        "corners": float(corner / max(center, 0.02)),
        "calm corners": float(rough / max(slope[:, *inner].mean(), 0.002)),
        "flatness": float((slope < 0.002).mean()),
    }


def _chosen(
    seen: SeenShot,
    found: Mapping[str, float],
    wanted: Sequence[str],
    own: set[str],
    level: Level,
    lamps: Curves | None,
    profile: Profile,
) -> Decision:
    scored = sorted(
        (_scored(name, found) for name in wanted if name not in own),
        key=lambda each: (-each.points, list(SUGGESTED).index(each.name)),
    )
    if not scored:
        return _none("nothing left", "the clip has each of these effects already")
    taken: list[_Scored] = []
    steps: dict[str, Step] = {}
    for each in scored:
        group = SUGGESTED[each.name].group
        if each.points < ENOUGH or len(taken) == MOST[level]:
            break
        if any(SUGGESTED[t.name].group == group for t in taken):
            continue
        step = _step(each.name, level, seen, lamps, profile)
        if step is not None:
            taken.append(each)
            steps[each.name] = step
    rest = [each for each in scored if each not in taken]
    instead = tuple(f"{each.name}, {each.points:+.2f}" for each in rest[:3])
    if not taken:
        best = scored[0]
        points = max(best.points, 0.01)
        why = f"{best.name} comes nearest: {_reasons_in_words(best, found)}; {ENOUGH} is needed"
        against = Reason("nothing suits", -points, why)
        return Decision((), 0.0, (Reason(best.name, points), against), instead)
    reasons = tuple(_reasons(taken, found))
    score = round(sum(reason.points for reason in reasons), 2)
    order = [steps[name] for name in SUGGESTED if name in steps]
    return Decision(tuple(order), score, reasons, (*instead, "as it is, score 0.00"))


def _scored(name: str, found: Mapping[str, float]) -> _Scored:
    rules = SUGGESTED[name].rules
    return _Scored(name, tuple((r, r.of(found[r.feature])) for r in rules if r.feature in found))


def _step(
    name: str, level: Level, seen: SeenShot, lamps: Curves | None, profile: Profile
) -> Step | None:
    params = SUGGESTED[name].levels[level]
    if name != "flare":
        return {"op": name, **params}
    assert lamps is not None
    made = flare.decision(seen, lamps, profile, float(params["intensity"]), 1)
    return made.steps[0] if made.steps else None


def _reasons(taken: Sequence[_Scored], found: Mapping[str, float]) -> Iterator[Reason]:
    for each in taken:
        for rule, points in each.parts:
            if points:
                share = round(points / len(taken), 2)
                yield Reason(f"{each.name}: {rule.feature}", share, _description(rule, found))


def _reasons_in_words(each: _Scored, found: Mapping[str, float]) -> str:
    parts = [
        f"{points:+.2f} since {_description(rule, found)}" for rule, points in each.parts if points
    ]
    return ", ".join(parts) or "nothing speaks for it"


def _description(rule: Rule, found: Mapping[str, float]) -> str:
    value = found[rule.feature]
    return DESCRIPTIONS[rule.feature].format(1 - value if rule.feature == "darkness" else value)


def _none(why: str, text: str) -> Decision:
    return Decision((), 0.0, (Reason("choose", 0.01), Reason(why, -0.01, text)))
