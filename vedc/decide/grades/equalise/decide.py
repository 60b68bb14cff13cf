"""``equalise``: matches the shots of a scene to its most typical shot, or to a hero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.choose.reasons import Reason
from vedc.decide.grades import perceived
from vedc.decide.grades.equalise.controls import shown, written
from vedc.decide.grades.equalise.scenes import Link, components, links, scenes
from vedc.decide.grades.equalise.solve import solve
from vedc.decide.grades.shot import BT709, Canvas, Decision, Shot, Step, left_in_hdr

VERSION: Final = "1"
"""Version of the choices below: a new one causes new decisions."""
_ALIKE: Final = 1.2
"""Mean difference (CIEDE2000) from linked shots below which a shot needs no steps."""
_GAIN: Final = 0.25
"""The least share of it that steps must remove."""
_FAR: Final = 3.5
"""Spreads beyond which a difference is not the camera's: another light, another time of day."""


def decide_equalise(
    shots: Sequence[Shot],
    groups: Sequence[int] | None = None,
    *,
    hero: frozenset[int] = frozenset(),
    strength: float = 1.0,
    found: Sequence[Link] | None = None,
    canvas: Canvas = BT709,
) -> list[Decision]:
    """Steps for each shot, none for the hero shots (by number).

    ``groups``: a number for each shot; only shots with the same one are compared. None: scenes, as
    found. ``found``: the links between shots, if already known. In a group, the shots that show the
    same things are solved together; without a hero among them, the one that needs the least change
    to match all the others stays unchanged. An HDR film stays unchanged.
    """
    if canvas.is_hdr:
        return left_in_hdr(shots)
    every = links(shots) if found is None else found
    numbers = scenes(len(shots), every) if groups is None else groups
    inside = [link for link in every if numbers[link.first] == numbers[link.second]]
    made = [_left("differs", _alone(numbers, i)) for i in range(len(shots))]
    steps: list[tuple[Step, ...]] = [()] * len(shots)
    values = np.zeros((len(shots), 6))
    anchors: dict[int, frozenset[int]] = {}
    for members in components(len(shots), inside):
        if len(members) < 2:
            continue
        place = {shot: n for n, shot in enumerate(members)}
        own = [
            Link(place[k.first], place[k.second], k.agreement, k.cells)
            for k in inside
            if k.first in place
        ]
        fixed = frozenset(place[i] for i in hero if i in place)
        if not fixed:
            free = solve(len(members), own, (), canvas)
            fixed = frozenset((int(np.square(free).sum(1).argmin()),))
        solved = solve(len(members), own, fixed, canvas)
        for shot, n in place.items():
            values[shot] = solved[n]
            anchors[shot] = frozenset(members[f] for f in fixed)
    for i in anchors:
        if i not in anchors[i] and np.abs(values[i]).max() <= _FAR:
            steps[i] = written(values[i] * strength, _colors(inside, i), canvas)
    for i, fixed in anchors.items():
        chosen = bool(fixed & hero)
        made[i] = _decided(i, shots, values[i], steps, inside, fixed, canvas, chosen=chosen)
        if not made[i].steps:
            steps[i] = ()
    for i in hero:
        made[i] = _left("likeness", "the hero of its scene")
    return made


def _left(what: str, why: str, value: str = "") -> Decision:
    """A shot that stays unchanged: the reasons for and against a change cancel out."""
    return Decision((), 0.0, (Reason(what, 0.1), Reason(why, -0.1, value)))


def _alone(numbers: Sequence[int], shot: int) -> str:
    if list(numbers).count(numbers[shot]) == 1:
        return "the only shot of its scene"
    return "shows nothing that other shots of its scene show"


def _colors(inside: Sequence[Link], shot: int) -> Floats:
    """The colours of a shot that others have too."""
    sides = [k.cells.before for k in inside if k.first == shot]
    sides += [k.cells.after for k in inside if k.second == shot]
    return np.concatenate(sides)


def _apart(
    inside: Sequence[Link],
    shot: int,
    steps: Sequence[tuple[Step, ...]],
    own: tuple[Step, ...],
    canvas: Canvas,
) -> float:
    """Mean difference of a shot from those linked with it, after all their steps."""
    total = weight = 0.0
    for k in inside:
        if shot not in (k.first, k.second):
            continue
        first = own if k.first == shot else steps[k.first]
        second = own if k.second == shot else steps[k.second]
        one, other = shown(first, k.cells.before, canvas), shown(second, k.cells.after, canvas)
        apart = perceived.delta_e(one, other)
        share = np.sqrt(k.cells.counts)
        # Things that moved between the two shots are not a difference in grade.
        share = share * (apart <= np.quantile(apart, 0.8))
        total += k.agreement * float(share @ apart) / float(share.sum())
        weight += k.agreement
    return total / max(weight, 1e-9)


def _decided(
    shot: int,
    shots: Sequence[Shot],
    values: Floats,
    steps: Sequence[tuple[Step, ...]],
    inside: Sequence[Link],
    fixed: frozenset[int],
    canvas: Canvas,
    *,
    chosen: bool,
) -> Decision:
    like = ", ".join(shots[i].name for i in sorted(fixed))
    if shot in fixed:
        return _left("likeness", "the most usual shot of its scene")
    untouched: list[tuple[Step, ...]] = [()] * len(shots)
    before = _apart(inside, shot, untouched, (), canvas)
    if before < _ALIKE:
        return _left("differs", "like its scene already", f"dE {before:.1f}")
    if np.abs(values).max() > _FAR:
        return _left("differs", "too far from its scene: another light", f"dE {before:.1f}")
    after = _apart(inside, shot, steps, steps[shot], canvas)
    gain = 1 - after / before
    if gain < _GAIN or not steps[shot]:
        text = f"dE {before:.1f} to {after:.1f}"
        return _left("differs", "steps bring it hardly nearer", text)
    score = round(gain, 2)
    kind = "like the hero" if chosen else f"like {like}"
    reasons = (Reason(kind, score, f"dE {before:.1f} to {after:.1f}"),)
    return Decision(steps[shot], score, reasons, ("as it is, score 0.00",))
