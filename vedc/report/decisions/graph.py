"""The graph of a spec's decisions: files, their analyses, and the decisions based on them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, Literal

from vedc.decide.analyses.analysis import MODULES, get
from vedc.decide.choose.reasons import JoinQuestion
from vedc.decide.lock.fitting import AnyAsked
from vedc.decide.lock.lock_entry import LockEntry
from vedc.ir.diagram import Box, dot_of, mermaid_of
from vedc.lang.resolve.grades.question import GradeQuestion
from vedc.lang.resolve.questions import Source
from vedc.lang.resolve.reframe.question import ReframeQuestion
from vedc.lang.resolve.speech.question import WordsQuestion
from vedc.report.decisions.crops import sources_of_crops
from vedc.report.decisions.grades import sources_of
from vedc.workspace.build import Deciding

_DECODED: Final = ("picture", "sound")


def decision_graph(deciding: Deciding, form: str) -> str:
    """As Mermaid, DOT or text. Decisions missing from the lock are made but not written."""
    deciding.build.edits(deciding)
    graph = _Graph()
    if deciding.settled is not None:
        for question, entry in deciding.settled.answered:
            graph.add(question, entry)
    if form == "text":
        return "".join(_lines(graph.boxes))
    return (dot_of if form == "dot" else mermaid_of)(graph.boxes)


def _lines(boxes: list[Box]) -> Iterator[str]:
    for box in boxes:
        inputs = f"({', '.join(box.inputs)})" if box.inputs else ""
        yield f"%{box.name} = {', '.join(box.lines)} {inputs}".rstrip() + "\n"


class _Graph:
    """Boxes, each after its inputs; an analysis of a file appears once."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self._names: dict[tuple[str, ...], str] = {}

    def add(self, question: AnyAsked, entry: LockEntry) -> None:
        given = question.question
        if isinstance(given, GradeQuestion):
            sources = sources_of(given)
        elif isinstance(given, ReframeQuestion):
            sources = sources_of_crops(given)
        elif isinstance(given, JoinQuestion):
            sources = [given.left, given.right, *given.music_sources]
        elif isinstance(given, WordsQuestion):
            whole = given.media.clip_length or Fraction(0)
            sources = [Source(given.source, given.media, Fraction(0), whole)]
        else:
            sources = [*given.sources, *given.music_sources]
        inputs: list[str] = []
        for call, version in entry.by.items():
            name = call.partition("(")[0]
            if name not in MODULES:
                inputs.append(self._box((call,), [call, version], ()))
                continue
            inputs += [
                self._analysis(name, call, source) for source in sources if _fits(name, source)
            ]
        clips = [i.node.plain() for i in entry.items]
        count = sum(isinstance(item, dict) and "clip" in item for item in clips)
        lines = [
            question.name,
            f"{count} clip{'s' * (count != 1)}" if count else _transition(clips),
        ]
        if isinstance(given, GradeQuestion):
            lines[1] = f"{given.kind}, {len(clips)} shot{'s' * (len(clips) != 1)}"
        elif isinstance(given, WordsQuestion):
            lines[1] = f"words, {len(clips)} line{'s' * (len(clips) != 1)}"
        elif isinstance(given, ReframeQuestion):
            lines[1] = f"reframe, {len(clips)} shot{'s' * (len(clips) != 1)}"
        if entry.edited:
            lines.append("edited by hand")
        used = {before for box in self.boxes if box.name in inputs for before in box.inputs}
        ends = [name for name in dict.fromkeys(inputs) if name not in used]
        self._box(("decision", question.name), lines, ends, root=True)

    def _analysis(self, name: str, call: str, source: Source) -> str:
        analysis = get(name)
        before = [self._analysis(need, need, source) for need in analysis.needs]
        if analysis.of in _DECODED:
            before = [self._box((source.media.path,), [source.id], (), fetch=True)]
        lines = [call, analysis.gives.__name__, f"version {analysis.version}"]
        return self._box((call, source.media.path), lines, before)

    def _box(
        self,
        key: tuple[str, ...],
        lines: list[str],
        inputs: list[str] | tuple[()],
        *,
        fetch: bool = False,
        root: bool = False,
    ) -> str:
        if key not in self._names:
            self._names[key] = f"n{len(self.boxes)}"
            kind: Literal["fetch", "op", "root"] = "fetch" if fetch else "root" if root else "op"
            self.boxes.append(Box(self._names[key], lines, kind, inputs))
        return self._names[key]


def _transition(items: list[object]) -> str:
    """The name of the chosen transition."""
    named = items[0].get("transition") if items and isinstance(items[0], dict) else None
    return str(named or "nothing")


def _fits(name: str, source: Source) -> bool:
    """Whether a file has the picture or sound that an analysis needs."""
    analysis = get(name)
    if analysis.of == "picture":
        return source.media.video is not None
    if analysis.of == "sound":
        return source.media.audio is not None
    return all(_fits(need, source) for need in analysis.needs)
