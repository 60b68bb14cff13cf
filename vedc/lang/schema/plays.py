"""How often something plays: ``true``, ``false`` or a number."""

from __future__ import annotations

from vedc.lang.schema.values import Json, Number, Type, or_expression
from vedc.lang.yaml.tree import Problems, SpecNode


class Plays(Type):
    """``true`` is for ever, ``false`` once; a number is at most ``most``."""

    phrase = "true, false, or how many times, such as 3"

    def __init__(self, most: int) -> None:
        self.number = Number(1, most, integer=True)

    def schema(self, shared: Json) -> Json:
        forms = [{"type": "boolean"}, self.number.bare_schema()]
        return or_expression({"anyOf": forms}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, bool):
            return
        if isinstance(node.value, (int, float)):
            self.number.check(node, name, problems)
        else:
            self.reject(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return node if isinstance(node.value, bool) else self.number.canonical(node)


def times(node: SpecNode | None) -> int:
    """How often: 0 is for ever, the default."""
    if node is None or node.value is True:
        return 0
    return 1 if node.value is False else int(node.number)
