"""From a question about a grade to the steps for each shot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vedc.decide.choose.reasons import Choice
from vedc.decide.grades.clip_time import in_clip_time
from vedc.decide.grades.deciders import DECIDERS, GradeAsked
from vedc.decide.grades.pictures import Viewer
from vedc.decide.grades.seen_shots import Runner, SeenShot, seen_shots
from vedc.decide.grades.shot import Decision, Shot, left_managed
from vedc.decide.grades.table_files import keep_table
from vedc.decide.kept_files import KeptFiles
from vedc.errors import InternalError
from vedc.lang.resolve.grades.question import GradeQuestion


def answer_grade(question: GradeQuestion, runner: Runner, files: KeptFiles) -> tuple[Choice, ...]:
    """The answer: an item for each shot of each clip, in order. Raises what the decider raises.

    Tables of decisions become files.
    """
    return tuple(
        _choice(seen, decision, files, shared=question.shared)
        for seen, decision in decide_grade(question, runner)
    )


def decide_grade(question: GradeQuestion, runner: Runner) -> list[tuple[SeenShot, Decision]]:
    """Each shot of each clip, in order, with its decision. Raises what the decider raises."""
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
        color=question.profile.color,
        reference=reference,
        hero=frozenset(n for n, clip in enumerate(clips) if clip in question.hero),
        look=question.look,
        seen=flat,
        profile=question.profile,
        analyse=runner,
    )
    managed = question.profile.management is not None
    decided = left_managed(asked.shots) if managed else DECIDERS[question.kind].decide(asked)
    if len(decided) != len(flat):
        raise InternalError(f"{question.kind} decided {len(decided)} of {len(flat)} shots")
    return list(zip(flat, decided, strict=True))


def _choice(seen: SeenShot, decision: Decision, files: KeptFiles, *, shared: bool) -> Choice:
    steps = [in_clip_time(step, seen.item) for step in decision.steps]
    if decision.table is not None:
        steps.append({"op": "lut", "src": keep_table(files, decision.table)})
    return Choice(
        steps,
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
