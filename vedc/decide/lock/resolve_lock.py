"""Answers to a spec's questions: from the lock if they fit, otherwise by deciding.

An answer fits while the question, its files, and the versions of the analyses behind it are
unchanged. A missing analysis (a removed model) does not cause a new decision: the lock makes
renders independent of models. A person's edits always stay: a change of the spec or a file is
reported, and versions do not matter.

Cuts are decided first, then transitions, which need the clips, then the steps of grades and of
effects, which need each clip's pictures; steps that depend on others come after them. Crops are
next, and the words of captions last. If cuts depend on speech, its words come before everything
else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from vedc.decide.choose.reasons import Choice, JoinQuestion, Question
from vedc.decide.kept_files import KeptFiles
from vedc.decide.lock.answers_in_place import grade_answers, graded, item_names, spliced
from vedc.decide.lock.clips_by_words import clips_by_words
from vedc.decide.lock.crops_in_place import reframed
from vedc.decide.lock.fitting import (
    AnyAsked,
    EntryPool,
    QuestionDigests,
    check_answerable,
    stale,
)
from vedc.decide.lock.lock_edit import accept, mark_edited
from vedc.decide.lock.lock_entry import LockEntry
from vedc.decide.lock.lock_file import Lock
from vedc.decide.lock.versions import RecordingRunner, question_versions
from vedc.decide.lock.words_in_place import doubts, spoken, words_of
from vedc.edit.media_info import ProbeError
from vedc.errors import (
    LockError,
    MissingError,
    Problem,
    RenderError,
    SourceLocation,
    SpecError,
    UserError,
)
from vedc.lang.files import failure
from vedc.lang.form.named_assets import Assets
from vedc.lang.keys.items import CHOSEN
from vedc.lang.language import ITEM
from vedc.lang.resolve.grades.asking import GradeAsking
from vedc.lang.resolve.grades.lists import decided_steps
from vedc.lang.resolve.grades.order import check_order
from vedc.lang.resolve.grades.question import AskedGrade, GradeQuestion
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.questions import Asked, asks_anything, questions
from vedc.lang.resolve.reframe.asking import asks_reframe
from vedc.lang.resolve.reframe.question import AskedReframe, ReframeQuestion
from vedc.lang.resolve.resolve import (
    asking_grades,
    asking_reframes,
    asking_said,
    asking_words,
    open_scope,
)
from vedc.lang.resolve.speech.asking import asks_said, asks_words
from vedc.lang.resolve.speech.question import AskedWords, Said, WordsQuestion
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import SpecNode

Mode = Literal["kept", "locked", "decide", "accept", "force"]
"""``kept``: use the lock's answers, leave the rest open; ``locked``: an answer that does not fit is
an error; ``decide``: decide where none fits; ``accept``: likewise, but edits become the answer to
today's question; ``force``: decide everything again, edits included."""


@dataclass(slots=True)
class ResolvedLock:
    """A spec without questions (except those in ``open``), and its new lock."""

    document: Document
    lock: Lock
    entries: list[LockEntry] = field(default_factory=list)
    """The entries in use, in the order of their questions."""
    answered: list[tuple[AnyAsked, LockEntry]] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    """Names of questions decided in this run."""
    open: list[str] = field(default_factory=list)
    """Names of questions left open."""
    notes: list[Problem] = field(default_factory=list)
    """Warnings: edited decisions that no longer fit."""

    @property
    def cuts(self) -> list[tuple[Asked, LockEntry]]:
        """The answers about cuts and transitions."""
        return [(q, entry) for q, entry in self.answered if isinstance(q, Asked)]

    @property
    def crops(self) -> list[tuple[AskedReframe, LockEntry]]:
        """The answers about crops."""
        return [(q, entry) for q, entry in self.answered if isinstance(q, AskedReframe)]

    @property
    def words(self) -> list[tuple[AskedWords, LockEntry]]:
        """The answers about words."""
        return [(q, entry) for q, entry in self.answered if isinstance(q, AskedWords)]

    @property
    def grades(self) -> list[tuple[AskedGrade, LockEntry]]:
        """The answers about grades and effects."""
        return [(q, entry) for q, entry in self.answered if isinstance(q, AskedGrade)]


class Decider:
    """Answers questions. ``runner`` is created only when a decision is needed; ``root`` is the
    folder of the lock."""

    def __init__(self, runner: Callable[[], Any], root: Path = Path()) -> None:
        self._make, self._runner, self._root = runner, None, root

    def answer(
        self, question: Question | JoinQuestion | GradeQuestion | ReframeQuestion | WordsQuestion
    ) -> tuple[tuple[Choice, ...], dict[str, str]]:
        """The answer, and the versions of its analyses. Raises UserError if there is none."""
        if self._runner is None:
            self._runner = self._make()
        recorder = RecordingRunner(self._runner)
        try:
            choices = _answer(question, recorder, self._root)
        except UserError as error:
            raise error.at(question.location) from None
        return tuple(choices), {**recorder.by, **question_versions(question)}


def _answer(
    question: Question | JoinQuestion | GradeQuestion | ReframeQuestion | WordsQuestion,
    runner: RecordingRunner,
    root: Path,
) -> Sequence[Choice]:
    if isinstance(question, WordsQuestion):
        from vedc.decide.words.answer import answer_words

        return answer_words(question, runner, root)
    if isinstance(question, ReframeQuestion):
        from vedc.decide.reframe.answer import answer_reframe

        return answer_reframe(question, runner)
    if isinstance(question, GradeQuestion):
        from vedc.decide.grades.answer import answer_grade

        return answer_grade(question, runner, KeptFiles(root))
    if isinstance(question, JoinQuestion):
        from vedc.decide.choose.methods.transition_answer import answer_transition

        return answer_transition(question, runner, KeptFiles(root))
    from vedc.decide.choose.methods.auto_answer import answer

    return answer(question, runner, KeptFiles(root))


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

    Raises SpecError (MissingError) for wrong names in questions and for errors in the lock's
    answers, LockError under ``locked``, and what deciding raises.
    """
    resolved = ResolvedLock(document, lock)
    if not asks_anything(document.root):
        resolved.lock = lock.with_entries(spec, _unused_entries(lock.entries(spec), mode, resolved))
        return resolved
    settling = _Settling(document, lock.entries(spec), mode, decider, context, digest, resolved)
    settling.orders()
    settling.said()
    settling.cuts()
    settling.grades()
    settling.crops()
    settling.words()
    if mode == "locked" and settling.stale:
        problems = (Problem(p.code, p.message, p.location, p.hint) for p in settling.stale)
        raise LockError(tuple(problems))
    resolved.notes += [*settling.stale, *doubts(resolved.words)]
    if mode not in ("kept", "locked"):
        entries = [mark_edited(entry) for entry in resolved.entries]
        entries += _unused_entries(settling.pool.left(), mode, resolved)
        resolved.lock = lock.with_entries(spec, entries)
        # The answers as in the new lock, with their locations there.
        resolved.entries = resolved.lock.entries(spec)[: len(resolved.entries)]
        answered = [question for question, _ in resolved.answered]
        resolved.answered = list(zip(answered, resolved.entries, strict=True))
    resolved.document = replace(document, root=settling.root())
    return resolved


class _Settling:
    """Asks the questions of a spec in turn, and answers them."""

    def __init__(
        self,
        document: Document,
        entries: Sequence[LockEntry],
        mode: Mode,
        decider: Decider,
        context: CheckContext,
        digest: Callable[[str], str],
        resolved: ResolvedLock,
    ) -> None:
        self.document, self.entries, self.mode = document, entries, mode
        self.decider, self.context, self.digest = decider, context, digest
        self.resolved, self.pool = resolved, EntryPool(entries)
        self.stale: list[Problem] = []
        self.asking: GradeAsking | None = None
        self.spoken_words: Said = {}
        """The spoken words, if cuts depend on them."""

    def root(self) -> SpecNode:
        """The spec with all answers."""
        return spoken(reframed(self._graded(), self.resolved.crops), self.resolved.words)

    def _graded(self) -> SpecNode:
        """The spec with all answers except those about crops."""
        root = spliced(self.document.root, self.resolved.cuts)
        if self.asking is None:
            return root
        return graded(root, self.resolved.grades, self.asking.pictured)

    def orders(self) -> None:
        """Refuse decided steps that stand where nothing can be decided, before anything is."""
        check_order(self.document.root, self.context.problems)
        if self.context.problems:
            raise failure(self.context.problems)

    def said(self) -> None:
        """Resolve the words that cuts depend on, and the clips whose range they give."""
        if not asks_said(self.document.root):
            return
        found = asking_said(self.document, self.context)
        if self.context.problems:
            raise failure(self.context.problems)
        self._answer(found)
        self.spoken_words = {q.question.way: words_of(entry) for q, entry in self.resolved.words}
        assets = open_scope(self.document, self.context).assets
        root = clips_by_words(self.document.root, self.spoken_words, assets, self.context.problems)
        if self.context.problems:
            raise failure(self.context.problems)
        self.document = replace(self.document, root=root)

    def cuts(self) -> None:
        """Resolve cuts, then the transitions between them."""
        root = self.document.root
        if not any(True for _ in _cut_items(root)):
            return
        names = _names(root["timeline"])
        joins = False  # transitions can be chosen once the clips are known
        called: dict[int, str] = {}
        while True:
            if joins and self.resolved.open:  # their neighbours are not known
                self.resolved.open += names.values()
                break
            found = questions(root, self.context, joins=joins, said=self.spoken_words)
            if self.context.problems:
                raise failure(self.context.problems)
            # Items are named by their position in the spec, not in the expanded form.
            found = [replace(q, name=names.get(q.node.location, q.name)) for q in found]
            if not joins:
                found = [replace(q, name=called.setdefault(id(q.node), q.name)) for q in found]
            waiting = [q for q in found if q.waits]
            found = [q for q in found if not q.waits]
            if waiting and not found and not self.resolved.open:
                raise _unplaced(waiting[0])
            self._answer(found)
            root = spliced(self.document.root, self.resolved.cuts)
            if waiting and not self.resolved.open:
                continue  # the items before them are decided by now
            self.resolved.open += [q.name for q in waiting]
            if joins:
                break
            joins = True

    def grades(self) -> None:
        """Resolve the steps of grades and effects, each after those that it depends on."""
        root = spliced(self.document.root, self.resolved.cuts)
        if not any(True for _ in decided_steps(root)):
            return
        names = item_names(self.document.root, self.resolved.cuts, _name_of)
        if self.resolved.open:  # what the clips show is not known
            self.resolved.open.append("grades")
            return
        while True:
            assets = Assets(root.get("assets"))
            answers = grade_answers(self.resolved.grades, assets)
            self.asking = asking_grades(
                self.document, _with_assets(root, assets), names, answers, self.context
            )
            found = self.asking.ready()
            if self.context.problems:
                raise failure(self.context.problems)
            if not found:
                break
            self._answer(found)
            if self.resolved.open or sum(len(q.slots) for q in found) == self.asking.left():
                break
        self.resolved.notes += map(_passed_over, self.asking.passed_over())
        waiting = [] if found else self.asking.waiting()
        if waiting and not self.resolved.open:
            raise _circular(waiting[0])

    def crops(self) -> None:
        """Resolve the crops of items and of outputs, once everything else is decided."""
        root = self.document.root
        if not asks_reframe(root):
            return
        if self.resolved.open:  # what the clips show is not known
            self.resolved.open.append("reframe")
            return
        names = item_names(root, self.resolved.cuts, _name_of)
        asking = asking_reframes(self.document, self._graded(), names, self.context)
        found = asking.all()
        if self.context.problems:
            raise failure(self.context.problems)
        self.resolved.notes += asking.notes
        self._answer(found)

    def words(self) -> None:
        """Resolve the words of captions, once the clips are known."""
        if not asks_words(self.document.root):
            return
        root = spliced(self.document.root, self.resolved.cuts)
        if any(True for _ in _cut_items(root)):
            self.resolved.open.append("words")
            return
        found = asking_words(self.document, root, self.context)
        if self.context.problems:
            raise failure(self.context.problems)
        self._answer([question for question in found if not self._same_words(question)])

    def _same_words(self, question: AskedWords) -> bool:
        """Whether cuts already asked for the words of captions; that answer then serves both."""
        for n, (asked, entry) in enumerate(self.resolved.answered):
            if isinstance(asked, AskedWords) and asked.question.way == question.question.way:
                both = replace(asked, places=(*asked.places, *question.places))
                self.resolved.answered[n] = both, entry
                return True
        return False

    def _without_file(self, entry: LockEntry) -> str:
        """Why an answer cannot be used because its table or matte is missing; empty if all files
        exist.

        A replaced file is used, with a note.
        """
        files = KeptFiles(self.context.root)
        for item in entry.items:
            plain = item.node.plain()
            if gone := files.missing(plain):
                return f"{gone} is missing"
            if changed := files.changed(plain):
                self.resolved.notes.append(_replaced(changed, item.node.location))
        return ""

    def _permit(self, question: Any) -> None:
        """Refuse to run a model that is not vedc's, unless that is allowed."""
        if not isinstance(question, ReframeQuestion) or question.faces is None:
            return
        file, _ = question.faces
        if not file.exists():
            message = f"faces needs the detector {file.name!r}, and there is no such file"
            cure = f"put the file back at {file}"
            raise MissingError.one("weights-missing", message, question.location, cure)
        try:
            if self.context.models is not None:
                self.context.models.permit(file, "faces")
        except ProbeError as error:
            raise SpecError.one(error.code, error.message, question.location, error.hint) from None

    def _answer(self, found: Sequence[AnyAsked]) -> None:
        known = {q.name: QuestionDigests(q, self.digest) for q in found}
        if problems := check_answerable(found, self.entries, known):
            raise failure(problems)
        for question in found:
            facts, mode = known[question.name], self.mode
            entry = self.pool.take(facts)
            why = "" if entry is None else facts.misfit(entry) or self._without_file(entry)
            if entry is not None and why and entry.edited and mode == "accept":
                entry = accept(entry, facts.asked, facts.media)
            elif entry is not None and why and entry.edited and mode != "force":
                self.stale.append(stale(question, entry, why, edited=True))
            elif entry is None or why or mode == "force":
                if mode == "locked":
                    self.stale.append(stale(question, entry, why, edited=False))
                if mode in ("kept", "locked"):
                    self.resolved.open.append(question.name)
                    continue
                self._permit(question.question)
                try:
                    choices, by = self.decider.answer(question.question)
                except RenderError as error:  # of a user's detector
                    raise error.at(question.question.location, {"model-failed"}) from None
                entry = LockEntry.of(
                    question.name, facts.asked, facts.media, by, choices, facts.asks
                )
                self.resolved.decided.append(question.name)
            self.resolved.entries.append(entry)
            self.resolved.answered.append((question, entry))


def _replaced(name: str, location: SourceLocation | None) -> Problem:
    return Problem(
        "lock-file-changed",
        f"{name} is no longer what vedc wrote: it is used as it is",
        location,
        "to have it made anew, remove it and run: vedc lock SPEC",
        "note",
    )


def _with_assets(root: SpecNode, assets: Assets) -> SpecNode:
    return root.with_value({**root.entries, "assets": assets.node}) if assets.entries else root


def _cut_items(root: SpecNode) -> list[SpecNode]:
    """The items that ask for cuts or for a transition."""
    return [
        item
        for track in root["timeline"]["tracks"]
        for item in track["clips"]
        if "auto" in item or ITEM.kind_of(item) == CHOSEN
    ]


def _name_of(node: SpecNode, place: str) -> str:
    return node["id"].text if not node.broken and "id" in node else place


def _unplaced(question: Asked) -> SpecError:
    return SpecError.one(
        "unknown-place",
        f"the cuts of {question.name} follow music in the film, but when it begins is not known "
        "before its cuts are",
        question.question.location,
        "name the transition before it and give its duration, or use times without %",
    )


def _passed_over(item: SpecNode) -> Problem:
    return Problem(
        "no-shots",
        "the decided steps of its track or of the timeline leave this composition as it is: what "
        "it shows is known only when it is drawn",
        item.location,
        "grade it by hand, or render it as a film of its own, and name that with `clip`",
        "note",
    )


def _circular(step: SpecNode) -> SpecError:
    return SpecError.one(
        "decision-cycle",
        "what this is to look like depends on itself: each waits for the other's grade",
        step.location,
        "match one of them to a file, or write its steps",
    )


def _names(timeline: SpecNode) -> dict[SourceLocation | None, str]:
    """The names of chosen transitions, by their location."""
    return {
        node.location: f"{track['id'].text}[{number}]"
        for track in timeline["tracks"]
        for number, node in enumerate(track["clips"], 1)
        if ITEM.kind_of(node) == CHOSEN
    }


def _unused_entries(
    entries: Sequence[LockEntry], mode: Mode, resolved: ResolvedLock
) -> list[LockEntry]:
    """Entries without a question: only edited ones stay, with a warning."""
    if mode in ("kept", "locked"):
        return list(entries)
    left = [] if mode == "force" else [entry for entry in entries if entry.edited]
    for entry in left:
        message = f"nothing in the spec asks for {entry.name} any more; it was edited by hand"
        hint = "remove it, or run: vedc lock --force SPEC"
        resolved.notes.append(Problem("lock-unused", message, entry.location, hint, "warning"))
    return left
