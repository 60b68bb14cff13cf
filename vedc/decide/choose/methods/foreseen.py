"""Reasons why a question has no answer, as far as they are known before any analysis.

Analyses find parts of the sources, never more: if the whole sources are too short, there is no
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vedc.decide.choose.methods import exact_length
from vedc.decide.choose.methods.answer_weights import weight_versions
from vedc.decide.choose.methods.beat_sync import music_length
from vedc.decide.choose.methods.transition_answer import check_overlap
from vedc.decide.choose.reasons import JoinQuestion, Question
from vedc.decide.choose.time_text import distinct_times, short_time
from vedc.edit.times import to_frames
from vedc.errors import Interrupted, Problem, SpecError, UserError

_BY_SOUND = ("silence", "speech")


def foreseen(question: Question | JoinQuestion) -> tuple[Problem, ...]:
    """The problems that prevent an answer whatever analyses find; empty if none is known."""
    checks: list[Callable[[], None]] = [lambda: _weights(question)]
    if isinstance(question, JoinQuestion):
        checks.append(lambda: _overlap(question))
    else:
        checks += [lambda: _detector(question), lambda: _room(question), lambda: _music(question)]
    return tuple(_problems(checks, question))


def _problems(
    checks: list[Callable[[], None]], question: Question | JoinQuestion
) -> Iterator[Problem]:
    for check in checks:
        try:
            check()
        except Interrupted:
            raise
        except UserError as error:
            yield from error.at(question.location).problems


def _weights(question: Question | JoinQuestion) -> None:
    weight_versions(question)


def _overlap(question: JoinQuestion) -> None:
    check_overlap(question)


def _detector(question: Question) -> None:
    if question.cut.detector == "transnet":
        from vedc.decide.shots.detect_transnet import import_torch

        import_torch()


def _room(question: Question) -> None:
    """Check that the requested lengths fit the whole sources."""
    cut, rate = question.cut, question.rate
    lengths = [int((source.end - source.begin) * rate) for source in question.sources]
    names = ", ".join(dict.fromkeys(source.id for source in question.sources))
    if cut.duration is not None and cut.keep != "all" and cut.method != "beats":
        longest = exact_length.LONGEST_SPOKEN if cut.method in _BY_SOUND else exact_length.LONGEST
        limits = exact_length.limits_of(cut, to_frames(cut.duration, rate), rate, longest)
        bounded = cut.min_shot is not None or limits.strict
        # One frame more each: a source's length is not a whole number of frames.
        exact_length.check_room(limits, [n + 1 for n in lengths], names, rate, bounded=bounded)
    elif cut.method == "shots" and cut.keep == "all" and cut.count is None:
        _keep_all(question, names, sum(lengths))


def _keep_all(question: Question, names: str, total: int) -> None:
    cut, rate = question.cut, question.rate
    for source in question.sources:
        length = source.end - source.begin
        if cut.min_shot is not None and length + 1 / rate < cut.min_shot:
            message = (
                f"min_shot is {short_time(cut.min_shot)}, but {source.id} is only "
                f"{short_time(length)} long"
            )
            raise SpecError.one("no-fit", message, hint="give a smaller min_shot")
    wanted = None if cut.duration is None else to_frames(cut.duration, rate)
    if wanted is not None and abs(wanted - total) > 1 + len(question.sources):
        there, asked = distinct_times(total / rate, wanted / rate, rate)
        message = f"keep: all keeps all {there} of {names}, but duration asks for {asked}"
        hint = "write keep: best, or leave the duration out"
        raise SpecError.one("no-fit", message, hint=hint)


def _music(question: Question) -> None:
    if question.cut.method == "beats" and question.followed:
        music_length(question)
