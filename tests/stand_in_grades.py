"""Deciders that stand in for the real ones, for tests of the code around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from vedc.decide.choose.reasons import Reason
from vedc.decide.grades import deciders
from vedc.decide.grades.deciders import Answerer, GradeAsked
from vedc.decide.grades.shot import Decision
from vedc.lang.keys.decided.grades import GRADES

Decide = Callable[[GradeAsked], Sequence[Decision]]


def stand_in(
    monkeypatch: pytest.MonkeyPatch, decide: Decide, *kinds: str, version: str = "1"
) -> None:
    """Let ``decide`` answer some kinds of question, whether this version supports them or not."""
    for kind in kinds or GRADES:
        monkeypatch.setitem(GRADES, kind, GRADES[kind]._replace(supported=True))  # type: ignore[arg-type]  # a dict
        answerer = Answerer(decide, lambda options: {"stand-in": version})
        monkeypatch.setitem(deciders.DECIDERS, kind, answerer)


def to_grey(asked: GradeAsked) -> list[Decision]:
    """Exposures that bring each shot to the mean of the reference, or to 0.4."""
    made = []
    wanted = 0.4 if asked.reference is None else float(asked.reference.pictures.mean())
    for number, shot in enumerate(asked.shots):
        mean = float(shot.pictures.mean())
        stops = round(float(2 * np.log2(wanted / mean)) * asked.strength, 2)
        if abs(stops) < 0.05 or number in asked.hero:
            made.append(Decision((), 0.0))
            continue
        reasons = (Reason("brightness", 0.8, f"{mean:.2f} to {wanted:.2f}"), Reason("dim", -0.1))
        step = {"op": "exposure", "stops": stops}
        made.append(Decision((step,), 0.7, reasons, ("as it is, score 0.00",)))
    return made
