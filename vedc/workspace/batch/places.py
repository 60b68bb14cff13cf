"""Traces problems of a film to the cell of its row.

A spec is checked with the values of a row as with any others, so problems point at the use of a
value in the spec. Readers want the cell: these places lead from one to the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from vedc.errors import Problem, SourceLocation
from vedc.lang.expr.evaluate import names_in
from vedc.lang.expr.interpolate import parse_template
from vedc.lang.expr.references import Hole
from vedc.lang.expr.repeat import is_repeated
from vedc.lang.expr.syntax import ExpressionError
from vedc.lang.rows.table import Row
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import SpecNode

Names = tuple[str, ...]


class Places:
    """The variables that determine the values of a spec, by location."""

    def __init__(self, document: Document) -> None:
        self._file = document.file
        self._by_line: dict[int, list[tuple[int, int, Names]]] = {}
        root = document.root
        if not isinstance(root.value, dict):
            return
        declared = root.value.get("variables")
        if declared is not None and isinstance(declared.value, dict):
            for name, node in declared.value.items():
                self._add(node.key_location, (name,))
        for key, node in root.value.items():
            if key != "variables":
                self._walk(node, {})
        outputs = root.value.get("outputs")
        for output in outputs.value if outputs and isinstance(outputs.value, list) else ():
            if isinstance(output.value, dict) and "path" in output:
                self._add(output.location, _all_deciding(output["path"], {}))

    def _add(self, location: SourceLocation | None, names: Names) -> None:
        if location is not None and names:
            span = location.column, location.column + location.length, names
            self._by_line.setdefault(location.line, []).append(span)

    def _walk(self, node: SpecNode, scope: Mapping[str, Names]) -> None:
        """``scope``: the variables behind a repetition's names."""
        value = node.value
        if isinstance(value, str):
            self._add(node.location, _deciding(value, scope))
        elif isinstance(value, list):
            for child in value:
                self._walk(child, scope)
        elif isinstance(value, dict):
            if is_repeated(node) and isinstance(node["repeat"].value, dict):
                scope = self._repeated(node["repeat"], scope)
            for child in value.values():
                self._walk(child, scope)

    def _repeated(self, repeat: SpecNode, scope: Mapping[str, Names]) -> Mapping[str, Names]:
        listed = repeat.get("in")
        names = _all_deciding(listed, scope) if listed is not None else ()
        self._add(repeat.location, names)
        keys = [repeat.get(key) for key in ("for", "index")]
        made = {key.value: names for key in keys if key is not None and isinstance(key.value, str)}
        return {**scope, **made}

    @staticmethod
    def used(root: SpecNode) -> set[str]:
        """The names that the expressions of a spec use."""
        entries = root.value if isinstance(root.value, dict) else {}
        held = (node for key, node in entries.items() if key != "variables")
        return {name for node in held for name in _all_deciding(node, {})}

    def of(self, location: SourceLocation) -> Names:
        """The variables that determine the value at a place of the spec."""
        if location.file != self._file:
            return ()
        for start, end, names in self._by_line.get(location.line, ()):
            if start <= location.column < end:
                return names
        return ()

    def cell(self, location: SourceLocation | None, row: Row) -> SourceLocation | None:
        """The cell of a row that determines the value at a place of the spec."""
        names = self.of(location) if location is not None else ()
        return next((row.cells[name].location for name in names if name in row.cells), None)

    def in_row(self, problem: Problem, row: Row) -> Problem | None:
        """A problem at the cell that causes it; None if none does."""
        cell = self.cell(problem.location, row)
        if cell is None or problem.location is None:
            return None
        if problem.code == "variable-missing":
            hint = "fill the cell in, or give the variable a default"
            (name,) = self.of(problem.location)
            message = f"the cell is empty, and the variable {name!r} has no default"
            return replace(problem, message=message, location=cell, hint=hint)
        return _at(problem, cell)

    @staticmethod
    def of_row(problem: Problem, row: Row) -> Problem:
        """A problem of a row that no single cell causes."""
        place = problem.location
        return (
            problem
            if place is not None and place.file == row.location.file
            else _at(problem, row.location)
        )


def _at(problem: Problem, location: SourceLocation) -> Problem:
    """A problem at another place; its message names the original one."""
    found = f" (at {problem.location})" if problem.location is not None else ""
    return replace(problem, message=f"{problem.message}{found}", location=location)


def _deciding(text: str, scope: Mapping[str, Names]) -> Names:
    """The variables that the expressions of a text use, in order."""
    if "${{" not in text:
        return ()
    try:
        holes = [part for part in parse_template(text) if isinstance(part, Hole)]
    except ExpressionError:
        return ()
    used = (name.name for hole in holes for name in names_in(hole.tree))
    return tuple(dict.fromkeys(each for name in used for each in scope.get(name, (name,))))


def _all_deciding(node: SpecNode, scope: Mapping[str, Names]) -> Names:
    texts = _texts(node)
    return tuple(dict.fromkeys(name for text in texts for name in _deciding(text, scope)))


def _texts(node: SpecNode) -> Iterator[str]:
    if isinstance(node.value, str):
        yield node.value
    elif isinstance(node.value, (list, dict)):
        held = node.value if isinstance(node.value, list) else node.value.values()
        for child in held:
            yield from _texts(child)
