"""Casts taken off, beside textbook estimators and doing nothing: the tables of the model's card."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.balance.decide import decision, shipped
from vedc.decide.grades.balance.estimate import by_network
from vedc.decide.grades.balance.light import encoded, light_of
from vedc.decide.grades.balance.steps import left_over
from vedc.decide.grades.shot import Step
from vedc.decide.grades.tables import graded
from vedc.train.balance.card import tested
from vedc.train.balance.casts import SEEN, Change, changed, degraded, pictures_of
from vedc.train.balance.pictures import Take, by_source, read_takes
from vedc.train.balance.tuning import angles
from vedc.train.cuts.footage import list_items

SHOTS = 12
SEED = 21
TRIES = 4
"""Casts that are tried on a source."""


class Example(NamedTuple):
    """A picture for a sheet: display values (height, width, 3), and angles in degrees."""

    source: str
    before: Floats
    after: Floats
    original: Floats
    angle_before: float
    angle_after: float
    steps: tuple[Step, ...]


def examples(clips: Path, count: int = 6) -> list[Example]:
    """Shots of test sources under casts that the shipped network acted on, a source each."""
    net, found = shipped(), []
    takes = _takes(clips)
    for place, source in enumerate(sorted(takes)):
        take = takes[source][0]
        for number in range(TRIES):
            rng = np.random.default_rng([SEED, place, number])
            change = Change(np.exp(rng.uniform(-0.35, 0.35, 3)))
            shown = changed(light_of(pictures_of(rng, take, SEEN, whole=True) / 255), change)
            steps = decision(by_network(degraded(rng, shown), net.weights), net.limits, 1.0).steps
            if any(step["op"] == "white_balance" for step in steps):
                break
        else:
            continue
        original = take.pictures[len(take.pictures) // 2] / 255
        before = np.asarray(encoded(changed(light_of(original), change)), np.float64)
        u, v = change.cast
        left = np.stack([change.cast, left_over(steps, (float(u), float(v)))])
        was, now = angles(left)
        after = np.clip(graded(steps, before), 0, 1)
        found.append(Example(source, before, after, original, float(was), float(now), steps))
    return found[:count]


def _takes(clips: Path) -> dict[str, list[Take]]:
    """Those of the sources that are kept for tests."""
    kept = "test" if (clips / "manifest.json").exists() else "any"
    sources = {item.source for item in list_items(clips) if item.use == kept}
    return by_source(read_takes(clips, lambda item: item.source in sources), sources)


def main(clips: Path) -> None:
    """Judge the shipped network on the sources of a folder that are kept for tests."""
    takes = _takes(clips)
    net = shipped()
    print("\n".join(tested(net.limits, SHOTS, net.weights, takes, SEED)))
