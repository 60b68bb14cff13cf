"""Answers to chosen transitions: which one joins two given clips."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.features import Features
from vedc.decide.choose.methods.answer_weights import joining_weights
from vedc.decide.choose.methods.film_beats import film_beats
from vedc.decide.choose.reasons import HARD_CUT, Choice, JoinQuestion, Source
from vedc.decide.choose.time_text import short_time
from vedc.decide.choose.transition_beats import Beats
from vedc.decide.choose.transition_choice import Side, TransitionChoice, choose_transition
from vedc.decide.kept_files import BESIDE_SPEC, KeptFiles
from vedc.decide.transitions.matte import png
from vedc.edit.times import to_frames
from vedc.errors import SpecError

Runner = Callable[..., list[Any]]
"""Runs analyses: takes requests, returns their results in order."""


def answer_transition(
    question: JoinQuestion, runner: Runner, files: KeptFiles = BESIDE_SPEC
) -> tuple[Choice, ...]:
    """The one item of the answer, possibly a hard cut; a matte becomes a file.

    The clips overlap by the transition, which takes at most half of each.
    """
    sources = (question.left, question.right)
    ends = (question.left.end, question.right.begin)
    requests = [
        [*_requests(source), looked_at(source, end, last=number == 0)]
        for number, (source, end) in enumerate(zip(sources, ends, strict=True))
    ]
    results = iter(runner(*(request for each in requests for request in each)))
    sides: list[Side] = []
    for source, each in zip(sources, requests, strict=True):
        found = {request.name: next(results) for request in each}
        footage = AnalyzedSource(source, question.rate, found)
        sides.append(Side(Features(footage), 0, footage.count, found["beside"]))
    room, join = check_overlap(question), question.join
    weights = joining_weights(question)
    chosen = choose_transition(
        sides[0], sides[1], join.choose, weights, question.rate, room, join.duration, join.level,
        beats=_beats(question, runner, room),
    )  # fmt: skip
    return (transition_item(chosen, files),)


def _beats(question: JoinQuestion, runner: Runner, room: int) -> Beats | None:
    """The beats heard during the clip before, which ends where the transition does."""
    if not question.played or question.join.duration is not None:
        return None
    end = to_frames(question.shown, question.rate)
    frames, names = film_beats(
        question.played, runner, question.shown + 1 / question.rate, question.rate
    )
    return Beats(frames, end, room, 0, names) if frames else None


def check_overlap(question: JoinQuestion) -> int:
    """The most frames that a transition may take: half of the shorter clip.

    Raises SpecError ``too-long`` if the stated duration is longer.
    """
    shorter = min(source.end - source.begin for source in (question.left, question.right))
    room = int(shorter * question.rate) // 2
    duration = question.join.duration
    if duration is not None and to_frames(duration, question.rate) > room:
        raise SpecError.one(
            "too-long",
            f"a transition of {short_time(duration)} takes more than half of the shorter "
            f"clip, which is {short_time(shorter)} long",
            question.location,
            f"make it at most {short_time(Fraction(room) / question.rate)}",
        )
    return room


def transition_item(chosen: TransitionChoice, files: KeptFiles) -> Choice:
    """A chosen transition as an item of an answer; a hard cut has reasons too."""
    item: dict[str, Any] = dict(HARD_CUT)
    if chosen.frames:
        params = dict(chosen.params)
        if chosen.matte is not None:
            kept = files.keep(png(chosen.matte), "png", "choose from transitions without a matte")
            params = {"src": kept, **params}
        named = {"name": chosen.name, **params} if params else chosen.name
        item = {"transition": named, "duration": f"{chosen.frames}f"}
    return Choice(item, chosen.score, chosen.reasons, chosen.instead)


def looked_at(source: Source, at: Fraction, *, last: bool) -> AnalysisRequest:
    """The request for the picture before (``last``) or after a time of a source."""
    side = "before" if last else "after"
    return AnalysisRequest.of("beside", source.media, at=str(at), side=side)


def _requests(source: Source) -> list[AnalysisRequest]:
    names = ["measures", "thumbs"] if source.media.video is not None else []
    names += ["level", "speech", "onsets"] if source.media.audio is not None else []
    return [AnalysisRequest.of(name, source.media) for name in names]
