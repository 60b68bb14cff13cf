"""``repeat`` and ``if`` of an element of a list: elements from data, and optional ones.

``repeat: {for: film, in: "${{ films }}"}`` on an element makes one of each value. The element
itself repeats, or the elements under ``each``; those under ``between`` stand between two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple

from vedc.lang.expr.evaluate import type_name
from vedc.lang.expr.syntax import KEYWORDS
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import suggestion

#: The most elements that all repetitions of a document may make together.
MAX_REPEATED: Final = 20_000

KEYS: Final = ("for", "in", "index", "each", "between")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLE: Final = 'write repeat: {for: film, in: "${{ films }}"}'


class Repeat(NamedTuple):
    """A repetition whose form is right."""

    name: str
    """The name of the value in each element."""
    counter: str | None
    """The name of the element's number, counted from 0."""
    values: list[Any]
    each: list[SpecNode]
    between: list[SpecNode]

    def scope(self, number: int) -> dict[str, Any]:
        """The names that one repetition adds."""
        counted = {self.counter: number} if self.counter else {}
        return {self.name: self.values[number], **counted}


def is_repeated(node: SpecNode) -> bool:
    """Whether an element of a list is repeated; ops have parameters of that name that are not
    mappings."""
    value = node.value
    return isinstance(value, dict) and "repeat" in value and "op" not in value


def without(node: SpecNode, key: str) -> SpecNode:
    return node.with_value({k: v for k, v in node.entries.items() if k != key})


class RepeatReader:
    """Reads repetitions; ``visit`` replaces the expressions of a tree."""

    def __init__(self, visit: Callable[[SpecNode], SpecNode], problems: Problems) -> None:
        self.visit, self.problems = visit, problems

    def read(self, node: SpecNode, names: Collection[str]) -> Repeat | None:
        """The repetition of an element; None, reported, where it is wrong.

        ``names`` are those already in use.
        """
        repeat = node["repeat"]
        if not isinstance(repeat.value, dict):
            message = f"repeat must be a mapping, not {type_name(repeat.plain())}"
            self.problems.add("repeat", message, repeat, _EXAMPLE)
            return None
        sound = True
        for key, child in repeat.value.items():
            if key not in KEYS:
                message = f"{key!r} is not a key of repeat{suggestion(key, KEYS)}"
                hint = f"it takes {', '.join(KEYS)}"
                self.problems.add("unknown-key", message, child.key_location, hint)
                sound = False
        for key in ("for", "in"):
            if key not in repeat:
                self.problems.add("missing-key", f"repeat needs {key!r}", repeat, _EXAMPLE)
                sound = False
        each = self._elements(repeat.get("each"))
        rest = without(node, "repeat")
        if each is not None and rest.entries:
            first = next(iter(rest.entries.values()))
            message = "an element with `each` has nothing beside its repeat"
            self.problems.add("conflict", message, first.key_location, "put it under `each`")
            sound = False
        values = self._values(repeat["in"]) if "in" in repeat else None
        name = self._name(repeat.get("for"), names)
        index = self._name(repeat.get("index"), {*names, name or ""})
        if not sound or values is None or name is None or ("index" in repeat and index is None):
            return None
        between = self._elements(repeat.get("between")) or []
        return Repeat(name, index, values, [rest] if each is None else each, between)

    def _values(self, node: SpecNode) -> list[Any] | None:
        found = self.visit(node)
        if found.broken:
            return None
        if isinstance(found.value, list):
            return None if any(item.broken for item in found) else [i.plain() for i in found]
        text = found.value
        named = isinstance(text, str) and _NAME.fullmatch(text.partition(".")[0])
        hint = f'write in: "${{{{ {text} }}}}"' if named else _EXAMPLE
        self.problems.add("repeat", f"in must be a list, not {type_name(text)}", node, hint)
        return None

    def _name(self, node: SpecNode | None, names: Collection[str]) -> str | None:
        if node is None:
            return None
        name = node.value
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in KEYWORDS:
            message = "a name has letters, digits and _ only, and no digit first"
            self.problems.add("variable-name", message, node)
        elif name in names:
            message = f"{name!r} is the name of a variable already"
            self.problems.add("variable-name", message, node, "choose another one")
        else:
            return name
        return None

    @staticmethod
    def _elements(node: SpecNode | None) -> list[SpecNode] | None:
        if node is None:
            return None
        return node.value if isinstance(node.value, list) else [node]
