"""``between``: the transition between the files that one item names by a pattern."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.auto import JOIN
from vedc.lang.keys.items import is_chosen
from vedc.lang.keys.random_pick import TransitionCall
from vedc.lang.schema.records import Key, Short, refer
from vedc.lang.schema.values import Json, Type
from vedc.lang.yaml.tree import Problems, SpecNode


class BetweenFiles(Type):
    """The value of ``transition``: a name, ``random``, ``auto`` or the long form."""

    def __init__(self) -> None:
        self._chosen, self._call = Short("name", JOIN), TransitionCall()

    @property
    def phrase(self) -> str:  # type: ignore[override]  # plugins add transitions
        return self._call.phrase

    def _type(self, node: SpecNode) -> Type:
        return self._chosen if is_chosen(node) else self._call

    def schema(self, shared: Json) -> Json:
        named = {"required": ["name"], "properties": {"name": {"const": "auto"}}}
        rule = {
            "if": {"anyOf": [{"const": "auto"}, {"type": "object", **named}]},
            "then": self._chosen.schema(shared),
            "else": self._call.schema(shared),
        }
        return refer(shared, "a transition or a choice", rule)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        self._type(node).check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return self._type(node).canonical(node)


BETWEEN: Final = Key(
    "between",
    BetweenFiles(),
    "The transition between the files of a pattern such as `photos/*.jpg`; see "
    "[Many files](#many-files).",
)
