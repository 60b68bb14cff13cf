"""Placeholders of other templating languages that name a variable of the spec: ``${name}``,
``{{ name }}``, ``{name}`` and ``$name`` are plain text here, and would be drawn as they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from vedc.errors import Problem
from vedc.lang.yaml.tree import SpecNode

_NAME: Final = r"([A-Za-z_]\w*)((?:\.\w+)*)"
_PLACEHOLDER: Final = re.compile(
    rf"\$\{{\s*{_NAME}\s*\}}|(?<!\$)\{{\{{\s*{_NAME}\s*\}}\}}|(?<![{{$])\{{{_NAME}\}}(?!\}})"
    r"|(?<!\$)\$([A-Za-z_]\w*)()"
)
_EXPRESSION: Final = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_PLAIN: Final = ("variables", "metadata")
"""Sections of a spec whose texts belong to the user."""


def placeholders(root: SpecNode) -> tuple[Problem, ...]:
    """A warning for each text of a spec, as it was written, that holds such a placeholder."""
    if not isinstance(root.value, dict):
        return ()
    names = set(_declared(root))
    parts = [child for key, child in root.value.items() if key not in _PLAIN]
    return tuple(_found(parts, names | set(_repeated(parts)))) if names else ()


def with_cures(problems: Iterable[Problem], found: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems, and the ``found`` placeholders, but where one is the cause of a problem with
    its text: that one has its cure."""
    cures = {warning.location: warning.hint for warning in found}
    problems = tuple(problems)
    spoiled = {p.location for p in problems}
    left = tuple(warning for warning in found if warning.location not in spoiled)
    return (*(replace(p, hint=cures.get(p.location, p.hint)) for p in problems), *left)


def _declared(root: SpecNode) -> Iterator[str]:
    variables = root.get("variables")
    if variables is not None and isinstance(variables.value, dict):
        yield from variables.value


def _repeated(nodes: Iterable[SpecNode]) -> Iterator[str]:
    """The names that repetitions give to their values."""
    for node in nodes:
        if isinstance(node.value, dict):
            repeat = node.value.get("repeat")
            name = repeat.value.get("for") if repeat and isinstance(repeat.value, dict) else None
            if name is not None and isinstance(name.value, str):
                yield name.value
        yield from _repeated(_children(node))


def _found(nodes: Iterable[SpecNode], names: Collection[str]) -> Iterator[Problem]:
    for node in nodes:
        yield from _found(_children(node), names)
        if not isinstance(node.value, str) or not any(mark in node.value for mark in "{$"):
            continue
        for match in _PLACEHOLDER.finditer(_EXPRESSION.sub("", node.value)):
            name, rest = [group for group in match.groups() if group is not None]
            if name in names:
                message = f"{match[0]!r} is plain text, not the value of the variable {name!r}"
                hint = f"write ${{{{ {name}{rest} }}}}"
                yield Problem("variable-as-text", message, node.location, hint, "warning")
                break


def _children(node: SpecNode) -> Iterable[SpecNode]:
    if isinstance(node.value, dict):
        return node.value.values()
    return node.value if isinstance(node.value, list) else ()
