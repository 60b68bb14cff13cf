"""Decisions about grades and effects as plain data: the time of each shot, and the effect of its
steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from vedc.decide.lock.lock_entry import LockedItem, LockEntry
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Edit
from vedc.edit.times import parse_time
from vedc.lang.resolve.grades.question import AskedGrade, GradedItem, GradeQuestion
from vedc.lang.resolve.grades.spliced import GradedShot, stretched
from vedc.lang.resolve.questions import Source
from vedc.report.decisions.view import Decided, reason_of


def sources_of(question: GradeQuestion) -> list[Source]:
    """The files behind a decision, each with the parts that the film shows."""
    found = []
    given = [*question.items, *([question.reference] if question.reference is not None else [])]
    for item in given:
        if item.media is not None:
            begin, end = item.time_map.source_range(0, Fraction(max(item.frames, 1)) / item.fps)
            found.append(Source(item.source, item.media, begin, end))
    return found


def graded_shots(
    asked: AskedGrade, entry: LockEntry, edit: Edit, at: Fraction | None = None
) -> Iterator[Decided]:
    """The shots of an answer that the film shows, each with its steps.

    Each grade is compared before and after in its middle; with ``at``, seconds of the film, only
    the one seen then, at that moment. Effects are not compared: small pictures do not show them.
    """
    from vedc.report.decisions.compared import Comparing

    comparing = Comparing(edit)
    question = asked.question
    for item in question.items:
        mine = [e for e in entry.items if not question.shared or e.clip == item.name]
        for locked, begin, end in when_seen(item, mine):
            moment = (begin + end) / 2 if at is None else at
            compared = None
            if question.steps == "grade" and (begin <= moment < end or at is None):
                compared = comparing.at(question, item, int(moment * item.fps))
            yield Decided(
                asks=asked.name,
                number=entry.items.index(locked) + 1,
                of=len(entry.items),
                begin=begin,
                end=end,
                fields={
                    question.steps: locked.node.plain(),
                    "kind": question.kind,
                    "clip_name": item.name,
                }
                | ({"shot": locked.shot} if locked.shot else {}),
                score=locked.score,
                reasons=tuple(
                    reason_of(text) for text in (*locked.reasons_for, *locked.reasons_against)
                ),
                instead=locked.instead,
                edited=locked.edited,
                by=entry.by,
                location=locked.node.location,
                compared=compared,
            )


def when_seen(
    item: GradedItem, locked: Sequence[LockedItem]
) -> Iterator[tuple[LockedItem, Fraction, Fraction]]:
    """When in the film each shot is seen first and last: seconds."""
    start = item.shown.start / item.fps
    whole = start, item.shown.end / item.fps
    if item.media is None or len(locked) == 1:
        yield from ((each, *whole) for each in locked)
        return
    shots = [_range(each, item.media) for each in locked]
    seen = list(stretched(shots, item.time_map, Fraction(0), whole[1] - whole[0]))
    for number, each in enumerate(locked):
        mine = [s for s in seen if s.still and s.first + s.at[0] == number]
        if mine:
            yield each, start + mine[0].begin, start + mine[-1].end


def _range(locked: LockedItem, media: MediaInfo) -> GradedShot:
    rate = media.video.rate if media.video is not None else Fraction(1)
    first, _, last = locked.shot.partition("-")
    begin, end = (parse_time(text).seconds(rate) for text in (first, last))
    return GradedShot(begin, end, ())
