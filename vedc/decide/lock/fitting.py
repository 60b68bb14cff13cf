"""Whether an answer of the lock still fits its question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from vedc import ops
from vedc.decide.choose.reasons import JoinQuestion, Question
from vedc.decide.lock.lock_entry import Asks, LockEntry, question_digest
from vedc.decide.lock.versions import question_versions, version_now
from vedc.edit.contents import Image
from vedc.errors import Interrupted, Problem, UserError
from vedc.lang.resolve.grades.question import AskedGrade, GradedItem, GradeQuestion
from vedc.lang.resolve.questions import Asked
from vedc.lang.resolve.reframe.question import AskedReframe, ReframeQuestion
from vedc.lang.resolve.speech.question import AskedWords, WordsQuestion
from vedc.lang.schema.params import FILES

AnyAsked = Asked | AskedGrade | AskedReframe | AskedWords

#: Digits of a file's digest in the lock.
_SHOWN: Final = 16


class QuestionDigests:
    """The digests of everything that an answer to a question depends on."""

    def __init__(self, asked: AnyAsked, digest: Callable[[str], str]) -> None:
        self.name = asked.name
        self.question = given = asked.question
        self.asks: Asks = "auto"
        weights: list[str | None] = []
        rate: Fraction | None
        if isinstance(given, GradeQuestion):
            self.asks, sources = given.steps, _files_of(given)
            rate = given.profile.fps
        elif isinstance(given, ReframeQuestion):
            self.asks, sources, rate = "reframe", {}, given.profile.fps
            for each in given.items:
                sources |= _source_of(each.item)
        elif isinstance(given, WordsQuestion):
            self.asks, sources, rate = "words", {given.source: given.media.locator}, None
            if given.script is not None:
                sources[f"script {given.script.name}"] = str(given.script)
        elif isinstance(given, JoinQuestion):
            both = given.left, given.right
            sources = {s.id: s.media.locator for s in (*both, *given.music_sources)}
            weights = [given.join.weights]
            rate = given.rate
        else:
            sources = {s.id: s.media.locator for s in (*given.sources, *given.music_sources)}
            weights = [given.cut.weights, given.join.weights if given.join else None]
            rate = given.rate
        self.media = {name: digest(path)[:_SHOWN] for name, path in sources.items()}
        learned = [digest(path)[:_SHOWN] for path in weights if path]
        self.asked = question_digest(asked.plain, str(rate), *learned)

    def today(self) -> dict[str, str]:
        """Versions of the weights that would answer it today."""
        try:
            return question_versions(self.question)
        except Interrupted:
            raise
        except UserError:  # reported where they are used
            return {}

    def misfit(self, entry: LockEntry) -> str:
        """Why an answer does not fit; empty if it does."""
        if entry.asks != self.asks or entry.asked != self.asked:
            return "the spec now asks for something else"
        changed = [name for name, now in self.media.items() if entry.media.get(name) != now]
        if changed:
            return f"{changed[0]!r} has changed"
        if entry.edited:  # a person's edit outranks any version of an analysis
            return ""
        today = self.today()
        for call, then in entry.by.items():
            now = today.get(call) or version_now(call)
            if now is not None and now != then:
                return f"{call} was version {then} and is now {now}"
        return ""


def _files_of(question: GradeQuestion) -> dict[str, str]:
    """The files that a decision about a grade or effects examines, by name."""
    found: dict[str, str] = {}
    references = () if question.reference is None else (question.reference,)
    for item in (*question.items, *references):
        found |= _files_of_item(item)
    if question.look is not None:
        found[question.look.name] = str(question.look)
    return found


def _files_of_item(item: GradedItem) -> dict[str, str]:
    found = _source_of(item)
    for call in (*item.shown.grade, *item.shown.effects):
        for one in (call, *((call.mask,) if call.mask is not None else ())):
            for name, value in one.params:
                if ops.get(one.op).param(name).kind in FILES:
                    path = str(value)
                    name = path.rpartition("/")[2]
                    while found.get(name, path) != path:
                        name = f"./{name}"
                    found[name] = path
    return found


def _source_of(item: GradedItem) -> dict[str, str]:
    content = item.content
    return {item.source: content.path if isinstance(content, Image) else content.media.locator}


class EntryPool:
    """The entries of a spec, each used for at most one question."""

    def __init__(self, entries: Sequence[LockEntry]) -> None:
        self._entries = list(entries)

    def take(self, facts: QuestionDigests) -> LockEntry | None:
        """The entry with a question's name, otherwise one that fits it, since items move."""
        mine = [e for e in self._entries if e.asks == facts.asks]
        named = next((e for e in mine if e.name == facts.name), None)
        if named is None or facts.misfit(named):
            fitting = next((e for e in mine if not facts.misfit(e)), None)
            if fitting is not None and (named is None or not named.edited):
                named = fitting
        if named is None:
            return None
        self._entries.remove(named)
        if named.name != facts.name:
            named = replace(named, name=facts.name, text=None)
        return named

    def left(self) -> list[LockEntry]:
        return self._entries


def stale(asked: AnyAsked, entry: LockEntry | None, why: str, *, edited: bool) -> Problem:
    """The problem to report for a question that no answer fits."""
    if entry is None:
        message = f"vedc.lock has no decision for {asked.name}"
        return Problem("lock-missing", message, asked.question.location, "run: vedc lock SPEC")
    message = f"the decision for {asked.name} no longer fits: {why}"
    hint = "run: vedc lock SPEC"
    if edited:
        message += "; it was edited by hand, so it is kept"
        hint = "check it, then: vedc lock --accept SPEC; or decide again: vedc lock --force SPEC"
    return Problem("lock-stale", message, entry.location, hint, "warning")


def foreseen(
    question: Question | JoinQuestion | GradeQuestion | ReframeQuestion | WordsQuestion,
) -> tuple[Problem, ...]:
    """The problems that prevent an answer, as far as they are known before any analysis."""
    if isinstance(question, (ReframeQuestion, WordsQuestion)):
        return ()
    if isinstance(question, GradeQuestion):
        from vedc.decide.grades.deciders import foreseen_of_grade

        return foreseen_of_grade(question)
    from vedc.decide.choose.methods import foreseen as known  # not needed if everything is decided

    return known.foreseen(question)


def check_answerable(
    asked: Sequence[AnyAsked],
    entries: Sequence[LockEntry],
    known: Mapping[str, QuestionDigests],
) -> list[Problem]:
    """The problems of questions that cannot have an answer, before any analysis."""
    return [
        problem
        for question in asked
        if all(known[question.name].misfit(entry) for entry in entries)
        for problem in foreseen(question.question)
    ]
