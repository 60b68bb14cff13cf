"""Answers to a spec's questions: from the lock where they fit, else by deciding.

An answer fits while the question, its files, and the versions of the analyses that found it are
the same. A missing analysis (a removed model) is no reason to decide again: the lock makes
renders independent of models. A person's edits stay whatever changes: a change of the spec or a
file is reported, and versions do not matter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from vedc.decide.choose.reasons import HARD_CUT, Choice, JoinQuestion, Question
from vedc.decide.lock.lock_edit import accept, mark_edited
from vedc.decide.lock.lock_entry import LockEntry, question_digest
from vedc.decide.lock.lock_file import Lock
from vedc.errors import (
    Interrupted,
    LockError,
    MissingError,
    Problem,
    SourceLocation,
    SpecError,
    UserError,
)
from vedc.lang.files import failure
from vedc.lang.form.expand import expand_items
from vedc.lang.keys.items import CHOSEN
from vedc.lang.language import ITEM
from vedc.lang.records.clip import CLIP
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.questions import Asked, asks_anything, questions
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.read_json import read_json

Mode = Literal["kept", "locked", "decide", "accept", "force"]
"""``kept``: use what the lock holds, leave the rest open; ``locked``: a misfit is an error;
``decide``: decide what does not fit; ``accept``: likewise, but edits become the answer to the
question of today; ``force``: decide everything again, edits included."""

#: Digits of a file's digest in the lock.
_SHOWN: Final = 16


@dataclass(slots=True)
class ResolvedLock:
    """A spec without questions (except those in ``open``), and its new lock."""

    document: Document
    lock: Lock
    entries: list[LockEntry] = field(default_factory=list)
    """The entries in use, in the order of their questions."""
    answered: list[tuple[Asked, LockEntry]] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    """Names of questions that were decided now."""
    open: list[str] = field(default_factory=list)
    """Names of questions left open."""
    notes: list[Problem] = field(default_factory=list)
    """Warnings: edited decisions that no longer fit."""


class Decider:
    """Answers questions. ``runner`` is made when something is to be decided, not before."""

    def __init__(self, runner: Callable[[], Any]) -> None:
        self._make, self._runner = runner, None

    def answer(
        self, question: Question | JoinQuestion
    ) -> tuple[tuple[Choice, ...], dict[str, str]]:
        """The answer, and the versions of what found it. Raises UserError if there is none."""
        from vedc.decide.choose.methods.answer_weights import weight_versions
        from vedc.decide.choose.methods.auto_answer import answer
        from vedc.decide.choose.methods.transition_answer import answer_transition

        if self._runner is None:
            self._runner = self._make()
        recorder = _RecordingRunner(self._runner)
        try:
            if isinstance(question, JoinQuestion):
                choices = answer_transition(question, recorder)
            else:
                choices = answer(question, recorder)
        except UserError as error:
            raise error.at(question.location) from None
        return tuple(choices), {**recorder.by, **weight_versions(question)}


class _RecordingRunner:
    """An analyst whose questions are noted down, with what answers them."""

    def __init__(self, runner: Any) -> None:
        self._runner = runner
        self.by: dict[str, str] = {}

    def __call__(self, *asks: Any) -> list[Any]:
        for ask in asks:
            for name, params, version in _versions(ask.name, dict(ask.params)):
                self.by[_call(name, params)] = version
        found: list[Any] = self._runner(*asks)
        return found


def _call(name: str, params: Mapping[str, Any]) -> str:
    """An analysis with its parameters: ``shots(detector=classical)``."""
    inner = " ".join(f"{key}={json.dumps(value)}" for key, value in sorted(params.items()))
    return f"{name}({inner})".replace('"', "") if inner else name


def _versions(name: str, params: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any], str]]:
    from vedc.decide.analyses.analysis import get

    analysis = get(name)
    own = f"{analysis.version} {analysis.by(params)}".strip()
    found: list[tuple[str, Mapping[str, Any], str]] = [(name, params, own)]
    for need in analysis.needs:
        found += _versions(need, {})
    return found


def _now(call: str) -> str | None:
    """Today's version of an analysis named in the lock; None where it is unknown."""
    from vedc.decide.analyses.analysis import MODULES

    name, _, rest = call.partition("(")
    if name not in MODULES:
        return None
    params: dict[str, Any] = {}
    for pair in rest.removesuffix(")").split():
        key, _, text = pair.partition("=")
        try:
            params[key] = read_json(text)
        except ValueError:
            params[key] = text
    try:
        return _versions(name, params)[0][2]
    except MissingError:  # the model is not here: its decisions are
        return None


def resolve_lock(
    document: Document,
    lock: Lock,
    spec: str,
    mode: Mode,
    decider: Decider,
    context: CheckContext,
    digest: Callable[[str], str],
) -> ResolvedLock:
    """Answer the questions of a canonical spec.

    Raises SpecError (MissingError) with whatever the questions name wrongly and with what is
    wrong in the answers of the lock, LockError under ``locked``, and what deciding raises.
    """
    resolved = ResolvedLock(document, lock)
    root = document.root
    if not asks_anything(root):
        resolved.lock = lock.with_entries(spec, _unused_entries(lock.entries(spec), mode, resolved))
        return resolved
    names = _names(root["timeline"])
    kept = _EntryPool(lock.entries(spec))
    stale: list[Problem] = []
    joins = False  # transitions can be chosen once the clips are known
    called: dict[int, str] = {}
    while True:
        if joins and resolved.open:  # their neighbours are not known
            resolved.open += names.values()
            break
        found = questions(root, context, joins=joins)
        if context.problems:
            raise failure(context.problems)
        # Items are named by their position in the spec, not in the expanded form.
        found = [replace(q, name=names.get(q.node.location, q.name)) for q in found]
        if not joins:
            found = [replace(q, name=called.setdefault(id(q.node), q.name)) for q in found]
        waiting = [q for q in found if q.waits]
        found = [q for q in found if not q.waits]
        if waiting and not found and not resolved.open:
            raise _unplaced(waiting[0])
        known = {q.name: _QuestionDigests(q, digest) for q in found}
        _check_answerable(found, lock.entries(spec), known)
        for question in found:
            facts = known[question.name]
            entry = kept.take(facts, mode)
            why = "" if entry is None else facts.misfit(entry)
            if entry is not None and why and entry.edited and mode == "accept":
                entry = accept(entry, facts.asked, facts.media)
            elif entry is not None and why and entry.edited and mode != "force":
                stale.append(_stale(question, entry, why, edited=True))
            elif entry is None or why or mode == "force":
                if mode == "locked":
                    stale.append(_stale(question, entry, why, edited=False))
                if mode in ("kept", "locked"):
                    resolved.open.append(question.name)
                    continue
                choices, by = decider.answer(question.question)
                entry = LockEntry.of(question.name, facts.asked, facts.media, by, choices)
                resolved.decided.append(question.name)
            resolved.entries.append(entry)
            resolved.answered.append((question, entry))
        root = _spliced(document.root, resolved.answered)
        if waiting and not resolved.open:
            continue  # the items before them are decided now
        resolved.open += [q.name for q in waiting]
        if joins:
            break
        joins = True
    if mode == "locked" and stale:
        raise LockError(tuple(Problem(p.code, p.message, p.location, p.hint) for p in stale))
    resolved.notes += stale
    if mode not in ("kept", "locked"):
        entries = [mark_edited(entry) for entry in resolved.entries]
        entries += _unused_entries(kept.left(), mode, resolved)
        resolved.lock = lock.with_entries(spec, entries)
        # The answers as the new lock holds them: with their locations there.
        resolved.entries = resolved.lock.entries(spec)[: len(resolved.entries)]
        answered = [question for question, _ in resolved.answered]
        resolved.answered = list(zip(answered, resolved.entries, strict=True))
        root = _spliced(document.root, resolved.answered)
    resolved.document = replace(document, root=root)
    return resolved


def _unplaced(question: Asked) -> SpecError:
    return SpecError.one(
        "unknown-place",
        f"the cuts of {question.name} follow music in the film, but when it begins is not known "
        "before its cuts are",
        question.question.location,
        "name the transition before it and give its duration, or use times without %",
    )


def _check_answerable(
    asked: Sequence[Asked], entries: Sequence[LockEntry], known: Mapping[str, _QuestionDigests]
) -> None:
    """Raise, before anything is analysed, for questions that can have no answer."""
    problems = [
        problem
        for question in asked
        if all(known[question.name].misfit(entry) for entry in entries)
        for problem in _foreseen(question.question)
    ]
    if problems:
        raise failure(problems)


def _foreseen(question: Question | JoinQuestion) -> tuple[Problem, ...]:
    from vedc.decide.choose.methods.foreseen import foreseen  # not needed where all is decided

    return foreseen(question)


def _names(timeline: SpecNode) -> dict[SourceLocation | None, str]:
    """What chosen transitions are called, by their location."""
    return {
        node.location: f"{track['id'].text}[{number}]"
        for track in timeline["tracks"]
        for number, node in enumerate(track["clips"], 1)
        if ITEM.kind_of(node) == CHOSEN
    }


class _EntryPool:
    """The entries of a spec, each used for at most one question."""

    def __init__(self, entries: Sequence[LockEntry]) -> None:
        self._entries = list(entries)

    def take(self, facts: _QuestionDigests, mode: Mode) -> LockEntry | None:
        """The entry of a question's name, or else one that fits it, since items move."""
        named = next((e for e in self._entries if e.name == facts.name), None)
        if named is None or facts.misfit(named):
            fitting = next((e for e in self._entries if not facts.misfit(e)), None)
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


class _QuestionDigests:
    """What an answer to a question hangs on, by digest."""

    def __init__(self, question: Asked, digest: Callable[[str], str]) -> None:
        self.name = question.name
        self.question = given = question.question
        if isinstance(given, JoinQuestion):
            sources = [given.left, given.right]
            weights = [given.join.weights]
        else:
            sources = [*given.sources, *given.music_sources]
            weights = [given.cut.weights, given.join.weights if given.join else None]
        self.media = {s.id: digest(s.media.locator)[:_SHOWN] for s in sources}
        learned = [digest(path)[:_SHOWN] for path in weights if path]
        self.asked = question_digest(question.plain, str(given.rate), *learned)

    def today(self) -> dict[str, str]:
        """Versions of the weights that would answer today."""
        from vedc.decide.choose.methods.answer_weights import weight_versions

        try:
            return weight_versions(self.question)
        except Interrupted:
            raise
        except UserError:  # what is wrong with them is told when they are used
            return {}

    def misfit(self, entry: LockEntry) -> str:
        """Why an answer does not fit; empty if it does."""
        if entry.asked != self.asked:
            return "the spec now asks for something else"
        changed = [name for name, now in self.media.items() if entry.media.get(name) != now]
        if changed:
            return f"{changed[0]!r} has changed"
        if entry.edited:  # a person's word: no version of an analysis says it better
            return ""
        today = self.today()
        for call, then in entry.by.items():
            now = today.get(call) or _now(call)
            if now is not None and now != then:
                return f"{call} was version {then} and is now {now}"
        return ""


def _stale(question: Asked, entry: LockEntry | None, why: str, *, edited: bool) -> Problem:
    if entry is None:
        message = f"vedc.lock has no decision for {question.name}"
        return Problem("lock-missing", message, question.question.location, "run: vedc lock SPEC")
    message = f"the decision for {question.name} no longer fits: {why}"
    hint = "run: vedc lock SPEC"
    if edited:
        message += "; it was edited by hand, so it is kept"
        hint = "check it, then: vedc lock --accept SPEC; or decide again: vedc lock --force SPEC"
    return Problem("lock-stale", message, entry.location, hint, "warning")


def _unused_entries(
    entries: Sequence[LockEntry], mode: Mode, resolved: ResolvedLock
) -> list[LockEntry]:
    """Entries without a question: only those a person edited stay, with a warning."""
    if mode in ("kept", "locked"):
        return list(entries)
    left = [] if mode == "force" else [entry for entry in entries if entry.edited]
    for entry in left:
        message = f"nothing in the spec asks for {entry.name} any more; it was edited by hand"
        hint = "remove it, or run: vedc lock --force SPEC"
        resolved.notes.append(Problem("lock-unused", message, entry.location, hint, "warning"))
    return left


#: Keys of an auto item that go for each of its clips.
_SHARED: Final = tuple(k for k in CLIP.keys if k not in ("clip", "in", "out", "start", "duration"))


def _items(asking: SpecNode, entry: LockEntry) -> list[SpecNode]:
    """The items of an answer, each clip with the keys beside ``auto``."""
    nodes = [item.node for item in entry.items if item.node.plain() != HARD_CUT]
    if ITEM.kind_of(asking) == CHOSEN:
        return nodes
    clips = [n for n in nodes if isinstance(n.value, dict) and "clip" in n]
    made = []
    for node in nodes:
        if not any(node is clip for clip in clips):
            made.append(node)
            continue
        given = {key: asking[key] for key in _SHARED if key in asking}
        if node is not clips[0]:
            _drop(given, "fade_in", "enter")
        elif "start" in asking:
            given["start"] = asking["start"]
        if node is not clips[-1]:
            _drop(given, "fade_out", "exit")
        made.append(node.with_value({**given, **node.entries}))
    return made


def _drop(given: dict[str, SpecNode], *keys: str) -> None:
    for key in keys:
        given.pop(key, None)


def _spliced(root: SpecNode, answered: Sequence[tuple[Asked, LockEntry]]) -> SpecNode:
    """The spec with answers in the place of questions, their form checked."""
    problems = Problems()
    answers = {id(question.node): _items(question.node, entry) for question, entry in answered}
    for items in answers.values():
        for node in items:
            if isinstance(node.value, dict) and ITEM.kind_of(node) in ("auto", CHOSEN):
                message = "an answer cannot ask again"
                problems.add("bad-answer", message, node, "write clips and transitions")
            else:
                ITEM.check(node, "an item", problems)
    if problems:
        raise SpecError(tuple(problems))
    return expand_items(root, answers)
