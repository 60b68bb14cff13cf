"""Collects a spec's decisions from its lock and analyses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.choose.reasons import JoinQuestion, Question
from vedc.decide.lock.lock_entry import LockedItem, LockEntry
from vedc.edit.contents import Clip
from vedc.edit.model import Edit, TimelineItem, Transition
from vedc.edit.times import parse_time
from vedc.errors import SourceLocation, SpecError, UsageError
from vedc.lang.keys.random_pick import Pick
from vedc.lang.resolve.grades.question import AskedGrade, GradeQuestion
from vedc.lang.resolve.questions import Asked, Source
from vedc.lang.resolve.reframe.question import AskedReframe, ReframeQuestion
from vedc.lang.resolve.speech.question import AskedWords, WordsQuestion
from vedc.report.decisions.crops import reframed_shots, sources_of_crops
from vedc.report.decisions.grades import graded_shots, sources_of
from vedc.report.decisions.spoken import said_at
from vedc.report.decisions.view import (
    KINDS,
    Decided,
    DecisionView,
    Picked,
    SourceView,
    look_at,
    reason_of,
    thumbs_of,
)
from vedc.workspace.build import Deciding


def view(deciding: Deciding, at: str | None, *, pictures: bool) -> DecisionView:
    """The decisions of a spec. Decisions missing from its lock are made but not written.

    ``at`` is a time of the film, by default its start. ``pictures`` adds the curves and
    thumbnails of a page. Raises what checking and deciding raise, and UsageError for a bad time.
    """
    edit = deciding.build.edits(deciding)[0]
    rate = edit.profile.fps
    duration = edit.duration / rate
    time = _time(at, rate, duration)
    items, picks = decided_in(deciding, edit, time, pictures=pictures)
    if not picks and not (deciding.settled and deciding.settled.answered):
        message = f"{deciding.name} leaves nothing to decide"
        hint = "put an auto item on its timeline, or name an op: vedc explain exposure"
        raise SpecError.one("nothing-decided", message, hint=hint)
    sources = _sources(deciding) if pictures and deciding.settled is not None else []
    said = said_at(deciding, edit, time)
    return DecisionView(deciding.name, time, rate, duration, items, sources, picks, said)


def decided_in(
    deciding: Deciding, edit: Edit, time: Fraction, *, pictures: bool
) -> tuple[list[Decided], list[Picked]]:
    """The decisions and the picks of seeds in a resolved edit, in the order of the film.

    ``pictures`` adds those of a page; otherwise only the grades and crops at ``time`` are drawn, or
    none if that is outside the film.
    """
    answered = () if deciding.settled is None else deciding.settled.answered
    rate, at = edit.profile.fps, None if pictures else time
    seen = _by_place(edit)
    items = [
        decided
        for question, entry in answered
        if not isinstance(question, AskedWords)
        for decided in (
            graded_shots(question, entry, edit, at)
            if isinstance(question, AskedGrade)
            else reframed_shots(question, entry, at)
            if isinstance(question, AskedReframe)
            else _items(question, entry, seen, rate, pictures=pictures)
        )
    ]
    items.sort(key=lambda item: (item.begin, KINDS.index(item.kind), item.end))
    return items, _picks(deciding, edit)


def _picks(deciding: Deciding, edit: Edit) -> list[Picked]:
    """The random transitions of the film, in order."""
    picks: list[Pick] = []
    deciding.build.canonical(picks)
    by_place = {pick.location: pick for pick in picks}
    rate = edit.profile.fps
    found = [
        Picked(by_place[each.location], each.start / rate, each.end / rate)
        for track in edit.tracks
        for each in track.transitions
        if each.location in by_place
    ]
    return sorted(found, key=lambda each: each.begin)


def _time(at: str | None, rate: Fraction, duration: Fraction) -> Fraction:
    if at is None:
        return Fraction(0)
    try:
        time = parse_time(at, from_end=True).seconds(rate, duration)
    except ValueError as error:
        raise UsageError.one("bad-time", f"--at {at}: {error}") from None
    if time >= duration:
        message = f"--at {at} is past the end of the film at {float(duration):.3f} s"
        raise UsageError.one("bad-time", message, hint="give an earlier time")
    return time


def _by_place(edit: Edit) -> dict[SourceLocation, TimelineItem | Transition]:
    """The items and transitions of the edit by their place in the lock."""
    found: dict[SourceLocation, TimelineItem | Transition] = {}
    for track in edit.tracks:
        shown: tuple[TimelineItem | Transition, ...] = (*track.items, *track.transitions)
        found |= {each.location: each for each in shown if each.location is not None}
    return found


def _items(
    question: Asked,
    entry: LockEntry,
    seen: dict[SourceLocation, TimelineItem | Transition],
    rate: Fraction,
    *,
    pictures: bool,
) -> Iterator[Decided]:
    films = _met(question.question, seen, rate)
    for number, item in enumerate(entry.items, 1):
        shown = seen.get(item.node.location) if item.node.location is not None else None
        if shown is None:  # a hard cut has reasons but no length
            if films is not None:
                yield _decided(question, entry, item, number, films, films)
            continue
        begin, films = shown.start / rate, shown.end / rate
        decided = _decided(question, entry, item, number, begin, films)
        yield _shown(decided, shown, rate, pictures=pictures)


def _met(
    question: Question | JoinQuestion,
    seen: dict[SourceLocation, TimelineItem | Transition],
    rate: Fraction,
) -> Fraction | None:
    """When the two clips of a hard cut meet; None for other questions."""
    if not isinstance(question, JoinQuestion):
        return None
    left = question.left
    for shown in seen.values():
        if isinstance(shown, TimelineItem) and isinstance(shown.content, Clip):
            same = shown.content.media.path == left.media.path
            if same and shown.content.time_map.source_at(0) == left.begin:
                return shown.end / rate
    return None


def _decided(
    question: Asked, entry: LockEntry, item: LockedItem, number: int, begin: Fraction, end: Fraction
) -> Decided:
    return Decided(
        asks=question.name,
        number=number,
        of=len(entry.items),
        begin=begin,
        end=end,
        fields=item.node.plain(),
        score=item.score,
        reasons=tuple(reason_of(text) for text in (*item.reasons_for, *item.reasons_against)),
        instead=item.instead,
        removed=item.removed,
        edited=item.edited,
        by=entry.by,
        location=item.node.location,
    )


def _shown(
    decided: Decided, shown: TimelineItem | Transition, rate: Fraction, *, pictures: bool
) -> Decided:
    """Add the part of the source that the item shows."""
    if isinstance(shown, Transition) or not isinstance(shown.content, Clip):
        return decided
    begin, end = shown.content.time_map.source_range(0, (shown.end - shown.start) / rate)
    picture = b""
    if pictures and shown.content.media.video is not None:
        picture = thumbs_of(shown.content.media, [begin])[0][1]
    return replace(
        decided,
        source=str(decided.fields.get("clip")),
        source_begin=begin,
        source_end=end,
        picture=picture,
    )


def _sources(deciding: Deciding) -> list[SourceView]:
    """Every source file once, with the shots that its decision used."""
    assert deciding.settled is not None
    analyst = deciding.analyst()
    found: dict[str, SourceView] = {}
    for asked, _ in deciding.settled.answered:
        question = asked.question
        if isinstance(question, WordsQuestion):
            continue
        sources: Sequence[Source]
        if isinstance(question, GradeQuestion):
            sources = sources_of(question)
        elif isinstance(question, ReframeQuestion):
            sources = sources_of_crops(question)
        elif isinstance(question, JoinQuestion):
            sources = (question.left, question.right)
        else:
            sources = question.sources
        for source in sources:
            if source.id in found:
                continue
            shots = None
            if source.media.video is not None and not isinstance(question, JoinQuestion):
                detector = question.cut.detector if isinstance(question, Question) else "best"
                ask = AnalysisRequest.of("shots", source.media, detector=detector)
                (shots,) = analyst(ask)
            found[source.id] = look_at(analyst, source.id, source.media, shots=shots)
    return list(found.values())
