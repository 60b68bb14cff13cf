"""Trying a template: whether it works for all values of its variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle, islice
from math import ceil, floor
from typing import Any, Final

from vedc.errors import Problem, UserError
from vedc.lang.expr.declarations import Declarations, Variable
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.workspace.batch.places import Places
from vedc.workspace.build import Build, Deciding, warnings_of

#: Text of typical width, with words that can be wrapped.
_WORDS: Final = "Wandering weavers made seventeen patterns "
_COLOR: Final = "#336699"


def tried(build: Build) -> tuple[list[str], list[Problem]]:
    """The trials of a template, in words, and their errors and warnings.

    It is checked with the defaults, with the longest and the shortest texts, with every choice, and
    with the ends of every range. Problems that the defaults share are reported once. Raises
    UserError if the defaults do not work.
    """
    build = replace(build, shared=build.share())
    assert build.shared is not None
    document = build.shared.document
    variables = Declarations(document.root, Problems()).read()
    problems = [*_undocumented(variables), *_unused(variables, document.root)]
    given = {v.name: made for v in variables.values() if (made := _needed(v)) is not None}
    names: list[str] = []
    seen: set[Problem] = set()
    free = {name: v for name, v in variables.items() if name not in build.set_values}
    for name, values in (("the defaults", {}), *_trials(free)):
        names.append(name)
        try:
            found = _found(replace(build, row=SpecNode.of({**given, **values})))
        except UserError as error:
            if not values:
                raise
            found = list(error.problems)
        problems += [_with(name, p) if values else p for p in found if p not in seen]
        seen.update(found)
    return names, problems


def _found(build: Build) -> list[Problem]:
    deciding = Deciding(build, "kept")
    return [*warnings_of(build.edits(deciding), deciding)]


def _with(name: str, problem: Problem) -> Problem:
    return replace(problem, message=f"with {name}: {problem.message}")


def _needed(variable: Variable) -> Any:
    """A value for a variable without a default; None if it needs none, or none is known."""
    if variable.has_default:
        return None
    if variable.enum:
        return variable.enum[0]
    if variable.type == "string":
        return _COLOR if variable.format == "color" else _text(variable, 12)
    if variable.type == "boolean":
        return False
    if variable.type in ("number", "integer"):
        return next((v for v in (variable.minimum, variable.maximum) if v is not None), 1)
    return None


def _text(variable: Variable, length: int) -> str:
    length = max(variable.min_length or 0, min(length, variable.max_length or length))
    return "".join(islice(cycle(_WORDS), length))


def _trials(variables: Mapping[str, Variable]) -> Iterator[tuple[str, dict[str, Any]]]:
    texts = [
        v
        for v in variables.values()
        if v.type == "string" and v.enum is None and v.pattern is None and v.format is None
    ]
    longest = {v.name: _text(v, v.max_length) for v in texts if v.max_length is not None}
    if longest:
        yield "the longest texts", longest
    shortest = {v.name: _text(v, 0) for v in texts if v.max_length is not None}
    if shortest:
        yield "the shortest texts", shortest
    for variable in variables.values():
        choices: list[Any] = [*(variable.enum or ())]
        if variable.type == "boolean":
            choices = [False, True]
        whole = variable.type == "integer"
        if variable.minimum is not None:
            choices.append(ceil(variable.minimum) if whole else variable.minimum)
        if variable.maximum is not None:
            choices.append(floor(variable.maximum) if whole else variable.maximum)
        for choice in choices:
            if choice != variable.default:
                yield f"{variable.name} = {choice}", {variable.name: choice}


def _undocumented(variables: Mapping[str, Variable]) -> list[Problem]:
    return [
        Problem(
            "template-variable",
            f"the variable {v.name!r} has no description",
            v.location,
            "say in a sentence what it is: description: The name on the title.",
            "warning",
        )
        for v in variables.values()
        if not v.description
    ]


def _unused(variables: Mapping[str, Variable], root: SpecNode) -> list[Problem]:
    used = Places.used(root)
    return [
        Problem(
            "template-variable",
            f"nothing uses the variable {v.name!r}",
            v.location,
            f"write ${{{{ {v.name} }}}} where it is wanted, or remove it",
            "warning",
        )
        for v in variables.values()
        if v.name not in used
    ]
