"""``${{ }}`` in a document: found, evaluated, replaced; every mistake placed exactly.

A value that is one expression and nothing else takes the expression's type; in any other
text the results are joined as text. ``$${{`` stands for the characters ``${{``. What is below
the top-level key ``variables`` declares values and holds no expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from vedc.errors import Problem, SourceLocation, SpecError, shorten
from vedc.lang.expr.evaluate import check, evaluate_expression, names_in, type_name
from vedc.lang.expr.functions import as_text
from vedc.lang.expr.syntax import ExpressionError, ExprNode, TextRange, parse_expression
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.load import Document, DocumentPath
from vedc.lang.yaml.scalar_source import ScalarSource

#: Characters of text that all expressions of a document may make together.
MAX_TOTAL_TEXT: Final = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Hole:
    """One ``${{ }}`` of a text; ``span`` includes the braces."""

    tree: ExprNode
    span: TextRange


def parse_template(text: str) -> list[str | Hole]:
    """Cut a text into what stands there and what is computed. Raises ``ExpressionError``."""
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


def interpolate(document: Document, values: Mapping[str, Any]) -> Document:
    """A new document with every expression replaced by its value; the places are kept.

    ``values`` are the variables by name: null, booleans, numbers, texts, lists and mappings.
    Raises ``SpecError`` with every problem of every expression.
    """
    work = _Interpolation(document, values)
    data = work.visit(document.data, ())
    if work.problems:
        raise SpecError(tuple(work.problems))
    return replace(document, data=data)


def names_used(document: Document) -> dict[str, list[SourceLocation]]:
    """Where each name is used in the document's expressions; broken expressions are skipped."""
    used: dict[str, list[SourceLocation]] = {}
    work = _Interpolation(document, {})
    for path, text in _texts(document.data, ()):
        try:
            parts = parse_template(text)
        except ExpressionError:
            continue
        for part in parts:
            for name in names_in(part.tree) if isinstance(part, Hole) else ():
                used.setdefault(name.name, []).append(work.location(path, text, name.span))
    return used


def _is_declaration(path: DocumentPath) -> bool:
    return path[:1] == ("variables",)


def _texts(value: Any, path: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    """Every text that may hold an expression."""
    if _is_declaration(path):
        return
    if isinstance(value, str):
        if "${{" in value:
            yield path, value
    elif isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(item, (*path, key))


class _Interpolation:
    def __init__(self, document: Document, values: Mapping[str, Any]) -> None:
        self.document = document
        self.values = values
        self.problems: list[Problem] = []
        self.sources: dict[DocumentPath, ScalarSource] = {}
        self.made = 0
        """Characters of text so far."""

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.document.text, self.document.file)

    def visit(self, value: Any, path: DocumentPath) -> Any:
        if _is_declaration(path):
            return value
        if isinstance(value, str):
            return self._text(value, path) if "${{" in value else value
        if isinstance(value, list):
            return [self.visit(item, (*path, i)) for i, item in enumerate(value)]
        if isinstance(value, dict):
            for key in value:
                if "${{" in key:
                    location = self.document.location((*path, key), key=True)
                    message = f"the key {shorten(key)!r} holds an expression; only values can"
                    hint = None if "}}" in key else "quote the whole text: it has a ': ' in it"
                    self.problems.append(Problem("expression-in-key", message, location, hint))
            return {key: self.visit(item, (*path, key)) for key, item in value.items()}
        return value

    def location(self, path: DocumentPath, text: str, span: TextRange) -> SourceLocation:
        """Where a part of a value stands in the source."""
        if path not in self.sources:
            self.sources = {path: ScalarSource(self.lines, self.document.location(path), text)}
        return self.sources[path].location(*span)

    def _report(self, path: DocumentPath, text: str, error: ExpressionError) -> None:
        location, hint = self.location(path, text, error.span), error.hint
        whole = self.document.location(path)
        behind = self.lines.line(whole.line)[whole.column - 1 + whole.length :].strip()
        if behind.startswith("#") and "}}" in behind:
            hint = "a ' #' starts a comment in YAML; quote the whole text"
        self.problems.append(Problem(error.code, error.message, location, hint))

    def _text(self, text: str, path: DocumentPath) -> Any:
        try:
            parts = parse_template(text)
        except ExpressionError as error:
            self._report(path, text, error)
            return text
        results: list[Any] = []
        for part in parts:
            try:
                results.append(self._part(part, alone=len(parts) == 1))
                if isinstance(part, Hole):
                    self._spend(results[-1], part, path, text)
            except _Several as several:
                for mistake in several.errors:
                    self._report(path, text, mistake)
        if len(results) < len(parts):
            return text
        return results[0] if len(parts) == 1 else "".join(results)

    def _part(self, part: str | Hole, *, alone: bool) -> Any:
        if isinstance(part, str):
            return part
        errors = list(check(part.tree, self.values))
        if errors:
            raise _Several(errors)
        try:
            value = evaluate_expression(part.tree, self.values)
            if not alone:
                value = self._joined(value, part)
        except ExpressionError as error:
            raise _Several([error]) from None
        return value

    def _joined(self, value: Any, part: Hole) -> str:
        try:
            return as_text(value)
        except TypeError:
            message = f"{type_name(value)} cannot be part of a text"
            hint = "use default(x, '') for what may be null, join(x, ', ') for a list"
            raise ExpressionError("expression-type", message, part.span, hint) from None

    def _spend(self, value: Any, part: Hole, path: DocumentPath, text: str) -> None:
        """Count what an expression made; beyond the limit nothing more is computed."""
        self.made += len(value) if isinstance(value, str) else 1
        if self.made > MAX_TOTAL_TEXT:
            message = f"the expressions make more than {MAX_TOTAL_TEXT // 2**20} MiB of text"
            location = self.location(path, text, part.span)
            raise SpecError((*self.problems, Problem("expression-limit", message, location)))


class _Several(Exception):
    """More than one mistake in one expression."""

    def __init__(self, errors: list[ExpressionError]) -> None:
        super().__init__()
        self.errors = errors
