"""From a question about a grade to the steps for each shot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from vedc.decide.choose.reasons import Choice
from vedc.decide.grades.deciders import DECIDERS, GradeAsked
from vedc.decide.grades.pictures import Viewer
from vedc.decide.grades.seen_shots import Runner, SeenShot, seen_shots
from vedc.decide.grades.shot import Decision, Shot, Step
from vedc.edit.timecode import exact_time
from vedc.errors import InternalError
from vedc.lang.resolve.grades.question import GradedItem, GradeQuestion


def answer_grade(question: GradeQuestion, runner: Runner) -> tuple[Choice, ...]:
    """The answer: an item for each shot of each clip, in order. Raises what the decider raises."""
    viewer = Viewer(question.profile)
    seen = [seen_shots(item, viewer, runner) for item in question.items]
    flat = [each for shots in seen for each in shots]
    clips = [number for number, shots in enumerate(seen) for _ in shots]
    reference = None
    if question.reference is not None:
        shots = seen_shots(question.reference, viewer, runner, question.at)
        reference = _together(question.reference.name, [each.shot for each in shots])
    asked = GradeAsked(
        options=question.options,
        shots=[each.shot for each in flat],
        clips=clips,
        media=[each.item.media for each in flat],
        reference=reference,
        hero=frozenset(n for n, clip in enumerate(clips) if clip in question.hero),
        look=question.look,
        analyse=runner,
    )
    decided = DECIDERS[question.kind].decide(asked)
    if len(decided) != len(flat):
        raise InternalError(f"{question.kind} decided {len(decided)} of {len(flat)} shots")
    return tuple(
        _choice(each, decision, shared=question.shared)
        for each, decision in zip(flat, decided, strict=True)
    )


def _choice(seen: SeenShot, decision: Decision, *, shared: bool) -> Choice:
    return Choice(
        [_in_clip_time(step, seen.item) for step in decision.steps],
        decision.score,
        decision.reasons,
        decision.instead,
        clip=seen.item.name if shared else "",
        shot=seen.text,
    )


def _together(name: str, shots: Sequence[Shot]) -> Shot:
    """Several shots as one reference."""
    if len(shots) == 1:
        return shots[0]
    low = min(len(shot.pictures) for shot in shots)
    sizes = {shot.pictures.shape[1:] for shot in shots}
    pictures = [shot.pictures for shot in shots] if len(sizes) == 1 else [shots[0].pictures[:low]]
    return Shot(name, shots[0].begin, shots[-1].end, np.concatenate(pictures))


# Times


def _in_clip_time(step: Step, item: GradedItem) -> dict[str, Any]:
    """A step whose keyframes count seconds of the source, with those of the clip."""
    return {key: _value(value, item) for key, value in step.items()}


def _value(value: Any, item: GradedItem) -> Any:
    if not isinstance(value, Mapping) or "keyframes" not in value:
        return value
    points: dict[Fraction, Any] = {}
    for point in value["keyframes"]:
        for time, _ in item.time_map.film_at(_seconds(point["time"])):
            own = time - item.head
            if 0 <= own <= item.length:
                points.setdefault(own, point)
    made = [{**points[time], "time": exact_time(time, item.fps)} for time in sorted(points)]
    if not made:  # none of them is seen
        return value["keyframes"][0]["value"]
    return {"keyframes": made} if len(made) > 1 else made[0]["value"]


def _seconds(time: Any) -> Fraction:
    """A time of a decision: a number of seconds, or text such as ``1.25s``."""
    return Fraction(str(time).removesuffix("s"))
