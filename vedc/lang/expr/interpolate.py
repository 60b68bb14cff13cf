"""Replaces every ``${{ }}`` of a spec by its value; mistakes are located to the character.

A value that is a single expression takes that expression's type; any other text takes the
results as text. ``$${{`` writes the characters ``${{``. The section ``variables`` declares
values and holds no expressions. Elements of lists are repeated, and left out where their ``if``
is false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from vedc.errors import SourceLocation, shorten
from vedc.lang.expr.evaluate import check, evaluate_expression, names_in, type_name
from vedc.lang.expr.references import DeferredText, Hole, MediaLookup, calls_in, joined
from vedc.lang.expr.repeat import MAX_REPEATED, RepeatReader, is_repeated, without
from vedc.lang.expr.syntax import ExpressionError, TextRange, parse_expression
from vedc.lang.expr.variables import Variables
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.scalar_source import ScalarSource
from vedc.lang.yaml.tree import ANY, Problems, SpecNode

#: Characters of text that all expressions of a document may produce together.
MAX_TOTAL_TEXT: Final = 16 * 2**20


def parse_template(text: str) -> list[str | Hole]:
    """Split a text into literal parts and expressions. Raises ``ExpressionError``."""
    parts: list[str | Hole] = []
    here = 0
    while (start := text.find("${{", here)) >= 0:
        if start > here and text[start - 1] == "$":
            parts.append(text[here : start - 1] + "${{")
            here = start + 3
            continue
        if start > here:
            parts.append(text[here:start])
        tree, here = parse_expression(text, start + 3)
        parts.append(Hole(tree, (start, here)))
    if here < len(text):
        parts.append(text[here:])
    return parts


def interpolate(
    document: Document,
    variables: Variables,
    problems: Problems,
    media: MediaLookup | None = None,
) -> SpecNode:
    """The document's tree with every expression replaced by its value.

    A text whose expression cannot be evaluated becomes a broken node. The reason is added to
    ``problems``, unless it is a variable that is already reported. One that depends on the timeline
    is left as a :class:`~vedc.lang.yaml.tree.Awaited` text; ``media`` knows files.
    """
    work = _Interpolation(document, variables, problems, media)
    root = document.root
    if not isinstance(root.value, dict) or "variables" not in root:
        return work.visit(root)
    declarations = root["variables"]
    rest = {key: child for key, child in root.entries.items() if key != "variables"}
    replaced = work.visit(root.with_value(rest))
    order = {key: replaced.entries.get(key, declarations) for key in root.entries}
    return replaced.with_value({k: v for k, v in order.items() if k not in replaced.lost})


class _Interpolation:
    def __init__(
        self,
        document: Document,
        variables: Variables,
        problems: Problems,
        media: MediaLookup | None,
    ) -> None:
        self.document, self.variables, self.problems = document, variables, problems
        self.media = media
        self.produced = 0
        """Characters of text produced so far."""
        self.repeated = 0
        """Elements made by repetitions so far."""

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.document.text, self.document.file)

    def visit(self, node: SpecNode) -> SpecNode:
        if isinstance(node.value, str):
            return self._text(node) if "${{" in node.value else node
        if isinstance(node.value, list):
            return node.with_value(list(self._elements(node.value)))
        if isinstance(node.value, dict):
            wrong = [key for key in node.value if "${{" in key]
            for key in wrong:
                message = f"the key {shorten(key)!r} holds an expression; only values can"
                hint = None if "}}" in key else "quote the whole text: it has a ': ' in it"
                location = node.value[key].key_location
                self.problems.add("expression-in-key", message, location, hint)
            entries = {key: self.visit(child) for key, child in node.value.items()}
            sound = {key: child for key, child in entries.items() if key not in wrong}
            return node.with_value(sound).losing((*wrong, ANY)) if wrong else node.with_value(sound)
        return node

    def _elements(self, nodes: Sequence[SpecNode]) -> Iterator[SpecNode]:
        for node in nodes:
            if is_repeated(node):
                yield from self._repeated(node)
            elif isinstance(node.value, dict) and "if" in node.value:
                yield from self._conditional(node)
            else:
                yield self.visit(node)

    def _conditional(self, node: SpecNode) -> Iterator[SpecNode]:
        """The element, where its condition holds."""
        condition = self.visit(node["if"])
        if condition.broken:
            yield SpecNode(None, node.location, node.key_location, broken=True)
        elif not isinstance(condition.value, bool):
            message = f"if must be true or false, not {type_name(condition.plain())}"
            self.problems.add("wrong-type", message, condition, 'write if: "${{ count > 1 }}"')
        elif condition.value:
            yield self.visit(without(node, "if"))

    def _repeated(self, node: SpecNode) -> Iterator[SpecNode]:
        outer = self.variables
        repeat = RepeatReader(self.visit, self.problems).read(node, outer.values)
        if repeat is None:
            yield SpecNode(None, node.location, node.key_location, broken=True)
            return
        made = False
        for number in range(len(repeat.values)):
            self.variables = replace(outer, values={**outer.values, **repeat.scope(number)})
            before = repeat.between if made else []
            if self.repeated > MAX_REPEATED:
                break  # which has been reported
            self.repeated += len(before) + len(repeat.each)
            if self.repeated > MAX_REPEATED:
                message = f"the repetitions make more than {MAX_REPEATED} elements"
                self.problems.add("expression-limit", message, node["repeat"])
                break
            elements = list(self._elements(repeat.each))
            if elements:  # all of them may be left out
                yield from self._elements(before)
                yield from elements
                made = True
        self.variables = outer

    def _text(self, node: SpecNode) -> SpecNode:
        text = node.text
        unknown = SpecNode(None, node.location, node.key_location, broken=True)
        if self.produced > MAX_TOTAL_TEXT:
            return unknown
        source = _Source(self, node)
        try:
            parts = parse_template(text)
        except ExpressionError as error:
            source.report(error)
            return unknown
        if any(True for part in parts if isinstance(part, Hole) for _ in calls_in(part.tree)):
            return self._deferred(node, parts, source) or unknown
        results: list[Any] = []
        for part in parts:
            if isinstance(part, str):
                results.append(part)
            elif self._checked(part, source):
                try:
                    value = evaluate_expression(part.tree, self.variables.values)
                    results.append(value if len(parts) == 1 else joined(value, part))
                except ExpressionError as error:
                    source.report(error)
                else:
                    self._count(results[-1], part, source)
        if len(results) < len(parts) or self.produced > MAX_TOTAL_TEXT:
            return unknown
        result = results[0] if len(parts) == 1 else "".join(results)
        return SpecNode.of(result, node.location, node.key_location)

    def _deferred(
        self, node: SpecNode, parts: list[str | Hole], source: _Source
    ) -> SpecNode | None:
        """A text that is evaluated once the timeline is known; None where it is wrong."""
        holes = [part for part in parts if isinstance(part, Hole)]
        wrong = [part for part in holes if not self._checked(part, source)]
        if wrong:
            return None
        try:
            text = DeferredText.of(parts, self.variables.values, source.location)
        except ExpressionError as error:
            source.report(error)
            return None
        if self.media is None or not all(map(self.media.knows, text.references())):
            return node.with_value(text)
        try:
            value = text.evaluate(self.media.value)
        except ExpressionError as error:
            source.report(error)
            return None
        return SpecNode.of(value, node.location, node.key_location)

    def _checked(self, part: Hole, source: _Source) -> bool:
        """Whether an expression can be evaluated; reports mistakes."""
        used = {name.name for name in names_in(part.tree)}
        unknown = {name for name in used if self.variables.unknown(name)}
        errors = list(check(part.tree, self.variables.values.keys() | unknown))
        for error in errors:
            source.report(error)
        return not errors and not unknown

    def _count(self, value: Any, part: Hole, source: _Source) -> None:
        """Count what an expression produced; beyond the limit nothing more is evaluated."""
        self.produced += len(value) if isinstance(value, str) else 1
        if self.produced > MAX_TOTAL_TEXT:
            message = f"the expressions make more than {MAX_TOTAL_TEXT // 2**20} MiB of text"
            self.problems.add("expression-limit", message, source.location(part.span))


class _Source:
    """A text with expressions, as it is written in the file."""

    def __init__(self, work: _Interpolation, node: SpecNode) -> None:
        self.work, self.node = work, node

    @cached_property
    def scalar(self) -> ScalarSource:
        assert self.node.location is not None
        return ScalarSource(self.work.lines, self.node.location, self.node.text)

    def location(self, span: TextRange) -> SourceLocation:
        """Where a part of the text is written."""
        return self.scalar.location(*span)

    def report(self, error: ExpressionError) -> None:
        hint, whole, lines = error.hint, self.scalar.whole, self.work.lines
        behind = lines.line(whole.line)[whole.column - 1 + whole.length :].strip()
        if behind.startswith("#") and "}}" in behind:
            hint = "a ' #' starts a comment in YAML; quote the whole text"
        self.work.problems.add(error.code, error.message, self.location(error.span), hint)
